"""Literals → exact values: durations in working minutes, shares from 0 to 1, rates a month."""

from __future__ import annotations

import math
import re
from calendar import monthrange
from collections.abc import Collection, Sequence
from datetime import date
from fractions import Fraction
from typing import Final, NamedTuple

from orgdiag.model.elements import Calendar
from orgdiag.model.parts import Money
from orgdiag.parse import words
from orgdiag.partial.quantity import Number, Quantity
from orgdiag.text.mend import Mend
from orgdiag.text.nearest import nearest
from orgdiag.text.syntax import Atom

MAX_DIGITS: Final = 15
# A sum of minutes, days and elapsed minutes with all their digits is shorter: it says every value.
MAX_LENGTH: Final = 96
MAX_YEARS: Final = 10

# What each type looks like, for messages.
LOOKS: Final = {
    "number": "a number such as `8`",
    "duration": "a duration such as `3d`, `1d4h` or `2d..5d`",
    "share": "a percentage such as `75%`",
    "rate": "a rate such as `6/month`",
    "effort": "an effort such as `230h/month`",
    "cadence": "a cadence such as `every 2w`",
    "money": "an amount such as `900 EUR/d`",
    "date": "a date such as `2025-03-31` or `2025-03`",
    "text": "a text in quotes",
    "word": "a word",
    "flag": "nothing, or `yes`, `no` or `unknown`",
}
_KINDS: Final = {
    "number": {"NUMBER"},
    "duration": {"DURATION"},
    "cadence": {"DURATION"},
    "share": {"PERCENT"},
    "rate": {"RATE"},
    "effort": {"RATE"},
}
# Standard normal quantiles, for the mean of a lognormal through two percentiles (metrics.md).
_QUANTILES: Final = {"p85": 1.0364, "p90": 1.2816, "p95": 1.6449}
_PART = re.compile(r"([0-9]+)(?:\.([0-9]+))?([a-z]*)")


class Flaw(NamedTuple):
    """Why a literal has no value: what is wrong with which word, and what would help."""

    message: str
    help: str = ""
    atom: Atom | None = None


class Units:
    """The units of a working calendar; reads literals, each text once."""

    def __init__(self, calendar: Calendar) -> None:
        day, week = calendar.day.value, calendar.week.value
        month, elapsed = Fraction(week) * 52 / 12, Fraction(week) / 7
        self.minutes: dict[str, Number] = {
            "min": 1, "h": 60, "d": day, "w": week, "mo": month, "q": 3 * month, "y": 52 * week,
            "emin": elapsed / 1440, "eh": elapsed / 24, "ed": elapsed, "ew": week, "emo": month,
            "eq": 3 * month, "ey": 52 * week,
        }  # fmt: skip
        self.per_month: dict[str, Number] = {
            "day": month / day, "week": Fraction(52, 12), "month": 1, "quarter": Fraction(1, 3),
            "year": Fraction(1, 12),
        }  # fmt: skip
        self.longest = MAX_YEARS * self.minutes["y"]
        self._known: dict[tuple[str, str], Quantity | Flaw] = {}

    def quantity(self, base: str, atoms: Sequence[Atom]) -> Quantity | Flaw:
        """The value of a literal, a range, `p50 4d p85 10d` or `mean 6d`."""
        first = atoms[0]
        if len(atoms) == 1:
            return self._literal(base, first)
        if base == "duration" and first.text == "mean" and len(atoms) == 2:
            return self._literal(base, atoms[1])
        if base == "duration" and first.text[0] == "p" and len(atoms) % 2 == 0:
            return self._percentiles(atoms)
        return self._in_two_words(base, atoms) or Flaw(
            f"`{atoms[1].text}` is too much", f"write {LOOKS[base]}", atoms[1]
        )

    def _in_two_words(self, base: str, atoms: Sequence[Atom]) -> Flaw | None:
        """What is wrong with `6 weeks`; None where two words are something else."""
        if base not in ("duration", "cadence") or [atom.kind for atom in atoms] != [
            "NUMBER",
            "NAME",
        ]:
            return None
        number, name = (atom.text for atom in atoms)
        unit = name if name in self.minutes else _spelt(name, self.minutes)
        if unit is None:
            return None
        return Flaw(
            f"`{number} {name}` are two words", Mend(f"write `{number}{unit}`", f"{number}{unit}")
        )

    def money(self, atoms: Sequence[Atom]) -> Money | Flaw:
        """An amount of a currency for each working day."""
        if len(atoms) != 2 or atoms[1].kind != "CURRENCY":
            return Flaw("this is not an amount of money a day", f"write {LOOKS['money']}")
        currency, unit = atoms[1].text.split("/")
        if unit not in ("h", "d", "w", "mo"):
            return Flaw(
                f"`{unit}` is no unit of time here", "the units are h, d, w and mo", atoms[1]
            )
        amount = self._literal("number", atoms[0])
        if isinstance(amount, Flaw):
            return amount
        days = Quantity.of(_plain(Fraction(self.minutes[unit]) / self.minutes["d"]))
        return Money(amount / days, currency)

    def _literal(self, base: str, atom: Atom) -> Quantity | Flaw:
        key = base, atom.text
        value = self._known.get(key)
        if value is None:
            value = self._known[key] = self._read(base, atom)
        return value._replace(atom=atom) if isinstance(value, Flaw) else value

    def _read(self, base: str, atom: Atom) -> Quantity | Flaw:
        if atom.kind not in _KINDS[base] and atom.kind != "RANGE":
            return Flaw(f"`{atom.text}` is not {_a(base)}", self._instead(base, atom))
        first, _, last = atom.text.partition("..")
        low = self._point(base, first)
        high = self._point(base, last) if last else low
        if isinstance(low, Flaw) or isinstance(high, Flaw):
            return _in_range(low, high, first, last)
        if low > high:
            help = Mend("write the smaller value first", f"{last}..{first}")
            return Flaw(f"`{atom.text}` ends below its start", help)
        return Quantity(low, high)

    def _instead(self, base: str, atom: Atom) -> str:
        """What to write instead of a literal of another kind."""
        text = atom.string
        number = _number(text) if base == "share" and atom.kind == "NUMBER" else None
        if number is not None and 1 <= number <= 100:
            return Mend(f"write `{text}%`", f"{text}%")
        inner = words(text) if atom.kind == "STRING" else ()
        if len(inner) == 1 and inner[0].kind != "STRING" and inner[0].text == text:
            if isinstance(self._read(base, inner[0]), Quantity):
                return Mend(f"write `{text}` without quotes", text)
        return f"write {LOOKS[base]}"

    def _point(self, base: str, text: str) -> Number | Flaw:
        digits = max(map(len, re.findall("[0-9]+", text)), default=0)
        if len(text) > MAX_LENGTH or digits > MAX_DIGITS:
            return Flaw(f"this number has more than {MAX_DIGITS} digits", "shorten it")
        if base in ("duration", "cadence"):
            return self._duration(text)
        if base == "share":
            share = _number(text.removesuffix("%")) if text.endswith("%") else None
            if share is None:
                return Flaw(f"`{text}` is not a percentage", f"write {LOOKS[base]}")
            return (
                _plain(Fraction(share) / 100)
                if share <= 100
                else Flaw(f"`{text}` is more than 100%", "a share lies between 0% and 100%")
            )
        if base in ("rate", "effort"):
            return self._rate(base, text)
        number = _number(text)
        return (
            Flaw(f"`{text}` is not a number", f"write {LOOKS[base]}")
            if number is None
            else _plain(number)
        )

    def _duration(self, text: str) -> Number | Flaw:
        total: Number = 0
        at = 0
        for part in _PART.finditer(text):
            unit = part[3]
            if part.start() != at or unit not in self.minutes:
                return _no_unit(unit, text, self.minutes)
            total += (_number(part[0].removesuffix(unit)) or 0) * self.minutes[unit]
            at = part.end()
        if at != len(text) or not at:
            return Flaw(f"`{text}` is not a duration", f"write {LOOKS['duration']}")
        if total > self.longest:
            return Flaw(f"`{text}` is longer than {MAX_YEARS} years", "check its unit")
        return _plain(total)

    def _rate(self, base: str, text: str) -> Number | Flaw:
        amount, _, period = text.partition("/")
        if not period:
            return Flaw(f"`{text}` needs a period", f"write {LOOKS[base]}")
        if period not in self.per_month:
            return _no_unit(period, text, self.per_month)
        value = self._duration(amount) if base == "effort" else _number(amount)
        if value is None:
            return Flaw(f"`{text}` is not a rate", f"write {LOOKS['rate']}")
        return value if isinstance(value, Flaw) else _plain(value * self.per_month[period])

    def _percentiles(self, atoms: Sequence[Atom]) -> Quantity | Flaw:
        """The mean of a lognormal through p50 and p85 (else p90, p95), marked as estimated."""
        given: dict[str, float] = {}
        below: Number = 0
        for name, literal in zip(atoms[::2], atoms[1::2], strict=True):
            if name.text != "p50" and name.text not in _QUANTILES:
                return Flaw(f"`{name.text}` is no percentile", "write p50, p85, p90 or p95", name)
            value = self._literal("duration", literal)
            if isinstance(value, Flaw):
                return value
            if not value.exact or value.value < below or name.text in given:
                return Flaw("percentiles are points that rise", "write `p50 4d p85 10d`", literal)
            below = value.value
            given[name.text] = float(below)
        upper = next((name for name in _QUANTILES if name in given), None)
        if "p50" not in given or upper is None:
            return Flaw("a mean needs p50 and p85", "write `p50 4d p85 10d` or `mean 6d`", atoms[0])
        if not given["p50"]:
            return Flaw(
                "a mean cannot be estimated from a p50 of zero", "write `mean 6d`", atoms[1]
            )
        sigma = math.log(given[upper] / given["p50"]) / _QUANTILES[upper]
        sigma = min(sigma, 20)  # a mean beyond all limits, which a float still holds
        mean = given["p50"] * math.exp(sigma * sigma / 2)
        exact = _plain(Fraction(round(mean * 1000), 1000))
        if exact > self.longest:
            return Flaw(
                f"the mean of this distribution is longer than {MAX_YEARS} years", "check the units"
            )
        return Quantity(exact, exact, estimated=True)


def day(atom: Atom) -> date | Flaw:
    """The day of `2025-03-31`, or the last day of `2025-03`."""
    if atom.kind != "DATE":
        return Flaw(f"`{atom.text}` is not a date", f"write {LOOKS['date']}", atom)
    year, month, *rest = (int(part) for part in atom.text.split("-"))
    if not (1 <= month <= 12 and year):
        return Flaw(f"`{atom.text}` is not in the calendar", f"write {LOOKS['date']}", atom)
    last = monthrange(year, month)[1]
    if rest and not 1 <= rest[0] <= last:
        return Flaw(f"`{atom.text}` is not in the calendar", f"that month has {last} days", atom)
    return date(year, month, rest[0] if rest else last)


def _number(text: str) -> Number | None:
    match = _PART.fullmatch(text)
    if not match or match[3]:
        return None
    whole, decimals = match[1], match[2]
    return Fraction(int(whole + decimals), 10 ** len(decimals)) if decimals else int(whole)


def _plain(value: Number) -> Number:
    """The value, as an int where it is whole."""
    return value.numerator if value.denominator == 1 else value


def _a(base: str) -> str:
    return LOOKS[base].split(" such")[0]


def _no_unit(unit: str, text: str, legal: dict[str, Number]) -> Flaw:
    known = ", ".join(name for name in legal if name[0] != "e")
    message = f"`{unit}` in `{text}` is not a unit" if unit else f"`{text}` needs a unit"
    near = (nearest(unit, legal) or _spelt(unit, legal)) if unit else None
    if near is None:
        return Flaw(message, f"the units are {known}")
    before, _, after = text.rpartition(unit)
    help = f"did you mean `{near}`? the units are {known}"
    return Flaw(message, Mend(help, f"{before}{near}{after}"))


def _in_range(low: Number | Flaw, high: Number | Flaw, first: str, last: str) -> Flaw:
    """What is wrong with the first point of a range, or else the last; mended in both."""
    flaws = [flaw for flaw in (low, high) if isinstance(flaw, Flaw)]
    helps = [flaw.help for flaw in flaws]
    if not last or not all(isinstance(help, Mend) for help in helps):
        return flaws[0]._replace(help=helps[0] if not last else str(helps[0]))
    points = [
        point.help.instead if isinstance(point, Flaw) and isinstance(point.help, Mend) else text
        for point, text in ((low, first), (high, last))
    ]
    return flaws[0]._replace(help=Mend(helps[0], "..".join(points)))


def _spelt(name: str, legal: Collection[str]) -> str | None:
    """The unit that a word such as `weeks` spells out, or the period that `mo` is short for."""
    singular = name.rstrip("s")
    short = _SPELT.get(singular, singular)
    return next((unit for unit in (short, _PERIODS.get(short)) if unit in legal), None)


_SPELT: Final = {
    "m": "min", "minute": "min", "hour": "h", "hr": "h", "day": "d", "week": "w", "wk": "w",
    "month": "mo", "quarter": "q", "year": "y", "yr": "y",
}  # fmt: skip
_PERIODS: Final = {"d": "day", "w": "week", "mo": "month", "q": "quarter", "y": "year"}
