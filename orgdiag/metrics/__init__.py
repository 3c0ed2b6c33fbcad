"""The numbers: one function for each metric, gathered in `METRICS` by kind and name."""
