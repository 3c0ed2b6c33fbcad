"""A step is no longer done."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any, Final, NamedTuple

from orgdiag.facts.flow import flow
from orgdiag.model.elements import Step
from orgdiag.model.form import Slot, operation, way
from orgdiag.model.parts import Rework
from orgdiag.model.types import Ref, to
from orgdiag.partial.unknown import UNKNOWN, Unwritten
from orgdiag.text.source import Span
from orgdiag.whatif.draft import Draft
from orgdiag.whatif.verb import Verb


class RemoveStep(NamedTuple):
    """`remove step S`."""

    step: Annotated[str, to("step")]
    span: Span


FORM: Final = operation(
    "remove",
    (way("step", Slot("step", to("step"))),),
    RemoveStep,
)


def apply(operation: RemoveStep, draft: Draft) -> None:
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
    passed = Ref("step", step.id)
    draft.put(
        *(
            replace(board, gates=tuple(one for one in board.gates if one != passed))
            for board in draft.org.coordinations.values()
            if isinstance(board.gates, tuple) and passed in board.gates
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


VERB: Final = Verb(FORM, apply)
