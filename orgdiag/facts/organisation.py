"""What can be said of the organisation as a whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from orgdiag.facts.columns import Facts, relation
from orgdiag.facts.dependencies import blocking_dependencies
from orgdiag.facts.interactions import today
from orgdiag.facts.teams import cross_group, is_core
from orgdiag.model.elements import PLURALS, Org
from orgdiag.model.references import references
from orgdiag.model.schema import schema
from orgdiag.model.types import DATE, Ref, to_many
from orgdiag.partial.members import Members
from orgdiag.partial.sets import such_that, union
from orgdiag.partial.truth import few
from orgdiag.partial.unknown import UNKNOWN, Missing, Unknown


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
