"""A changed organisation as sound as one that was read: it can be written, and read again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from orgdiag.model.elements import PLURALS, Change, Element, Org
from orgdiag.model.form import slots
from orgdiag.model.literals import Literals, Unwritable
from orgdiag.model.parts import Accept, Operation
from orgdiag.model.schema import Property, schema
from orgdiag.model.types import Ref, Type
from orgdiag.model.values import Units
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import UNKNOWN
from orgdiag.whatif.draft import Draft
from orgdiag.whatif.operations import name_of, verbs


def sound(draft: Draft, before: Org, done: Change) -> Org:
    """The organisation of a draft after a change, which is no plan any more.

    What other plans and acceptances say of elements that are gone is gone too. A number that no
    literal says is the nearest that one does; one without an upper bound is unknown.
    """
    draft.drop("change", done.id)
    literals = Literals(Units(before.calendar))
    touched = [kind for kind in PLURALS if draft.org.of_kind(kind) is not before.of_kind(kind)]
    for kind in touched:
        old = before.of_kind(kind)
        changed = [e for e in draft.org.of_kind(kind).values() if old.get(e.id) is not e]
        draft.put(*(_readable(element, literals) for element in changed))
    if "stream" in touched:
        _count_steps(draft)
    gone = {
        Ref(kind, id)
        for kind in touched
        for id in before.of_kind(kind)
        if id not in draft.org.of_kind(kind)
    }
    _forget(draft, gone)
    return draft.org


# --- numbers and lists ----------------------------------------------------------------------------


def _readable(element: Element, literals: Literals) -> Element:
    """The element with values that a model can say."""
    changed = {}
    for prop in schema(element.kind).values():
        old = getattr(element, prop.attribute)
        new = _said(old, prop, literals)
        if new != old:
            changed[prop.attribute] = new
    return replace(element, **changed) if changed else element


def _said(value: Any, prop: Property, literals: Literals) -> Any:
    if isinstance(value, Quantity):
        return _near(value, prop.type, literals)
    if value == (UNKNOWN,) and prop.type.many:
        return UNKNOWN
    if prop.form is None or not prop.form.adds or not isinstance(value, tuple):
        return value
    types = _types(prop)
    parts = tuple(_part(part, types, literals) for part in value)
    says_nothing = prop.form.each and len(parts) == 1 and _says_nothing(parts[0], types)
    return UNKNOWN if says_nothing else parts


def _says_nothing(part: Any, types: Iterable[str]) -> bool:
    return all(getattr(part, name) in (UNKNOWN, None) for name in types)


def _types(prop: Property) -> dict[str, Type]:
    """The types of the attributes of the parts that a form makes."""
    form = prop.form
    assert form is not None  # noqa: S101
    found = {slot.attribute: slot.type for way in form.ways for slot in slots(way.items)}
    if form.block is not None and form.block.lines is not None:
        found[form.block.lines[1]] = next(iter(form.block.types.values()))
    return found


def _part(part: Any, types: dict[str, Type], literals: Literals) -> Any:
    if isinstance(part, Element):
        return _readable(part, literals)
    held = {name: getattr(part, name, None) for name in types}
    amounts = {
        name: _near(value, types[name], literals)
        for name, value in held.items()
        if isinstance(value, Quantity)
    }
    return part._replace(**amounts) if amounts else part


def _near(quantity: Quantity, type: Type, literals: Literals) -> Any:
    """The nearest quantity that has a literal; UNKNOWN where there is none."""
    near = literals.writable(type.base, quantity)
    return UNKNOWN if isinstance(near, Unwritable) else near._replace(missing=quantity.missing)


def _count_steps(draft: Draft) -> None:
    """Gives each step its place in its stream."""
    for stream in draft.org.streams.values():
        steps = [draft.org.steps[id] for id in stream.steps]
        moved = [
            replace(step, number=number)
            for number, step in enumerate(steps)
            if step.number != number
        ]
        draft.put(*moved)


# --- what is gone ---------------------------------------------------------------------------------


def _forget(draft: Draft, gone: set[Ref]) -> None:
    """Drops what plans and acceptances say of elements that are gone."""

    def kept(accepts: tuple[Accept, ...]) -> tuple[Accept, ...]:
        return tuple(a for a in accepts if Ref(a.subject_kind or "", a.subject) not in gone)

    for kind in PLURALS:
        changed: list[Element] = []
        for element in draft.org.of_kind(kind).values():
            if not element.accepts and kind != "change":
                continue
            left: dict[str, Any] = {"accepts": kept(element.accepts)}
            if isinstance(element, Change):
                planned = element.operations
                left["operations"] = tuple(o for o in planned if _has_all(o, gone))
            if any(value != getattr(element, name) for name, value in left.items()):
                changed.append(replace(element, **left))
        draft.put(*changed)
    draft.org = replace(draft.org, accepts=kept(draft.org.accepts))


def _has_all(operation: Operation, gone: set[Ref]) -> bool:
    """Whether the elements that an operation needs are there; those that it makes may be new."""
    for way in verbs()[name_of(operation)].form.ways:
        for slot in slots(way.items):
            if slot.type.kinds:
                value = getattr(operation, slot.attribute)
                items = value if slot.type.many else (value,)
                refs = {r if isinstance(r, Ref) else Ref(slot.type.kinds[0], r) for r in items}
                if len(refs) < slot.least or not (slot.new or gone.isdisjoint(refs)):
                    return False
    return True
