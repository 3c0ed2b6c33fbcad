"""Numbers of lists of amounts: of what is in a list only perhaps, and of a list that goes on."""

from __future__ import annotations

from fractions import Fraction

from orgdiag.partial.members import Members
from orgdiag.partial.quantity import ZERO, Quantity, ratio
from orgdiag.partial.unknown import Gaps, merge


def unknown(missing: Gaps) -> Quantity:
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
        return unknown(members.missing)
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
        return unknown(members.missing)
    if not members.possible:
        return total(members) / Quantity.of(len(members.certain))
    return _between(members)


def percentile(share: Quantity, members: Members) -> Quantity:
    """The smallest amount that at least that share of a list does not exceed."""
    if not members.certain or members.open or not share.exact:
        return unknown(merge(share.missing, members.missing))
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
