"""Numbers of lists of amounts: of what is in a list only perhaps, and of a list that goes on.

What a list has unseen is taken to be no less than zero in a sum. An input is named if and only if
it may move the number.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import chain

from orgdiag.partial import quantity
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Number, Quantity, ratio
from orgdiag.partial.unknown import Gaps, merge, merged


def unknown(missing: Gaps) -> Quantity:
    """An amount of which nothing is known."""
    return Quantity(None, None, missing)


def total(members: Members) -> Quantity:
    """The sum of a list of amounts; 0 for none."""
    perhaps = [_or_zero(each) for each in members.possible]
    low, high, missing, estimated = quantity.total(chain(members.certain, perhaps))
    if members.open or any(each.low or each.high or not each.exact for each in perhaps):
        missing = merge(missing, members.missing)
    return Quantity(low, None if members.open else high, missing, estimated)


def _or_zero(each: Quantity) -> Quantity:
    low = None if each.low is None else min(0, each.low)
    high = None if each.high is None else max(0, each.high)
    return Quantity(low, high, each.missing, each.estimated)


def largest(members: Members) -> Quantity:
    """The largest of a list of amounts; unknown for none."""
    if not members.certain:
        return unknown(_all_gaps(members))
    low, high, missing, estimated = quantity.largest(members.certain, members.possible)
    if members.open or any(quantity.exceeds(each, low) for each in members.possible):
        missing = merge(missing, members.missing)
    return Quantity(low, None if members.open else high, missing, estimated)


def smallest(members: Members) -> Quantity:
    """The smallest of a list of amounts; unknown for none."""
    certain, possible, missing, open = members
    mirrored = tuple(-each for each in certain), tuple(-each for each in possible)
    return -largest(Members(*mirrored, missing, open))


def average(members: Members) -> Quantity:
    """The mean of a list of amounts; unknown for none."""
    if members.open or not members.certain:
        return unknown(_all_gaps(members))
    if members.possible:
        return _between(members)
    return total(members) / Quantity.of(len(members.certain))


def percentile(share: Quantity, members: Members) -> Quantity:
    """The smallest amount that at least that share of a list does not exceed."""
    if not members.certain or members.open or not share.exact:
        return unknown(merge(share.missing, _all_gaps(members)))
    if members.possible:
        return _between(members)
    count = len(members.certain)
    place = max(1, -(-(share.value * count) // 1))
    at = min(count, int(place)) - 1
    low = _at([each.low for each in members.certain], at)
    high = _at([each.high for each in members.certain], at)
    mirrored = None if high is None else -high
    missing = merged(
        each.missing
        for each in members.certain
        if quantity.exceeds(each, low) and quantity.exceeds(-each, mirrored)
    )
    return Quantity(low, high, missing, any(each.estimated for each in members.certain))


def _at(bounds: list[Number | None], place: int) -> Number | None:
    """The bound at a place in order; none where one is missing."""
    given = [bound for bound in bounds if bound is not None]
    return sorted(given)[place] if len(given) == len(bounds) else None


def median(members: Members) -> Quantity:
    """The middle of a list of amounts, the mean of the two middle ones of an even number."""
    upper = Quantity.of(Fraction(1, 2))
    if members.certain and not members.possible and len(members.certain) % 2 == 0:
        count = len(members.certain)
        above = percentile(Quantity.of(ratio(count // 2 + 1, count)), members)
        return (percentile(upper, members) + above) / Quantity.of(2)
    return percentile(upper, members)


def _between(members: Members) -> Quantity:
    """From the smallest to the largest member, whoever is one."""
    every = members._replace(certain=tuple(members.every()), possible=())
    low, high = smallest(every).low, largest(every).high
    missing = () if low is not None and low == high else _all_gaps(members)
    return Quantity(low, high, missing, any(each.estimated for each in every.certain))


def _all_gaps(members: Members) -> Gaps:
    return merged((members.missing, *[each.missing for each in members.every()]))
