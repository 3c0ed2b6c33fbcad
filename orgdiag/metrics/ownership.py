"""How much of a stream its owner does, and how long the owner waits for others."""

from __future__ import annotations

from collections.abc import Callable

from orgdiag.facts.columns import Facts
from orgdiag.facts.streams import after_first, owner_does_it
from orgdiag.metrics.extremes import Point, Shape
from orgdiag.metrics.metric import PERCENT, metric
from orgdiag.metrics.routes import (
    ANY_SHARE,
    Route,
    counted,
    critical_routes,
    over,
    share_of,
    union_of,
)
from orgdiag.model.elements import Step, Stream
from orgdiag.model.types import SHARE
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Number, Quantity, total
from orgdiag.partial.truth import Truth, gaps_of
from orgdiag.partial.unknown import Gaps, Unknown, merge


@metric("stream", SHARE, PERCENT, "M21")
def owner_coverage(facts: Facts, stream: Stream) -> Quantity:
    """Share of the steps on the critical path that an owner takes part in.

    Definition: number of steps with an owner among those who do it / number of steps. Range: 0 to
    1. Bounded when an owner, or who does a step, is unknown; undefined without steps.

    Source: article, "owns it end-to-end".
    """

    def measure(path: Route) -> Quantity:
        owned = total(counted(owner_does_it(facts, leg.step)) for leg in path)
        return owned / Quantity.of(len(path))

    return over(critical_routes(facts, stream), measure, ANY_SHARE)


@metric("stream", SHARE, PERCENT, "M21")
def owner_coverage_lead_time(facts: Facts, stream: Stream) -> Quantity:
    """Share of the lead time that falls on steps in which an owner takes part.

    Definition: lead time of these steps, with the gaps before them / lead time. Range: 0 to 1.
    Bounded when a time, an owner or who does a step is unknown.

    Source: article, "owns it end-to-end".
    """
    return _coverage(facts, stream, lambda process, lead: lead)


@metric("stream", SHARE, PERCENT, "M21")
def owner_coverage_process_time(facts: Facts, stream: Stream) -> Quantity:
    """Share of the process time on the critical path that falls on steps of an owner.

    Definition: process time of these steps / process time. Range: 0 to 1. Bounded when a time, an
    owner or who does a step is unknown.

    Source: article, "owns it end-to-end".
    """
    return _coverage(facts, stream, lambda process, lead: process)


@metric("stream", SHARE, PERCENT, "M23")
def external_wait_share(facts: Facts, stream: Stream) -> Quantity:
    """Share of the time since the owner's first step that is spent waiting at other teams.

    Definition: wait, over steps of the critical path after the owner's first that no owner does /
    lead time from the owner's first step to the end. Range: 0 to 1. Undefined when no owner does a
    step; bounded when a time, an owner or who does a step is unknown.

    Source: article, "dominated by wait time at each dependency".
    """
    after = after_first(facts, stream)
    return over(
        critical_routes(facts, stream),
        lambda path: _waiting_elsewhere(facts, path, after),
        ANY_SHARE,
    )


def _coverage(facts: Facts, stream: Stream, choose: Callable[[Number, Number], Number]) -> Quantity:
    def above(work: Number, time: Number) -> Point:
        chosen = choose(work, time)
        return chosen, chosen

    def below(work: Number, time: Number) -> Point:
        return 0, choose(work, time)

    def measure(path: Route) -> Quantity:
        shapes: list[Shape] = []
        gaps: Gaps = ()
        for leg in path:
            owned = owner_does_it(facts, leg.step)
            gaps = merge(gaps, gaps_of(owned))
            for shape in leg.shapes:
                if owned is True:
                    shapes.append(shape.mapped(above))
                elif owned is False:
                    shapes.append(shape.mapped(below))
                else:
                    shapes.append(shape.mapped(above).joined(shape.mapped(below)))
        found = share_of(path, shapes)
        return found if found.exact else found.marked(gaps)

    return over(critical_routes(facts, stream), measure, ANY_SHARE)


def _waiting_elsewhere(facts: Facts, path: Route, after: Members) -> Quantity:
    """The external wait share of one path, over every step that could be the owner's first."""
    found: list[Quantity] = []
    gaps: Gaps = ()
    for number, leg in enumerate(path):
        owned = owner_does_it(facts, leg.step)
        gaps = merge(gaps, gaps_of(owned))
        if owned is not False:
            found.append(_external(facts, path[number:], after))
        if owned is True:
            return union_of(found, gaps)
    return Quantity(None, None, gaps)


def _external(facts: Facts, path: Route, after: Members) -> Quantity:
    shapes: list[Shape] = []
    gaps: Gaps = ()
    for number, leg in enumerate(path):
        outside = _outside(facts, leg.step, after)
        gaps = merge(gaps, gaps_of(outside))
        # The gap before the owner's first step has passed when the owner starts.
        parts = leg.shapes if number else leg.shapes[:1]
        for shape in parts:
            if outside is True:
                shapes.append(shape.mapped(_waits))
            elif outside is False:
                shapes.append(shape.mapped(_nothing))
            else:
                shapes.append(shape.mapped(_waits).joined(shape.mapped(_nothing)))
    found = share_of(path, shapes)
    return found if found.exact else found.marked(gaps)


def _waits(work: Number, time: Number) -> Point:
    return time - work, time


def _nothing(work: Number, time: Number) -> Point:
    return 0, time


def _outside(facts: Facts, step: Step, after: Members) -> Truth:
    """Whether the step comes after the owner's first and is done by no owner."""
    owned = owner_does_it(facts, step)
    if owned is True or (step not in after.certain and step not in after.possible):
        return False
    if isinstance(owned, Unknown):
        return owned
    return True if step in after.certain else Unknown(after.missing)
