"""Conditions as closures that return `NO`, `MAYBE` or `SURE`."""

from __future__ import annotations

from orgdiag.evaluate import values
from orgdiag.evaluate.frame import Frame
from orgdiag.evaluate.run import Code, Env
from orgdiag.evaluate.values import MAYBE, NO, SURE
from orgdiag.quantity import NONE, Unknown
from orgdiag.rule.typed import AMOUNTS, Expr


class Conditions(Frame):
    """Compiles what holds or does not hold."""

    def _compare(self, expr: Expr) -> Code:
        left, sign, right = expr.args
        a, b = self.code(left), self.code(right)
        compare = comparison(left, sign)
        if right.op in {"number", "param", "word", "text", "date"}:
            fixed = b([])
            return lambda env: compare(a(env), fixed)
        return lambda env: compare(a(env), b(env))

    def _member(self, expr: Expr) -> Code:
        item, members = self.code(expr.expr(0)), self.code(expr.expr(1))
        if expr.expr(1).op == "set" and all(arg.op == "word" for arg in expr.expr(1).args):
            fixed = frozenset(arg.args[0] for arg in expr.expr(1).args)

            def word_in(env: Env) -> int:
                word = item(env)
                if isinstance(word, Unknown):
                    return MAYBE
                return SURE if word in fixed else NO

            return word_in
        return lambda env: values.member(item(env), members(env))

    def _meets(self, expr: Expr) -> Code:
        left, right = self.code(expr.expr(0)), self.code(expr.expr(1))
        return lambda env: values.meets(left(env), right(env))

    def _like(self, expr: Expr) -> Code:
        text, pattern = self.code(expr.expr(0)), expr.args[1]
        return lambda env: values.like(text(env), pattern)

    def _not(self, expr: Expr) -> Code:
        inner = self.code(expr.expr(0))
        return lambda env: SURE - inner(env)

    def _all_of(self, expr: Expr) -> Code:
        parts = self.codes(expr.args)

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
        inner = self.code(expr.expr(0))
        return lambda env: values.empty(inner(env))

    def _of_kind(self, expr: Expr) -> Code:
        base, kind = self.code(expr.expr(0)), expr.args[1]

        def of_kind(env: Env) -> int:
            element = base(env)
            if isinstance(element, Unknown):
                return MAYBE
            return SURE * (element is not NONE and element.kind == kind)

        return of_kind

    def _flagged(self, expr: Expr) -> Code:
        base, rule = self.code(expr.expr(0)), expr.args[1]

        def flagged(env: Env) -> int:
            element = base(env)
            if isinstance(element, Unknown):
                return MAYBE
            if element is NONE:
                return NO
            verdict: int = env[0].verdict(rule, element)
            return verdict

        return flagged


def comparison(left: Expr, sign: str) -> values.Compared:
    """How two values of a type are compared."""
    if left.type.base in AMOUNTS:
        return values.AMOUNTS[sign]
    return values.DAYS[sign] if left.type.base == "date" else values.THINGS[sign]
