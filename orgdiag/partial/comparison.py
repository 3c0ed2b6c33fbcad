"""Comparisons of amounts, days and things that may be known only in part, or be nothing.

Nothing is equal to no amount and no day, and neither before nor after one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from orgdiag.partial.certainty import MAYBE, NO, SURE
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import NONE, Gaps, Unknown, merge

Compared = Callable[[Any, Any], int]


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


def same_amount(a: Any, b: Any) -> int:
    """Whether two amounts are equal."""
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
    def compared(a: Any, b: Any) -> int:
        if a is NONE or b is NONE:
            return NO
        if isinstance(a, Unknown) or isinstance(b, Unknown):
            return MAYBE
        return SURE if compare(a, b) else NO

    return compared


def _same(a: Any, b: Any) -> int:
    if a.__class__ is Unknown or b.__class__ is Unknown:
        return MAYBE
    return SURE if a == b else NO


def _opposite(compare: Compared) -> Compared:
    return lambda a, b: SURE - compare(a, b)


AMOUNTS: Final[Mapping[str, Compared]] = {
    "<": _below(SURE, NO),
    "<=": _up_to(SURE, NO),
    ">": _up_to(NO, SURE),
    ">=": _below(NO, SURE),
    "=": same_amount,
    "!=": _opposite(same_amount),
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


def comparison_gaps(a: Any, b: Any) -> Gaps:
    """The inputs that would settle a comparison that is open."""
    return merge(_gaps(a), _gaps(b))


def _gaps(value: Any) -> Gaps:
    if isinstance(value, Quantity):
        return () if value.exact else value.missing
    return value.missing if isinstance(value, Unknown) else ()
