"""Relations followed on and on, as closures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orgdiag.evaluate.fields import Fields
from orgdiag.evaluate.reach import Reach
from orgdiag.evaluate.run import Code, Env
from orgdiag.partial import amounts
from orgdiag.partial.certainty import MAYBE, NO, SURE
from orgdiag.partial.members import Members
from orgdiag.partial.sets import joined, single
from orgdiag.partial.unknown import NONE, Unknown
from orgdiag.rule.typed import Expr, is_set


class Graphs(Fields):
    """Compiles graph questions."""

    def _reach(self, kind: str, relation: str) -> Callable[[], Reach]:
        run, key = self.run, ("reach", kind, relation)
        lead = self.reader((kind,), relation)

        def read(element: Any) -> Members:
            found = lead(element)
            return found if found.__class__ is Members else single(found)

        def reach() -> Reach:
            if key not in run.memo:
                run.memo[key] = Reach(self.whole(kind).certain, read, run.spend)
            found: Reach = run.memo[key]
            return found

        return reach

    def _closure(self, expr: Expr) -> Code:
        base, kind, relation = expr.args
        start, reach, run = self.code(base), self._reach(kind, relation), self.run
        if not is_set(base.type):

            def of_one(env: Env) -> Members:
                element = start(env)
                if isinstance(element, Unknown) or element is NONE:
                    return single(element)
                return reach().closure(element)

            return of_one

        def of_many(env: Env) -> Members:
            members: Members = start(env)
            found = [reach().closure(element) for element in members.every()]
            run.spend(sum(len(part.certain) + len(part.possible) for part in found))
            return joined(found, members, True, len(members.certain))

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
            sure, possible = reach().reaches(a, b)
            return SURE if sure else MAYBE if possible else NO

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
                return amounts.unknown(element.missing)
            return reach().depth(element, explaining)

        return depth

    def _cycles(self, expr: Expr) -> Code:
        kind, relation = expr.args
        reach, memo, key = self._reach(kind, relation), self.run.memo, ("cycles", kind, relation)

        def cycles(_: Env) -> Members:
            if key not in memo:
                memo[key] = reach().cycles()
            found: Members = memo[key]
            return found

        return cycles
