"""The model: elements of an organisation, their parts and words, and the schema that they are."""
