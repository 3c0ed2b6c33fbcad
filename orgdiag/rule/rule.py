"""Checked rules as frozen values, and the set of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from types import MappingProxyType
from typing import Any, Final

from orgdiag.finding import OrgdiagError, Problem, Severity
from orgdiag.frozen import frozen
from orgdiag.model.elements import Calendar
from orgdiag.model.types import Type
from orgdiag.rule import literal
from orgdiag.rule.typed import Expr, Unpacker
from orgdiag.text.nearest import did_you_mean
from orgdiag.text.source import Source, Span

SUFFIX: Final = ".orgr"
BASES: Final = ("article", "literature", "convention")
KINDS: Final = ("symptom", "structure", "evidence")
_PLAIN: Final = Calendar()


@frozen
class File:
    """A rule file: its text, the pack it belongs to ("" = ships with orgdiag) and its folder."""

    source: Source
    pack: str
    group: str
    stem: str


@frozen
class Param:
    """A number of a rule that a user may change.

    value       the number in force, as it is written (`15%`, `4w`)
    low, high   the bounds, or None; step is by how much the tests of a rule move it
    basis       article, literature or convention: where the default comes from
    origin      who set the value: "" for the rule itself, else words such as "orgdiag.toml"
    """

    name: str
    value: str
    base: str
    low: str | None = None
    high: str | None = None
    step: str | None = None
    doc: str = ""
    basis: str = ""
    origin: str = ""

    def moved(self, steps: int) -> Param | None:
        """The parameter so many steps away, or None where its bounds end."""
        number = literal.quantity(self.value, _PLAIN).value
        unit = literal.quantity(self.step or f"1{_unit(self.value)}", _PLAIN).value
        wanted = number + steps * unit
        for bound, sign in ((self.low, 1), (self.high, -1)):
            if bound is not None and sign * (wanted - literal.quantity(bound, _PLAIN).value) < 0:
                return None
        if wanted < 0:
            return None
        one = literal.quantity(f"1{_unit(self.value)}", _PLAIN).value
        return replace(self, value=_like(self.value, wanted / one))

    def refuses(self, text: str) -> str | None:
        """Why the text cannot be the value; None when it can."""
        type = literal.type_of(text)
        if type is None or type.base != self.base:
            return f"a {self.base} is wanted, such as {self.value}"
        number = literal.quantity(text, _PLAIN).value
        if self.low is not None and number < literal.quantity(self.low, _PLAIN).value:
            return f"at least {self.low} is wanted"
        if self.high is not None and number > literal.quantity(self.high, _PLAIN).value:
            return f"at most {self.high} is wanted"
        return None


def _unit(text: str) -> str:
    """What follows the first number of a literal: `%`, `w`, ` per month`."""
    return text.lstrip("0123456789.")


def _like(text: str, number: Any) -> str:
    """A literal with another number and the same unit."""
    exact = int(number) if number == int(number) else round(float(number), 6)
    return f"{exact}{_unit(text)}"


@frozen
class Example:
    """A small model and what the rule must say of it.

    outcome    flags, passes or not-assessed
    subjects   whom it is about; none = nobody is flagged
    severity   the severity that is expected, or None
    saying     a part of the message, or ""
    needs      properties that must be among the missing inputs
    start, end where the model text stands in the rule file
    """

    outcome: str
    subjects: tuple[str, ...]
    severity: str | None
    saying: str
    needs: tuple[str, ...]
    start: int
    end: int


@frozen
class Definition:
    """What a `define` says: a field or an adjective of a kind. `body` is packed."""

    key: str
    kind: str
    word: str
    type: Type
    doc: str
    slots: int
    body: list[Any]
    uses: tuple[str, ...] = ()


@frozen
class Rule:
    """One rule: what it says of itself, and its clauses as packed expressions.

    params      its numbers, by name
    slots       how many places an evaluation of it needs
    clauses     packed expressions by clause word; `part` unpacks them
    source      the file, `span` the place of its name
    uses        keys of the definitions and rules that it mentions
    pack        "" for a rule that ships with orgdiag, else the folder it was loaded from
    """

    name: str
    group: str
    title: str
    severity: Severity
    kind: str
    source: Source
    start: int
    why: str = ""
    see: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    params: Mapping[str, Param] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    slots: int = 1
    clauses: Mapping[str, list[list[Any]]] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    pack: str = ""
    types: tuple[Type, ...] = ()

    @property
    def span(self) -> Span:
        """Where its name stands."""
        return Span(self.source, self.start, self.start + len(self.name))

    @property
    def checks(self) -> bool:
        """Whether it has a condition; a rule of the reader has none."""
        return "flag" in self.clauses

    def part(self, word: str) -> tuple[Expr, ...]:
        """The clauses of that word."""
        packed = self.clauses.get(word)
        return _unpacked(self.types, packed) if packed else ()

    @property
    def escalations(self) -> tuple[tuple[str, str], ...]:
        """The severities that it can become, each with its condition as it is written."""
        found = []
        for expr in (*self.part("escalate"), *self.part("soften")):
            condition = expr.expr(1)
            when = self.source.text[condition.start : condition.end]
            found.append((str(expr.args[0]), " ".join(when.split())))
        return tuple(found)

    def model_of(self, example: Example) -> str:
        """The model of an example, without the indentation that it has in the rule file."""
        from textwrap import dedent  # a check looks at no example

        return dedent(self.source.text[example.start : example.end]).strip("\n").rstrip()

    def texts(self, word: str) -> tuple[str, ...]:
        """The clauses `message` or `fix` as they are written, placeholders in braces."""
        return tuple(_written(self.source, expr.expr(0)) for expr in self.part(word))


def _unpacked(types: tuple[Type, ...], packed: list[list[Any]]) -> tuple[Expr, ...]:
    unpacker = Unpacker(types)
    return tuple(unpacker.expr(data) for data in packed)


def _written(source: Source, template: Expr) -> str:
    """A template as its author wrote it."""
    parts = []
    for part in template.args:
        parts.append(
            f"{{{source.text[part.start : part.end]}}}" if isinstance(part, Expr) else part
        )
    return "".join(parts)


@frozen
class RuleSet:
    """All rules in force, by name, and the definitions that they use, by key.

    disabled   rules that were switched off, with the reason
    """

    rules: Mapping[str, Rule]
    definitions: Mapping[str, Definition]
    types: tuple[Type, ...] = ()
    disabled: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules.values())

    def __len__(self) -> int:
        return len(self.rules)

    def find(self, name: str) -> Rule | None:
        """The rule of that name, or None."""
        return self.rules.get(name)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups, sorted."""
        return tuple(sorted({rule.group for rule in self}))

    def body(self, definition: Definition) -> Expr:
        """The checked expression of a definition."""
        return Unpacker(self.types).expr(definition.body)

    def only(self, names: Iterable[str]) -> RuleSet:
        """The set with those rules only."""
        wanted = set(names)
        kept = {name: rule for name, rule in self.rules.items() if name in wanted}
        return replace(self, rules=MappingProxyType(kept))

    def without(self, name: str, reason: str) -> RuleSet:
        """The set with a rule switched off."""
        kept = {other: rule for other, rule in self.rules.items() if other != name}
        return replace(
            self,
            rules=MappingProxyType(kept),
            disabled=MappingProxyType({**self.disabled, name: reason}),
        )

    def with_rule(self, rule: Rule) -> RuleSet:
        """The set with a rule in the place of the one of the same name."""
        return replace(self, rules=MappingProxyType({**self.rules, rule.name: rule}))

    def adjusted(self, name: str, settings: Mapping[str, str], origin: str) -> RuleSet:
        """The set with other settings of one rule: `severity`, or a parameter as rules write it.

        Raises:
            OrgdiagError: the rule or parameter is unknown, or the value is not legal.
        """
        rule = self.rules.get(name)
        if rule is None:
            help = did_you_mean(name, self.rules)
            raise OrgdiagError.of(f"there is no rule `{name}`", help=help)
        return self.with_rule(set_in(rule, settings, origin))


def set_in(rule: Rule, settings: Mapping[str, str], origin: str) -> Rule:
    """The rule with other settings. A severity that is set is final: nothing escalates it.

    Raises:
        OrgdiagError: a parameter is unknown, or a value is not legal.
    """
    problems: list[Problem] = []
    params, clauses = dict(rule.params), dict(rule.clauses)
    severity = rule.severity
    for word, text in settings.items():
        if word == "severity":
            if text in set(Severity):
                severity = Severity(text)
                clauses = {word: kept for word, kept in clauses.items() if word not in _CHANGES}
            else:
                problems.append(_illegal(rule, word, text, "error, warning or info is wanted"))
        elif word not in params:
            help = did_you_mean(word, [*params, "severity"])
            problems.append(Problem(f"rule `{rule.name}` has no parameter `{word}`", help=help))
        elif (reason := params[word].refuses(text)) is not None:
            problems.append(_illegal(rule, word, text, reason))
        else:
            params[word] = replace(params[word], value=text, origin=origin)
    if problems:
        raise OrgdiagError(tuple(problems))
    return replace(rule, severity=severity, params=MappingProxyType(params), clauses=clauses)


_CHANGES: Final = ("escalate", "soften")


def _illegal(rule: Rule, word: str, text: str, reason: str) -> Problem:
    return Problem(f"`{text}` cannot be {word} of rule `{rule.name}`", help=reason)
