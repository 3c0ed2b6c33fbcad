"""What one evaluation of rules over one organisation carries along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

Env = list[Any]
Code = Callable[[Env], Any]

BUDGET: Final = 5_000_000
UNSET: Final = object()


class Exhausted(Exception):
    """A rule took more steps than any sensible rule needs."""


class Run:
    """One evaluation of rules over one organisation.

    facts    the organisation
    left     how many steps the rule that is being evaluated may still take
    memo     results that no rule needs twice: definitions, relations followed on and on
    verdict  whether a rule, by its name, flags an element
    """

    __slots__ = ("facts", "left", "memo", "verdict")

    def __init__(self, facts: Any, verdict: Callable[[str, Any], int]) -> None:
        self.facts = facts
        self.left = BUDGET
        self.memo: dict[Any, Any] = {}
        self.verdict = verdict

    def spend(self, steps: int) -> None:
        """Count steps.

        Raises:
            Exhausted: there are none left.
        """
        self.left -= steps
        if self.left < 0:
            raise Exhausted
