"""What a stream is: who owns it, its steps, who does them, and how it was observed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from orgdiag.facts.columns import Facts, index, memoised, relation
from orgdiag.facts.critical import critical_path
from orgdiag.facts.flow import flow
from orgdiag.facts.properties import members_of, missing, quantity_of, said
from orgdiag.model.elements import Step, Stream
from orgdiag.model.parts import Observation
from orgdiag.model.types import DATE, DURATION, FLAG, WORDS, to, to_many
from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.sets import each, meets, such_that
from orgdiag.partial.truth import Truth, some
from orgdiag.partial.unknown import NONE, UNKNOWN, Nothing, Unknown, Unwritten, merge

# --- who owns it ----------------------------------------------------------------------------------


def _owners_of_kind(facts: Facts, stream: Stream, kind: str) -> Members:
    named = members_of(facts, stream, "owner", "team")
    return such_that(named, lambda owner: owner.kind == kind)


@relation("stream", "owners", to_many("team"))
def owners(facts: Facts, stream: Stream) -> Members:
    """The teams that own it."""
    return _owners_of_kind(facts, stream, "team")


@relation("stream", "owner-said-unknown", FLAG, kept=False)
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
    return Members(tuple([net.steps[id] for id in net.order]))


@relation("stream", "main-steps", to_many("step"))
def main_steps(facts: Facts, stream: Stream) -> Members:
    """MAIN: the steps from which the end is reachable, without dead ends, in order."""
    net = flow(facts, stream)
    certain = tuple([net.steps[id] for id in net.order if id in net.main])
    if not net.maybe_main:
        return Members(certain)
    possible = tuple([net.steps[id] for id in net.order if id in net.maybe_main])
    gaps = net.gaps
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


@relation("stream", "path-tentative", FLAG, kept=False)
def path_tentative(facts: Facts, stream: Stream) -> bool:
    """Whether the critical path rests on lower bounds, because a time on MAIN is unknown."""
    return critical_path(facts, stream).tentative


@relation("stream", "last-steps", to_many("step"))
def last_steps(facts: Facts, stream: Stream) -> Members:
    """The steps of MAIN behind which no other step of MAIN comes."""
    net = flow(facts, stream)
    unsure = {gap.id for gap in net.gaps}

    def last(step: Step) -> Truth:
        if net.behind[step.id]:
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
    return members_of(facts, step, "by", "team")


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
        before: list[Truth] = []
        for other in net.predecessors[id]:
            before += owner_does_it(facts, net.steps[other]), found[other]
        known = some(before)
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


# --- what is said about it ------------------------------------------------------------------------


@relation("stream", "deploys-on-demand", FLAG, kept=False)
def deploys_on_demand(facts: Facts, stream: Stream) -> Truth:
    """Whether it deploys whenever there is something to deploy."""
    frequency = said(stream, "deployment_frequency")
    return frequency if isinstance(frequency, Unknown) else frequency == "on-demand"


def _clock(word: str, attribute: str, doc: str) -> Callable[[Facts, Stream], Quantity]:
    def read(facts: Facts, stream: Stream) -> Quantity:
        return quantity_of(stream, attribute, word)

    return relation("stream", word, DURATION, doc)(read)


CLOCKS: Final = (
    _clock("request-to-delivery", "request_to_delivery", "the declared lead time of the customer"),
    _clock("commit-to-production", "commit_to_production", "the declared lead time of engineering"),
    _clock("target-request-to-delivery", "target_request_to_delivery", "the lead time aimed at"),
    _clock("target-commit-to-production", "target_commit_to_production", "the lead time aimed at"),
)


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


@relation("stream", "customer-is-team", FLAG, kept=False)
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
