"""Who provides a capability, who uses it, and whether they have to ask."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from orgdiag.facts.columns import Facts, index, relation
from orgdiag.facts.dependencies import blocking_dependencies
from orgdiag.facts.grounds import Dependency, consumers
from orgdiag.facts.properties import Users, members_of, referred, said, users
from orgdiag.model.elements import Capability, Team
from orgdiag.model.types import FLAG, to, to_many
from orgdiag.model.vocabularies import MANUAL, SELF_SERVING
from orgdiag.partial.members import Members
from orgdiag.partial.sets import each, mapped, such_that
from orgdiag.partial.truth import Truth
from orgdiag.partial.unknown import Gaps, Unknown, merge


@index
def _usage(facts: Facts) -> tuple[dict[str, list[Capability]], dict[str, list[Any]]]:
    """The capabilities that each team surely uses, and those it may use with what would tell."""
    sure: dict[str, list[Capability]] = {}
    maybe: dict[str, list[Any]] = {}
    for capability in facts.org.capabilities.values():
        using = consumers(facts, capability)
        for team in using.certain:
            sure.setdefault(team.id, []).append(capability)
        for team in using.possible:
            maybe.setdefault(team.id, []).append((capability, using.missing))
    return sure, maybe


@index
def _unsaid_users(facts: Facts) -> Gaps:
    return users(facts.org.capabilities.values(), "used_by", "team").gaps


@relation("team", "used-capabilities", to_many("capability"))
def used_capabilities(facts: Facts, team: Team) -> Members:
    """The capabilities of others that it uses, itself or for a stream it owns."""
    sure, maybe = _usage(facts)
    gaps = _unsaid_users(facts)
    open = bool(gaps)
    possible = maybe.get(team.id, [])
    for _, missing_here in possible:
        gaps = merge(gaps, missing_here)
    rest = tuple(capability for capability, _ in possible)
    return Members(tuple(sure.get(team.id, ())), rest, gaps, open)


@relation("team", "manual-capabilities", to_many("capability"))
def manual_capabilities(facts: Facts, team: Team) -> Members:
    """The capabilities of others that it gets by asking and that its regular work waits for."""
    waiting = blocking_dependencies(facts, team)

    def asked_for(dependency: Dependency) -> Members:
        used = [g for g in dependency.grounds if isinstance(g.element, Capability)]
        asked = such_that(Members(tuple(used)), lambda ground: ground.blocks)
        return mapped(asked, attrgetter("element"))

    return each(waiting, asked_for)


def _mode_among(capability: Capability, modes: frozenset[str]) -> Truth:
    mode = said(capability, "mode")
    return mode if isinstance(mode, Unknown) else mode in modes


@relation("capability", "selfserve", FLAG, kept=False)
def selfserve(facts: Facts, capability: Capability) -> Truth:
    """Whether users get it without asking: self-service, api, library, embedded."""
    return _mode_among(capability, SELF_SERVING)


@relation("capability", "manual", FLAG, kept=False)
def is_manual(facts: Facts, capability: Capability) -> Truth:
    """Whether users have to ask for it: ticket, meeting, document."""
    return _mode_among(capability, MANUAL)


@relation("capability", "provider", to("team"), kept=False)
def provider(facts: Facts, capability: Capability) -> Any:
    """The team that provides it."""
    return referred(facts, capability, "provided_by", "team")


@relation("capability", "users", to_many("team", "stream"), kept=False)
def users_of(facts: Facts, capability: Capability) -> Members:
    """The teams and streams that are said to use it."""
    return members_of(facts, capability, "used_by", "team")


@index
def _provided(facts: Facts) -> Users:
    return users(facts.org.capabilities.values(), "provided_by", "team")


@relation("team", "capabilities", to_many("capability"), kept=False)
def capabilities(facts: Facts, team: Team) -> Members:
    """The capabilities it provides."""
    return _provided(facts).of(team)
