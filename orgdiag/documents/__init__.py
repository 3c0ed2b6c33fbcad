"""What is told of a report: sections, sentences, numbers and differences, as values."""
