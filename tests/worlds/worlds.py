"""Models in which everything unknown has a value, or as much of it as one asks for."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any, Final

from reading import resolve

from orgdiag.model.elements import Org, Step
from orgdiag.model.form import Form
from orgdiag.model.parts import AFTER, WaitPart
from orgdiag.model.vocabularies import WAIT_REASONS
from orgdiag.parse import parse
from orgdiag.partial.quantity import Number, Quantity, ratio
from orgdiag.partial.unknown import NONE, UNKNOWN
from orgdiag.text.source import Source
from orgdiag.whatif import operations
from orgdiag.write import _Writer

from . import values
from .places import Place, is_open, places, slots

# What these mean where they are left out follows from other facts, or is a fact: there is none.
SAID_BY_OTHERS: Final = frozenset({
    "step.effort", "step.servers", "component.built-by", "component.runs-by", "stream.domains",
    "team.continues-as", "stream.feeds", "stream.product", "component.domain", "group.part-of",
    "step.automated", "component.contributions", "team.api", "stream.observed",
    "team.cognitive-load", "step.wait", "team.until", "interaction.until", "interaction.expected",
    "interaction.since", "stream.target-request-to-delivery", "stream.target-commit-to-production",
    "step.source", "stream.source", "capability.source", "team.needs.source",
})  # fmt: skip
TRIES: Final = 4


class Misread(Exception):
    """A model that the reader complains about."""


def said(org: Org) -> str:
    """The text of an organisation, not laid out: that takes longest, and nobody reads it."""
    phrases = _Writer(org, operations.forms()).organisation()
    return "\n".join("".join(phrase.lines()) for phrase in phrases)


def read(text: str) -> Org:
    """The organisation that a text describes.

    Raises:
        Misread: the reader finds something wrong.
    """
    org, findings = resolve([parse(Source("m.orgd", text))])
    if findings:
        raise Misread(findings[0].message)
    return org


def again(org: Org) -> Org:
    """The organisation as it is read from what it says: so it is a legal one."""
    return read(said(org))


def is_gap(place: Place, value: Any, *, silent: bool) -> bool:
    """Whether what stands there is unknown, or, among what is silent, left out."""
    if value is UNKNOWN or is_open(value):
        return True
    if isinstance(value, Quantity):
        return not value.exact
    if place.type.base == "need":
        return value == "unknown"
    left_out = silent and value is None and place.prop is not None and place.prop.default is None
    return left_out and place.word not in SAID_BY_OTHERS


def gaps(org: Org, *, silent: bool) -> list[Place]:
    """The places of which nobody has said what stands there."""
    return [place for place in places(org) if is_gap(place, place.look(org), silent=silent)]


def world(org: Org, chance: Random, *, silent: bool) -> Org | None:
    """A legal model with a value for whatever is unknown; None where none was found."""
    for _ in range(TRIES):
        try:
            return again(completed(org, chance, silent=silent))
        except (Misread, ValueError):
            continue
    return None


def completed(org: Org, chance: Random, *, silent: bool) -> Org:
    """The organisation with a value at every gap."""
    steps = {id: timed(step, chance, silent=silent) for id, step in org.steps.items()}
    org = replace(org, steps=steps)
    for _ in range(2):  # what is put at a gap may have gaps of its own
        for place in gaps(org, silent=silent):
            if place.there(org):
                org = place.put(org, found_out(org, place, chance))
    return org


def found_out(org: Org, place: Place, chance: Random) -> Any:
    """What may turn out to stand at a gap."""
    value = place.look(org)
    if isinstance(value, Quantity):
        return values.point(value, chance, place.word)
    if is_open(value):
        return _more(org, place, value, chance)
    if place.prop is not None and place.prop.form is not None:
        return _of_form(org, place, place.prop.form, chance)
    if place.prop is not None and place.prop.nothing and chance.random() < 0.1:
        return NONE
    return values.value(org, place, chance)


def _more(org: Org, place: Place, value: tuple[Any, ...], chance: Random) -> tuple[Any, ...]:
    """An open list, closed: with what it has, and perhaps more."""
    known = tuple(item for item in value if item is not UNKNOWN)
    if place.prop is not None and place.prop.form is not None and place.word != "step.after":
        return known
    return tuple(dict.fromkeys((*known, *values.some(org, place, chance, most=2))))


def _of_form(org: Org, place: Place, form: Form, chance: Random) -> Any:
    """A statement with a syntax of its own, where one stands for the whole."""
    if place.word == "step.after":
        return values.some(org, place._replace(type=_STEPS), chance, most=2)
    if not form.adds:
        made = values.part(org, place, form, chance)
        return NONE if made is None and form.none is NONE else made
    number = chance.randint(0, 2)
    made = [values.part(org, place, form, chance) for _ in range(number)]
    return tuple({_what(part): part for part in made if part is not None}.values())


def _what(part: Any) -> Any:
    """By what the parts of one list must differ."""
    for name in ("reason", "component", "to", "team"):
        if hasattr(part, name) and not hasattr(part, "provider"):
            return getattr(part, name)
    return part.id


# --- times that do not contradict each other ------------------------------------------------------


def timed(step: Step, chance: Random, *, silent: bool) -> Step:
    """The step with known times, so that its lead holds its work and its waits where it can."""
    lead = _bounds(step.lead)
    parts = step.wait if isinstance(step.wait, tuple) else ()
    waits = [_bounds(part.time) for part in parts]
    least = sum(low for low, _ in waits)
    most = [m for m in (_less(lead[1], least), _bounds(step.effort)[1]) if m is not None]
    process = _between(_bounds(step.process), min(most, default=None), chance)
    spent: list[Number] = []
    for at, wait in enumerate(waits):
        later = sum(low for low, _ in waits[at + 1 :])
        spent.append(_between(wait, _less(lead[1], process + sum(spent) + later), chance))
    needed = max(process + sum(spent), _opening(step))
    whole = _between((max(lead[0], needed), lead[1]), None, chance)
    return replace(
        step,
        process=_now(step.process, process, silent=silent),
        lead=_now(step.lead, whole, silent=silent),
        effort=_effort(step, process, chance),
        wait=_waits(step, whole - process, spent, chance),
    )


def _opening(step: Step) -> Number:
    """Half of the calendar of its gate: so long an item waits before it on average."""
    return ratio(_bounds(step.every)[1] or 0, 2)


def _now(amount: Any, found: Number, *, silent: bool) -> Any:
    """What is known of an amount: what was found out, unless it was known or nobody asks."""
    if amount is None and not silent:
        return None
    return Quantity.of(found) if _open(amount) else amount


def _open(amount: object) -> bool:
    return not isinstance(amount, Quantity) or not amount.exact


def _bounds(amount: object) -> tuple[Number, Number | None]:
    """Between which bounds a time lies."""
    return (amount.low or 0, amount.high) if isinstance(amount, Quantity) else (0, None)


def _less(most: Number | None, taken: Number) -> Number | None:
    return None if most is None else most - taken


def _between(bounds: tuple[Number, Number | None], most: Number | None, chance: Random) -> Number:
    """A time between bounds, and no larger than another one if that can be."""
    low, high = bounds
    if most is not None:
        high = max(low, most) if high is None else max(low, min(high, most))
    further = low + chance.choice(values.NUMBERS["duration"])
    if high is None:
        return further
    return chance.choice((low, high, ratio(low + high, 2), min(high, further)))


def _effort(step: Step, process: Number, chance: Random) -> Any:
    """No less than the time in which at least one person works; left out it is that time."""
    if step.effort is None or not _open(step.effort):
        return step.effort
    low, high = _bounds(step.effort)
    return Quantity.of(_between((max(low, process), high), None, chance))


def _waits(step: Step, idle: Number, spent: list[Number], chance: Random) -> Any:
    """The reasons with the times that they take; where it is unknown, some, or that none is."""
    if step.wait is None:
        return None
    if isinstance(step.wait, tuple):
        return tuple(
            part._replace(time=Quantity.of(time)) if _open(part.time) else part
            for part, time in zip(step.wait, spent, strict=True)
        )
    reasons = chance.sample(WAIT_REASONS, chance.randint(0, 2)) if idle > 0 else []
    part = Quantity.of(ratio(idle, chance.choice((2, 4))))
    return tuple(WaitPart(reason, part, step.span) for reason in reasons)


_STEPS: Final = slots(AFTER)["after"]
