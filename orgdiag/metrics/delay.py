"""What waiting costs: by recomputation, for any set of steps, never by adding waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from orgdiag.facts.columns import Facts
from orgdiag.facts.properties import quantity_of
from orgdiag.metrics.flow import day
from orgdiag.metrics.routes import expected_without_waits, without_waits
from orgdiag.model.elements import Stream
from orgdiag.model.parts import Money
from orgdiag.partial.quantity import ZERO, Quantity


def drag_of(facts: Facts, stream: Stream, steps: AbstractSet[str]) -> Quantity:
    """What the lead time loses when none of the steps waits any more (M22), in working minutes.

    Definition: M10 − M10 with the lead time of the steps, by full id, set to their process time and
    the gaps before them closed. Range: 0 to the sum of their waits; for steps in parallel it may be
    more or less than the sum of their single drags. Bounded when a time is unknown.

    Source: critical-path drag (Devaux); for sets, by recomputation.
    """
    return without_waits(facts, stream).of(steps)


def expected_drag_of(facts: Facts, stream: Stream, steps: AbstractSet[str]) -> Quantity:
    """What the mean item's lead time loses when none of the steps waits any more.

    Definition: as `drag_of`, on the expected lead time M11. In working minutes.

    Source: critical-path drag (Devaux); for sets, by recomputation.
    """
    return expected_without_waits(facts, stream).of(steps)


def delay(facts: Facts, steps: Iterable[str]) -> Quantity:
    """The item-days of waiting a month that would vanish with the waits of the steps.

    Definition: Σ over streams of arrivals × expected drag of the stream's steps among them. An
    upper bound of any gain, since it takes the waits to vanish. Range: 0 to unbounded; without an
    upper bound where the arrivals of a stream that gains, or a time, are unknown. Overlapping sets
    share what they save, so results must not be added.

    Source: critical-path drag, Little's law.
    """
    found = ZERO
    for stream, saved in saved_by(facts, steps):
        if saved != ZERO:
            found = found + quantity_of(stream, "arrivals") * saved
    return found


def saved_by(facts: Facts, steps: Iterable[str]) -> list[tuple[Stream, Quantity]]:
    """For each stream with steps among them, the working days that its mean item would save."""
    by_stream: dict[str, set[str]] = {}
    for id in steps:
        step = facts.org.steps.get(id)
        if step is not None:
            by_stream.setdefault(step.stream, set()).add(id)
    found = []
    for stream_id in sorted(by_stream):
        stream = facts.org.streams[stream_id]
        saved = expected_drag_of(facts, stream, by_stream[stream_id])
        found.append((stream, saved / day(facts)))
    return found


def delay_cost(facts: Facts, steps: Iterable[str]) -> Mapping[str, Quantity]:
    """The money a month that the waits of the steps cost, by currency.

    Only streams with a declared cost of delay count; an empty mapping when there is none.
    """
    found: dict[str, Quantity] = {}
    for stream, saved in saved_by(facts, steps):
        money = stream.cost_of_delay
        if isinstance(money, Money):
            cost = quantity_of(stream, "arrivals") * saved * money.amount
            found[money.currency] = found.get(money.currency, ZERO) + cost
    return found
