"""What a planned change would do: to each stream, and to what limits it."""

from __future__ import annotations

from orgdiag.facts.columns import Facts, memoised, relation
from orgdiag.frozen import frozen
from orgdiag.metrics.constraint import constraint
from orgdiag.metrics.flow import expected_lead_time, lead_time
from orgdiag.metrics.load import demand, utilisation
from orgdiag.metrics.metric import HOURS, metric
from orgdiag.metrics.paths import Network, shortening
from orgdiag.metrics.routes import expected, single_pass
from orgdiag.model.elements import Change, Stream, Team
from orgdiag.model.types import DURATION, FLAG, to_many
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import ZERO, Number, Quantity
from orgdiag.partial.truth import Truth, some
from orgdiag.partial.unknown import Gaps, Unknown, merge
from orgdiag.whatif.apply import applied


@frozen
class Effect:
    """What a change does to one stream; every other number can be asked of what is `applied`.

    gained         lead time that a single pass loses; negative when it becomes longer
    expected       lead time that the mean item loses
    """

    stream: Stream
    gained: Quantity
    expected: Quantity


def effect(facts: Facts, change: Change, stream: Stream) -> Effect:
    """What the change does to the lead time of the stream."""
    changed = applied(facts, change).facts
    return Effect(
        stream,
        _gained(facts, changed, stream, mean=False),
        _gained(facts, changed, stream, mean=True),
    )


@memoised
def touched(facts: Facts, change: Change) -> tuple[Stream, ...]:
    """The streams of which a step, or the way through them, is another after the change."""
    changed = applied(facts, change).facts.org
    return tuple(
        stream
        for id, stream in facts.org.streams.items()
        if changed.streams[id] is not stream
        or any(changed.steps.get(step) is not facts.org.steps.get(step) for step in stream.steps)
    )


def _gained(facts: Facts, changed: Facts, stream: Stream, mean: bool) -> Quantity:
    """The lead time that the stream loses."""
    later = changed.org.streams[stream.id]
    build, read = (expected, expected_lead_time) if mean else (single_pass, lead_time)
    before, after = build(facts, stream), build(changed, later)
    if _only_shorter(before, after):
        return shortening(before, after)
    return read(facts, stream) - read(changed, later)


def _only_shorter(before: Network, after: Network) -> bool:
    """Whether the same ways remain and no part of them can become longer."""
    if before.nodes != after.nodes or before.gaps.keys() != after.gaps.keys():
        return False
    if any(tuple(before.before[node]) != tuple(after.before[node]) for node in before.nodes):
        return False
    pairs = [(before.lengths[node], after.lengths[node]) for node in before.nodes]
    pairs += [(before.gaps[edge], after.gaps[edge]) for edge in before.gaps]
    return all(
        old == new or (new.high is not None and old.low is not None and new.high <= old.low)
        for old, new in pairs
    )


@metric("change", DURATION, HOURS, "M22")
def lead_time_gain(facts: Facts, change: Change) -> Quantity:
    """Lead time that the stream which gains most from the change loses.

    Definition: largest difference of the lead time (M10) before and after, over the streams that
    the change touches. Range: unbounded on both sides; negative when every touched stream becomes
    slower, 0 when the change touches no way through a stream. Bounded when times are unknown.

    Source: by orgdiag, by recomputation.
    """
    return _largest_gain(facts, change, mean=False)


@metric("change", DURATION, HOURS, "M22")
def expected_lead_time_gain(facts: Facts, change: Change) -> Quantity:
    """Lead time that the mean item loses in the stream which gains most from the change.

    Definition: as `lead_time_gain`, on the expected lead time (M11). Range: unbounded on both
    sides. Bounded when times or rework are unknown.

    Source: by orgdiag, by recomputation.
    """
    return _largest_gain(facts, change, mean=True)


def _largest_gain(facts: Facts, change: Change, mean: bool) -> Quantity:
    changed = applied(facts, change).facts
    gains = [_gained(facts, changed, stream, mean) for stream in touched(facts, change)]
    if not gains:
        return ZERO
    low: Number | None = None
    missing: Gaps = ()
    for gain in gains:
        if gain.low is not None:
            low = gain.low if low is None else max(low, gain.low)
        missing = merge(missing, gain.missing)
    highs = [gain.high for gain in gains]
    high = None if None in highs else max(h for h in highs if h is not None)
    exact = low is not None and low == high
    return Quantity(low, high, () if exact else missing, any(gain.estimated for gain in gains))


@relation("change", "changes-lead-time", FLAG)
def changes_lead_time(facts: Facts, change: Change) -> Truth:
    """Whether the lead time of a stream, of a single pass or of the mean item, is another after."""
    changed = applied(facts, change).facts
    return some(
        _not_zero(_gained(facts, changed, stream, mean))
        for stream in touched(facts, change)
        for mean in (False, True)
    )


def _not_zero(gain: Quantity) -> Truth:
    if gain.exact:
        return gain.low != 0
    if (gain.low is not None and gain.low > 0) or (gain.high is not None and gain.high < 0):
        return True
    return Unknown(gain.missing)


@relation("change", "touched-streams", to_many("stream"))
def touched_streams(facts: Facts, change: Change) -> Members:
    """The streams of which a step, or the way through them, is another after the change."""
    return Members(touched(facts, change))


@relation("change", "relieves-a-constraint", FLAG)
def relieves_a_constraint(facts: Facts, change: Change) -> Truth:
    """Whether a team that is the constraint of a stream is less busy after the change."""
    changed = applied(facts, change).facts
    return some(
        _less_busy(facts, changed, found.team)
        if found.team is not None
        else _perhaps(facts, changed, found.missing)
        for stream in facts.org.streams.values()
        if (found := constraint(facts, stream)).certain is not False
    )


def _less_busy(facts: Facts, changed: Facts, team: Team) -> Truth:
    later = changed.org.teams.get(team.id)
    if later is None:
        return True
    same = (team.size, team.capacity, team.other_demand)
    measure = utilisation
    if same == (later.size, later.capacity, later.other_demand):
        measure = _asked  # What is unknown is the same before and after, so it does not blur this.
    before, after = measure(facts, team), measure(changed, later)
    if (before.low, before.high) == (after.low, after.high):
        return False
    if before.low is not None and after.high is not None and after.high < before.low:
        return True
    if before.high is not None and after.low is not None and after.low >= before.high:
        return False
    return Unknown(merge(before.missing, after.missing))


def _asked(facts: Facts, team: Team) -> Quantity:
    return demand(facts, team).surely


def _perhaps(facts: Facts, changed: Facts, missing: Gaps) -> Truth:
    """Whether any team is less busy, when nobody knows which is the constraint."""
    eased = some(_less_busy(facts, changed, team) for team in facts.org.teams.values())
    return eased and Unknown(missing)
