"""Operations of a planned change on teams: people, skills, mergers, owners, capabilities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from orgdiag.facts.columns import Facts
from orgdiag.facts.flow import lead_time, process_time
from orgdiag.metrics.load import people, utilisation
from orgdiag.metrics.queueing import queue_wait
from orgdiag.metrics.step import queue_time
from orgdiag.model.elements import PLURALS, Element, Interaction, Need, Step, Team
from orgdiag.model.parts import (
    AddPeople,
    AddSkill,
    MakeSelfService,
    MergeTeams,
    OnCall,
    SetOwner,
    SplitTeam,
    WaitPart,
)
from orgdiag.model.references import map_references
from orgdiag.model.types import Ref
from orgdiag.partial.quantity import ONE, ZERO, Quantity, ratio
from orgdiag.partial.unknown import UNKNOWN, Unwritten
from orgdiag.whatif.draft import Draft, apply_operation, at_least


@apply_operation.register
def _add_people(operation: AddPeople, draft: Draft) -> None:
    """The queue of each step of the team shrinks as queues do when servers are added."""
    team = draft.org.teams.get(operation.team)
    if team is None:
        return
    facts = draft.facts
    shrinks = queue_ratio(facts, team, operation.number)
    size = team.size + operation.number if isinstance(team.size, Quantity) else team.size
    changed: list[Element] = [replace(team, size=size)]
    for step in draft.org.steps.values():
        theirs = isinstance(step.by, tuple) and team.id in step.by
        if theirs and isinstance(step.lead, Quantity):
            gain = queue_time(facts, step) * (ONE - shrinks)
            work = process_time(facts, step).low or 0
            shorter = at_least(lead_time(facts, step) - gain, work)
            changed.append(replace(step, lead=shorter, wait=_shorter_queue(step, shrinks)))
    draft.put(*changed)
    draft.assumptions.append(
        f"the queue before {team.id} shrinks as queueing theory has it; new people need time to "
        "help, and more people have more to agree on"
    )


def queue_ratio(facts: Facts, team: Team, more: Quantity) -> Quantity:
    """What remains of the queue in front of a team when people are added to it.

    Definition: M07 with c + n people / M07 with c. Range: 0 to 1, and the whole range when the
    size or the utilisation is unknown, or when the team is full and no longer would be.
    """
    size, busy = people(facts, team), utilisation(facts, team)
    if not (size.exact and busy.exact and more.exact):
        return Quantity(0, 1, size.missing or busy.missing)
    count, wanted = int(size.value), int(size.value + more.value)
    before = queue_wait(busy.value, servers=count) if count else None
    after = queue_wait(ratio(busy.value * count, wanted), servers=wanted) if wanted else None
    if not before or after is None:
        return Quantity(0, 1)
    return Quantity.of(Fraction(min(after / before, 1)).limit_denominator(10**9))


def _shorter_queue(step: Step, shrinks: Quantity) -> Any:
    if step.wait is None or isinstance(step.wait, Unwritten):
        return step.wait
    return tuple(
        WaitPart(part.reason, part.time * shrinks, part.span)
        if part.reason == "queue" and isinstance(part.time, Quantity)
        else part
        for part in step.wait
    )


@apply_operation.register
def _add_skill(operation: AddSkill, draft: Draft) -> None:
    """The team has one more craft."""
    team = draft.org.teams.get(operation.team)
    if team is not None:
        known = team.skills if isinstance(team.skills, tuple) else (UNKNOWN,)
        draft.put(replace(team, skills=tuple(dict.fromkeys((*known, operation.skill)))))
        draft.assumptions.append(f"{team.id} can learn or hire {operation.skill}")


@apply_operation.register
def _merge(operation: MergeTeams, draft: Draft) -> None:
    """Several teams become one, which has all they had."""
    merged = [draft.org.teams[id] for id in operation.teams if id in draft.org.teams]
    if not merged:
        return
    first = draft.org.teams.get(operation.into, merged[0])
    others = [team for team in merged if team.id != operation.into]
    made = replace(
        first,
        id=operation.into,
        size=_sum_of(team.size for team in merged),
        other_demand=_sum_of(team.other_demand for team in merged),
        capacity=first.capacity if len({t.capacity for t in merged}) == 1 else None,
        skills=_joined(team.skills for team in merged),
        needs=tuple(
            need for team in merged if isinstance(team.needs, tuple) for need in team.needs
        ),
    )
    draft.put(made)
    _rename(draft, dict.fromkeys((team.id for team in others), operation.into))
    for team in others:
        draft.drop("team", team.id)
    draft.assumptions.append(
        f"{operation.into} is as fast at each step as the team that did it before"
    )


def _sum_of(amounts: Iterable[Any]) -> Any:
    known = list(amounts)
    if not all(isinstance(amount, Quantity) for amount in known):
        return None
    result = ZERO
    for amount in known:
        result = result + amount
    return result


def _joined(lists: Iterable[Any]) -> Any:
    found: list[Any] = []
    for words in lists:
        found += words if isinstance(words, tuple) else (UNKNOWN,)
    return tuple(dict.fromkeys(found))


@apply_operation.register
def _split(operation: SplitTeam, draft: Draft) -> None:
    """A team becomes several; who of them does what is unknown until another operation says."""
    team = draft.org.teams.get(operation.team)
    if team is None:
        return
    new = [id for id in operation.into if id not in draft.org.teams]
    draft.put(
        *(replace(team, id=id, size=None, capacity=None, other_demand=None, needs=()) for id in new)
    )
    if team.id not in operation.into:
        _rename(draft, {team.id: UNKNOWN})
        draft.drop("team", team.id)
    draft.assumptions.append(
        f"who takes over what {team.id} does is known only where the change says so"
    )


@apply_operation.register
def _set_owner(operation: SetOwner, draft: Draft) -> None:
    """Something gets another owner."""
    kind, id = operation.element
    element = draft.org.find(kind, id)
    if element is None:
        return
    attribute = "owned_by" if kind == "domain" else "owner"
    owner: tuple[Any, ...] = (operation.team,)
    if kind == "stream":
        owner = (Ref("team", operation.team),)
    draft.put(replace(element, **{attribute: owner}))
    draft.assumptions.append(f"{operation.team} can answer for {id}")


@apply_operation.register
def _make_self_service(operation: MakeSelfService, draft: Draft) -> None:
    """Nobody has to be asked for the capability any more."""
    capability = draft.org.capabilities.get(operation.capability)
    if capability is None:
        return
    given = operation.wait if isinstance(operation.wait, Quantity) else capability.wait
    high = given.high if isinstance(given, Quantity) else None
    wait = Quantity(0, high)
    draft.put(replace(capability, mode=operation.mode, wait=wait, backlog=None))
    for team in draft.org.teams.values():
        if isinstance(team.needs, tuple) and any(n.capability == capability.id for n in team.needs):
            needs = tuple(_served(need, capability.id, operation.mode, wait) for need in team.needs)
            draft.put(replace(team, needs=needs))
    provider = draft.org.teams.get(str(capability.provided_by))
    if provider is not None and isinstance(provider.other_demand, Quantity):
        less = Quantity(0, provider.other_demand.high)
        draft.put(replace(provider, other_demand=less))
    draft.assumptions.append(
        f"users of {capability.id} may have more to do themselves, which is not counted"
    )


def _served(need: Need, capability: str, mode: str, wait: Quantity) -> Need:
    if need.capability != capability:
        return need
    return replace(need, via=mode, effect="ok", wait=wait)


# --- references -----------------------------------------------------------------------------------


def _rename(draft: Draft, names: Mapping[str, Any]) -> None:
    """Lets everything that names a team of `names` name another, or nobody that is known."""

    def other(ref: Ref) -> Ref | Unwritten:
        new = names.get(ref.id, ref.id) if ref.kind == "team" else ref.id
        return ref if new == ref.id else new if new is UNKNOWN else Ref("team", new)

    def planned(ref: Ref) -> Ref:
        new = other(ref)  # a plan goes on naming a team of which it is open who follows it
        return new if isinstance(new, Ref) else ref

    for kind in PLURALS:
        changed: dict[str, Element] = {}
        for element in draft.org.of_kind(kind).values():
            renamed = map_references(element, planned if kind == "change" else other)
            if renamed is element:
                continue
            if isinstance(renamed, Team):
                renamed = _without_itself(renamed)
            elif isinstance(renamed, Interaction):
                draft.drop(kind, element.id)
                renamed = _as_named(renamed)
                if renamed.first == renamed.second or draft.org.find(kind, renamed.id):
                    continue
            changed.setdefault(renamed.id, renamed)
        draft.put(*changed.values())


def _as_named(interaction: Interaction) -> Interaction:
    """The interaction under the id that its teams give it, if they are known."""
    ends = interaction.first, interaction.second
    named = UNKNOWN not in ends
    return replace(interaction, id=" with ".join(map(str, ends))) if named else interaction


def _said(name: str | Unwritten) -> str:
    return name if isinstance(name, str) else "unknown"


def _without_itself(team: Team) -> Team:
    """The team without what it cannot need of itself, and its needs called as they are now."""
    needs, shared, on_call = team.needs, team.members_shared_with, team.on_call
    if isinstance(needs, tuple):
        needs = tuple(
            replace(need, id=f"{team.id} needs {need.what or '?'} from {_said(need.provider)}")
            for need in needs
            if need.provider != team.id
        )
    if isinstance(shared, tuple):
        shared = tuple(part for part in shared if part.team != team.id)
    if isinstance(on_call, OnCall) and on_call.team == team.id:
        on_call = OnCall("self")
    return replace(team, needs=needs, members_shared_with=shared, on_call=on_call)
