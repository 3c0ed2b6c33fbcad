"""The steps of a stream as a graph: their times, what follows what, what reaches the end."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from heapq import heapify, heappop, heappush

from orgdiag.facts.circles import circles
from orgdiag.facts.columns import Facts, memoised
from orgdiag.facts.properties import missing, quantity_of
from orgdiag.frozen import frozen
from orgdiag.model.elements import Handoff, Step, Stream
from orgdiag.partial.quantity import ZERO, Number, Quantity, ratio
from orgdiag.partial.unknown import Gaps, Missing, Unwritten, merge

# --- times of a step ------------------------------------------------------------------------------


def contradictory(facts: Facts, step: Step) -> bool:
    """Whether the step takes less time than its work: one of the two numbers is wrong."""
    lead, process = step.lead, step.process
    if not isinstance(lead, Quantity) or not isinstance(process, Quantity):
        return False
    return lead.high is not None and process.low is not None and lead.high < process.low


@memoised
def lead_time(facts: Facts, step: Step) -> Quantity:
    """The time from arriving at the step to leaving it, in working minutes.

    Unknown: at least the process time, or half the calendar of a gate that work is not timed to.
    """
    if contradictory(facts, step):
        return Quantity(0, None, missing(step, "lead", "process"))
    if isinstance(step.lead, Quantity):
        return step.lead
    process = quantity_of(step, "process").low or 0
    calendar: Number = 0
    if isinstance(step.every, Quantity) and step.synchronised is False:
        calendar = ratio(step.every.low or 0, 2)
    return Quantity(max(process, calendar), None, missing(step, "lead"))


@memoised
def process_time(facts: Facts, step: Step) -> Quantity:
    """The touch time for one item, in working minutes; unknown: from 0 to the lead time."""
    if contradictory(facts, step):
        return Quantity(0, None, missing(step, "lead", "process"))
    if isinstance(step.process, Quantity):
        return step.process
    return Quantity(0, lead_time(facts, step).high, missing(step, "process"))


@memoised
def waiting_time(facts: Facts, step: Step) -> Quantity:
    """The lead time without the work, in working minutes (M01); never below 0."""
    lead, process = lead_time(facts, step), process_time(facts, step)
    least = 0 if process.high is None else max(0, (lead.low or 0) - process.high)
    most = None if lead.high is None else max(0, lead.high - (process.low or 0))
    missing = merge(lead.missing, process.missing)
    return Quantity(least, most, missing, lead.estimated or process.estimated)


# --- the graph ------------------------------------------------------------------------------------


@frozen
class Flow:
    """The steps of a stream as an acyclic graph, by full step id.

    steps                      every step, in the order it is written
    order, places              every step, each after the steps it follows; its place there
    predecessors, successors   neighbours of each step
    before, behind             those of them that lie on MAIN
    borders                    the annotation of an edge, where there is one
    main                       MAIN: steps from which the end is reachable, minus dead ends
    maybe_main                 further steps of MAIN if an unknown dead end is none, or an unknown
                               `after` leads to them
    rings                      cycles in `after`: each the steps of one cycle, cut before its first
    gaps                       inputs without which edges may be missing (an unknown or cut `after`)
    """

    stream: Stream
    steps: Mapping[str, Step]
    order: tuple[str, ...]
    places: Mapping[str, int]
    predecessors: Mapping[str, tuple[str, ...]]
    successors: Mapping[str, tuple[str, ...]]
    before: Mapping[str, tuple[str, ...]]
    behind: Mapping[str, tuple[str, ...]]
    borders: Mapping[tuple[str, str], Handoff]
    main: frozenset[str]
    maybe_main: frozenset[str]
    rings: tuple[tuple[str, ...], ...]
    gaps: Gaps

    def gap(self, giver: str, receiver: str) -> Quantity:
        """The time between leaving a step and arriving at the next; 0 when none is written."""
        border = self.borders.get((giver, receiver))
        return ZERO if border is None else quantity_of(border, "wait")

    def preceding(self, step: str) -> frozenset[str]:
        """The full ids of the steps that come before a step, at any distance."""
        return self._reached(step, self.predecessors, 0, self.places[step])

    def leads_to(self, first: str, last: str) -> bool:
        """Whether a way leads from one step to another, or the two are one."""
        return last in self._reached_with(first, self.successors, first, last)

    def between(self, first: str, last: str) -> frozenset[str]:
        """The full ids of two steps and of all on the ways from one to the other."""
        forward = self._reached_with(first, self.successors, first, last)
        return forward & self._reached_with(last, self.predecessors, first, last)

    def _reached_with(
        self, start: str, neighbours: Mapping[str, Sequence[str]], first: str, last: str
    ) -> frozenset[str]:
        """A step and what is reached from it without leaving the stretch between two steps."""
        low, high = self.places[first], self.places[last]
        return self._reached(start, neighbours, low, high) | {start}

    def _reached(
        self, start: str, neighbours: Mapping[str, Sequence[str]], low: int, high: int
    ) -> frozenset[str]:
        found: set[str] = set()
        todo = [start]
        while todo:
            for other in neighbours[todo.pop()]:
                if other not in found and low <= self.places[other] <= high:
                    found.add(other)
                    todo.append(other)
        return frozenset(found)


@memoised
def flow(facts: Facts, stream: Stream) -> Flow:
    """The graph of the stream's steps.

    A cycle in `after` is cut at the edges that lead back to a step written earlier, and what was
    cut counts as unknown.
    """
    steps = {id: facts.org.steps[id] for id in stream.steps if id in facts.org.steps}
    edges, gaps = _edges(steps)
    rings = _rings(steps, edges)
    if rings:
        edges = _cut(steps, edges, rings)
        cut = (Missing("step", id, "after", steps[id].place("after")) for r in rings for id in r)
        gaps = merge(gaps, tuple(cut))
    predecessors, successors = _neighbours(steps, edges)
    order = _sorted(steps, predecessors, successors)
    main = _reaching_the_end(steps, order, successors, maybe=False)
    maybe = main
    if any(not isinstance(step.dead_end, bool) for step in steps.values()):
        maybe = _reaching_the_end(steps, order, successors, maybe=True)
    if gaps:
        maybe |= {id for id, step in steps.items() if step.dead_end is not True}
    return Flow(
        stream,
        steps,
        order,
        {id: place for place, id in enumerate(order)},
        predecessors,
        successors,
        _within(main, predecessors),
        _within(main, successors),
        {
            (border.from_, border.to): border
            for border in stream.handoffs
            if isinstance(border.from_, str) and isinstance(border.to, str)
        },
        main,
        maybe - main,
        rings,
        gaps,
    )


def _neighbours(
    steps: Collection[str], edges: Sequence[tuple[str, str]]
) -> tuple[Mapping[str, tuple[str, ...]], Mapping[str, tuple[str, ...]]]:
    """The steps right before each step and those right after it."""
    before: dict[str, list[str]] = {}
    behind: dict[str, list[str]] = {}
    for giver, receiver in edges:
        before.setdefault(receiver, []).append(giver)
        behind.setdefault(giver, []).append(receiver)
    return (
        {id: tuple(before.get(id, ())) for id in steps},
        {id: tuple(behind.get(id, ())) for id in steps},
    )


def _within(
    main: frozenset[str], neighbours: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    """The neighbours that lie on MAIN; the same value where all steps do."""
    if len(main) == len(neighbours):
        return neighbours
    return {
        id: tuple([other for other in others if other in main]) for id, others in neighbours.items()
    }


def _edges(steps: Mapping[str, Step]) -> tuple[list[tuple[str, str]], Gaps]:
    """The pairs (step before, step after), and the steps whose predecessors are unknown."""
    edges: dict[tuple[str, str], None] = {}
    gaps: list[Missing] = []
    for id, step in steps.items():
        after = step.after
        if after is None or isinstance(after, Unwritten):
            gaps.extend(missing(step, "after"))
            continue
        for other in after:
            if isinstance(other, str) and other in steps:
                edges[other, id] = None
            else:
                gaps.extend(missing(step, "after"))
    return list(edges), tuple(dict.fromkeys(gaps))


def _rings(
    steps: Mapping[str, Step], edges: Sequence[tuple[str, str]]
) -> tuple[tuple[str, ...], ...]:
    """The strongly connected groups of more than one step, or of one that follows itself."""
    if all(steps[giver].number < steps[receiver].number for giver, receiver in edges):
        return ()
    onward: dict[str, list[str]] = {}
    for giver, receiver in edges:
        onward.setdefault(giver, []).append(receiver)
    found = [
        tuple(sorted(group, key=lambda id: steps[id].number))
        for group in circles(onward)
        if len(group) > 1 or group[0] in onward.get(group[0], ())
    ]
    return tuple(sorted(found, key=lambda group: steps[group[0]].number))


def _cut(
    steps: Mapping[str, Step],
    edges: Sequence[tuple[str, str]],
    rings: Sequence[tuple[str, ...]],
) -> list[tuple[str, str]]:
    """The edges without those that lead back inside a cycle."""
    ring_of = {id: ring for ring in rings for id in ring}
    return [
        (giver, receiver)
        for giver, receiver in edges
        if ring_of.get(giver) is None
        or ring_of.get(giver) is not ring_of.get(receiver)
        or steps[giver].number < steps[receiver].number
    ]


def _sorted(
    steps: Mapping[str, Step],
    predecessors: Mapping[str, Sequence[str]],
    successors: Mapping[str, Sequence[str]],
) -> tuple[str, ...]:
    """The steps in an order that puts each after its predecessors, the first written first."""
    left = {id: len(others) for id, others in predecessors.items()}
    ready = [(steps[id].number, id) for id, count in left.items() if not count]
    heapify(ready)
    order = []
    while ready:
        _, id = heappop(ready)
        order.append(id)
        for other in successors[id]:
            left[other] -= 1
            if not left[other]:
                heappush(ready, (steps[other].number, other))
    return tuple(order)


def _reaching_the_end(
    steps: Mapping[str, Step],
    order: Sequence[str],
    successors: Mapping[str, Sequence[str]],
    maybe: bool,
) -> frozenset[str]:
    """MAIN; with `maybe` a step of which nobody knows whether it is a dead end counts as none."""
    reaching: set[str] = set()
    main: set[str] = set()
    for id in reversed(order):
        dead = steps[id].dead_end
        dead_end = dead is True or (dead is not False and not maybe)
        onward = successors[id]
        if any(other in reaching for other in onward) or (not onward and not dead_end):
            reaching.add(id)
            if not dead_end:
                main.add(id)
    return frozenset(main)
