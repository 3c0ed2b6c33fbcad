"""An organisation while a planned change is applied to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from orgdiag.facts.columns import Facts
from orgdiag.model.elements import PLURALS, Element, Org
from orgdiag.partial.quantity import Number, Quantity


class Draft:
    """An organisation while operations are applied to it, one after the other.

    assumptions   what they take for granted
    """

    def __init__(self, org: Org) -> None:
        self.org = org
        self.assumptions: list[str] = []

    def put(self, *elements: Element) -> None:
        """Replaces elements by those of the same kind and id, or adds them."""
        for kind in dict.fromkeys(element.kind for element in elements):
            made = {element.id: element for element in elements if element.kind == kind}
            self._set(kind, {**self.org.of_kind(kind), **made})

    def drop(self, kind: str, id: str) -> None:
        """Removes an element."""
        self._set(kind, {key: e for key, e in self.org.of_kind(kind).items() if key != id})

    def _set(self, kind: str, elements: Mapping[str, Any]) -> None:
        ordered = dict(sorted(elements.items()))
        self.org = replace(self.org, **{PLURALS[kind]: ordered})  # type: ignore[arg-type]

    @property
    def facts(self) -> Facts:
        """What is known of the organisation as it is now."""
        return Facts(self.org)


def at_least(quantity: Quantity, least: Number) -> Quantity:
    """The quantity, raised to `least` where it is below."""
    high = None if quantity.high is None else max(quantity.high, least)
    return Quantity(max(quantity.low or 0, least), high, quantity.missing, quantity.estimated)
