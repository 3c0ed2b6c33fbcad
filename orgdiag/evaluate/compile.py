"""Checked expressions to closures over an environment.

An environment is a list: at 0 the `Run`, then the bound elements and the values of `let`s, each at
the slot that the checker gave it. A condition compiles to a function that returns `NO`, `MAYBE` or
`SURE`; any other expression to one that returns a value.

Compiled for the fast path, a set that a `where` cut out does not say which inputs it misses;
compiled for explaining, it does.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any

from orgdiag.evaluate.arithmetic import Arithmetic
from orgdiag.evaluate.conditions import Conditions
from orgdiag.evaluate.fields import lost
from orgdiag.evaluate.graphs import Graphs
from orgdiag.evaluate.loops import Loops
from orgdiag.evaluate.run import UNSET, Code, Env
from orgdiag.facts.columns import Column, Facts
from orgdiag.partial.certainty import NO, SURE, certainty
from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.sets import difference, joined, single, union
from orgdiag.partial.unknown import NONE, Unknown
from orgdiag.rule import literal
from orgdiag.rule.rule import Rule
from orgdiag.rule.typed import Expr


class Compiler(Graphs, Conditions, Arithmetic, Loops):
    """Compiles the expressions of one rule or definition."""

    def of_rule(self, rule: Rule) -> Compiler:
        """The compiler of the rule's expressions: it knows its parameters and `let`s."""
        own = Compiler(self.rules, self.catalogue, self.run, self.explain)
        own._definitions = self._definitions
        own.params = {
            name: literal.quantity(param.value, self.calendar)
            for name, param in rule.params.items()
        }
        own.lets = {let.args[0]: let.expr(2) for let in rule.part("let")}
        return own

    # --- constants and names ----------------------------------------------------------------------

    def _number(self, expr: Expr) -> Code:
        value = literal.quantity(expr.args[0], self.calendar)
        return lambda env: value

    def _param(self, expr: Expr) -> Code:
        value = self.params[expr.args[0]]
        return lambda env: value

    def _text(self, expr: Expr) -> Code:
        text = expr.args[0]
        return lambda env: text

    _word = _text

    def _date(self, expr: Expr) -> Code:
        day = literal.day_of(expr.args[0])
        return lambda env: day

    def _true(self, _: Expr) -> Code:
        return lambda env: SURE

    def _false(self, _: Expr) -> Code:
        return lambda env: NO

    def _var(self, expr: Expr) -> Code:
        return itemgetter(expr.args[0])

    def _let(self, expr: Expr) -> Code:
        slot = expr.args[0]
        if slot not in self._let_codes:
            self._let_codes[slot] = self.code(self.lets[slot])
        compute = self._let_codes[slot]

        def remembered(env: Env) -> Any:
            value = env[slot]
            if value is UNSET:
                value = env[slot] = compute(env)
            return value

        return remembered

    def _organisation(self, _: Expr) -> Code:
        org = self.facts.org
        return lambda env: org

    def _set(self, expr: Expr) -> Code:
        items = self.codes(expr.args)
        return lambda env: joined([item(env) for item in items], NOBODY)

    def _single(self, expr: Expr) -> Code:
        value = self.code(expr.expr(0))
        return lambda env: single(value(env))

    # --- definitions ----

    def _definition(self, key: str) -> Callable[[Any], Any]:
        """The body of a definition as a function of the element, remembered for each."""
        if key not in self._definitions:
            definition, run = self.rules.definitions[key], self.run
            own = Compiler(self.rules, self.catalogue, run, self.explain)
            own._definitions = self._definitions
            body = own.code(self.rules.body(definition))
            rest = [UNSET] * (definition.slots - 2)

            def value(_: Facts, element: Any) -> Any:
                run.spend(1)
                return body([run, element, *rest])

            column = Column(self.facts, value)
            run.memo["defined", key, self.explain is None] = column
            self._definitions[key] = column.__getitem__
        return self._definitions[key]

    def _worded(self, expr: Expr) -> Callable[[Any], Any]:
        """What the word says of an element: as defined for its kind, else as the facts have it."""
        base, name, *keys = expr.args
        bodies = {self.rules.definitions[key].kind: self._definition(key) for key in keys}
        if len(base.type.kinds) == 1:
            (only,) = bodies.values()
            return only
        field = self.reader([kind for kind in base.type.kinds if kind not in bodies], name)
        nothing, flag, truth = lost(expr)(NONE), expr.type.base == "flag", certainty

        def value(element: Any) -> Any:
            body = bodies.get(element.kind)
            if body is not None:
                return body(element)
            found = field(element)
            if found is NONE:
                return nothing
            return truth(found) if flag else found

        return value

    def _defined(self, expr: Expr) -> Code:
        start, body = self.code(expr.expr(0)), self._worded(expr)
        if expr.expr(0).op == "var":  # what is bound is known
            slot = expr.expr(0).args[0]
            return lambda env: body(env[slot])
        otherwise = lost(expr)

        def value(env: Env) -> Any:
            element = start(env)
            if element.__class__ is Unknown or element is NONE:
                return otherwise(element)
            return body(element)

        return value

    def _defined_path(self, expr: Expr) -> Code:
        start, body = self.code(expr.expr(0)), self._worded(expr)
        merged, run = expr.type.base in {"reference", "word"}, self.run

        def value(env: Env) -> Members:
            members: Members = start(env)
            every = (*members.certain, *members.possible)
            run.spend(len(every))
            return joined([body(x) for x in every], members, merged, len(members.certain))

        return value

    # --- sets -------------------------------------------------------------------------------------

    def _union(self, expr: Expr) -> Code:
        left, right = self.code(expr.expr(0)), self.code(expr.expr(1))
        return lambda env: union((left(env), right(env)))

    def _without(self, expr: Expr) -> Code:
        left, right = self.code(expr.expr(0)), self.code(expr.expr(1))
        return lambda env: difference(left(env), right(env))
