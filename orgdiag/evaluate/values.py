"""What operations do to values that may be known only in part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Final

from orgdiag.partial import amounts
from orgdiag.partial.certainty import MAYBE, NO, SURE
from orgdiag.partial.comparison import AMOUNTS
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import ONE, Number, Quantity
from orgdiag.partial.sets import presence
from orgdiag.partial.unknown import NONE, Gaps, Unknown, merge


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


def empty(value: Any) -> int:
    """Whether there is nothing."""
    if isinstance(value, Members):
        return SURE - presence(value)
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


def holds(word: str, count: Quantity, number: Any) -> int:
    """Whether a count is what a quantifier wants of it."""
    if word == "some":
        return AMOUNTS[">="](count, ONE)
    if word == "no":
        return AMOUNTS["<"](count, ONE)
    return AMOUNTS[_SIGNS[word]](count, number)


_SIGNS: Final = {
    "at-least": ">=", "at-most": "<=", "more": ">", "fewer": "<", "exactly": "=",
}  # fmt: skip
