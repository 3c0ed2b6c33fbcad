"""The schema: the properties of each kind, read from the annotations of its fields."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from types import MappingProxyType
from typing import Any, Final, get_args

from orgdiag.frozen import frozen
from orgdiag.model.elements import ELEMENTS, Element
from orgdiag.model.form import Form
from orgdiag.model.types import Denial, Inverse, Type
from orgdiag.partial.unknown import Nothing


@frozen
class Property:
    """One word that may be written in an element of a kind.

    `word` is how it is written, `attribute` the dataclass field, `default` what leaving it out
    means, `inverse` the name of the relation in the other direction, `nothing` whether `none` may
    be written where it is neither an empty list nor a zero, `form` how it is written when that is
    not simply its value, `denial` the word that says no to it.
    """

    kind: str
    word: str
    attribute: str
    type: Type
    doc: str
    default: object
    inverse: str | None = None
    nothing: bool = False
    form: Form | None = None
    denial: str | None = None


# A group's, step's and coordination's `kind` lives in the attribute `type`.
_KIND_IS_TYPE: Final = frozenset({"group", "step", "coordination"})


@cache
def schema(kind: str) -> Mapping[str, Property]:
    """The properties of a kind by the word under which they are written; "" for what all have."""
    cls = ELEMENTS[kind] if kind else Element
    found = {}
    for item in fields(cls):
        notes = getattr(item.type, "__metadata__", ())
        if not notes:
            continue
        more: dict[str, Any] = {}
        for note in notes[2:]:
            if isinstance(note, Inverse):
                more["inverse"] = note.name
            elif isinstance(note, Denial):
                more["denial"] = note.word
            else:
                more["form"] = note
        word = item.name.rstrip("_").replace("_", "-")
        if word == "type" and kind in _KIND_IS_TYPE:
            word = "kind"
        default = None if item.default is MISSING else item.default
        nothing = Nothing in get_args(get_args(item.type)[0])
        found[word] = Property(
            kind, word, item.name, notes[0], notes[1], default, nothing=nothing, **more
        )
    return MappingProxyType(found)
