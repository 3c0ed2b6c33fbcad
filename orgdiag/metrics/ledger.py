"""The wait ledger: every hour of a stream's expected lead time on exactly one line.

Each line has a reason, the team and the step on which the time falls, and the facts that it rests
on. Joint work is booked in equal parts to the teams that do it. What a declared reason claims
beyond the wait that there is, is cut in proportion, so that no hour is booked twice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Final

from orgdiag.facts.borders import rework_body, reworks, visits
from orgdiag.facts.columns import Facts, entity, memoised, relation
from orgdiag.facts.flow import flow
from orgdiag.facts.properties import missing, quantity_of
from orgdiag.facts.streams import performers
from orgdiag.finding import Evidence
from orgdiag.frozen import frozen
from orgdiag.metrics.crew import credited
from orgdiag.metrics.flow import expected_lead_time
from orgdiag.metrics.routes import Leg, Route, critical_routes, expected_routes
from orgdiag.model.elements import Step, Stream, Team
from orgdiag.model.types import DURATION, SHARE, to, to_many, word
from orgdiag.model.vocabularies import WAIT_REASONS
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import ONE, ZERO, Number, Quantity, ratio, total
from orgdiag.partial.unknown import Gaps, Unknown, Unwritten, merge
from orgdiag.text.source import Span

WORK: Final = "work"
REWORK: Final = "rework"
UNEXPLAINED: Final = "unexplained"
REASONS: Final = (WORK, *WAIT_REASONS, REWORK, UNEXPLAINED)

Part = tuple[str, Quantity, tuple[str, ...]]
Wait = tuple[Step, Team | None, str, Quantity]


@frozen
class Line:
    """One line of the ledger.

    step      the step on which the time falls; the wait of a buffer falls on the next step
    team      the team that does it, None when that is unknown
    reason    work, a reason of waiting, rework or unexplained
    time      how long, for the mean item, in working minutes
    evidence  the facts that it rests on
    """

    step: Step
    team: Team | None
    reason: str
    time: Quantity
    evidence: tuple[Evidence, ...]


@frozen
class Ledger:
    """Where the expected lead time of a stream goes.

    lines   in the order of the path; they sum to `total` exactly when all times are known, and
            otherwise are intervals in which they do
    total   the expected lead time
    """

    lines: tuple[Line, ...]
    total: Quantity

    @property
    def by_reason(self) -> Mapping[str, Quantity]:
        """The time of each reason that occurs."""
        return _summed((line.reason, line.time) for line in self.lines)


@memoised
def ledger(facts: Facts, stream: Stream) -> Ledger:
    """Every hour of the stream's expected lead time, each on one line.

    The lines follow the path of the expected lead time. Work and waits are those of the first pass,
    times the share of items that take the step; what further passes take is rework.
    """
    path = expected_routes(facts, stream).paths[0]
    lines: list[Line] = []
    for leg in path:
        lines += _lines(facts, stream, leg)
    return Ledger(tuple(lines), expected_lead_time(facts, stream))


def _lines(facts: Facts, stream: Stream, leg: Leg) -> list[Line]:
    step = credited(facts, stream).get(leg.step.id, leg.step)
    share = quantity_of(leg.step, "share")
    parts: list[Part] = [(WORK, _within(leg.process, leg.lead) * share, ("process",))]
    parts += [(reason, time * share, words) for reason, time, words in waits_of(leg)]
    visited = visits(facts, stream)[leg.step.id]
    if visited != ONE:
        parts.append((REWORK, share * (visited - ONE) * leg.time, ("lead",)))
    lines: list[Line] = []
    for reason, time, words in parts:
        if time != ZERO:
            evidence = tuple(_evidence(facts, leg, reason, words))
            for team, part in _split(facts, step, time):
                lines.append(Line(step, team, reason, part, evidence))
    return lines


def _evidence(facts: Facts, leg: Leg, reason: str, words: tuple[str, ...]) -> Iterator[Evidence]:
    """The facts that a time rests on: properties of the step, the handoff, or what comes back."""
    step = leg.step
    stream = facts.org.streams[step.stream]
    if not words:
        border = flow(facts, stream).borders[leg.before, step.id]
        yield Evidence(f"handoff {border.id}", border.place("wait"))
    if reason == REWORK:
        for item in reworks(facts, stream).certain:
            if step in rework_body(facts, item).certain:
                yield Evidence(f"rework {item.id}", item.span)
    for said in (*words, "share"):
        if said in step.places:
            yield Evidence(f"{said} of {step.id}", step.places[said])


def _split(facts: Facts, step: Step, time: Quantity) -> list[tuple[Team | None, Quantity]]:
    teams = performers(facts, step)
    if not teams.known or not teams.certain:
        return [(None, time.marked(teams.missing))]
    if len(teams.certain) == 1:
        return [(teams.certain[0], time)]
    part = time * Quantity.of(ratio(1, len(teams.certain)))
    return [(team, part) for team in teams.certain]


def waits_of(leg: Leg) -> list[Part]:
    """The parts of one pass in which nobody works: (reason, time, the properties that say so).

    The gap before the step is said by the border that brings it, so by no property of the step; a
    step whose own `wait` names a handoff says so itself, whether or not a border leads to it.
    """
    parts: list[Part] = []
    if leg.gap != ZERO:
        parts.append(("handoff", leg.gap, ()))
    whole = leg.idle
    declared = _declared(leg.step, whole)
    parts += [(reason, time, ("wait",)) for reason, time in declared]
    parts.append((UNEXPLAINED, _rest(leg.step, whole, declared), ("lead", "process")))
    return parts


def _rest(step: Step, whole: Quantity, declared: Sequence[tuple[str, Quantity]]) -> Quantity:
    """What no declared reason explains; where the reasons are unknown, it may be nothing."""
    if isinstance(step.wait, Unwritten):
        return Quantity(0, whole.high, merge(whole.missing, missing(step, "wait")))
    explained = total([time for _, time in declared]) if declared else ZERO
    rest = whole - explained
    if whole.exact and explained.exact:
        return rest
    high = None if rest.high is None else max(rest.high, 0)
    return Quantity(max(rest.low or 0, 0), high, rest.missing)


def _declared(step: Step, whole: Quantity) -> list[tuple[str, Quantity]]:
    """The declared reasons, cut in proportion where they exceed the wait that there is."""
    if step.wait is None or isinstance(step.wait, Unwritten):
        return []
    times = [
        part.time if isinstance(part.time, Quantity) else Quantity(0, None, missing(step, "wait"))
        for part in step.wait
    ]
    others = [total(times[:at] + times[at + 1 :]) for at in range(len(times))]
    return [
        (part.reason, _cut(time, rest, whole))
        for part, time, rest in zip(step.wait, times, others, strict=True)
    ]


def _cut(time: Quantity, others: Quantity, whole: Quantity) -> Quantity:
    """The part of a wait that a reason takes: its time, or its proportion of all that is claimed.

    The reasons are taken at their word while the wait may hold them all.
    """
    low, least = time.low or 0, others.low or 0
    if whole.high is None or low + least <= whole.high:
        high = time.high if whole.high is None else _least(time.high, whole.high - least)
        gaps = () if low == high else time.missing
        return Quantity(low, high, gaps, time.estimated)
    low = _portion(low, others.high, whole.low or 0)
    gaps = merge(time.missing, merge(others.missing, whole.missing))
    high = _portion(time.high, least, whole.high)
    return Quantity(low, high, () if low == high else gaps, time.estimated)


def _portion(time: Number | None, others: Number | None, whole: Number) -> Number:
    """What one of several claims gets of a whole that is less than them; None has no bound."""
    if time is None or whole == 0:
        return whole
    if others is None:
        return 0
    return ratio(whole * time, time + others) if time + others > whole else time


def _least(first: Number | None, second: Number | None) -> Number | None:
    if first is None:
        return second
    return first if second is None else min(first, second)


def _within(part: Quantity, whole: Quantity) -> Quantity:
    """The part, no larger than the whole can be."""
    if part.exact and whole.exact:
        return part  # what contradicts itself is not exact
    high = _least(part.high, whole.high)
    return Quantity(part.low, high, part.missing, part.estimated)


def _summed(items: Iterable[tuple[str, Quantity]]) -> dict[str, Quantity]:
    found: dict[str, list[Quantity]] = {}
    for key, time in items:
        found.setdefault(key, []).append(time)
    return {key: total(times) for key, times in found.items()}


# --- the wait of one pass, as rules read it -------------------------------------------------------


@entity
@frozen
class WaitLine:
    """One reason of waiting at one step of the critical path, in a single pass."""

    kind: ClassVar[str] = "wait-line"

    id: str
    span: Span
    stream: Annotated[Stream, to("stream"), "the stream"]
    team: Annotated[Team | Unknown, to("team"), "the team on which the wait falls"]
    step: Annotated[Step, to("step"), "the step on which the wait falls"]
    reason: Annotated[str, word(*WAIT_REASONS, UNEXPLAINED), "why the item waits"]
    time: Annotated[Quantity, DURATION, "how long"]
    share: Annotated[Quantity, SHARE, "its part of the wait on the critical path"]


@relation("stream", "wait-lines", to_many("wait-line"))
def wait_lines(facts: Facts, stream: Stream) -> Members:
    """Its waits on the critical path: one for each step, team and reason."""
    found = _waits(facts, stream)[0]
    whole = total([time for _, _, _, time in found])
    return Members(
        tuple(
            [
                WaitLine(
                    f"{step.id}: {reason}",
                    step.place("wait", "lead"),
                    stream,
                    Unknown(performers(facts, step).missing) if team is None else team,
                    step,
                    reason,
                    time,
                    part_of(time, whole),
                )
                for step, team, reason, time in found
            ]
        )
    )


@memoised
def _waits(facts: Facts, stream: Stream) -> list[list[Wait]]:
    """The waits in a single pass along each path that could be critical."""
    to_step = credited(facts, stream)

    def along(path: Route) -> list[Wait]:
        return [
            (step, team, reason, part)
            for leg in path
            for step in (to_step.get(leg.step.id, leg.step),)
            for reason, time, _ in waits_of(leg)
            if time != ZERO
            for team, part in _split(facts, step, time)
        ]

    return [along(path) for path in critical_routes(facts, stream).paths]


def part_of(time: Quantity, whole: Quantity) -> Quantity:
    """The share that a time has of a whole that contains it: least over most, most over least."""
    if time.exact and whole.exact:
        return time / whole
    low = 0 if whole.high is None or not whole.high else ratio(time.low or 0, whole.high)
    high = 1 if time.high is None or not whole.low else min(1, ratio(time.high, whole.low))
    return Quantity(low, high, merge(time.missing, whole.missing))


@entity
@frozen
class Stay:
    """The waiting of a stream's items at one team, over its steps on the critical path."""

    kind: ClassVar[str] = "stay"

    id: str
    span: Span
    stream: Annotated[Stream, to("stream"), "the stream"]
    team: Annotated[Team, to("team"), "the team at which items wait"]
    steps: Annotated[Members, to_many("step"), "the steps before which they wait"]
    wait: Annotated[Quantity, DURATION, "how long they wait there"]
    share: Annotated[Quantity, SHARE, "its part of the wait on the critical path"]


@relation("stream", "stays", to_many("stay"))
def stays(facts: Facts, stream: Stream) -> Members:
    """Where its items wait on the critical path: one for each team, longest first.

    Open where items wait at a team that is not known.
    """
    waits = wait_by(facts, stream, "team")
    whole = _whole(facts, stream)
    lines = wait_lines(facts, stream).certain
    found = []
    for team_id, time in waits.items():
        team = facts.org.teams.get(team_id)
        steps = tuple(dict.fromkeys(line.step for line in lines if line.team is team))
        if team is not None and steps:
            share = part_of(time, whole)
            found.append(
                Stay(
                    f"{stream.id} at {team.id}",
                    steps[0].span,
                    stream,
                    team,
                    Members(steps),
                    time,
                    share,
                )
            )
    found.sort(key=lambda stay: (-(stay.wait.low or 0), stay.team.id))
    gaps = waits[""].missing if "" in waits else ()
    return Members(tuple(found), (), gaps, bool(gaps))


def _whole(facts: Facts, stream: Stream) -> Quantity:
    return total(wait_by(facts, stream, "team").values())


_KEYS: Final[Mapping[str, Callable[[Step, Team | None, str], str]]] = {
    "team": lambda step, team, reason: "" if team is None else team.id,
    "step": lambda step, team, reason: step.id,
    "reason": lambda step, team, reason: reason,
}


def wait_by(facts: Facts, stream: Stream, key: str) -> Mapping[str, Quantity]:
    """The wait on the critical path by `team`, `step` or `reason` (M15), in working minutes.

    The id "" stands for a team that is not known. When missing data leave open which path is
    critical, each is the union over every path that could be.
    """
    routes = critical_routes(facts, stream)
    name = _KEYS[key]
    each = [
        _summed([(name(step, team, reason), time) for step, team, reason, time in waits])
        for waits in _waits(facts, stream)
    ]
    if not routes.complete:
        return {
            name: Quantity(0, None, merge(time.missing, routes.missing))
            for name, time in each[0].items()
        }
    if len(each) == 1:
        return each[0]
    names = dict.fromkeys(name for waits in each for name in waits)
    return {
        name: _union([waits.get(name, ZERO) for waits in each], routes.missing) for name in names
    }


def _union(times: list[Quantity], gaps: Gaps) -> Quantity:
    low = min(time.low or 0 for time in times)
    highs = [time.high for time in times]
    high = None if None in highs else max(high for high in highs if high is not None)
    for time in times:
        gaps = merge(gaps, time.missing)
    return Quantity(low, high, () if low == high else gaps)
