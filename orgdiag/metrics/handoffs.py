"""How often an item changes hands on its way through a stream."""

from __future__ import annotations

from itertools import pairwise

from orgdiag.facts.columns import Facts
from orgdiag.facts.flow import flow
from orgdiag.facts.streams import performers
from orgdiag.metrics.metric import metric
from orgdiag.metrics.routes import ANYTHING, Route, counted, critical_routes, over, single_pass
from orgdiag.model.elements import Step, Stream
from orgdiag.model.types import NUMBER
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import ZERO, Quantity, total
from orgdiag.partial.sets import meets
from orgdiag.partial.truth import Truth, negation
from orgdiag.partial.unknown import merge


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
            counted(_changes_hands(facts, a.step, b.step)) for a, b in pairwise(path)
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
            one = counted(_changes_hands(facts, net.steps[other], net.steps[id]))
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


def _changes_hands(facts: Facts, giver: Step, receiver: Step) -> Truth:
    return negation(meets(performers(facts, giver), performers(facts, receiver)))


def _returns(facts: Facts, path: Route) -> Quantity:
    found = ZERO
    seen: list[Members] = []
    for giver, receiver in pairwise(path):
        teams = performers(facts, receiver.step)
        border = counted(_changes_hands(facts, giver.step, receiver.step))
        back = max((counted(meets(teams, earlier)) for earlier in seen), key=_rank, default=ZERO)
        found = found + border * back
        seen.append(performers(facts, giver.step))
    return found


def _rank(q: Quantity) -> tuple[object, object]:
    return (q.low, q.high)
