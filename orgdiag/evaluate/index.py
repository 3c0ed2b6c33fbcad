"""Indexes for `each x in SET where … x.f = y …`: only those members are tried that can satisfy it.

The condition is still evaluated for each of them; an index only leaves out members for which a part
of the condition is certainly false.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import NONE, Unknown
from orgdiag.rule.typed import Expr

Free = Callable[[Expr], frozenset[int]]
_KEYED = frozenset({"reference", "word", "text"})


class Join(NamedTuple):
    """One equality between a member and the rest: an expression of each side."""

    inner: Expr
    outer: Expr


def joins(condition: Expr, slot: int, free: Free) -> tuple[Join, ...]:
    """Equalities of which one must hold for the condition to hold; none when no index helps."""
    if condition.op == "all-of":
        for part in condition.args:
            found = joins(part, slot, free)
            if found:
                return found
        return ()
    if condition.op == "any-of":
        every = [joins(part, slot, free) for part in condition.args]
        return tuple(join for found in every for join in found) if all(every) else ()
    if condition.op in {"member", "meets"} or _equality(condition):
        left, right = (arg for arg in condition.args if isinstance(arg, Expr))
        for inner, outer in ((left, right), (right, left)):
            fits = free(inner) == {slot} and slot not in free(outer)
            if fits and inner.type.base in _KEYED and outer.type.base in _KEYED:
                return (Join(inner, outer),)
    return ()


def _equality(condition: Expr) -> bool:
    return condition.op == "compare" and condition.args[1] == "="


class Index:
    """The members of a set by the values of an expression about each.

    `loose` are the places of the members for which the value is not fully known.
    """

    __slots__ = ("by_value", "loose")

    def __init__(self, values: Iterable[Any]) -> None:
        self.by_value: dict[Any, list[int]] = {}
        self.loose: list[int] = []
        for place, value in enumerate(values):
            keys = keys_of(value)
            if keys is None:
                self.loose.append(place)
            else:
                for key in keys:
                    self.by_value.setdefault(key, []).append(place)

    def places(self, value: Any) -> Iterator[int] | None:
        """The places of the members that may share a value; None when any may."""
        keys = keys_of(value)
        if keys is None:
            return None
        return (place for key in keys for place in self.by_value.get(key, ()))


def keys_of(value: Any) -> tuple[Any, ...] | None:
    """Every value that may be meant, or None when it may be anything."""
    if isinstance(value, Members):
        return None if value.open else (*value.certain, *value.possible)
    if isinstance(value, Unknown | Quantity):
        return None
    return () if value is NONE else (value,)
