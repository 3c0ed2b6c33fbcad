"""The numbers of one step: what it takes, what of it is waiting, and what it costs the stream."""

from __future__ import annotations

from orgdiag.facts.borders import visits
from orgdiag.facts.columns import Facts
from orgdiag.facts.flow import contradictory, lead_time, process_time
from orgdiag.facts.properties import missing, quantity_of
from orgdiag.metrics.extremes import part_and_whole, quotient
from orgdiag.metrics.metric import HOURS, PERCENT, metric
from orgdiag.metrics.queueing import cadence_wait as mean_cadence_wait
from orgdiag.metrics.routes import waiting, without_waits
from orgdiag.model.elements import Step
from orgdiag.model.types import DURATION, NUMBER, SHARE
from orgdiag.partial.quantity import ZERO, Quantity, total
from orgdiag.partial.unknown import Gaps, Unwritten, merge


@metric("step", DURATION, HOURS, "M01")
def wait(facts: Facts, step: Step) -> Quantity:
    """Time of an item in the step in which nobody works on it.

    Definition: lead time − process time. Range: 0 to unbounded. Bounded when one of the two is
    unknown; unknown when the lead time is below the process time.

    Source: article, "The difference is wait time".
    """
    return waiting(process_time(facts, step), lead_time(facts, step))


@metric("step", SHARE, PERCENT, "M02")
def efficiency(facts: Facts, step: Step) -> Quantity:
    """Share of the step's lead time in which somebody works on the item.

    Definition: process time / lead time. Range: 0 to 1. Undefined when both are 0; bounded when
    one is unknown; unknown when the lead time is below the process time.

    Source: Martin and Osterling, activity ratio.
    """
    if contradictory(facts, step):
        return Quantity(0, 1, missing(step, "lead", "process"))
    process, lead = process_time(facts, step), lead_time(facts, step)
    found = quotient([part_and_whole(process, lead)])
    gaps = () if found.exact else merge(lead.missing, process.missing)
    return Quantity(found.low, found.high, gaps, lead.estimated or process.estimated)


@metric("step", DURATION, HOURS, "M03")
def queue_time(facts: Facts, step: Step) -> Quantity:
    """Part of the wait in which the item stands in the step's queue.

    Definition: the declared `wait { queue … }`. Range: 0 to the wait. Without it, anything from 0
    to what the other declared reasons leave of the wait.

    Source: article, "queue time".
    """
    declared = [part.time for part in _reasons(step) if part.reason == "queue"]
    if declared:
        return total(_given(step, time) for time in declared)
    rest = unexplained_wait(facts, step)
    return Quantity(0, rest.high, merge(missing(step, "wait"), rest.missing))


@metric("step", DURATION, HOURS, "M03")
def explained_wait(facts: Facts, step: Step) -> Quantity:
    """Wait for which a reason is declared.

    Definition: the sum of the declared reasons. Range: 0 to unbounded; 0 when none is declared.

    Source: article, "what does the work do between".
    """
    if isinstance(step.wait, Unwritten):
        return Quantity(0, None, missing(step, "wait"))
    return total(_given(step, part.time) for part in _reasons(step))


@metric("step", DURATION, HOURS, "M03")
def unexplained_wait(facts: Facts, step: Step) -> Quantity:
    """Wait for which no reason is declared.

    Definition: wait − declared reasons, at least 0. Range: 0 to the wait.

    Source: article, "what does the work do between".
    """
    rest = wait(facts, step) - explained_wait(facts, step)
    low = max(rest.low or 0, 0)
    high = None if rest.high is None else max(rest.high, 0)
    return Quantity(low, high, rest.missing, rest.estimated)


@metric("step", NUMBER, "", "M04")
def expected_visits(facts: Facts, step: Step) -> Quantity:
    """Mean number of times that an item which takes the step passes it, rework included.

    Definition: `orgdiag.facts.visits.expected_visits`; equal to the absorbing Markov chain of the
    map. Range: 1 to unbounded. Bounded when a rework share is unknown; no upper bound when the
    shares that leave a step may reach 100 %.

    Source: absorbing Markov chains.
    """
    return visits(facts, facts.org.streams[step.stream])[step.id]


@metric("step", DURATION, HOURS, "M05")
def cadence_wait(facts: Facts, step: Step) -> Quantity:
    """Mean wait for the next opening of the step's gate.

    Definition: half of `every`, for arrivals that do not know the gate; 0 when the work is
    synchronised with it. Range: 0 to unbounded. Unknown without a cadence, which is not 0.

    Source: mean residual life of a fixed interval.
    """
    if step.synchronised is True:
        return ZERO
    every = quantity_of(step, "every")
    worst = worst_cadence_wait(facts, step)
    if every.low is None or every.high is None:
        return worst
    low = mean_cadence_wait(every.low) if step.synchronised is False else 0
    return Quantity(low, mean_cadence_wait(every.high), worst.missing)


@metric("step", DURATION, HOURS, "M05")
def worst_cadence_wait(facts: Facts, step: Step) -> Quantity:
    """Longest wait for the next opening of the step's gate.

    Definition: `every`; 0 when the work is synchronised with it. Range: 0 to unbounded. Unknown
    without a cadence.

    Source: arithmetic.
    """
    if step.synchronised is True:
        return ZERO
    every = quantity_of(step, "every")
    if step.synchronised is False:
        return every
    return Quantity(0, every.high, merge(every.missing, missing(step, "synchronised")))


@metric("step", DURATION, HOURS, "M22")
def drag(facts: Facts, step: Step) -> Quantity:
    """What the stream's lead time loses when the step no longer waits.

    Definition: lead time − lead time with the step's lead time set to its process time and the gap
    before it closed. Range: 0 to the wait. Not additive over steps in parallel: use
    `orgdiag.metrics.delay.drag_of` for sets. Bounded when times are unknown.

    Source: critical-path drag (Devaux); here by recomputation.
    """
    return without_waits(facts, facts.org.streams[step.stream]).of({step.id})


def effort(facts: Facts, step: Step) -> Quantity:
    """Person-time for one pass of the step; without `effort`, one person for the process time.

    The default is a least value, so it names `effort` among the missing inputs.
    """
    if isinstance(step.effort, Quantity):
        return step.effort
    if isinstance(step.effort, Unwritten):
        return Quantity(process_time(facts, step).low or 0, None, missing(step, "effort"))
    return process_time(facts, step)


def _reasons(step: Step) -> tuple:  # type: ignore[type-arg]
    return () if step.wait is None or isinstance(step.wait, Unwritten) else step.wait


def _given(step: Step, time: object) -> Quantity:
    gaps: Gaps = missing(step, "wait")
    return time if isinstance(time, Quantity) else Quantity(0, None, gaps)
