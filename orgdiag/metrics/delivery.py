"""The numbers of delivery: batches, slots, and the way from the last commit to production."""

from __future__ import annotations

from orgdiag.facts.columns import Facts
from orgdiag.facts.flow import flow
from orgdiag.facts.properties import missing, quantity_of, said
from orgdiag.metrics.extremes import Point, Shape
from orgdiag.metrics.flow import expected_lead_time, lead_time, month
from orgdiag.metrics.metric import HOURS, PERCENT, metric
from orgdiag.metrics.paths import Network
from orgdiag.metrics.routes import (
    ANY_SHARE,
    Route,
    critical_routes,
    over,
    share_of,
    single_pass,
    union_of,
)
from orgdiag.model.elements import Step, Stream
from orgdiag.model.types import DURATION, NUMBER, SHARE
from orgdiag.partial.quantity import ONE, ZERO, Number, Quantity, ratio
from orgdiag.partial.truth import few
from orgdiag.partial.unknown import Gaps, Missing, Unknown, Unwritten, merge

ON_DEMAND = "on-demand"


@metric("stream", NUMBER, "", "M25")
def batch_size(facts: Facts, stream: Stream) -> Quantity:
    """Mean number of items in one deployment.

    Definition: arrivals / deployment frequency; 1 when deployment is on demand. Range: 0 to
    unbounded; below 1 there are deployments without an item. Unknown when one of the two is.

    Source: article, "proxy for batch size".
    """
    if stream.deployment_frequency == ON_DEMAND:
        return ONE
    return quantity_of(stream, "arrivals") / quantity_of(stream, "deployment_frequency")


@metric("stream", DURATION, HOURS, "M26")
def deploy_interval_wait(facts: Facts, stream: Stream) -> Quantity:
    """Mean wait of a finished item for the next deployment.

    Definition: half a month / deployments a month; 0 when deployment is on demand. Range: 0 to
    unbounded. Unknown when the deployment frequency is.

    Source: mean residual life of a fixed interval.
    """
    if stream.deployment_frequency == ON_DEMAND:
        return ZERO
    half = month(facts) * Quantity.of(ratio(1, 2))
    return half / quantity_of(stream, "deployment_frequency")


@metric("stream", DURATION, HOURS, "M27")
def unmapped_lead_time(facts: Facts, stream: Stream) -> Quantity:
    """Lead time that the customer sees and the map does not show.

    Definition: declared request-to-delivery − expected lead time. Range: unbounded on both sides;
    negative when the map says more than what was observed. Unknown when one of the two is.

    Source: by orgdiag.
    """
    declared = stream.request_to_delivery
    if not isinstance(declared, Quantity):
        return Quantity(None, None, missing(stream, "lead-time"))
    return declared - expected_lead_time(facts, stream)


@metric("stream", DURATION, HOURS, "M10")
def mapped_commit_to_production(facts: Facts, stream: Stream) -> Quantity:
    """Time from the end of development to production, as the map shows it.

    Definition: longest path of lead times after the last development step, up to and including the
    first deployment or release step. Range: 0 to unbounded. Undefined without one of the two;
    bounded when a lead time is unknown, unknown when the kind of a step is.

    Source: article, engineering dimension.
    """
    network, net = single_pass(facts, stream), flow(facts, stream)
    steps = [net.steps[id] for id in network.nodes]
    gaps = _kind_gaps(steps)
    if gaps:
        return Quantity(0, lead_time(facts, stream).high, gaps)
    between = _between(network, steps)
    if not between:
        return Quantity(None, None)
    return Network(
        tuple(between),
        {id: network.before[id] for id in between},
        {id: _entering(network, id, between) for id in between},
        {edge: gap for edge, gap in network.gaps.items() if set(edge) <= between.keys()},
        network.optional,
        network.open,
    ).longest


@metric("stream", SHARE, PERCENT, "M24")
def wait_before_build(facts: Facts, stream: Stream) -> Quantity:
    """Share of the lead time that passes before development starts.

    Definition: lead time before the first development step on the critical path / lead time. Range:
    0 to 1. Undefined without a development step; bounded when a time or a kind is unknown.

    Source: article, customer dimension and engineering dimension.
    """
    return over(critical_routes(facts, stream), _before_build, ANY_SHARE)


def _kind_gaps(steps: list[Step]) -> Gaps:
    gaps: Gaps = ()
    for step in steps:
        if step.type is None or isinstance(step.type, Unwritten):
            gaps = merge(gaps, missing(step, "kind"))
    return gaps


def _between(network: Network, steps: list[Step]) -> dict[str, bool]:
    """The steps on paths from the last development to the first deployment, in order."""
    builds = {step.id for step in steps if step.type == "development"}
    ships = {step.id for step in steps if step.type in {"deployment", "release"}}
    built: set[str] = set()
    shipped: set[str] = set()
    for id in network.nodes:
        for other in network.before[id]:
            if other in builds or other in built:
                built.add(id)
            if other in ships or other in shipped:
                shipped.add(id)
    # Backwards: what leads to a first deployment, and what leads to more development.
    leading: set[str] = set()
    rebuilt: set[str] = set(builds)
    for id in reversed(network.nodes):
        if id in ships and id not in shipped:
            leading.add(id)
        for other in network.before[id]:
            if id in leading:
                leading.add(other)
            if id in rebuilt:
                rebuilt.add(other)
    return {id: True for id in network.nodes if id in built and id in leading and id not in rebuilt}


def _entering(network: Network, id: str, between: dict[str, bool]) -> Quantity:
    """The lead time of a step, with the gap before it when it follows development itself."""
    outside = [
        network.gaps[other, id]
        for other in network.before[id]
        if other not in between and (other, id) in network.gaps
    ]
    inside = any(other in between for other in network.before[id])
    if not outside or inside:
        return network.lengths[id]
    return network.lengths[id] + max(outside, key=lambda gap: gap.low or 0)


def _before_build(path: Route) -> Quantity:
    """The wait before build of one path, over every step that could be the first development.

    The later development begins, the larger the share before it, so the first and the last of
    these steps bound all of them.
    """
    first: int | None = None
    gaps: list[Missing] = []
    for number, leg in enumerate(path):
        kind = said(leg.step, "type", "kind")
        if isinstance(kind, Unknown):
            first = number if first is None else first
            gaps += kind.missing
        elif kind == "development":
            ends = dict.fromkeys((number if first is None else first, number))
            return union_of([_share_before(path, end) for end in ends], few(gaps))
    return Quantity(None, None, few(gaps))


def _share_before(path: Route, number: int) -> Quantity:
    """The share of the path's time before a step is reached."""
    shapes: list[Shape] = []
    for place, leg in enumerate(path):
        step, *gap = leg.shapes
        shapes.append(step.mapped(_early if place < number else _late))
        shapes += [shape.mapped(_early if place <= number else _late) for shape in gap]
    return share_of(path, shapes)


def _early(work: Number, time: Number) -> Point:
    return time, time


def _late(work: Number, time: Number) -> Point:
    return 0, time
