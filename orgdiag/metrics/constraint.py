"""The constraint of a stream, by a ladder of evidence (M17).

Three rungs, from the best evidence to the weakest: how busy a team is, how long its declared queues
are, and how much lead time its waits cost. A rung is usable when its winner is certain: when it
beats whatever every other team could turn out to have. The first usable rung decides; all
candidates are kept, since the rungs may disagree. The last rung names the largest delay, which is
no proof of a limit to throughput.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, ClassVar, Final

from orgdiag.facts.columns import Facts, entity, index, memoised, relation
from orgdiag.facts.critical import critical_path
from orgdiag.frozen import frozen
from orgdiag.metrics.crew import Crew, credited, crew
from orgdiag.metrics.delay import drag_of
from orgdiag.metrics.load import utilisation
from orgdiag.metrics.metric import PERCENT, metric
from orgdiag.metrics.step import drag, effort, queue_time
from orgdiag.model.elements import Step, Stream, Team
from orgdiag.model.types import DURATION, FLAG, SHARE, to, to_many, word
from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.quantity import ONE, ZERO, Number, Quantity, ratio, total
from orgdiag.partial.truth import Truth
from orgdiag.partial.unknown import NONE, Gaps, Nothing, Unknown, merge, merged
from orgdiag.text.source import Span

METHODS: Final = ("capacity", "queue", "wait")

# A winner that is ahead by less than this share of its own value is no single constraint. Default
# chosen by orgdiag.
LEAST_MARGIN: Final = ratio(1, 10)


@entity
@frozen
class Candidate:
    """The team that one rung of the ladder points at, whether or not the rung is usable."""

    kind: ClassVar[str] = "candidate"

    id: str
    span: Span
    stream: Annotated[Stream, to("stream"), "the stream"]
    method: Annotated[str, word(*METHODS), "the rung: capacity, queue or wait"]
    team: Annotated[Team, to("team"), "the team it points at"]
    step: Annotated[Step, to("step"), "the step of the team with most effort"]
    utilisation: Annotated[Quantity, SHARE, "how busy the team is; for the capacity rung"]
    time: Annotated[Quantity, DURATION, "its declared queues, or what its waits cost"]


@frozen
class Constraint:
    """What limits a stream, as far as the evidence goes.

    method       the first usable rung: capacity, queue or wait; None when no rung is usable
    team, step   the winner, and the step of it with most effort
    value        what the winner was measured by: a share for capacity, else working minutes
    runner_up    the next team by that measure, None when there is no other
    margin       (winner − runner-up) / winner
    certain      whether there is a single constraint: unknown without a usable rung, no when the
                 margin is too small or nothing waits at all
    disputed     whether another rung, even a partial one, points at another team
    candidates   where each rung points
    missing      the inputs that would make a rung usable
    """

    stream: Stream
    method: str | None
    team: Team | None
    step: Step | None
    value: Quantity | None
    runner_up: Team | None
    margin: Quantity
    certain: Truth
    disputed: bool
    candidates: tuple[Candidate, ...]
    missing: Gaps


@frozen
class _Rung:
    """What each team has by one measure; `others` is what steps of unknown teams add to anyone."""

    method: str
    values: Mapping[Team, Quantity]
    others: Quantity
    ceiling: Quantity | None = None

    def top(self, team: Team) -> Quantity:
        """What a team could have at most; the ceiling stands for an unbounded value."""
        most = self.values[team] + self.others
        if most.high is None and self.ceiling is not None:
            return Quantity(most.low, self.ceiling.high, most.missing)
        return most

    @property
    def candidate(self) -> Team | None:
        """The team with the largest value that is sure; none when two share it or all are 0."""
        leading: Team | None = None
        most: Number = 0
        tied = False
        for team, value in self.values.items():
            sure = value.low or 0
            if sure and sure >= most:
                leading, most, tied = team, sure, sure == most
        return None if tied else leading

    def runner_up(self, winner: Team) -> Team | None:
        """The other team that could have most."""
        tops = [(self.top(team).high, team) for team in self.values if team is not winner]
        unbounded = [team for top, team in tops if top is None]
        if unbounded:
            return min(unbounded, key=lambda team: team.id)
        if not tops:
            return None
        most = max(top for top, _ in tops if top is not None)
        return min((team for top, team in tops if top == most), key=lambda team: team.id)

    def certain(self, winner: Team) -> bool:
        """Whether the winner beats whatever every other team could have."""
        least = self.values[winner].low or 0
        unclaimed = self.others.high if self.ceiling is None else self._unclaimed()
        if unclaimed is None or unclaimed >= least:
            return False
        for team in self.values:
            if team is not winner:
                top = self.top(team).high
                if top is None or top >= least:
                    return False
        return True

    def _unclaimed(self) -> Number | None:
        return 0 if self.others == ZERO or self.ceiling is None else self.ceiling.high

    def margin(self, winner: Team, other: Team | None) -> Quantity:
        """How far the winner is ahead of the runner-up, as a share of its own value."""
        if other is None:
            return ONE
        value, next_best = self.values[winner], self.top(other)
        low = None
        if next_best.high is not None and value.low:
            low = ratio(value.low - next_best.high, value.low)
        lowest = max(
            (found.low or 0 for team, found in self.values.items() if team is not winner),
            default=0,
        )
        high = ONE.high if value.high is None else ratio(value.high - lowest, value.high)
        return Quantity(low, high, merge(value.missing, next_best.missing))

    @property
    def missing(self) -> Gaps:
        """The inputs that would make the winner certain."""
        return merged((*(value.missing for value in self.values.values()), self.others.missing))


@memoised
def constraint(facts: Facts, stream: Stream) -> Constraint:
    """The constraint of the stream (M17), with where each rung of the ladder points."""
    rungs = [measure(facts, stream) for measure in (_capacity, _queue, _wait)]
    leading = [(rung, team) for rung in rungs if (team := rung.candidate) is not None]
    inside = {team: _step_inside(facts, stream, team) for team in {team for _, team in leading}}
    candidates = tuple(
        [_candidate(facts, stream, rung, team, inside[team]) for rung, team in leading]
    )
    for rung, winner in leading:
        if rung.certain(winner):
            return _decided(stream, rung, winner, inside[winner], candidates)
    last = rungs[-1]
    nothing_waits = total([*last.values.values(), last.others]) == ZERO and bool(last.values)
    # Teams that tie for sure on the last rung are told apart by an earlier one, if by any.
    missing = last.missing or merged(rung.missing for rung in rungs)
    return Constraint(
        stream, None, None, None, None, None, Quantity(0, 1, missing),
        False if nothing_waits or (last.values and not missing) else Unknown(missing),
        len({candidate.team.id for candidate in candidates}) > 1,
        candidates, missing,
    )  # fmt: skip


def _decided(
    stream: Stream, rung: _Rung, winner: Team, step: Step, candidates: tuple[Candidate, ...]
) -> Constraint:
    runner_up = rung.runner_up(winner)
    margin = rung.margin(winner, runner_up)
    certain: Truth = Unknown(margin.missing)
    if margin.low is not None and margin.low >= LEAST_MARGIN:
        certain = True
    elif margin.high is not None and margin.high < LEAST_MARGIN:
        certain = False
    return Constraint(
        stream,
        rung.method,
        winner,
        step,
        rung.values[winner],
        runner_up,
        margin,
        certain,
        any(candidate.team is not winner for candidate in candidates),
        candidates,
        margin.missing,
    )


def _candidate(facts: Facts, stream: Stream, rung: _Rung, team: Team, step: Step) -> Candidate:
    value = rung.values[team]
    busy = value if rung.method == "capacity" else utilisation(facts, team)
    time = Quantity(0, None) if rung.method == "capacity" else value
    return Candidate(
        f"{stream.id}: {rung.method}", step.span, stream, rung.method, team, step, busy, time
    )


def _step_inside(facts: Facts, stream: Stream, team: Team) -> Step:
    """The step of the team with most effort, on the critical path when it has one there."""
    path = critical_path(facts, stream)
    ids = crew(facts, stream).steps[team]
    critical = [id for id in ids if id in path.sure or id in path.maybe]
    to_step = credited(facts, stream)
    steps = dict.fromkeys(to_step[id] for id in critical or ids)
    if len(steps) == 1:
        return next(iter(steps))
    return min(
        steps,
        key=lambda step: (-(effort(facts, step).low or 0), -(drag(facts, step).low or 0), step.id),
    )


# --- the rungs ------------------------------------------------------------------------------------


def _capacity(facts: Facts, stream: Stream) -> _Rung:
    """How busy each team on the stream is; 100 % stands for what is unknown."""
    people = crew(facts, stream)
    values = {team: utilisation(facts, team) for team in people.steps}
    others = Quantity(0, None, people.missing) if people.unclaimed else ZERO
    return _Rung("capacity", values, others, ceiling=ONE)


def _queue(facts: Facts, stream: Stream) -> _Rung:
    """How long each team's queues on the critical path are."""
    path = critical_path(facts, stream)
    on_path = {step.id for step in path.steps}

    def queued(ids: Sequence[str]) -> Quantity:
        found = []
        for id in ids:
            if id in path.sure or id in path.maybe:
                time = queue_time(facts, facts.org.steps[id])
                sure = id in path.sure and id in on_path
                found.append(time if sure else Quantity(0, time.high, time.missing))
        return total(found)

    return _by_team("queue", crew(facts, stream), queued)


def _wait(facts: Facts, stream: Stream) -> _Rung:
    """What the waits of each team cost the stream: the drag of all its steps together."""
    return _by_team("wait", crew(facts, stream), lambda ids: drag_of(facts, stream, frozenset(ids)))


def _by_team(method: str, people: Crew, measure: Callable[[Sequence[str]], Quantity]) -> _Rung:
    values = {team: measure(ids) for team, ids in people.steps.items()}
    if not people.unclaimed:
        return _Rung(method, values, ZERO)
    others = measure(people.unclaimed)
    return _Rung(method, values, Quantity(0, others.high, merge(people.missing, others.missing)))


# --- words of the rules language ------------------------------------------------------------------


@relation("stream", "constraint-method", word(*METHODS))
def constraint_method(facts: Facts, stream: Stream) -> str | Unknown:
    """The rung of evidence that names its constraint: capacity, queue or wait."""
    found = constraint(facts, stream)
    return Unknown(found.missing) if found.method is None else found.method


@relation("stream", "constraint-team", to("team"))
def constraint_team(facts: Facts, stream: Stream) -> Team | Nothing | Unknown:
    """The team that is its constraint by the first usable rung of evidence."""
    found = constraint(facts, stream)
    return found.team or _nobody(found)


@relation("stream", "constraint-step", to("step"))
def constraint_step(facts: Facts, stream: Stream) -> Step | Nothing | Unknown:
    """The step of the constraint with most effort."""
    found = constraint(facts, stream)
    return found.step or _nobody(found)


@relation("stream", "constraint-runner-up", to("team"))
def constraint_runner_up(facts: Facts, stream: Stream) -> Team | Nothing | Unknown:
    """The team that comes next by the same evidence, and is the constraint to expect next."""
    found = constraint(facts, stream)
    if found.method is None:
        return _nobody(found)
    return NONE if found.runner_up is None else found.runner_up


def _nobody(found: Constraint) -> Nothing | Unknown:
    return NONE if found.certain is False else Unknown(found.missing)


@metric("stream", SHARE, PERCENT, "M17")
def constraint_margin(facts: Facts, stream: Stream) -> Quantity:
    """How far its constraint is ahead of the runner-up, as a share of its own value.

    Definition: (winner − runner-up) / winner on the first usable rung. Range: 0 to 1. Unknown when
    no rung is usable.

    Source: by orgdiag.
    """
    return constraint(facts, stream).margin


@relation("stream", "constraint-is-certain", FLAG)
def constraint_is_certain(facts: Facts, stream: Stream) -> Truth:
    """Whether it has a single constraint: a usable rung whose winner is a tenth ahead or more."""
    return constraint(facts, stream).certain


@relation("stream", "constraint-is-disputed", FLAG)
def constraint_is_disputed(facts: Facts, stream: Stream) -> Truth:
    """Whether the rungs of evidence point at different teams."""
    return constraint(facts, stream).disputed


@relation("stream", "constraint-candidates", to_many("candidate"))
def constraint_candidates(facts: Facts, stream: Stream) -> Members:
    """Where each rung of evidence points."""
    return Members(constraint(facts, stream).candidates)


@relation("team", "constrained-streams", to_many("stream"))
def constrained_streams(facts: Facts, team: Team) -> Members:
    """The streams whose single constraint it is."""
    return _constrained(facts).get(team, NOBODY)


@index
def _constrained(facts: Facts) -> Mapping[Team, Members]:
    """For each team the streams whose constraint it is, or may be."""
    certain: dict[Team, list[Stream]] = {}
    possible: dict[Team, list[Stream]] = {}
    missing: dict[Team, Gaps] = {}
    for stream in facts.org.streams.values():
        found = constraint(facts, stream)
        if found.certain is False:
            continue
        if found.certain is True and found.team is not None:
            certain.setdefault(found.team, []).append(stream)
            continue
        for team in crew(facts, stream).steps if found.team is None else (found.team,):
            possible.setdefault(team, []).append(stream)
            missing[team] = merge(missing.get(team, ()), found.missing)
    return {
        team: Members(
            tuple(certain.get(team, ())), tuple(possible.get(team, ())), missing.get(team, ())
        )
        for team in dict.fromkeys((*certain, *possible))
    }
