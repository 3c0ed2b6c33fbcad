"""Graph questions over one relation that stays in its kind: what is reached, rings, depth.

Each is answered twice: over the edges that are certain, and over those that are possible.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from orgdiag.graph.circles import circles
from orgdiag.quantity import Gaps, Members, Quantity, merge
from orgdiag.source import Span

SHORTEST_FROM: Final = 200


@dataclass(frozen=True, slots=True, eq=False)
class Cycle:
    """Elements each of which leads to every other; `shortest` is the shortest ring among them."""

    kind: ClassVar[str] = "cycle"

    id: str
    span: Span
    members: Members
    length: Quantity
    shortest: Members


@dataclass(slots=True, eq=False)
class Reach:
    """One relation of one organisation, followed on and on.

    elements   everything of the kind
    read       the members that an element leads to
    spend      called with the number of steps taken; may refuse
    """

    elements: Sequence[Any]
    read: Callable[[Any], Members]
    spend: Callable[[int], None]
    _found: dict[Any, Members] = field(default_factory=dict)

    def closure(self, start: Any) -> Members:
        """Everything that the element leads to; itself only on a ring."""
        if start not in self._found:
            certain, gaps, open = self._walk(start, possible=False)
            if not open and not gaps:
                self._found[start] = Members(tuple(certain))
            else:
                every, gaps, open = self._walk(start, possible=True)
                rest = tuple(item for item in every if item not in certain)
                self._found[start] = Members(tuple(certain), rest, gaps, open)
        return self._found[start]

    def _walk(self, start: Any, possible: bool) -> tuple[dict[Any, None], Gaps, bool]:
        """What is reached, in the order met; the gaps on the way, and whether any set was open."""
        found: dict[Any, None] = {}
        waiting, open = deque([start]), False
        gaps: Gaps = ()
        while waiting:
            members = self.read(waiting.popleft())
            self.spend(1 + len(members.certain) + len(members.possible))
            gaps, open = merge(gaps, members.missing), open or members.open
            for item in members.every() if possible else members.certain:
                if item not in found:
                    found[item] = None
                    waiting.append(item)
        return found, gaps, open

    def depth(self, start: Any) -> Quantity:
        """How many edges the longest chain from the element has, rings taken as one."""
        low, gaps, open = self._longest(start, possible=False)
        if not gaps and not open:
            return Quantity.of(low)
        high, gaps, open = self._longest(start, possible=True)
        return Quantity(self._at_least(start), None if open else max(low, high), gaps)

    def _at_least(self, start: Any) -> int:
        """How many edges the longest chain has whatever the missing data close into a ring.

        Only edges that are certain count, and only those between elements that cannot come to lie
        on one ring.
        """
        reached, _, open = self._walk(start, possible=True)
        edges = self._edges(
            [start, *(item for item in reached if item is not start)], possible=True
        )
        if open:
            for item in edges:
                if self.read(item).open:
                    edges[item] = list(edges)
        ring = {item: number for number, group in enumerate(circles(edges)) for item in group}
        reached, _, _ = self._walk(start, possible=False)
        sure = self._edges(
            [start, *(item for item in reached if item is not start)], possible=False
        )
        longest: dict[Any, int] = {}
        for group in circles(sure):
            within = set(group)
            beyond = [
                longest[to] + (ring[item] != ring[to])
                for item in group
                for to in sure[item]
                if to not in within
            ]
            best = max(beyond, default=0)
            longest.update((item, best) for item in group)
        return longest[start]

    def _longest(self, start: Any, possible: bool) -> tuple[int, Gaps, bool]:
        reached, gaps, open = self._walk(start, possible)
        edges = self._edges([start, *(item for item in reached if item is not start)], possible)
        longest: dict[Any, int] = {}
        for group in circles(edges):
            within = set(group)
            beyond = [longest[to] + 1 for item in group for to in edges[item] if to not in within]
            best = max(beyond, default=0)
            longest.update((item, best) for item in group)
        return longest[start], gaps, open

    def _edges(self, elements: Iterable[Any], possible: bool) -> dict[Any, list[Any]]:
        edges: dict[Any, list[Any]] = {}
        for element in elements:
            members = self.read(element)
            self.spend(1 + len(members.certain) + len(members.possible))
            edges[element] = list(members.every() if possible else members.certain)
        for targets in list(edges.values()):
            for target in targets:
                edges.setdefault(target, [])
        return edges

    def cycles(self) -> Members:
        """The rings that are there for sure, and those that the missing data could close."""
        sure_edges = self._edges(self.elements, possible=False)
        certain = [self._cycle(group, sure_edges, ()) for group in _rings(sure_edges)]
        gaps: Gaps = ()
        for element in self.elements:
            gaps = merge(gaps, self.read(element).missing)
        if not gaps:
            return Members(tuple(certain))
        every_edge = self._edges(self.elements, possible=True)
        taken = {cycle.id for cycle in certain}
        maybe = []
        for group in _rings(every_edge):
            inner: Gaps = ()
            for element in group:
                inner = merge(inner, self.read(element).missing)
            cycle = self._cycle(group, every_edge, inner)
            if cycle.id not in taken and not any(c.id in taken for c in _inside(cycle, certain)):
                maybe.append(cycle)
        return Members(tuple(certain), tuple(maybe), gaps if maybe else ())

    def _cycle(self, group: Sequence[Any], edges: dict[Any, list[Any]], gaps: Gaps) -> Cycle:
        members = sorted(group, key=lambda element: element.id)
        ring = _shortest(members, edges)
        name = " with ".join(element.id for element in members)
        return Cycle(
            name, members[0].span, Members(tuple(members), (), gaps),
            Quantity.of(len(members)), Members(tuple(ring)),
        )  # fmt: skip


def _inside(cycle: Cycle, others: Iterable[Cycle]) -> list[Cycle]:
    """The other rings that share a member with a ring."""
    members = set(cycle.members.certain)
    return [other for other in others if members & set(other.members.certain)]


def _rings(edges: dict[Any, list[Any]]) -> list[list[Any]]:
    return [group for group in circles(edges) if len(group) > 1 or group[0] in edges[group[0]]]


def _shortest(members: Sequence[Any], edges: dict[Any, list[Any]]) -> list[Any]:
    """The shortest ring among the members, from the smallest id; searched from the first 200."""
    inside, best = set(members), list(members)
    for start in members[:SHORTEST_FROM]:
        came: dict[Any, Any] = {}
        waiting = deque([start])
        while waiting and start not in came:
            item = waiting.popleft()
            for to in sorted((to for to in edges[item] if to in inside), key=lambda e: e.id):
                if to not in came:
                    came[to] = item
                    waiting.append(to)
        ring, item = [start], came[start]
        while item is not start:
            ring.append(item)
            item = came[item]
        if len(ring) < len(best):
            best = [ring[0], *reversed(ring[1:])]
    return best
