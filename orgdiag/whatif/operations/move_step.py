"""A step goes to another team."""

from dataclasses import replace
from typing import Annotated, Final, NamedTuple

from orgdiag.facts.flow import lead_time, process_time
from orgdiag.metrics.load import utilisation
from orgdiag.model.elements import Handoff, Org, Step
from orgdiag.model.form import Block, Slot, operation, way
from orgdiag.model.types import DURATION, Amount, to
from orgdiag.partial.quantity import Quantity, ratio
from orgdiag.text.source import Span
from orgdiag.whatif.draft import Draft
from orgdiag.whatif.verb import Verb

# Above this utilisation a move is called risky. Default chosen by orgdiag.
BUSY: Final = ratio(85, 100)


class MoveStep(NamedTuple):
    """`move step S to T { lead …; process … }`."""

    step: Annotated[str, to("step")]
    team: Annotated[str, to("team")]
    lead: Amount
    process: Amount
    span: Span


FORM: Final = operation(
    "move",
    (way("step", Slot("step", to("step")), "to", Slot("team", to("team"))),),
    MoveStep,
    block=Block({"lead": DURATION, "process": DURATION}),
)


def apply(operation: MoveStep, draft: Draft) -> None:
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


VERB: Final = Verb(FORM, apply)
