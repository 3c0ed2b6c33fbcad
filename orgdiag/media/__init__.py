"""The languages that outputs are written in: each a type with one escaper for foreign text."""
