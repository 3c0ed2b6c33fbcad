"""Frozen values that cost a run little to define and to make: dataclasses, and named tuples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Final, TypeVar, dataclass_transform

T = TypeVar("T")

# `made(Name, (a, b))` is `Name(a, b)` of a `NamedTuple` without the call of a function that this
# takes, which is half of what it costs. All attributes are given, in order. It is for what a run
# makes by the ten thousands.
made: Final = tuple.__new__


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """A decorator: a slotted dataclass to which nobody assigns; it equals only itself.

    The type checker refuses assignments, so that a run need not. For `dataclass(frozen=True)` the
    standard library compiles six methods; a run defines a hundred such classes and makes values of
    half of them. Here it compiles one, and only when the first value is made: `check` of a small
    model would otherwise execute a tenth more instructions.
    """
    made: Any = dataclass(init=False, eq=False, repr=False, slots=True)(cls)

    def first(self: T, *args: Any, **named: Any) -> None:
        made.__init__ = _init(made)
        made.__init__(self, *args, **named)

    made.__init__ = first
    kept: type[T] = made
    return kept


def _init(made: Any) -> Callable[..., None]:
    """The `__init__` of a dataclass, as the standard library writes it."""
    known: dict[str, Any] = {"__unset__": MISSING}  # no field has such a name
    head, body = ["self"], ["pass"]
    for one in fields(made):
        name, given, value = one.name, "", one.name
        if one.default_factory is not MISSING:
            known[f"__of_{name}__"], given = one.default_factory, "=__unset__"
            value = f"__of_{name}__() if {name} is __unset__ else {name}"
        elif one.default is not MISSING:
            known[f"__of_{name}__"], given = one.default, f"=__of_{name}__"
        if one.init:
            head.append(name + given)
            body.append(f"self.{name} = {value}")
    text = f"def __init__({', '.join(head)}):\n  " + "\n  ".join(body)
    exec(text, known)  # noqa: S102 (the names of our own fields)
    init: Callable[..., None] = known["__init__"]
    return init
