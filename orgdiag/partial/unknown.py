"""What nobody has given: the inputs that are missing, and the values that stand for them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Final, NamedTuple

from orgdiag.frozen import frozen
from orgdiag.text.source import Span


class Missing(NamedTuple):
    """One input that nobody has given: a property of an element, and where the element stands."""

    kind: str
    id: str
    property: str
    span: Span | None = None


Gaps = tuple[Missing, ...]


class _Singleton:
    """A value that is only ever compared by identity."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name

    def __bool__(self) -> bool:
        return False

    def __copy__(self) -> _Singleton:
        return self

    def __deepcopy__(self, memo: object) -> _Singleton:
        return self


class Unwritten(_Singleton):
    """The type of `UNKNOWN`: the model says `unknown`, or what it says is broken."""

    __slots__ = ()


class Nothing(_Singleton):
    """The type of `NONE`: the model says that there is none."""

    __slots__ = ()


UNKNOWN: Final = Unwritten("UNKNOWN")
NONE: Final = Nothing("NONE")


@frozen
class Unknown:
    """A word, reference, date or yes/no that is not known, with the inputs that would settle it."""

    missing: Gaps = ()


def merge(first: Gaps, second: Gaps) -> Gaps:
    """The inputs of both, each once, in order."""
    if not second or first is second:
        return first
    if not first:
        return second
    return tuple(dict.fromkeys(first + second))


def merged(every: Iterable[Gaps]) -> Gaps:
    """The inputs of all, each once, in order."""
    some = [gaps for gaps in every if gaps]
    if len(some) < 2:
        return some[0] if some else ()
    return tuple(dict.fromkeys(chain.from_iterable(some)))
