"""What can be said of the organisation as a whole, and of its plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Annotated, Any, ClassVar, Final

from orgdiag.facts.columns import Facts, entity, index, relation
from orgdiag.facts.dependencies import blocking_dependencies
from orgdiag.facts.interactions import today
from orgdiag.facts.properties import members_of
from orgdiag.facts.teams import cross_group, is_core
from orgdiag.frozen import frozen
from orgdiag.model.elements import PLURALS, Change, Org, Team
from orgdiag.model.parts import (
    AddPeople,
    AddSkill,
    MakeSelfService,
    MergeTeams,
    MoveStep,
    Operation,
    RemoveStep,
    SetCadence,
    SetOwner,
    SetRework,
    SplitTeam,
)
from orgdiag.model.references import references
from orgdiag.model.schema import schema
from orgdiag.model.types import DATE, DURATION, NUMBER, TEXT, Ref, to, to_many, word
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.sets import each, such_that, union
from orgdiag.partial.truth import few
from orgdiag.partial.unknown import NONE, UNKNOWN, Gaps, Missing, Nothing, Unknown
from orgdiag.text.source import Span


@relation("organisation", "as-of", DATE)
def as_of(facts: Facts, org: Org) -> date | Unknown:
    """The day that everything about time is held against."""
    return today(facts)


def _all(kind: str, plural: str) -> Callable[[Facts, Org], Members]:
    def read(facts: Facts, org: Org) -> Members:
        return Members(tuple(facts.org.of_kind(kind).values()))

    return relation("organisation", plural, to_many(kind), f"all {plural}")(read)


EVERY: Final = tuple(_all(kind, plural) for kind, plural in PLURALS.items())


@relation("organisation", "core-streams", to_many("stream"))
def core_streams(facts: Facts, org: Org) -> Members:
    """The streams of core significance."""
    return such_that(Members(tuple(facts.org.streams.values())), is_core)


@relation("organisation", "blocking-dependencies", to_many("dependency"))
def all_blocking(facts: Facts, org: Org) -> Members:
    """The dependencies for which regular work waits."""
    return union(blocking_dependencies(facts, team) for team in facts.org.teams.values())


@relation("organisation", "cross-group-dependencies", to_many("dependency"))
def crossing(facts: Facts, org: Org) -> Members:
    """The blocking dependencies whose teams share no group."""
    return such_that(all_blocking(facts, org), lambda item: cross_group(facts, item))


# --- elements that nothing uses -------------------------------------------------------------------


def _named(facts: Facts) -> tuple[set[object], dict[str, list[Missing]]]:
    """Every element that names another or is named, and for each kind what may name more of it."""
    found: set[object] = set()
    unsaid: dict[str, list[Missing]] = {}
    for kind in PLURALS:
        properties = [prop for prop in schema(kind).values() if prop.type.base == "reference"]
        for element in facts.org.of_kind(kind).values():
            this = Ref(kind, element.id)
            # Whoever an unknown one is, the element is not alone.
            others: set[object] = {*references(element)}
            for prop in properties:
                value = getattr(element, prop.attribute)
                if value is None or value == ():
                    continue
                if UNKNOWN in (value if isinstance(value, tuple) else (value,)):
                    gap = Missing(kind, element.id, prop.word, element.place(prop.word))
                    for target in prop.type.kinds:
                        unsaid.setdefault(target, []).append(gap)
            others.discard(this)
            if others:
                found |= others
                found.add(this)
    return found, unsaid


ORPHAN_KINDS: Final = ("team", "capability", "component", "domain")


@relation("organisation", "orphans", to_many(*ORPHAN_KINDS, "product"))
def orphans(facts: Facts, org: Org) -> Members:
    """The elements that name no other and are named by none, and core products without a stream."""
    named, unsaid = _named(facts)
    alone = [
        element
        for kind in ORPHAN_KINDS
        for element in facts.org.of_kind(kind).values()
        if Ref(kind, element.id) not in named
    ]
    produced = {stream.product for stream in facts.org.streams.values()}
    alone += [
        product
        for product in facts.org.products.values()
        if product.id not in produced and product.significance == "core"
    ]
    perhaps = tuple(element for element in alone if element.kind in unsaid)
    kinds = dict.fromkeys(element.kind for element in perhaps)
    return Members(
        tuple(element for element in alone if element.kind not in unsaid),
        perhaps,
        few(gap for kind in kinds for gap in unsaid[kind]),
    )


# --- plans ----------------------------------------------------------------------------------------

VERBS: Final = {
    MoveStep: "move-step", MakeSelfService: "make-self-service", SetCadence: "set-cadence",
    SetRework: "set-rework", RemoveStep: "remove-step", AddPeople: "add-people",
    AddSkill: "add-skill", MergeTeams: "merge-teams", SplitTeam: "split-team",
    SetOwner: "set-owner",
}  # fmt: skip


@entity
@frozen
class Planned:
    """One operation of a planned change; what it does not speak of is none."""

    kind: ClassVar[str] = "operation"

    id: str
    span: Span
    change: Annotated[Change, to("change"), "the change it is part of"]
    verb: Annotated[str, word(*VERBS.values()), "what is done"]
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

    lead = getattr(item, "lead", None)
    return Planned(
        f"{change.id} {place + 1}",
        item.span,
        change,
        VERBS[type(item)],
        named("team"),
        named("step"),
        named("capability"),
        item.number if isinstance(item, AddPeople) else NONE,
        item.skill if isinstance(item, AddSkill) else NONE,
        lead if isinstance(lead, Quantity) else NONE,
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
