"""The story of each stream: where work waits, why, what it would save, what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from orgdiag.diagnose.causes import Addresses, Cause, beyond
from orgdiag.diagnose.priorities import Order
from orgdiag.facts.columns import Facts
from orgdiag.facts.properties import quantity_of
from orgdiag.facts.streams import owners
from orgdiag.finding import Finding
from orgdiag.frozen import frozen
from orgdiag.metrics.constraint import Constraint, constraint
from orgdiag.metrics.delay import drag_of, expected_drag_of
from orgdiag.metrics.flow import day, expected_lead_time, flow_efficiency, lead_time
from orgdiag.metrics.routes import Leg, critical_routes
from orgdiag.model.elements import Change, Step, Stream
from orgdiag.model.references import references
from orgdiag.model.types import Ref
from orgdiag.partial.quantity import Quantity
from orgdiag.whatif.apply import applied
from orgdiag.whatif.effect import effect, touched

# What weighs on the team that would take work over.
LOADS: Final = frozenset({"cognitive-load", "team-shape"})
NEXT: Final = 2


@frozen
class Where:
    """A step of the critical path at which work waits.

    wait   how long an item waits there, in working minutes
    drag   how much shorter the lead time were without that wait
    """

    step: Step
    wait: Quantity
    drag: Quantity


@frozen
class Plan:
    """A change that the model plans where a cause makes work wait.

    single, expected   what a pass, and a mean item with its rework, would save
    monthly            item-days a month that would vanish; unbounded when arrivals are unknown
    assumptions        what these numbers take for granted
    """

    change: Change
    single: Quantity
    expected: Quantity
    monthly: Quantity
    assumptions: tuple[str, ...]


@frozen
class Chapter:
    """One root cause in one stream.

    where     the steps at which it makes work wait
    single, expected   what a pass, and a mean item with its rework, would save at most
    plans     changes of the model that address it
    weighs    what already weighs on the owners, who would take work over
    next      where most would wait once it is gone
    """

    cause: Cause
    where: tuple[Where, ...]
    single: Quantity
    expected: Quantity
    plans: tuple[Plan, ...]
    weighs: tuple[Finding, ...]
    next: tuple[Where, ...]


@frozen
class Story:
    """What is known of a stream, its root causes in their order, and the waits without a cause."""

    stream: Stream
    lead_time: Quantity
    expected_lead_time: Quantity
    flow_efficiency: Quantity
    constraint: Constraint
    chapters: tuple[Chapter, ...]
    unexplained: tuple[Where, ...]


def stories(
    findings: Iterable[Finding], causes: Iterable[Cause], order: Order, facts: Facts
) -> tuple[Story, ...]:
    """The story of each stream that has steps, by id; its chapters come in the order of all."""
    place = {move.cause.id: number for number, move in enumerate(order.moves)}
    loads = _loads(findings)
    by_stream: dict[str, list[Cause]] = {}
    for cause in sorted(causes, key=lambda cause: place.get(cause.id, len(place))):
        for stream in {facts.org.steps[id].stream for id in cause.addresses}:
            by_stream.setdefault(stream, []).append(cause)
    return tuple(
        _story(stream, by_stream.get(id, []), loads, facts)
        for id, stream in facts.org.streams.items()
        if stream.steps
    )


def _loads(findings: Iterable[Finding]) -> Mapping[str, tuple[Finding, ...]]:
    """By team what is said of its load and shape."""
    found: dict[str, tuple[Finding, ...]] = {}
    for finding in findings:
        if finding.group in LOADS and finding.subject.kind == "team":
            found[finding.subject.id] = (*found.get(finding.subject.id, ()), finding)
    return found


def _story(
    stream: Stream,
    causes: Sequence[Cause],
    loads: Mapping[str, tuple[Finding, ...]],
    facts: Facts,
) -> Story:
    legs = critical_routes(facts, stream).paths[0]
    weighs = tuple(f for team in owners(facts, stream).certain for f in loads.get(team.id, ()))
    explained = frozenset(id for cause in causes for id in cause.addresses)
    waits = _waits(stream, legs, frozenset(), facts)
    return Story(
        stream,
        lead_time(facts, stream),
        expected_lead_time(facts, stream),
        flow_efficiency(facts, stream),
        constraint(facts, stream),
        tuple(
            _chapter(cause, stream, legs, waits, weighs, facts) for cause in causes if cause.root
        ),
        tuple(where for where in waits if where.step.id not in explained),
    )


def _chapter(
    cause: Cause,
    stream: Stream,
    legs: Sequence[Leg],
    waits: Sequence[Where],
    weighs: tuple[Finding, ...],
    facts: Facts,
) -> Chapter:
    gone = frozenset(id for id in cause.addresses if facts.org.steps[id].stream == stream.id)
    left = _waits(stream, legs, gone, facts)
    return Chapter(
        cause,
        tuple(where for where in waits if where.step.id in gone),
        drag_of(facts, stream, gone),
        expected_drag_of(facts, stream, gone),
        tuple(_plans(stream, gone, facts)),
        tuple(finding for finding in weighs if finding not in cause.findings),
        tuple(sorted(left, key=lambda w: -(w.drag.low or 0))[:NEXT]),
    )


def _plans(stream: Stream, gone: Addresses, facts: Facts) -> Iterator[Plan]:
    """The changes of the model that touch one of the steps, with what they gain or lose."""
    for change in facts.org.changes.values():
        if stream in touched(facts, change) and _steps_of(change) & gone:
            found = effect(facts, change, stream)
            monthly = quantity_of(stream, "arrivals") * found.expected / day(facts)
            assumptions = applied(facts, change).assumptions
            yield Plan(change, found.gained, found.expected, monthly, assumptions)


def _steps_of(change: Change) -> Addresses:
    return frozenset(
        ref.id for ref in references(change) if isinstance(ref, Ref) and ref.kind == "step"
    )


def _waits(stream: Stream, legs: Sequence[Leg], gone: Addresses, facts: Facts) -> tuple[Where, ...]:
    """Where work waits on the critical path, with the drags once the waits of `gone` are gone."""
    before = drag_of(facts, stream, gone) if gone else Quantity.of(0)
    found = []
    for leg in legs:
        if leg.step.id in gone or leg.wait.high == 0:
            continue
        drag = beyond(drag_of(facts, stream, gone | {leg.step.id}), before)
        found.append(Where(leg.step, leg.wait, drag))
    return tuple(found)
