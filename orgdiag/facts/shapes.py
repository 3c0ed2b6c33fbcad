"""What a team behaves as, whatever it is called."""

from __future__ import annotations

from typing import Any, Final

from orgdiag.facts.capabilities import capabilities, is_manual, selfserve
from orgdiag.facts.columns import Facts, relation
from orgdiag.facts.components import (
    builders,
    changing_streams,
    layer_bound,
    owned_components,
    owners_of,
    run_components,
)
from orgdiag.facts.grounds import consumers
from orgdiag.facts.properties import missing
from orgdiag.facts.steps import gating
from orgdiag.facts.streams import critical_steps_in_order, performers
from orgdiag.facts.teams import disbands, manual_streams, owners_served, steps, streams
from orgdiag.facts.touches import touches
from orgdiag.model.elements import Component, Stream, Team
from orgdiag.model.types import words
from orgdiag.partial.members import Members
from orgdiag.partial.sets import contains, each, exists, such_that, union, without
from orgdiag.partial.truth import Truth, at_least, every, negation, some
from orgdiag.partial.unknown import Unknown, Unwritten, merge

SHAPES: Final = (
    "component", "shared-service", "governance", "project", "run", "platform", "stream",
)  # fmt: skip


@relation("team", "behaves-as", words(*SHAPES))
def behaves_as(facts: Facts, team: Team) -> Members:
    """What its work shows it to be, whatever it is called; several are possible."""
    verdicts = {
        "component": _is_component_team(facts, team),
        "shared-service": _is_shared_service(facts, team),
        "governance": _only_judges(facts, team),
        "project": disbands(facts, team),
        "run": _runs_for_others(facts, team),
        "platform": _is_platform(facts, team),
        "stream": _carries_a_stream(facts, team),
    }
    return such_that(Members(SHAPES), verdicts.__getitem__)


def _is_component_team(facts: Facts, team: Team) -> Truth:
    """Whether it is bound to one layer and a stream it serves changes other teams' layers too."""
    bound = layer_bound(facts, team)
    if bound is False:
        return False
    serving = union((changing_streams(facts, team), streams(facts, team)))
    wider = such_that(serving, lambda stream: _changes_other_layers(facts, team, stream))
    return every((bound, exists(wider)))


def _changes_other_layers(facts: Facts, team: Team, stream: Stream) -> Truth:
    own = {component.layer for component in owned_components(facts, team).certain}

    def another_layer(touch: Any) -> Truth:
        component = touch.component
        if component.layer is None or isinstance(component.layer, Unwritten):
            return Unknown(missing(component, "layer"))
        elsewhere = negation(contains(owners_of(facts, component), team))
        return every((component.layer not in own, elsewhere, exists(owners_of(facts, component))))

    return exists(such_that(touches(facts, stream), another_layer))


def _is_shared_service(facts: Facts, team: Team) -> Truth:
    """Whether two teams or streams of others get manual steps or capabilities from it."""
    by_hand = such_that(capabilities(facts, team), lambda c: is_manual(facts, c))
    asking = each(by_hand, lambda capability: consumers(facts, capability))
    teams = without(union((asking, owners_served(facts, team))), team)
    return some((at_least(manual_streams(facts, team).size, 2), at_least(teams.size, 2)))


def _only_judges(facts: Facts, team: Team) -> Truth:
    """Whether it does steps and all of them are reviews or approvals."""
    done = steps(facts, team)
    if not done.certain and not done.open:
        return False
    others = such_that(done, lambda step: negation(gating(facts, step)))
    return every((exists(done), negation(exists(others))))


def _runs_for_others(facts: Facts, team: Team) -> Truth:
    def foreign(component: Component) -> Truth:
        return negation(contains(builders(facts, component), team))

    return exists(such_that(run_components(facts, team), foreign))


def _is_platform(facts: Facts, team: Team) -> Truth:
    given = capabilities(facts, team)
    self_served = such_that(given, lambda c: selfserve(facts, c))
    by_hand = such_that(given, lambda c: is_manual(facts, c))
    return every((exists(self_served), negation(exists(by_hand))))


def _carries_a_stream(facts: Facts, team: Team) -> Truth:
    """Whether it owns a stream and does at least half of the steps of its critical path."""
    return exists(such_that(streams(facts, team), lambda stream: _does_half(facts, team, stream)))


def _does_half(facts: Facts, team: Team, stream: Stream) -> Truth:
    path = critical_steps_in_order(facts, stream)
    does = {step: contains(performers(facts, step), team) for step in path.every()}
    done = such_that(path, does.__getitem__)
    others = such_that(path, lambda step: negation(does[step]))
    if not path.certain and path.known:
        return False
    if len(done.certain) >= len(others.certain) + len(others.possible) and not others.open:
        return True
    if not done.open and len(done.certain) + len(done.possible) < len(others.certain):
        return False
    return Unknown(merge(done.missing, others.missing))
