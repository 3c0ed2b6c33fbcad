"""Numbers as rules write them: what type they are, and how much on a given calendar."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import lru_cache
from typing import Final

from orgdiag.model.elements import Calendar
from orgdiag.model.types import DURATION, EFFORT, MONEY, NUMBER, RATE, SHARE, Type
from orgdiag.partial.quantity import Number, Quantity, ratio

_PART: Final = r"([0-9]++(?>\.[0-9]++)?+)([a-z]++)"  # of what `_WHOLE` let through
_WHOLE: Final = re.compile(
    r"(?P<amount>[0-9]++(?>\.[0-9]++)?+)"
    r"(?P<unit>%|(?>e?(?:min|mo|h|d|w|q|y)(?>[0-9]++(?>\.[0-9]++)?+e?(?:min|mo|h|d|w|q|y))*+)?+)"
    r"(?:\s++(?P<currency>[A-Z]{3}))?"
    r"(?:\s++per\s++(?P<period>hour|day|week|month|quarter|year))?"
)
DIGITS: Final = 15


def type_of(text: str) -> Type | None:
    """The type of a number as it is written; None when its parts do not go together."""
    match = _WHOLE.fullmatch(text)
    if match is None or any(len(part) > DIGITS for part in re.findall(r"[0-9]+", text)):
        return None
    unit, currency, period = match["unit"], match["currency"], match["period"]
    if currency:
        return MONEY if not unit and period == "day" else None
    if period:
        return None if unit == "%" else EFFORT if unit else RATE
    return SHARE if unit == "%" else DURATION if unit else NUMBER


def day_of(text: str) -> date | None:
    """The day that a date names, or None when no calendar has it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@lru_cache(maxsize=16)
def _minutes(day: Number, week: Number) -> Mapping[str, Number]:
    """Working minutes in each unit, written and spelled out."""
    month = ratio(week * 52, 12)
    elapsed = ratio(week, 7)
    return {
        "min": 1, "h": 60, "d": day, "w": week, "mo": month, "q": month * 3, "y": week * 52,
        "emin": ratio(elapsed, 1440), "eh": ratio(elapsed, 24), "ed": elapsed, "ew": week,
        "emo": month, "eq": month * 3, "ey": week * 52,
        "hour": 60, "day": day, "week": week, "month": month, "quarter": month * 3,
        "year": week * 52,
    }  # fmt: skip


def units(calendar: Calendar) -> Mapping[str, Number]:
    """Working minutes in each unit of time on a calendar."""
    return _minutes(calendar.day.value, calendar.week.value)


def quantity(text: str, calendar: Calendar) -> Quantity:
    """The quantity that a number stands for: minutes, 0–1, per month, or plain.

    Raises:
        ValueError: `type_of` refuses the text.
    """
    match = _WHOLE.fullmatch(text)
    if match is None:
        raise ValueError(text)
    minutes = units(calendar)
    unit, period = match["unit"], match["period"]
    value: Number = _exact(match["amount"])
    if unit == "%":
        value = ratio(value, 100)
    elif unit:
        value = sum(_exact(n) * minutes[u] for n, u in re.findall(_PART, match["amount"] + unit))
    if period and not match["currency"]:
        value = value * ratio(minutes["month"], minutes[period])
    return Quantity.of(_whole(value))


def _exact(text: str) -> Number:
    return _whole(Fraction(text))


def _whole(value: Number) -> Number:
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value
