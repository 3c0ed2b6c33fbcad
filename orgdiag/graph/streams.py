"""What a stream is made of: steps and borders, owners, what it touches, what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Final

from orgdiag.finding import Missing
from orgdiag.graph.certainty import (
    Truth,
    at_least,
    each,
    every,
    meets,
    negation,
    some,
    such_that,
)
from orgdiag.graph.critical import critical_path
from orgdiag.graph.facts import Facts, entity, index, memoised, relation
from orgdiag.graph.flow import Flow, flow
from orgdiag.graph.properties import amount, as_members, listed, missing, referred, said
from orgdiag.graph.visits import Loop, expected_visits
from orgdiag.model import (
    DATE,
    DURATION,
    FLAG,
    SHARE,
    WORDS,
    Component,
    Observation,
    Step,
    Stream,
    Touch,
    to,
    to_many,
    word,
)
from orgdiag.quantity import (
    NOBODY,
    NONE,
    ONE,
    UNKNOWN,
    Members,
    Nothing,
    Quantity,
    Unknown,
    Unwritten,
    merge,
    ratio,
    total,
)
from orgdiag.source import Span

# A change that touches a component, or takes a step, at least this often makes the dependency
# routine. Default chosen by orgdiag.
ROUTINE_SHARE: Final = ratio(1, 4)

# --- who owns it ----------------------------------------------------------------------------------


def _owners_of_kind(facts: Facts, stream: Stream, kind: str) -> Members:
    named = listed(facts, stream, "owner", "team")
    return such_that(named, lambda owner: owner.kind == kind)


@relation("stream", "owners", to_many("team"))
def owners(facts: Facts, stream: Stream) -> Members:
    """The teams that own it."""
    return _owners_of_kind(facts, stream, "team")


@relation("stream", "owner-said-unknown", FLAG)
def owner_said_unknown(facts: Facts, stream: Stream) -> bool:
    """Whether the model says that its owner is not known; an owner that is misspelt is not that."""
    return stream.owner is UNKNOWN


@relation("stream", "owner-groups", to_many("group"))
def owner_groups(facts: Facts, stream: Stream) -> Members:
    """The groups that own it: a group is nobody in particular."""
    return _owners_of_kind(facts, stream, "group")


@relation("stream", "owner-coordinations", to_many("coordination"))
def owner_coordinations(facts: Facts, stream: Stream) -> Members:
    """The coordinations that own it: a mechanism is nobody in particular."""
    return _owners_of_kind(facts, stream, "coordination")


# --- its steps ------------------------------------------------------------------------------------


@relation("stream", "steps", to_many("step"))
def steps_of(facts: Facts, stream: Stream) -> Members:
    """All its steps, in the order of the flow."""
    net = flow(facts, stream)
    return Members(tuple(net.steps[id] for id in net.order))


@relation("stream", "main-steps", to_many("step"))
def main_steps(facts: Facts, stream: Stream) -> Members:
    """MAIN: the steps from which the end is reachable, without dead ends, in order."""
    net = flow(facts, stream)
    certain = tuple(net.steps[id] for id in net.order if id in net.main)
    possible = tuple(net.steps[id] for id in net.order if id in net.maybe_main)
    gaps = net.gaps if possible else ()
    for step in possible:
        if step.dead_end is not False:
            gaps = merge(gaps, missing(step, "dead-end"))
    return Members(certain, possible, gaps)


@relation("stream", "critical-path", to_many("step"))
def critical_steps_in_order(facts: Facts, stream: Stream) -> Members:
    """The critical path: the steps of the longest way to the end by lead time, in order."""
    path = critical_path(facts, stream)
    if not path.maybe:
        return Members(path.steps)
    certain = tuple(step for step in path.steps if step.id in path.sure)
    return Members(certain, _others(facts, stream, path.maybe, certain), path.missing)


@relation("stream", "critical-steps", to_many("step"))
def critical_steps(facts: Facts, stream: Stream) -> Members:
    """All steps without slack: those of every path that is as long as the critical one."""
    path = critical_path(facts, stream)
    net = flow(facts, stream)
    certain = tuple(net.steps[id] for id in net.order if id in path.sure)
    gaps = path.missing if path.maybe else ()
    return Members(certain, _others(facts, stream, path.maybe, certain), gaps)


def _others(
    facts: Facts, stream: Stream, ids: frozenset[str], taken: tuple[Step, ...]
) -> tuple[Step, ...]:
    net = flow(facts, stream)
    left = ids.difference(step.id for step in taken)
    return tuple(net.steps[id] for id in net.order if id in left)


@relation("stream", "path-tentative", FLAG)
def path_tentative(facts: Facts, stream: Stream) -> bool:
    """Whether the critical path rests on lower bounds, because a time on MAIN is unknown."""
    return critical_path(facts, stream).tentative


@relation("stream", "last-steps", to_many("step"))
def last_steps(facts: Facts, stream: Stream) -> Members:
    """The steps of MAIN behind which no other step of MAIN comes."""
    net = flow(facts, stream)
    unsure = {gap.id for gap in net.gaps}

    def last(step: Step) -> Truth:
        if net.behind(step.id):
            return False
        before = net.preceding(step.id) | {step.id} if unsure else unsure
        return True if unsure <= before else Unknown(net.gaps)

    return such_that(main_steps(facts, stream), last)


@relation("stream", "first-build-step", to("step"))
def first_build_step(facts: Facts, stream: Stream) -> Step | Nothing | Unknown:
    """The first development step on the critical path."""
    path = critical_path(facts, stream)
    for step in path.steps:
        if step.type is None or isinstance(step.type, Unwritten):
            return Unknown(missing(step, "kind"))
        if step.type == "development":
            return Unknown(path.missing) if step.id in path.maybe else step
    return Unknown(path.missing) if path.maybe else NONE


@relation("step", "by", to_many("team"))
def performers(facts: Facts, step: Step) -> Members:
    """The teams that do it; several = joint work."""
    return listed(facts, step, "by", "team")


@relation("step", "owner-does-it", FLAG)
def owner_does_it(facts: Facts, step: Step) -> Truth:
    """Whether an owner of its stream takes part in it."""
    return meets(performers(facts, step), owners(facts, facts.org.streams[step.stream]))


@memoised
def _after_owner(facts: Facts, stream: Stream) -> Mapping[str, Truth]:
    """For each step whether an owner of the stream does a step before it."""
    net = flow(facts, stream)
    unsure = {gap.id for gap in net.gaps}
    found: dict[str, Truth] = {}
    for id in net.order:
        before = net.predecessors[id]
        known = some(
            some((owner_does_it(facts, net.steps[other]), found[other])) for other in before
        )
        if known is False and id in unsure:
            known = Unknown(missing(net.steps[id], "after"))
        found[id] = known
    return found


@relation("stream", "after-first", to_many("step"))
def after_first(facts: Facts, stream: Stream) -> Members:
    """The steps of MAIN that come after one that an owner does: what the owner waits for."""
    after = _after_owner(facts, stream)
    return such_that(main_steps(facts, stream), lambda step: after[step.id])


@relation("stream", "teams", to_many("team"))
def teams_on_main(facts: Facts, stream: Stream) -> Members:
    """The teams that do the steps of MAIN."""
    return each(main_steps(facts, stream), lambda step: performers(facts, step))


@relation("stream", "performers", to_many("team"))
def teams_on_steps(facts: Facts, stream: Stream) -> Members:
    """The teams that do any of its steps, dead ends included."""
    return each(steps_of(facts, stream), lambda step: performers(facts, step))


@relation("stream", "steps-in-cycles", to_many("step"))
def steps_in_cycles(facts: Facts, stream: Stream) -> Members:
    """The steps that, by `after`, come before themselves: a loop must be written as rework."""
    net = flow(facts, stream)
    return Members(tuple(net.steps[id] for ring in net.rings for id in ring))


@relation("stream", "end-unreachable", FLAG)
def end_unreachable(facts: Facts, stream: Stream) -> Truth:
    """Whether it has steps and all of them end in dead ends."""
    net = flow(facts, stream)
    if not net.steps or net.main:
        return False
    return Unknown(main_steps(facts, stream).missing) if net.maybe_main else True


# --- borders between steps ------------------------------------------------------------------------


@entity
@dataclass(frozen=True, slots=True, eq=False)
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


def _border(facts: Facts, net: Flow, giver: str, receiver: str) -> Border:
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
        _both_critical(facts, net, giver, receiver),
        such_that(reworks_from(facts, behind), lambda item: _returns(facts, item, before)),
        written.places if written is not None else {},
    )


def _both_critical(facts: Facts, net: Flow, giver: str, receiver: str) -> Truth:
    path = critical_path(facts, net.stream)
    ids = [step.id for step in path.steps]
    if not path.maybe:
        return any(pair == (giver, receiver) for pair in pairwise(ids))
    if not {giver, receiver} <= path.sure | path.maybe:
        return False
    joined = len(net.before(receiver)) == 1 or len(net.behind(giver)) == 1
    if joined and giver in path.sure and receiver in path.sure:
        return True
    return Unknown(path.missing)


def _returns(facts: Facts, item: Return, sender: Step) -> Truth:
    """Whether the rework leads to the sender or to a step before it."""
    if isinstance(item.to, Unknown):
        return item.to
    net = flow(facts, facts.org.streams[sender.stream])
    return item.to.stream == sender.stream and net.leads_to(item.to.id, sender.id)


@relation("stream", "handoffs", to_many("handoff"))
def handoffs(facts: Facts, stream: Stream) -> Members:
    """Its handoffs: the edges of MAIN whose steps no team has in common, in order."""
    net = flow(facts, stream)
    certain, possible, gaps = [], [], net.gaps
    for receiver in net.order:
        for giver in net.before(receiver) if receiver in net.main else ():
            shared = meets(*(performers(facts, net.steps[id]) for id in (giver, receiver)))
            if shared is False:
                certain.append(_border(facts, net, giver, receiver))
            elif isinstance(shared, Unknown):
                possible.append(_border(facts, net, giver, receiver))
                gaps = merge(gaps, shared.missing)
    open = bool(net.gaps)
    return Members(tuple(certain), tuple(possible), gaps if possible or open else (), open)


@relation("stream", "critical-handoffs", to_many("handoff"))
def critical_handoffs(facts: Facts, stream: Stream) -> Members:
    """Its handoffs on the critical path."""
    return such_that(handoffs(facts, stream), lambda border: border.on_critical_path)


# --- rework ---------------------------------------------------------------------------------------


@entity
@dataclass(frozen=True, slots=True, eq=False)
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


@relation("step", "rework-share", SHARE)
def rework_share(facts: Facts, step: Step) -> Quantity:
    """The share of its items that go back, over all rework that leaves it."""
    items = reworks_from(facts, step)
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
    if not items.certain and not items.open:
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


# --- what a change touches ------------------------------------------------------------------------


@entity
@dataclass(frozen=True, slots=True, eq=False)
class Touched:
    """A component that a change of a stream usually touches."""

    kind: ClassVar[str] = "touch"

    id: str
    span: Span
    stream: Annotated[Stream, to("stream"), "the stream that changes it"]
    component: Annotated[Component, to("component"), "what is changed"]
    share: Annotated[
        Quantity, SHARE, "the share of changes that touch it; counts as 100 % when left out"
    ]
    foreign: Annotated[
        Truth, FLAG, "whether no owner of the stream owns it and it is not inner-source"
    ]


@relation("stream", "touches", to_many("touch"))
def touches(facts: Facts, stream: Stream) -> Members:
    """The components that its changes touch, each with its share."""
    if stream.changes is None or isinstance(stream.changes, Unwritten):
        return Members((), (), missing(stream, "changes"), open=True)
    found, open = [], False
    for item in stream.changes:
        component = (
            facts.org.components.get(item.component) if isinstance(item.component, str) else None
        )
        if component is None:
            open = True
        else:
            found.append(_touched(facts, stream, component, item))
    return Members(tuple(found), (), missing(stream, "changes") if open else (), open)


def _touched(facts: Facts, stream: Stream, component: Component, item: Touch) -> Touched:
    share = item.share
    if share is None:
        share = ONE
    elif isinstance(share, Unwritten):
        share = Quantity(0, 1, (Missing("stream", stream.id, "changes", item.span),))
    own = meets(listed(facts, component, "owner", "team"), owners(facts, stream))
    return Touched(
        f"{stream.id} changes {component.id}",
        item.span,
        stream,
        component,
        share,
        every((negation(own), negation(inner_source(facts, component)))),
    )


@relation("component", "inner-source", FLAG)
def inner_source(facts: Facts, component: Component) -> Truth:
    """Whether others may change it themselves; left out: no."""
    if isinstance(component.contributions, Unwritten):
        return Unknown(missing(component, "contributions"))
    return component.contributions == "inner-source"


@relation("stream", "components", to_many("component"))
def components_of(facts: Facts, stream: Stream) -> Members:
    """The components that its changes touch."""
    return each(touches(facts, stream), lambda touch: Members((touch.component,)))


def routinely(touch: Touched) -> Truth:
    """Whether at least a quarter of the changes touch it."""
    return at_least(touch.share, ROUTINE_SHARE)


@relation("stream", "routinely-changed", to_many("component"))
def routinely_changed(facts: Facts, stream: Stream) -> Members:
    """The components that at least a quarter of its changes touch."""
    routine = such_that(touches(facts, stream), routinely)
    return each(routine, lambda touch: Members((touch.component,)))


@relation("stream", "foreign-components", to_many("component"))
def foreign_components(facts: Facts, stream: Stream) -> Members:
    """The routinely changed components that its owners cannot change themselves."""
    foreign = such_that(
        touches(facts, stream), lambda touch: every((routinely(touch), touch.foreign))
    )
    return each(foreign, lambda touch: Members((touch.component,)))


@relation("stream", "domains", to_many("domain"))
def domains_of(facts: Facts, stream: Stream) -> Members:
    """The domains it lies in; left out: those of the components it changes."""
    if stream.domains is not None:
        return listed(facts, stream, "domains", "domain")
    return each(
        components_of(facts, stream),
        lambda component: as_members(referred(facts, component, "domain", "domain")),
    )


# --- what is said about it ------------------------------------------------------------------------


@relation("stream", "deploys-on-demand", FLAG)
def deploys_on_demand(facts: Facts, stream: Stream) -> Truth:
    """Whether it deploys whenever there is something to deploy."""
    frequency = said(stream, "deployment_frequency")
    return frequency if isinstance(frequency, Unknown) else frequency == "on-demand"


def _clock(word: str, attribute: str, doc: str) -> None:
    def read(facts: Facts, stream: Stream) -> Quantity:
        return amount(stream, attribute, word)

    relation("stream", word, DURATION, doc)(read)


_clock("request-to-delivery", "request_to_delivery", "the declared lead time of the customer")
_clock("commit-to-production", "commit_to_production", "the declared lead time of engineering")
_clock("target-request-to-delivery", "target_request_to_delivery", "the lead time aimed at")
_clock("target-commit-to-production", "target_commit_to_production", "the lead time aimed at")


def _observation(stream: Stream) -> Observation | Unknown | None:
    if isinstance(stream.observed, Unwritten):
        return Unknown(missing(stream, "observed"))
    return stream.observed


@relation("stream", "observed", DATE)
def observed_on(facts: Facts, stream: Stream) -> Any:
    """The day on which its map was made; none when it was not observed."""
    found = _observation(stream)
    if found is None:
        return NONE
    if isinstance(found, Unknown) or found.day is None or isinstance(found.day, Unwritten):
        return Unknown(missing(stream, "observed"))
    return found.day


@relation("stream", "observed-by", WORDS)
def observed_by(facts: Facts, stream: Stream) -> Members:
    """The ways in which its map was made: walk, system-data, interview, workshop, estimate."""
    return _observed_words(stream, "by")


@relation("stream", "observed-with", WORDS)
def observed_with(facts: Facts, stream: Stream) -> Members:
    """The roles with which its map was made."""
    return _observed_words(stream, "roles")


def _observed_words(stream: Stream, part: str) -> Members:
    found = _observation(stream)
    if isinstance(found, Unknown):
        return Members((), (), found.missing, open=True)
    return NOBODY if found is None else Members.of(getattr(found, part))


@relation("stream", "customer-is-team", FLAG)
def customer_is_team(facts: Facts, stream: Stream) -> Truth:
    """Whether the customer is a team of the model, by id or display name."""
    customer = said(stream, "customer")
    if isinstance(customer, Unknown):
        return customer
    return customer in _team_names(facts)


@index
def _team_names(facts: Facts) -> frozenset[str]:
    teams = facts.org.teams.values()
    return frozenset(name for team in teams for name in (team.id, team.name) if name)
