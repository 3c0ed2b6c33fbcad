"""Frozen values: dataclasses that cost a run little to define and to make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


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
        # What a subclass without fields of its own needs is what the class needs.
        inner: Any = type(made.__name__, (made,), {"__doc__": made.__doc__})
        made.__init__ = dataclass(eq=False, repr=False)(inner).__init__
        made.__init__(self, *args, **named)

    made.__init__ = first
    kept: type[T] = made
    return kept
