"""Checked expressions: every node knows its type, and the whole can be kept as plain data."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from orgdiag.frozen import made
from orgdiag.model.types import FLAG, NUMBER, Type

RATIO: Final = Type("ratio")
ANY: Final = Type("any")
AMOUNTS: Final = frozenset({"number", "duration", "cadence", "share", "rate", "effort", "ratio"})


class Expr(NamedTuple):
    """One operation on values.

    op           what is done (see `rule.check` for the list)
    type         the type of the result
    args         expressions, words and numbers, as the operation wants them
    start, end   the place in the source, as offsets
    """

    op: str
    type: Type
    args: tuple[Any, ...] = ()
    start: int = 0
    end: int = 0

    def expr(self, index: int) -> Expr:
        """The argument at an index, which is an expression."""
        found: Expr = self.args[index]
        return found


TRUE: Final = Expr("true", FLAG)
ONE: Final = Expr("number", NUMBER, ("1",))


def is_set(type: Type) -> bool:
    """Whether values of the type are sets or lists."""
    return type.many


def one_of(type: Type) -> Type:
    """The type of a member."""
    return Type(type.base, type.words, type.kinds)


def many_of(type: Type) -> Type:
    """The type of a set of such members."""
    return Type(type.base, type.words, type.kinds, many=True)


def element_of(*kinds: str) -> Type:
    """The type of an element of one of the kinds."""
    return Type("reference", kinds=kinds)


def shown(type: Type) -> str:
    """The type as messages name it."""
    name = {
        "reference": " or ".join(kind.replace("cycle:", "cycle of ") for kind in type.kinds),
        "flag": "yes/no",
        "effort": "duration per month",
        "ratio": "plain ratio",
        "cadence": "duration",
    }.get(type.base, type.base)
    return f"set of {name}" if type.many else name


# --- as plain data --------------------------------------------------------------------------------


class Packer:
    """Expressions as lists that JSON can hold; each type is written once, in `types`."""

    def __init__(self) -> None:
        self.types: list[Type] = []
        self._seen: dict[Type, int] = {}

    def type(self, type: Type) -> int:
        """The number of the type in `types`."""
        if type not in self._seen:
            self._seen[type] = len(self.types)
            self.types.append(type)
        return self._seen[type]

    def expr(self, expr: Expr) -> list[Any]:
        """The expression as a list."""
        args = [self.expr(arg) if isinstance(arg, Expr) else arg for arg in expr.args]
        return [expr.op, self.type(expr.type), args, expr.start, expr.end]


class Unpacker:
    """Expressions from the lists of a `Packer`."""

    def __init__(self, types: tuple[Type, ...]) -> None:
        self.types = types

    def expr(self, data: list[Any]) -> Expr:
        """The expression that a list holds."""
        op, type, args, start, end = data
        parts = tuple([self.expr(arg) if arg.__class__ is list else arg for arg in args])
        return made(Expr, (op, self.types[type], parts, start, end))
