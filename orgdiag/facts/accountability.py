"""What others do for the owner of a stream, and what holds the stream together."""

from typing import Annotated, Any, ClassVar

from orgdiag.facts.columns import Facts, entity, index, relation
from orgdiag.facts.components import deploy_mode, deploy_partner, deploy_train, owners_of
from orgdiag.facts.grounds import gating_steps
from orgdiag.facts.interactions import between, excuses
from orgdiag.facts.properties import members_of, missing, said, words_of
from orgdiag.facts.steps import automated, manual
from orgdiag.facts.streams import (
    after_first,
    main_steps,
    owner_does_it,
    owners,
    performers,
)
from orgdiag.facts.touches import Touched, routinely, touches
from orgdiag.facts.unnamed import unsaid_gates
from orgdiag.frozen import frozen
from orgdiag.model.elements import Component, Coordination, Step, Stream, Team
from orgdiag.model.types import FLAG, WORDS, Ref, to, to_many
from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.sets import contains, each, mapped, meets, such_that, union, without
from orgdiag.partial.truth import Truth, every, negation, some
from orgdiag.partial.unknown import Unknown, Unwritten
from orgdiag.text.source import Span

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
