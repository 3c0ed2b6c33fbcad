"""Exact values → literals: the way back from `values`, in the units that people would choose.

Of the literals that read back to a value the shortest is written, and of equally short ones that
in the larger unit. A value that no literal says exactly is `Unwritable`, never written nearly.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import product
from math import ceil, floor, gcd, lcm
from typing import Final, NamedTuple

from orgdiag.model.parts import Money
from orgdiag.model.values import MAX_DIGITS, Units
from orgdiag.partial.quantity import Number, Quantity, ratio
from orgdiag.text.syntax import MAX_TOKEN

# The units that are tried, the preferred one first; `ew` and above are as long as `w` and above.
_WORKING: Final = ("y", "q", "mo", "w", "d", "h", "min")
_ELAPSED: Final = ("ed", "eh", "emin")
_COMPOSED: Final = ("w", "d", "h", "min")
_PAID: Final = ("d", "h", "w", "mo")
# Which of the three numbers of a sum of units have decimals; the last has several decimal points.
_DECIMAL: Final = ((True, False, False), (False, True, False), (False, False, True), (True,) * 3)
_TRIES: Final = 100  # of the ways to divide a sum; what was read fits at once, or nearly
_TOO_MANY: Final = 10**MAX_DIGITS
_UNSAYABLE: Final = re.compile(r"[\n\ud800-\udfff]")


class Unwritable(NamedTuple):
    """Why a value has no literal."""

    reason: str


class _Form(NamedTuple):
    """A way to write a number; the least of several is the most natural.

    strange  0 as people write it; more for what they avoid: elapsed time, a part of a unit
    length   of the text, but for the period
    order    of the unit, the preferred one first
    """

    strange: int
    length: int
    order: int
    unit: str
    text: str


class Literals:
    """The literals of a working calendar; writes values, each once."""

    def __init__(self, units: Units) -> None:
        self._units = units
        self._finest = _common(1, units.minutes["d"], units.minutes["emin"]) / _TOO_MANY
        self._known: dict[tuple[str, Number | None, Number | None, bool], str | Unwritable] = {}

    def written(self, base: str, quantity: Quantity) -> str | Unwritable:
        """The literal that reads back to the same bounds, estimated or not.

        What is missing is no part of it: a literal says what is known. A duration of zero is `0h`,
        which a property that takes durations reads from `none` too.
        """
        key = base, quantity.low, quantity.high, quantity.estimated
        text = self._known.get(key)
        if text is None:
            text = self._known[key] = self._literal(base, quantity)
        return text

    def writable(self, base: str, quantity: Quantity) -> Quantity | Unwritable:
        """The nearest quantity that can be written and encloses the given one.

        A point stays a point, rounded to a thousandth of a minute, a percent or a number; of what
        is smaller, three figures are kept. Bounds of an interval that have no literal move outwards
        as far. The point of a duration stays estimated; nothing else can be written so.
        """
        bounds = self._bounds(base, quantity)
        if isinstance(bounds, Unwritable):
            return bounds
        near = self._near(base, *bounds, quantity.estimated)
        text = self.written(base, near)
        return text if isinstance(text, Unwritable) else near

    def money(self, money: Money) -> str | Unwritable:
        """The amount for a day; for another unit of time where only that is exact."""
        if not re.fullmatch("[A-Z]{3}", money.currency):
            return Unwritable(f"`{money.currency}` is no code of three letters")
        minutes = self._units.minutes
        for unit in _PAID:
            days = Quantity.of(ratio(minutes[unit], minutes["d"]))
            amount = self.written("number", money.amount * days)
            if isinstance(amount, str):
                return f"{amount} {money.currency}/{unit}"
        return amount

    # --- points and ranges ------------------------------------------------------------------------

    def _literal(self, base: str, quantity: Quantity) -> str | Unwritable:
        bounds = self._bounds(base, quantity)
        if isinstance(bounds, Unwritable):
            return bounds
        low, high = bounds
        if quantity.estimated:
            text = self._distribution(base, low, high)
        elif low == high:
            form = self._point(base, low)
            text = form and form.text
        else:
            text = self._range(base, low, high)
        return Unwritable("no literal says it exactly") if text is None else text

    def _bounds(self, base: str, quantity: Quantity) -> tuple[Number, Number] | Unwritable:
        """The bounds of a quantity, where they lie between those of its type."""
        low, high = quantity.low, quantity.high
        if low is None or high is None:
            return Unwritable("it has no bound on one side")
        if low < 0:
            return Unwritable("it is less than zero")
        if high > self._largest(base, high):
            return Unwritable("it is more than a literal may say")
        return low, high

    def _largest(self, base: str, value: Number) -> Number:
        """The largest value of a type; the value itself where there is none."""
        if base == "share":
            return 1
        return self._units.longest if base in ("duration", "cadence") else value

    def _distribution(self, base: str, low: Number, high: Number) -> str | None:
        """Two equal percentiles: they have no spread, so their mean is the percentile itself.

        The reader computes it as a float and rounds it to a thousandth of a minute, so a whole
        number of those comes back exactly. One that it rounded to zero was above zero.
        """
        if base != "duration" or low != high or (low * 1000).denominator != 1:
            return None
        mean = self._point(base, low or Fraction(1, 10_000))
        return mean and f"p50 {mean.text} p85 {mean.text}"

    def _range(self, base: str, low: Number, high: Number) -> str | None:
        """Both ends in one unit where that is hardly longer than each in its own."""
        lows, highs = list(self._forms(base, low)), list(self._forms(base, high))
        first = self._least(lows, base, low, opens=True)
        last = self._least(highs, base, high)
        if first is None or last is None:
            return None
        lasts = {form.unit: form for form in highs}
        alike = [
            (one.strange + other.strange, one.length + other.length, one.order, one, other)
            for one in lows
            if (other := lasts.get(one.unit))
        ]
        if alike:
            _, length, _, one, other = min(alike)
            if length <= first.length + last.length + 1:
                first, last = one, other
        return f"{first.text}..{last.text}"

    def _point(self, base: str, value: Number, *, opens: bool = False) -> _Form | None:
        """The most natural literal of a number; `opens` says that it is the start of a range."""
        return self._least(self._forms(base, value), base, value, opens=opens)

    def _least(
        self, forms: Iterable[_Form], base: str, value: Number, *, opens: bool = False
    ) -> _Form | None:
        return min(forms, default=None) or min(self._sums(base, value, opens), default=None)

    # --- a number in one unit ---------------------------------------------------------------------

    def _forms(self, base: str, value: Number) -> Iterator[_Form]:
        """The natural ways to write a number: in one unit, or in whole working units."""
        if base == "share":
            yield from _form(value, Fraction(1, 100), "%")
        elif base in ("duration", "cadence"):
            yield from self._durations(value)
        elif base == "rate":
            for order, period, size in self._periods(value):
                yield from _form(value, size, f"/{period}", order)
        elif base == "effort":
            for order, period, size in self._periods(value):
                forms = self._durations(ratio(value, size))
                yield from (_each(period, form, order) for form in forms)
        else:
            yield from _form(value, 1, "")

    def _periods(self, value: Number) -> Iterator[tuple[int, str, Number]]:
        """The periods, each for how many months it counts; nothing is nothing a month."""
        for order, (period, size) in enumerate(self._units.per_month.items()):
            yield (order if value else int(period != "month")), period, size

    def _durations(self, minutes: Number) -> Iterator[_Form]:
        if minutes > self._units.longest:
            return
        for order, unit in enumerate(_WORKING + _ELAPSED):
            size = self._units.minutes[unit]
            strange = 2 * (unit in _ELAPSED) + (0 < minutes < size)
            yield from _form(minutes, size, unit, order if minutes else int(unit != "h"), strange)
        text = self._composed(minutes)
        if text:
            yield _composition(text)

    def _composed(self, minutes: Number) -> str:
        """`1d4h`: whole numbers of working units, the largest first; "" when there are none."""
        for first in range(len(_COMPOSED)):
            text, rest = "", minutes
            for unit in _COMPOSED[first:]:
                count, rest = divmod(rest, self._units.minutes[unit])
                text += f"{count}{unit}" if count else ""
            if not rest:
                return text
        return ""

    # --- a number as a sum of units ---------------------------------------------------------------

    def _sums(self, base: str, value: Number, opens: bool) -> Iterator[_Form]:
        """Ways to write a number that is no decimal number of one unit."""
        if base in ("duration", "cadence"):
            yield from self._sum(value, opens)
        elif base == "effort":
            for order, period, size in self._periods(value):
                sums = self._sum(ratio(value, size), opens)
                yield from (_each(period, form, order) for form in sums)

    def _sum(self, minutes: Number, opens: bool) -> list[_Form]:
        """The sum of minutes, days and elapsed time with the fewest decimals, where there is one.

        Hours are whole minutes, and all that is made of weeks is whole elapsed minutes: whatever
        was read is such a sum. In front of the dots of a range there may be one decimal point.
        """
        if minutes > self._units.longest or (minutes / self._finest).denominator != 1:
            return []
        for decimals in range(MAX_DIGITS + 1):
            for elapsed, decimal in product(_ELAPSED, _DECIMAL[: 3 if opens else 4]):
                units = ("min", "d", elapsed)
                steps = [Fraction(1, 10**decimals if has else 1) for has in decimal]
                sizes = [step * self._units.minutes[unit] for unit, step in zip(units, steps)]
                counts = _counts(minutes, *sizes)
                if counts:
                    amounts = [count * step for count, step in zip(counts, steps)]
                    return [_composition(self._added(units, amounts))]
        return []

    def _added(self, units: Sequence[str], amounts: Sequence[Fraction]) -> str:
        """Numbers of units as one text, the longest time first."""
        parts = sorted(
            (amount * self._units.minutes[unit], f"{_digits(amount)}{unit}")
            for unit, amount in zip(units, amounts)
            if amount
        )
        return "".join(self._composed(minutes) or text for minutes, text in reversed(parts))

    # --- near values ------------------------------------------------------------------------------

    def _near(self, base: str, low: Number, high: Number, estimated: bool) -> Quantity:
        if low != high:
            return Quantity(self._moved(base, low, floor), self._moved(base, high, ceil))
        if estimated and base == "duration":
            mean = ratio(round(low * 1000), 1000)  # as the reader rounds it
            return Quantity(mean, mean, estimated=True)
        nearest = self._moved(base, low, round)
        if nearest or not low:
            return Quantity.of(nearest)
        return Quantity(0, self._moved(base, low, ceil))  # what is not zero is not written as zero

    def _moved(self, base: str, value: Number, way: Callable[[Number], int]) -> Number:
        """The value, or the nearest readable one in one direction where it has no literal."""
        if self._point(base, value, opens=way is floor) is not None:
            return value
        scale = 100_000 if base == "share" else 1000
        while value * scale < 100 and scale < 10**MAX_DIGITS:
            scale *= 10
        moved = ratio(way(value * scale), scale)
        return min(moved, self._largest(base, moved))


def day(day: date) -> str:
    """The literal of a day; every day has one."""
    return day.isoformat()


def text(text: str) -> str | Unwritable:
    r"""The text in quotes; a character that cannot be seen stays, and is told when it is read.

    No file can say a text with a line break or half of a surrogate pair, nor one of more than 64
    KiB.

    >>> print(text('the "core" \\ rest'))
    "the \"core\" \\ rest"
    """
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if _UNSAYABLE.search(text):
        return Unwritable("it holds a line break or half of a character")
    return Unwritable("it has more than 64 KiB") if len(quoted) > MAX_TOKEN else quoted


def _form(value: Number, size: Number, unit: str, order: int = 0, strange: int = 0) -> list[_Form]:
    """A value in a unit of some size, where it has a literal."""
    digits = _digits(value, size)
    if digits is None:
        return []
    text = digits + unit
    return [_Form(strange, len(text.partition("/")[0]), order, unit, text)]


def _composition(text: str) -> _Form:
    """A duration of several units: none that the other end of a range could share."""
    return _Form(0, len(text), len(_WORKING), text, text)


def _each(period: str, form: _Form, order: int) -> _Form:
    """A duration for each period; people count effort in hours, and best for a month."""
    strange, length, _, unit, text = form
    strange = 3 * strange + (unit != "h") + ((unit, period) != ("h", "month"))
    return _Form(strange, length, order, f"{unit}/{period}", f"{text}/{period}")


def _digits(value: Number, size: Number = 1) -> str | None:
    """A value in units of some size, with all its decimals; None when they are too many."""
    above, below = value.numerator * size.denominator, value.denominator * size.numerator
    whole, rest = divmod(above, below)
    if whole >= _TOO_MANY:
        return None
    if not rest:
        return str(whole)
    decimals, rest = divmod(rest * _TOO_MANY, below)
    return None if rest else f"{whole}.{decimals:0{MAX_DIGITS}}".rstrip("0")


def _common(*sizes: Number) -> Fraction:
    """The largest number of which all are multiples."""
    scale = lcm(*(size.denominator for size in sizes))
    return Fraction(gcd(*(int(size * scale) for size in sizes)), scale)


def _counts(total: Number, *sizes: Number) -> tuple[int, int, int] | None:
    """How many of each of three sizes make a total, few of the last and then of the second.

    What the last leaves over must be a multiple of what the first two have in common, and then how
    many of the second there are is known but for multiples of the first.
    """
    scale = lcm(*(size.denominator for size in sizes))
    if (total * scale).denominator != 1:
        return None
    rest, first, second, last = (int(number * scale) for number in (total, *sizes))
    common = gcd(first, second)
    shared = gcd(last, common)
    if rest % shared:
        return None
    step = common // shared
    fewest = rest // shared * pow(last // shared, -1, step) % step
    first, second = first // common, second // common
    for lasts in range(fewest, rest // last + 1, step)[:_TRIES]:
        left = (rest - lasts * last) // common
        seconds = left * pow(second, -1, first) % first
        if seconds * second <= left:
            return (left - seconds * second) // first, seconds, lasts
    return None
