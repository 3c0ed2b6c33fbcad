"""What follows from an organisation: derived relations, effective dependencies and graphs."""

from orgdiag.facts.columns import Facts

__all__ = ["Facts"]
