"""The numbers of a stream: how long an item takes, how much of it is work, and who it waits for.

Every metric over the critical path is the union over all paths that could be critical, when missing
data or ties leave that open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from orgdiag.graph.certainty import Truth, gaps_of, meets, negation
from orgdiag.graph.facts import Facts
from orgdiag.graph.flow import flow
from orgdiag.graph.flow import process_time as touch_time
from orgdiag.graph.properties import amount, said
from orgdiag.graph.streams import after_first, main_steps, owner_does_it, performers
from orgdiag.metrics.extremes import Shape, part_and_whole
from orgdiag.metrics.metric import HOURS, ITEM_DAYS, PERCENT, metric
from orgdiag.metrics.paths import longest
from orgdiag.metrics.routes import (
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
from orgdiag.model import DURATION, EFFORT, NUMBER, SHARE, Step, Stream
from orgdiag.quantity import (
    ONE,
    ZERO,
    Gaps,
    Members,
    Number,
    Quantity,
    Unknown,
    merge,
    ratio,
    total,
)

ANY_SHARE = Quantity(0, 1)
ANYTHING = Quantity(0, None)


@metric("stream", DURATION, HOURS, "M10")
def lead_time(facts: Facts, stream: Stream) -> Quantity:
    """Time of an item from the first step to the end, when every step is passed once.

    Definition: longest path of lead times over MAIN, with the gaps of handoffs. Range: 0 to
    unbounded. A lower bound when a lead time is unknown.

    Source: Martin and Osterling: the longest lead time of each parallel section.
    """
    return longest(single_pass(facts, stream))


@metric("stream", DURATION, HOURS, "M11")
def expected_lead_time(facts: Facts, stream: Stream) -> Quantity:
    """Time of the mean item from the first step to the end, with rework and shares.

    Definition: longest path of share × expected visits × lead time over MAIN. Range: 0 to
    unbounded. Exact for a chain; where parallel tracks join it is a lower bound, since the mean of
    a maximum is at least the maximum of the means: `merge_bias` says whether that is so.

    Source: absorbing Markov chains; merge bias as in PERT.
    """
    return longest(expected(facts, stream))


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
        lambda path: share_of(path, (shape for leg in path for shape in _shapes(leg))),
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
        result = result * amount(step, "complete_accurate")
    for step in steps.possible:
        share = amount(step, "complete_accurate")
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
    a time is unknown.

    Source: article, "what does the work do between".
    """

    def measure(path: Route) -> Quantity:
        found = share_of(path, (_unexplained(facts, leg) for leg in path))
        return found.marked(total(explained_wait(facts, leg.step) for leg in path).missing)

    return over(critical_routes(facts, stream), measure, ANY_SHARE)


@metric("stream", NUMBER, "", "M16", word=False)
def handoffs(facts: Facts, stream: Stream) -> Quantity:
    """Number of borders on the critical path where the item changes hands.

    Definition: edges of the critical path whose steps have no team in common. Range: 0 to the
    number of edges. Bounded when it is unknown who does a step.

    Source: article, "The more handoffs, the greater".
    """
    return over(
        critical_routes(facts, stream),
        lambda path: total(
            _counted(_changes_hands(facts, a.step, b.step)) for a, b in pairwise(path)
        ),
        ANYTHING,
    )


@metric("stream", NUMBER, "", "M16")
def handoffs_main(facts: Facts, stream: Stream) -> Quantity:
    """Number of borders between all steps that lead to the end where the item changes hands.

    Definition: edges of MAIN whose steps have no team in common. Range: 0 to the number of edges.
    Bounded when it is unknown who does a step.

    Source: article, "The more handoffs, the greater".
    """
    net = flow(facts, stream)
    network = single_pass(facts, stream)
    found = ZERO
    for id in network.nodes:
        for other in network.before[id]:
            one = _counted(_changes_hands(facts, net.steps[other], net.steps[id]))
            sure = id in net.main and other in net.main
            found = found + (one if sure else Quantity(0, one.high, network.open))
    return Quantity(found.low, None, merge(found.missing, net.gaps)) if net.gaps else found


@metric("stream", NUMBER, "", "M16")
def ping_pongs(facts: Facts, stream: Stream) -> Quantity:
    """Number of times that an item comes back to a team it had left, along the critical path.

    Definition: handoffs on the critical path whose receiver has a team that did a step before the
    giver. Range: 0 to the number of handoffs. Bounded when it is unknown who does a step.

    Source: article, handoffs.
    """
    return over(critical_routes(facts, stream), lambda path: _returns(facts, path), ANYTHING)


@metric("stream", NUMBER, "", "M19")
def wip_by_little(facts: Facts, stream: Stream) -> Quantity:
    """Number of items in progress that arrivals and lead time imply.

    Definition: arrivals × lead time (Little's law). Range: 0 to unbounded. Bounded when one of the
    two is.

    Source: Little 1961.
    """
    months = lead_time(facts, stream) / month(facts)
    return amount(stream, "arrivals") * months


@metric("stream", EFFORT, ITEM_DAYS, "M20")
def waiting_inventory(facts: Facts, stream: Stream) -> Quantity:
    """Item-days of waiting that the stream produces in a month.

    Definition: arrivals × wait on the critical path. Divided by the working time of a month it is
    the mean number of items that wait. Range: 0 to unbounded. Bounded when one of the two is.

    Source: Little 1961.
    """
    return amount(stream, "arrivals") * wait(facts, stream)


@metric("stream", SHARE, PERCENT, "M21")
def owner_coverage(facts: Facts, stream: Stream) -> Quantity:
    """Share of the steps on the critical path that an owner takes part in.

    Definition: number of steps with an owner among those who do it / number of steps. Range: 0 to
    1. Bounded when an owner, or who does a step, is unknown; undefined without steps.

    Source: article, "owns it end-to-end".
    """

    def measure(path: Route) -> Quantity:
        owned = total(_counted(owner_does_it(facts, leg.step)) for leg in path)
        return owned / Quantity.of(len(path))

    return over(critical_routes(facts, stream), measure, ANY_SHARE)


@metric("stream", SHARE, PERCENT, "M21")
def owner_coverage_lead_time(facts: Facts, stream: Stream) -> Quantity:
    """Share of the lead time that falls on steps in which an owner takes part.

    Definition: lead time of these steps, with the gaps before them / lead time. Range: 0 to 1.
    Bounded when a time, an owner or who does a step is unknown.

    Source: article, "owns it end-to-end".
    """
    return _coverage(facts, stream, lambda process, lead: lead)


@metric("stream", SHARE, PERCENT, "M21")
def owner_coverage_process_time(facts: Facts, stream: Stream) -> Quantity:
    """Share of the process time on the critical path that falls on steps of an owner.

    Definition: process time of these steps / process time. Range: 0 to 1. Bounded when a time, an
    owner or who does a step is unknown.

    Source: article, "owns it end-to-end".
    """
    return _coverage(facts, stream, lambda process, lead: process)


@metric("stream", SHARE, PERCENT, "M23")
def external_wait_share(facts: Facts, stream: Stream) -> Quantity:
    """Share of the time since the owner's first step that is spent waiting at other teams.

    Definition: wait, over steps of the critical path after the owner's first that no owner does /
    lead time from the owner's first step to the end. Range: 0 to 1. Undefined when no owner does a
    step; bounded when a time, an owner or who does a step is unknown.

    Source: article, "dominated by wait time at each dependency".
    """
    after = after_first(facts, stream)
    return over(
        critical_routes(facts, stream),
        lambda path: _waiting_elsewhere(facts, path, after),
        ANY_SHARE,
    )


@metric("stream", SHARE, PERCENT, "M24")
def wait_before_build(facts: Facts, stream: Stream) -> Quantity:
    """Share of the lead time that passes before development starts.

    Definition: lead time before the first development step on the critical path / lead time. Range:
    0 to 1. Undefined without a development step; bounded when a time or a kind is unknown.

    Source: article, customer dimension and engineering dimension.
    """
    return over(critical_routes(facts, stream), _before_build, ANY_SHARE)


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


def _shapes(leg: Leg) -> list[Shape]:
    """The leg as (process time, lead time), and its gap as (0, gap)."""
    step = part_and_whole(leg.process, leg.lead)
    return [step] if leg.gap == ZERO else [step, part_and_whole(ZERO, leg.gap)]


def _expected_shapes(facts: Facts, leg: Leg) -> list[Shape]:
    """The leg as (share × process time, share × visits × time)."""
    share, factor = amount(leg.step, "share"), passes(facts, leg.step)
    shapes = _shapes(leg)
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


def _counted(value: Truth) -> Quantity:
    """1 for yes, 0 for no, between them when unknown."""
    if isinstance(value, Unknown):
        return Quantity(0, 1, value.missing)
    return ONE if value else ZERO


def _changes_hands(facts: Facts, giver: Step, receiver: Step) -> Truth:
    return negation(meets(performers(facts, giver), performers(facts, receiver)))


def _returns(facts: Facts, path: Route) -> Quantity:
    found = ZERO
    seen: list[Members] = []
    for giver, receiver in pairwise(path):
        teams = performers(facts, receiver.step)
        border = _counted(_changes_hands(facts, giver.step, receiver.step))
        back = max((_counted(meets(teams, earlier)) for earlier in seen), key=_rank, default=ZERO)
        found = found + border * back
        seen.append(performers(facts, giver.step))
    return found


def _rank(q: Quantity) -> tuple[object, object]:
    return (q.low, q.high)


def _coverage(facts: Facts, stream: Stream, choose: Callable[[Number, Number], Number]) -> Quantity:
    def measure(path: Route) -> Quantity:
        shapes: list[Shape] = []
        gaps: Gaps = ()
        for leg in path:
            owned = owner_does_it(facts, leg.step)
            gaps = merge(gaps, gaps_of(owned))
            for shape in _shapes(leg):
                below = shape.mapped(lambda work, time: (0, choose(work, time)))
                above = shape.mapped(lambda work, time: (choose(work, time),) * 2)
                if isinstance(owned, Unknown):
                    shapes.append(above.joined(below))
                else:
                    shapes.append(above if owned else below)
        found = share_of(path, shapes)
        return found if found.exact else found.marked(gaps)

    return over(critical_routes(facts, stream), measure, ANY_SHARE)


def _waiting_elsewhere(facts: Facts, path: Route, after: Members) -> Quantity:
    """The external wait share of one path, over every step that could be the owner's first."""
    found: list[Quantity] = []
    gaps: Gaps = ()
    for number, leg in enumerate(path):
        owned = owner_does_it(facts, leg.step)
        gaps = merge(gaps, gaps_of(owned))
        if owned is not False:
            found.append(_external(facts, path[number:], after))
        if owned is True:
            return _hull(found, gaps)
    return Quantity(None, None, gaps)


def _external(facts: Facts, path: Route, after: Members) -> Quantity:
    shapes: list[Shape] = []
    gaps: Gaps = ()
    for number, leg in enumerate(path):
        outside = _outside(facts, leg.step, after)
        gaps = merge(gaps, gaps_of(outside))
        # The gap before the owner's first step has passed when the owner starts.
        parts = _shapes(leg) if number else _shapes(leg)[:1]
        for shape in parts:
            inside = shape.mapped(lambda work, time: (0, time))
            waits = shape.mapped(lambda work, time: (time - work, time))
            if isinstance(outside, Unknown):
                shapes.append(waits.joined(inside))
            else:
                shapes.append(waits if outside else inside)
    found = share_of(path, shapes)
    return found if found.exact else found.marked(gaps)


def _outside(facts: Facts, step: Step, after: Members) -> Truth:
    """Whether the step comes after the owner's first and is done by no owner."""
    owned = owner_does_it(facts, step)
    if owned is True or (step not in after.certain and step not in after.possible):
        return False
    if isinstance(owned, Unknown):
        return owned
    return True if step in after.certain else Unknown(after.missing)


def _before_build(path: Route) -> Quantity:
    """The wait before build of one path, over every step that could be the first development."""
    found: list[Quantity] = []
    gaps: Gaps = ()
    for number, leg in enumerate(path):
        kind = said(leg.step, "type", "kind")
        if isinstance(kind, Unknown):
            gaps = merge(gaps, kind.missing)
            found.append(_share_before(path, number))
        elif kind == "development":
            found.append(_share_before(path, number))
            return _hull(found, gaps)
    return Quantity(None, None, gaps)


def _share_before(path: Route, number: int) -> Quantity:
    """The share of the path's time before a step is reached."""
    shapes: list[Shape] = []
    for place, leg in enumerate(path):
        step, *gap = _shapes(leg)
        early, late = (lambda work, time: (time, time)), (lambda work, time: (0, time))
        shapes.append(step.mapped(early if place < number else late))
        shapes += [shape.mapped(early if place <= number else late) for shape in gap]
    return share_of(path, shapes)


def _hull(values: Sequence[Quantity], gaps: Gaps) -> Quantity:
    """The union of the values; the gaps matter when they differ."""
    if len(values) == 1:
        return values[0]
    lows = [value.low for value in values]
    highs = [value.high for value in values]
    for value in values:
        gaps = merge(gaps, value.missing)
    if None in lows or None in highs:
        return Quantity(None, None, gaps)
    low = min(low for low in lows if low is not None)
    high = max(high for high in highs if high is not None)
    return Quantity(low, high, () if low == high else gaps, any(v.estimated for v in values))
