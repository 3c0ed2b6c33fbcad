"""The critical path of a stream: the longest way to its end, and what is sure about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from math import inf

from orgdiag.facts.columns import Facts, memoised
from orgdiag.facts.flow import Flow, flow, lead_time
from orgdiag.frozen import frozen
from orgdiag.model.elements import Step, Stream
from orgdiag.partial.quantity import Number, Quantity
from orgdiag.partial.unknown import Gaps, Missing, merge

Length = Number | float  # a float only where it is infinite


@frozen
class Path:
    """The critical path of a stream: the longest way to its end by lead time.

    steps       its steps in order; of several longest paths the one with the smaller ids
    sure        full ids of the steps without slack whatever the missing inputs turn out to be
    maybe       further steps that could be without slack
    tentative   a lead time, a handoff's wait or an edge is unknown, so lower bounds were used
    missing     the inputs that could make another path the longest
    """

    steps: tuple[Step, ...]
    sure: frozenset[str]
    maybe: frozenset[str]
    tentative: bool
    missing: Gaps


@frozen
class _Bounds:
    """Bounds of lead times and gaps along MAIN, for one side (low or high) of every interval."""

    order: Sequence[str]
    flow: Flow
    weight: Mapping[str, Length]
    gap: Mapping[tuple[str, str], Length]
    joints: frozenset[str]

    def heads(self) -> tuple[dict[str, Length], list[Length]]:
        """The longest way to each step since the joint before it, and the length of each segment.

        A joint is a step that every path passes: what lies before it is common to all of them.
        """
        head: dict[str, Length] = {}
        segments: list[Length] = []
        for id in self.order:
            before = self.flow.before[id]
            head[id] = max((self.out(head, u) + self.gap[u, id] for u in before), default=0)
            if id in self.joints:
                segments.append(head[id])
        ends = [id for id in self.order if not self.flow.behind[id]]
        segments.append(max((self.out(head, id) for id in ends), default=0))
        return head, segments

    def tails(self) -> dict[str, Length]:
        """The longest way from each step to the joint behind it."""
        tail: dict[str, Length] = {}
        for id in reversed(self.order):
            behind = self.flow.behind[id]
            tail[id] = max((self.gap[id, v] + self.out(tail, v) for v in behind), default=0)
        return tail

    def out(self, reached: Mapping[str, Length], id: str) -> Length:
        """The way up to and including a step; a joint starts from nothing."""
        return 0 if id in self.joints else reached[id] + self.weight[id]


@memoised
def critical_path(facts: Facts, stream: Stream) -> Path:
    """The critical path, with what is sure about it.

    An unknown time counts with its lower bound, a range with its middle.
    """
    net = flow(facts, stream)
    order = [id for id in net.order if id in net.main]
    leads = {id: lead_time(facts, net.steps[id]) for id in order}
    gaps = {(u, v): net.gap(u, v) for v in order for u in net.before[v]}
    missing = net.gaps + tuple(
        Missing("step", id, "dead-end", step.place("dead-end"))
        for id, step in net.steps.items()
        if id in net.maybe_main and step.dead_end is not False
    )
    joints = _joints(net, order)
    only_way = len(joints) == len(order)
    longest = order if only_way else _longest(net, order, leads, gaps)
    steps = tuple([net.steps[id] for id in longest])
    if missing:
        every = net.main | net.maybe_main
        return Path(steps, frozenset(), frozenset(every), tentative=True, missing=missing)
    sure, maybe = (
        (net.main, net.main) if only_way else _without_slack(net, order, joints, leads, gaps)
    )
    if maybe - sure:
        for quantity in (*leads.values(), *gaps.values()):
            missing = merge(missing, quantity.missing)
    tentative = any(q.high is None for q in (*leads.values(), *gaps.values()))
    return Path(steps, sure, maybe - sure, tentative, missing)


def _longest(
    net: Flow,
    order: Sequence[str],
    leads: Mapping[str, Quantity],
    gaps: Mapping[tuple[str, str], Quantity],
) -> list[str]:
    """The ids of the longest path; ties go to the smaller id."""
    reached: dict[str, Number] = {}
    came_from: dict[str, str | None] = {}
    for id in order:
        best, previous = _point(leads[id]), None
        for other in sorted(net.before[id]):
            length = reached[other] + _point(gaps[other, id]) + _point(leads[id])
            if previous is None or length > best:
                best, previous = length, other
        reached[id], came_from[id] = best, previous
    ends = [id for id in order if not net.behind[id]]
    at = min(ends, key=lambda id: (-reached[id], id), default=None)
    path: list[str] = []
    while at is not None:
        path.append(at)
        at = came_from[at]
    return path[::-1]


def _point(quantity: Quantity) -> Number:
    return (quantity.low or 0) if quantity.high is None else quantity.value


def _without_slack(
    net: Flow,
    order: Sequence[str],
    joints: frozenset[str],
    leads: Mapping[str, Quantity],
    gaps: Mapping[tuple[str, str], Quantity],
) -> tuple[frozenset[str], frozenset[str]]:
    """The steps that surely have no slack, and all that may have none.

    Between two joints: a step has surely none when the shortest way through it is not beaten by
    the longest way around it, and may have none when its longest way reaches the shortest of all.
    """
    place = {id: number for number, id in enumerate(order)}
    low = _Bounds(
        order,
        net,
        {id: q.low or 0 for id, q in leads.items()},
        {edge: q.low or 0 for edge, q in gaps.items()},
        joints,
    )
    high = _Bounds(
        order,
        net,
        {id: inf if q.high is None else q.high for id, q in leads.items()},
        {edge: inf if q.high is None else q.high for edge, q in gaps.items()},
        joints,
    )
    head_low, shortest = low.heads()
    head_high, _ = high.heads()
    tail_low, tail_high = low.tails(), high.tails()
    around = _around(net, order, place, high, head_high, tail_high)
    sure, maybe = set(joints), set(joints)
    segment = 0
    for id in order:
        if id in joints:
            segment += 1
            continue
        if head_low[id] + low.weight[id] + tail_low[id] >= around[id]:
            sure.add(id)
        if head_high[id] + high.weight[id] + tail_high[id] >= shortest[segment]:
            maybe.add(id)
    return frozenset(sure), frozenset(maybe | sure)


def _joints(net: Flow, order: Sequence[str]) -> frozenset[str]:
    """The steps that every path from a start to the end passes."""
    place = {id: number for number, id in enumerate(order)}
    change = [0] * (len(order) + 2)
    for start, end in _reach(net, order, place):
        change[start + 1] += 1
        change[end] -= 1
    found, passing = set(), 0
    for number, id in enumerate(order):
        passing += change[number]
        if not passing:
            found.add(id)
    return frozenset(found)


def _reach(net: Flow, order: Sequence[str], place: Mapping[str, int]) -> list[tuple[int, int]]:
    """The places that each edge joins; before a start and behind an end lies the outside."""
    edges = []
    for id in order:
        before = [place[other] for other in net.before[id]] or [-1]
        edges += [(start, place[id]) for start in before]
        if not net.behind[id]:
            edges.append((place[id], len(order)))
    return edges


def _around(
    net: Flow,
    order: Sequence[str],
    place: Mapping[str, int],
    high: _Bounds,
    head: Mapping[str, Length],
    tail: Mapping[str, Length],
) -> dict[str, Length]:
    """For each step that is no joint the longest way that avoids it.

    Such a way has one edge that passes the step's place in the order: sweep along the order and
    keep the longest of the edges that pass.
    """
    starting: dict[int, list[tuple[Length, int]]] = {}
    for start, end in _reach(net, order, place):
        left = 0 if start < 0 else high.out(head, order[start])
        right = 0 if end == len(order) else high.out(tail, order[end])
        gap = 0 if start < 0 or end == len(order) else high.gap[order[start], order[end]]
        starting.setdefault(start, []).append((left + gap + right, end))
    passing: list[tuple[Length, int]] = []
    around: dict[str, Length] = {}
    for number, id in enumerate(order):
        for length, end in starting.get(number - 1, ()):
            heappush(passing, (-length, end))
        while passing and passing[0][1] <= number:
            heappop(passing)
        around[id] = -passing[0][0] if passing else -inf
    return around
