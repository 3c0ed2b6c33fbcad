"""Something gets another owner."""

from dataclasses import replace
from typing import Annotated, Any, Final, NamedTuple

from orgdiag.model.types import Ref, to
from orgdiag.text.source import Span
from orgdiag.whatif.draft import Draft
from orgdiag.whatif.reading import Sentence
from orgdiag.whatif.verb import Verb

OWNED: Final = ("stream", "component", "domain", "product")


class SetOwner(NamedTuple):
    """`owner of KIND X becomes T`."""

    element: Annotated[Ref, to(*OWNED)]
    team: Annotated[str, to("team")]
    span: Span


def read(said: Sentence) -> SetOwner | None:
    """What is owned, and the team."""
    said.no_block()
    args = said.words()
    if args is None:
        return None
    form = [atom.text for atom in args]
    if len(form) not in (4, 5) or form[0] != "of" or form[-2] != "becomes":
        said.malformed("owner of stream ID becomes TEAM")
        return None
    element, team = said.element(OWNED, args[1:-2]), said.one("team", args[-1])
    return None if element is None or team is None else SetOwner(element, team, said.span)


def apply(operation: SetOwner, draft: Draft) -> None:
    """The team is the only owner."""
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


VERB: Final = Verb("owner", "of KIND ID becomes TEAM", SetOwner, read, apply)
