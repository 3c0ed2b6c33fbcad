"""A team becomes several."""

from dataclasses import replace
from typing import Annotated, Final, NamedTuple

from orgdiag.model.form import Slot, operation, way
from orgdiag.model.types import to, to_many
from orgdiag.partial.unknown import UNKNOWN
from orgdiag.text.source import Span
from orgdiag.whatif.draft import Draft
from orgdiag.whatif.rename import rename_teams
from orgdiag.whatif.verb import Verb


class SplitTeam(NamedTuple):
    """`split A into B, C`."""

    team: Annotated[str, to("team")]
    into: Annotated[tuple[str, ...], to_many("team")]
    span: Span


FORM: Final = operation(
    "split",
    (way(Slot("team", to("team")), "into", Slot("into", to_many("team"), least=2, new=True)),),
    SplitTeam,
)


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


VERB: Final = Verb(FORM, apply)
