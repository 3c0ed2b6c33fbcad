"""Sums, differences, products, quotients and days as closures."""

from __future__ import annotations

from typing import Any

from orgdiag.evaluate import values
from orgdiag.evaluate.frame import Frame
from orgdiag.evaluate.run import Code, Env
from orgdiag.partial.quantity import Quantity, ratio
from orgdiag.rule.typed import Expr


class Arithmetic(Frame):
    """Compiles what is computed from amounts and days."""

    def _arithmetic(self, expr: Expr) -> Code:
        return operation(expr.op, self.code(expr.expr(0)), self.code(expr.expr(1)))

    _add = _subtract = _multiply = _divide = _arithmetic

    def _negate(self, expr: Expr) -> Code:
        inner, zero = self.code(expr.expr(0)), Quantity.of(0)
        return operation("subtract", lambda env: zero, inner)

    def _elapsed_day(self) -> Any:
        return ratio(self.calendar.week.value, 7)

    def _days_between(self, expr: Expr) -> Code:
        later, earlier = self.code(expr.expr(0)), self.code(expr.expr(1))
        day = self._elapsed_day()
        return lambda env: values.days_between(later(env), earlier(env), day)

    def _later(self, expr: Expr) -> Code:
        return self._shifted(expr, 1)

    def _earlier(self, expr: Expr) -> Code:
        return self._shifted(expr, -1)

    def _shifted(self, expr: Expr, sign: int) -> Code:
        start, by, day = self.code(expr.expr(0)), self.code(expr.expr(1)), self._elapsed_day()
        return lambda env: values.shifted(start(env), by(env), day, sign)


def operation(op: str, left: Code, right: Code) -> Code:
    """The sum, difference, product or quotient; nothing stays nothing, unknown stays unknown."""
    compute = values.OPERATIONS[op]

    def computed(env: Env) -> Any:
        a, b = left(env), right(env)
        if a.__class__ is b.__class__ is Quantity:
            return compute(a, b)
        return values.uncomputed(a, b)

    return computed
