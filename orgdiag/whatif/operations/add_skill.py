"""A team has one more craft."""

from dataclasses import replace
from typing import Annotated, Final, NamedTuple

from orgdiag.model.form import Slot, operation, way
from orgdiag.model.types import to, word
from orgdiag.partial.unknown import UNKNOWN
from orgdiag.text.source import Span
from orgdiag.whatif.draft import Draft
from orgdiag.whatif.verb import Verb


class AddSkill(NamedTuple):
    """`add skill K to T`."""

    skill: str
    team: Annotated[str, to("team")]
    span: Span


FORM: Final = operation(
    "add",
    (way("skill", Slot("skill", word()), "to", Slot("team", to("team"))),),
    AddSkill,
)


def apply(operation: AddSkill, draft: Draft) -> None:
    """The craft stands among the skills of the team."""
    team = draft.org.teams.get(operation.team)
    if team is not None:
        known = team.skills if isinstance(team.skills, tuple) else (UNKNOWN,)
        draft.put(replace(team, skills=tuple(dict.fromkeys((*known, operation.skill)))))
        draft.assumptions.append(f"{team.id} can learn or hire {operation.skill}")


VERB: Final = Verb(FORM, apply)
