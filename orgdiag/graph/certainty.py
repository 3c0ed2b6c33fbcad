"""Three-valued logic: yes, no, or unknown with the inputs that would settle it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, Final, TypeVar

from orgdiag.quantity import NOBODY, Gaps, Members, Missing, Number, Quantity, Unknown, merge

Truth = bool | Unknown

# So many of the inputs that are missing are named; more nobody would look up.
NAMED_GAPS: Final = 30

T = TypeVar("T")


def few(gaps: Iterable[Missing]) -> Gaps:
    """The first of the missing inputs, each once."""
    return tuple(islice(dict.fromkeys(gaps), NAMED_GAPS))


def gaps_of(value: Truth) -> Gaps:
    """The inputs that would settle the value; none when it is settled."""
    return value.missing if isinstance(value, Unknown) else ()


def negation(value: Truth) -> Truth:
    """Whether it does not hold."""
    return value if isinstance(value, Unknown) else not value


def every(values: Iterable[Truth]) -> Truth:
    """Whether all hold; true for none."""
    missing: Gaps = ()
    open = False
    for value in values:
        if value is False:
            return False
        if isinstance(value, Unknown):
            open, missing = True, merge(missing, value.missing)
    return Unknown(missing[:NAMED_GAPS]) if open else True


def some(values: Iterable[Truth]) -> Truth:
    """Whether at least one holds; false for none."""
    return negation(every(negation(value) for value in values))


def at_least(quantity: Quantity, limit: Number) -> Truth:
    """Whether the quantity reaches the limit."""
    if quantity.low is not None and quantity.low >= limit:
        return True
    if quantity.high is not None and quantity.high < limit:
        return False
    return Unknown(quantity.missing)


def exists(members: Members) -> Truth:
    """Whether there is a member."""
    if members.certain:
        return True
    return False if members.known else Unknown(members.missing)


def contains(members: Members, item: object) -> Truth:
    """Whether the item is a member."""
    if item in members.certain:
        return True
    if members.open or item in members.possible:
        return Unknown(members.missing)
    return False


def meets(first: Members, second: Members) -> Truth:
    """Whether the two sets share a member."""
    certain = set(second.certain)
    if any(item in certain for item in first.certain):
        return True
    if not _can_be_empty_handed(first, second):
        return False
    return Unknown(merge(first.missing, second.missing))


def _can_be_empty_handed(first: Members, second: Members) -> bool:
    """Whether the unknown parts could make the two share a member."""
    if first.open and (second.open or second.certain or second.possible):
        return True
    if second.open and (first.certain or first.possible):
        return True
    others = set(second.every())
    return any(item in others for item in first.every())


def union(sets: Iterable[Members]) -> Members:
    """The members of any of the sets, in order."""
    certain: dict[Any, None] = {}
    possible: dict[Any, None] = {}
    missing: dict[Missing, None] = {}
    open = False
    for members in sets:
        certain.update(dict.fromkeys(members.certain))
        if members.possible:
            possible.update(dict.fromkeys(members.possible))
        if members.missing:
            missing.update(dict.fromkeys(members.missing))
        open = open or members.open
    if not certain and not possible and not open:
        return NOBODY
    rest = tuple(item for item in possible if item not in certain)
    return Members(tuple(certain), rest, few(missing) if rest or open else (), open)


def without(members: Members, *items: object) -> Members:
    """The members without the items."""
    return Members(
        tuple(item for item in members.certain if item not in items),
        tuple(item for item in members.possible if item not in items),
        members.missing,
        members.open,
    )


def such_that(members: Members, holds: Callable[[Any], Truth]) -> Members:
    """The members for which a condition holds; those for which it may hold are possible."""
    certain, possible = [], []
    missing = dict.fromkeys(members.missing)
    for item in members.certain:
        verdict = holds(item)
        if verdict is True:
            certain.append(item)
        elif isinstance(verdict, Unknown):
            possible.append(item)
            missing.update(dict.fromkeys(verdict.missing))
    for item in members.possible:
        verdict = holds(item)
        if verdict is not False:
            possible.append(item)
            missing.update(dict.fromkeys(gaps_of(verdict)))
    if not certain and not possible and not members.open:
        return NOBODY
    needed = few(missing) if possible or members.open else ()
    return Members(tuple(certain), tuple(possible), needed, members.open)


def each(members: Members, image: Callable[[Any], Members]) -> Members:
    """What the image of any member contains."""
    sure = union(image(item) for item in members.certain)
    if members.known:
        return sure
    maybe = union(image(item) for item in members.possible)
    taken = set(sure.certain)
    possible = dict.fromkeys([*sure.possible, *maybe.every()])
    rest = tuple(item for item in possible if item not in taken)
    missing = few((*sure.missing, *members.missing, *maybe.missing))
    return Members(sure.certain, rest, missing, sure.open or maybe.open or members.open)
