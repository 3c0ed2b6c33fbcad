"""A team has one more craft."""

from dataclasses import replace
from typing import Annotated, Final, NamedTuple

from orgdiag.model.types import to
from orgdiag.partial.unknown import UNKNOWN
from orgdiag.text.source import Span
from orgdiag.whatif.draft import Draft
from orgdiag.whatif.reading import Sentence
from orgdiag.whatif.verb import Verb


class AddSkill(NamedTuple):
    """`add skill K to T`."""

    skill: str
    team: Annotated[str, to("team")]
    span: Span


def read(said: Sentence) -> AddSkill | None:
    """The skill and the team."""
    said.no_block()
    args = said.like("skill _ to _", "add skill SKILL to TEAM")
    team = None if args is None else said.one("team", args[3])
    return None if args is None or team is None else AddSkill(args[1].text, team, said.span)


def apply(operation: AddSkill, draft: Draft) -> None:
    """The craft stands among the skills of the team."""
    team = draft.org.teams.get(operation.team)
    if team is not None:
        known = team.skills if isinstance(team.skills, tuple) else (UNKNOWN,)
        draft.put(replace(team, skills=tuple(dict.fromkeys((*known, operation.skill)))))
        draft.assumptions.append(f"{team.id} can learn or hire {operation.skill}")


VERB: Final = Verb("add", "skill WORD to TEAM", AddSkill, read, apply)
