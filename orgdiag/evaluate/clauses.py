"""The clauses of a rule as functions: what it is about, when it holds, and what it then says.

Each clause is compiled once, when it is first needed. What is said of a finding needs no gaps, so
all of this is the fast path; only an open question is asked of the evaluator that explains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, Final, NamedTuple

from orgdiag.evaluate import wording
from orgdiag.evaluate.compile import Compiler
from orgdiag.evaluate.run import Code, Env
from orgdiag.finding import Evidence, Severity
from orgdiag.model.elements import Calendar
from orgdiag.model.types import Type
from orgdiag.partial.certainty import MAYBE, SURE
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Number, Quantity
from orgdiag.partial.unknown import NONE, Unknown
from orgdiag.rule import literal
from orgdiag.rule.algebra import plain
from orgdiag.rule.rule import Rule
from orgdiag.rule.typed import Expr
from orgdiag.text.source import Span

Text = Callable[[Env], str]
Ways = Callable[[Env], Iterable[Env]]
Lines = Callable[[Env], Iterable[Evidence]]

_MEASURES: Final = frozenset({"duration", "effort", "share", "rate", "number"})


class Adjustment(NamedTuple):
    """`escalate to error when …` or `soften to …`: the severity, and when."""

    escalates: bool
    severity: Severity
    condition: Expr
    holds: Code


class Condition(NamedTuple):
    """A condition, and those that it joins by `and` or `or`."""

    expr: Expr
    holds: Code
    parts: tuple[Condition, ...]

    def open(self, env: Env) -> Iterator[Expr]:
        """The conditions inside that leave it open, themselves no longer joined."""
        if self.holds(env) == MAYBE:
            if not self.parts:
                yield self.expr
            for part in self.parts:
                yield from part.open(env)


class Shown(NamedTuple):
    """One `evidence` clause: its lines, for which ways to bind names (None: as they are)."""

    lines: Lines
    ways: Ways | None


class Clauses:
    """What a rule says, as functions of an environment."""

    def __init__(self, rule: Rule, compiler: Compiler, calendar: Calendar) -> None:
        self.rule = rule
        self.compiler = compiler
        self.params = tuple((name, param.value) for name, param in rule.params.items())
        self._calendar = calendar
        self._parts: dict[str, tuple[Expr, ...]] = {}

    def part(self, word: str) -> tuple[Expr, ...]:
        """The clauses of that word, unpacked once."""
        if word not in self._parts:
            self._parts[word] = self.rule.part(word)
        return self._parts[word]

    @cached_property
    def conditions(self) -> list[Condition]:
        """When the rule is about what is bound, when it flags it, and what would excuse it."""
        (check,), (flag,) = self.part("check"), self.part("flag")
        given = (check.args[0], *flag.args[2:])
        return [self._condition_of(expr) for expr in given if expr is not None]

    def _condition_of(self, expr: Expr) -> Condition:
        joined = expr.args if expr.op in {"all-of", "any-of"} else ()
        return Condition(expr, self.compiler.code(expr), tuple(map(self._condition_of, joined)))

    @cached_property
    def changes(self) -> list[Adjustment]:
        """What may change the severity, escalations first."""
        return [
            Adjustment(word == "escalate", Severity(clause.args[0]), clause.expr(1),
                   self.compiler.code(clause.expr(1)))
            for word in ("escalate", "soften")
            for clause in self.part(word)
        ]  # fmt: skip

    @cached_property
    def messages(self) -> list[tuple[Text, Code | None]]:
        """The messages, each with its condition."""
        return [
            (self._text(template), self._condition(when))
            for template, when in (clause.args for clause in self.part("message"))
        ]

    @cached_property
    def fixes(self) -> list[tuple[Text, Ways | None, Code | None]]:
        """The fixes, each with its ways and its condition."""
        return [
            (self._text(template), self._ways(each), self._condition(when))
            for template, each, when in (clause.args for clause in self.part("fix"))
        ]

    @cached_property
    def evidence(self) -> list[Shown]:
        """The facts to show."""
        return [self._shown(*clause.args) for clause in self.part("evidence")]

    @cached_property
    def explains(self) -> list[tuple[Code, Ways | None]]:
        """The steps whose waiting it explains, with the ways to bind names."""
        return [
            (self.compiler.code(value), self._ways(each))
            for value, each in (clause.args for clause in self.part("explains"))
        ]

    def others(self, word: str) -> list[tuple[str, Ways | None, int]]:
        """What `supersedes` or `effects` names: a rule, the ways, and the slot of the subject.

        Without ways it is the subject of the finding.
        """
        if word not in self._others:
            self._others[word] = [
                (name, self._ways(each), 0 if each is None else each.args[-1].args[0])
                for name, each in (clause.args for clause in self.part(word))
            ]
        return self._others[word]

    @cached_property
    def _others(self) -> dict[str, list[tuple[str, Ways | None, int]]]:
        return {}

    # --- parts of clauses -------------------------------------------------------------------------

    def _condition(self, when: Expr | None) -> Code | None:
        return None if when is None else self.compiler.code(when)

    def _text(self, template: Expr) -> Text:
        if not any(isinstance(part, Expr) for part in template.args):
            whole = "".join(template.args)
            return lambda env: whole
        pattern = "".join(
            "%s" if isinstance(part, Expr) else part.replace("%", "%%") for part in template.args
        )
        parts = [part for part in template.args if isinstance(part, Expr)]
        values = [self._said(part, self._rivals(part, parts)) for part in parts]
        if len(values) == 1:  # most sentences have one or two
            (only,) = values
            return lambda env: pattern % only(env)
        if len(values) == 2:
            one, other = values
            return lambda env: pattern % (one(env), other(env))
        return lambda env: pattern % tuple([value(env) for value in values])

    def _said(self, part: Expr, rivals: Sequence[Code]) -> Text:
        """A value in words; a number with the noun that fits it."""
        shown, worded, calendar = part, wording.worded, self._calendar
        if part.op == "plural":
            shown, one, several = part.args
        value, type = self.compiler.code(shown), shown.type
        if part.op == "plural":

            def counted(env: Env) -> str:
                number = worded(value(env), type, calendar)
                return f"{number} {one if number == '1' else several}"

            return counted
        bounds = self._bounds(type)
        if not rivals and not bounds:
            return lambda env: worded(value(env), type, calendar)
        same = {wording.figure(Quantity.of(bound), type.base, calendar) for bound in bounds}

        def apart(env: Env) -> str:
            found = value(env)
            text = worded(found, type, calendar)
            if not rivals and text not in same:
                return text
            others = (rival(env) for rival in rivals)
            ends = (end for other in others if isinstance(other, Quantity)
                    for end in (other.low, other.high) if end is not None)  # fmt: skip
            return worded(found, type, calendar, {*bounds, *ends})

        return apart

    def _rivals(self, part: Expr, parts: Iterable[Expr]) -> list[Code]:
        """The other numbers of a sentence that measure the same: one is held against another."""
        others = (other for other in parts if other is not part and other.op != "plural")
        return [
            self.compiler.code(other)
            for other in others
            if plain(other.type.base) == plain(part.type.base) in _MEASURES
        ]

    def _bounds(self, type: Type) -> list[Number]:
        """The parameters of the rule that measure the same as a value: it is held against them."""
        params = self.rule.params.values()
        if type.many or plain(type.base) not in _MEASURES:
            return []
        return [
            literal.quantity(param.value, self._calendar).value
            for param in params
            if plain(param.base) == plain(type.base)
        ]

    def _ways(self, each: Expr | None) -> Ways | None:
        """The environments in which the names of an `each` are bound for certain."""
        return None if each is None else self.compiler.ways(each)

    def _shown(self, value: Expr, template: Expr | None, each: Expr | None) -> Shown:
        said = None if template is None else self._text(template)
        if value.type.base == "reference":
            return Shown(_elements(self.compiler.code(value), said), self._ways(each))
        return Shown(self._fact(value, said), self._ways(each))

    def _fact(self, value: Expr, said: Text | None) -> Lines:
        """The line about a value that is no element, placed where the model has it."""
        read = value
        while read.op == "let":
            read = next(let.expr(2) for let in self.part("let") if let.args[0] == read.args[0])
        owner = self.compiler.code(read.expr(0)) if read.op == "field" else None
        word = read.args[1] if owner is not None else ""
        code, type, calendar = self.compiler.code(value), value.type, self._calendar

        def lines(env: Env) -> Iterable[Evidence]:
            found = code(env)
            words = wording.worded(found, type, calendar)
            if words == "unknown":
                return ()
            element = owner(env) if owner else None
            # `none` is a fact only where somebody wrote it.
            if found is NONE and value.op == "field" and word not in getattr(element, "places", ()):
                return ()
            sentence = said(env) if said else self.sentence(value, words)
            return (Evidence(sentence, place(element, word)),)

        return lines

    def sentence(self, value: Expr, words: str) -> str:
        """A value in words; that of the subject's own field as a model has it: `size 3`."""
        if value.op == "field" and value.expr(0).op == "var":
            return f"{value.args[1]} {words}"
        written = " ".join(self.rule.source.text[value.start : value.end].split())
        return f"{written} is {words}"


def _elements(code: Code, said: Text | None) -> Lines:
    """A line about each element that a value is: a sentence, or what describes it."""

    def lines(env: Env) -> Iterable[Evidence]:
        found = code(env)
        if found.__class__ is Members:
            elements = found.certain
        else:
            elements = () if found is NONE or found.__class__ is Unknown else (found,)
        if not elements:
            return ()
        if said is None:
            return chain.from_iterable(map(wording.described, elements))
        sentence = said(env)
        return [Evidence(sentence, element.span) for element in elements]

    return lines


def place(element: Any, word: str) -> Span | None:
    """Where a property of an element stands; None for what no element says."""
    if hasattr(element, "place"):
        where: Span = element.place(word)
        return where
    return getattr(element, "span", None)


def first_of(messages: list[tuple[Text, Code | None]], env: Env) -> str | None:
    """The first text whose condition holds for certain, or that has none."""
    for text, when in messages:
        if when is None or when(env) == SURE:
            return text(env)
    return None
