"""Operations of a planned change on the steps of a stream: move, remove, cadence, rework."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from orgdiag.facts.flow import flow, lead_time, process_time
from orgdiag.metrics.load import utilisation
from orgdiag.model.elements import Handoff, Org, Step
from orgdiag.model.parts import MoveStep, RemoveStep, Rework, SetCadence, SetRework, WaitPart
from orgdiag.model.types import Amount
from orgdiag.partial.quantity import ZERO, Quantity, ratio
from orgdiag.partial.unknown import UNKNOWN, Unwritten
from orgdiag.whatif.draft import Draft, apply_operation, at_least

# Above this utilisation a move is called risky. Default chosen by orgdiag.
BUSY: Final = ratio(85, 100)


@apply_operation.register
def _move(operation: MoveStep, draft: Draft) -> None:
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


def _close_borders(draft: Draft, step: Step) -> None:
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


def _warn_of_load(draft: Draft, team: str, step: str) -> None:
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
def _set_cadence(operation: SetCadence, draft: Draft) -> None:
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
        changed = at_least(lead - _half(old) + _half(new), work)
        draft.assumptions.append(
            f"items reach {step.id} without regard to its calendar, and its queue stays as it is"
        )
    else:
        changed = Quantity(work, None, lead.missing)
    cadence_gain = ZERO if not isinstance(old, Quantity) else _half(old) - _half(new)
    draft.put(replace(step, every=new, lead=changed, wait=_less_cadence(step, cadence_gain)))


def _half(every: Quantity) -> Quantity:
    return every * Quantity.of(ratio(1, 2))


def _less_cadence(step: Step, gain: Quantity) -> Any:
    """The declared reasons, with what is gained taken from the wait for the gate."""
    if step.wait is None or isinstance(step.wait, Unwritten):
        return step.wait
    return tuple(
        WaitPart(part.reason, at_least(part.time - gain, 0), part.span)
        if part.reason == "cadence" and isinstance(part.time, Quantity)
        else part
        for part in step.wait
    )


@apply_operation.register
def _set_rework(operation: SetRework, draft: Draft) -> None:
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
def _remove(operation: RemoveStep, draft: Draft) -> None:
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
