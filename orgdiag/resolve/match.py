"""Whether the words of a statement stand in one of the ways of its form, and which stand where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Final

from orgdiag.model.form import Choice, Item, Option, Slot
from orgdiag.resolve.reading import Args
from orgdiag.text.syntax import Atom

# For each attribute the words that its slot holds, or the word that was chosen.
Match = dict[str, "Args | str"]
Matcher = Callable[[Args], "Match | None"]

# What may be more than one word, however many they are: `p50 4d p85 10d`, and what is too much.
_LONG: Final = frozenset({"number", "duration", "share", "rate", "effort", "cadence", "subject"})


def matcher(items: Sequence[Item]) -> Matcher:
    """A function that finds the words for the items of a way; None where they do not fit."""
    plain = [_each_a_word(some) for some in _chosen(items) if not any(map(_is_several, some))]
    if len(plain) == 1 and not any(map(_may_be_long, items)):
        return plain[0]

    def match(args: Args) -> Match | None:
        for one in plain:
            found = one(args)
            if found is not None:
                return found
        places = next(_places(items, args, 0), None)
        return None if places is None else {
            name: place if isinstance(place, str) else args[slice(*place)]
            for name, place in places.items()
        }  # fmt: skip

    return match


def _chosen(items: Sequence[Item]) -> Iterator[tuple[Item, ...]]:
    """The items with and without those that may be left out, where these are one or two."""
    if sum(isinstance(item, Option) for item in items) > 2:
        return
    ways = [((*item.items,), ()) if isinstance(item, Option) else ((item,),) for item in items]
    for some in product(*ways):
        yield tuple(item for part in some for item in part)


def _is_several(item: Item) -> bool:
    """Whether an item is several words at least."""
    return isinstance(item, Slot) and item.least > 1


def _may_be_long(item: Item) -> bool:
    """Whether an item may be more than one word, or left out."""
    if not isinstance(item, Slot):
        return isinstance(item, Option)
    type = item.type
    return type.many or type.base in _LONG or type.base == "need" or bool(type.kinds)


def _each_a_word(items: Sequence[Item]) -> Matcher:
    """The matcher for as many words as there are items: the most frequent case, and quick."""
    number = len(items)
    fixed = [(at, item) for at, item in enumerate(items) if isinstance(item, str)]
    choices = [(at, item) for at, item in enumerate(items) if isinstance(item, Choice)]
    slots = [
        (at, item.attribute, item.type.base == "text" and not item.type.many)
        for at, item in enumerate(items)
        if isinstance(item, Slot)
    ]

    def match(args: Args) -> Match | None:
        if len(args) != number:
            return None
        for at, word in fixed:
            if args[at].text != word:
                return None
        found: Match = {}
        for at, choice in choices:
            if args[at].text not in choice.words:
                return None
            found[choice.attribute] = args[at].text
        for at, attribute, text in slots:
            kind = args[at].kind
            if kind == "COMMA" or (text and kind != "STRING"):
                return None
            found[attribute] = (args[at],)
        return found

    return match


def _fits(slot: Slot, atom: Atom) -> bool:
    return atom.kind != "COMMA" and (slot.type.base != "text" or atom.kind == "STRING")


Places = dict[str, "tuple[int, int] | str"]


def _places(items: Sequence[Item], args: Args, at: int) -> Iterator[Places]:
    """For each attribute from where to where its words stand, in every way that is possible."""
    if not items:
        if at == len(args):
            yield {}
        return
    item, rest = items[0], items[1:]
    if isinstance(item, Option):
        yield from _places((*item.items, *rest), args, at)
        yield from _places(rest, args, at)
    elif isinstance(item, Slot):
        for end in _ends(item, rest, args, at):
            for found in _places(rest, args, end):
                yield {item.attribute: (at, end), **found}
    elif at < len(args) and isinstance(item, Choice):
        if args[at].text in item.words:
            for found in _places(rest, args, at + 1):
                yield {item.attribute: args[at].text, **found}
    elif at < len(args) and args[at].text == item:
        yield from _places(rest, args, at + 1)


def _ends(slot: Slot, rest: Sequence[Item], args: Args, at: int) -> Iterator[int]:
    """Where the words of a slot may end that begin at a place."""
    number = len(args)
    if at >= number or (not slot.type.many and not _fits(slot, args[at])):
        return
    if slot.type.many or slot.type.base in _LONG:
        stops, items = frozenset(_stops(rest)), 1
        for end in range(at + 1, number):
            if args[end].kind == "COMMA":
                items += 1
            elif args[end].text in stops and items >= slot.least and _parts(args, end):
                yield end
        if items >= slot.least:
            yield number
        return
    kinds = ("capability",) if slot.type.base == "need" else slot.type.kinds
    if at + 1 < number and args[at].text in kinds and args[at + 1].kind == "NAME":
        yield at + 2
    yield at + 1


def _parts(args: Args, at: int) -> bool:
    """Whether the word there is one of the form, and no item of a list that is called so."""
    return "COMMA" not in (args[at - 1].kind, args[at + 1].kind if at + 1 < len(args) else "")


def _stops(rest: Sequence[Item]) -> Iterator[str]:
    """The words that may follow."""
    for item in rest:
        if isinstance(item, Option):
            yield from _stops(item.items[:1])
            continue
        if isinstance(item, str):
            yield item
        elif isinstance(item, Choice):
            yield from item.words
        return
