"""Planned changes, applied to a copy of the organisation.

Each operation says what it does to the model, as intervals, and which assumption it rests on. What
a change does to people while it happens no model knows. Everything else is recomputed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import singledispatch
from typing import Any, Final

from orgdiag.graph.facts import Facts, memoised
from orgdiag.graph.flow import flow, lead_time, process_time
from orgdiag.metrics.load import people, utilisation
from orgdiag.metrics.queueing import queue_wait
from orgdiag.metrics.step import queue_time
from orgdiag.model import (
    PLURALS,
    AddPeople,
    AddSkill,
    Amount,
    Change,
    Element,
    Handoff,
    MakeSelfService,
    MergeTeams,
    MoveStep,
    Need,
    OnCall,
    Org,
    Ref,
    RemoveStep,
    Rework,
    SetCadence,
    SetOwner,
    SetRework,
    SharedMembers,
    SplitTeam,
    Step,
    Successor,
    Team,
    WaitPart,
    schema,
)
from orgdiag.quantity import NONE, ONE, UNKNOWN, ZERO, Number, Quantity, Unwritten, ratio

# Above this utilisation a move is called risky. Default chosen by orgdiag.
BUSY: Final = ratio(85, 100)


@dataclass
class _Draft:
    """An organisation while operations are applied to it, one after the other."""

    org: Org
    assumptions: list[str] = field(default_factory=list)

    def put(self, *elements: Element) -> None:
        """Replaces elements by those of the same kind and id, or adds them."""
        for kind in dict.fromkeys(element.kind for element in elements):
            made = {element.id: element for element in elements if element.kind == kind}
            self._set(kind, {**self.org.of_kind(kind), **made})

    def drop(self, kind: str, id: str) -> None:
        """Removes an element."""
        self._set(kind, {key: e for key, e in self.org.of_kind(kind).items() if key != id})

    def _set(self, kind: str, elements: Mapping[str, Any]) -> None:
        ordered = dict(sorted(elements.items()))
        self.org = replace(self.org, **{PLURALS[kind]: ordered})  # type: ignore[arg-type]

    @property
    def facts(self) -> Facts:
        """What is known of the organisation as it is now."""
        return Facts(self.org)


@dataclass(frozen=True, slots=True, eq=False)
class Applied:
    """What an organisation is after a change.

    facts        the changed organisation
    assumptions  what the new numbers take for granted, and what speaks against them
    """

    facts: Facts
    assumptions: tuple[str, ...]


@memoised
def _applied(facts: Facts, change: Change) -> Applied:
    draft = _Draft(facts.org)
    for operation in change.operations:
        apply_operation(operation, draft)
    return Applied(Facts(draft.org), tuple(dict.fromkeys(draft.assumptions)))


def applied(facts: Facts, change: Change) -> Applied:
    """The organisation after the change, with every number recomputed when it is asked for.

    The organisation that is given stays as it is.
    """
    return _applied(facts, change)


@singledispatch
def apply_operation(operation: Any, draft: _Draft) -> None:
    """Applies one operation of a change to a draft."""
    raise TypeError(f"no operation of a change: {type(operation).__name__}")


# --- steps ----------------------------------------------------------------------------------------


@apply_operation.register
def _move(operation: MoveStep, draft: _Draft) -> None:
    """Another team does the step: at best without a queue, at worst as slowly as today."""
    step = draft.org.steps.get(operation.step)
    if step is None or operation.team not in draft.org.teams:
        return
    facts = draft.facts
    process = step.process if operation.process is None else operation.process
    lead = operation.lead
    if lead is None:
        least = process.low or 0 if isinstance(process, Quantity) else 0
        today = lead_time(facts, step)
        lead = Quantity(min(least, today.low or 0), today.high, today.missing)
        draft.assumptions.append(
            f"{step.id} takes between its process time and what it takes today"
        )
    draft.put(replace(step, by=(operation.team,), process=process, lead=lead, wait=None))
    _close_borders(draft, draft.org.steps[step.id])
    draft.assumptions.append(f"the share of items that come back at {step.id} stays as it is")
    _warn_of_load(draft, operation.team, step.id)


def _close_borders(draft: _Draft, step: Step) -> None:
    """Takes the gaps away at borders that one team now has on both sides."""
    stream = draft.org.streams[step.stream]
    kept = tuple(
        border
        for border in stream.handoffs
        if step.id not in (border.from_, border.to) or not _one_team(draft.org, border)
    )
    if len(kept) < len(stream.handoffs):
        draft.put(replace(stream, handoffs=kept))


def _one_team(org: Org, border: Handoff) -> bool:
    sides = [org.steps.get(id) for id in (border.from_, border.to) if isinstance(id, str)]
    teams = [set(side.by) for side in sides if side is not None and isinstance(side.by, tuple)]
    return len(teams) == 2 and not teams[0].isdisjoint(teams[1])


def _warn_of_load(draft: _Draft, team: str, step: str) -> None:
    """Says how busy the team becomes; a full team gives no lead time that could be claimed."""
    facts = draft.facts
    busy = utilisation(facts, facts.org.teams[team]).low or 0
    if busy >= 1:
        moved = draft.org.steps[step]
        work = process_time(facts, moved).low or 0
        draft.put(replace(moved, lead=Quantity(work, None)))
        draft.assumptions.append(f"{team} would be full, so no lead time of {step} can be claimed")
    elif busy >= BUSY:
        draft.assumptions.append(f"{team} would be busy for at least {round(busy * 100)} %")


@apply_operation.register
def _set_cadence(operation: SetCadence, draft: _Draft) -> None:
    """The gate opens more often, or less: half the difference is gained, or lost."""
    step = draft.org.steps.get(operation.step)
    new = operation.every
    if step is None or not isinstance(new, Quantity):
        return
    facts = draft.facts
    lead, work = lead_time(facts, step), process_time(facts, step).low or 0
    old = step.every
    if step.synchronised is True:
        changed = lead
    elif isinstance(old, Quantity) and isinstance(step.lead, Quantity):
        changed = _at_least(lead - _half(old) + _half(new), work)
        draft.assumptions.append(
            f"items reach {step.id} without regard to its calendar, and its queue stays as it is"
        )
    else:
        changed = Quantity(work, None, lead.missing)
    cadence_gain = ZERO if not isinstance(old, Quantity) else _half(old) - _half(new)
    draft.put(replace(step, every=new, lead=changed, wait=_less_cadence(step, cadence_gain)))


def _half(every: Quantity) -> Quantity:
    return every * Quantity.of(ratio(1, 2))


def _at_least(quantity: Quantity, least: Number) -> Quantity:
    high = None if quantity.high is None else max(quantity.high, least)
    return Quantity(max(quantity.low or 0, least), high, quantity.missing, quantity.estimated)


def _less_cadence(step: Step, gain: Quantity) -> Any:
    """The declared reasons, with what is gained taken from the wait for the gate."""
    if step.wait is None or isinstance(step.wait, Unwritten):
        return step.wait
    return tuple(
        WaitPart(part.reason, _at_least(part.time - gain, 0), part.span)
        if part.reason == "cadence" and isinstance(part.time, Quantity)
        else part
        for part in step.wait
    )


@apply_operation.register
def _set_rework(operation: SetRework, draft: _Draft) -> None:
    """Another share of items comes back; a step with several loops keeps their proportions."""
    step = draft.org.steps.get(operation.step)
    if step is None or isinstance(step.rework, Unwritten) or not step.rework:
        return
    draft.put(replace(step, rework=_shared_out(step.rework, operation.share)))
    draft.assumptions.append(
        f"that fewer items come back to the queues before {step.id} shortens no queue"
    )


def _shared_out(loops: tuple[Rework, ...], share: Amount) -> tuple[Rework, ...]:
    """The loops with a new share in all, in the proportions they have; unknown without them."""
    if len(loops) == 1:
        return (Rework(share, loops[0].to, loops[0].span),)
    known = [
        loop.share.value for loop in loops if isinstance(loop.share, Quantity) and loop.share.exact
    ]
    whole = sum(known)
    if len(known) < len(loops) or not whole or not isinstance(share, Quantity):
        return tuple(Rework(UNKNOWN, loop.to, loop.span) for loop in loops)
    return tuple(
        Rework(share * Quantity.of(ratio(part, whole)), loop.to, loop.span)
        for part, loop in zip(known, loops, strict=True)
    )


@apply_operation.register
def _remove(operation: RemoveStep, draft: _Draft) -> None:
    """The step is gone; what followed it follows what came before it."""
    step = draft.org.steps.get(operation.step)
    if step is None:
        return
    stream = draft.org.streams[step.stream]
    net = flow(draft.facts, stream)
    behind = net.successors[step.id]
    after = step.after
    for id in stream.steps:
        other = draft.org.steps[id]
        if id == step.id:
            continue
        changed = other
        if id in behind and isinstance(other.after, tuple):
            changed = replace(changed, after=_bypassing(other.after, step.id, after))
        if not isinstance(other.rework, Unwritten):
            changed = replace(changed, rework=_redirected(other, step.id, behind))
        draft.put(changed)
    draft.drop("step", step.id)
    draft.put(
        replace(
            stream,
            steps=tuple(id for id in stream.steps if id != step.id),
            handoffs=tuple(b for b in stream.handoffs if step.id not in (b.from_, b.to)),
        )
    )
    draft.assumptions.append(f"nothing that {step.id} found is found later instead")


def _bypassing(after: tuple[Any, ...], gone: str, instead: Any) -> Any:
    if not isinstance(instead, tuple):
        instead = (UNKNOWN,)
    return tuple(
        dict.fromkeys(new for old in after for new in (instead if old == gone else (old,)))
    )


def _redirected(step: Step, gone: str, behind: Iterable[str]) -> tuple[Rework, ...]:
    """The loops of a step; what led to the step that is gone leads to the one behind it."""
    if isinstance(step.rework, Unwritten):
        return ()
    next_step = min(behind, default=step.id)
    return tuple(
        Rework(loop.share, next_step, loop.span) if loop.to == gone else loop
        for loop in step.rework
    )


# --- teams ----------------------------------------------------------------------------------------


@apply_operation.register
def _add_people(operation: AddPeople, draft: _Draft) -> None:
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
            shorter = _at_least(lead_time(facts, step) - gain, work)
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
def _add_skill(operation: AddSkill, draft: _Draft) -> None:
    """The team has one more craft."""
    team = draft.org.teams.get(operation.team)
    if team is not None:
        known = team.skills if isinstance(team.skills, tuple) else (UNKNOWN,)
        draft.put(replace(team, skills=tuple(dict.fromkeys((*known, operation.skill)))))
        draft.assumptions.append(f"{team.id} can learn or hire {operation.skill}")


@apply_operation.register
def _merge(operation: MergeTeams, draft: _Draft) -> None:
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
            need
            for team in merged
            if isinstance(team.needs, tuple)
            for need in team.needs
            if need.provider not in operation.teams
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
def _split(operation: SplitTeam, draft: _Draft) -> None:
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
def _set_owner(operation: SetOwner, draft: _Draft) -> None:
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
def _make_self_service(operation: MakeSelfService, draft: _Draft) -> None:
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


def _rename(draft: _Draft, names: Mapping[str, Any]) -> None:
    """Lets everything that names a team of `names` name another, or nobody that is known."""

    def other(item: Any) -> Any:
        if isinstance(item, Ref):
            new = names.get(item.id, item.id) if item.kind == "team" else item.id
            return item if new == item.id else new if new is UNKNOWN else Ref("team", new)
        return names.get(item, item) if isinstance(item, str) else item

    for kind in (*PLURALS,):
        changed = []
        for element in draft.org.of_kind(kind).values():
            values = _renamed(element, other)
            if values:
                changed.append(replace(element, **values))
        draft.put(*changed)


def _renamed(element: Element, other: Callable[[Any], Any]) -> dict[str, Any]:
    """The attributes of an element that change when team names do."""
    changed: dict[str, Any] = {}
    for prop in schema(element.kind).values():
        if "team" in prop.type.kinds:
            changed[prop.attribute] = _other_in(getattr(element, prop.attribute), other)
    if isinstance(element, Team):
        changed |= _renamed_forms(element, other)
    if hasattr(element, "successors"):
        changed["successors"] = tuple(
            Successor(other(item.owner), item.day, item.span) for item in element.successors
        )
    return {name: new for name, new in changed.items() if new != getattr(element, name)}


def _other_in(value: Any, other: Callable[[Any], Any]) -> Any:
    if isinstance(value, tuple) and not isinstance(value, Ref):
        return tuple(dict.fromkeys(other(item) for item in value))
    return value if value is None or value is NONE else other(value)


def _renamed_forms(team: Team, other: Callable[[Any], Any]) -> dict[str, Any]:
    """The statements of a team with a syntax of their own that name teams."""
    changed: dict[str, Any] = {}
    if isinstance(team.needs, tuple):
        changed["needs"] = tuple(
            need if other(need.provider) == need.provider
            else replace(need, provider=other(need.provider))
            for need in team.needs
        )  # fmt: skip
    if isinstance(team.on_call, OnCall):
        changed["on_call"] = OnCall(team.on_call.how, other(team.on_call.team))
    if isinstance(team.members_shared_with, tuple):
        changed["members_shared_with"] = tuple(
            SharedMembers(other(part.team), part.share, part.span)
            for part in team.members_shared_with
        )
    return changed
