"""What we do not know: said before anything else."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from orgdiag.frozen import frozen
from orgdiag.partial.unknown import Missing
from orgdiag.report import Report

WANTED: Final = 5
# Below this share of checks there is no overall statement. Default chosen by orgdiag.
ENOUGH: Final = Fraction(1, 2)


@frozen
class Wanted:
    """An input that is missing, and how many checks it would help to settle."""

    missing: Missing
    checks: int

    @property
    def place(self) -> str:
        """The file and line of the element, without the folders."""
        span = self.missing.span
        return f"{span.path.rpartition('/')[2]}:{span.line}" if span else ""


@frozen
class Coverage:
    """How much could be assessed.

    applicable   checks that apply: pairs of a rule and an element
    assessed     how many of them could be made
    wanted       the inputs that would settle most, most first
    enough       whether an overall statement can be made
    """

    applicable: int
    assessed: int
    wanted: tuple[Wanted, ...]
    enough: bool

    @property
    def percent(self) -> int:
        """The share that could be assessed, rounded down, so that 100 means all."""
        return 100 * self.assessed // self.applicable if self.applicable else 0


def coverage(report: Report) -> Coverage:
    """What the model says too little about."""
    open = [entry for entry in report.not_assessed if entry.escalation is None]
    applicable = max(report.checked.pairs, len(open))
    assessed = applicable - len(open)
    return Coverage(
        applicable,
        assessed,
        tuple(Wanted(*pair) for pair in report.most_missed(WANTED)),
        not applicable or Fraction(assessed, applicable) >= ENOUGH,
    )
