"""What dependencies cost: how often a team waits for another, and how long each time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from orgdiag.facts.columns import Facts, memoised, relation
from orgdiag.facts.grounds import Dependency, Ground, unsaid_rate
from orgdiag.facts.properties import missing, quantity_of
from orgdiag.facts.unnamed import may_have_more
from orgdiag.frozen import frozen
from orgdiag.model.elements import Need, Step
from orgdiag.model.types import DURATION, EFFORT, RATE
from orgdiag.partial.quantity import Quantity, largest, total
from orgdiag.partial.truth import gaps_of
from orgdiag.partial.unknown import Gaps, merge


@frozen
class Cost:
    """How often a team waits for another, how long each time, and the two multiplied."""

    frequency: Quantity
    wait: Quantity
    delay: Quantity


@memoised
def cost(facts: Facts, dependency: Dependency) -> Cost:
    """What waiting in a dependency costs.

    A declared frequency and a declared wait win; else the steps count, each with its own; the wait
    of a capability only where there is no step.
    """
    grounds = [ground for ground in dependency.grounds if ground.holds is not False]
    declared = [ground for ground in grounds if ground.provenance == "declared"]
    if not declared:
        return _perhaps_more(facts, dependency, _derived(facts, dependency, grounds))
    derive = partial(_derived, facts, dependency, grounds)
    costs = [_declared_cost(ground.element, derive) for ground in declared]
    if len(costs) == 1:
        return costs[0]
    frequency = total(item.frequency for item in costs)
    delay = total(item.delay for item in costs)
    longest = largest(item.wait for item in costs)
    return Cost(frequency, longest, delay)


def _derived(facts: Facts, dependency: Dependency, grounds: Iterable[Ground]) -> Cost:
    """What waiting costs by the grounds alone: by the steps, else by the capabilities."""
    stepwise = _one_for_each_step(grounds)
    if not stepwise:
        return _cost_without_steps(facts, dependency, grounds)
    frequency = total([ground.frequency for ground in stepwise])
    delay = total([ground.frequency * ground.wait for ground in stepwise])
    derived = Cost(frequency, _mean_wait(stepwise, frequency, delay), delay)
    if any(ground.holds is True for ground in stepwise):
        return derived
    return _either(derived, _cost_without_steps(facts, dependency, grounds))


def _either(one: Cost, other: Cost) -> Cost:
    """What is certain of a cost that is one or the other."""
    return Cost(
        hull(one.frequency, other.frequency),
        hull(one.wait, other.wait),
        hull(one.delay, other.delay),
    )


def hull(one: Quantity, other: Quantity) -> Quantity:
    """The smallest interval that holds both."""
    low = None if one.low is None or other.low is None else min(one.low, other.low)
    high = None if one.high is None or other.high is None else max(one.high, other.high)
    return Quantity(low, high, merge(one.missing, other.missing), one.estimated or other.estimated)


def _perhaps_more(facts: Facts, dependency: Dependency, known: Cost) -> Cost:
    """The same cost, a lower bound where further reasons are possible."""
    more = may_have_more(facts, dependency)
    if not more:
        return known
    frequency = Quantity(known.frequency.low, None, merge(known.frequency.missing, more))
    delay = Quantity(known.delay.low, None, merge(known.delay.missing, more))
    return Cost(frequency, known.wait, delay)


def _cost_without_steps(facts: Facts, dependency: Dependency, grounds: Iterable[Ground]) -> Cost:
    """What a dependency costs by capabilities; how often they are used only a need can say."""
    waits = [ground.wait for ground in grounds if ground.provenance == "capability"]
    unsaid = unsaid_rate(facts, dependency.consumer)
    wait = largest(waits) if waits else unsaid
    return Cost(unsaid, wait, unsaid * wait)


def _one_for_each_step(grounds: Iterable[Ground]) -> list[Ground]:
    """The grounds that are steps; a step that is a gate too counts once."""
    found: dict[str, Ground] = {}
    for ground in grounds:
        if isinstance(ground.element, Step):
            kept = ground if ground.holds is True else _perhaps(ground)
            found.setdefault(ground.element.id, kept)
    return list(found.values())


def _perhaps(ground: Ground) -> Ground:
    """The same ground with the frequency that an uncertain reason has: perhaps none."""
    frequency = Quantity(
        0, ground.frequency.high, merge(ground.frequency.missing, gaps_of(ground.holds))
    )
    return replace(ground, frequency=frequency)


def _mean_wait(grounds: list[Ground], frequency: Quantity, delay: Quantity) -> Quantity:
    """The wait each time: that of the one step, else the mean, else between the extremes."""
    if len(grounds) == 1:
        return grounds[0].wait
    if frequency.exact and frequency.low and delay.low is not None:
        return delay / frequency
    lows = [ground.wait.low for ground in grounds if ground.wait.low is not None]
    highs = [ground.wait.high for ground in grounds]
    gaps: Gaps = ()
    for ground in grounds:
        gaps = merge(gaps, merge(ground.wait.missing, ground.frequency.missing))
    high = None if None in highs else max((h for h in highs if h is not None), default=None)
    return Quantity(min(lows, default=0), high, gaps)


def _declared_cost(need: Need, derive: Callable[[], Cost]) -> Cost:
    """What a need declares; what it leaves out is as the other grounds say."""
    if need.frequency is not None and need.wait is not None:
        frequency, wait = quantity_of(need, "frequency"), quantity_of(need, "wait")
        return Cost(frequency, wait, frequency * wait)
    derived = derive()
    if need.frequency is None and need.wait is None and derived.delay.low:
        return derived
    frequency = derived.frequency if need.frequency is None else quantity_of(need, "frequency")
    wait = derived.wait if need.wait is None else quantity_of(need, "wait")
    if need.frequency is None and derived.frequency.high is None:
        frequency = quantity_of(need, "frequency")
    if need.wait is None and derived.wait.high is None:
        wait = Quantity(derived.wait.low, None, missing(need, "wait"))
    return Cost(frequency, wait, frequency * wait)


@relation("dependency", "frequency", RATE, kept=False)
def frequency(facts: Facts, dependency: Dependency) -> Quantity:
    """How often the consumer waits: as declared, else as often as the steps are passed."""
    return cost(facts, dependency).frequency


@relation("dependency", "wait", DURATION, kept=False)
def wait(facts: Facts, dependency: Dependency) -> Quantity:
    """How long the consumer waits each time: as declared, else by the steps, else by capability."""
    return cost(facts, dependency).wait


@relation("dependency", "delay", EFFORT, unit="item-days/month", kept=False)
def delay(facts: Facts, dependency: Dependency) -> Quantity:
    """Frequency times wait: how much waiting a month the dependency costs."""
    return cost(facts, dependency).delay
