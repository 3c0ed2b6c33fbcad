"""The decorator that makes a function a metric: remembered, and a word of the rules language.

A metric takes `(facts, element)` and returns a `Quantity`: exact, or bounded with the inputs that
would narrow it, or without bounds where nothing can be said. Its name is that of the function.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from orgdiag.facts.columns import Facts, declares, index, memoised
from orgdiag.model.fields import Field
from orgdiag.model.types import NUMBER, Type
from orgdiag.partial.quantity import Quantity

Measure = Callable[[Facts, Any], Quantity]

PERCENT: Final = "%"
HOURS: Final = "h"
ITEM_DAYS: Final = "item-days/month"


def metric(
    kind: str,
    type: Type = NUMBER,
    unit: str = "",
    id: str = "",
    name: str = "",
    word: bool = True,
) -> Callable[[Measure], Measure]:
    """A decorator for a metric of a kind of element.

    Args:
        kind: the kind of element, such as team.
        type: what it is: a number, duration, share or rate.
        unit: how machines write it.
        id: its number in the reference, such as M13.
        name: its name, where it is not that of the function.
        word: whether it is a word of the rules language; not where that word is a set, which rules
            count themselves.
    """

    def declare(function: Measure) -> Measure:
        remembered = _of_the_whole(function) if kind == "organisation" else memoised(function)
        called = name or function.__name__.replace("_", "-")
        field = Field(kind, called, type, function, remembered, "metric", unit, id, word)
        return declares(remembered, field)

    return declare


def _of_the_whole(function: Measure) -> Measure:
    """The same function, computed once; there is one organisation."""

    @index
    def computed(facts: Facts) -> Quantity:
        return function(facts, facts.org)

    @wraps(function)
    def metric(facts: Facts, org: Any) -> Quantity:
        return computed(facts)

    return metric
