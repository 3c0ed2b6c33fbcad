"""Dependencies that nobody has named: the inputs that could add further ones."""

from __future__ import annotations

from itertools import chain

from orgdiag.facts.columns import Facts, index, memoised
from orgdiag.facts.grounds import (
    Dependency,
    anybody_may_own,
    consumers,
    helps_itself,
    nobody_named,
    possible_owners,
    released_with,
)
from orgdiag.facts.properties import members_of, missing
from orgdiag.facts.steps import automated
from orgdiag.facts.streams import after_first, performers, teams_on_steps
from orgdiag.facts.touches import inner_source, routinely, touches
from orgdiag.model.elements import Component, Stream, Team
from orgdiag.partial.truth import every, few, negation
from orgdiag.partial.unknown import UNKNOWN, Gaps, Missing, Unwritten, merge


@index
def _unnamed_providers(facts: Facts) -> dict[str, Gaps]:
    """For each team the inputs that would name further teams for which it may wait."""
    found: dict[str, Gaps] = {}

    def add(team: Team, gaps: Gaps) -> None:
        found[team.id] = merge(found.get(team.id, ()), gaps)

    for team in facts.org.teams.values():
        if isinstance(team.needs, Unwritten):
            add(team, missing(team, "needs"))
        else:
            unread = [need for need in team.needs if isinstance(need.provider, Unwritten)]
            if unread:
                add(team, tuple(dict.fromkeys(g for need in unread for g in missing(need, "from"))))
    for stream in facts.org.streams.values():
        gaps = _unnamed_in(facts, stream)
        owning = possible_owners(facts, stream)
        if gaps:
            for owner in owning.every():
                add(owner, gaps)
        if owning.open and not anybody_may_own(facts, stream):
            for team in teams_on_steps(facts, stream).every():
                add(team, owning.missing)
    for capability in facts.org.capabilities.values():
        if nobody_named(capability) and not helps_itself(capability):
            for consumer in consumers(facts, capability).every():
                add(consumer, missing(capability, "provided-by"))
    return found


@index
def _unnamed_services(facts: Facts) -> dict[str, Gaps]:
    """For each team the self-service capabilities that it uses and nobody is known to provide."""
    found: dict[str, Gaps] = {}
    for capability in facts.org.capabilities.values():
        if nobody_named(capability) and helps_itself(capability):
            for consumer in consumers(facts, capability).every():
                gaps = missing(capability, "provided-by")
                found[consumer.id] = merge(found.get(consumer.id, ()), gaps)
    return found


@memoised
def _unnamed_in(facts: Facts, stream: Stream) -> Gaps:
    """The inputs of a stream that would name further teams that its owner waits for."""
    gaps: list[Missing] = []
    for step in after_first(facts, stream).every():
        done_by = performers(facts, step)
        if done_by.open and automated(facts, step) is not True:
            gaps.extend(done_by.missing)
    if stream.changes is not None:
        gaps.extend(touches(facts, stream).missing)
    for touch in touches(facts, stream).certain:
        component = touch.component
        owning = members_of(facts, component, "owner", "team")
        often = every((routinely(touch), negation(inner_source(facts, component))))
        if owning.open and often is not False:
            gaps.extend(owning.missing)
        if often is not False:
            gaps.extend(_unnamed_partners(facts, component))
    return few(gaps)


def _unnamed_partners(facts: Facts, component: Component) -> Gaps:
    """The inputs that would name further teams with which a component is released."""
    deploy = component.deploy
    if isinstance(deploy, Unwritten) or (deploy is not None and deploy.target is UNKNOWN):
        return missing(component, "deploy")
    partner = released_with(facts, component)
    return () if partner is None else members_of(facts, partner, "owner", "team").missing


@index
def _unowned(facts: Facts) -> tuple[Gaps, dict[str, Gaps]]:
    """Owners who may be anybody: whoever it is waits for those who work on the stream.

    The inputs because of which every team may be the one that waits, and for each team those
    because of which it may be waited for.
    """
    anyone: list[Missing] = []
    waited_for: dict[str, Gaps] = {}
    for stream in facts.org.streams.values():
        if anybody_may_own(facts, stream):
            gaps = possible_owners(facts, stream).missing
            working = _working(facts, stream)
            if working or _unnamed_in(facts, stream):
                anyone.extend(gaps)
            for team in working:
                waited_for[team.id] = merge(waited_for.get(team.id, ()), gaps)
    return few(anyone), waited_for


def _working(facts: Facts, stream: Stream) -> dict[Team, None]:
    """The teams for which an owner of the stream may wait: they do steps or own what is changed."""
    found: dict[Team, None] = dict.fromkeys(teams_on_steps(facts, stream).every())
    for touch in touches(facts, stream).every():
        found.update(dict.fromkeys(members_of(facts, touch.component, "owner", "team").every()))
        partner = released_with(facts, touch.component)
        if partner is not None:
            found.update(dict.fromkeys(members_of(facts, partner, "owner", "team").every()))
    return found


@index
def unsaid_gates(facts: Facts) -> Gaps:
    """The coordinations of which it is written that nobody knows what they gate."""
    return few(
        gap
        for coordination in facts.org.coordinations.values()
        for gap in members_of(facts, coordination, "gates", "stream").missing
    )


def _unsaid_users(facts: Facts, selfserve: bool) -> Gaps:
    """The inputs because of which anybody may use a capability, self-serving or not."""
    return few(
        gap
        for capability in facts.org.capabilities.values()
        if helps_itself(capability) is selfserve and consumers(facts, capability).open
        for gap in consumers(facts, capability).missing
    )


@index
def _anyone_waits(facts: Facts) -> Gaps:
    """The inputs written `unknown` because of which every team may wait for further teams."""
    unsaid = unsaid_gates(facts), _unsaid_users(facts, selfserve=False), _unowned(facts)[0]
    return few(chain.from_iterable(unsaid))


@index
def _anyone_uses(facts: Facts) -> Gaps:
    """The self-service capabilities that every team may use."""
    return _unsaid_users(facts, selfserve=True)


@index
def _anyone_provides(facts: Facts) -> Gaps:
    """The inputs because of which further teams may wait for every team."""
    unnamed = _unnamed_providers(facts).values()
    unowned = (
        _unnamed_in(facts, stream)
        for stream in facts.org.streams.values()
        if anybody_may_own(facts, stream)
    )
    unused = _unnamed_on_both_sides(facts, selfserve=False)
    return few(chain(unsaid_gates(facts), *unnamed, *unowned, unused))


def _unnamed_on_both_sides(facts: Facts, selfserve: bool) -> Gaps:
    """The capabilities of which nobody knows who provides them, nor all who use them."""
    return few(
        gap
        for capability in facts.org.capabilities.values()
        if nobody_named(capability) and helps_itself(capability) is selfserve
        if consumers(facts, capability).open
        for gap in missing(capability, "provided-by")
    )


@index
def _anyone_serves(facts: Facts) -> Gaps:
    """The self-service capabilities that every team may be the provider of."""
    unnamed = _unnamed_services(facts).values()
    return few(chain(*unnamed, _unnamed_on_both_sides(facts, selfserve=True)))


@index
def _unnamed_users(facts: Facts) -> dict[str, tuple[Gaps, Gaps]]:
    """For each team its capabilities of which nobody knows all users, manual and self-serving."""
    found: dict[str, tuple[Gaps, Gaps]] = {}
    for capability in facts.org.capabilities.values():
        if isinstance(capability.provided_by, str) and consumers(facts, capability).open:
            asked, served = found.get(capability.provided_by, ((), ()))
            gaps = consumers(facts, capability).missing
            if helps_itself(capability):
                served = merge(served, gaps)
            else:
                asked = merge(asked, gaps)
            found[capability.provided_by] = asked, served
    return found


def may_wait_for(facts: Facts, team: Team) -> Gaps:
    """The inputs that would name further teams for which a team waits."""
    return merge(_unnamed_providers(facts).get(team.id, ()), _anyone_waits(facts))


def may_be_waited_for(facts: Facts, team: Team) -> Gaps:
    """The inputs that would name further teams that wait for a team."""
    unnamed = merge(
        _unnamed_users(facts).get(team.id, ((), ()))[0], _unowned(facts)[1].get(team.id, ())
    )
    return merge(_anyone_provides(facts), unnamed)


def may_need(facts: Facts, team: Team) -> Gaps:
    """The inputs that would name further teams that a team needs, self-service included."""
    served = merge(_unnamed_services(facts).get(team.id, ()), _anyone_uses(facts))
    return merge(may_wait_for(facts, team), served)


def may_be_needed_by(facts: Facts, team: Team) -> Gaps:
    """The inputs that would name further teams that need a team, self-service included."""
    served = merge(_anyone_serves(facts), _unnamed_users(facts).get(team.id, ((), ()))[1])
    return merge(may_be_waited_for(facts, team), served)


@index
def _further_reasons(facts: Facts) -> tuple[dict[str, Gaps], dict[str, Gaps]]:
    """The inputs that could add reasons to the dependencies of a team, and to those on it."""
    providers, gates, services = (
        _unnamed_providers(facts),
        unsaid_gates(facts),
        _unnamed_services(facts),
    )
    needing = {
        id: merge(merge(providers.get(id, ()), gates), services.get(id, ()))
        for id in facts.org.teams
    }
    needed = {id: merge(asked, served) for id, (asked, served) in _unnamed_users(facts).items()}
    for id, gaps in _unowned(facts)[1].items():
        needed[id] = merge(needed.get(id, ()), gaps)
    return needing, needed


def may_have_more(facts: Facts, dependency: Dependency) -> Gaps:
    """The inputs that could add further reasons to a dependency."""
    needing, needed = _further_reasons(facts)
    return merge(needing[dependency.consumer.id], needed.get(dependency.provider.id, ()))
