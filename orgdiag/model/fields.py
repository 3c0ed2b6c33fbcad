"""The words that rules can say about an element."""

from collections.abc import Callable
from typing import Any

from orgdiag.frozen import frozen
from orgdiag.model.types import Type


@frozen
class Field:
    """A word that rules can say about an element: a property, a derived relation or a metric.

    doc     what it means, or the function whose docstring says so
    read    (facts, element) → the value: Quantity, bool, str, date, element, Members, Unknown
    unit    how the value is written for machines: h, %, /month, item-days/month, or ""
    id      the number of the metric in the reference ("M13"), or ""
    word    whether rules can say it; not where that word is a set, which they count themselves
    """

    kind: str
    name: str
    type: Type
    doc: str | Callable[..., Any]
    read: Callable[[Any, Any], Any]
    origin: str
    unit: str = ""
    id: str = ""
    word: bool = True

    @property
    def meaning(self) -> str:
        """What it means, in a few words."""
        if isinstance(self.doc, str):
            return self.doc
        from orgdiag.docstring import docstring  # few runs ask

        return docstring(self.doc).partition("\n")[0].rstrip(".")
