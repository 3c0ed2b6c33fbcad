"""Conditions as closures that return `NO`, `MAYBE` or `SURE`."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import Final

from orgdiag.evaluate import values
from orgdiag.evaluate.arithmetic import operation
from orgdiag.evaluate.frame import Frame
from orgdiag.evaluate.run import Code, Env
from orgdiag.partial import comparison
from orgdiag.partial.certainty import MAYBE, NO, SURE
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.sets import meeting, membership
from orgdiag.partial.unknown import NONE, Unknown
from orgdiag.rule.typed import AMOUNTS, Expr


class Conditions(Frame):
    """Compiles what holds or does not hold."""

    def _compare(self, expr: Expr) -> Code:
        left, sign, right = expr.args
        a, b = self._sides(left, right)
        compare = comparing(left, sign)
        if right.op not in _FIXED:
            return lambda env: compare(a(env), b(env))
        fixed = b([])
        if isinstance(fixed, str):
            return _equal(a, fixed, *((SURE, NO) if sign == "=" else (NO, SURE)))
        return lambda env: compare(a(env), fixed)

    def _sides(self, left: Expr, right: Expr) -> tuple[Code, Code]:
        """Both sides of a comparison, times what makes the constant factors in them whole.

        Where `a < b * 60%`, `a * 5 < b * 3`: whole numbers are compared many times faster.
        """
        times = lcm(*(factor.denominator for factor in map(self._factor, (left, right)) if factor))
        if times == 1:
            return self.code(left), self.code(right)
        return self._multiple(left, times), self._multiple(right, times)

    def _factor(self, expr: Expr) -> Fraction | None:
        """The exact positive constant by which an amount is multiplied, if that is what it is."""
        factor = self.code(expr.expr(1))([]) if _by_constant(expr) else None
        if factor is None or not factor.exact or factor.low <= 0:
            return None
        return Fraction(factor.low)

    def _multiple(self, expr: Expr, times: int) -> Code:
        """An amount so many times; a constant factor in it is multiplied at once."""
        factor = self._factor(expr)
        amount = self.code(expr) if factor is None else self.code(expr.expr(0))
        several = Quantity.of(times if factor is None else int(factor * times))
        if expr.op in _FIXED:
            fixed = amount([]) * several
            return lambda env: fixed
        return operation("multiply", amount, lambda env: several)

    def _member(self, expr: Expr) -> Code:
        item, members = self.code(expr.expr(0)), self.code(expr.expr(1))
        if expr.expr(1).op == "set" and all(arg.op == "word" for arg in expr.expr(1).args):
            fixed = frozenset(arg.args[0] for arg in expr.expr(1).args)

            def word_in(env: Env) -> int:
                word = item(env)
                if word.__class__ is Unknown:
                    return MAYBE
                return SURE if word in fixed else NO

            return word_in
        return lambda env: membership(item(env), members(env))

    def _meets(self, expr: Expr) -> Code:
        left, right = self.code(expr.expr(0)), self.code(expr.expr(1))
        return lambda env: meeting(left(env), right(env))

    def _like(self, expr: Expr) -> Code:
        text, pattern = self.code(expr.expr(0)), expr.args[1]
        return lambda env: values.like(text(env), pattern)

    def _not(self, expr: Expr) -> Code:
        inner = self.code(expr.expr(0))
        return lambda env: SURE - inner(env)

    def _all_of(self, expr: Expr) -> Code:
        parts = self.codes(expr.args)
        if len(parts) == 2:
            return _both(*parts)

        def all_of(env: Env) -> int:
            result = SURE
            for part in parts:
                verdict = part(env)
                if verdict < result:
                    if not verdict:
                        return NO
                    result = verdict
            return result

        return all_of

    def _any_of(self, expr: Expr) -> Code:
        parts = self.codes(expr.args)

        def any_of(env: Env) -> int:
            result = NO
            for part in parts:
                verdict = part(env)
                if verdict > result:
                    if verdict == SURE:
                        return SURE
                    result = verdict
            return result

        return any_of

    def _stated(self, expr: Expr) -> Code:
        base, word = self.code(expr.expr(0)), expr.args[1]

        def stated(env: Env) -> int:
            element = base(env)
            if isinstance(element, Unknown):
                return MAYBE
            return SURE * (element is not NONE and word in getattr(element, "places", ()))

        return stated

    def _known(self, expr: Expr) -> Code:
        inner = self.code(expr.expr(0))
        if expr.expr(0).type.base == "flag" and not expr.expr(0).type.many:
            return lambda env: SURE * (inner(env) != MAYBE)
        return lambda env: values.known(inner(env))

    def _empty(self, expr: Expr) -> Code:
        inner, empty = self.code(expr.expr(0)), values.empty
        return lambda env: empty(inner(env))

    def _of_kind(self, expr: Expr) -> Code:
        base, kind = self.code(expr.expr(0)), expr.args[1]

        def of_kind(env: Env) -> int:
            element = base(env)
            if isinstance(element, Unknown):
                return MAYBE
            return SURE * (element is not NONE and element.kind == kind)

        return of_kind

    def _flagged(self, expr: Expr) -> Code:
        base, rule, verdict = self.code(expr.expr(0)), expr.args[1], self.run.verdict

        def flagged(env: Env) -> int:
            element = base(env)
            if element.__class__ is Unknown:
                return MAYBE
            if element is NONE:
                return NO
            return verdict(rule, element)

        return flagged


def _by_constant(expr: Expr) -> bool:
    return expr.op == "multiply" and expr.expr(1).op in {"number", "param"}


_FIXED: Final = frozenset({"number", "param", "word", "text", "date"})


def _both(first: Code, second: Code) -> Code:
    """Whether two conditions hold, the usual number."""

    def both(env: Env) -> int:
        verdict: int = first(env)
        if not verdict:
            return NO
        other: int = second(env)
        if other < verdict:  # a third of what `min` costs
            return other
        return verdict

    return both


def _equal(value: Code, fixed: str, yes: int, no: int) -> Code:
    """The comparison with a word or text."""

    def equal(env: Env) -> int:
        found = value(env)
        if found.__class__ is Unknown:
            return MAYBE
        return yes if found == fixed else no

    return equal


def comparing(left: Expr, sign: str) -> comparison.Compared:
    """How two values of a type are compared."""
    if left.type.base in AMOUNTS:
        return comparison.AMOUNTS[sign]
    return comparison.DAYS[sign] if left.type.base == "date" else comparison.THINGS[sign]
