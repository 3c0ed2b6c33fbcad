"""Every place of an organisation at which a value stands, found by the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from orgdiag.model.elements import PLURALS, Element, Org
from orgdiag.model.form import Form, Item, Option, Slot
from orgdiag.model.schema import Property, schema
from orgdiag.model.types import Type
from orgdiag.partial.unknown import UNKNOWN

Path = tuple[str | int, ...]
# What a planned change does is a question about a model, and no fact of it.
PLANS = frozenset({"change"})


class Place(NamedTuple):
    """Where a value stands.

    kind, id  the element of the organisation
    path      attributes and places in lists that lead to the value
    word      how the place is called whatever the element: `step.by`, `team.needs.wait`
    type      what stands there; of a statement with a syntax of its own its `form`
    prop      the property, where the value is the whole of one
    """

    kind: str
    id: str
    path: Path
    word: str
    type: Type
    prop: Property | None = None

    def look(self, org: Org) -> Any:
        """The value that stands there."""
        value: Any = org.of_kind(self.kind)[self.id]
        for step in self.path:
            value = value[step] if isinstance(step, int) else getattr(value, step)
        return value

    def put(self, org: Org, value: Any) -> Org:
        """The organisation with another value there."""
        elements = org.of_kind(self.kind)
        element = _put(elements[self.id], self.path, value)
        changed: Any = {PLURALS[self.kind]: {**elements, self.id: element}}
        return replace(org, **changed)

    def there(self, org: Org) -> bool:
        """Whether the organisation has such a place."""
        try:
            self.look(org)
        except (AttributeError, IndexError, KeyError):
            return False
        return True


def _put(whole: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    first, *rest = path
    if isinstance(first, int):
        items = list(whole)
        items[first] = _put(items[first], tuple(rest), value)
        return tuple(items)
    inner = _put(getattr(whole, first), tuple(rest), value)
    changed: Any = {first: inner}
    return replace(whole, **changed) if isinstance(whole, Element) else whole._replace(**changed)


def places(org: Org) -> Iterator[Place]:
    """Every place of the organisation, but those of planned changes."""
    for kind in PLURALS:
        if kind not in PLANS:
            for id, element in org.of_kind(kind).items():
                yield from _of_element(element, Place(kind, id, (), kind, Type("")))


def _of_element(element: Any, at: Place) -> Iterator[Place]:
    """The places of an element, which may stand inside another one."""
    if element.kind == "interaction":
        yield from (_inside(at, name, name, _TEAM) for name in ("first", "second"))
    if element.kind == "need":
        yield _inside(at, "provider", "from", _TEAM)
        yield _inside(at, "what", "what", Type("need"))
    if element.kind == "handoff":
        yield from (_inside(at, name, name.rstrip("_"), _STEP) for name in ("from_", "to"))
    common = schema("")
    for name, prop in schema(element.kind).items():
        if name not in common:
            whole = _inside(at, prop.attribute, name, prop.type, prop)
            yield whole
            if prop.form is not None:
                yield from _of_parts(getattr(element, prop.attribute), whole, prop.form)


def _inside(
    at: Place, step: str | int, name: str, type: Type, prop: Property | None = None
) -> Place:
    called = f"{at.word}.{name}" if name else at.word
    return at._replace(path=(*at.path, step), word=called, type=type, prop=prop)


def _of_parts(value: Any, at: Place, form: Form) -> Iterator[Place]:
    """The places in what a statement with a syntax of its own makes."""
    if isinstance(value, Element):
        yield from _of_element(value, at)
    elif hasattr(value, "_fields"):
        for attribute, type in slots(form).items():
            if attribute in value._fields:
                yield _inside(at, attribute, attribute, type)
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _of_parts(item, _inside(at, number, "", at.type), form)


@cache
def slots(form: Form) -> Mapping[str, Type]:
    """The attributes of what a statement makes, each with the type of what stands there.

    A word that decides the form, as the reason of a wait does, is none: it is never unknown.
    """
    found: dict[str, Type] = {}
    for way in form.ways:
        found.update(_slots(way.items))
    if form.block is not None:
        if form.block.lines is not None:
            _, value = form.block.lines
            found[value] = next(iter(form.block.types.values()))
        else:
            found.update(form.block.types)
    return found


def _slots(items: tuple[Item, ...]) -> Iterator[tuple[str, Type]]:
    for item in items:
        if isinstance(item, Slot):
            yield item.attribute, item.type
        elif isinstance(item, Option):
            yield from _slots(item.items)


_TEAM = Type("reference", kinds=("team",))
_STEP = Type("reference", kinds=("step",))


def is_open(value: Any) -> bool:
    """Whether a part of a list is unknown."""
    return isinstance(value, tuple) and not hasattr(value, "_fields") and UNKNOWN in value
