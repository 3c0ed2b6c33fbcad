"""Longest paths through an acyclic network whose lengths are known only in part.

Nothing here knows what a stream is. A length is monotone in each part, so the longest path lies
between the longest on the lower and the longest on the upper bounds, and both are reached. Which
path is the longest may be open: `critical_paths` lists every one that some completion makes so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from itertools import islice, pairwise
from typing import Final

from orgdiag.frozen import frozen
from orgdiag.partial.quantity import ZERO, Number, Quantity, added, total
from orgdiag.partial.unknown import Gaps, merge, merged

Edge = tuple[str, str]
Route = tuple[str, ...]

MOST_PATHS: Final = 500


@dataclass(frozen=True)
class Network:
    """An acyclic graph with a length on each node, and on some edges.

    nodes      the nodes, each after its predecessors
    before     the predecessors of each node
    lengths    the length of each node
    gaps       the length of each edge that has one
    optional   nodes that may be absent
    open       inputs without which edges may be missing; () when all are known
    """

    nodes: Route
    before: Mapping[str, Sequence[str]]
    lengths: Mapping[str, Quantity]
    gaps: Mapping[Edge, Quantity]
    optional: AbstractSet[str] = frozenset()
    open: Gaps = ()

    @cached_property
    def exact(self) -> bool:
        """Whether every length, node and edge is known."""
        return (
            not self.open
            and not self.optional
            and all_exact(self.lengths.values())
            and all_exact(self.gaps.values())
        )

    @cached_property
    def chain(self) -> bool:
        """Whether there is one path only, through all nodes."""
        if self.open or self.optional or not self.nodes:
            return False
        before: Route = ()
        for node in self.nodes:
            if tuple(self.before[node]) != before:
                return False
            before = (node,)
        return True

    @cached_property
    def longest(self) -> Quantity:
        """The length of the longest path."""
        return longest(self)

    @cached_property
    def critical(self) -> Critical:
        """Every path that could be the longest."""
        return critical_paths(self)


def all_exact(quantities: Iterable[Quantity]) -> bool:
    """Whether each of the quantities is one point."""
    for low, high, _, _ in quantities:
        if low is None or (low is not high and low != high):
            return False
    return True


@frozen
class Critical:
    """The paths that could be the longest.

    routes    these paths; the first is the longest on the lower bounds, ties broken by name
    complete  whether these are all; if not, there are too many or edges are unknown
    missing   inputs that decide which of them it is, or how long it is
    """

    routes: tuple[Route, ...]
    complete: bool
    missing: Gaps


class _Lengths:
    """One choice of a length for each node and edge."""

    def __init__(self, nodes: Mapping[str, Number], gaps: Mapping[Edge, Number]) -> None:
        self.nodes = nodes
        self.gaps = gaps

    def finish(self, network: Network, left_out: AbstractSet[str]) -> dict[str, Number]:
        """The length of the longest path that ends with each node."""
        found: dict[str, Number] = {}
        for node in network.nodes:
            if node in left_out:
                continue
            arrival: Number = 0
            for other in network.before[node]:
                if other in found:
                    gap = self.gaps.get((other, node))
                    arrival = max(arrival, found[other] + gap if gap else found[other])
            found[node] = arrival + self.nodes[node] if arrival else self.nodes[node]
        return found

    def longest(self, network: Network, left_out: AbstractSet[str] = frozenset()) -> Number:
        """The length of the longest path."""
        return max(self.finish(network, left_out).values(), default=0)

    def along(self, route: Route) -> Number:
        """The length of one path."""
        return sum(self.nodes[node] for node in route) + sum(
            self.gaps.get(edge, 0) for edge in pairwise(route)
        )


class _Bounds:
    """The lower and upper lengths of a network; `endless` stands for a length without bound.

    It is larger than all finite lengths together, so sums of lengths compare as they should: first
    by the number of unbounded parts, then by the rest.
    """

    def __init__(self, *networks: Network) -> None:
        finite = sum(
            quantity.high or quantity.low or 0
            for network in networks
            for quantity in (*network.lengths.values(), *network.gaps.values())
        )
        self.endless: Number = 4 * (finite + 1)

    def high(self, network: Network) -> _Lengths:
        return _Lengths(
            {node: self.top(length) for node, length in network.lengths.items()},
            {edge: self.top(gap) for edge, gap in network.gaps.items()},
        )

    def top(self, quantity: Quantity) -> Number:
        return self.endless if quantity.high is None else quantity.high

    def bounded(self, length: Number) -> Number | None:
        """The length, or None where it contains an unbounded part."""
        return None if 2 * length >= self.endless else length


def longest(network: Network) -> Quantity:
    """The length of the longest path.

    >>> lengths = {"a": Quantity(2, 2), "b": Quantity(1, 5), "c": Quantity(3, 3)}
    >>> before = {"a": (), "b": ("a",), "c": ("a",)}
    >>> longest(Network(("a", "b", "c"), before, lengths, {}))
    Quantity(low=5, high=7, missing=(), estimated=False)
    """
    if network.chain:
        return _along_chain(network)
    if network.exact:
        whole = _lower(network).longest(network)
        return Quantity(whole, whole, (), _estimated(network))
    bounds = _Bounds(network)
    low, upper = _lower(network).longest(network, network.optional), bounds.high(network)
    whole = upper.longest(network)
    if network.open:
        whole = sum(upper.nodes.values()) + sum(upper.gaps.values())
    high = bounds.bounded(whole)
    missing = () if low == high else critical_gaps(network)
    return Quantity(low, high, missing, _estimated(network))


def _along_chain(network: Network) -> Quantity:
    """The length of the only path."""
    parts = (*network.lengths.values(), *network.gaps.values())
    low = added(part.low or 0 for part in parts)
    if network.exact:
        return Quantity(low, low, (), _estimated(network))
    highs = [part.high for part in parts if part.high is not None]
    high = added(highs) if len(highs) == len(parts) else None
    return Quantity(low, high, merged(part.missing for part in parts), _estimated(network))


def _lower(network: Network) -> _Lengths:
    """The lower bounds: the lengths themselves where all are known."""
    return _Lengths(
        {node: length.low or 0 for node, length in network.lengths.items()},
        {edge: gap.low or 0 for edge, gap in network.gaps.items()},
    )


def _estimated(network: Network) -> bool:
    return any(length.estimated for length in network.lengths.values())


def critical_gaps(network: Network) -> Gaps:
    """The inputs that decide how long the longest path is: of parts that could lie on it."""
    bounds = _Bounds(network)
    least = _lower(network).longest(network, network.optional)
    through = _through(network, bounds.high(network))
    return merged(
        (
            network.open,
            *(
                length.missing
                for node, length in network.lengths.items()
                if length.missing and through[node] >= least
            ),
            *(
                gap.missing
                for (giver, receiver), gap in network.gaps.items()
                if gap.missing and through[giver] >= least and through[receiver] >= least
            ),
        )
    )


def _through(network: Network, lengths: _Lengths) -> dict[str, Number]:
    """The length of the longest path through each node."""
    heads, tails = lengths.finish(network, frozenset()), _tails(network, lengths)
    return {node: heads[node] + tails[node] - lengths.nodes[node] for node in network.nodes}


def _tails(network: Network, lengths: _Lengths) -> dict[str, Number]:
    """The length of the longest path that begins with each node."""
    found: dict[str, Number] = dict(lengths.nodes)
    for node in reversed(network.nodes):
        for other in network.before[node]:
            if other in found:
                onward = found[node] + lengths.gaps.get((other, node), 0)
                found[other] = max(found[other], lengths.nodes[other] + onward)
    return found


def critical_paths(network: Network) -> Critical:
    """Every path that is the longest for some completion of the unknown lengths.

    A path could be the longest when it is so with its own parts at their upper and all others at
    their lower bounds. Beyond some hundred paths, or where edges are unknown, only the one on the
    lower bounds is returned, as incomplete.
    """
    if network.chain:
        return Critical((network.nodes,), True, network.longest.missing)
    if network.exact:
        low = high = _lower(network)
    else:
        bounds = _Bounds(network)
        low, high = _lower(network), bounds.high(network)
    least = low.longest(network, network.optional)
    candidates = list(islice(_candidates(network, high, least), MOST_PATHS + 1))
    if network.exact:
        routes = candidates
    else:
        routes = [r for r in candidates[:MOST_PATHS] if _could_lead(r, network, low, high)]
    complete = len(candidates) <= MOST_PATHS and not network.open
    first = min((r for r in routes if low.along(r) == least), default=None)
    if first is None or not complete:
        first = _lowest(network, low, least)
    others = sorted(r for r in routes if r != first) if complete else []
    missing = () if network.exact else critical_gaps(network)
    return Critical((first, *others), complete, missing)


def _candidates(network: Network, high: _Lengths, least: Number) -> Iterator[Route]:
    """The paths from a start to an end whose upper length reaches `least`."""
    after: dict[str, list[str]] = {node: [] for node in network.nodes}
    for node in network.nodes:
        for other in network.before[node]:
            if other in after:
                after[other].append(node)
    tails = _tails(network, high)
    sure = network.optional.__contains__
    starts = [
        node for node in network.nodes
        if all(sure(other) or other not in after for other in network.before[node])
    ]  # fmt: skip
    stack: list[tuple[Route, Number]]
    stack = [((node,), high.nodes[node]) for node in reversed(starts) if tails[node] >= least]
    while stack:
        route, length = stack.pop()
        onward = after[route[-1]]
        if all(map(sure, onward)) and length >= least:
            yield route
        for node in reversed(onward):
            arrival = length + high.gaps.get((route[-1], node), 0)
            if arrival + tails[node] >= least:
                stack.append(((*route, node), arrival + high.nodes[node]))


def _could_lead(route: Route, network: Network, low: _Lengths, high: _Lengths) -> bool:
    """Whether the path is a longest one when everything is in its favour."""
    chosen = favouring(route, low, high)
    return chosen.longest(network, network.optional - set(route)) <= high.along(route)


def favouring(route: Route, low: _Lengths, high: _Lengths) -> _Lengths:
    """The upper lengths on the path, the lower ones elsewhere."""
    return _Lengths(
        {**low.nodes, **{node: high.nodes[node] for node in route}},
        {**low.gaps, **{edge: high.gaps[edge] for edge in pairwise(route) if edge in high.gaps}},
    )


def _lowest(network: Network, low: _Lengths, least: Number) -> Route:
    """The longest path on the lower bounds, found backwards from its end."""
    finish = low.finish(network, network.optional)
    ends = [node for node, length in finish.items() if length == least]
    if not ends:
        return ()
    # The last of the ends in order, so that steps that take no time still belong to the path.
    route = [ends[-1]]
    while True:
        node = route[-1]
        arrival = finish[node] - low.nodes[node]
        givers = [
            other for other in network.before[node]
            if other in finish and finish[other] + low.gaps.get((other, node), 0) == arrival
        ]  # fmt: skip
        if not givers:
            return tuple(reversed(route))
        route.append(min(givers))


def shortening(network: Network, reduced: Network) -> Quantity:
    """How much shorter the longest path becomes when some lengths are reduced (M22).

    Both networks have the same nodes and edges; lengths that differ are those reduced. The bounds
    are reached: a larger length of what is reduced raises the result, a larger length beside it
    lowers it, and one in series with it changes nothing.

    >>> before = {"a": (), "b": ()}
    >>> full = Network(("a", "b"), before, {"a": Quantity(5, 5), "b": Quantity(4, 4)}, {})
    >>> less = Network(("a", "b"), before, {"a": Quantity(1, 1), "b": Quantity(4, 4)}, {})
    >>> shortening(full, less).value
    1
    """
    if network.exact and reduced.exact:
        before, after = _lower(network).longest(network), _lower(reduced).longest(reduced)
        return Quantity.of(before - after)
    if network.chain:
        return _shortening_of_chain(network, reduced)
    bounds = _Bounds(network, reduced)
    full_low, full_high = _lower(network), bounds.high(network)
    less_low = _lower(reduced)
    leading = network.critical
    # Where the paths of the one are too many to list, those of the other are not worth listing.
    following = reduced.critical if leading.complete and not network.optional else None
    if following is None or not following.complete:
        gaps = critical_gaps(reduced) if not reduced.exact else ()
        most = sum(_saved(bounds, network, reduced))
        return Quantity(0, bounds.bounded(most), merge(leading.missing, gaps))
    missing = merge(leading.missing, following.missing)
    changed = {n for n in network.nodes if network.lengths[n] != reduced.lengths[n]}
    edges = {edge for edge in network.gaps if network.gaps[edge] != reduced.gaps[edge]}
    largest = max(
        full_high.along(route)
        - _mixed(favouring(route, full_low, full_high), less_low, changed, edges).longest(reduced)
        for route in leading.routes
    )
    smallest = min(
        _least_saved(route, network, reduced, bounds, changed, edges) for route in following.routes
    )
    return Quantity(max(smallest, 0), bounds.bounded(largest), missing)


def _shortening_of_chain(network: Network, reduced: Network) -> Quantity:
    """What the parts of the only path lose together."""
    nodes = (_lost(network.lengths[node], reduced.lengths[node]) for node in network.nodes)
    edges = (_lost(gap, reduced.gaps[edge]) for edge, gap in network.gaps.items())
    return total((*nodes, *edges))


def _lost(before: Quantity, after: Quantity) -> Quantity:
    """What one part becomes shorter; nothing where it stays as it is."""
    if before == after:
        return ZERO
    lost = before - after
    high = None if lost.high is None else max(lost.high, 0)
    return Quantity(max(lost.low or 0, 0), high, lost.missing, lost.estimated)


def _saved(bounds: _Bounds, network: Network, reduced: Network) -> Iterator[Number]:
    """The most that each part can become shorter."""
    for node in network.nodes:
        if network.lengths[node] != reduced.lengths[node]:
            yield bounds.top(network.lengths[node]) - (reduced.lengths[node].low or 0)
    for edge, gap in network.gaps.items():
        if gap != reduced.gaps[edge]:
            yield bounds.top(gap) - (reduced.gaps[edge].low or 0)


def _mixed(
    lengths: _Lengths, reduced: _Lengths, nodes: AbstractSet[str], edges: AbstractSet[Edge]
) -> _Lengths:
    """The lengths with those of the named parts taken from `reduced`."""
    return _Lengths(
        {**lengths.nodes, **{node: reduced.nodes[node] for node in nodes}},
        {**lengths.gaps, **{edge: reduced.gaps[edge] for edge in edges}},
    )


def _least_saved(
    route: Route,
    network: Network,
    reduced: Network,
    bounds: _Bounds,
    nodes: AbstractSet[str],
    edges: AbstractSet[Edge],
) -> Number:
    """The least that is saved when the path is the longest after the reduction."""
    less_high = bounds.high(reduced)
    around = favouring(route, _lower(network), bounds.high(network))
    # What is reduced is as short as it can be before, but never shorter than after.
    before = _Lengths(
        {
            node: max(network.lengths[node].low or 0, less_high.nodes[node]) if node in nodes else n
            for node, n in around.nodes.items()
        },
        {
            edge: max(network.gaps[edge].low or 0, less_high.gaps[edge]) if edge in edges else n
            for edge, n in around.gaps.items()
        },
    )
    after = _mixed(around, less_high, nodes, edges)
    return before.longest(network) - after.along(route)


# --- what single nodes and sets of them save ------------------------------------------------------


class Reduction:
    """How much shorter a longest path is when nodes are reduced and the edges into them closed.

    What is asked about one network often is found once for all of its nodes where that can be done:
    in a chain, and where everything is known.
    """

    def __init__(self, network: Network, length: Callable[[str], Quantity]) -> None:
        """The network, and the length that each of its nodes has when it is reduced."""
        self._network = network
        self._length = length
        self._losses: dict[str, Quantity] = {}

    def of(self, nodes: AbstractSet[str]) -> Quantity:
        """What is saved when these nodes are reduced together; others count for nothing."""
        network = self._network
        inside = [node for node in nodes if node in network.lengths]
        if network.chain:
            return self._of_chain(inside)
        if network.exact and len(inside) == 1:
            saved = self._alone.get(inside[0])
            if saved is not None:
                return Quantity.of(saved)
        return shortening(network, self._reduced(inside))

    def _reduced(self, nodes: Collection[str]) -> Network:
        """The network in which the nodes are reduced and the edges into them closed."""
        full = self._network
        lengths = {**full.lengths, **{node: self._length(node) for node in nodes}}
        gaps = {edge: ZERO if edge[1] in nodes else gap for edge, gap in full.gaps.items()}
        return Network(full.nodes, full.before, lengths, gaps, full.optional, full.open)

    def _of_chain(self, nodes: list[str]) -> Quantity:
        """What the nodes and the edges into them lose together, in the order of the network."""
        if len(nodes) > 1:
            nodes.sort(key=self._place.__getitem__)
        found = total(map(self._loss, nodes))
        if self._network.gaps:
            gaps = sorted(gap for node in nodes for gap in self._gaps_into.get(node, ()))
            found = total((found, *(gap for _, gap in gaps)))
        exact = self._network.exact and found.exact
        return Quantity(found.low, found.high) if exact else found

    def _loss(self, node: str) -> Quantity:
        found = self._losses.get(node)
        if found is None:
            found = _lost(self._network.lengths[node], self._length(node))
            self._losses[node] = found
        return found

    @cached_property
    def _place(self) -> Mapping[str, int]:
        return {node: place for place, node in enumerate(self._network.nodes)}

    @cached_property
    def _gaps_into(self) -> Mapping[str, list[tuple[int, Quantity]]]:
        """The lengths of the edges into each node, numbered in the order of the network."""
        found: dict[str, list[tuple[int, Quantity]]] = {}
        for number, ((_, receiver), gap) in enumerate(self._network.gaps.items()):
            found.setdefault(receiver, []).append((number, gap))
        return found

    @cached_property
    def _alone(self) -> Mapping[str, Number]:
        """What each node saves when it alone is reduced, where everything is known.

        The longest path is then the longest through the node, or the longest around it.
        """
        network, lengths = self._network, _lower(self._network)
        heads, tails = lengths.finish(network, frozenset()), _tails(network, lengths)
        around = _around(network, lengths, heads, tails)
        whole = max(heads.values())
        found: dict[str, Number] = {}
        for node in network.nodes:
            after = self._length(node)
            if after.exact:
                arrival = max((heads[other] for other in network.before[node]), default=0)
                through = arrival + (after.low or 0) + tails[node] - lengths.nodes[node]
                found[node] = whole - max(through, around[node])
        return found


def _around(
    network: Network, lengths: _Lengths, heads: Mapping[str, Number], tails: Mapping[str, Number]
) -> Mapping[str, Number]:
    """For each node the length of the longest path that avoids it; 0 where none does.

    Such a path has one edge that passes the node's place in the order, or it begins behind that
    place or ends before it: sweep along the order and keep the longest of those that pass.
    """
    place = {node: number for number, node in enumerate(network.nodes)}
    passing: list[tuple[Number, int]] = []
    starting: dict[int, list[tuple[Number, int]]] = {}
    ends = dict(place)
    for node in network.nodes:
        if not network.before[node]:
            starting.setdefault(-1, []).append((tails[node], place[node]))
        for other in network.before[node]:
            length = heads[other] + lengths.gaps.get((other, node), 0) + tails[node]
            starting.setdefault(place[other], []).append((length, place[node]))
            ends.pop(other, None)
    for node in ends:
        starting.setdefault(place[node], []).append((heads[node], len(place)))
    around: dict[str, Number] = {}
    for number, node in enumerate(network.nodes):
        for length, end in starting.get(number - 1, ()):
            heappush(passing, (-length, end))
        while passing and passing[0][1] <= number:
            heappop(passing)
        around[node] = -passing[0][0] if passing else 0
    return around
