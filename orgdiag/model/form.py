"""How a statement with a syntax of its own is written: one row to read, write and show it by.

A form is a list of ways to write the words after the first, and what may stand in the block. Each
item of a way is a word that stands there as it is, or a slot: a value, and the attribute that it
becomes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from orgdiag.frozen import frozen
from orgdiag.model.types import Type
from orgdiag.partial.unknown import UNKNOWN

_NO_WORDS: Final[Mapping[str, Any]] = MappingProxyType({})
# Where a form has no meaning for `none` or `unknown`.
ILLEGAL: Final = object()


class Slot(NamedTuple):
    """A value in a statement.

    attribute  of the part that is made
    type       what the value is
    least      how many items a list has at least
    own        whether a step is one of the same stream, named by its own id
    new        whether it names an element that need not be there yet
    typed      whether a reference keeps its kind though only one is legal
    """

    attribute: str
    type: Type
    least: int = 1
    own: bool = False
    new: bool = False
    typed: bool = False


class Choice(NamedTuple):
    """One of some words that decide the form; the attribute holds which."""

    attribute: str
    words: tuple[str, ...]


class Option(NamedTuple):
    """Items that are all there or all left out.

    default  what their attribute holds when they are left out
    asked    whether a rule asks for them, though they can be left out
    """

    items: tuple[Any, ...]
    default: Any = None
    asked: bool = False

    @property
    def attribute(self) -> str:
        """The attribute of its slot."""
        return next(item.attribute for item in self.items if isinstance(item, Slot))


Item = str | Slot | Choice | Option


class Way(NamedTuple):
    """One way to write the words after the first; `says` are attributes for which it has none."""

    items: tuple[Item, ...] = ()
    says: Mapping[str, Any] = _NO_WORDS


def way(*items: Item, **says: Any) -> Way:
    """A way of these items."""
    return Way(items, MappingProxyType(says))


def maybe(*items: Item, default: Any = None, asked: bool = False) -> Option:
    """Items that may be left out together."""
    return Option(items, default, asked)


class Block(NamedTuple):
    """What stands in the block of a statement: words with one value each.

    types    word → the type of its value
    lines    the attributes of the word and of its value, where every line makes a part of its own
    needed   whether the statement needs the block
    """

    types: Mapping[str, Type]
    lines: tuple[str, str] | None = None
    needed: bool = False


@frozen
class Form:
    """How a statement is written.

    word     its first word
    ways     how the words after it are written
    makes    what its values make, by their attributes and `span`; None: the value of its one slot
    adds     whether further statements add to what it says
    each     whether it is a list, of which each item is written in one of the ways
    block    what stands in its block
    element  the kind of element that it makes, whose properties stand in its block
    whole    whether a part that is unknown makes it unknown, or nothing where it adds up
    none     what `none` means, if that may be said
    unknown  what `unknown` means, if that may be said
    """

    word: str
    ways: tuple[Way, ...]
    makes: Callable[..., Any] | None = None
    adds: bool = False
    each: bool = False
    block: Block | None = None
    element: str = ""
    whole: bool = False
    none: Any = ILLEGAL
    unknown: Any = field(default_factory=lambda: UNKNOWN)

    @property
    def starts(self) -> tuple[str, ...]:
        """The words with which it may go on; none where it may go on with a value."""
        return tuple(dict.fromkeys(word for one in self.ways for word in _starts(one.items)))


def operation(
    word: str, ways: tuple[Way, ...], makes: Callable[..., Any], block: Block | None = None
) -> Form:
    """The form of an operation of a planned change: one that is known in part is none."""
    return Form(word, ways, makes, adds=True, block=block, whole=True, unknown=ILLEGAL)


def _starts(items: tuple[Item, ...]) -> Iterator[str]:
    first = items[0] if items else None
    if isinstance(first, str):
        yield first
    elif isinstance(first, Choice):
        yield from first.words


def slots(items: tuple[Item, ...]) -> Iterator[Slot]:
    """The slots of a way, those that may be left out too."""
    for item in items:
        if isinstance(item, Slot):
            yield item
        elif isinstance(item, Option):
            yield from slots(item.items)
