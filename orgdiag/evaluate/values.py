"""What operations do to values that may be known only in part.

A condition has one of three values: `NO`, `MAYBE` and `SURE` (whatever the missing data turn out to
be). `and` is the smaller, `or` the larger of two, `not` mirrors.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import repeat
from typing import Any, Final

from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.quantity import ZERO, Number, Quantity, ratio
from orgdiag.partial.unknown import NONE, Gaps, Unknown, merge

NO: Final = 0
MAYBE: Final = 1
SURE: Final = 2

FEW: Final = 8  # so many are searched sooner than a set is made of them

Compared = Callable[[Any, Any], int]


def gaps(value: Any) -> Gaps:
    """The inputs that would make the value known, or better known."""
    if isinstance(value, Quantity | Unknown | Members):
        return value.missing
    return ()


def truth(value: Any) -> int:
    """A yes/no of the facts as a condition."""
    if value is True:
        return SURE
    return MAYBE if isinstance(value, Unknown) else NO


# --- comparisons ----------------------------------------------------------------------------------


def _below(yes: int, no: int) -> Compared:
    """What `a < b` says of two amounts: `yes` where it holds, `no` where it does not."""

    def compared(a: Any, b: Any) -> int:
        if a.__class__ is b.__class__ is Quantity:
            if a.high is not None and b.low is not None and a.high < b.low:
                return yes
            if a.low is not None and b.high is not None and a.low >= b.high:
                return no
            return MAYBE
        return NO if a is NONE or b is NONE else MAYBE

    return compared


def _up_to(yes: int, no: int) -> Compared:
    """What `a <= b` says of two amounts: `yes` where it holds, `no` where it does not."""

    def compared(a: Any, b: Any) -> int:
        if a.__class__ is b.__class__ is Quantity:
            if a.high is not None and b.low is not None and a.high <= b.low:
                return yes
            if a.low is not None and b.high is not None and a.low > b.high:
                return no
            return MAYBE
        return NO if a is NONE or b is NONE else MAYBE

    return compared


def _same_amount(a: Any, b: Any) -> int:
    if a is NONE or b is NONE:
        return NO
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return MAYBE
    if a.low is not None and a.low == a.high == b.low == b.high:
        return SURE
    if a.low is not None and b.high is not None and a.low > b.high:
        return NO
    if b.low is not None and a.high is not None and b.low > a.high:
        return NO
    return MAYBE


def _days(compare: Callable[[date, date], bool]) -> Compared:
    """The comparison for days of which one may be nothing or unknown."""

    def compared(a: Any, b: Any) -> int:
        if a is NONE or b is NONE:
            return NO
        if isinstance(a, Unknown) or isinstance(b, Unknown):
            return MAYBE
        return SURE if compare(a, b) else NO

    return compared


def _same(a: Any, b: Any) -> int:
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        return MAYBE
    return SURE if a == b else NO


def _opposite(compare: Compared) -> Compared:
    return lambda a, b: SURE - compare(a, b)


AMOUNTS: Final[Mapping[str, Compared]] = {
    "<": _below(SURE, NO),
    "<=": _up_to(SURE, NO),
    ">": _up_to(NO, SURE),
    ">=": _below(NO, SURE),
    "=": _same_amount,
    "!=": _opposite(_same_amount),
}
DAYS: Final[Mapping[str, Compared]] = {
    "<": _days(operator.lt),
    "<=": _days(operator.le),
    ">": _days(operator.gt),
    ">=": _days(operator.ge),
    "=": _same,
    "!=": _opposite(_same),
}
THINGS: Final[Mapping[str, Compared]] = {"=": _same, "!=": _opposite(_same)}


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
        verdict = max(verdict, _same_amount(item, other))
    for other in members.possible:
        verdict = max(verdict, min(MAYBE, _same_amount(item, other)))
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


# --- amounts --------------------------------------------------------------------------------------


def unknown_amount(missing: Gaps) -> Quantity:
    """An amount of which nothing is known."""
    return Quantity(None, None, missing)


def total(members: Members) -> Quantity:
    """The sum of a list of amounts; 0 for none."""
    result = ZERO
    for quantity in members.certain:
        result = result + quantity
    for quantity in members.possible:
        low = None if quantity.low is None else min(0, quantity.low)
        high = None if quantity.high is None else max(0, quantity.high)
        result = result + Quantity(low, high, quantity.missing)
    high = None if members.open else result.high
    return Quantity(result.low, high, merge(result.missing, members.missing), result.estimated)


def largest(members: Members) -> Quantity:
    """The largest of a list of amounts; unknown for none."""
    everything = tuple(members.every())
    if not everything:
        return unknown_amount(members.missing)
    lows = [q.low for q in members.certain if q.low is not None]
    highs = [q.high for q in everything if q.high is not None]
    unbounded = members.open or len(highs) < len(everything)
    low = max(lows) if lows else None
    return Quantity(low, None if unbounded else max(highs), _all_gaps(members), _estimated(members))


def smallest(members: Members) -> Quantity:
    """The smallest of a list of amounts; unknown for none."""
    mirrored = largest(
        Members(
            tuple(-q for q in members.certain), tuple(-q for q in members.possible),
            members.missing, members.open,
        )
    )  # fmt: skip
    return -mirrored


def average(members: Members) -> Quantity:
    """The mean of a list of amounts; unknown for none."""
    everything = tuple(members.every())
    if not everything or members.open:
        return unknown_amount(members.missing)
    if not members.possible:
        return total(members) / Quantity.of(len(members.certain))
    return _between(members)


def percentile(share: Quantity, members: Members) -> Quantity:
    """The smallest amount that at least that share of a list does not exceed."""
    if not members.certain or members.open or not share.exact:
        return unknown_amount(merge(share.missing, members.missing))
    if members.possible:
        return _between(members)
    count = len(members.certain)
    place = max(1, -(-(share.value * count) // 1))
    at = min(count, int(place)) - 1
    lows = [q.low for q in members.certain]
    highs = [q.high for q in members.certain]
    low = None if None in lows else sorted(lows)[at]
    high = None if None in highs else sorted(highs)[at]
    return Quantity(low, high, _all_gaps(members), _estimated(members))


def median(members: Members) -> Quantity:
    """The middle of a list of amounts, the mean of the two middle ones of an even number."""
    upper = Quantity.of(Fraction(1, 2))
    if members.certain and not members.possible and len(members.certain) % 2 == 0:
        count = len(members.certain)
        above = percentile(Quantity.of(ratio(count // 2 + 1, count)), members)
        return (percentile(upper, members) + above) / Quantity.of(2)
    return percentile(upper, members)


def _between(members: Members) -> Quantity:
    """From the smallest to the largest member."""
    low = smallest(members._replace(certain=tuple(members.every()), possible=())).low
    high = largest(members).high
    return Quantity(low, high, _all_gaps(members), _estimated(members))


def _all_gaps(members: Members) -> Gaps:
    missing = members.missing
    for quantity in members.every():
        missing = merge(missing, quantity.missing)
    return missing


def _estimated(members: Members) -> bool:
    return any(quantity.estimated for quantity in members.every())


AGGREGATES: Final[Mapping[str, Callable[[Members], Quantity]]] = {
    "sum": total, "min": smallest, "max": largest, "average": average, "median": median,
}  # fmt: skip


OPERATIONS: Final[Mapping[str, Callable[[Quantity, Quantity], Quantity]]] = {
    "add": Quantity.__add__, "subtract": Quantity.__sub__, "multiply": Quantity.__mul__,
    "divide": Quantity.__truediv__,
}  # fmt: skip


def uncomputed(a: Any, b: Any) -> Any:
    """A sum, difference, product or quotient of what is no amount: nothing, or unknown."""
    if a is NONE or b is NONE:
        return NONE
    return unknown_amount(merge(gaps(a), gaps(b)))


# --- days -----------------------------------------------------------------------------------------


def days_between(later: Any, earlier: Any, minutes: Number) -> Any:
    """The elapsed time between two days on the working clock; `minutes` of it make a day."""
    if later is NONE or earlier is NONE:
        return NONE
    if not isinstance(later, date) or not isinstance(earlier, date):
        return unknown_amount(merge(gaps(later), gaps(earlier)))
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
