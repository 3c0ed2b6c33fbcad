"""The one catalogue of what can be said of an organisation: every field and metric, made once.

Functions and classes carry the fields that they declare. The catalogue is gathered from all modules
of `facts`, `metrics` and `whatif` in a fixed order, so it is the same whatever was imported before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType, ModuleType
from typing import Any, Final

from orgdiag import facts as graph
from orgdiag import metrics, whatif
from orgdiag.facts.columns import declared
from orgdiag.frozen import frozen
from orgdiag.model.fields import Field
from orgdiag.model.types import NUMBER, TEXT, Type, to_many

# Metrics are told in this order: these families, then the others by name.
FIRST: Final = ("step", "flow", "load", "constraint")

_COMMON: Final = (
    ("id", TEXT, "the identifier", lambda facts, element: element.id),
    (
        "name",
        TEXT,
        "the display name, or the identifier",
        lambda facts, element: getattr(element, "name", "") or element.id,
    ),
)

Fields = Mapping[str, Mapping[str, Field]]


@frozen
class Catalogue:
    """What can be said of each kind, by kind and name.

    fields    the words of the rules language, by name
    metrics   the numbers, in the order in which they are told
    """

    fields: Fields
    metrics: Fields

    @property
    def kinds(self) -> tuple[str, ...]:
        """All kinds, sorted."""
        return tuple(self.fields)

    def find(self, kind: str, name: str) -> Field | None:
        """The field of that name, or None. Cycles know `members`, `length` and `shortest`."""
        if kind.startswith("cycle:"):
            return _cycle_fields(kind.removeprefix("cycle:")).get(name)
        return self.fields.get(kind, {}).get(name)

    def names(self, kind: str) -> tuple[str, ...]:
        """The names of the fields of a kind."""
        if kind.startswith("cycle:"):
            return tuple(_cycle_fields(kind.removeprefix("cycle:")))
        return tuple(self.fields.get(kind, ()))


@cache
def _cycle_fields(kind: str) -> Mapping[str, Field]:
    def field(name: str, type: Type, doc: str) -> Field:
        read: Callable[[Any, Any], Any] = lambda facts, cycle: getattr(cycle, name)  # noqa: E731
        return Field(f"cycle:{kind}", name, type, doc, read, "relation")

    return {
        "members": field("members", to_many(kind), "everything on the cycle, by id"),
        "length": field("length", NUMBER, "how many elements are on it"),
        "shortest": field("shortest", to_many(kind), "the shortest ring in it, in order"),
        "id": field("id", TEXT, "the ids of the members, joined by `with`"),
    }


def gather(fields: Iterable[Field]) -> Catalogue:
    """The catalogue of the fields; every kind also knows `id` and `name`.

    What is derived wins over the written property of the same name.
    """
    words: dict[str, dict[str, Field]] = {}
    numbers: dict[str, dict[str, Field]] = {}
    for field in fields:
        if field.origin == "metric":
            numbers.setdefault(field.kind, {})[field.name] = field
        known = words.setdefault(field.kind, {})
        if field.word and (field.name not in known or field.origin != "property"):
            known[field.name] = field
    for kind, known in words.items():
        for name, type, doc, read in _COMMON:
            if kind != "organisation" or name == "name":
                known.setdefault(name, Field(kind, name, type, doc, read, "property"))
    return Catalogue(_sealed(words), _sealed(numbers))


def _sealed(found: Mapping[str, Mapping[str, Field]]) -> Fields:
    return MappingProxyType({kind: MappingProxyType(found[kind]) for kind in sorted(found)})


@cache
def catalogue() -> Catalogue:
    """All words: the properties of the model, the derived relations and the metrics."""
    return gather(dict.fromkeys(field for module in _modules() for field in declared(module)))


def _modules() -> Iterator[ModuleType]:
    for package, first in ((graph, ()), (metrics, FIRST), (whatif, ())):
        names = sorted(module.name for module in iter_modules(package.__path__))
        for name in (*first, *(name for name in names if name not in first)):
            yield import_module(f"{package.__name__}.{name}")
