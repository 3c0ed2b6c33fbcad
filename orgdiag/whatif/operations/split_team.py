"""A team becomes several."""

from dataclasses import replace
from typing import Annotated, Final, NamedTuple

from orgdiag.model.types import to, to_many
from orgdiag.partial.unknown import UNKNOWN
from orgdiag.text.source import Span
from orgdiag.whatif.draft import Draft
from orgdiag.whatif.reading import Sentence
from orgdiag.whatif.rename import rename_teams
from orgdiag.whatif.verb import Verb


class SplitTeam(NamedTuple):
    """`split A into B, C`."""

    team: Annotated[str, to("team")]
    into: Annotated[tuple[str, ...], to_many("team")]
    span: Span


def read(said: Sentence) -> SplitTeam | None:
    """The team, and those that it becomes."""
    example = "split TEAM into TEAM, TEAM"
    said.no_block()
    sides = said.sides(example)
    if sides is None:
        return None
    before, after = sides
    into = tuple(atom.text for atom in said.items(after))
    if len(before) != 1 or len(into) < 2:
        said.malformed(example)
        return None
    team = said.one("team", before[0])
    return None if team is None else SplitTeam(team, into, said.span)


def apply(operation: SplitTeam, draft: Draft) -> None:
    """Who of them does what is unknown until another operation says."""
    team = draft.org.teams.get(operation.team)
    if team is None:
        return
    new = [id for id in operation.into if id not in draft.org.teams]
    draft.put(
        *(replace(team, id=id, size=None, capacity=None, other_demand=None, needs=()) for id in new)
    )
    if team.id not in operation.into:
        rename_teams(draft, {team.id: UNKNOWN})
        draft.drop("team", team.id)
    draft.assumptions.append(
        f"who takes over what {team.id} does is known only where the change says so"
    )


VERB: Final = Verb("split", "TEAM into TEAM, TEAM", SplitTeam, read, apply)
