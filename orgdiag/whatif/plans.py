"""What rules can say of a planned change: its operations, and the teams that it speaks of."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Final

from orgdiag.facts.columns import Facts, entity, index, relation
from orgdiag.facts.properties import members_of
from orgdiag.frozen import frozen
from orgdiag.model.elements import Change, Team
from orgdiag.model.parts import Operation
from orgdiag.model.types import DURATION, NUMBER, TEXT, to, to_many, word
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.sets import each
from orgdiag.partial.truth import few
from orgdiag.partial.unknown import NONE, Gaps, Nothing
from orgdiag.text.source import Span
from orgdiag.whatif.operations import name_of, verbs

VERBS: Final = tuple(verbs())


@entity
@frozen
class Planned:
    """One operation of a planned change; what it does not speak of is none."""

    kind: ClassVar[str] = "operation"

    id: str
    span: Span
    change: Annotated[Change, to("change"), "the change it is part of"]
    verb: Annotated[str, word(*VERBS), "what is done"]
    team: Annotated[Any, to("team"), "the team it speaks of"]
    step: Annotated[Any, to("step"), "the step it speaks of"]
    capability: Annotated[Any, to("capability"), "the capability it speaks of"]
    number: Annotated[Quantity | Nothing, NUMBER, "how many people are added"]
    skill: Annotated[str | Nothing, TEXT, "the skill that is added"]
    lead: Annotated[Quantity | Nothing, DURATION, "the new lead time of the step"]


@relation("change", "operations", to_many("operation"))
def operations(facts: Facts, change: Change) -> Members:
    """What it does, in order."""
    return Members(
        tuple(_planned(facts, change, place, item) for place, item in enumerate(change.operations))
    )


def _planned(facts: Facts, change: Change, place: int, item: Operation) -> Planned:
    def named(kind: str) -> Any:
        found = facts.org.find(kind, getattr(item, kind, ""))
        return NONE if found is None else found

    def amount(attribute: str) -> Quantity | Nothing:
        found = getattr(item, attribute, None)
        return found if isinstance(found, Quantity) else NONE

    return Planned(
        f"{change.id} {place + 1}",
        item.span,
        change,
        name_of(item),
        named("team"),
        named("step"),
        named("capability"),
        amount("number"),
        getattr(item, "skill", NONE),
        amount("lead"),
    )


@index
def _plans(facts: Facts) -> dict[str, list[Change]]:
    found: dict[str, dict[Change, None]] = {}
    for change in facts.org.changes.values():
        for operation in operations(facts, change).certain:
            teams = [operation.team, *_touched(facts, operation)]
            for team in teams:
                if isinstance(team, Team):
                    found.setdefault(team.id, {})[change] = None
    return {id: list(changes) for id, changes in found.items()}


def _touched(facts: Facts, operation: Planned) -> Iterator[Any]:
    """The teams that the step or capability of an operation belongs to today."""
    if not isinstance(operation.capability, Nothing):
        yield facts.org.teams.get(str(operation.capability.provided_by))
    if not isinstance(operation.step, Nothing):
        for id in operation.step.by or ():
            yield facts.org.teams.get(str(id))


@relation("team", "planned-changes", to_many("change"), kept=False)
def planned_changes(facts: Facts, team: Team) -> Members:
    """The planned changes that speak of it, of a step it does or of a capability it gives."""
    gaps = _unsaid_doers(facts)
    return Members(tuple(_plans(facts).get(team.id, ())), (), gaps, bool(gaps))


@index
def _unsaid_doers(facts: Facts) -> Gaps:
    """The steps of which a plan speaks and nobody knows who does them."""
    planned = each(
        Members(tuple(facts.org.changes.values())), lambda change: operations(facts, change)
    )
    steps = [item.step for item in planned.certain if not isinstance(item.step, Nothing)]
    return few(gap for step in steps for gap in members_of(facts, step, "by", "team").missing)
