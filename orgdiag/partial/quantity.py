"""Numbers that may be known only in part: intervals in exact arithmetic.

Durations are rationals of working minutes, shares run from 0 to 1, rates are per month. A number
is an `int` or a `Fraction`; a float appears only where a formula is irrational.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import lcm
from typing import Final, NamedTuple

from orgdiag.frozen import made
from orgdiag.partial.unknown import Gaps, merge, merged

Number = int | Fraction


def ratio(numerator: Number, denominator: Number) -> Number:
    """The exact quotient; an int where it is whole."""
    if not isinstance(numerator, int) or not isinstance(denominator, int):
        # Fraction divides whole numbers several times as fast as fractions.
        return ratio(
            numerator.numerator * denominator.denominator,
            numerator.denominator * denominator.numerator,
        )
    if denominator:
        whole, rest = divmod(numerator, denominator)
        if not rest:
            return whole
    return Fraction(numerator, denominator)


def added(numbers: Iterable[Number]) -> Number:
    """The exact sum; an int where it is whole. Fractions are added over a common denominator.

    >>> added([1, Fraction(1, 2), Fraction(1, 3)])
    Fraction(11, 6)
    """
    every = list(numbers)
    if Fraction not in set(map(type, every)):
        return sum(every)
    parts = [number.as_integer_ratio() for number in every]
    common = lcm(*[below for _, below in parts])
    return ratio(sum(above * (common // below) for above, below in parts), common)


class Quantity(NamedTuple):
    """A number between `low` and `high`; exact when they are equal.

    low, high   bounds; None stands for no bound on that side
    missing     the inputs that would narrow the interval
    estimated   a mean computed from percentiles: counts as exact, and is marked
    """

    low: Number | None
    high: Number | None
    missing: Gaps = ()
    estimated: bool = False

    @classmethod
    def of(cls, value: Number) -> Quantity:
        """The exact value."""
        return cls(value, value)

    @property
    def exact(self) -> bool:
        """Whether it is one point."""
        return self.low is not None and (self.low is self.high or self.low == self.high)

    @property
    def value(self) -> Number:
        """The point of an exact quantity, the middle of a bounded one.

        Raises:
            ValueError: the quantity has no bound on one side.
        """
        if self.low is None or self.high is None:
            raise ValueError("an unbounded quantity has no value")
        return self.low if self.low == self.high else ratio(self.low + self.high, 2)

    def marked(self, missing: Gaps) -> Quantity:
        """The same bounds with further missing inputs."""
        return Quantity(self.low, self.high, merge(self.missing, missing), self.estimated)

    def __add__(self, other: Quantity) -> Quantity:  # type: ignore[override]
        if self is ZERO:
            return other
        if other is ZERO:
            return self
        low, high, missing, estimated = self
        more_low, more_high, more_missing, more_estimated = other
        least = None if low is None or more_low is None else low + more_low
        if low is high and more_low is more_high:
            most = least
        else:
            most = None if high is None or more_high is None else high + more_high
        gaps = merge(missing, more_missing)
        return made(Quantity, (least, most, gaps, estimated or more_estimated))

    def __neg__(self) -> Quantity:
        return Quantity(
            None if self.high is None else -self.high,
            None if self.low is None else -self.low,
            self.missing,
            self.estimated,
        )

    def __sub__(self, other: Quantity) -> Quantity:
        if other is ZERO:
            return self
        low, high, missing, estimated = self
        less_low, less_high, more_missing, more_estimated = other
        least = None if low is None or less_high is None else low - less_high
        if low is high and less_low is less_high:
            most = least
        else:
            most = None if high is None or less_low is None else high - less_low
        gaps = merge(missing, more_missing)
        return made(Quantity, (least, most, gaps, estimated or more_estimated))

    def __mul__(self, other: Quantity) -> Quantity:  # type: ignore[override]
        if self is ONE and _never_negative(other):
            return other
        if other is ONE and _never_negative(self):
            return self
        low, high, missing, estimated = self
        by_low, by_high, more_missing, more_estimated = other
        least: Number | None
        most: Number | None
        if low is high and by_low is by_high and low is not None and by_low is not None:
            least = most = low * by_low if low and by_low else 0
        elif _never_negative(self) and _never_negative(other):
            least, most = _times(low, by_low), _times(high, by_high)
            if most.__class__ is int and not most:  # nothing, whatever the other factor is
                return self if high == 0 else other
        else:
            for factor in (self, other):
                if factor.low == factor.high == 0:
                    return factor
            least, most = _corners(self, other)
        gaps = merge(missing, more_missing)
        return made(Quantity, (least, most, gaps, estimated or more_estimated))

    def __truediv__(self, other: Quantity) -> Quantity:
        """The quotient; without bounds where the divisor may be zero (0/0 is unknown)."""
        missing = merge(self.missing, other.missing)
        estimated = self.estimated or other.estimated
        if other.low is None or other.low < 0 or not _never_negative(self):
            if other.exact and other.low:
                return self * Quantity(ratio(1, other.low), ratio(1, other.low), other.missing)
            return Quantity(None, None, missing, estimated)
        if other.high == 0 or self.low is None:
            return Quantity(None, None, missing, estimated)
        low = 0 if other.high is None else ratio(self.low, other.high)
        if self.low is self.high and other.low is other.high:
            return Quantity(low, low, missing, estimated)
        high = None if other.low == 0 or self.high is None else ratio(self.high, other.low)
        if high.__class__ is int and not high:  # nothing, whatever the divisor is
            return self
        return Quantity(low, high, missing, estimated)


ZERO: Final = Quantity(0, 0)
ONE: Final = Quantity(1, 1)


def _times(a: Number | None, b: Number | None) -> Number | None:
    if a is None or b is None:
        return 0 if a == 0 or b == 0 else None
    return a * b if a and b else 0


def _never_negative(q: Quantity) -> bool:
    # A denominator is positive, and comparing whole numbers is much less work.
    return q.low is not None and q.low.numerator >= 0


def _corners(a: Quantity, b: Quantity) -> tuple[Number | None, Number | None]:
    """The bounds of a product whose factors may be negative; none where a factor is unbounded."""
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return None, None
    corners = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
    return min(corners), max(corners)


def total(quantities: Iterable[Quantity]) -> Quantity:
    """The sum; 0 for none."""
    low: Number | None = 0
    high: Number | None = 0
    missing: list[Gaps] = []
    estimated = False
    for least, most, gaps, is_estimated in quantities:
        exact = low is high and least is most
        low = None if low is None or least is None else low + least
        if exact:
            high = low
        else:
            high = None if high is None or most is None else high + most
        if gaps:
            missing.append(gaps)
        estimated = estimated or is_estimated
    return made(Quantity, (low, high, merged(missing), estimated))


def largest(quantities: Iterable[Quantity], perhaps: Iterable[Quantity] = ()) -> Quantity:
    """The interval of the maximum; 0 for none. Inputs matter only where they can be the largest.

    Args:
        quantities: what is there.
        perhaps: what may be there.
    """
    certain = list(quantities)
    every = [*certain, *perhaps]
    if not every:
        return ZERO
    low = max((q.low for q in certain if q.low is not None), default=None)
    high = None if any(q.high is None for q in every) else max(q.high for q in every)  # type: ignore[type-var]
    missing = merged(q.missing for q in every if exceeds(q, low))
    return Quantity(low, high, missing, any(q.estimated for q in every))


def exceeds(quantity: Quantity, limit: Number | None) -> bool:
    """Whether the quantity can lie above a limit that may be unknown."""
    return limit is None or quantity.high is None or quantity.high > limit
