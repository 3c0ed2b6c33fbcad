"""The clauses of a rule as functions: what it is about, when it holds, and what it then says.

Each clause is compiled once, when it is first needed. What is said of a finding needs no gaps, so
all of this is the fast path; only an open question is asked of the evaluator that explains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from orgdiag.evaluate import wording
from orgdiag.evaluate.compile import Compiler
from orgdiag.evaluate.run import Code, Env
from orgdiag.evaluate.values import SURE
from orgdiag.finding import Severity
from orgdiag.model import Calendar
from orgdiag.rule.rule import Rule
from orgdiag.rule.typed import Expr

Text = Callable[[Env], str]
Ways = Callable[[Env], Iterable[Env]]


class Change(NamedTuple):
    """`escalate to error when …` or `soften to …`: the severity, and when."""

    escalates: bool
    severity: Severity
    condition: Expr
    holds: Code


class Shown(NamedTuple):
    """One `evidence` clause: a value, a sentence about it (None: its own words), for which ways.

    `owner` is the element whose property the value is, `word` the property; None for other values.
    `direct` tells that the clause names that property itself and no `let` that stands for it.
    """

    expr: Expr
    value: Code
    said: Text | None
    ways: Ways
    owner: Code | None
    word: str
    direct: bool


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
    def changes(self) -> list[Change]:
        """What may change the severity, escalations first."""
        return [
            Change(word == "escalate", Severity(clause.args[0]), clause.expr(1),
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
    def fixes(self) -> list[tuple[Text, Ways, Code | None]]:
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
    def explains(self) -> list[tuple[Code, Ways]]:
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
                (name, None if each is None else self._ways(each),
                 0 if each is None else each.args[-1].args[0])
                for name, each in (clause.args for clause in self.part(word))
            ]  # fmt: skip
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
        parts = [self._said(part) if isinstance(part, Expr) else part for part in template.args]
        return lambda env: "".join([part if isinstance(part, str) else part(env) for part in parts])

    def _said(self, part: Expr) -> Text:
        """A value in words; a number with the noun that fits it."""
        shown, calendar = part.expr(0) if part.op == "plural" else part, self._calendar
        value, type = self.compiler.code(shown), shown.type
        if part.op != "plural":
            return lambda env: wording.worded(value(env), type, calendar)
        _, one, several = part.args

        def counted(env: Env) -> str:
            number = wording.worded(value(env), type, calendar)
            return f"{number} {one if number == '1' else several}"

        return counted

    def _ways(self, each: Expr | None) -> Ways:
        """The environments in which the names of an `each` are bound for certain."""
        if each is None:
            return lambda env: (env,)
        loop = self.compiler.ways(each)

        def ways(env: Env) -> Iterator[Env]:
            for sure in loop(env):
                if sure:
                    yield env

        return ways

    def _shown(self, value: Expr, template: Expr | None, each: Expr | None) -> Shown:
        read = value
        while read.op == "let":
            read = next(let.expr(2) for let in self.part("let") if let.args[0] == read.args[0])
        owner = self.compiler.code(read.expr(0)) if read.op == "field" else None
        return Shown(
            value, self.compiler.code(value), None if template is None else self._text(template),
            self._ways(each), owner, read.args[1] if owner is not None else "",
            value.op == "field",
        )  # fmt: skip


def first_of(messages: list[tuple[Text, Code | None]], env: Env) -> str | None:
    """The first text whose condition holds for certain, or that has none."""
    for text, when in messages:
        if when is None or when(env) == SURE:
            return text(env)
    return None
