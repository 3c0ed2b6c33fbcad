"""Values and elements in words, as messages say them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from fractions import Fraction
from typing import Any, Final

from orgdiag.finding import Evidence
from orgdiag.model.elements import Calendar
from orgdiag.model.types import Type
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Number, Quantity, ratio
from orgdiag.partial.unknown import NONE, Unknown

LISTED: Final = 8
SHOWN: Final = 6
_MOST_DIGITS: Final = 9


Points = Collection[Number]


def worded(value: Any, type: Type, calendar: Calendar, against: Points = ()) -> str:
    """The value as a message says it; a number tells itself from those it is held against."""
    if value.__class__ is Quantity:
        return figure(value, type.base, calendar, against)
    if value.__class__ is Members:
        return _members(value, type, calendar)
    if value is NONE:
        return "none"
    if value is None or value.__class__ is Unknown:
        return "unknown"
    if type.base == "reference":
        return str(value.id)
    if type.base == "flag":
        return ("no", "unknown", "yes")[int(value)]
    return value.isoformat() if isinstance(value, date) else str(value)


def _members(members: Members, type: Type, calendar: Calendar) -> str:
    # Names that the list will not show are only counted.
    names = [
        worded(item, type, calendar) if number <= LISTED else ""
        for number, item in enumerate(members.certain)
    ]
    if members.known:
        return listed(names) if names else "none"
    return listed([*names, "perhaps others"]) if names else "unknown"


def listed(names: Iterable[str]) -> str:
    """The names as a list: `a, b and c`; of more than eight the first six and how many more.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    >>> listed("abcdefghij")
    'a, b, c, d, e, f and 4 more'
    """
    every = list(names)
    if len(every) > LISTED:
        every = [*every[:SHOWN], f"{len(every) - SHOWN} more"]
    return " and ".join([", ".join(every[:-1]), every[-1]] if len(every) > 1 else every)


def figure(quantity: Quantity, base: str, calendar: Calendar, against: Points = ()) -> str:
    """The quantity as a message says it; an interval by its bounds.

    It has as many digits more as it takes to differ from each other number of `against`.

    >>> aim = Fraction(3, 20)
    >>> [figure(Quantity(Fraction(n, 5988), Fraction(n, 5988)), "share", Calendar(), [aim])
    ...  for n in (898, 899)]
    ['14.997 %', '15.01 %']
    """
    low, high = quantity.low, quantity.high
    if low is not None and low == high:
        mark = "about " if quantity.estimated else ""
        return mark + _point(low, base, calendar, against)
    if high is None and (low is None or low == 0):
        return "unknown"
    if high is None:
        return f"at least {_point(low or 0, base, calendar, against)}"
    if low is None or low == 0:
        return f"at most {_point(high, base, calendar, against)}"
    first, second = (_point(bound, base, calendar, against) for bound in (low, high))
    return first if first == second else f"{first} to {second}"


def _point(value: Number, base: str, calendar: Calendar, against: Points) -> str:
    others = [other for other in against if other != value]
    for more in range(_MOST_DIGITS if others else 0):
        text = _rounded_to(value, base, calendar, more)
        if all(text != _rounded_to(other, base, calendar, more) for other in others):
            return text
    return _rounded_to(value, base, calendar, 0)


def _rounded_to(value: Number, base: str, calendar: Calendar, more: int) -> str:
    """A number in words, with so many digits more than as a rule."""
    if base == "cadence" and value and Fraction(value, calendar.week.value).denominator == 1:
        return f"{_decimal(Fraction(value, calendar.week.value), 0)}w"
    if base in {"duration", "cadence", "effort"}:
        return duration(value, calendar, more)
    if base == "share":
        return f"{_decimal(value * 100, 1 + more)} %"
    if base == "rate":
        return _rate(value, more)
    return _decimal(value, 1 + more)


def duration(minutes: Number, calendar: Calendar, more: int = 0) -> str:
    """Working minutes in days, hours and minutes, two units at most, or with so many digits more.

    >>> [duration(minutes, Calendar()) for minutes in (5, 90, 480, 1680, 25440, 28000)]
    ['5min', '1h 30min', '1d', '3d 4h', '53d', '58.3d']
    >>> [duration(minutes, Calendar(), 1) for minutes in (481, 28000)]
    ['1d 1min', '58.33d']
    """
    day = calendar.day.value
    sign, size = ("-", -minutes) if minutes < 0 else ("", minutes)
    if size >= 10 * day:
        return f"{sign}{_decimal(ratio(size, day), 1 + more)}d"
    days, rest = divmod(size, day)
    unit = Fraction(1, 10 ** (more - 1)) if more else 60 if days else 1
    rest = round(rest / unit) * unit
    if rest >= day:
        days, rest = days + 1, 0
    hours, left = divmod(rest, 60)
    minute = f"{_decimal(left, more)}min" if left else ""
    parts = [f"{days}d" if days else "", f"{hours}h" if hours else "", minute]
    return sign + (" ".join(part for part in parts if part) or "0d")


def _rate(value: Number, more: int = 0) -> str:
    """A rate per month in the period in which it is at least one, and whole if it can be.

    >>> [_rate(rate) for rate in (6, Fraction(1, 3), Fraction(52, 12), 0)]
    ['6/month', '1/quarter', '4.3/month', '0/month']
    """
    for months, period in ((1, "month"), (3, "quarter"), (12, "year")):
        if value * months >= 1:
            return f"{_decimal(value * months, 1 + more)}/{period}"
    return f"{_decimal(value, 2 + more)}/month"


def _decimal(value: Any, digits: int) -> str:
    """A number with at most so many decimals, thousands set apart."""
    if isinstance(value, int):
        return f"{value:,}"
    exact = Fraction(value) if isinstance(value, float) else value
    size = 10**digits
    scaled = _rounded(exact.numerator * size, exact.denominator)
    whole, part = divmod(abs(scaled), size)
    text = f"{'-' if scaled < 0 else ''}{whole:,}"
    return f"{text}.{part:0{digits}}".rstrip("0") if part else text


def _rounded(numerator: int, denominator: int) -> int:
    """The nearest whole number, of two equally near ones the even one."""
    whole, rest = divmod(numerator, denominator)
    beyond = 2 * rest - denominator
    return whole + (beyond > 0 or (beyond == 0 and whole % 2))


# --- evidence -------------------------------------------------------------------------------------


def described(element: Any) -> Iterator[Evidence]:
    """The lines that show an element as evidence: a dependency by every ground that holds."""
    if element.kind == "dependency":
        for ground in element.grounds:
            if ground.holds is True:
                yield Evidence(ground.sentence, ground.span)
    elif element.kind == "cycle":
        ring = [item.id for item in element.shortest.certain]
        yield Evidence(" → ".join([*ring, ring[0]]), element.span)
    else:
        yield Evidence(f"{_noun(element.kind)} {element.id}", getattr(element, "span", None))


def _noun(kind: str) -> str:
    return kind.replace("-", " ")
