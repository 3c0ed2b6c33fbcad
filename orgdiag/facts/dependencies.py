"""Effective dependencies: whom a team needs, declared or derived, and who waits for whom."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from operator import attrgetter
from typing import TYPE_CHECKING

from orgdiag.facts.circles import circles
from orgdiag.facts.columns import Facts, index, of_each, relation
from orgdiag.facts.grounds import (
    EFFECTS,
    Dependency,
    Ground,
    consumers,
    nobody_named,
    pairs,
    strongest,
)
from orgdiag.facts.interactions import between, excuses
from orgdiag.facts.properties import as_members, missing, referred, said
from orgdiag.facts.unnamed import (
    may_be_needed_by,
    may_be_waited_for,
    may_have_more,
    may_need,
    may_wait_for,
)
from orgdiag.frozen import frozen
from orgdiag.model.elements import Capability, Need, Step, Team
from orgdiag.model.types import FLAG, SHARE, to_many, word, words
from orgdiag.model.vocabularies import NEED_KINDS, VIAS
from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.sets import each, mapped, such_that
from orgdiag.partial.truth import Truth, every, gaps_of, negation, some
from orgdiag.partial.unknown import Gaps, Unknown, merge

if TYPE_CHECKING:
    import networkx as nx


@index
def _incoming(facts: Facts) -> dict[str, list[Dependency]]:
    found: dict[str, list[Dependency]] = {}
    for of_one in pairs(facts).values():
        for provider, dependency in of_one.items():
            found.setdefault(provider, []).append(dependency)
    return found


def _as_members(found: Iterable[Dependency], unnamed: Gaps) -> Members:
    certain, possible = [], []
    gaps: Gaps = ()
    for dependency in found:
        if dependency.holds is True:
            certain.append(dependency)
        elif isinstance(dependency.holds, Unknown):
            possible.append(dependency)
            gaps = merge(gaps, dependency.holds.missing)
    if not certain and not possible and not unnamed:
        return NOBODY
    return Members(tuple(certain), tuple(possible), merge(gaps, unnamed), bool(unnamed))


@relation("team", "dependencies", to_many("dependency"))
def dependencies(facts: Facts, team: Team) -> Members:
    """Its effective dependencies on other teams, declared and derived, one for each team."""
    return _as_members(pairs(facts).get(team.id, {}).values(), may_need(facts, team))


@relation("team", "incoming-dependencies", to_many("dependency"), kept=False)
def incoming_dependencies(facts: Facts, team: Team) -> Members:
    """The effective dependencies of other teams on it."""
    return _as_members(_incoming(facts).get(team.id, ()), may_be_needed_by(facts, team))


def dependency_of(facts: Facts, consumer: Team, provider: Team) -> Dependency | None:
    """The dependency of one team on another, if there may be one."""
    return pairs(facts).get(consumer.id, {}).get(provider.id)


@relation("dependency", "sources", to_many("ground"), kept=False)
def sources(facts: Facts, dependency: Dependency) -> Members:
    """The reasons why it exists, each with its place."""
    more = may_have_more(facts, dependency)
    grounds = Members(dependency.grounds, (), more, bool(more))
    return such_that(grounds, lambda ground: ground.holds)


@relation("dependency", "effect", word(*EFFECTS))
def effect(facts: Facts, dependency: Dependency) -> str | Unknown:
    """What happens meanwhile: the strongest effect of its reasons."""
    more = may_have_more(facts, dependency)
    known = [
        ground.effect if ground.holds is True else Unknown(gaps_of(ground.holds))
        for ground in dependency.grounds
        if ground.effect != "ok" or ground.holds is True
    ]
    return strongest([*known, Unknown(more)] if more else known)


@relation("dependency", "routine", FLAG, kept=False)
def routine(facts: Facts, dependency: Dependency) -> Truth:
    """Whether regular work needs it, for any of its reasons."""
    known = some([every((ground.holds, ground.routine)) for ground in dependency.grounds])
    more = may_have_more(facts, dependency)
    return Unknown(more) if known is False and more else known


@relation("dependency", "selfserve", FLAG)
def selfserve(facts: Facts, dependency: Dependency) -> Truth:
    """Whether for none of its reasons anybody has to be asked."""
    known = every(some((negation(ground.holds), ground.selfserve)) for ground in dependency.grounds)
    more = may_have_more(facts, dependency)
    return Unknown(more) if known is True and more else known


@relation("dependency", "excused", FLAG, kept=False)
def excused(facts: Facts, dependency: Dependency) -> Truth:
    """Whether the two are in an active collaboration or facilitation that is meant to end."""
    pair = between(facts, dependency.consumer, dependency.provider)
    return some([excuses(facts, interaction) for interaction in pair])


@relation("dependency", "blocks", FLAG)
def blocks(facts: Facts, dependency: Dependency) -> Truth:
    """Whether the consumer's regular work waits for it: blocking, routine, not selfserve."""
    waiting = some([ground.blocks for ground in dependency.grounds])
    if waiting is False:
        return False
    return every((waiting, negation(excused(facts, dependency))))


@relation("dependency", "on-time", SHARE)
def on_time(facts: Facts, dependency: Dependency) -> Quantity:
    """The share of deliveries that come when promised; the lowest that is declared."""
    known = [need.on_time for need in _needs(dependency) if isinstance(need.on_time, Quantity)]
    if not known:
        return Quantity(0, 1, missing(dependency.consumer, "needs"))
    return min(known, key=lambda share: (share.low or 0, share.high or 1))


def _needs(dependency: Dependency) -> list[Need]:
    return [ground.element for ground in dependency.grounds if isinstance(ground.element, Need)]


@relation("dependency", "what", words(*NEED_KINDS))
def what(facts: Facts, dependency: Dependency) -> Members:
    """What is declared to be needed."""
    return Members.of(need.what for need in _needs(dependency))


@relation("dependency", "via", words(*VIAS))
def via(facts: Facts, dependency: Dependency) -> Members:
    """How it is declared to be got."""
    return each(Members(tuple(_needs(dependency))), lambda need: as_members(said(need, "via")))


@relation("dependency", "steps", to_many("step"))
def steps(facts: Facts, dependency: Dependency) -> Members:
    """The steps that the provider does in streams of the consumer."""
    known = sources(facts, dependency)
    on_steps = such_that(known, lambda ground: isinstance(ground.element, Step))
    return mapped(on_steps, attrgetter("element"))


@relation("dependency", "capabilities", to_many("capability"))
def capabilities(facts: Facts, dependency: Dependency) -> Members:
    """The capabilities of the provider that the consumer uses."""
    known = sources(facts, dependency)
    used = such_that(known, lambda ground: isinstance(ground.element, Capability))
    return mapped(used, attrgetter("element"))


# --- who waits for whom ---------------------------------------------------------------------------


@relation("team", "blocking-dependencies", to_many("dependency"))
def blocking_dependencies(facts: Facts, team: Team) -> Members:
    """Its blocking-routine dependencies: those for which its regular work waits."""
    return _blocking_among(facts, dependencies(facts, team), may_wait_for(facts, team))


def _blocking_among(facts: Facts, found: Members, unnamed: Gaps) -> Members:
    """The blocking ones; `unnamed` are the inputs that would name more of them."""
    closed = Members(found.certain, found.possible, found.missing) if found.open else found
    known = such_that(closed, of_each(facts, blocks))
    if not unnamed:
        return known
    return Members(known.certain, known.possible, merge(known.missing, unnamed), open=True)


@relation("team", "blockers", to_many("team"))
def blockers(facts: Facts, team: Team) -> Members:
    """The teams for which its regular work waits (blocking, routine, not self-service)."""
    return mapped(blocking_dependencies(facts, team), attrgetter("provider"))


@relation("team", "incoming-blocking-dependencies", to_many("dependency"))
def incoming_blocking(facts: Facts, team: Team) -> Members:
    """The blocking-routine dependencies of other teams on it."""
    incoming = incoming_dependencies(facts, team)
    return _blocking_among(facts, incoming, may_be_waited_for(facts, team))


@relation("team", "blocked-teams", to_many("team"), kept=False)
def blocked_teams(facts: Facts, team: Team) -> Members:
    """The teams whose regular work waits for it."""
    return mapped(incoming_blocking(facts, team), attrgetter("consumer"))


# --- who uses a capability ------------------------------------------------------------------------


@relation("capability", "routine-teams", to_many("team"))
def routine_consumers(facts: Facts, capability: Capability) -> Members:
    """The teams whose regular work uses it."""

    def regularly(team: Team) -> Truth:
        if nobody_named(capability):
            return Unknown(missing(capability, "provided-by"))
        grounds = _grounds_of(facts, team, capability)
        return some(every((ground.holds, ground.routine)) for ground in grounds)

    return such_that(consumers(facts, capability), regularly)


def _grounds_of(facts: Facts, team: Team, capability: Capability) -> list[Ground]:
    """The grounds of a team's dependency that the capability makes."""
    provider = facts.org.teams.get(str(capability.provided_by))
    dependency = None if provider is None else dependency_of(facts, team, provider)
    grounds = () if dependency is None else dependency.grounds
    return [ground for ground in grounds if ground.element is capability]


@relation("capability", "regular-askers", to_many("team"))
def regular_askers(facts: Facts, capability: Capability) -> Members:
    """The teams whose regular work asks for it, outside a collaboration that is meant to end."""
    return such_that(consumers(facts, capability), lambda team: _asks(facts, team, capability))


def _asks(facts: Facts, team: Team, capability: Capability) -> Truth:
    provider = referred(facts, capability, "provided_by", "team")
    if not isinstance(provider, Team):
        return Unknown(missing(capability, "provided-by"))
    dependency = dependency_of(facts, team, provider)
    if dependency is None:
        return False
    asking = some(
        every((ground.holds, ground.routine, negation(ground.selfserve)))
        for ground in dependency.grounds
        if ground.element is capability
    )
    return asking and every((asking, negation(excused(facts, dependency))))


@relation("capability", "blocked-teams", to_many("team"), kept=False)
def blocked_by_capability(facts: Facts, capability: Capability) -> Members:
    """The teams whose regular work waits for it."""
    return such_that(consumers(facts, capability), lambda team: _waits_for(facts, team, capability))


def _waits_for(facts: Facts, team: Team, capability: Capability) -> Truth:
    provider = referred(facts, capability, "provided_by", "team")
    if not isinstance(provider, Team):
        return Unknown(missing(capability, "provided-by"))
    dependency = dependency_of(facts, team, provider)
    grounds = dependency.grounds if dependency is not None else ()
    waiting = some(ground.blocks for ground in grounds if ground.element is capability)
    if waiting is False or dependency is None:
        return False
    return every((waiting, negation(excused(facts, dependency))))


# --- graphs ---------------------------------------------------------------------------------------

Edges = AbstractSet[tuple[str, str]]


@index
def blocking_edges(facts: Facts) -> Edges:
    """The ids of each team and of each team for which its regular work waits, in order."""
    return _blocking(facts, possible=False)


@index
def possible_blocking_edges(facts: Facts) -> Edges:
    """As `blocking_edges`, with the edges that the missing inputs could add."""
    return _blocking(facts, possible=True)


def _blocking(facts: Facts, possible: bool) -> Edges:
    edges: dict[tuple[str, str], None] = {}
    for team in facts.org.teams.values():
        found = blocking_dependencies(facts, team)
        for dependency in found.every() if possible else found.certain:
            edges[team.id, dependency.provider.id] = None
    return edges.keys()


@index
def blocking_graph(facts: Facts) -> nx.DiGraph[str]:
    """The teams by id, and an edge from each to the teams for which its regular work waits."""
    return _graph(facts, blocking_edges(facts))


@index
def possible_blocking_graph(facts: Facts) -> nx.DiGraph[str]:
    """As `blocking_graph`, with the edges that the missing inputs could add."""
    return _graph(facts, possible_blocking_edges(facts))


def _graph(facts: Facts, edges: Edges) -> nx.DiGraph[str]:
    import networkx as nx  # a tenth of a second, which only a few metrics need

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(facts.org.teams)
    graph.add_edges_from(edges)
    return graph


# --- chains of waiting ----------------------------------------------------------------------------


@frozen
class _Chains:
    """Circles of waiting teams as numbers, and from each the next on the longest chain."""

    circle: dict[str, int]
    speaker: dict[int, str]
    onward: dict[int, int | None]


@index
def _chains(facts: Facts) -> _Chains:
    """The longest chains of waiting; teams that wait for each other count as one.

    For such a circle speaks its first team by id.
    """
    waits_for: dict[str, list[str]] = {id: [] for id in facts.org.teams}
    for consumer, provider in blocking_edges(facts):
        waits_for[consumer].append(provider)
    found = circles(waits_for)
    circle = {id: number for number, group in enumerate(found) for id in group}
    speaker = {number: min(group) for number, group in enumerate(found)}
    length: dict[int, int] = {}
    onward: dict[int, int | None] = {}
    for number, group in enumerate(found):
        others = {circle[provider] for id in group for provider in waits_for[id]} - {number}
        best = min(others, key=lambda other: (-length[other], speaker[other]), default=None)
        onward[number] = best
        length[number] = 0 if best is None else length[best] + 1
    return _Chains(circle, speaker, onward)


@relation("team", "deep-chain", to_many("team"))
def deep_chain(facts: Facts, team: Team) -> Members:
    """The longest chain of teams of which each surely waits for the next, from this one on."""
    chains = _chains(facts)
    found = [team]
    at = chains.onward[chains.circle[team.id]]
    while at is not None:
        found.append(facts.org.teams[chains.speaker[at]])
        at = chains.onward[at]
    unsure = [known for link in found if not (known := blockers(facts, link)).known]
    gaps = dict.fromkeys(gap for known in unsure for gap in known.missing)
    return Members(tuple(found), (), tuple(gaps), bool(unsure))
