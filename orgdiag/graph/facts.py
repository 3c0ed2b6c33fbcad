"""An organisation together with a memory of what was derived from it, and the words for it.

A derived function takes `(facts, element)`, is computed once per element, and is at once Python and
a field of the rules language: `@relation` writes it into `FIELDS`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from operator import attrgetter
from typing import Any, ClassVar, Final, Protocol, TypeVar, get_type_hints

from orgdiag.model import Field, Org, Type

R = TypeVar("R")
E = TypeVar("E")


class Derived(Protocol):
    """What the classes of derived values share."""

    kind: ClassVar[str]


C = TypeVar("C", bound=Derived)


class Facts:
    """What is known of one organisation.

    org    the elements
    memo   what was derived so far: for each function its results, by element
    """

    __slots__ = ("memo", "org")

    def __init__(self, org: Org) -> None:
        self.org = org
        self.memo: dict[object, dict[Any, Any]] = {}

    @property
    def as_of(self) -> date | None:
        """The day that everything about time is held against."""
        return self.org.as_of


FIELDS: Final[list[Field]] = []


def memoised(function: Callable[[Facts, E], R]) -> Callable[[Facts, E], R]:
    """The same function, computed once for each element."""

    @wraps(function)
    def remembered(facts: Facts, element: E) -> R:
        try:
            found: R = facts.memo[function][element]
        except KeyError:
            found = function(facts, element)
            facts.memo.setdefault(function, {})[element] = found
        return found

    return remembered


def index(function: Callable[[Facts], R]) -> Callable[[Facts], R]:
    """The same function of a whole organisation, computed once."""

    @wraps(function)
    def remembered(facts: Facts) -> R:
        try:
            found: R = facts.memo[function][None]
        except KeyError:
            found = function(facts)
            facts.memo[function] = {None: found}
        return found

    return remembered


def relation(
    kind: str, name: str, type: Type, doc: str = "", unit: str = ""
) -> Callable[[Callable[[Facts, Any], R]], Callable[[Facts, Any], R]]:
    """A decorator that remembers results and makes the function a field of the rules language.

    Without `doc` the first line of the docstring says what the field means.
    """

    def declare(function: Callable[[Facts, Any], R]) -> Callable[[Facts, Any], R]:
        remembered = memoised(function)
        meaning = doc or (function.__doc__ or "").strip().partition("\n")[0].rstrip(".")
        FIELDS.append(Field(kind, name, type, meaning, remembered, "relation", unit))
        return remembered

    return declare


def entity(cls: type[C]) -> type[C]:
    """A decorator that makes the annotated attributes of a derived value fields of its kind.

    The class has `kind`, `id` and `span`, as an element has; each further attribute that rules may
    read is annotated with its type and meaning.
    """
    for attribute, hint in get_type_hints(cls, include_extras=True).items():
        notes = getattr(hint, "__metadata__", ())
        if notes:
            word = attribute.rstrip("_").replace("_", "-")
            FIELDS.append(
                Field(cls.kind, word, notes[0], notes[1], _attribute(attribute), "relation")
            )
    return cls


def _attribute(name: str) -> Callable[[Facts, Any], Any]:
    read = attrgetter(name)
    return lambda facts, value: read(value)
