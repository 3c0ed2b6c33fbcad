"""Another share of items comes back from a step."""

from dataclasses import replace
from typing import Annotated, Final, NamedTuple

from orgdiag.model.form import Slot, operation, way
from orgdiag.model.parts import Rework
from orgdiag.model.types import SHARE, Amount, to
from orgdiag.partial.quantity import Quantity, ratio
from orgdiag.partial.unknown import UNKNOWN, Unwritten
from orgdiag.text.source import Span
from orgdiag.whatif.draft import Draft
from orgdiag.whatif.verb import Verb


class SetRework(NamedTuple):
    """`rework 5% at S`: a new share for the rework that leaves a step."""

    step: Annotated[str, to("step")]
    share: Amount
    span: Span


FORM: Final = operation(
    "rework",
    (way(Slot("share", SHARE), "at", Slot("step", to("step"))),),
    SetRework,
)


def apply(operation: SetRework, draft: Draft) -> None:
    """The step has the new share; one with several loops keeps their proportions."""
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


VERB: Final = Verb(FORM, apply)
