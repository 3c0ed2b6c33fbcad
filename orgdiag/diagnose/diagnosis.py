"""The whole diagnosis: causes, where to start, and what to tell of each stream."""

from __future__ import annotations

from collections.abc import Sequence

from orgdiag.diagnose.causes import Cause, causes, delays_of
from orgdiag.diagnose.priorities import Order, order
from orgdiag.diagnose.story import Story, stories
from orgdiag.facts.columns import Facts
from orgdiag.finding import Finding, Status
from orgdiag.frozen import frozen


@frozen
class Diagnosis:
    """What holds the organisation back.

    causes   structural findings joined by origin, with what they bring about
    order    where to start
    stories  for each stream where work waits, why, and what comes next
    """

    causes: tuple[Cause, ...]
    order: Order
    stories: tuple[Story, ...]

    @property
    def roots(self) -> tuple[Cause, ...]:
        """The causes that nothing else explains."""
        return tuple(cause for cause in self.causes if cause.root)


def diagnose(findings: Sequence[Finding], facts: Facts, top: int = 10) -> Diagnosis:
    """The diagnosis of an organisation from its explained findings.

    Accepted findings are no causes, but they still weigh on the teams they speak of. The gains of
    the `top` first moves are recomputed one after the other.
    """
    delays = delays_of(facts)
    left = [finding for finding in findings if finding.status is not Status.ACCEPTED]
    found = causes(left, facts, delays)
    where_to_start = order(left, found, facts, delays, top)
    return Diagnosis(found, where_to_start, stories(findings, found, where_to_start, facts))
