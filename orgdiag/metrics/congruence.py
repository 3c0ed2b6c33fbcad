"""Whether teams whose components are coupled have a way to coordinate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Final

from orgdiag.facts.columns import Facts, index
from orgdiag.facts.properties import members_of, missing
from orgdiag.metrics.metric import PERCENT, metric
from orgdiag.model.elements import Org
from orgdiag.model.types import SHARE
from orgdiag.partial.quantity import Quantity, ratio
from orgdiag.partial.unknown import UNKNOWN, Gaps, Missing, Unwritten, merge

SEED: Final = 1

Pair = tuple[str, str]


def needed_pairs(owners: Mapping[str, Iterable[str]], coupled: Iterable[Pair]) -> frozenset[Pair]:
    """The pairs of teams that have to coordinate, because what they own is coupled.

    Definition: where T_A · T_D · T_Aᵀ is not 0 off the diagonal, with T_A who owns what and T_D the
    coupling, symmetric with a unit diagonal: owners of the same component need each other too. Each
    pair is sorted.

    Args:
        owners: the teams of each component.
        coupled: pairs of components.

    Source: Cataldo, Wagstrom, Herbsleb and Carley 2006.

    >>> sorted(needed_pairs({"a": ["x"], "b": ["y", "z"]}, [("b", "a")]))
    [('x', 'y'), ('x', 'z'), ('y', 'z')]
    """
    found = set()
    own = ((component, component) for component in owners)
    for one, other in (*own, *coupled):
        for team in owners.get(one, ()):
            for partner in owners.get(other, ()):
                if team != partner:
                    found.add((min(team, partner), max(team, partner)))
    return frozenset(found)


@metric("organisation", SHARE, PERCENT, "M51")
def congruence(facts: Facts, org: Org) -> Quantity:
    """Share of the pairs of teams with coupled components that have a declared way to coordinate.

    Definition: needed pairs with a declared interaction, dependency, used capability or common
    coordination / needed pairs. Range: 0 to 1. Undefined when no pair is needed; bounded when an
    owner, a `depends-on` or the members of a coordination are unknown.

    Source: Cataldo, Wagstrom, Herbsleb and Carley 2006.
    """
    owners: dict[str, list[str]] = {}
    coupled: list[Pair] = []
    gaps: Gaps = ()
    for component in facts.org.components.values():
        owning = members_of(facts, component, "owner", "team")
        owners[component.id] = [team.id for team in owning.certain]
        needed = members_of(facts, component, "depends_on", "component")
        coupled += [(component.id, other.id) for other in needed.certain]
        gaps = merge(gaps, needed.missing)
        if owning.open and component.owner is not None:  # several owners need each other too
            gaps = merge(gaps, owning.missing)
    unowned = {id for id, teams in owners.items() if not teams}
    open_ends = [pair for pair in coupled if unowned.intersection(pair)]
    for id in sorted({id for pair in open_ends for id in unowned.intersection(pair)}):
        gaps = merge(gaps, missing(facts.org.components[id], "owner"))
    pairs = needed_pairs(owners, coupled)
    declared = _declared_pairs(facts)
    met = sum(pair in declared for pair in pairs)
    return _bounded_share(met, len(pairs) - met, gaps, _open_coordinations(facts))


def _bounded_share(met: int, unmet: int, more_pairs: Gaps, more_met: Gaps) -> Quantity:
    """Met / (met + unmet), when inputs are missing that may add pairs or turn unmet into met."""
    if more_pairs:
        return Quantity(0, 1, merge(more_pairs, more_met))
    if not met + unmet:
        return Quantity(None, None)
    share = ratio(met, met + unmet)
    if unmet and more_met:
        return Quantity(share, 1, more_met)
    return Quantity.of(share)


@index
def _declared_pairs(facts: Facts) -> frozenset[Pair]:
    """The sorted pairs of teams that say how they work together."""
    found: set[Pair] = set()

    def add(one: object, other: object) -> None:
        if isinstance(one, str) and isinstance(other, str) and one != other:
            found.add((min(one, other), max(one, other)))

    for interaction in facts.org.interactions.values():
        add(interaction.first, interaction.second)
    for team in facts.org.teams.values():
        for need in () if isinstance(team.needs, Unwritten) else team.needs:
            add(team.id, need.provider)
    for capability in facts.org.capabilities.values():
        for user in members_of(facts, capability, "used_by", "team").certain:
            if user.kind == "team":
                add(user.id, capability.provided_by)
    for coordination in facts.org.coordinations.values():
        members = members_of(facts, coordination, "members", "team").certain
        for one, other in combinations(members, 2):
            add(one.id, other.id)
    return frozenset(found)


@index
def _open_coordinations(facts: Facts) -> Gaps:
    """The inputs that may declare further pairs."""
    org, gaps = facts.org, list[Missing]()
    for coordination in org.coordinations.values():
        gaps += members_of(facts, coordination, "members", "team").missing
    for capability in org.capabilities.values():
        gaps += members_of(facts, capability, "used_by", "team").missing
        if isinstance(capability.provided_by, Unwritten) and capability.used_by:
            gaps += missing(capability, "provided-by")
    for interaction in org.interactions.values():
        if UNKNOWN in (interaction.first, interaction.second):
            gaps += missing(interaction, "with")
    for team in org.teams.values():
        if isinstance(team.needs, Unwritten):
            gaps += missing(team, "needs")
        else:
            unread = [need for need in team.needs if isinstance(need.provider, Unwritten)]
            gaps += [gap for need in unread for gap in missing(need, "from")]
    return tuple(dict.fromkeys(gaps))
