"""Conditions evaluated so that they can tell why: what held, what did not, what is missing.

A second evaluator of the same expressions. It is asked only about what the fast one has found or
could not decide, and about what a user asks with `orgdiag why`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from orgdiag.catalogue import Catalogue
from orgdiag.evaluate import values
from orgdiag.evaluate.compile import Compiler
from orgdiag.evaluate.conditions import comparing
from orgdiag.evaluate.run import UNSET, Code, Env, Run
from orgdiag.frozen import made
from orgdiag.partial.certainty import MAYBE, NO, SURE, certainty
from orgdiag.partial.comparison import comparison_gaps
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.sets import meeting_gaps, membership_gaps, presence, such_that
from orgdiag.partial.truth import Truth, every, negation
from orgdiag.partial.unknown import NONE, Gaps, Missing, Unknown, merge, merged
from orgdiag.rule.rule import Rule, RuleSet
from orgdiag.rule.typed import AMOUNTS, TRUE, Expr, many_of


class Verdict(NamedTuple):
    """Whether a condition holds, and why.

    truth   NO, MAYBE or SURE
    gaps    the inputs that would settle a MAYBE
    expr    the condition
    values  what was compared: expressions and their values
    parts   the conditions inside that decided
    """

    truth: int
    gaps: Gaps
    expr: Expr
    values: tuple[tuple[Expr, Any], ...] = ()
    parts: tuple[Verdict, ...] = ()


Settle = Callable[[str, Any], Gaps]
STEPS: Final = 10  # what an explained condition costs; the fast evaluator counts members


class Explainer:
    """Explains the conditions of rules.

    missing   the inputs that would settle whether a rule flags an element
    """

    def __init__(self, rules: RuleSet, catalogue: Catalogue, run: Run, missing: Settle) -> None:
        self._missing = missing
        self._plain = Compiler(rules, catalogue, run, self._gaps)
        self._own: dict[str, Compiler] = {}
        self._codes: dict[int, tuple[Expr, Code]] = {}
        self._bodies: dict[str, Expr] = {}
        self._lets: dict[int, dict[int, Expr]] = {}

    def compiler(self, rule: Rule) -> Compiler:
        """The compiler of a rule's expressions, which explains its gaps."""
        if rule.name not in self._own:
            own = self._own[rule.name] = self._plain.of_rule(rule)
            self._lets[id(own)] = {let.args[0]: let.expr(2) for let in rule.part("let")}
        return self._own[rule.name]

    def value(self, compiler: Compiler, expr: Expr, env: Env) -> Any:
        """The value of an expression."""
        key = id(expr)
        if key not in self._codes:
            self._codes[key] = expr, compiler.code(expr)
        return self._codes[key][1](env)

    def _gaps(self, compiler: Compiler, expr: Expr, env: Env) -> Gaps:
        return self.verdict(compiler, expr, env).gaps

    def verdict(self, compiler: Compiler, expr: Expr, env: Env) -> Verdict:
        """Whether the condition holds in the environment, and why.

        Raises:
            Exhausted: the rule has taken all its steps.
        """
        env[0].spend(STEPS)
        op = expr.op
        if op in {"all-of", "any-of"}:
            return self._joined(compiler, expr, env)
        if op == "not":
            inner = self.verdict(compiler, expr.expr(0), env)
            return Verdict(SURE - inner.truth, inner.gaps, expr, (), (inner,))
        if op in {"quantified", "every"}:
            return self._counted(compiler, expr, env)
        if op == "let":
            return self.verdict(compiler, self._lets[id(compiler)][expr.args[0]], env)
        if op == "field":
            return self._flag(compiler, expr, env)
        if op == "defined":
            return self._defined(compiler, expr, env)
        if op == "flagged":
            return self._flagged(compiler, expr, env)
        return self._plainly(compiler, expr, env)

    def _joined(self, compiler: Compiler, expr: Expr, env: Env) -> Verdict:
        parts = [self.verdict(compiler, part, env) for part in expr.args]
        truths = [part.truth for part in parts]
        truth = min(truths) if expr.op == "all-of" else max(truths)
        deciding = tuple(part for part in parts if part.truth == truth)
        gaps = merged(part.gaps for part in deciding) if truth == MAYBE else ()
        return Verdict(truth, gaps, expr, (), deciding)

    def _plainly(self, compiler: Compiler, expr: Expr, env: Env) -> Verdict:
        """A condition on values: it misses what they miss."""
        operands = [arg for arg in expr.args if isinstance(arg, Expr)]
        found = [self.value(compiler, arg, env) for arg in operands]
        if expr.op == "compare":
            truth = comparing(operands[0], expr.args[1])(*found)
        else:
            truth = self.value(compiler, expr, env)
        missed_by: Callable[..., Gaps] = _MISSED.get(expr.op, _all_missed)
        gaps = missed_by(*found) if truth == MAYBE else ()
        if expr.op == "reaches" and truth == MAYBE:
            start, _, kind, relation = expr.args
            everything = Expr("closure", many_of(start.type), (start, kind, relation))
            gaps = merge(gaps, values.gaps(compiler.code(everything)(env)))
        if truth == MAYBE and not gaps:
            gaps = tuple(self._ranges(compiler, operands, env))
        if expr.op in {"empty", "known"} and truth == MAYBE and not gaps:
            gaps = self._gaps(compiler, operands[0], env) if operands[0].type.base == "flag" else ()
        return made(Verdict, (truth, gaps, expr, tuple(zip(operands, found, strict=True)), ()))

    def _ranges(self, compiler: Compiler, operands: Iterable[Expr], env: Env) -> Iterator[Missing]:
        """The properties that were given as a range, where a narrower one would settle it."""
        for operand in operands:
            if operand.op == "field" and operand.type.base in AMOUNTS and not operand.type.many:
                element = self.value(compiler, operand.expr(0), env)
                found = self.value(compiler, operand, env)
                if isinstance(found, Quantity) and not found.exact and hasattr(element, "place"):
                    word = operand.args[1]
                    yield Missing(element.kind, element.id, word, element.place(word))
            inner = [arg for arg in operand.args if isinstance(arg, Expr)]
            yield from self._ranges(compiler, inner, env)

    def _flag(self, compiler: Compiler, expr: Expr, env: Env) -> Verdict:
        base = expr.expr(0)
        element = self.value(compiler, base, env)
        if isinstance(element, Unknown):
            return Verdict(MAYBE, element.missing, expr)
        if element is NONE:
            return Verdict(NO, (), expr)
        read = compiler.reader(base.type.kinds, expr.args[1])
        found = read(element)
        return Verdict(certainty(found), values.gaps(found), expr)

    def _defined(self, compiler: Compiler, expr: Expr, env: Env) -> Verdict:
        element = self.value(compiler, expr.expr(0), env)
        if isinstance(element, Unknown):
            return Verdict(MAYBE, element.missing, expr)
        if element is NONE:
            return Verdict(NO, (), expr)
        definitions = [compiler.rules.definitions[key] for key in expr.args[2:]]
        definition = next((d for d in definitions if d.kind == element.kind), None)
        if definition is None:
            return self._flag(compiler, expr, env)
        if definition.key not in self._bodies:
            self._bodies[definition.key] = compiler.rules.body(definition)
        inner_env = [env[0], element, *[UNSET] * (definition.slots - 2)]
        inner = self.verdict(self._plain, self._bodies[definition.key], inner_env)
        return Verdict(inner.truth, inner.gaps, expr, (), (inner,))

    def _flagged(self, compiler: Compiler, expr: Expr, env: Env) -> Verdict:
        truth = self.value(compiler, expr, env)
        element = self.value(compiler, expr.expr(0), env)
        if truth != MAYBE:
            return Verdict(truth, (), expr)
        gaps = (
            element.missing
            if isinstance(element, Unknown)
            else self._missing(expr.args[1], element)
        )
        return Verdict(truth, gaps, expr)

    def _counted(self, compiler: Compiler, expr: Expr, env: Env) -> Verdict:
        """A quantifier: who counts for sure, who may, and what would settle it."""
        if expr.op == "every":
            bind, where, holds = expr.args
            number = None
        else:
            _, number, bind, where = expr.args
            holds = None
        members: Members = self.value(compiler, bind.expr(2), env)
        applied: dict[Any, Truth] = {}
        fails: dict[Any, Truth] = {}
        parts: list[Verdict] = []
        for element in members.every():
            env[bind.args[0]] = element
            applies = self._applies(compiler, where, env)
            applied[element] = fails[element] = _truth(applies)
            if not applies.truth:
                continue
            parts.append(applies)
            if holds is not None:
                inner = self.verdict(compiler, holds, env)
                fails[element] = every((_truth(applies), negation(_truth(inner))))
                parts.append(inner)
        counted = such_that(members, applied.__getitem__)
        wanted = None if number is None else self.value(compiler, number, env)
        if expr.op == "every":
            failing = such_that(members, fails.__getitem__)
            truth, gaps = SURE - presence(failing), failing.missing
        else:
            truth = values.holds(expr.args[0], counted.size, wanted)
            gaps = comparison_gaps(counted.size, wanted)
        told: tuple[tuple[Expr, Any], ...] = ((bind, counted),)
        if number is not None:
            told += ((number, wanted),)
        return Verdict(truth, gaps if truth == MAYBE else (), expr, told, tuple(parts))

    def _applies(self, compiler: Compiler, where: Expr | None, env: Env) -> Verdict:
        if where is None:
            return Verdict(SURE, (), TRUE)
        return self.verdict(compiler, where, env)


def _truth(verdict: Verdict) -> Truth:
    return Unknown(verdict.gaps) if verdict.truth == MAYBE else verdict.truth == SURE


def _all_missed(*found: Any) -> Gaps:
    return merged(map(values.gaps, found))


# What would settle a condition on values that is open; by default all that they miss.
_MISSED: Final[Mapping[str, Callable[..., Gaps]]] = {
    "compare": comparison_gaps, "member": membership_gaps, "meets": meeting_gaps,
}  # fmt: skip
