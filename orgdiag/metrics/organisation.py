"""The numbers of the whole organisation, and of graphs in general."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any, Final

import networkx as nx

from orgdiag.graph.dependencies import (
    blocking_dependencies,
    blocking_graph,
    possible_blocking_graph,
)
from orgdiag.graph.facts import Facts, index
from orgdiag.graph.properties import listed, missing
from orgdiag.graph.shapes import behaves_as
from orgdiag.graph.streams import main_steps
from orgdiag.metrics.metric import PERCENT, metric
from orgdiag.model import NUMBER, SHARE, Observation, Org
from orgdiag.quantity import Gaps, Number, Quantity, Unwritten, merge, ratio

SEED: Final = 1

Pair = tuple[str, str]


# --- propagation ----------------------------------------------------------------------------------


def propagation(graph: nx.DiGraph[str]) -> Number | None:
    """The share of pairs of nodes of which the first reaches the second, each node reaching itself.

    Definition: Σ V_ij / N² with V the reflexive transitive closure. Range: 1/N to 1; None without
    nodes. Computed with bit sets over the condensed graph.

    Source: MacCormack, Rusnak and Baldwin, propagation cost.

    >>> graph = nx.DiGraph([("a", "b"), ("b", "c")])
    >>> graph.add_node("d")
    >>> propagation(graph)
    Fraction(7, 16)
    """
    count = graph.number_of_nodes()
    if not count:
        return None
    circles = nx.condensation(graph)
    bit = {node: 1 << place for place, node in enumerate(graph)}
    reached: dict[int, int] = {}
    pairs = 0
    for circle in reversed(list(nx.topological_sort(circles))):
        members = circles.nodes[circle]["members"]
        found = 0
        for node in members:
            found |= bit[node]
        for onward in circles.successors(circle):
            found |= reached[onward]
        reached[circle] = found
        pairs += found.bit_count() * len(members)
    return ratio(pairs, count * count)


@metric("organisation", SHARE, PERCENT, "M50")
def propagation_cost(facts: Facts, org: Org) -> Quantity:
    """Share of the organisation that a delay of an average team reaches.

    Definition: propagation in the graph of blocking-routine dependencies between teams. Range: 1/N
    to 1. Bounded when dependencies are unknown; undefined without teams.

    Source: MacCormack, Rusnak and Baldwin.
    """
    low = propagation(blocking_graph(facts))
    high = propagation(possible_blocking_graph(facts))
    return Quantity(low, high, () if low == high else _unknown_dependencies(facts))


@metric("organisation", SHARE, PERCENT, "M50")
def component_propagation_cost(facts: Facts, org: Org) -> Quantity:
    """Share of the system that a change of an average component can reach.

    Definition: propagation in the graph of `depends-on` between components. Range: 1/N to 1. A
    lower bound when a list of dependencies is unknown; undefined without components.

    Source: MacCormack, Rusnak and Baldwin.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(facts.org.components)
    gaps: Gaps = ()
    for component in facts.org.components.values():
        needed = listed(facts, component, "depends_on", "component")
        graph.add_edges_from((component.id, other.id) for other in needed.certain)
        gaps = merge(gaps, needed.missing)
    found = propagation(graph)
    return Quantity(found, 1 if gaps else found, gaps)


@index
def _unknown_dependencies(facts: Facts) -> Gaps:
    """The inputs that decide whether further dependencies are blocking."""
    certain = blocking_graph(facts)
    gaps: dict[Any, None] = {}
    for consumer, provider in possible_blocking_graph(facts).edges:
        if not certain.has_edge(consumer, provider):
            team = facts.org.teams[consumer]
            gaps.update(dict.fromkeys(blocking_dependencies(facts, team).missing))
    return tuple(gaps)


# --- congruence -----------------------------------------------------------------------------------


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
        owning = listed(facts, component, "owner", "team")
        owners[component.id] = [team.id for team in owning.certain]
        needed = listed(facts, component, "depends_on", "component")
        coupled += [(component.id, other.id) for other in needed.certain]
        gaps = merge(gaps, needed.missing)
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
        for user in listed(facts, capability, "used_by", "team").certain:
            if user.kind == "team":
                add(user.id, capability.provided_by)
    for coordination in facts.org.coordinations.values():
        members = listed(facts, coordination, "members", "team").certain
        for one, other in combinations(members, 2):
            add(one.id, other.id)
    return frozenset(found)


@index
def _open_coordinations(facts: Facts) -> Gaps:
    """The inputs that may declare further pairs."""
    gaps: Gaps = ()
    for coordination in facts.org.coordinations.values():
        gaps = merge(gaps, listed(facts, coordination, "members", "team").missing)
    for team in facts.org.teams.values():
        if isinstance(team.needs, Unwritten):
            gaps = merge(gaps, missing(team, "needs"))
    return gaps


# --- groups ---------------------------------------------------------------------------------------


@index
def _groups(facts: Facts) -> Mapping[str, frozenset[str]]:
    """The groups of each team, without locations; empty where none is known."""
    return {
        team.id: frozenset(
            group.id
            for group in listed(facts, team, "in_", "group").certain
            if group.type != "location"
        )
        for team in facts.org.teams.values()
    }


@metric("organisation", SHARE, PERCENT, "M52")
def cross_group_share(facts: Facts, org: Org) -> Quantity:
    """Share of the dependencies between teams that cross the border of a group.

    Definition: blocking-routine dependencies whose two teams share no group / all of them; groups
    of kind location do not count. Range: 0 to 1. Undefined without such dependencies; bounded when
    a team has no group or a dependency is unknown.

    Source: Spotify, cross-tribe dependencies.
    """
    certain = blocking_graph(facts)
    inside, outside, unsure = _crossings(facts, certain.edges)
    extra = [e for e in possible_blocking_graph(facts).edges if not certain.has_edge(*e)]
    more_inside, more_outside, more_unsure = _crossings(facts, extra)
    gaps = _unknown_dependencies(facts) if extra else ()
    for consumer, provider in (*certain.edges, *extra):
        for id in (consumer, provider):
            if not _groups(facts)[id]:
                gaps = merge(gaps, missing(facts.org.teams[id], "in"))
    count = inside + outside + unsure
    most = count + more_outside + more_unsure
    least = count + more_inside + more_unsure
    if not count:
        return Quantity(0, 1, gaps) if extra else Quantity(None, None)
    low = ratio(outside, least)
    high = ratio(outside + unsure + more_outside + more_unsure, most)
    return Quantity(low, high, () if low == high else gaps)


def _crossings(facts: Facts, edges: Iterable[Pair]) -> tuple[int, int, int]:
    """How many edges stay in a group, leave it, and do either for all that is known."""
    groups = _groups(facts)
    found: Counter[str] = Counter()
    for one, other in edges:
        if not groups[one] or not groups[other]:
            found["unsure"] += 1
        else:
            found["inside" if groups[one] & groups[other] else "outside"] += 1
    return found["inside"], found["outside"], found["unsure"]


def modularity_of(edges: Iterable[Pair], partition: Iterable[AbstractSet[str]]) -> Number | None:
    """How much more the edges stay inside the parts than chance would have it.

    Definition: Q = Σ over parts of (edges inside / m − (degrees / 2m)²), for the undirected graph.
    Range: −1/2 to 1; None without edges.

    Source: Newman and Girvan 2004.

    >>> triangles = [("a", "b"), ("b", "c"), ("a", "c"), ("x", "y"), ("y", "z"), ("x", "z")]
    >>> modularity_of([*triangles, ("c", "x")], [{"a", "b", "c"}, {"x", "y", "z"}])
    Fraction(5, 14)
    """
    undirected = {(min(edge), max(edge)) for edge in edges}
    if not undirected:
        return None
    part_of = {node: number for number, part in enumerate(partition) for node in part}
    inside: Counter[int] = Counter()
    degrees: Counter[int] = Counter()
    for one, other in undirected:
        degrees[part_of[one]] += 1
        degrees[part_of[other]] += 1
        inside[part_of[one]] += part_of[one] == part_of[other]
    whole = len(undirected)
    return ratio(sum(4 * whole * inside[p] - degrees[p] ** 2 for p in degrees), 4 * whole * whole)


@metric("organisation", NUMBER, "", "M53")
def modularity(facts: Facts, org: Org) -> Quantity:
    """How well the groups contain the waiting between teams.

    Definition: modularity of the undirected graph of blocking-routine dependencies under the
    partition by group; a team in several groups counts in the first, one without a group on its
    own. Range: −1/2 to 1. Undefined without dependencies; unknown when one is unknown. For
    comparison with `best_partition` only.

    Source: Newman and Girvan 2004.
    """
    graph = blocking_graph(facts)
    gaps = _unknown_dependencies(facts)
    if gaps:
        return Quantity(Fraction(-1, 2), 1, gaps)
    value = modularity_of(graph.edges, _by_group(facts))
    return Quantity(value, value)


def _by_group(facts: Facts) -> list[set[str]]:
    parts: dict[str, set[str]] = {}
    for team, groups in _groups(facts).items():
        parts.setdefault(min(groups) if groups else f"{team} alone", set()).add(team)
    return list(parts.values())


def best_partition(facts: Facts) -> tuple[tuple[str, ...], ...]:
    """The groups of teams that would contain the waiting best, as found by a seeded search.

    Only teams with a blocking-routine dependency occur. A heuristic, to compare today's groups
    with; no proof that there is nothing better.

    Source: Blondel and others 2008 (Louvain), by networkx.
    """
    edges = blocking_graph(facts).edges
    if not edges:
        return ()
    linked: nx.Graph[str] = nx.Graph()
    linked.add_nodes_from(sorted({node for edge in edges for node in edge}))
    linked.add_edges_from(edges)
    found = nx.community.louvain_communities(linked, seed=SEED)
    return tuple(sorted(tuple(sorted(part)) for part in found))


# --- types of teams -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TypeMix:
    """What kinds of teams there are (M54).

    declared  how many teams call themselves what
    observed  how many behave like what; a team may do so in several ways, or in none
    ratio     stream-aligned teams to all others, by declaration
    """

    declared: Mapping[str, int]
    observed: Mapping[str, int]
    ratio: Quantity


def type_mix(facts: Facts) -> TypeMix:
    """How many teams of each type there are, by what they say and by what they do.

    For comparison only: Team Topologies reports 6 : 1 to 9 : 1 in organisations that it calls
    successful. The ratio is undefined when every team is stream-aligned.

    Source: Team Topologies.
    """
    teams = facts.org.teams.values()
    declared = Counter(team.type if isinstance(team.type, str) else "undeclared" for team in teams)
    observed = Counter(shape for team in teams for shape in behaves_as(facts, team).certain)
    aligned = declared["stream-aligned"]
    others = sum(declared.values()) - aligned - declared["undeclared"]
    unsaid = tuple(
        gap for team in teams if team.type == "undeclared" for gap in missing(team, "type")
    )
    low, high = _ratio_between(aligned, others, declared["undeclared"])
    return TypeMix(_sorted(declared), _sorted(observed), Quantity(low, high, unsaid))


def _ratio_between(aligned: int, others: int, unsaid: int) -> tuple[Number | None, Number | None]:
    """The bounds of aligned : others when some teams may be either."""
    if not others + unsaid:
        return None, None
    return ratio(aligned, others + unsaid), ratio(aligned + unsaid, others) if others else None


def _sorted(counts: Counter[str]) -> Mapping[str, int]:
    return {word: counts[word] for word in sorted(counts) if counts[word]}


# --- what is known --------------------------------------------------------------------------------


def coverage(assessed: int, applicable: int) -> Quantity:
    """The share of checks that could be made (M55).

    Definition: assessed pairs of rule and element / applicable pairs. Range: 0 to 1. Undefined when
    none applies.

    >>> coverage(3, 4).value
    Fraction(3, 4)
    """
    return Quantity.of(ratio(assessed, applicable)) if applicable else Quantity(None, None)


@metric("organisation", SHARE, PERCENT, "M55")
def lead_time_coverage(facts: Facts, org: Org) -> Quantity:
    """Share of the steps that lead to an end whose lead time is given.

    Definition: steps of MAIN with a lead time / steps of MAIN, over all streams. Range: 0 to 1.
    Undefined without steps.

    Source: by orgdiag.
    """
    steps = [
        step for stream in facts.org.streams.values() for step in main_steps(facts, stream).certain
    ]
    return coverage(sum(isinstance(step.lead, Quantity) for step in steps), len(steps))


@metric("organisation", SHARE, PERCENT, "M55")
def observed_streams(facts: Facts, org: Org) -> Quantity:
    """Share of the streams whose map says when and how it was observed.

    Definition: streams with `observed` / streams. Range: 0 to 1. Undefined without streams.

    Source: article, "mapping reality".
    """
    streams = facts.org.streams.values()
    return coverage(
        sum(isinstance(stream.observed, Observation) for stream in streams), len(streams)
    )
