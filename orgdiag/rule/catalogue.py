"""The words that rules can say: the fields of every kind, and how they are spelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any, Final

from orgdiag import graph, metrics
from orgdiag.frozen import frozen
from orgdiag.graph.facts import FIELDS
from orgdiag.model import NUMBER, TEXT, Field, Type, to_many

_COMMON: Final = (
    ("id", TEXT, "the identifier", lambda facts, element: element.id),
    (
        "name",
        TEXT,
        "the display name, or the identifier",
        lambda facts, element: getattr(element, "name", "") or element.id,
    ),
)


@frozen
class Catalogue:
    """Every field of every kind, by kind and name."""

    fields: Mapping[str, Mapping[str, Field]]

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
    found: dict[str, dict[str, Field]] = {}
    for field in fields:
        known = found.setdefault(field.kind, {})
        if field.name not in known or field.origin != "property":
            known[field.name] = field
    for kind, known in found.items():
        for name, type, doc, read in _COMMON:
            if kind != "organisation" or name == "name":
                known.setdefault(name, Field(kind, name, type, doc, read, "property"))
    ordered = {kind: MappingProxyType(found[kind]) for kind in sorted(found)}
    return Catalogue(MappingProxyType(ordered))


@cache
def catalogue() -> Catalogue:
    """All words: the properties of the model, the derived relations and the metrics."""
    for package in (graph, metrics):
        for module in sorted(iter_modules(package.__path__), key=lambda module: module.name):
            import_module(f"{package.__name__}.{module.name}")
    return gather(FIELDS)


def singular(name: str) -> str:
    """The name for one member of a relation.

    >>> [singular(word) for word in ("blockers", "capabilities", "touches", "stays", "process")]
    ['blocker', 'capability', 'touch', 'stay', 'process']
    """
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith(("ches", "shes", "xes", "sses")):
        return name[:-2]
    if name.endswith("s") and not name.endswith("ss"):
        return name[:-1]
    return name


def relation_named(name: str, known: Iterable[str]) -> str | None:
    """The relation that a name or its singular means, or None."""
    words = tuple(known)
    if name in words:
        return name
    return next((word for word in words if singular(word) == name), None)
