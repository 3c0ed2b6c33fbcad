"""Every name in an element that means another element: one walk that reads, one that replaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any, Final, TypeVar

from orgdiag.frozen import made
from orgdiag.model.elements import Change, Element, Handoff, Interaction, Need, Step, Stream
from orgdiag.model.form import Form
from orgdiag.model.parts import Deploy
from orgdiag.model.schema import schema
from orgdiag.model.types import Ref
from orgdiag.partial.unknown import UNKNOWN, Unwritten

E = TypeVar("E", bound=Element)
Other = Callable[[Ref], Ref | Unwritten]

# What the schema does not say: the attributes of elements that hold names, and of which kind.
_NAMES: Final[Mapping[type, Mapping[str, str]]] = MappingProxyType({
    Need: {"team": "team", "provider": "team", "capability": "capability"},
    Handoff: {"stream": "stream", "from_": "step", "to": "step"},
    Step: {"stream": "stream"},
    Stream: {"steps": "step"},
    Interaction: {"first": "team", "second": "team"},
})  # fmt: skip
# Whether a component is deployed with another one or by a train decides what its name means.
_DEPLOYED: Final = {"with": "component", "train": "coordination"}


def references(element: Element) -> list[Ref | Unwritten]:
    """Every reference in an element, those to what it stands in too; `UNKNOWN` for an unknown one.

    Names in acceptances are none: they are about findings.
    """
    found: list[Ref | Unwritten] = []
    cls: Any = type(element)
    for attribute, kind in _held(cls).items():
        value = getattr(element, attribute)
        if value is not None and value != ():
            _find(value, kind, found)
    return found


def _find(value: Any, kind: str, found: list[Ref | Unwritten]) -> None:
    cls = value.__class__
    if cls is tuple:
        for item in value:
            _find(item, kind, found)
    elif cls is str:
        if kind and value:
            found.append(made(Ref, (kind, value)))
    elif value is UNKNOWN or cls is Ref:
        found.append(value)
    elif isinstance(value, Element):
        found += references(value)
    elif isinstance(value, tuple):
        for name, of in _names_in(value).items():
            _find(getattr(value, name), of, found)


def map_references(element: E, other: Other) -> E:
    """The element with another reference for each; itself when that changes nothing.

    What is named twice in a list after it is named once.
    """
    changed: dict[str, Any] = {}
    cls: Any = type(element)
    for attribute, kind in _held(cls).items():
        old = getattr(element, attribute)
        if old is not None and old != ():
            new = _other(old, kind, other)
            if new != old:
                changed[attribute] = new
    if isinstance(element, Need) and isinstance(changed.get("capability"), str):
        changed["what"] = changed["capability"]  # a need is called after its capability
    return replace(element, **changed) if changed else element


@cache
def _held(cls: Any) -> Mapping[str, str]:
    """The attributes in which a reference may stand, each with the kind of plain names in it."""
    kinds = {
        prop.attribute: prop.type.kinds[0] for prop in schema(cls.kind).values() if prop.type.kinds
    }
    forms = {p.attribute: "" for p in schema(cls.kind).values() if p.form and _may_name(p.form)}
    planned = {"operations": ""} if cls is Change else {}
    return {**forms, **kinds, **_NAMES.get(cls, {}), **planned}


def _may_name(form: Form) -> bool:
    """Whether what a statement makes may hold a reference: it is an element, or a part with one."""
    return bool(form.element or (form.makes is not None and names_of(form.makes)))


def _other(value: Any, kind: str, other: Other) -> Any:
    """What stands for a value: a name of that kind, a reference, parts with names, or many."""
    if isinstance(value, Ref):
        return other(value)
    if isinstance(value, str) and value and kind:
        new = other(Ref(kind, value))
        return new.id if isinstance(new, Ref) else new
    if isinstance(value, Element):
        return map_references(value, other)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        part: Any = value
        return part._replace(**{
            name: _other(getattr(part, name), of, other) for name, of in _names_in(part).items()
        })  # fmt: skip
    if isinstance(value, tuple):
        items = [_other(item, kind, other) for item in value]
        return tuple(dict.fromkeys(items)) if kind else tuple(items)
    return value


def _names_in(part: Any) -> Mapping[str, str]:
    """The attributes of a part that hold names, and of which kind."""
    if isinstance(part, Deploy):
        return {"target": _DEPLOYED.get(part.how, "")}
    cls: Any = type(part)
    return names_of(cls)


@cache
def names_of(part: Any) -> Mapping[str, str]:
    """The attributes of a class of parts that are annotated as names, each with the kind.

    The kind is "" for references, which know it.
    """
    return {
        attribute: note.kinds[0] if len(note.kinds) == 1 else ""
        for attribute, hint in part.__annotations__.items()
        for note in getattr(hint, "__metadata__", ())
    }
