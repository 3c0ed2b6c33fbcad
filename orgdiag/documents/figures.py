"""The numbers of an organisation: as JSON for machines, as tables for people."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from orgdiag.catalogue import catalogue
from orgdiag.documents.contract import SCHEMA, input_data, location, missing_data, number
from orgdiag.documents.summary import needed
from orgdiag.evaluate.wording import figure
from orgdiag.facts.columns import Facts
from orgdiag.facts.costs import frequency, wait
from orgdiag.facts.dependencies import effect, routine, selfserve
from orgdiag.facts.flow import lead_time, process_time
from orgdiag.facts.grounds import Dependency
from orgdiag.measure import Measures, Numbers, StreamMeasures, in_unit, says_nothing
from orgdiag.metrics.constraint import Constraint
from orgdiag.metrics.metric import HOURS, ITEM_DAYS, PERCENT
from orgdiag.metrics.organisation import coverage
from orgdiag.metrics.routes import Leg, critical_routes
from orgdiag.model.elements import Calendar, Element, Stream
from orgdiag.model.fields import Field
from orgdiag.partial.quantity import ZERO, Quantity
from orgdiag.partial.unknown import Gaps, Missing, Nothing, Unknown
from orgdiag.report import Report

Row = dict[str, Any]
Inputs = dict[tuple[str, str, str], Missing]

_BAR: Final = 20  # marks of the longest step


def coverage_of(report: Report) -> Quantity:
    """The share of pairs of a rule and a subject that could be assessed (M55)."""
    applicable = report.checked.pairs
    open_pairs = sum(entry.escalation is None for entry in report.not_assessed)
    return coverage(applicable - open_pairs, applicable)


# --- JSON -----------------------------------------------------------------------------------------


def document(measures: Measures, facts: Facts, assessed: Quantity) -> Row:
    """All numbers in the shape of the contract, unrounded, each with what would narrow it.

    Args:
        measures: the numbers.
        facts: what they were computed from.
        assessed: the share of the checks that could be made.
    """
    inputs: Inputs = {}
    written = _told(_document(measures, facts, assessed), inputs)
    return {**written, "inputs": [input_data(missing) for missing in inputs.values()]}


def _told(row: Row, inputs: Inputs) -> Row:
    """A part of the document with the first of the inputs that each number misses.

    All of them are added to `inputs`, each once.
    """
    told: Row = {}
    for key, value in row.items():
        if key == "missing":
            told |= missing_data(value)
            for missing in value:
                inputs.setdefault(missing[:3], missing)
        elif isinstance(value, dict):
            told[key] = _told(value, inputs)
        elif isinstance(value, list):
            told[key] = [_told(v, inputs) if isinstance(v, dict) else v for v in value]
        else:
            told[key] = value
    return told


def _document(measures: Measures, facts: Facts, assessed: Quantity) -> Row:
    calendar = facts.org.calendar
    return {
        "schema": SCHEMA,
        "streams": {id: _stream(found, calendar) for id, found in measures.streams.items()},
        "teams": {id: _numbers("team", found, calendar) for id, found in measures.teams.items()},
        "components": {
            id: _numbers("component", found, calendar) for id, found in measures.components.items()
        },
        "dependencies": [_dependency(item, facts) for item in measures.dependencies],
        "organisation": {
            **_numbers("organisation", measures.organisation, calendar),
            "coverage": _quantity(assessed * Quantity.of(100), PERCENT),
        },
    }


def _stream(found: StreamMeasures, calendar: Calendar) -> Row:
    return {
        **_numbers("stream", found.numbers, calendar),
        "steps": {id: _numbers("step", numbers, calendar) for id, numbers in found.steps.items()},
        "constraint": _constraint(found.constraint),
        "critical_path": list(found.critical_path),
        "tentative": found.tentative,
        "wait_by": {
            key: {id: _hours(time) for id, time in times.items()}
            for key, times in found.wait_by.items()
        },
    }


def _numbers(kind: str, numbers: Numbers, calendar: Calendar) -> Row:
    fields = catalogue().metrics[kind]
    return {name: _value(quantity, fields[name], calendar) for name, quantity in numbers.items()}


def _value(quantity: Quantity, field: Field, calendar: Calendar) -> Row:
    """A number with its unit; bounds where it is not exact; unknown where they say nothing."""
    if says_nothing(quantity, field):
        return _unknown(quantity.missing)
    return _quantity(in_unit(quantity, field, calendar), field.unit)


def value_data(quantity: Quantity, unit: str) -> Row:
    """A quantity in the shape of the contract."""
    return _told(_quantity(quantity, unit), {})


def _quantity(quantity: Quantity, unit: str) -> Row:
    """A quantity with all of the inputs that it misses."""
    low, high = quantity.low, quantity.high
    if low is None and high is None:
        return _unknown(quantity.missing)
    if low is not None and low == high:
        data: Row = {"value": number(low), "unit": unit}
    else:
        data = {
            "low": None if low is None else number(low),
            "high": None if high is None else number(high),
            "unit": unit,
            "missing": quantity.missing,
        }
    return data | ({"estimated": True} if quantity.estimated else {})


def _unknown(gaps: Gaps) -> Row:
    return {"unknown": True, "missing": gaps}


def _hours(time: Quantity) -> Row:
    return _quantity(_scaled(time, 60), HOURS)


def _scaled(quantity: Quantity, divisor: int) -> Quantity:
    return quantity / Quantity.of(divisor)


def _constraint(found: Constraint) -> Row:
    share = found.method == "capacity"
    value = found.value
    return {
        "method": found.method,
        "team": _id(found.team),
        "step": _id(found.step),
        "value": None
        if value is None
        else _quantity(value * Quantity.of(100), PERCENT)
        if share
        else _hours(value),
        "runner_up": _id(found.runner_up),
        "certain": _plain(found.certain),
        "disputed": _plain(found.disputed),
        "candidates": [
            {"method": c.method, "team": c.team.id, "step": c.step.id} for c in found.candidates
        ],
        "missing": found.missing,
    }


def _id(element: Element | None) -> str | None:
    return element.id if element is not None else None


def _dependency(item: Dependency, facts: Facts) -> Row:
    return {
        "from": item.consumer.id,
        "to": item.provider.id,
        "effect": _plain(effect(facts, item)),
        "routine": _plain(routine(facts, item)),
        "selfserve": _plain(selfserve(facts, item)),
        "frequency": _quantity(frequency(facts, item), "/month"),
        "wait": _hours(wait(facts, item)),
        "provenance": [
            {"kind": ground.provenance, "location": location(ground.span)}
            for ground in item.grounds
            if ground.holds is True
        ],
    }


def _plain(value: object) -> object:
    """A word or yes/no; null for none; what is missing where it is unknown."""
    if isinstance(value, Unknown):
        return _unknown(value.missing)
    return None if isinstance(value, Nothing) else value


# --- tables ---------------------------------------------------------------------------------------


def table(measures: Measures, facts: Facts, assessed: Quantity) -> Iterator[str]:
    """All numbers for people: those known in part at least, then the names of the others."""
    org = facts.org
    for id, found in measures.streams.items():
        yield from _block("stream", id, org.streams[id].name, found.numbers, org.calendar)
        path = " → ".join(step.partition(".")[2] for step in found.critical_path)
        yield f"  critical path: {path}"
        yield f"  constraint: {_constraint_words(found.constraint)}"
        yield from _ladder(facts, org.streams[id], found)
        yield ""
    for id, numbers in measures.teams.items():
        yield from _block("team", id, org.teams[id].name, numbers, org.calendar)
        yield ""
    yield from _block("organisation", org.id, org.name, measures.organisation, org.calendar)
    share = figure(assessed, "share", org.calendar)
    yield f"  {'coverage':<28} {share} of the checks could be made"


def _block(kind: str, id: str, name: str, numbers: Numbers, calendar: Calendar) -> Iterator[str]:
    yield f"{kind} {id}" + (f"  {name}" if name else "")
    fields = catalogue().metrics[kind]
    unknown = []
    for word, quantity in numbers.items():
        if says_nothing(quantity, fields[word]):
            unknown.append(word)
        else:
            yield f"  {word:<28} {_shown(quantity, fields[word], calendar)}"
    if unknown:
        yield f"  {'unknown':<28} {', '.join(unknown)}"
        gaps = dict.fromkeys(gap for word in unknown for gap in numbers[word].missing)
        yield from _wanted(list(gaps))


def _wanted(gaps: list[Any]) -> Iterator[str]:
    if gaps:
        more = f" and {len(gaps) - 3} more" if len(gaps) > 3 else ""
        yield f"  {'to know them':<28} {', '.join(map(needed, gaps[:3]))}{more}"


def _shown(quantity: Quantity, field: Field, calendar: Calendar) -> str:
    if field.unit == ITEM_DAYS:
        return f"{figure(in_unit(quantity, field, calendar), 'number', calendar)} {ITEM_DAYS}"
    return figure(quantity, field.type.base, calendar)


def _ladder(facts: Facts, stream: Stream, found: StreamMeasures) -> Iterator[str]:
    """The steps, those of the critical path first, each with its time as a bar to scale.

    The longest known time fills the bar.
    """
    legs = list(critical_routes(facts, stream).paths[0])
    on_path = {leg.step.id for leg in legs}
    beside = [step for id in stream.steps if (step := facts.org.steps[id]).id not in on_path]
    legs += [Leg(step, ZERO, lead_time(facts, step), process_time(facts, step)) for step in beside]
    if not legs:
        return
    longest = max((leg.time.low or 0) if leg.time.high is None else leg.time.high for leg in legs)
    yield "  steps, to scale: . waits, # is worked on, ? is not known"
    for leg in legs:
        bar = _bar(leg, Fraction(_BAR, longest) if longest else Fraction(0))
        numbers = _step(found.steps[leg.step.id], facts.org.calendar)
        path = "" if leg.step.id in on_path else "beside the critical path, "
        yield f"    {leg.step.id.partition('.')[2]:<16} {bar:<{_BAR + 3}} {path}{numbers}".rstrip()


def _bar(leg: Leg, marks: Fraction) -> str:
    """What an item's time in a step is made of; whatever takes time at all has a mark.

    Args:
        leg: the step, with the gap before it.
        marks: how many marks a working minute takes.
    """
    wait, work = leg.wait.low or 0, leg.process.low or 0
    whole = leg.time.high
    parts = [(".", wait), ("?", 0 if whole is None else whole - wait - work), ("#", work)]
    bar = "".join(sign * max(1, round(time * marks)) for sign, time in parts if time > 0)
    return bar + "?" if whole is None else bar


def _step(numbers: Numbers, calendar: Calendar) -> str:
    fields = catalogue().metrics["step"]
    return ", ".join(
        f"{word} {_shown(quantity, fields[word], calendar)}"
        for word, quantity in numbers.items()
        if not says_nothing(quantity, fields[word])
    )


def _constraint_words(found: Constraint) -> str:
    if found.team is None:
        return "not known"
    sure = "" if found.certain is True else " (not certain)"
    step = found.step.id.partition(".")[2] if found.step else "?"
    return f"{found.team.id} at {step}, by {found.method}{sure}"
