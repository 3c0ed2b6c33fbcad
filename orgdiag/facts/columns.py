"""An organisation together with a memory of what was derived from it, and the words for it.

A derived function takes `(facts, element)`, is computed once per element, and is at once Python and
a field of the rules language: `@relation` writes the field on the function, and there the catalogue
finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial, wraps
from operator import attrgetter
from types import FunctionType, ModuleType
from typing import Any, ClassVar, Final, Protocol, TypeVar

from orgdiag.model.elements import Org
from orgdiag.model.fields import Field
from orgdiag.model.types import Type

R = TypeVar("R")
E = TypeVar("E")


class Derived(Protocol):
    """What the classes of derived values share."""

    kind: ClassVar[str]


C = TypeVar("C", bound=Derived)
D = TypeVar("D", bound=Callable[..., Any])


class Column(dict[Any, Any]):
    """The results of one derived function by element; one that is missing is computed."""

    __slots__ = ("compute", "facts")

    def __init__(self, facts: Facts, compute: Callable[[Facts, Any], Any]) -> None:
        self.facts = facts
        self.compute = compute

    def __missing__(self, element: Any) -> Any:
        found = self[element] = self.compute(self.facts, element)
        return found


class _Columns(dict[Callable[["Facts", Any], Any], Column]):
    """The columns of an organisation by the function that fills them."""

    __slots__ = ("facts",)

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def __missing__(self, compute: Callable[[Facts, Any], Any]) -> Column:
        column = self[compute] = Column(self.facts, compute)
        return column


class Facts:
    """What is known of one organisation.

    org       the elements
    columns   what was derived of each element, by the function that derives it
    wholes    what was derived of the whole organisation, by the function that derives it
    """

    __slots__ = ("columns", "org", "wholes")

    def __init__(self, org: Org) -> None:
        self.org = org
        self.columns: Mapping[Callable[[Facts, Any], Any], Column] = _Columns(self)
        self.wholes: dict[object, Any] = {}

    @property
    def as_of(self) -> date | None:
        """The day that everything about time is held against."""
        return self.org.as_of


Shorter = Callable[[Facts], Callable[[Any], Any]]

# What is written on functions and classes: the fields that they declare, and how a field is read
# once the facts are given, where that is shorter than to call it with them.
_DECLARED: Final = "__declares__"
_SHORTER: Final = "__shorter__"
_DECLARING: Final = (FunctionType, type)


def declares(item: D, *fields: Field) -> D:
    """The same function or class, on which these fields are written too."""
    setattr(item, _DECLARED, (*vars(item).get(_DECLARED, ()), *fields))
    return item


def declared(module: ModuleType) -> Iterator[Field]:
    """The fields that the functions and classes of a module declare, and those in its tuples."""
    for item in vars(module).values():
        if item.__class__ is tuple:
            for part in item:
                yield from getattr(part, _DECLARED, ())
        elif isinstance(item, _DECLARING) and item.__module__ == module.__name__:
            yield from getattr(item, _DECLARED, ())


def of_each(facts: Facts, read: Callable[[Facts, Any], Any]) -> Callable[[Any], Any]:
    """What a field says, as a function of the element alone."""
    shorter: Shorter | None = getattr(read, _SHORTER, None)
    return partial(read, facts) if shorter is None else shorter(facts)


def memoised(function: Callable[[Facts, E], R]) -> Callable[[Facts, E], R]:
    """The same function, computed once for each element."""

    @wraps(function)
    def remembered(facts: Facts, element: E) -> R:
        found: R = facts.columns[function][element]
        return found

    setattr(remembered, _SHORTER, lambda facts: facts.columns[function].__getitem__)
    return remembered


def index(function: Callable[[Facts], R]) -> Callable[[Facts], R]:
    """The same function of a whole organisation, computed once."""

    @wraps(function)
    def remembered(facts: Facts) -> R:
        try:
            found: R = facts.wholes[function]
        except KeyError:
            found = facts.wholes[function] = function(facts)
        return found

    return remembered


def relation(
    kind: str, name: str, type: Type, doc: str = "", unit: str = "", kept: bool = True
) -> Callable[[Callable[[Facts, Any], R]], Callable[[Facts, Any], R]]:
    """A decorator that remembers results and makes the function a field of the rules language.

    Without `doc` the first line of the docstring says what the field means. What is found as fast
    as it is looked up need not be `kept`; what makes new elements must be.
    """

    def declare(function: Callable[[Facts, Any], R]) -> Callable[[Facts, Any], R]:
        remembered = memoised(function) if kept else function
        field = Field(kind, name, type, doc or function, remembered, "relation", unit)
        return declares(remembered, field)

    return declare


def held(
    attribute: str, holds: type, otherwise: Callable[[Any], Any]
) -> Callable[[Facts, Any], Any]:
    """The field whose value is what the attribute holds, if that is of the type; else computed."""
    fetch = attrgetter(attribute)

    def of_one(element: Any) -> Any:
        value = fetch(element)
        return value if value.__class__ is holds else otherwise(element)

    def field(_: Facts, element: Any) -> Any:
        return of_one(element)

    setattr(field, _SHORTER, lambda _: of_one)
    return field


def entity(cls: type[C]) -> type[C]:
    """A decorator that makes the annotated attributes of a derived value fields of its kind.

    The class has `kind`, `id` and `span`, as an element has; each further attribute that rules may
    read is annotated with its type and meaning. Its module lets annotations be evaluated as they
    stand: a run would spend more on texts of them than on the classes.
    """
    fields = []
    for attribute, hint in cls.__annotations__.items():
        notes = getattr(hint, "__metadata__", ())
        if notes:
            word = attribute.rstrip("_").replace("_", "-")
            read = _attribute(attribute)
            fields.append(Field(cls.kind, word, notes[0], notes[1], read, "relation"))
    return declares(cls, *fields)


def _attribute(name: str) -> Callable[[Facts, Any], Any]:
    read = attrgetter(name)

    def field(_: Facts, value: Any) -> Any:
        return read(value)

    setattr(field, _SHORTER, lambda _: read)
    return field
