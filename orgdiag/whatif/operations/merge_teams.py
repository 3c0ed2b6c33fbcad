"""Several teams become one."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any, Final, NamedTuple

from orgdiag.model.form import Slot, operation, way
from orgdiag.model.types import to, to_many
from orgdiag.partial.quantity import ZERO, Quantity
from orgdiag.partial.unknown import UNKNOWN
from orgdiag.text.source import Span
from orgdiag.whatif.draft import Draft
from orgdiag.whatif.rename import rename_teams
from orgdiag.whatif.verb import Verb


class MergeTeams(NamedTuple):
    """`merge A, B into C`: C is one of them or a new team."""

    teams: Annotated[tuple[str, ...], to_many("team")]
    into: Annotated[str, to("team")]
    span: Span


FORM: Final = operation(
    "merge",
    (way(Slot("teams", to_many("team"), least=2), "into", Slot("into", to("team"), new=True)),),
    MergeTeams,
)


def apply(operation: MergeTeams, draft: Draft) -> None:
    """The one team has all that they had."""
    merged = [draft.org.teams[id] for id in operation.teams if id in draft.org.teams]
    if not merged:
        return
    first = draft.org.teams.get(operation.into, merged[0])
    others = [team for team in merged if team.id != operation.into]
    made = replace(
        first,
        id=operation.into,
        size=_sum_of(team.size for team in merged),
        other_demand=_sum_of(team.other_demand for team in merged),
        capacity=first.capacity if len({t.capacity for t in merged}) == 1 else None,
        skills=_joined(team.skills for team in merged),
        needs=tuple(
            need for team in merged if isinstance(team.needs, tuple) for need in team.needs
        ),
    )
    draft.put(made)
    rename_teams(draft, dict.fromkeys((team.id for team in others), operation.into))
    for team in others:
        draft.drop("team", team.id)
    draft.assumptions.append(
        f"{operation.into} is as fast at each step as the team that did it before"
    )


def _sum_of(amounts: Iterable[Any]) -> Any:
    known = list(amounts)
    if not all(isinstance(amount, Quantity) for amount in known):
        return None
    result = ZERO
    for amount in known:
        result = result + amount
    return result


def _joined(lists: Iterable[Any]) -> Any:
    found: list[Any] = []
    for words in lists:
        found += words if isinstance(words, tuple) else (UNKNOWN,)
    return tuple(dict.fromkeys(found))


VERB: Final = Verb(FORM, apply)
