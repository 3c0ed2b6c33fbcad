"""The numbers of a stream: how long an item takes, and how much of it is work.

Every metric over the critical path is the union over all paths that could be critical, when missing
data or ties leave that open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from orgdiag.facts.columns import Facts
from orgdiag.facts.flow import process_time as touch_time
from orgdiag.facts.properties import quantity_of
from orgdiag.facts.streams import main_steps
from orgdiag.metrics.extremes import Shape
from orgdiag.metrics.metric import HOURS, ITEM_DAYS, PERCENT, metric
from orgdiag.metrics.routes import (
    ANY_SHARE,
    ANYTHING,
    Leg,
    Route,
    critical_routes,
    expected,
    expected_routes,
    over,
    passes,
    share_of,
    single_pass,
)
from orgdiag.metrics.step import effort, explained_wait
from orgdiag.model.elements import Step, Stream
from orgdiag.model.types import DURATION, EFFORT, NUMBER, SHARE
from orgdiag.partial.quantity import ONE, ZERO, Quantity, ratio, total
from orgdiag.partial.unknown import merge


@metric("stream", DURATION, HOURS, "M10")
def lead_time(facts: Facts, stream: Stream) -> Quantity:
    """Time of an item from the first step to the end, when every step is passed once.

    Definition: longest path of lead times over MAIN, with the gaps of handoffs. Range: 0 to
    unbounded. A lower bound when a lead time is unknown.

    Source: Martin and Osterling: the longest lead time of each parallel section.
    """
    return single_pass(facts, stream).longest


@metric("stream", DURATION, HOURS, "M11")
def expected_lead_time(facts: Facts, stream: Stream) -> Quantity:
    """Time of the mean item from the first step to the end, with rework and shares.

    Definition: longest path of share × expected visits × lead time over MAIN. Range: 0 to
    unbounded. Exact for a chain; where parallel tracks join it is a lower bound, since the mean of
    a maximum is at least the maximum of the means: `merge_bias` says whether that is so.

    Source: absorbing Markov chains; merge bias as in PERT.
    """
    return expected(facts, stream).longest


def merge_bias(facts: Facts, stream: Stream) -> bool:
    """Whether parallel tracks join, so that the expected lead time is a lower bound."""
    network = single_pass(facts, stream)
    return any(len(before) > 1 for before in network.before.values())


@metric("stream", DURATION, HOURS, "M12")
def process_time(facts: Facts, stream: Stream) -> Quantity:
    """Time of work on an item along the critical path.

    Definition: sum of process times over the critical path. Range: 0 to the lead time. Bounded when
    a process time is unknown.

    Source: Martin and Osterling.
    """
    return over(critical_routes(facts, stream), lambda path: total(map(_work, path)), ANYTHING)


@metric("stream", DURATION, HOURS, "M12")
def total_touch_time(facts: Facts, stream: Stream) -> Quantity:
    """Time of work on an item over all steps that lead to the end.

    Definition: sum of process times over MAIN. Range: 0 to unbounded. Bounded when a process time
    is unknown.

    Source: Martin and Osterling.
    """
    return _over_main(facts, stream, touch_time)


@metric("stream", DURATION, HOURS, "M12")
def labour(facts: Facts, stream: Stream) -> Quantity:
    """Person-time for an item over all steps that lead to the end.

    Definition: sum of effort over MAIN; without `effort` a step counts one person for its process
    time, which is a least value. Range: 0 to unbounded. Bounded when a time is unknown.

    Source: Martin and Osterling.
    """
    return _over_main(facts, stream, effort)


@metric("stream", SHARE, PERCENT, "M13")
def flow_efficiency(facts: Facts, stream: Stream) -> Quantity:
    """Share of the lead time in which somebody works on the item.

    Definition: process time / lead time, both along the critical path. Range: 0 to 1. Bounded when
    a time is unknown, over every path that could be critical; undefined when the lead time is 0.

    Source: article, "between 5% and 15%"; Martin and Osterling, activity ratio.
    """
    return over(
        critical_routes(facts, stream),
        lambda path: share_of(path, (shape for leg in path for shape in leg.shapes)),
        ANY_SHARE,
    )


@metric("stream", SHARE, PERCENT, "M13e")
def expected_flow_efficiency(facts: Facts, stream: Stream) -> Quantity:
    """Share of the mean item's lead time in which somebody works on it for the first time.

    Definition: sum of share × process time over the path of the expected lead time / the expected
    lead time. Rework is no value, so it stands only below the line. Range: 0 to 1. Bounded and
    undefined as the flow efficiency.

    Source: by orgdiag, from the two above.
    """

    def measure(path: Route) -> Quantity:
        shapes = [shape for leg in path for shape in _expected_shapes(facts, leg)]
        found = share_of(path, shapes)
        factors = (passes(facts, leg.step) for leg in path)
        return found if found.exact else found.marked(total(factors).missing)

    return over(expected_routes(facts, stream), measure, ANY_SHARE)


@metric("stream", SHARE, PERCENT, "M14")
def rolled_complete_accurate(facts: Facts, stream: Stream) -> Quantity:
    """Share of items that pass all steps without anything to correct.

    Definition: product of `complete-accurate` over MAIN. Range: 0 to 1. From 0 to the product of
    those known when any is unknown.

    Source: Martin and Osterling, rolled first-pass yield.
    """
    steps = main_steps(facts, stream)
    if not steps.certain and not steps.possible:
        return ANY_SHARE.marked(steps.missing)
    result = ONE
    for step in steps.certain:
        result = result * quantity_of(step, "complete_accurate")
    for step in steps.possible:
        share = quantity_of(step, "complete_accurate")
        result = result * Quantity(share.low, 1, merge(steps.missing, share.missing))
    return result


@metric("stream", DURATION, HOURS, "M15")
def wait(facts: Facts, stream: Stream) -> Quantity:
    """Time on the critical path in which nobody works on the item.

    Definition: sum of lead time − process time over the critical path, and of the gaps on it.
    Range: 0 to the lead time. Bounded when a time is unknown.

    Source: article, wait time.
    """
    return over(
        critical_routes(facts, stream), lambda path: total(leg.wait for leg in path), ANYTHING
    )


@metric("stream", DURATION, HOURS, "M15")
def unexplained_wait(facts: Facts, stream: Stream) -> Quantity:
    """Wait on the critical path for which no reason is declared.

    Definition: wait − declared reasons − gaps of handoffs, step by step. Range: 0 to the wait.

    Source: article, "what does the work do between".
    """

    def measure(path: Route) -> Quantity:
        return total(
            _not_below_zero(leg.wait - leg.gap - explained_wait(facts, leg.step)) for leg in path
        )

    return over(critical_routes(facts, stream), measure, ANYTHING)


@metric("stream", SHARE, PERCENT, "M15")
def unexplained_wait_share(facts: Facts, stream: Stream) -> Quantity:
    """Share of the wait on the critical path for which no reason is declared.

    Definition: unexplained wait / wait. Range: 0 to 1. Undefined when nothing waits; bounded when
    a time is unknown; unknown when it is not even known whether anything waits.

    Source: article, "what does the work do between".
    """

    def measure(path: Route) -> Quantity:
        waits = total(leg.wait for leg in path)
        if not waits.low and waits.high != 0:
            return ANY_SHARE.marked(waits.missing)
        found = share_of(path, (_unexplained(facts, leg) for leg in path))
        return found.marked(total(explained_wait(facts, leg.step) for leg in path).missing)

    return over(critical_routes(facts, stream), measure, ANY_SHARE)


@metric("stream", NUMBER, "", "M19")
def wip_by_little(facts: Facts, stream: Stream) -> Quantity:
    """Number of items in progress that arrivals and lead time imply.

    Definition: arrivals × lead time (Little's law). Range: 0 to unbounded. Bounded when one of the
    two is.

    Source: Little 1961.
    """
    months = lead_time(facts, stream) / month(facts)
    return quantity_of(stream, "arrivals") * months


@metric("stream", EFFORT, ITEM_DAYS, "M20")
def waiting_inventory(facts: Facts, stream: Stream) -> Quantity:
    """Item-days of waiting that the stream produces in a month.

    Definition: arrivals × wait on the critical path. Divided by the working time of a month it is
    the mean number of items that wait. Range: 0 to unbounded. Bounded when one of the two is.

    Source: Little 1961.
    """
    return quantity_of(stream, "arrivals") * wait(facts, stream)


@metric("stream", SHARE, PERCENT, "M11")
def rework_share(facts: Facts, stream: Stream) -> Quantity:
    """Share of the mean item's lead time that rework adds.

    Definition: (expected lead time − lead time) / expected lead time, at least 0. Range: 0 to 1.
    Bounded when a time or a rework share is unknown.

    Source: article, "rework".
    """
    once, mean = lead_time(facts, stream), expected_lead_time(facts, stream)
    if once.exact and mean.exact:
        return _not_below_zero(ONE - once / mean) if mean.low else Quantity(None, None)
    factors = [passes(facts, step) for step in main_steps(facts, stream).every()]
    if all(factor == ONE for factor in factors):
        return ZERO
    most = max((0 if f.high is None else 1 - ratio(1, max(f.high, 1)) for f in factors), default=0)
    open = any(factor.high is None for factor in factors)
    return Quantity(0, 1 if open else most, merge(mean.missing, total(factors).missing))


def day(facts: Facts) -> Quantity:
    """The length of a working day."""
    return facts.org.calendar.day


def month(facts: Facts) -> Quantity:
    """The length of a working month: a twelfth of 52 weeks."""
    return facts.org.calendar.week * Quantity.of(ratio(52, 12))


# --- along a path ---------------------------------------------------------------------------------


def _work(leg: Leg) -> Quantity:
    """The process time; no more than the lead time."""
    work, high = leg.process, leg.lead.high
    if high is None or (work.high is not None and work.high <= high):
        return work
    return Quantity(work.low, high, work.missing, work.estimated)


def _expected_shapes(facts: Facts, leg: Leg) -> Sequence[Shape]:
    """The leg as (share × process time, share × visits × time)."""
    share, factor = quantity_of(leg.step, "share"), passes(facts, leg.step)
    shapes = leg.shapes
    if share == factor == ONE:
        return shapes
    return [_scaled(shape, share, factor) for shape in shapes]


def _scaled(shape: Shape, share: Quantity, factor: Quantity) -> Shape:
    """The shape with what is above times the share, what is below times share × visits.

    Share and visits are taken as independent of each other, so a share that is unknown widens the
    result a little; it is never too narrow.
    """
    shares = {share.low or 0, share.high or 0}
    lows = factor.low or 0
    corners, rays = [], []
    for above, below in shape.corners:
        for s in shares:
            for f in {max(lows, s), lows if factor.high is None else max(factor.high, s)}:
                corners.append((s * above, f * below))
    for above, below in shape.rays:
        for s in shares:
            for f in {max(lows, s), lows if factor.high is None else max(factor.high, s)}:
                if f * below:
                    rays.append((s * above, f * below))
    if factor.high is None:
        rays.append((0, 1))
    return Shape(tuple(dict.fromkeys(corners)), tuple(dict.fromkeys(rays)))


def _over_main(
    facts: Facts, stream: Stream, measure: Callable[[Facts, Step], Quantity]
) -> Quantity:
    steps = main_steps(facts, stream)
    found = total(measure(facts, step) for step in steps.certain)
    for step in steps.possible:
        one = measure(facts, step)
        found = found + Quantity(0, one.high, merge(steps.missing, one.missing))
    return found


def _not_below_zero(q: Quantity) -> Quantity:
    high = None if q.high is None else max(q.high, 0)
    return Quantity(max(q.low or 0, 0), high, q.missing, q.estimated)


def _unexplained(facts: Facts, leg: Leg) -> Shape:
    """The leg as (wait without a reason, wait); reasons beyond the wait explain no more than it."""
    explained, waits = leg.gap + explained_wait(facts, leg.step), leg.wait
    reasons = sorted({explained.low or 0, explained.high or 0})
    least, most = waits.low or 0, waits.high
    lengths = {max(length, least) for length in (least, most or 0, *reasons)}
    if most is not None:
        lengths = {min(length, most) for length in lengths}
    corners = [(max(length - r, 0), length) for length in sorted(lengths) for r in reasons]
    rays = [(1, 1)] if most is None else []
    if explained.high is None:
        corners += [(0, length) for _, length in corners]
        rays += [(0, 1)] if most is None else []
    return Shape(tuple(dict.fromkeys(corners)), tuple(rays))
