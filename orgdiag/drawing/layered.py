"""A layered layout for directed graphs, left to right, after Sugiyama, Tagawa and Toda (1981).

The stages are the classic ones: break cycles, assign layers, put a waypoint wherever an arrow
crosses a layer, order each layer for few crossings, then choose heights so that arrows run
straight. Every tie is broken by the order of the input, so the same graph is drawn the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

Point = tuple[float, float]

SWEEPS = 12
STRAIGHTENINGS = 10


class Box(NamedTuple):
    """A node to be placed, with the size of what will be drawn there."""

    id: str
    width: float
    height: float


class Place(NamedTuple):
    """Where a box stands: its left upper corner and its size."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Layout:
    """A finished layout.

    places   each box's place
    routes   for each arrow (source, target) the points it runs through, from border to border
    against  arrows that run right to left because they close a cycle
    width, height   of the whole picture
    """

    places: Mapping[str, Place]
    routes: Mapping[tuple[str, str], tuple[Point, ...]]
    against: frozenset[tuple[str, str]]
    width: float
    height: float


def layered(
    boxes: Sequence[Box],
    arrows: Iterable[tuple[str, str]],
    *,
    column_gap: float = 90,
    row_gap: float = 18,
) -> Layout:
    """The layout of a graph; arrows from a box to itself are left out."""
    ids = [box.id for box in boxes]
    kept = [arrow for arrow in dict.fromkeys(arrows) if arrow[0] != arrow[1]]
    rank = _left_to_right(ids, kept)
    forward = [(a, b) if rank[a] < rank[b] else (b, a) for a, b in kept]
    layer = _layers(sorted(ids, key=rank.__getitem__), forward)
    chains = _chains(dict.fromkeys(forward), layer)
    columns = _ordered(_columns(ids, layer, chains), chains)
    size = {box.id: box for box in boxes}
    x, widths = _across(columns, size, column_gap)
    y = _heights(columns, chains, size, row_gap)
    places = {
        box.id: Place(
            x[layer[box.id]] + (widths[layer[box.id]] - box.width) / 2,
            y[box.id] - box.height / 2,
            box.width,
            box.height,
        )
        for box in boxes
    }
    routes = {}
    for arrow, way in zip(kept, forward, strict=True):
        points = _route(chains[way], places, x, widths, y, layer)
        routes[arrow] = points if arrow == way else tuple(reversed(points))
    return Layout(
        places,
        routes,
        frozenset(arrow for arrow, way in zip(kept, forward, strict=True) if arrow != way),
        max((p.x + p.width for p in places.values()), default=0.0),
        max((p.y + p.height for p in places.values()), default=0.0),
    )


def _left_to_right(ids: Sequence[str], arrows: Sequence[tuple[str, str]]) -> dict[str, int]:
    """A sequence in which few arrows run backwards (Eades, Lin and Smyth 1993)."""
    after: dict[str, set[str]] = {id: set() for id in ids}
    before: dict[str, set[str]] = {id: set() for id in ids}
    for a, b in arrows:
        after[a].add(b)
        before[b].add(a)
    head: list[str] = []
    tail: list[str] = []
    left = dict.fromkeys(ids)
    while left:
        sink = next((id for id in left if not after[id]), None)
        source = next((id for id in left if not before[id]), None)
        chosen = sink or source or max(left, key=lambda id: len(after[id]) - len(before[id]))
        (tail if chosen == sink else head).append(chosen)
        del left[chosen]
        for id in after[chosen]:
            before[id].discard(chosen)
        for id in before[chosen]:
            after[id].discard(chosen)
    return {id: place for place, id in enumerate(head + tail[::-1])}


def _layers(ids: Sequence[str], arrows: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The column of each node, from 0; `ids` come in topological order.

    As far left as its predecessors allow, then pulled to the right where that shortens more arrows
    than it lengthens.
    """
    after: dict[str, list[str]] = {id: [] for id in ids}
    before: dict[str, list[str]] = {id: [] for id in ids}
    for a, b in arrows:
        after[a].append(b)
        before[b].append(a)
    layer: dict[str, int] = {}
    for id in ids:
        layer[id] = max((layer[b] + 1 for b in before[id]), default=0)
    for id in reversed(ids):
        if len(after[id]) > len(before[id]):
            layer[id] = min(layer[a] for a in after[id]) - 1
    return layer


Chain = tuple[str, ...]


def _chains(
    arrows: Iterable[tuple[str, str]], layer: Mapping[str, int]
) -> dict[tuple[str, str], Chain]:
    """Each arrow as its nodes and the waypoints between them, one for every layer it crosses."""
    return {
        (a, b): (a, *(f"{a}\0{b}\0{n}" for n in range(layer[a] + 1, layer[b])), b)
        for a, b in arrows
    }


def _columns(
    ids: Sequence[str], layer: Mapping[str, int], chains: Mapping[tuple[str, str], Chain]
) -> list[list[str]]:
    columns: list[list[str]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for id in ids:
        columns[layer[id]].append(id)
    for (a, _), chain in chains.items():
        for step, waypoint in enumerate(chain[1:-1], start=1):
            columns[layer[a] + step].append(waypoint)
    return columns


def _neighbours(
    chains: Mapping[tuple[str, str], Chain],
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """For each node and waypoint what stands just left and just right of it."""
    left: dict[str, list[str]] = {}
    right: dict[str, list[str]] = {}
    for chain in chains.values():
        for a, b in pairwise(chain):
            right.setdefault(a, []).append(b)
            left.setdefault(b, []).append(a)
    return left, right


def _ordered(columns: list[list[str]], chains: Mapping[tuple[str, str], Chain]) -> list[list[str]]:
    """The columns in an order with few crossings: sweeps by the mean place of the neighbours."""
    left, right = _neighbours(chains)
    best, fewest = columns, _crossings(columns, right)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        rightwards = sweep % 2 == 0
        columns = _swept(columns, left if rightwards else right, rightwards)
        crossings = _crossings(columns, right)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _swept(
    columns: list[list[str]], neighbours: Mapping[str, list[str]], rightwards: bool
) -> list[list[str]]:
    result = [list(column) for column in columns]
    steps = range(1, len(result)) if rightwards else range(len(result) - 2, -1, -1)
    for number in steps:
        fixed = result[number - 1 if rightwards else number + 1]
        place = {id: at for at, id in enumerate(fixed)}
        own = {id: at for at, id in enumerate(result[number])}

        def mean(id: str, place: dict[str, int] = place, own: dict[str, int] = own) -> float:
            beside = neighbours.get(id)
            return sum(place[n] for n in beside) / len(beside) if beside else own[id]

        result[number].sort(key=mean)
    return result


def _crossings(columns: Sequence[Sequence[str]], right: Mapping[str, list[str]]) -> int:
    """How many pairs of arrows cross, column by column."""
    count = 0
    for here, there in pairwise(columns):
        place = {id: at for at, id in enumerate(there)}
        ends = [place[n] for id in here for n in sorted(right.get(id, ()), key=place.__getitem__)]
        count += sum(a > b for i, a in enumerate(ends) for b in ends[i + 1 :])
    return count


def _across(
    columns: Sequence[Sequence[str]], size: Mapping[str, Box], gap: float
) -> tuple[list[float], list[float]]:
    """The left edge and the width of each column."""
    widths = [max((size[id].width for id in c if id in size), default=0.0) for c in columns]
    x, edge = [], 0.0
    for width in widths:
        x.append(edge)
        edge += width + gap
    return x, widths


def _heights(
    columns: Sequence[Sequence[str]],
    chains: Mapping[tuple[str, str], Chain],
    size: Mapping[str, Box],
    gap: float,
) -> dict[str, float]:
    """The middle of each node and waypoint: near its neighbours, and none over another."""
    left, right = _neighbours(chains)
    half = {id: size[id].height / 2 if id in size else 0.0 for column in columns for id in column}
    y: dict[str, float] = {}
    for column in columns:
        y.update(zip(column, _apart([0.0] * len(column), column, half, gap), strict=True))
    for turn in range(STRAIGHTENINGS):
        for column in columns if turn % 2 == 0 else columns[::-1]:
            wanted = []
            for id in column:
                beside = left.get(id, []) + right.get(id, [])
                wanted.append(sum(y[n] for n in beside) / len(beside) if beside else y[id])
            y.update(zip(column, _apart(wanted, column, half, gap), strict=True))
    top = min((y[id] - half[id] for id in y), default=0.0)
    return {id: at - top for id, at in y.items()}


def _apart(
    wanted: Sequence[float], column: Sequence[str], half: Mapping[str, float], gap: float
) -> list[float]:
    """The heights nearest to the wanted ones that keep the order and the gaps.

    Isotonic regression by pooling neighbours that would overlap.
    """
    offsets, offset = [0.0], 0.0
    for above, below in pairwise(column):
        offset += half[above] + half[below] + gap
        offsets.append(offset)
    pools: list[tuple[float, int]] = []
    for want, shift in zip(wanted, offsets, strict=False):
        mean, count = want - shift, 1
        while pools and pools[-1][0] > mean:
            other, many = pools.pop()
            mean, count = (other * many + mean * count) / (many + count), many + count
        pools.append((mean, count))
    means = [mean for mean, count in pools for _ in range(count)]
    return [mean + shift for mean, shift in zip(means, offsets, strict=False)]


def _route(
    chain: Chain,
    places: Mapping[str, Place],
    x: Sequence[float],
    widths: Sequence[float],
    y: Mapping[str, float],
    layer: Mapping[str, int],
) -> tuple[Point, ...]:
    """The points of an arrow: out of the right border, through the columns, to the left border."""
    first, last = places[chain[0]], places[chain[-1]]
    points = [(first.x + first.width, y[chain[0]])]
    for step, waypoint in enumerate(chain[1:-1], start=1):
        column = layer[chain[0]] + step
        points += [(x[column], y[waypoint]), (x[column] + widths[column], y[waypoint])]
    points.append((last.x, y[chain[-1]]))
    return tuple(points)
