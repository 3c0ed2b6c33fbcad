"""The borders between the steps of a stream, and what comes back over them."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, ClassVar

from orgdiag.facts.columns import Facts, entity, memoised, relation
from orgdiag.facts.critical import Path, critical_path
from orgdiag.facts.flow import Flow, flow
from orgdiag.facts.properties import missing, said
from orgdiag.facts.streams import performers, steps_of
from orgdiag.facts.visits import Loop, expected_visits
from orgdiag.frozen import frozen
from orgdiag.model.elements import Step, Stream
from orgdiag.model.types import DURATION, FLAG, SHARE, to, to_many, word
from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.quantity import ZERO, Quantity, total
from orgdiag.partial.sets import each, meets, such_that
from orgdiag.partial.truth import Truth
from orgdiag.partial.unknown import Missing, Nothing, Unknown, Unwritten, merge
from orgdiag.text.source import Span

# --- borders between steps ------------------------------------------------------------------------


@entity
@frozen
class Border:
    """A handoff: an edge between two steps of MAIN that no team has in common.

    `places` says where the model speaks of it: nowhere when nobody wrote a `handoff` for it.
    """

    kind: ClassVar[str] = "handoff"

    id: str
    span: Span
    stream: Annotated[Stream, to("stream"), "the stream it lies in"]
    from_: Annotated[Step, to("step"), "the step that is left"]
    to: Annotated[Step, to("step"), "the step that receives"]
    givers: Annotated[Members, to_many("team"), "the teams that hand over"]
    receivers: Annotated[Members, to_many("team"), "the teams that take over"]
    artefact: Annotated[
        str | Nothing | Unknown,
        word("conversation", "pairing", "ticket", "document", "specification", "code"),
        "what is handed over",
    ]
    wait: Annotated[Quantity, DURATION, "the gap between leaving a step and arriving at the next"]
    on_critical_path: Annotated[Truth, FLAG, "whether both steps follow on the critical path"]
    returns: Annotated[
        Members, to_many("rework"), "rework from the receiver to the sender or before"
    ]
    places: Mapping[str, Span]


def _border(facts: Facts, net: Flow, giver: str, receiver: str, critical: Truth) -> Border:
    before, behind = net.steps[giver], net.steps[receiver]
    written = net.borders.get((giver, receiver))
    return Border(
        f"{net.stream.id}: {before.local} -> {behind.local}",
        written.span if written is not None else behind.span,
        net.stream,
        before,
        behind,
        performers(facts, before),
        performers(facts, behind),
        said(written, "artefact")
        if written is not None
        else Unknown((Missing("stream", net.stream.id, "handoff", behind.span),)),
        net.gap(giver, receiver),
        critical,
        such_that(reworks_from(facts, behind), lambda item: _returns(facts, item, before)),
        written.places if written is not None else {},
    )


def _may_follow(net: Flow, path: Path, giver: str, receiver: str) -> Truth:
    """Whether two steps follow on a critical path that may be another one."""
    if not {giver, receiver} <= path.sure | path.maybe:
        return False
    joined = len(net.before[receiver]) == 1 or len(net.behind[giver]) == 1
    if joined and giver in path.sure and receiver in path.sure:
        return True
    return Unknown(path.missing)


@relation("stream", "handoffs", to_many("handoff"))
def handoffs(facts: Facts, stream: Stream) -> Members:
    """Its handoffs: the edges of MAIN whose steps no team has in common, in order."""
    net = flow(facts, stream)
    path = critical_path(facts, stream)
    edges = frozenset(pairwise([step.id for step in path.steps]))

    def border(giver: str, receiver: str) -> Border:
        edge = (giver, receiver)
        critical = _may_follow(net, path, *edge) if path.maybe else edge in edges
        return _border(facts, net, giver, receiver, critical)

    certain, possible, gaps = [], [], net.gaps
    for receiver in net.order:
        for giver in net.before[receiver] if receiver in net.main else ():
            shared = meets(*(performers(facts, net.steps[id]) for id in (giver, receiver)))
            if shared is False:
                certain.append(border(giver, receiver))
            elif isinstance(shared, Unknown):
                possible.append(border(giver, receiver))
                gaps = merge(gaps, shared.missing)
    open = bool(net.gaps)
    return Members(tuple(certain), tuple(possible), gaps if possible or open else (), open)


# --- rework ---------------------------------------------------------------------------------------


@entity
@frozen
class Return:
    """Items that go back from a step to an earlier one."""

    kind: ClassVar[str] = "rework"

    id: str
    span: Span
    stream: Annotated[Stream, to("stream"), "the stream it lies in"]
    from_: Annotated[Step, to("step"), "the step that sends items back"]
    to: Annotated[Step | Unknown, to("step"), "the step they go back to"]
    share: Annotated[Quantity, SHARE, "the share of its items that go back"]
    backward: Annotated[Truth, FLAG, "whether it leads to a step before, as rework must"]


@relation("step", "reworks", to_many("rework"))
def reworks_from(facts: Facts, step: Step) -> Members:
    """What goes back from it."""
    if isinstance(step.rework, Unwritten):
        return Members((), (), missing(step, "rework"), open=True)
    if not step.rework:
        return NOBODY
    stream = facts.org.streams[step.stream]
    found = []
    for item in step.rework:
        target = facts.org.steps.get(item.to) if isinstance(item.to, str) else None
        gap = (Missing("step", step.id, "rework", item.span),)
        backward: Truth = Unknown(gap) if target is None else _comes_before(facts, target, step)
        found.append(
            Return(
                f"{step.id} -> {'unknown' if target is None else target.local}",
                item.span,
                stream,
                step,
                Unknown(gap) if target is None else target,
                item.share if isinstance(item.share, Quantity) else Quantity(0, 1, gap),
                backward,
            )
        )
    return Members(tuple(found))


def _returns(facts: Facts, item: Return, sender: Step) -> Truth:
    """Whether the rework leads to the sender or to a step before it."""
    if isinstance(item.to, Unknown):
        return item.to
    net = flow(facts, facts.org.streams[sender.stream])
    return item.to.stream == sender.stream and net.leads_to(item.to.id, sender.id)


def _comes_before(facts: Facts, earlier: Step, later: Step) -> Truth:
    if earlier.stream != later.stream:
        return False
    net = flow(facts, facts.org.streams[later.stream])
    if net.leads_to(earlier.id, later.id):
        return True
    return Unknown(net.gaps) if net.gaps else False


@relation("stream", "reworks", to_many("rework"))
def reworks(facts: Facts, stream: Stream) -> Members:
    """What goes back from its steps."""
    return each(steps_of(facts, stream), lambda step: reworks_from(facts, step))


@relation("rework", "body", to_many("step"))
def rework_body(facts: Facts, item: Return) -> Members:
    """The steps that an item passes again: from where it goes back to, to where it came from."""
    if isinstance(item.to, Unknown):
        return Members((item.from_,), (), item.to.missing, open=True)
    body = flow(facts, item.stream).between(item.to.id, item.from_.id)
    return Members(tuple(step for step in steps_of(facts, item.stream).certain if step.id in body))


@relation("step", "rework-share", SHARE, kept=False)
def rework_share(facts: Facts, step: Step) -> Quantity:
    """The share of its items that go back, over all rework that leaves it."""
    items = reworks_from(facts, step)
    if items is NOBODY:
        return ZERO
    sent = total(item.share for item in items.certain)
    return Quantity(sent.low, None, merge(sent.missing, items.missing)) if items.open else sent


@memoised
def visits(facts: Facts, stream: Stream) -> Mapping[str, Quantity]:
    """How often an item passes each step on average (M04), by full step id.

    At least once, and nothing more can be said, where the order of the steps is not known.
    """
    net = flow(facts, stream)
    loops = [loop for step in steps_of(facts, stream).certain for loop in _loops(facts, step)]
    if loops and net.gaps:
        return dict.fromkeys(net.order, Quantity(1, None, net.gaps))
    return expected_visits(net.order, loops)


def _loops(facts: Facts, step: Step) -> list[Loop]:
    """The rework that leaves a step; rework that leads forward is no loop and is left out."""
    items = reworks_from(facts, step)
    if items is NOBODY:
        return []
    net = flow(facts, facts.org.streams[step.stream])
    vague = items.open or any(isinstance(item.backward, Unknown) for item in items.certain)
    around = net.preceding(step.id) | {step.id} if vague else frozenset()
    loops = []
    if items.open:
        loops.append(Loop(step.id, Quantity(0, 1, items.missing), around, surely=False))
    for item in items.certain:
        if isinstance(item.backward, Unknown):
            loops.append(Loop(step.id, item.share, around, surely=False))
        elif item.backward and isinstance(item.to, Step):
            loops.append(Loop(step.id, item.share, net.between(item.to.id, step.id)))
    return loops
