"""The ways through a stream: its networks of lead times, and every path that could be critical."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from orgdiag.frozen import frozen
from orgdiag.graph.borders import visits
from orgdiag.graph.certainty import Truth
from orgdiag.graph.critical import critical_path
from orgdiag.graph.facts import Facts, memoised
from orgdiag.graph.flow import Flow, flow, lead_time, process_time
from orgdiag.graph.properties import amount
from orgdiag.metrics.extremes import Shape, part_and_whole, quotient
from orgdiag.metrics.paths import Critical, Network, critical_paths
from orgdiag.model import Step, Stream
from orgdiag.quantity import ONE, ZERO, Gaps, Missing, Quantity, Unknown, merge

ANY_SHARE: Final = Quantity(0, 1)
ANYTHING: Final = Quantity(0, None)

# --- networks -------------------------------------------------------------------------------------


def passes(facts: Facts, step: Step) -> Quantity:
    """How often an item of the stream passes the step on average: share × expected visits."""
    count = visits(facts, facts.org.streams[step.stream])[step.id]
    return count if step.share is ONE else amount(step, "share") * count


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
    if all(f == ONE for f in factor.values()):
        return once
    return Network(
        once.nodes,
        once.before,
        {id: length * factor[id] for id, length in once.lengths.items()},
        {edge: gap * factor[edge[1]] for edge, gap in once.gaps.items()},
        once.optional,
        once.open,
    )


def without_waits(facts: Facts, network: Network, steps: AbstractSet[str], mean: bool) -> Network:
    """The network in which the named steps take their process time only, with no gap before them.

    With `mean` the lengths are those of the mean item, as in `expected`.
    """
    lengths = dict(network.lengths)
    for id in steps:
        if id in lengths:
            work = process_time(facts, facts.org.steps[id])
            lengths[id] = work * passes(facts, facts.org.steps[id]) if mean else work
    gaps = {edge: ZERO if edge[1] in steps else gap for edge, gap in network.gaps.items()}
    return Network(network.nodes, network.before, lengths, gaps, network.optional, network.open)


# --- paths ----------------------------------------------------------------------------------------


class Leg(NamedTuple):
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

    @property
    def wait(self) -> Quantity:
        """The time in which nobody works on the item: the gap, and lead time − process time."""
        return self.gap + waiting(self.process, self.lead)

    @property
    def shapes(self) -> list[Shape]:
        """The leg as (process time, lead time), and its gap, if any, as (0, gap)."""
        step = part_and_whole(self.process, self.lead)
        return [step] if self.gap == ZERO else [step, part_and_whole(ZERO, self.gap)]

    @property
    def gaps(self) -> Gaps:
        """The inputs that are missing here."""
        return merge(merge(self.lead.missing, self.process.missing), self.gap.missing)


def waiting(process: Quantity, lead: Quantity) -> Quantity:
    """Lead time − process time, never below 0."""
    rest = lead - process
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
    first = tuple(step.id for step in critical_path(facts, stream).steps)
    return _routes(facts, network, critical_paths(network), first)


@memoised
def expected_routes(facts: Facts, stream: Stream) -> Routes:
    """Every path that could be critical for the mean item (M11)."""
    network = expected(facts, stream)
    found = critical_paths(network)
    return _routes(facts, single_pass(facts, stream), found, found.routes[0])


def _routes(facts: Facts, once: Network, found: Critical, first: tuple[str, ...]) -> Routes:
    others = [route for route in found.routes if route != first] if found.complete else []
    paths = tuple(tuple(_legs(facts, once, route)) for route in (first, *others))
    return Routes(paths, found.complete, found.missing)


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
    values = [measure(path) for path in routes.paths]
    if len(values) == 1:
        return values[0]
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
    estimated = any(leg.lead.estimated or leg.process.estimated for leg in route)
    if found.exact:
        return Quantity(found.low, found.high, (), estimated)
    missing: Gaps = ()
    for leg in route:
        missing = merge(missing, leg.gaps)
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
