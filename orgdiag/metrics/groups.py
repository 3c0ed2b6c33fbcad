"""How well the groups of the organisation contain the waiting between its teams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from fractions import Fraction
from itertools import chain
from typing import Final

from orgdiag.facts.columns import Facts, index
from orgdiag.facts.dependencies import blocking_edges
from orgdiag.facts.properties import members_of, missing
from orgdiag.metrics.coupling import every_edge, unknown_dependencies
from orgdiag.metrics.metric import PERCENT, metric
from orgdiag.model.elements import Org
from orgdiag.model.types import NUMBER, SHARE
from orgdiag.partial.quantity import Number, Quantity, ratio
from orgdiag.partial.unknown import merge

SEED: Final = 1

Pair = tuple[str, str]


@index
def _groups(facts: Facts) -> Mapping[str, frozenset[str]]:
    """The groups of each team, without locations; empty where none is known."""
    return {
        team.id: frozenset(
            group.id
            for group in members_of(facts, team, "in_", "group").certain
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
    certain = blocking_edges(facts)
    possible, gaps = every_edge(facts), unknown_dependencies(facts)
    if possible is None:
        return Quantity(0, 1, gaps)
    inside, outside, unsure = _crossings(facts, certain)
    extra = [edge for edge in sorted(possible) if edge not in certain]
    more_inside, more_outside, more_unsure = _crossings(facts, extra)
    ends = dict.fromkeys(id for edge in (*certain, *extra) for id in edge)
    groupless = [missing(facts.org.teams[id], "in") for id in ends if not _groups(facts)[id]]
    gaps = merge(gaps, tuple(chain.from_iterable(groupless)))
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
    gaps = unknown_dependencies(facts)
    if gaps:
        return Quantity(Fraction(-1, 2), 1, gaps)
    value = modularity_of(blocking_edges(facts), _by_group(facts))
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
    edges = blocking_edges(facts)
    if not edges:
        return ()
    import networkx as nx

    linked: nx.Graph[str] = nx.Graph()
    linked.add_nodes_from(sorted({node for edge in edges for node in edge}))
    linked.add_edges_from(edges)
    found = nx.community.louvain_communities(linked, seed=SEED)
    return tuple(sorted(tuple(sorted(part)) for part in found))
