"""The ground of the compiler: what is known while an expression is compiled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from orgdiag.catalogue import Catalogue
from orgdiag.evaluate.run import UNSET, Code, Env, Run
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import Gaps
from orgdiag.rule.rule import RuleSet
from orgdiag.rule.typed import Expr

_NOTHING: Final[frozenset[int]] = frozenset()
_SETS: Final = frozenset({"collect", "path", "defined-path", "union", "without", "closure"})
_WORTH_KEEPING: Final = _SETS | {"quantified", "every", "call"}


class Frame:
    """What compiling an expression needs to know, and which names an expression needs.

    run       the evaluation that the functions are for
    explain   for explaining: gives the gaps of a condition in an environment; None on the fast path
    outer     slots of names that stay the same while others go round
    inner     the slot of the name that goes round for each of the others, if there are others
    """

    def __init__(
        self,
        rules: RuleSet,
        catalogue: Catalogue,
        run: Run,
        explain: Callable[[Any, Expr, Env], Gaps] | None = None,
    ) -> None:
        self.rules = rules
        self.catalogue = catalogue
        self.run = run
        self.facts = run.facts
        self.calendar = run.facts.org.calendar
        self.explain = explain
        self.outer = _NOTHING
        self.inner = _NOTHING
        self._kept: list[dict[Any, Any]] = []
        self.params: dict[str, Quantity] = {}
        self.lets: dict[int, Expr] = {}
        self._definitions: dict[str, Callable[[Any], Any]] = {}
        self._loops: dict[int, tuple[Expr, Callable[[Env], Iterator[Env]]]] = {}
        self._slots: dict[int, tuple[Expr, frozenset[int], frozenset[int]]] = {}
        self._let_codes: dict[int, Code] = {}

    def code(self, expr: Expr) -> Code:
        """The function that computes the expression.

        What mentions no name from outside itself is computed once a run; what mentions only one
        that stays the same while others go round, or that goes round for each of them, once for
        each of its elements.
        """
        method: Callable[[Expr], Code] = getattr(self, f"_{expr.op.replace('-', '_')}")
        compute = method(expr)
        if expr.op not in _WORTH_KEEPING:
            return compute
        needed = self.free(expr)
        if self._stays(needed):
            return _once_a_round(compute, *needed)
        if needed and self.explain is None and needed == self.inner:
            return self._once_an_element(compute, *needed)
        if needed:
            return compute
        memo, key = self.run.memo, ("closed", id(expr), self.explain is None)

        def once(env: Env) -> Any:
            if key not in memo:
                memo[key] = compute(env), expr
            return memo[key][0]

        return once

    def _once_an_element(self, compute: Code, slot: int) -> Code:
        """The function, computed once for each element that stands in the slot."""
        kept: dict[Any, Any] = {}
        self._kept.append(kept)

        def remembered(env: Env) -> Any:
            element = env[slot]
            value = kept.get(element, UNSET)
            if value is UNSET:
                value = kept[element] = compute(env)
            return value

        return remembered

    def forget(self) -> None:
        """Let go of what was kept while a rule was judged."""
        for kept in self._kept:
            kept.clear()

    def _stays(self, needed: frozenset[int]) -> bool:
        return self.explain is None and len(needed) == 1 and needed <= self.outer

    def free(self, expr: Expr) -> frozenset[int]:
        """The slots of the names that the expression needs from outside itself."""
        mentioned, bound = self._names(expr)
        return mentioned - bound

    def _names(self, expr: Expr) -> tuple[frozenset[int], frozenset[int]]:
        """The slots that the expression mentions, and those that it binds itself."""
        known = self._slots.get(id(expr))
        if known is not None:
            return known[1], known[2]
        mentioned, bound = _NOTHING, _NOTHING
        if expr.op == "var":
            mentioned = frozenset((expr.args[0],))
        elif expr.op == "let":
            mentioned = self.free(self.lets[expr.args[0]])
        elif expr.op == "bind":
            bound = frozenset((expr.args[0],))
        for arg in expr.args:
            if isinstance(arg, Expr):
                inner_mentioned, inner_bound = self._names(arg)
                mentioned |= inner_mentioned
                bound |= inner_bound
        self._slots[id(expr)] = expr, mentioned, bound
        return mentioned, bound

    def codes(self, exprs: Sequence[Any]) -> list[Code]:
        """The functions of several expressions."""
        return [self.code(expr) for expr in exprs]


def _once_a_round(compute: Code, slot: int) -> Code:
    """The function, computed again only when another element stands in the slot."""
    element: Any = None
    value: Any = None

    def remembered(env: Env) -> Any:
        nonlocal element, value
        if env[slot] is not element:
            value, element = compute(env), env[slot]
        return value

    return remembered
