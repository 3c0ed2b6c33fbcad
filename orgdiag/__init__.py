"""orgdiag: the linter for organisations."""

__version__ = "0.1.0"
