"""Who answers for what in a stream, what others do for it, and what holds it together."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, ClassVar, Final

from orgdiag.facts.columns import Facts, entity, index, relation
from orgdiag.facts.components import deploy_mode, deploy_partner, deploy_train, owners_of, runners
from orgdiag.facts.dependencies import blockers
from orgdiag.facts.grounds import gating_steps
from orgdiag.facts.interactions import between, excuses
from orgdiag.facts.properties import members_of, missing, said, words_of
from orgdiag.facts.steps import automated, gating, manual
from orgdiag.facts.streams import (
    after_first,
    critical_steps_in_order,
    main_steps,
    owner_does_it,
    owners,
    performers,
)
from orgdiag.facts.teams import groups
from orgdiag.facts.touches import Touched, components_of, routinely, routinely_changed, touches
from orgdiag.facts.unnamed import unsaid_gates
from orgdiag.frozen import frozen
from orgdiag.model.elements import Component, Coordination, Step, Stream, Team
from orgdiag.model.types import FLAG, WORDS, Ref, to, to_many
from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.sets import contains, each, mapped, meets, such_that, union, without
from orgdiag.partial.truth import Truth, every, negation, some
from orgdiag.partial.unknown import Unknown, Unwritten
from orgdiag.text.source import Span

# --- roles ----------------------------------------------------------------------------------------

SPECIFYING: Final = frozenset({"idea", "refinement", "design"})
BUILDING: Final = frozenset({"development"})
TESTING: Final = frozenset({"testing"})
DEPLOYING: Final = frozenset({"deployment", "release"})


def _doers(facts: Facts, stream: Stream, kinds: Collection[str]) -> Members:
    """The teams that do the steps of MAIN of these kinds."""

    def of_kind(step: Step) -> Truth:
        kind = step.type
        return kind in kinds if isinstance(kind, str) else Unknown(missing(step, "kind"))

    return each(such_that(main_steps(facts, stream), of_kind), lambda s: performers(facts, s))


@relation("stream", "specifiers", to_many("team"), kept=False)
def specifiers(facts: Facts, stream: Stream) -> Members:
    """The teams that say what is to be built: idea, refinement and design on MAIN."""
    return _doers(facts, stream, SPECIFYING)


@relation("stream", "builders", to_many("team"))
def builders_of(facts: Facts, stream: Stream) -> Members:
    """The teams that build: development on MAIN."""
    return _doers(facts, stream, BUILDING)


@relation("stream", "testers", to_many("team"), kept=False)
def testers(facts: Facts, stream: Stream) -> Members:
    """The teams that test: testing on MAIN."""
    return _doers(facts, stream, TESTING)


@relation("stream", "deployers", to_many("team"))
def deployers(facts: Facts, stream: Stream) -> Members:
    """The teams that deploy: deployment and release on MAIN."""
    return _doers(facts, stream, DEPLOYING)


@relation("stream", "operators", to_many("team"), kept=False)
def operators(facts: Facts, stream: Stream) -> Members:
    """The teams that run the components it changes."""
    return each(components_of(facts, stream), lambda component: runners(facts, component))


@relation("stream", "role-teams", to_many("team"))
def role_teams(facts: Facts, stream: Stream) -> Members:
    """The teams that specify, build, test, deploy or operate."""
    roles = (specifiers, builders_of, testers, deployers, operators)
    return union(role(facts, stream) for role in roles)


@relation("stream", "components-run-by-others", to_many("component"))
def components_run_by_others(facts: Facts, stream: Stream) -> Members:
    """The routinely changed components that no owner of it runs."""
    return such_that(
        routinely_changed(facts, stream),
        lambda component: negation(meets(runners(facts, component), owners(facts, stream))),
    )


# --- what others do for the owner -----------------------------------------------------------------


@relation("stream", "steps-of-others", to_many("step"))
def steps_of_others(facts: Facts, stream: Stream) -> Members:
    """The steps after the owner's first that others do by hand.

    A step that is done in an active collaboration or facilitation with an owner, one that is meant
    to end, does not count.
    """

    def foreign(step: Step) -> Truth:
        return every(
            (
                negation(automated(facts, step)),
                negation(owner_does_it(facts, step)),
                negation(_done_together(facts, stream, step)),
            )
        )

    return such_that(after_first(facts, stream), foreign)


def _done_together(facts: Facts, stream: Stream, step: Step) -> Truth:
    return some(
        excuses(facts, interaction)
        for doer in performers(facts, step).every()
        for owner in owners(facts, stream).every()
        for interaction in between(facts, doer, owner)
    )


@relation("stream", "missing-skills", WORDS)
def missing_skills(facts: Facts, stream: Stream) -> Members:
    """The crafts of the teams that do its steps by hand which its owners lack."""
    by_hand = such_that(main_steps(facts, stream), lambda s: negation(automated(facts, s)))
    owning = owners(facts, stream)
    doing = without(each(by_hand, lambda step: performers(facts, step)), *owning.certain)
    needed = each(doing, _craft)
    held = each(owning, lambda owner: union((words_of(owner, "skills"), _craft(owner))))
    return such_that(needed, lambda craft: negation(contains(held, craft)))


def _craft(team: Team) -> Members:
    """The discipline of the team; a team that states none is of no single craft."""
    if isinstance(team.discipline, Unwritten):
        return Members((), (), missing(team, "discipline"), open=True)
    return NOBODY if team.discipline is None else Members((team.discipline,))


@relation("stream", "providers", to_many("team"))
def providers(facts: Facts, stream: Stream) -> Members:
    """The teams for which the regular work of its owners waits."""
    return each(owners(facts, stream), lambda owner: blockers(facts, owner))


@relation("stream", "critical-teams", to_many("team"))
def critical_teams(facts: Facts, stream: Stream) -> Members:
    """The teams that do the steps of the critical path."""
    return each(critical_steps_in_order(facts, stream), lambda step: performers(facts, step))


@relation("stream", "critical-groups", to_many("group"), kept=False)
def critical_groups(facts: Facts, stream: Stream) -> Members:
    """The groups through which the critical path passes; a location does not count."""
    return each(critical_teams(facts, stream), lambda team: groups(facts, team))


# --- what holds it together -----------------------------------------------------------------------


@index
def _gates(facts: Facts) -> dict[tuple[str, str], list[Coordination]]:
    """The coordinations that gate each stream or step, by its kind and id."""
    found: dict[tuple[str, str], list[Coordination]] = {}
    for coordination in facts.org.coordinations.values():
        if isinstance(coordination.gates, tuple):
            for item in coordination.gates:
                if isinstance(item, Ref):
                    found.setdefault((item.kind, item.id), []).append(coordination)
    return found


def _gated_by(facts: Facts, *elements: Any) -> Members:
    gates, gaps = _gates(facts), unsaid_gates(facts)
    found = [gate for item in elements for gate in gates.get((item.kind, item.id), ())]
    return Members(tuple(dict.fromkeys(found)), (), gaps, bool(gaps))


@relation("stream", "gated-by", to_many("coordination"), kept=False)
def gated_by(facts: Facts, stream: Stream) -> Members:
    """The coordinations that gate it or one of its steps."""
    return _gated_by(facts, stream, *(facts.org.steps[id] for id in stream.steps))


@relation("step", "gated-by", to_many("coordination"), kept=False)
def step_gated_by(facts: Facts, step: Step) -> Members:
    """The coordinations that gate it."""
    return _gated_by(facts, step)


@relation("coordination", "gated-streams", to_many("stream"))
def gated_streams(facts: Facts, coordination: Coordination) -> Members:
    """The streams that it gates, as a whole or at a step."""
    named = members_of(facts, coordination, "gates", "stream")
    return mapped(
        named, lambda item: facts.org.streams[item.stream] if item.kind == "step" else item
    )


@relation("coordination", "gated-steps", to_many("step"))
def gated_steps(facts: Facts, coordination: Coordination) -> Members:
    """The steps that are its gate: named, or done by its members in a stream that it gates."""
    named = members_of(facts, coordination, "gates", "stream")
    return Members(tuple(gating_steps(facts, coordination)), (), named.missing, named.open)


@relation("stream", "gating-steps", to_many("step"))
def stream_gates(facts: Facts, stream: Stream) -> Members:
    """The approvals and reviews on MAIN that no owner takes part in."""
    return such_that(
        main_steps(facts, stream),
        lambda step: every((gating(facts, step), negation(owner_does_it(facts, step)))),
    )


@relation("stream", "gating-teams", to_many("team"))
def gating_teams(facts: Facts, stream: Stream) -> Members:
    """The governance teams that do a manual step on MAIN."""

    def by_hand(step: Step) -> Members:
        return such_that(performers(facts, step), lambda team: _governs(team))

    return each(such_that(main_steps(facts, stream), lambda s: manual(facts, s)), by_hand)


def _governs(team: Team) -> Truth:
    type = said(team, "type")
    return type if isinstance(type, Unknown) else type == "governance"


@entity
@frozen
class Mechanism:
    """Something that holds a stream together: a coordination, or a governance team with a gate."""

    kind: ClassVar[str] = "mechanism"

    id: str
    span: Span
    stream: Annotated[Stream, to("stream"), "the stream that it binds"]
    name: str


@relation("stream", "mechanisms", to_many("mechanism"))
def mechanisms(facts: Facts, stream: Stream) -> Members:
    """The coordinations and governance teams that bind it.

    A coordination binds it when it gates it or one of its steps, or is the train of a component
    that at least a quarter of its changes touch; a governance team when it does a manual step on
    MAIN.
    """
    trains = each(
        such_that(touches(facts, stream), routinely), lambda touch: _train(facts, touch.component)
    )
    binding = union((gated_by(facts, stream), trains, gating_teams(facts, stream)))
    return mapped(binding, lambda item: Mechanism(item.id, item.span, stream, item.name))


def _train(facts: Facts, component: Component) -> Members:
    train = deploy_train(facts, component)
    if isinstance(train, Unknown):
        return NOBODY if component.deploy is None else Members((), (), train.missing, open=True)
    return Members((train,)) if isinstance(train, Coordination) else NOBODY


# --- releases that others decide ------------------------------------------------------------------


@relation("touch", "tied", FLAG)
def tied(facts: Facts, touch: Touched) -> Truth:
    """Whether it deploys by a train, or with a component that no owner of the stream owns."""
    mode = deploy_mode(facts, touch.component)
    if isinstance(mode, Unknown):
        return mode
    if mode != "with":
        return mode == "train"
    partner = deploy_partner(facts, touch.component)
    if not isinstance(partner, Component):
        return Unknown(missing(touch.component, "deploy"))
    return negation(meets(owners_of(facts, partner), owners(facts, touch.stream)))
