"""Numbers and elements in words, the same on every page."""

from __future__ import annotations

from typing import Any, Final

from orgdiag.catalogue import catalogue
from orgdiag.evaluate.wording import figure
from orgdiag.facts.columns import Facts
from orgdiag.frozen import frozen
from orgdiag.model.elements import Calendar
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Number, Quantity, ratio
from orgdiag.partial.unknown import Unknown
from orgdiag.text.printable import shortened

UNKNOWN: Final = "unknown"
LONGEST_NAME: Final = 80


@frozen
class Words:
    """How quantities are said to people, on the calendar of the organisation."""

    calendar: Calendar

    def time(self, minutes: Quantity) -> str:
        """A duration: `5d 4h`, `3d to 5d`, `at least 2d`, `unknown`."""
        return figure(minutes, "duration", self.calendar)

    def share(self, share: Quantity) -> str:
        """A share: `13.3 %`, `at most 5 %`; `unknown` when it may be anything."""
        if not share.low and (share.high is None or share.high == 1) and not share.exact:
            return UNKNOWN
        return figure(share, "share", self.calendar)

    def rate(self, rate: Quantity) -> str:
        """How often: `6/month`, `1/quarter`."""
        return figure(rate, "rate", self.calendar)

    def number(self, number: Quantity) -> str:
        """A count."""
        return figure(number, "number", self.calendar)

    def item_days(self, days: Quantity) -> str:
        """Waiting a month: `275.6 item-days a month`."""
        text = self.number(days)
        return text if text == UNKNOWN else f"{text} item-days a month"

    def days(self, days: Quantity) -> str:
        """Working days of one item."""
        day = Quantity.of(self.calendar.day.value)
        return self.time(days * day)

    def of_base(self, value: Quantity | str, base: str) -> str:
        """A value of a vital sign, by its base."""
        if isinstance(value, str):
            return value
        say = {
            "duration": self.time, "share": self.share, "rate": self.rate,
            "number": self.number, "item-days": self.item_days,
        }  # fmt: skip
        return say[base](value)


def measured(facts: Facts, element: Any, metric: str) -> Quantity:
    """A metric of an element by its name, such as `lead-time`."""
    found: Quantity = catalogue().metrics[element.kind][metric].read(facts, element)
    return found


def name_of(element: Any) -> str:
    """The display name of an element, or its id; cut where it is very long."""
    named = getattr(element, "name", "") or getattr(element, "local", "") or element.id
    return shortened(str(named), LONGEST_NAME)


def names_of(members: Members) -> str:
    """The names of a set: `Test centre, Cloud`, with `perhaps others` where it is open."""
    names = [name_of(item) for item in members.certain]
    if not members.known:
        names.append("perhaps others" if names else UNKNOWN)
    return ", ".join(names) or "none"


def word_of(value: Any) -> str:
    """A word of the model: `none`, `unknown`, or itself."""
    if isinstance(value, Unknown) or value is None:
        return UNKNOWN
    return str(value) if isinstance(value, str) else "none" if not value else str(value)


def middle(quantity: Quantity) -> Number | None:
    """Where a quantity is sorted: its middle, else the bound that it has; None for none."""
    if quantity.low is None:
        return quantity.high
    return quantity.low if quantity.high is None else ratio(quantity.low + quantity.high, 2)
