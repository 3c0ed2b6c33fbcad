"""The ways through a stream: its networks of lead times, and every path that could be critical."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from orgdiag.facts.borders import visits
from orgdiag.facts.columns import Facts, memoised
from orgdiag.facts.critical import critical_path
from orgdiag.facts.flow import Flow, flow, lead_time, process_time
from orgdiag.facts.properties import quantity_of
from orgdiag.frozen import frozen
from orgdiag.metrics.extremes import Shape, part_and_whole, quotient
from orgdiag.metrics.paths import Critical, Network, Reduction
from orgdiag.model.elements import Step, Stream
from orgdiag.partial.quantity import ONE, ZERO, Quantity
from orgdiag.partial.truth import Truth
from orgdiag.partial.unknown import Gaps, Missing, Unknown, merge, merged

ANY_SHARE: Final = Quantity(0, 1)
ANYTHING: Final = Quantity(0, None)

# --- networks -------------------------------------------------------------------------------------


def passes(facts: Facts, step: Step) -> Quantity:
    """How often an item of the stream passes the step on average: share × expected visits."""
    count = visits(facts, facts.org.streams[step.stream])[step.id]
    return count if step.share is ONE else quantity_of(step, "share") * count


@memoised
def single_pass(facts: Facts, stream: Stream) -> Network:
    """The lead times of MAIN, as if every item took every step once."""
    net = flow(facts, stream)
    nodes = tuple(id for id in net.order if id in net.main or id in net.maybe_main)
    on = frozenset(nodes)
    before = {id: tuple(o for o in net.predecessors[id] if o in on) for id in nodes}
    lengths = {id: lead_time(facts, net.steps[id]) for id in nodes}
    gaps = {
        edge: net.gap(*edge) for edge in net.borders if edge[0] in on and edge[1] in on
    }  # fmt: skip
    written = {
        edge: gap for edge, gap in gaps.items() if gap != ZERO and edge[0] in before[edge[1]]
    }
    return Network(nodes, before, lengths, written, net.maybe_main, _open(net))


def _open(net: Flow) -> Gaps:
    """The inputs without which steps or edges of MAIN may be missing."""
    ends = (
        Missing("step", id, "dead-end", net.steps[id].place("dead-end"))
        for id in sorted(net.maybe_main)
    )
    return merge(net.gaps, tuple(ends))


@memoised
def expected(facts: Facts, stream: Stream) -> Network:
    """The lead times of MAIN for the mean item: each × share × expected visits."""
    once = single_pass(facts, stream)
    steps = facts.org.steps
    factor = {id: passes(facts, steps[id]) for id in once.nodes}
    if all(f is ONE or f == ONE for f in factor.values()):
        return once
    return Network(
        once.nodes,
        once.before,
        {id: length * factor[id] for id, length in once.lengths.items()},
        {edge: gap * factor[edge[1]] for edge, gap in once.gaps.items()},
        once.optional,
        once.open,
    )


@memoised
def without_waits(facts: Facts, stream: Stream) -> Reduction:
    """What the lead time loses when steps take their process time only, with no gap before them."""
    steps = facts.org.steps
    return Reduction(single_pass(facts, stream), lambda id: process_time(facts, steps[id]))


@memoised
def expected_without_waits(facts: Facts, stream: Stream) -> Reduction:
    """The same of the mean item, with the lengths of `expected`."""
    steps = facts.org.steps
    return Reduction(
        expected(facts, stream),
        lambda id: process_time(facts, steps[id]) * passes(facts, steps[id]),
    )


# --- paths ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Leg:
    """One step on a path, with the gap before it, and the id of the step before it."""

    step: Step
    gap: Quantity
    lead: Quantity
    process: Quantity
    before: str = ""

    @property
    def time(self) -> Quantity:
        """Gap and lead time together."""
        return self.gap + self.lead

    @cached_property
    def idle(self) -> Quantity:
        """Lead time − process time: the wait inside the step."""
        return waiting(self.process, self.lead)

    @cached_property
    def wait(self) -> Quantity:
        """The time in which nobody works on the item: the gap, and the wait inside the step."""
        return self.gap + self.idle

    @cached_property
    def shapes(self) -> Sequence[Shape]:
        """The leg as (process time, lead time), and its gap, if any, as (0, gap)."""
        step = part_and_whole(self.process, self.lead)
        return (step,) if self.gap == ZERO else (step, part_and_whole(ZERO, self.gap))

    @property
    def estimated(self) -> bool:
        """Whether a time of the step is a mean computed from percentiles."""
        return self.lead.estimated or self.process.estimated

    @property
    def gaps(self) -> Gaps:
        """The inputs that are missing here."""
        return merge(merge(self.lead.missing, self.process.missing), self.gap.missing)


def waiting(process: Quantity, lead: Quantity) -> Quantity:
    """Lead time − process time, never below 0."""
    rest = lead - process
    if rest.low is not None and rest.low >= 0:
        return rest
    return Quantity(max(rest.low or 0, 0), rest.high, rest.missing, rest.estimated)


Route = tuple[Leg, ...]


@frozen
class Routes:
    """The paths of a stream that could be critical.

    paths      these paths; the first is the critical path as far as is known
    complete   whether these are all
    missing    inputs that decide which of them it is, or how long it is
    """

    paths: tuple[Route, ...]
    complete: bool
    missing: Gaps


@memoised
def critical_routes(facts: Facts, stream: Stream) -> Routes:
    """Every path that could be critical by lead time (M10)."""
    network = single_pass(facts, stream)
    found = network.critical
    first = tuple([step.id for step in critical_path(facts, stream).steps])
    return Routes(_paths(facts, network, found, first), found.complete, found.missing)


@memoised
def expected_routes(facts: Facts, stream: Stream) -> Routes:
    """Every path that could be critical for the mean item (M11)."""
    once, found = single_pass(facts, stream), expected(facts, stream).critical
    if once.chain:
        paths = critical_routes(facts, stream).paths  # the only path, whichever times it has
    else:
        paths = _paths(facts, once, found, found.routes[0])
    return Routes(paths, found.complete, found.missing)


def _paths(
    facts: Facts, once: Network, found: Critical, first: tuple[str, ...]
) -> tuple[Route, ...]:
    others = [route for route in found.routes if route != first] if found.complete else []
    return tuple([tuple(_legs(facts, once, route)) for route in (first, *others)])


def _legs(facts: Facts, once: Network, route: Iterable[str]) -> Iterable[Leg]:
    before = ""
    for id in route:
        step = facts.org.steps[id]
        gap = once.gaps.get((before, id), ZERO)
        yield Leg(step, gap, lead_time(facts, step), process_time(facts, step), before)
        before = id


def over(routes: Routes, measure: Callable[[Route], Quantity], natural: Quantity) -> Quantity:
    """The union of a measure over every path that could be critical.

    Where these are not all known, it is the natural range of the measure.
    """
    if not routes.complete:
        return natural.marked(routes.missing)
    if len(routes.paths) == 1:
        return measure(routes.paths[0])
    values = [measure(path) for path in routes.paths]
    lows = [value.low for value in values]
    highs = [value.high for value in values]
    low = None if None in lows else min(low for low in lows if low is not None)
    high = None if None in highs else max(high for high in highs if high is not None)
    if low is not None and low == high:
        return Quantity(low, high, (), any(value.estimated for value in values))
    missing = routes.missing
    for value in values:
        missing = merge(missing, value.missing)
    return Quantity(low, high, missing, any(value.estimated for value in values))


def share_of(route: Route, shapes: Iterable[Shape]) -> Quantity:
    """The ratio that the shapes make, with the inputs that are missing on the path."""
    found = quotient(list(shapes))
    estimated = any(leg.estimated for leg in route)
    if found.exact:
        return Quantity(found.low, found.high, (), estimated)
    missing = merged([leg.gaps for leg in route])
    return Quantity(found.low, found.high, missing, estimated)


def union_of(values: Sequence[Quantity], gaps: Gaps) -> Quantity:
    """The union of the values; the gaps matter when they differ."""
    if len(values) == 1:
        return values[0]
    lows = [value.low for value in values]
    highs = [value.high for value in values]
    for value in values:
        gaps = merge(gaps, value.missing)
    if None in lows or None in highs:
        return Quantity(None, None, gaps)
    low = min(low for low in lows if low is not None)
    high = max(high for high in highs if high is not None)
    return Quantity(low, high, () if low == high else gaps, any(v.estimated for v in values))


def counted(value: Truth) -> Quantity:
    """1 for yes, 0 for no, between them when unknown."""
    if isinstance(value, Unknown):
        return Quantity(0, 1, value.missing)
    return ONE if value else ZERO
