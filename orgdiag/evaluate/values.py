"""What operations do to values that may be known only in part."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import repeat
from typing import Any, Final

from orgdiag.partial import amounts
from orgdiag.partial.certainty import MAYBE, NO, SURE
from orgdiag.partial.comparison import AMOUNTS, same_amount
from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.quantity import Number, Quantity
from orgdiag.partial.unknown import NONE, Gaps, Unknown, merge

FEW: Final = 8  # so many are searched sooner than a set is made of them


def gaps(value: Any) -> Gaps:
    """The inputs that would make the value known, or better known."""
    if isinstance(value, Quantity | Unknown | Members):
        return value.missing
    return ()


def like(text: Any, pattern: str) -> int:
    """Whether a text matches a pattern in which `*` stands for anything; linear in the text."""
    if isinstance(text, Unknown):
        return MAYBE
    if text is NONE:
        return NO
    first, *rest = pattern.split("*")
    if not rest:
        return SURE if text == pattern else NO
    if not text.startswith(first):
        return NO
    at = len(first)
    for part in rest[:-1]:
        found = text.find(part, at)
        if found < 0:
            return NO
        at = found + len(part)
    ends: bool = len(text) - at >= len(rest[-1]) and text.endswith(rest[-1])
    return SURE if ends else NO


# --- sets -----------------------------------------------------------------------------------------


def single(value: Any) -> Members:
    """A value as a set of at most one."""
    if isinstance(value, Unknown):
        return Members((), (), value.missing, open=True)
    return Members() if value is NONE else Members((value,))


def member(item: Any, members: Members) -> int:
    """Whether the item is in the set."""
    if item is NONE:
        return NO
    if isinstance(item, Unknown):
        return MAYBE if members.certain or members.possible or members.open else NO
    if isinstance(item, Quantity):
        return _amount_in(item, members)
    if item in members.certain:
        return SURE
    return MAYBE if members.open or item in members.possible else NO


def _amount_in(item: Quantity, members: Members) -> int:
    verdict = MAYBE if members.open else NO
    for other in members.certain:
        verdict = max(verdict, same_amount(item, other))
    for other in members.possible:
        verdict = max(verdict, min(MAYBE, same_amount(item, other)))
    return verdict


def meets(a: Members, b: Members) -> int:
    """Whether two sets share a member."""
    if a is NOBODY or b is NOBODY:
        return NO
    sure = b.certain if len(b.certain) <= FEW else frozenset(b.certain)
    for item in a.certain:
        if item in sure:
            return SURE
    if a.known and b.known:
        return NO
    if a.open and (b.open or b.certain or b.possible):
        return MAYBE
    if b.open and (a.certain or a.possible):
        return MAYBE
    maybe = frozenset((*b.certain, *b.possible))
    return NO if maybe.isdisjoint((*a.certain, *a.possible)) else MAYBE


def empty(value: Any) -> int:
    """Whether there is nothing."""
    if isinstance(value, Members):
        if value.certain:
            return NO
        return MAYBE if value.possible or value.open else SURE
    if isinstance(value, Unknown):
        return MAYBE
    return SURE if value is NONE else NO


def known(value: Any) -> int:
    """Whether the value is known: an amount within bounds, a set without gaps."""
    if isinstance(value, Quantity):
        bounded = value.low is not None and value.high is not None
        return SURE * (bounded and not value.missing)
    if isinstance(value, Members):
        return SURE * value.known
    return SURE * (not isinstance(value, Unknown))


def union(a: Members, b: Members) -> Members:
    """The members of either."""
    certain = tuple(dict.fromkeys((*a.certain, *b.certain)))
    if a.known and b.known:
        return Members(certain)
    taken = set(certain)
    possible = tuple(x for x in dict.fromkeys((*a.possible, *b.possible)) if x not in taken)
    return Members(certain, possible, merge(a.missing, b.missing), a.open or b.open)


def without(a: Members, b: Members) -> Members:
    """The members of the first that are not in the second."""
    gone = set(b.certain)
    left = tuple(item for item in a.certain if item not in gone)
    if b.known:
        maybe = tuple(item for item in a.possible if item not in gone)
        return Members(left, maybe, a.missing if maybe or a.open else (), a.open)
    doubtful = set(b.possible)
    certain = () if b.open else tuple(item for item in left if item not in doubtful)
    kept = set(certain)
    maybe = tuple(item for item in (*left, *a.possible) if item not in kept and item not in gone)
    return Members(certain, tuple(dict.fromkeys(maybe)), merge(a.missing, b.missing), a.open)


def joined(
    found: Sequence[Any], base: Members, merged: bool = True, doubtful: Collection[int] = ()
) -> Members:
    """The values, or the members of the sets, that the members of a set lead to.

    Args:
        found: what each member leads to.
        base: the set itself, whose gaps stay.
        merged: whether equal values are one.
        doubtful: the places in `found` of what leads there only if it is a member.
    """
    certain: list[Any] = []
    possible: list[Any] = []
    missing, open = base.missing, base.open
    into: Iterable[list[Any]] = repeat(certain)
    if doubtful:
        into = [possible if place in doubtful else certain for place in range(len(found))]
    for value, kept in zip(found, into):
        if value.__class__ is Members:
            kept.extend(value.certain)
            if value.missing or value.possible or value.open:
                possible.extend(value.possible)
                missing, open = merge(missing, value.missing), open or value.open
        elif value.__class__ is Unknown:
            missing, open = merge(missing, value.missing), True
        elif value is not NONE:
            kept.append(value)
    if merged:
        if len(certain) > 1:
            certain = list(dict.fromkeys(certain))
        if possible:
            taken = set(certain)
            possible = [item for item in dict.fromkeys(possible) if item not in taken]
    settled = not possible and not open
    if settled and not certain:
        return NOBODY
    return Members(tuple(certain), tuple(possible), () if settled else missing, open)


AGGREGATES: Final[Mapping[str, Callable[[Members], Quantity]]] = {
    "sum": amounts.total, "min": amounts.smallest, "max": amounts.largest,
    "average": amounts.average, "median": amounts.median,
}  # fmt: skip


OPERATIONS: Final[Mapping[str, Callable[[Quantity, Quantity], Quantity]]] = {
    "add": Quantity.__add__, "subtract": Quantity.__sub__, "multiply": Quantity.__mul__,
    "divide": Quantity.__truediv__,
}  # fmt: skip


def uncomputed(a: Any, b: Any) -> Any:
    """A sum, difference, product or quotient of what is no amount: nothing, or unknown."""
    if a is NONE or b is NONE:
        return NONE
    return amounts.unknown(merge(gaps(a), gaps(b)))


# --- days -----------------------------------------------------------------------------------------


def days_between(later: Any, earlier: Any, minutes: Number) -> Any:
    """The elapsed time between two days on the working clock; `minutes` of it make a day."""
    if later is NONE or earlier is NONE:
        return NONE
    if not isinstance(later, date) or not isinstance(earlier, date):
        return amounts.unknown(merge(gaps(later), gaps(earlier)))
    return Quantity.of(_plain((later - earlier).days * minutes))


def shifted(day: Any, by: Any, minutes: Number, sign: int) -> Any:
    """The day so much later or earlier, in whole elapsed days."""
    if day is NONE or by is NONE:
        return NONE
    if not isinstance(day, date) or not isinstance(by, Quantity) or not by.exact:
        return Unknown(merge(gaps(day), gaps(by)))
    try:
        return day + timedelta(days=sign * int(by.value / minutes))
    except OverflowError:
        return Unknown()


def _plain(value: Number) -> Number:
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value


def holds(word: str, low: int, high: int | None, number: Any) -> int:
    """Whether a count between two bounds is what a quantifier wants of it."""
    if word == "some":
        return SURE if low else NO if high == 0 else MAYBE
    if word == "no":
        return NO if low else SURE if high == 0 else MAYBE
    return AMOUNTS[_SIGNS[word]](Quantity(low, high), number)


_SIGNS: Final = {
    "at-least": ">=", "at-most": "<=", "more": ">", "fewer": "<", "exactly": "=",
}  # fmt: skip


def every(verdicts: Sequence[tuple[int, bool]], open: bool) -> int:
    """Whether all members satisfy: pairs of a verdict and whether the member is certain."""
    result = MAYBE if open else SURE
    for verdict, sure in verdicts:
        result = min(result, verdict if sure else max(MAYBE, verdict))
    return result
