"""Three-valued logic: yes, no, or unknown with the inputs that would settle it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice
from typing import Final

from orgdiag.partial.quantity import Number, Quantity
from orgdiag.partial.unknown import Gaps, Missing, Unknown, merge

Truth = bool | Unknown

# So many of the inputs that are missing are named; more nobody would look up.
NAMED_GAPS: Final = 30


def few(gaps: Iterable[Missing]) -> Gaps:
    """The first of the missing inputs, each once."""
    return tuple(islice(dict.fromkeys(gaps), NAMED_GAPS))


def together(*parts: Gaps) -> Gaps:
    """The first of the missing inputs of all parts, each once; a part names none twice."""
    told: list[Gaps] = []
    for part in parts:  # neighbours often share one value
        if part and (not told or part is not told[-1]):
            told.append(part)
    if len(told) < 2:
        return told[0][:NAMED_GAPS] if told else ()
    return few(chain.from_iterable(told))


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
        if value is not True:
            open, missing = True, merge(missing, value.missing)
    return Unknown(missing[:NAMED_GAPS]) if open else True


def some(values: Iterable[Truth]) -> Truth:
    """Whether at least one holds; false for none."""
    missing: Gaps = ()
    open = False
    for value in values:
        if value is True:
            return True
        if value is not False:
            open, missing = True, merge(missing, value.missing)
    return Unknown(missing[:NAMED_GAPS]) if open else False


def at_least(quantity: Quantity, limit: Number) -> Truth:
    """Whether the quantity reaches the limit."""
    if quantity.low is not None and quantity.low >= limit:
        return True
    if quantity.high is not None and quantity.high < limit:
        return False
    return Unknown(quantity.missing)
