"""Something gets another owner."""

from dataclasses import replace
from typing import Annotated, Any, Final, NamedTuple

from orgdiag.model.form import Slot, operation, way
from orgdiag.model.types import Ref, to
from orgdiag.text.source import Span
from orgdiag.whatif.draft import Draft
from orgdiag.whatif.verb import Verb

OWNED: Final = ("stream", "component", "domain", "product")


class SetOwner(NamedTuple):
    """`owner of KIND X becomes T`."""

    element: Annotated[Ref, to(*OWNED)]
    team: Annotated[str, to("team")]
    span: Span


FORM: Final = operation(
    "owner",
    (way("of", Slot("element", to(*OWNED)), "becomes", Slot("team", to("team"))),),
    SetOwner,
)


def apply(operation: SetOwner, draft: Draft) -> None:
    """The team is the only owner."""
    kind, id = operation.element
    element = draft.org.find(kind, id)
    if element is None:
        return
    if operation.team not in draft.org.teams:
        draft.assumptions.append(f"the owner of {id} stays, as {operation.team} is gone by then")
        return
    attribute = "owned_by" if kind == "domain" else "owner"
    owner: tuple[Any, ...] = (operation.team,)
    if kind == "stream":
        owner = (Ref("team", operation.team),)
    draft.put(replace(element, **{attribute: owner}))
    draft.assumptions.append(f"{operation.team} can answer for {id}")


VERB: Final = Verb(FORM, apply)
