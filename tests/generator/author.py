"""Somebody who writes a model: what there is to name, how much is said, and how carefully."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeVar

from orgdiag.model.schema import Property

from . import values
from .values import Ids, Texts

T = TypeVar("T")
Below = Callable[[int], int]  # a whole number below another, by chance; 0 is the simplest

# What stands where somebody slips: nothing is called so, or it is no value of the type.
SLIPS: Final = (
    "nobody", "", "none", "unknown", "a", "a.b", "0", "7..3", "120%", "5", "3d", "2/month",
    "2025-13", '"text"', "a b", "a, , b", ",", "->", "every", "Öl", "team", "90000000000000000",
)  # fmt: skip


class Phrase(NamedTuple):
    """A statement: its words, and what its block holds; None without a block."""

    words: str
    body: tuple[Phrase, ...] | None = None

    @property
    def word(self) -> str:
        """The first of its words."""
        return self.words.partition(" ")[0]

    @property
    def rest(self) -> str:
        """What stands behind the first."""
        return self.words.partition(" ")[2]


class Of(NamedTuple):
    """What statements are written about.

    stream   the stream of a step
    steps    local ids: the steps of a stream; those that a step may come after
    """

    kind: str
    id: str = ""
    stream: str = ""
    steps: Texts = ()


@dataclass(frozen=True)
class Author:
    """Writes by chance; every choice shrinks to the simplest.

    below      makes the choices
    ids        kind → the ids of its elements
    most       how many statements are written about an element at most
    wild       whether now and then something is written that is wrong
    providers  capability → the team that is said to provide it, where one is
    """

    below: Below
    ids: Ids
    most: int
    wild: bool
    providers: dict[str, str] = field(default_factory=dict)

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]

    def some(self, items: Iterable[str], most: int = 3) -> list[str]:
        """At least one of the items, none twice."""
        left = list(dict.fromkeys(items))
        number = 1 + self.below(min(most, len(left)))
        return [left.pop(self.below(len(left))) for _ in range(number)]

    def tenths(self, number: int) -> bool:
        """Yes, in so many of ten cases."""
        return self.below(10) >= 10 - number

    def slips(self) -> bool:
        """Whether something wrong is written here."""
        return self.wild and self.below(40) == 39

    def id(self, kind: str, but: str = "") -> str:
        """The id of an element of a kind, not that one; or `unknown`."""
        if self.slips():
            return self.pick((*SLIPS, *(id for ids in self.ids.values() for id in ids)))
        return self.pick((*(id for id in self.ids[kind] if id != but), "unknown"))

    def literal(self, base: str) -> str:
        """A value of a type, or `unknown`."""
        if self.slips():
            return self.pick(SLIPS)
        return self.pick((*values.LITERALS[base], "unknown"))

    def text(self) -> str:
        """A text in quotes."""
        return self.pick(values.LITERALS["text"])

    def value(self, prop: Property) -> str:
        """What stands behind the word of a property; a list may have an unknown part."""
        if self.slips():
            return self.pick(SLIPS)
        if self.tenths(1):
            return "unknown"
        texts = values.values(prop, values.named(prop.type.kinds, self.ids))
        if not prop.type.many:
            return self.pick(texts)
        return "none" if self.tenths(1) else ", ".join(self.some(texts))

    def steps_of(self, stream: str) -> Texts:
        """The steps of a stream, by their local ids."""
        full = [id for id in self.ids["step"] if id.startswith(f"{stream}.")]
        return tuple(id.partition(".")[2] for id in full)

    def note_provider(self, capability: str, said: Iterable[Phrase]) -> None:
        """Remember who is said to provide a capability: others cannot be asked for it."""
        for phrase in said:
            team = phrase.rest.removeprefix("team ")
            if phrase.word == "provided-by" and team in self.ids["team"]:
                self.providers[capability] = team
