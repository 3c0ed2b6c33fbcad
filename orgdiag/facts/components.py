"""Who owns, builds, runs, changes, uses and releases a component."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from orgdiag.facts.circles import circles
from orgdiag.facts.columns import Facts, index, relation
from orgdiag.facts.properties import as_members, members_of, missing, referred
from orgdiag.facts.touches import routinely, touches
from orgdiag.model.elements import Component, Team
from orgdiag.model.types import FLAG, to, to_many, word, words
from orgdiag.partial.members import Members
from orgdiag.partial.sets import Groups, each, mapped, such_that, union, without
from orgdiag.partial.truth import Truth, few
from orgdiag.partial.unknown import NONE, Missing, Nothing, Unknown, Unwritten, merge


@relation("component", "owners", to_many("team"))
def owners_of(facts: Facts, component: Component) -> Members:
    """The teams that own it."""
    return members_of(facts, component, "owner", "team")


@relation("component", "builders", to_many("team"), kept=False)
def builders(facts: Facts, component: Component) -> Members:
    """The teams that build it: as said, else its owners."""
    return _doing(facts, component, "built_by")


@relation("component", "runners", to_many("team"), kept=False)
def runners(facts: Facts, component: Component) -> Members:
    """The teams that run it: as said, else its owners."""
    return _doing(facts, component, "runs_by")


def _doing(facts: Facts, component: Component, attribute: str) -> Members:
    if getattr(component, attribute) is None:
        return owners_of(facts, component)
    return as_members(referred(facts, component, attribute, "team"))


def _first(members: Members) -> Team | Nothing | Unknown:
    if members.certain:
        team: Team = members.certain[0]
        return team
    return NONE if members.known else Unknown(members.missing)


@relation("component", "builder", to("team"), kept=False)
def builder(facts: Facts, component: Component) -> Team | Nothing | Unknown:
    """The team that builds it: as said, else its owner; the first of several."""
    return _first(builders(facts, component))


@relation("component", "runner", to("team"), kept=False)
def runner(facts: Facts, component: Component) -> Team | Nothing | Unknown:
    """The team that runs it: as said, else its owner; the first of several."""
    return _first(runners(facts, component))


# --- how it is released ---------------------------------------------------------------------------


@relation("component", "deploy-mode", word("independent", "with", "train"), kept=False)
def deploy_mode(facts: Facts, component: Component) -> str | Unknown:
    """Whether it is released independently, with another component, or by a train."""
    if component.deploy is None or isinstance(component.deploy, Unwritten):
        return Unknown(missing(component, "deploy"))
    return component.deploy.how


def _deployed_by(facts: Facts, component: Component, how: str, kind: str) -> Any:
    deploy = component.deploy
    if deploy is None or isinstance(deploy, Unwritten):
        return Unknown(missing(component, "deploy"))
    if deploy.how != how:
        return NONE
    found = facts.org.find(kind, deploy.target) if isinstance(deploy.target, str) else None
    return Unknown(missing(component, "deploy")) if found is None else found


@relation("component", "deploy-train", to("coordination"), kept=False)
def deploy_train(facts: Facts, component: Component) -> Any:
    """The release train that it deploys by."""
    return _deployed_by(facts, component, "train", "coordination")


@relation("component", "deploy-partner", to("component"), kept=False)
def deploy_partner(facts: Facts, component: Component) -> Any:
    """The component with which it deploys."""
    return _deployed_by(facts, component, "with", "component")


@index
def _deployables(facts: Facts) -> dict[str, str]:
    """For each component the smallest id among those that deploy together with it."""
    together: dict[str, list[str]] = {id: [] for id in facts.org.components}
    for component in facts.org.components.values():
        partner = deploy_partner(facts, component)
        if isinstance(partner, Component):
            together[component.id].append(partner.id)
            together[partner.id].append(component.id)
    return {id: min(group) for group in circles(together) for id in group}


# --- who changes and who uses it ------------------------------------------------------------------


@index
def _touching(facts: Facts) -> Groups:
    """The touches of each component, and the streams of which nobody knows what they change."""
    found: dict[str, list[Any]] = {}
    gaps: list[Missing] = []
    for stream in facts.org.streams.values():
        touched = touches(facts, stream)
        if stream.changes is not None:
            gaps.extend(touched.missing)
        for touch in touched.certain:
            found.setdefault(touch.component.id, []).append(touch)
    return Groups(found, few(gaps))


@relation("component", "changed-by", to_many("touch"), kept=False)
def changed_by(facts: Facts, component: Component) -> Members:
    """The streams whose changes touch it, each with its share."""
    return _touching(facts).of(component.id)


@relation("component", "streams", to_many("stream"), kept=False)
def streams(facts: Facts, component: Component) -> Members:
    """The streams whose changes touch it."""
    return mapped(changed_by(facts, component), attrgetter("stream"))


@relation("component", "routine-streams", to_many("stream"))
def routine_streams(facts: Facts, component: Component) -> Members:
    """The streams of which at least a quarter of the changes touch it."""
    often = such_that(changed_by(facts, component), routinely)
    return mapped(often, attrgetter("stream"))


@index
def _dependents(facts: Facts) -> Groups:
    """The components that need each; of some it may not be known what they need."""
    found: dict[str, list[Component]] = {}
    gaps: list[Missing] = []
    for component in facts.org.components.values():
        needed = members_of(facts, component, "depends_on", "component")
        gaps.extend(needed.missing)
        for other in needed.certain:
            found.setdefault(other.id, []).append(component)
    return Groups(found, few(gaps))


@relation("component", "users", to_many("component"), kept=False)
def users_of(facts: Facts, component: Component) -> Members:
    """The components that need it at run time."""
    return _dependents(facts).of(component.id)


@relation("component", "user-teams", to_many("team"))
def user_teams(facts: Facts, component: Component) -> Members:
    """The other teams whose components need it at run time."""
    using = each(users_of(facts, component), lambda user: owners_of(facts, user))
    return without(using, *owners_of(facts, component).certain)


@relation("component", "versioned", FLAG, kept=False)
def versioned(facts: Facts, component: Component) -> Truth:
    """Whether its interface is versioned."""
    if component.contract is None or isinstance(component.contract, Unwritten):
        return Unknown(missing(component, "contract"))
    return component.contract == "versioned"


# --- from the team --------------------------------------------------------------------------------

Holders = Callable[[Facts, Component], Members]


def _held(facts: Facts, holders: Holders) -> Groups:
    """Which components each team owns, builds or runs.

    The sets are open where somebody wrote that the team of a component is unknown.
    """
    found: dict[str, list[Component]] = {}
    unsaid: list[Missing] = []
    for component in facts.org.components.values():
        holding = holders(facts, component)
        if holding.open and any(
            isinstance(value, Unwritten)
            for value in (component.owner, component.built_by, component.runs_by)
        ):
            unsaid.extend(holding.missing)
        for team in holding.certain:
            found.setdefault(team.id, []).append(component)
    return Groups(found, few(unsaid))


@index
def _owned(facts: Facts) -> Groups:
    return _held(facts, owners_of)


@index
def _built(facts: Facts) -> Groups:
    return _held(facts, builders)


@index
def _run(facts: Facts) -> Groups:
    return _held(facts, runners)


@relation("team", "components", to_many("component"), kept=False)
def owned_components(facts: Facts, team: Team) -> Members:
    """The components it owns."""
    return _owned(facts).of(team.id)


@relation("team", "built-components", to_many("component"), kept=False)
def built_components(facts: Facts, team: Team) -> Members:
    """The components it builds: as said, else those it owns."""
    return _built(facts).of(team.id)


@relation("team", "run-components", to_many("component"), kept=False)
def run_components(facts: Facts, team: Team) -> Members:
    """The components it runs: as said, else those it owns."""
    return _run(facts).of(team.id)


def live(component: Component) -> Truth:
    """Whether the component is in use."""
    if isinstance(component.status, Unwritten):
        return Unknown(missing(component, "status"))
    return component.status != "sunset"


@relation("team", "answered-components", to_many("component"))
def answered_components(facts: Facts, team: Team) -> Members:
    """The live components it owns or runs."""
    held = union((owned_components(facts, team), run_components(facts, team)))
    return such_that(held, live)


@relation("team", "deployables", to_many("component"), kept=False)
def deployables(facts: Facts, team: Team) -> Members:
    """The live components it answers for, those that deploy together counted once."""
    together = _deployables(facts)
    answered = answered_components(facts, team)
    unsure = [c for c in answered.certain if isinstance(c.deploy, Unwritten)]
    sure = [c for c in answered.certain if not isinstance(c.deploy, Unwritten)] or unsure[:1]
    first: dict[str, Component] = {}
    for component in sure:
        first.setdefault(together[component.id], component)
    rest = tuple(c for c in (*unsure, *answered.possible) if together[c.id] not in first)
    gaps = answered.missing
    for component in unsure:
        gaps = merge(gaps, missing(component, "deploy"))
    return Members(tuple(first.values()), rest, gaps, answered.open)


@relation("team", "run-time-users", to_many("team"))
def run_time_users(facts: Facts, team: Team) -> Members:
    """The other teams whose components need one of its components at run time."""
    using = each(owned_components(facts, team), lambda component: user_teams(facts, component))
    return without(using, team)


@relation("team", "changing-streams", to_many("stream"))
def changing_streams(facts: Facts, team: Team) -> Members:
    """The streams whose changes touch a component it owns."""
    return each(owned_components(facts, team), lambda component: streams(facts, component))


# --- layers ---------------------------------------------------------------------------------------

LAYERS: Final = (
    "frontend", "mobile", "api", "service", "database", "data", "infrastructure", "other",
)  # fmt: skip


def _layer(component: Component) -> Members:
    if component.layer is None or isinstance(component.layer, Unwritten):
        return Members((), (), missing(component, "layer"), open=True)
    return Members((component.layer,))


@relation("team", "layers", words(*LAYERS), kept=False)
def layers(facts: Facts, team: Team) -> Members:
    """The layers in which its components lie."""
    return each(owned_components(facts, team), _layer)


@relation("team", "layer-bound", FLAG)
def layer_bound(facts: Facts, team: Team) -> Truth:
    """Whether it owns components and all of them lie in one layer."""
    owned, found = owned_components(facts, team), layers(facts, team)
    if len(found.certain) > 1 or (owned.known and not owned.certain):
        return False
    if owned.known and found.known:
        return len(found.certain) == 1
    return Unknown(merge(owned.missing, found.missing))


@relation("team", "layer", word(*LAYERS), kept=False)
def layer(facts: Facts, team: Team) -> str | Nothing | Unknown:
    """The one layer it is bound to; none when it is not layer-bound."""
    bound = layer_bound(facts, team)
    if isinstance(bound, Unknown):
        return bound
    if not bound:
        return NONE
    only: str = layers(facts, team).certain[0]
    return only
