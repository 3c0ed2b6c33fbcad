"""Graph questions over one relation that stays in its kind: what is reached, rings, depth.

Each is answered twice: over the edges that are certain, and over those that are possible.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, NamedTuple

from orgdiag.facts.circles import circles
from orgdiag.frozen import frozen
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.sets import joined
from orgdiag.partial.unknown import Gaps, merged
from orgdiag.text.source import Span

SHORTEST_FROM: Final = 200


@frozen
class Cycle:
    """Elements each of which leads to every other; `shortest` is the shortest ring among them."""

    kind: ClassVar[str] = "cycle"

    id: str
    span: Span
    members: Members
    length: Quantity
    shortest: Members


class _Bits(NamedTuple):
    """What every element leads to, as the bits of a number.

    places    which bit stands for which element
    certain   what each leads to over edges that are certain
    possible  what each leads to over edges that are possible
    anybody   the bit of whom nobody has named: who leads to an open set may lead to everybody
    """

    places: dict[Any, int]
    certain: dict[Any, int]
    possible: dict[Any, int]
    anybody: int


@dataclass(slots=True, eq=False)
class Reach:
    """One relation of one organisation, followed on and on.

    elements   everything of the kind
    lead       the members that an element leads to
    spend      called with the number of steps taken; may refuse
    """

    elements: Sequence[Any]
    lead: Callable[[Any], Members]
    spend: Callable[[int], None]
    _read: dict[Any, Members] = field(default_factory=dict)
    _found: dict[Any, Members] = field(default_factory=dict)
    _depths: dict[Any, tuple[int, int | None]] | None = None
    _bits: _Bits | None = None

    def read(self, element: Any) -> Members:
        """The members that the element leads to, asked for once."""
        found = self._read.get(element)
        if found is None:
            found = self._read[element] = self.lead(element)
        return found

    def closure(self, start: Any) -> Members:
        """Everything that the element leads to; itself only on a ring."""
        if start not in self._found:
            certain, partial = self._walk(start, possible=False)
            found = Members(tuple(certain))
            if partial:
                every, partial = self._walk(start, possible=True)
                parts = (found, Members((), tuple(every)), *partial)
                found = joined(parts, sure=1)
            self._found[start] = found
        return self._found[start]

    def _walk(self, start: Any, possible: bool) -> tuple[dict[Any, None], list[Members]]:
        """What is reached, in the order met, and the sets on the way that are known in part."""
        found: dict[Any, None] = {}
        waiting = deque([start])
        partial: list[Members] = []
        while waiting:
            members = self.read(waiting.popleft())
            self.spend(1 + len(members.certain) + len(members.possible))
            if not members.known:
                partial.append(members)
            for item in members.every() if possible else members.certain:
                if item not in found:
                    found[item] = None
                    waiting.append(item)
        return found, partial

    def reaches(self, start: Any, end: Any) -> tuple[bool, bool]:
        """Whether the element leads to another for sure, and whether it possibly does."""
        if self._bits is None:
            self._bits = self._all_bits()
        bits = self._bits
        end_bit = 1 << bits.places[end] if end in bits.places else 0
        sure = bool(bits.certain.get(start, 0) & end_bit)
        return sure, sure or bool(bits.possible.get(start, 0) & (end_bit | bits.anybody))

    def _all_bits(self) -> _Bits:
        """What every element leads to, as sets of bits, in one pass over the rings."""
        sure = self._edges(self.elements, possible=False)
        every = self._edges(self.elements, possible=True)
        places = {item: place for place, item in enumerate(every)}
        anybody = 1 << len(places)
        opens = {item for item in places if self.read(item).open}
        certain = _closed(sure, places, {})
        possible = _closed(every, places, dict.fromkeys(opens, anybody))
        return _Bits(places, certain, possible, anybody)

    def depth(self, start: Any, gaps: bool = True) -> Quantity:
        """How many edges the longest chain from the element has, rings taken as one.

        Args:
            start: an element of the kind.
            gaps: whether the result names the inputs that would settle it.
        """
        if self._depths is None:
            self._depths = self._all_depths()
        low, high = self._depths[start]
        if low == high:
            return Quantity.of(low)
        _, partial = self._walk(start, possible=True) if gaps else ({}, [])
        return Quantity(low, high, merged(members.missing for members in partial))

    def _all_depths(self) -> dict[Any, tuple[int, int | None]]:
        """The bounds of the longest chain from every element, in one pass.

        Missing data may add edges, and so close rings, which count as one. At least count the edges
        that are certain and between elements that cannot come to lie on one ring: those that reach
        an open set may all lie on one, others only with those that they possibly share a ring with.
        At most count, in a possible ring, all the rings that are certain.
        """
        sure = self._edges(self.elements, possible=False)
        every = self._edges(self.elements, possible=True)
        certain, possible = circles(sure), circles(every)
        ring = {item: number for number, group in enumerate(possible) for item in group}
        highs = self._at_most(every, possible, certain)
        lows: dict[Any, int] = {}
        for group in certain:
            within = set(group)
            best = 0
            for item in group:
                for to in sure[item]:
                    if to not in within:
                        loose = highs[item] is None and highs[to] is None
                        best = max(best, lows[to] + (not loose and ring[item] != ring[to]))
            lows.update((item, best) for item in group)
        return {item: (low, highs[item]) for item, low in lows.items()}

    def _at_most(
        self, edges: dict[Any, list[Any]], groups: list[list[Any]], certain: list[list[Any]]
    ) -> dict[Any, int | None]:
        """How long the chain from every element can be; None where an open set is reached."""
        own = {item: number for number, group in enumerate(certain) for item in group}
        highs: dict[Any, int | None] = {}
        for group in groups:
            within = set(group)
            beyond = [highs[to] for item in group for to in edges[item] if to not in within]
            finite = [length + 1 for length in beyond if length is not None]
            endless = len(finite) < len(beyond) or any(self.read(item).open for item in group)
            inside = len({own[item] for item in group}) - 1
            best = None if endless else inside + max(finite, default=0)
            highs.update((item, best) for item in group)
        return highs

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
        """The rings that are there for sure, and those that the missing data could close.

        A ring that missing data could widen is not sure: it would be another one.
        """
        sure_edges = self._edges(self.elements, possible=False)
        certain = {cycle.id: cycle for cycle in self._cycles(sure_edges)}
        gaps = self._gaps(self.elements)
        if not gaps:
            return Members(tuple(certain.values()))
        every = self._cycles(self._edges(self.elements, possible=True))
        kept = tuple(certain[cycle.id] for cycle in every if cycle.id in certain)
        maybe = tuple(cycle for cycle in every if cycle.id not in certain)
        return Members(kept, maybe, gaps if maybe else ())

    def _cycles(self, edges: dict[Any, list[Any]]) -> list[Cycle]:
        groups = [g for g in circles(edges) if len(g) > 1 or g[0] in edges[g[0]]]
        return [self._cycle(group, edges) for group in groups]

    def _gaps(self, elements: Iterable[Any]) -> Gaps:
        """The inputs that the relation misses at the elements, each once."""
        return tuple(dict.fromkeys(gap for item in elements for gap in self.read(item).missing))

    def _cycle(self, group: Sequence[Any], edges: dict[Any, list[Any]]) -> Cycle:
        members = sorted(group, key=lambda element: element.id)
        ring = _shortest(members, edges)
        return Cycle(
            " with ".join(element.id for element in members),
            members[0].span,
            Members(tuple(members)),
            Quantity.of(len(members)),
            Members(tuple(ring)),
        )


def _closed(
    edges: dict[Any, list[Any]], places: dict[Any, int], own: dict[Any, int]
) -> dict[Any, int]:
    """The bits of everything that each element leads to, and the bits of its own."""
    bits: dict[Any, int] = {}
    for group in circles(edges):
        within = set(group)
        led = 0
        for item in group:
            led |= own.get(item, 0)
            for to in edges[item]:
                led |= 1 << places[to]
                if to not in within:
                    led |= bits[to]
        bits.update((item, led) for item in group)
    return bits


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
