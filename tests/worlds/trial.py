"""Tries models: forgets facts, makes worlds, asks every law, and keeps what fails, by kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, NamedTuple

from generator.__main__ import smallest

from orgdiag.model.elements import Org
from orgdiag.partial.quantity import Quantity

from .differing import changed, differences_hold, report
from .forgetting import forgettings
from .laws import LAWS, NUMBERS, Broken, Law, Seen
from .places import Place, is_open
from .worlds import Misread, again, gaps, read, said, world

AT_ONCE: Final = 5  # so many facts are forgotten before worlds are made
LOOKED_FOR: Final = 5  # so often the fact is looked for without which a number or rule fails


class Kind(NamedTuple):
    """What fails alike: the law, of what it does not hold, and what is forgotten then."""

    law: str
    what: str
    forgotten: str

    def __str__(self) -> str:
        return f"{self.law} of {self.what}, without {self.forgotten}"


class Pair(NamedTuple):
    """Two models that differ in one fact: one that has it, and what stands there in the other."""

    more: Org
    place: Place
    lost: Any

    @property
    def less(self) -> Org:
        """The model that knows less.

        Raises:
            Misread: it is no legal model.
        """
        return again(self.place.put(self.more, self.lost))

    @property
    def forgotten(self) -> str:
        """What is forgotten, and how, whatever the element."""
        return f"{self.place.word}{_how(self.lost)}"


def _how(lost: Any) -> str:
    if lost is None:
        return " (left out)"
    if isinstance(lost, Quantity):
        return " (a range)"
    return " (open)" if is_open(lost) else ""


class Example(NamedTuple):
    """A pair of which a law does not hold."""

    pair: Pair
    law: Law


@dataclass
class Trial:
    """What was tried, and what failed.

    tried     how many models, forgettings and worlds; how often each law was asked
    number    how often each kind of failure was seen
    told      for each kind what was said of the first that failed so
    examples  for each kind the pair with the shortest text, where one fact makes the difference
    """

    chance: Random
    tried: Counter[str] = field(default_factory=Counter)
    number: Counter[Kind] = field(default_factory=Counter)
    told: dict[Kind, str] = field(default_factory=dict)
    examples: dict[Kind, Example] = field(default_factory=dict)

    def all_of(self, org: Org, facts: int, worlds: int) -> None:
        """Forget facts of an organisation, one and several, and make worlds of what is left."""
        self.tried["models"] += 1
        self.forget(org, facts)
        self.complete(org, worlds)
        fewer = forgetful(org, self.chance)
        self.complete(fewer, worlds)
        self.complete(org, worlds, silent=True)
        self.compare(fewer, worlds)

    def forget(self, org: Org, times: int, laws: Sequence[Law] = LAWS) -> None:
        """Forget so many facts of an organisation, one at a time."""
        more, known = Seen(org), list(forgettings(org))
        for place, lost in self.chance.sample(known, min(times, len(known))):
            pair = Pair(org, place, lost)
            less = self._legal(pair)
            if less is not None:
                self.tried["forgettings"] += 1
                for law, broken in self._broken(Seen(less), more, laws):
                    self._note(pair, law, broken)

    def _legal(self, pair: Pair) -> Org | None:
        try:
            return pair.less
        except (Misread, ValueError):
            self.tried["forgettings that leave no legal model"] += 1
            return None

    def complete(self, org: Org, times: int, *, silent: bool = False) -> None:
        """Make so many worlds, in which what is written `unknown` or left out too is known."""
        less = Seen(org)
        for _ in range(times):
            found = world(org, self.chance, silent=silent)
            self.tried["worlds" if found else "models without a legal world"] += 1
            if found is not None:
                for law, broken in self._broken(less, Seen(found), NUMBERS if silent else LAWS):
                    self._blame(org, found, law, broken)

    def compare(self, org: Org, times: int) -> None:
        """Change a fact of an organisation so often, and hold the difference against worlds."""
        for _ in range(times):
            other = changed(org, self.chance)
            found = [world(one, self.chance, silent=False) for one in (org, other) if one]
            if len(found) == 2 and other and found[0] and found[1]:
                self.tried["differences"] += 1
                less, more = (report(org), report(other)), (report(found[0]), report(found[1]))
                for broken in differences_hold(less, more):
                    self._remember(Kind(broken.law, broken.what, "any fact"), broken.told)

    def _remember(self, kind: Kind, told: str) -> None:
        self.number[kind] += 1
        self.told.setdefault(kind, told)

    def _broken(self, less: Seen, more: Seen, laws: Sequence[Law]) -> Iterator[tuple[Law, Broken]]:
        for law in laws:
            self.tried[law.__name__.replace("_", " ")] += 1
            for broken in law(less, more):
                yield law, broken

    def _blame(self, less: Org, more: Org, law: Law, broken: Broken) -> None:
        """Note the one fact that, found out on the way to a world, breaks the law."""
        seen = sum(n for kind, n in self.number.items() if kind[:2] == broken[:2])
        pair = guilty(less, more, law, broken) if seen < LOOKED_FOR else None
        if pair is not None:
            self._note(pair, law, broken)
        else:
            why = "not looked for" if seen >= LOOKED_FOR else "several facts"
            self._remember(Kind(*broken[:2], why), broken.told)

    def _note(self, pair: Pair, law: Law, broken: Broken) -> None:
        kind = Kind(broken.law, broken.what, pair.forgotten)
        self._remember(kind, broken.told)
        known = self.examples.get(kind)
        if known is None or len(said(pair.more)) < len(said(known.pair.more)):
            self.examples[kind] = Example(pair, law)


def forgetful(org: Org, chance: Random) -> Org:
    """The organisation without some of its facts; itself where none can be forgotten."""
    for _ in range(AT_ONCE):
        known = list(forgettings(org))
        if known:
            with suppress(Misread, ValueError):
                org = Pair(org, *chance.choice(known)).less
    return org


def guilty(less: Org, more: Org, law: Law, broken: Broken) -> Pair | None:
    """The first fact on the way from one model to the other with which the law fails so.

    What fails between two models fails at one of the steps between them; which, halving tells.
    """
    way = list(_way(less, more))
    first, last = 0, len(way)  # so many facts leave the law unbroken; break it
    while last - first > 1:
        middle = (first + last) // 2
        if fails(broken, law, less, way[middle - 1].more):
            last = middle
        else:
            first = middle
    pair = way[last - 1] if way else None
    with suppress(Misread, ValueError):
        if pair is not None and fails(broken, law, pair.less, again(pair.more)):
            return pair._replace(more=again(pair.more))
    return None


def fails(broken: Sequence[Any], law: Law, less: Org, more: Org) -> bool:
    """Whether the law fails so of two models."""
    return any(one[:2] == broken[:2] for one in law(Seen(less), Seen(more)))


def _way(less: Org, more: Org) -> Iterator[Pair]:
    """From a model to one of its worlds, a fact at a time."""
    now = less
    for place in gaps(less, silent=True):
        if place.there(more) and place.there(now):
            lost, known = place.look(now), place.look(more)
            if lost != known:
                now = place.put(now, known)
                yield Pair(now, place, lost)


def shrunk(kind: Kind, example: Example) -> tuple[str, str]:
    """The smallest texts of a pair that fails so: the model that knows less, and the other."""
    place, lost = example.pair.place, example.pair.lost

    def too(text: str) -> bool:
        try:
            pair = Pair(read(text), place, lost)
            known = place.look(pair.more) if place.there(pair.more) else lost
            if known == lost or (known is None and lost is not None):
                return False
            return fails(kind, example.law, pair.less, pair.more)
        except (Misread, ValueError, AttributeError, TypeError):
            return False

    text = said(example.pair.more)
    small = smallest(text, too) if too(text) else text
    return said(Pair(read(small), place, lost).less), small
