"""A gate opens more often, or less."""

from dataclasses import replace
from typing import Annotated, Any, Final, NamedTuple

from orgdiag.facts.flow import lead_time, process_time
from orgdiag.model.elements import Step
from orgdiag.model.form import Slot, operation, way
from orgdiag.model.parts import WaitPart
from orgdiag.model.types import CADENCE, Amount, to
from orgdiag.partial.quantity import ZERO, Quantity, ratio
from orgdiag.partial.unknown import Unwritten
from orgdiag.text.source import Span
from orgdiag.whatif.draft import Draft, at_least
from orgdiag.whatif.verb import Verb


class SetCadence(NamedTuple):
    """`every 1w at S`: a new cadence for a step."""

    step: Annotated[str, to("step")]
    every: Amount
    span: Span


FORM: Final = operation(
    "every",
    (way(Slot("every", CADENCE), "at", Slot("step", to("step"))),),
    SetCadence,
)


def apply(operation: SetCadence, draft: Draft) -> None:
    """Half the difference between the cadences is gained, or lost."""
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


VERB: Final = Verb(FORM, apply)
