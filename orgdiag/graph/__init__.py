"""What follows from an organisation: derived relations, effective dependencies and graphs."""

from orgdiag.graph.facts import Facts

__all__ = ["Facts"]
