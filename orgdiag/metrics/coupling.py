"""Who waits for whom: the numbers of a team's dependencies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final

from orgdiag.facts.circles import circles
from orgdiag.facts.columns import Facts, index
from orgdiag.facts.costs import delay
from orgdiag.facts.dependencies import (
    Edges,
    blockers,
    blocking_dependencies,
    blocking_edges,
    dependencies,
    incoming_blocking,
    incoming_dependencies,
    on_time,
    possible_blocking_edges,
    selfserve,
)
from orgdiag.metrics.metric import ITEM_DAYS, PERCENT, metric
from orgdiag.model.elements import Team
from orgdiag.model.types import EFFORT, NUMBER, SHARE
from orgdiag.partial.quantity import ONE, Number, Quantity, total
from orgdiag.partial.sets import such_that
from orgdiag.partial.truth import negation
from orgdiag.partial.unknown import Gaps, Missing, merge

# Betweenness is exact up to so many teams that wait or are waited for; beyond, it is estimated from
# a sample of as many sources as one can afford.
MOST_EXACT: Final = 400
SAMPLES: Final = 100
SEED: Final = 1


@metric("team", NUMBER, "", "M30")
def blocking_fan_out(facts: Facts, team: Team) -> Quantity:
    """Number of teams for which its regular work waits.

    Definition: distinct providers of its dependencies that are blocking, routine and not
    self-service, without those in an active collaboration that is meant to end. Range: 0 to the
    number of other teams. Bounded when an effect, a frequency or a mode is unknown.

    Source: article, "three or more other teams".
    """
    return blockers(facts, team).size


@metric("team", NUMBER, "", "M31")
def fan_in(facts: Facts, team: Team) -> Quantity:
    """Number of teams that need it, in whatever way.

    Definition: distinct consumers of its effective dependencies. Range: 0 to the number of other
    teams. Bounded when the model leaves open who needs it.

    Source: article, shared services.
    """
    return incoming_dependencies(facts, team).size


@metric("team", NUMBER, "", "M31")
def fan_in_manual(facts: Facts, team: Team) -> Quantity:
    """Number of teams that have to ask its people.

    Definition: distinct consumers of its effective dependencies that are not self-service. Range: 0
    to the fan-in. Bounded when a mode is unknown.

    Source: article, shared services.
    """
    found = such_that(
        incoming_dependencies(facts, team), lambda item: negation(selfserve(facts, item))
    )
    return found.size


@metric("team", NUMBER, "", "M31")
def fan_in_blocking(facts: Facts, team: Team) -> Quantity:
    """Number of teams whose regular work waits for it.

    Definition: distinct consumers of its blocking-routine dependencies. Range: 0 to the fan-in.
    Bounded when an effect, a frequency or a mode is unknown.

    Source: article, "The shared service becomes the constraint".
    """
    return incoming_blocking(facts, team).size


@metric("team", EFFORT, ITEM_DAYS, "M32")
def dependency_delay(facts: Facts, team: Team) -> Quantity:
    """Item-days a month that the team waits for other teams.

    Definition: Σ of frequency × wait over its effective dependencies. Range: 0 to unbounded. A
    lower bound when a frequency or a wait is unknown.

    Source: article, "dominated by wait time at each dependency".
    """
    needed = dependencies(facts, team)
    found = total(delay(facts, dependency) for dependency in needed.certain)
    for dependency in needed.possible:
        one = delay(facts, dependency)
        found = found + Quantity(0, one.high, merge(needed.missing, one.missing))
    return Quantity(found.low, None, merge(found.missing, needed.missing)) if needed.open else found


@metric("team", SHARE, PERCENT, "M33")
def on_time_probability(facts: Facts, team: Team) -> Quantity:
    """Probability that everything the team waits for comes when promised.

    Definition: product of `on-time` over its blocking-routine dependencies, taken as independent.
    Range: 0 to 1; 1 when it waits for nobody. From 0 to the product of those known when any is
    unknown; 50 % is never assumed.

    Source: Magennis; that the chances multiply is sound, that each is one half was not borne out.
    """
    needed = blocking_dependencies(facts, team)
    found = ONE
    for dependency in needed.certain:
        found = found * on_time(facts, dependency)
    for dependency in needed.possible:
        share = on_time(facts, dependency)
        found = found * Quantity(share.low, 1, merge(needed.missing, share.missing))
    return Quantity(0, found.high, merge(found.missing, needed.missing)) if needed.open else found


# --- the graph of waiting teams -------------------------------------------------------------------


@metric("team", NUMBER, "", "M37")
def betweenness(facts: Facts, team: Team) -> Quantity:
    """Number of shortest chains of waiting between other teams that pass through it.

    Definition: betweenness centrality, unnormalised, in the directed graph of blocking-routine
    dependencies. Range: 0 to unbounded. Estimated from a seeded sample of sources above some
    hundred teams. Unknown when a dependency that touches its part of the graph is. For comparison
    only: there is no defensible threshold.

    Source: Freeman 1977; networkx.
    """
    gaps = _unsettled(facts).get(team.id)
    if gaps is not None:
        return Quantity(0, None, gaps)
    value, sampled = _betweenness(facts).get(team.id, (0, False))
    return Quantity(value, value, (), sampled)


@index
def _betweenness(facts: Facts) -> Mapping[str, tuple[Number, bool]]:
    import networkx as nx

    edges = blocking_edges(facts)
    ends = {id for edge in edges for id in edge}
    linked: nx.DiGraph[str] = nx.DiGraph()
    linked.add_nodes_from(id for id in facts.org.teams if id in ends)
    linked.add_edges_from(edges)
    sampled = len(ends) > MOST_EXACT
    found = nx.betweenness_centrality(
        linked, k=SAMPLES if sampled else None, normalized=False, seed=SEED
    )
    return {
        id: (Fraction(value).limit_denominator(10**6) if value else 0, sampled)
        for id, value in found.items()
    }


@index
def _unsettled(facts: Facts) -> Mapping[str, Gaps]:
    """The missing inputs by team, in the parts of the graph that unknown edges touch."""
    certain, possible = blocking_edges(facts), every_edge(facts)
    if possible is None:
        return dict.fromkeys(facts.org.teams, unknown_dependencies(facts))
    unsure = [edge for edge in possible if edge not in certain]
    if not unsure:
        return {}
    parts = circles(_neighbours((*possible, *((other, one) for one, other in possible))))
    part_of = {id: number for number, part in enumerate(parts) for id in part}
    gaps: dict[int, dict[Missing, None]] = {}
    for consumer in dict.fromkeys(consumer for consumer, _ in unsure):
        missing = blocking_dependencies(facts, facts.org.teams[consumer]).missing
        gaps.setdefault(part_of[consumer], {}).update(dict.fromkeys(missing))
    found: dict[str, Gaps] = {}
    for number, missing_inputs in gaps.items():
        if missing_inputs:
            found.update(dict.fromkeys(parts[number], tuple(missing_inputs)))
    return found


@metric("team", NUMBER, "", "M38")
def chain_depth(facts: Facts, team: Team) -> Quantity:
    """Length of the longest chain of teams that wait for one another, beginning with it.

    Definition: longest path from the team in the graph of blocking-routine dependencies, in which
    teams that wait for each other in a circle count as one; in edges. Range: 0 to the number of
    other teams. Bounded when a dependency that it reaches is unknown.

    Source: article, "dependencies that force serialisation".
    """
    depths = _depths(facts)
    if depths is None:
        return Quantity(0, len(facts.org.teams) - 1, unknown_dependencies(facts))
    low, high = depths.get(team.id, (0, 0))
    if low == high:
        return Quantity.of(low)
    return Quantity(low, high, _unsettled(facts).get(team.id, ()))


@index
def _depths(facts: Facts) -> Mapping[str, tuple[int, int]] | None:
    """The least and the largest depth of each team that waits for another or is waited for.

    None where too many pairs may wait for each other.

    A circle that unknown edges may close is one node at the least, and a chain of the circles that
    surely exist in it at the most.
    """
    certain, possible = blocking_edges(facts), every_edge(facts)
    if possible is None:
        return None
    onward, surely = _neighbours(possible), _neighbours(certain)
    found: dict[str, tuple[int, int]] = {}
    for circle in circles(onward):  # what it leads to has been found
        low = high = 0
        for team in circle:
            for other in onward.get(team, ()):
                if other in found:
                    least, most = found[other]
                    high = max(high, most + 1)
                    if (team, other) in certain:
                        low = max(low, least + 1)
        if len(circle) > 1:
            inside = frozenset(circle)
            sure = {team: inside.intersection(surely.get(team, ())) for team in circle}
            high += len(circles(sure)) - 1
        found.update(dict.fromkeys(circle, (low, high)))
    return found


def _neighbours(edges: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """What each end of an edge leads to."""
    found: dict[str, list[str]] = {}
    for one, other in edges:
        found.setdefault(one, []).append(other)
    return found


# --- what nobody has named ------------------------------------------------------------------------

# With more pairs than this that nobody has named, a number of the graph is not worth bounding.
MOST_PAIRS: Final = 100_000


@index
def untold_edges(facts: Facts) -> tuple[Edges | None, Gaps]:
    """The pairs that may wait for each other though nobody says so, and what would tell.

    A team of whose blockers some may be unnamed may wait for any team of whose blocked teams some
    may be. None stands for more than `MOST_PAIRS` of them.
    """
    gaps: dict[Missing, None] = {}
    consumers, providers = [], []
    for team in facts.org.teams.values():
        waiting, waited = blocking_dependencies(facts, team), incoming_blocking(facts, team)
        if waiting.open:
            consumers.append(team.id)
            gaps.update(dict.fromkeys(waiting.missing))
        if waited.open:
            providers.append(team.id)
    if len(consumers) * len(providers) > MOST_PAIRS:
        return None, tuple(gaps)
    found = dict.fromkeys((a, b) for a in consumers for b in providers if a != b)
    return found.keys(), tuple(gaps) if found else ()


@index
def every_edge(facts: Facts) -> Edges | None:
    """The edges of blocking, with all that the missing inputs could add; None for too many."""
    untold, _ = untold_edges(facts)
    if untold is None:
        return None
    return dict.fromkeys((*possible_blocking_edges(facts), *untold)).keys()


@index
def unknown_dependencies(facts: Facts) -> Gaps:
    """The inputs that decide whether further dependencies are blocking."""
    certain = blocking_edges(facts)
    gaps: dict[Missing, None] = {}
    for consumer, provider in possible_blocking_edges(facts):
        if (consumer, provider) not in certain:
            team = facts.org.teams[consumer]
            gaps.update(dict.fromkeys(blocking_dependencies(facts, team).missing))
    return merge(tuple(gaps), untold_edges(facts)[1])
