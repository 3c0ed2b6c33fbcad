"""Relations followed on and on, as closures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orgdiag.evaluate import values
from orgdiag.evaluate.fields import Fields
from orgdiag.evaluate.reach import Reach
from orgdiag.evaluate.run import Code, Env, Run
from orgdiag.evaluate.values import MAYBE, NO
from orgdiag.quantity import NONE, Members, Unknown
from orgdiag.rule.typed import Expr, is_set


class Graphs(Fields):
    """Compiles graph questions."""

    def _reach(self, kind: str, relation: str) -> Callable[[Run], Reach]:
        key = ("reach", kind, relation)
        whole, lead = self.whole(kind), self.reader((kind,), relation)

        def reach(run: Run) -> Reach:
            if key not in run.memo:
                facts = run.facts
                elements = whole([run]).certain

                def read(element: Any) -> Members:
                    found = lead(facts, element)
                    return found if isinstance(found, Members) else values.single(found)

                run.memo[key] = Reach(elements, read, run.spend)
            found: Reach = run.memo[key]
            return found

        return reach

    def _closure(self, expr: Expr) -> Code:
        base, kind, relation = expr.args
        start, reach = self.code(base), self._reach(kind, relation)
        if not is_set(base.type):

            def of_one(env: Env) -> Members:
                element = start(env)
                if isinstance(element, Unknown) or element is NONE:
                    return values.single(element)
                return reach(env[0]).closure(element)

            return of_one

        def of_many(env: Env) -> Members:
            members: Members = start(env)
            closure = reach(env[0]).closure
            parts = [(closure(x), True) for x in members.certain]
            parts += [(closure(x), False) for x in members.possible]
            env[0].spend(sum(len(part.certain) + len(part.possible) for part, _ in parts))
            return values.joined(parts, members, True)

        return of_many

    def _reaches(self, expr: Expr) -> Code:
        first, second, kind, relation = expr.args
        start, end, reach = self.code(first), self.code(second), self._reach(kind, relation)

        def reaches(env: Env) -> int:
            a, b = start(env), end(env)
            if a is NONE or b is NONE:
                return NO
            if isinstance(a, Unknown) or isinstance(b, Unknown):
                return MAYBE
            return values.member(b, reach(env[0]).closure(a))

        return reaches

    def _depth(self, expr: Expr) -> Code:
        base, kind, relation = expr.args
        start, reach = self.code(base), self._reach(kind, relation)
        explaining = self.explain is not None

        def depth(env: Env) -> Any:
            element = start(env)
            if element is NONE:
                return NONE
            if isinstance(element, Unknown):
                return values.unknown_amount(element.missing)
            return reach(env[0]).depth(element, explaining)

        return depth

    def _cycles(self, expr: Expr) -> Code:
        kind, relation = expr.args
        reach, key = self._reach(kind, relation), ("cycles", kind, relation)

        def cycles(env: Env) -> Members:
            run = env[0]
            if key not in run.memo:
                run.memo[key] = reach(run).cycles()
            found: Members = run.memo[key]
            return found

        return cycles
