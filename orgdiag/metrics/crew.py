"""Which steps count for which team when waiting is booked.

A step without process time is a buffer: nobody works there, and what waits in it waits for the next
step that works. So its wait is credited to that step and to the teams that do it.
"""

from __future__ import annotations

from collections.abc import Mapping

from orgdiag.facts.columns import Facts, memoised
from orgdiag.facts.critical import critical_path
from orgdiag.facts.flow import Flow, flow, process_time
from orgdiag.facts.streams import performers
from orgdiag.frozen import frozen
from orgdiag.model.elements import Step, Stream, Team
from orgdiag.partial.quantity import ZERO
from orgdiag.partial.unknown import Gaps, merge


@memoised
def credited(facts: Facts, stream: Stream) -> Mapping[str, Step]:
    """For each step of MAIN the step to which its wait is credited: itself unless a buffer."""
    net = flow(facts, stream)
    on_path = [step.id for step in critical_path(facts, stream).steps]
    found: dict[str, Step] = {}
    for id in reversed(net.order):
        if id in net.main or id in net.maybe_main:
            found[id] = net.steps[id]
            if _is_buffer(facts, net.steps[id]):
                found[id] = found.get(_next(net, id, on_path), net.steps[id])
    return found


def _is_buffer(facts: Facts, step: Step) -> bool:
    return process_time(facts, step) == ZERO


def _next(net: Flow, id: str, on_path: list[str]) -> str:
    """The step behind, on the critical path where it lies on it; "" at the end."""
    behind = net.behind[id]
    critical = [other for other in behind if other in on_path]
    return min(critical or behind, default="")


@frozen
class Crew:
    """The steps of MAIN by the team that does them, and those of which that is unknown."""

    steps: Mapping[Team, tuple[str, ...]]
    unclaimed: tuple[str, ...]
    missing: Gaps


@memoised
def crew(facts: Facts, stream: Stream) -> Crew:
    """Who does the steps of MAIN; a buffer belongs to who does the next step that works."""
    found: dict[Team, list[str]] = {}
    unclaimed: list[str] = []
    missing: Gaps = ()
    for id, step in credited(facts, stream).items():
        teams = performers(facts, step)
        for team in teams.certain:
            found.setdefault(team, []).append(id)
        if not teams.known:
            unclaimed.append(id)
            missing = merge(missing, teams.missing)
    ordered = sorted(found, key=lambda team: team.id)
    return Crew({team: tuple(reversed(found[team])) for team in ordered}, tuple(unclaimed), missing)
