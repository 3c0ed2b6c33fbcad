"""What somebody may forget: a fact, that a list is whole, where in a range a number lies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from orgdiag.model.elements import Org
from orgdiag.model.form import ILLEGAL
from orgdiag.partial.quantity import Quantity, ratio
from orgdiag.partial.unknown import UNKNOWN

from .places import Place, is_open, places

AMOUNTS: Final = frozenset({"number", "duration", "share", "rate", "effort", "cadence"})


def forgettings(org: Org) -> Iterator[tuple[Place, Any]]:
    """Every fact that can be forgotten, with what stands there then."""
    for place in places(org):
        value = place.look(org)
        if value is not None and value is not UNKNOWN and not is_open(value):
            if _may_be_unknown(place):
                yield place, UNKNOWN
            if _is_list(place, value):
                yield from ((place, (*value[:number], UNKNOWN)) for number in range(len(value) + 1))
            if place.type.base in AMOUNTS and isinstance(value, Quantity) and value.exact:
                yield from ((place, wide) for wide in _ranges(place, value))


def _may_be_unknown(place: Place) -> bool:
    """Whether `unknown` may be written there, and is no more than to leave it out."""
    if place.type.base == "need":
        return False
    form = place.prop.form if place.prop is not None else None
    return form is None or (form.unknown is not ILLEGAL and form.unknown is not None)


def _is_list(place: Place, value: Any) -> bool:
    """Whether a list of words or references stands there, in which one more may be `unknown`."""
    plain = place.prop is None or place.prop.form is None or place.word == "step.after"
    return plain and isinstance(value, tuple) and place.type.base in ("word", "reference", "form")


def _ranges(place: Place, exact: Quantity) -> Iterator[Quantity]:
    """Ranges in which an amount lies: below it, and around it."""
    value = exact.value
    most = 1 if place.type.base == "share" else value * 3
    if value and not exact.estimated:
        yield Quantity(ratio(value, 2), value)
        if value < most:
            yield Quantity(ratio(value, 2), most)
