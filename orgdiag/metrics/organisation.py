"""The numbers of the whole organisation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from orgdiag.facts.circles import circles
from orgdiag.facts.columns import Facts
from orgdiag.facts.dependencies import blocking_edges
from orgdiag.facts.properties import members_of, missing
from orgdiag.facts.shapes import behaves_as
from orgdiag.facts.streams import main_steps
from orgdiag.frozen import frozen
from orgdiag.metrics.coupling import every_edge, unknown_dependencies
from orgdiag.metrics.metric import PERCENT, metric
from orgdiag.model.elements import Org
from orgdiag.model.parts import Observation
from orgdiag.model.types import SHARE
from orgdiag.partial.quantity import Number, Quantity, ratio
from orgdiag.partial.unknown import Gaps, merged

SEED: Final = 1

Pair = tuple[str, str]


# --- propagation ----------------------------------------------------------------------------------


def propagation(nodes: Collection[str], edges: Iterable[Pair]) -> Number | None:
    """The share of pairs of nodes of which the first reaches the second, each node reaching itself.

    Definition: Σ V_ij / N² with V the reflexive transitive closure. Range: 1/N to 1; None without
    nodes. Computed with bit sets, circles as one.

    Source: MacCormack, Rusnak and Baldwin, propagation cost.

    >>> propagation("abcd", [("a", "b"), ("b", "c")])
    Fraction(7, 16)
    """
    if not nodes:
        return None
    onward: dict[str, list[str]] = {}
    for one, other in edges:
        onward.setdefault(one, []).append(other)
    reached: dict[str, int] = {}
    pairs = 0
    for circle in circles(onward):  # what is led to comes first and has the low bits
        found = ((1 << len(circle)) - 1) << len(reached)
        for node in circle:
            for other in onward.get(node, ()):
                found |= reached.get(other, 0)
        reached.update(dict.fromkeys(circle, found))
        pairs += found.bit_count() * len(circle)
    alone = len(nodes) - len(reached)
    return ratio(pairs + alone, len(nodes) ** 2)


@metric("organisation", SHARE, PERCENT, "M50")
def propagation_cost(facts: Facts, org: Org) -> Quantity:
    """Share of the organisation that a delay of an average team reaches.

    Definition: propagation in the graph of blocking-routine dependencies between teams. Range: 1/N
    to 1. Bounded when dependencies are unknown; undefined without teams.

    Source: MacCormack, Rusnak and Baldwin.
    """
    certain, possible = blocking_edges(facts), every_edge(facts)
    low = propagation(org.teams, certain)
    if possible is None:
        return Quantity(low, 1, unknown_dependencies(facts))
    high = low if len(certain) == len(possible) else propagation(org.teams, possible)
    return Quantity(low, high, () if low == high else unknown_dependencies(facts))


@metric("organisation", SHARE, PERCENT, "M50")
def component_propagation_cost(facts: Facts, org: Org) -> Quantity:
    """Share of the system that a change of an average component can reach.

    Definition: propagation in the graph of `depends-on` between components. Range: 1/N to 1. A
    lower bound when a list of dependencies is unknown; undefined without components.

    Source: MacCormack, Rusnak and Baldwin.
    """
    edges: list[Pair] = []
    every: list[Gaps] = []
    for component in org.components.values():
        needed = members_of(facts, component, "depends_on", "component")
        edges += [(component.id, other.id) for other in needed.certain]
        every.append(needed.missing)
    found, gaps = propagation(org.components, edges), merged(every)
    return Quantity(found, 1 if gaps else found, gaps)


# --- types of teams -------------------------------------------------------------------------------


@frozen
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
