"""The numbers: one function for each metric, gathered in the catalogue by kind and name."""
