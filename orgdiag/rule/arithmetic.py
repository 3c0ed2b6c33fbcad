"""Checks sums, products and sets put together."""

from __future__ import annotations

from collections.abc import Mapping

from orgdiag.model.types import DATE, DURATION, Type
from orgdiag.rule.algebra import PRODUCTS, QUOTIENTS, as_set, comparable, plain
from orgdiag.rule.scope import Scope
from orgdiag.rule.tree import Node
from orgdiag.rule.typed import AMOUNTS, ANY, Expr, shown


class Arithmetic(Scope):
    """Checks what is computed from values."""

    __slots__ = ()

    def _add(self, node: Node) -> Expr:
        return self._sum(node, "add")

    def _subtract(self, node: Node) -> Expr:
        return self._sum(node, "subtract")

    def _sum(self, node: Node, op: str) -> Expr:
        left, right = self.value(node.part(0)), self.value(node.part(1))
        if ANY in (left.type, right.type):
            return self.made(node, "error", ANY)
        a, b = plain(left.type.base), plain(right.type.base)
        if left.type.many or right.type.many:
            help = "join sets with `union`, take away with `without`"
            return self.mistake(node, "sets are not added or subtracted", help)
        if a == b == "date" and op == "subtract":
            return self.made(node, "days-between", DURATION, left, right)
        if a == "date" and b == "duration":
            return self.made(node, "later" if op == "add" else "earlier", DATE, left, right)
        if a in AMOUNTS and comparable(left.type, right.type):
            return self.made(node, op, left.type, left, right)
        sign = "+" if op == "add" else "-"
        return self.mistake(
            node, f"{shown(left.type)} {sign} {shown(right.type)} means nothing",
            "both sides must measure the same",
        )  # fmt: skip

    def _multiply(self, node: Node) -> Expr:
        return self._product(node, "multiply", PRODUCTS, "*")

    def _divide(self, node: Node) -> Expr:
        return self._product(node, "divide", QUOTIENTS, "/")

    def _product(
        self, node: Node, op: str, table: Mapping[tuple[str, str], Type], sign: str
    ) -> Expr:
        left, right = self.value(node.part(0)), self.value(node.part(1))
        if ANY in (left.type, right.type):
            return self.made(node, "error", ANY)
        type = table.get((plain(left.type.base), plain(right.type.base)))
        if type is None or left.type.many or right.type.many:
            return self.mistake(
                node, f"{shown(left.type)} {sign} {shown(right.type)} means nothing",
                "legal: share * x, number * x, rate * duration, duration / duration, x / number",
            )  # fmt: skip
        return self.made(node, op, type, left, right)

    def _negate(self, node: Node) -> Expr:
        inner = self.value(node.part(0))
        if inner.type.base in AMOUNTS and not inner.type.many:
            return self.made(node, "negate", inner.type, inner)
        if inner.type.base == "any":
            return inner
        return self.mistake(
            node,
            f"a {shown(inner.type)} has no negative",
            "write 0 - x, or turn the comparison round",
        )

    def _union(self, node: Node) -> Expr:
        return self._joined(node, "union")

    def _without(self, node: Node) -> Expr:
        return self._joined(node, "without")

    def _joined(self, node: Node, op: str) -> Expr:
        left = self.value(node.part(0))
        right = self.value(node.part(1), left.type)
        if ANY in (left.type, right.type):
            return self.made(node, "error", ANY)
        for side, part in ((left, node.part(0)), (right, node.part(1))):
            if side.type.base not in {"reference", "word", "text"}:
                return self.mistake(
                    part, f"`{op}` joins sets, not a {shown(side.type)}", "a set of one: {team}"
                )
        mixing = op == "union" and left.type.base == right.type.base == "reference"
        if not mixing and not comparable(left.type, right.type):
            return self.mistake(
                node,
                f"{shown(left.type)} and {shown(right.type)} share nothing",
                "both sets must hold the same kind",
            )
        kinds = tuple(dict.fromkeys((*left.type.kinds, *right.type.kinds)))
        type = Type(left.type.base, left.type.words, kinds, many=True)
        return self.made(node, op, type, as_set(left), as_set(right))
