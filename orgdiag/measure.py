"""All numbers of an organisation in one pass."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from orgdiag.catalogue import catalogue
from orgdiag.facts.columns import Facts
from orgdiag.facts.critical import critical_path
from orgdiag.facts.dependencies import dependencies
from orgdiag.facts.grounds import Dependency
from orgdiag.facts.streams import owners, teams_on_steps
from orgdiag.frozen import frozen
from orgdiag.metrics.constraint import Constraint, constraint
from orgdiag.metrics.flow import merge_bias
from orgdiag.metrics.ledger import Ledger, ledger, wait_by
from orgdiag.metrics.metric import HOURS, ITEM_DAYS, PERCENT
from orgdiag.model.elements import Calendar, Stream, Team
from orgdiag.model.fields import Field
from orgdiag.partial.quantity import Number, Quantity, ratio

Numbers = Mapping[str, Quantity]


@frozen
class StreamMeasures:
    """The numbers of one stream.

    numbers        each metric of a stream by name
    steps          each metric of a step by name, by full step id
    critical_path  full step ids; as far as is known when `tentative`
    tentative      whether a time on MAIN is unknown, so that lower bounds chose the path
    merge_bias     whether parallel tracks join, so that the expected lead time is a lower bound
    constraint     what limits the stream
    ledger         where its expected lead time goes
    wait_by        the wait on the critical path by `team` ("" is unknown), `step` and `reason`
    """

    numbers: Numbers
    steps: Mapping[str, Numbers]
    critical_path: tuple[str, ...]
    tentative: bool
    merge_bias: bool
    constraint: Constraint
    ledger: Ledger
    wait_by: Mapping[str, Numbers]


@frozen
class Measures:
    """The numbers of an organisation, by id and by the name of the metric.

    dependencies   the effective dependencies, certain ones, in the order of their teams
    """

    streams: Mapping[str, StreamMeasures]
    teams: Mapping[str, Numbers]
    components: Mapping[str, Numbers]
    dependencies: tuple[Dependency, ...]
    organisation: Numbers


def measure(facts: Facts, only: Collection[str] | None = None) -> Measures:
    """All numbers of the organisation.

    Every number is computed once, however many others rest on it. With `only`, the ids of streams,
    only these are measured, and of the teams and dependencies those that work on or own them.
    """
    org = facts.org
    teams = org.teams.values() if only is None else _teams_on(facts, only)
    return Measures(
        {
            id: _stream(facts, stream)
            for id, stream in org.streams.items()
            if only is None or id in only
        },
        {team.id: _numbers(facts, team) for team in teams},
        {id: _numbers(facts, component) for id, component in org.components.items()},
        tuple(item for team in teams for item in dependencies(facts, team).certain),
        _numbers(facts, org),
    )


def _teams_on(facts: Facts, only: Collection[str]) -> list[Team]:
    """The teams that work on the streams or own them, in order."""
    found: set[Team] = set()
    for id in only:
        stream = facts.org.streams[id]
        found.update(owners(facts, stream).certain, teams_on_steps(facts, stream).certain)
    return [team for team in facts.org.teams.values() if team in found]


def _stream(facts: Facts, stream: Stream) -> StreamMeasures:
    path = critical_path(facts, stream)
    return StreamMeasures(
        _numbers(facts, stream),
        {id: _numbers(facts, facts.org.steps[id]) for id in stream.steps if id in facts.org.steps},
        tuple(step.id for step in path.steps),
        path.tentative,
        merge_bias(facts, stream),
        constraint(facts, stream),
        ledger(facts, stream),
        {key: wait_by(facts, stream, key) for key in ("team", "step", "reason")},
    )


def _numbers(facts: Facts, element: Any) -> Numbers:
    metrics = catalogue().metrics[element.kind]
    return {name: field.read(facts, element) for name, field in metrics.items()}


# --- for writing ----------------------------------------------------------------------------------


def in_unit(quantity: Quantity, field: Field, calendar: Calendar) -> Quantity:
    """The quantity in the unit of the field: hours, per cent, or item-days a month.

    Inside, durations are working minutes and shares run from 0 to 1.

    >>> in_unit(Quantity(90, 120), catalogue().metrics["step"]["wait"], Calendar())
    Quantity(low=Fraction(3, 2), high=2, missing=(), estimated=False)
    """
    factors: dict[str, Number] = {HOURS: ratio(1, 60), PERCENT: 100}
    if field.unit == ITEM_DAYS:
        factors[ITEM_DAYS] = ratio(1, calendar.day.value)
    factor = factors.get(field.unit, 1)
    return Quantity(
        None if quantity.low is None else ratio(quantity.low * factor, 1),
        None if quantity.high is None else ratio(quantity.high * factor, 1),
        quantity.missing,
        quantity.estimated,
    )


def says_nothing(quantity: Quantity, field: Field) -> bool:
    """Whether the bounds are no more than the range that every value of the field lies in.

    >>> says_nothing(Quantity(0, 1), catalogue().metrics["stream"]["flow-efficiency"])
    True
    >>> says_nothing(Quantity(0, 1), catalogue().metrics["stream"]["handoffs"])
    False
    """
    if quantity.low is None:
        return quantity.high is None
    most = 1 if field.type.base == "share" else None
    return quantity.low == 0 and (quantity.high is None or quantity.high == most)
