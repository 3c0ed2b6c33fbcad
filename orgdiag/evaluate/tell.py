"""What is said of a subject that a rule flags: severity, message, evidence, fixes, effects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from orgdiag.evaluate import wording
from orgdiag.evaluate.explain import Explainer, Verdict
from orgdiag.evaluate.run import UNSET, Env
from orgdiag.evaluate.values import MAYBE, NO, SURE
from orgdiag.finding import (
    Effect,
    Evidence,
    Finding,
    NotAssessed,
    Severity,
    Subject,
    Superseded,
)
from orgdiag.quantity import NONE, Members, Unknown
from orgdiag.rule.rule import Rule
from orgdiag.rule.typed import TRUE, Expr
from orgdiag.source import Source, Span

About = tuple[str, Subject]


@dataclass(slots=True, eq=False)
class Hit:
    """A subject that a rule may flag: the elements it is made of, and the environments found."""

    elements: tuple[Any, ...]
    truth: int
    envs: list[Env]

    @property
    def subject(self) -> Subject:
        """The subject of the finding."""
        return subject_of(self.elements)

    @property
    def span(self) -> Span:
        """Where the subject stands; an organisation that is not written stands nowhere."""
        return self.elements[0].span or Span(Source("", ""), 0, 0)


def subject_of(elements: tuple[Any, ...]) -> Subject:
    """The subject made of one element, or of an unordered pair."""
    if len(elements) == 1:
        return Subject(elements[0].kind, elements[0].id)
    return Subject("pair", " with ".join(sorted(element.id for element in elements)))


class Teller:
    """Tells what rules found, with the evaluator that can explain."""

    def __init__(self, explainer: Explainer, org: Any) -> None:
        self.explainer = explainer
        self.org = org
        self.calendar = org.calendar
        self._clauses: dict[str, dict[str, tuple[Expr, ...]]] = {}

    def part(self, rule: Rule, word: str) -> tuple[Expr, ...]:
        """The clauses of that word, unpacked once."""
        known = self._clauses.setdefault(rule.name, {})
        if word not in known:
            known[word] = rule.part(word)
        return known[word]

    def env(self, rule: Rule, found: Env) -> Env:
        """An environment with the bindings of another, in which every `let` is computed again."""
        env = list(found)
        for let in self.part(rule, "let"):
            env[let.args[0]] = UNSET
        return env

    def verdicts(self, rule: Rule, found: Env) -> Iterator[Verdict]:
        """Why the rule holds, does not hold or may hold in an environment, clause by clause."""
        compiler, env = self.explainer.compiler(rule), self.env(rule, found)
        (check,), (flag,) = self.part(rule, "check"), self.part(rule, "flag")
        for condition in (check.args[0], flag.args[2]):
            if condition is not None:
                yield self.explainer.verdict(compiler, condition, env)
        if flag.args[3] is not None:
            inner = self.explainer.verdict(compiler, flag.args[3], env)
            yield Verdict(SURE - inner.truth, inner.gaps, inner.expr, inner.values, inner.parts)

    def told(self, rule: Rule, hit: Hit) -> Hit:
        """The same hit with environments in which every `let` says which inputs it misses."""
        return Hit(hit.elements, hit.truth, [self.env(rule, env) for env in hit.envs])

    def finding(self, rule: Rule, hit: Hit, open: list[NotAssessed]) -> Finding:
        """The finding about a subject that is `told`; what may worsen it is added to `open`."""
        severity = self._severity(rule, hit, open)
        first = hit.envs[0]
        return Finding(
            rule=rule.name,
            group=rule.group,
            severity=severity,
            message=self._message(rule, first),
            subject=hit.subject,
            span=hit.span,
            evidence=tuple(self._evidence(rule, hit)),
            fixes=tuple(self._fixes(rule, hit)),
            why=rule.why,
            see=rule.see,
            params=tuple((name, param.value) for name, param in rule.params.items()),
            kind=rule.kind,
            addresses=tuple(self._addresses(rule, hit)),
            effects=tuple(self._effects(rule, hit)),
        )

    def _severity(self, rule: Rule, hit: Hit, open: list[NotAssessed]) -> Severity:
        """The severity after escalation and softening, both only when certain."""
        severity, possible = rule.severity, []
        for word in ("escalate", "soften"):
            for clause in self.part(rule, word):
                verdict = self._holds(rule, clause.expr(1), hit)
                wanted = Severity(clause.args[0])
                worse = wanted.rank < severity.rank
                if worse == (word == "escalate") and wanted is not severity:
                    if verdict.truth == SURE:
                        severity = wanted
                    elif verdict.truth == MAYBE and word == "escalate":
                        possible.append((wanted, verdict.gaps))
        for wanted, gaps in possible:
            if wanted.rank < severity.rank:
                open.append(NotAssessed(rule.name, hit.subject, gaps, wanted, hit.span))
                break
        return severity

    def _holds(self, rule: Rule, condition: Expr, hit: Hit) -> Verdict:
        """The best verdict of a condition over the environments of a hit."""
        compiler = self.explainer.compiler(rule)
        best = Verdict(NO, (), TRUE)
        for env in hit.envs:
            verdict = self.explainer.verdict(compiler, condition, env)
            if verdict.truth > best.truth:
                best = verdict
        return best

    def value(self, rule: Rule, expr: Expr, env: Env) -> Any:
        """The value of an expression of the rule."""
        return self.explainer.value(self.explainer.compiler(rule), expr, env)

    def text(self, rule: Rule, template: Expr, env: Env) -> str:
        """The text of a template."""
        parts = []
        for part in template.args:
            if not isinstance(part, Expr):
                parts.append(part)
            elif part.op == "plural":
                number = self.value(rule, part.expr(0), env)
                said = wording.worded(number, part.expr(0).type, self.calendar)
                parts.append(f"{said} {part.args[1] if said == '1' else part.args[2]}")
            else:
                value = self.value(rule, part, env)
                parts.append(wording.worded(value, part.type, self.calendar))
        return "".join(parts)

    def _message(self, rule: Rule, env: Env) -> str:
        """The first message whose condition holds for certain, else the one without condition."""
        messages = self.part(rule, "message")
        compiler = self.explainer.compiler(rule)
        for clause in messages:
            template, when = clause.args
            if when is None or self.explainer.verdict(compiler, when, env).truth == SURE:
                return self.text(rule, template, env)
        return rule.title

    def _ways(self, rule: Rule, each: Expr | None, env: Env) -> Iterator[Env]:
        """The environments in which the names of an `each` are bound for certain."""
        if each is None:
            yield env
            return
        for sure in self.explainer.compiler(rule).loop(each)(env):
            if sure:
                yield env

    def _evidence(self, rule: Rule, hit: Hit) -> Iterator[Evidence]:
        lines: dict[Evidence, None] = {}
        for env in hit.envs:
            for clause in self.part(rule, "evidence"):
                value, template, each = clause.args
                for way in self._ways(rule, each, env):
                    said = None if template is None else self.text(rule, template, way)
                    for line in self._shown(rule, value, said, way):
                        lines.setdefault(line)
        if not self.part(rule, "evidence"):
            lines.update(dict.fromkeys(self._compared(rule, hit)))
        yield from lines

    def _shown(self, rule: Rule, value: Expr, said: str | None, env: Env) -> Iterator[Evidence]:
        """The lines that show a value: an element, every member of a set, or a property."""
        found = self.value(rule, value, env)
        if value.type.base == "reference":
            elements = found.certain if isinstance(found, Members) else (found,)
            for element in elements:
                if isinstance(element, Unknown) or element is NONE:
                    continue
                if said is None:
                    yield from wording.described(element)
                else:
                    yield Evidence(said, element.span)
            return
        if self._says_something(rule, value, found, env):
            place = self._place(rule, value, env)
            yield Evidence(said or self._sentence(rule, value, found), place)

    def _says_something(self, rule: Rule, value: Expr, found: Any, env: Env) -> bool:
        """Whether a value is a fact: known, and if it is `none`, written so."""
        if wording.worded(found, value.type, self.calendar) == "unknown":
            return False
        if found is not NONE or value.op != "field":
            return True
        element = self.value(rule, value.expr(0), env)
        return value.args[1] in getattr(element, "places", ())

    def _sentence(self, rule: Rule, value: Expr, found: Any) -> str:
        written = " ".join(rule.source.text[value.start : value.end].split())
        return f"{written} is {wording.worded(found, value.type, self.calendar)}"

    def _place(self, rule: Rule, value: Expr, env: Env) -> Span | None:
        """Where the property stands that an expression reads."""
        if value.op == "field":
            element = self.value(rule, value.expr(0), env)
            if hasattr(element, "place"):
                place: Span = element.place(value.args[1])
                return place
            return getattr(element, "span", None)
        if value.op == "let":
            for let in self.part(rule, "let"):
                if let.args[0] == value.args[0]:
                    return self._place(rule, let.expr(2), env)
        return None

    def _compared(self, rule: Rule, hit: Hit) -> Iterator[Evidence]:
        """What the conditions compared, for a rule that names no evidence of its own."""
        for env in hit.envs[:1]:
            for verdict in self.verdicts(rule, env):
                yield from self._operands(rule, verdict, env)

    def _operands(self, rule: Rule, verdict: Verdict, env: Env) -> Iterator[Evidence]:
        for expr, value in verdict.values:
            if expr.op == "bind":
                for element in value.certain:
                    yield from wording.described(element) if hasattr(element, "kind") else ()
            elif expr.op in {"field", "let"} and verdict.expr.op != "quantified":
                if expr.type.base != "reference":
                    yield Evidence(self._sentence(rule, expr, value), self._place(rule, expr, env))
        if verdict.expr.op in {"all-of", "any-of", "not"}:
            for part in verdict.parts:
                yield from self._operands(rule, part, env)

    def _fixes(self, rule: Rule, hit: Hit) -> Iterator[str]:
        said: dict[str, None] = {}
        compiler = self.explainer.compiler(rule)
        for env in hit.envs:
            for clause in self.part(rule, "fix"):
                template, each, when = clause.args
                for way in self._ways(rule, each, env):
                    if when is None or self.explainer.verdict(compiler, when, way).truth == SURE:
                        said.setdefault(self.text(rule, template, way))
        yield from said

    def _addresses(self, rule: Rule, hit: Hit) -> Iterator[str]:
        """The full ids of the steps that the finding explains; of a stream or team, all of them."""
        ids: dict[str, None] = {}
        for env in hit.envs:
            for clause in self.part(rule, "explains"):
                value, each = clause.args
                for way in self._ways(rule, each, env):
                    ids.update(dict.fromkeys(self._steps(self.value(rule, value, way))))
        yield from ids

    def _steps(self, value: Any) -> Iterator[str]:
        if isinstance(value, Members):
            for element in value.certain:
                yield from self._steps(element)
        elif getattr(value, "kind", "") == "step":
            yield value.id
        elif getattr(value, "kind", "") == "stream":
            yield from value.steps
        elif getattr(value, "kind", "") == "team":
            for step in self.org.steps.values():
                if isinstance(step.by, tuple) and value.id in step.by:
                    yield step.id

    def _others(self, rule: Rule, word: str, hit: Hit) -> Iterator[About]:
        """The findings that clauses such as `supersedes RULE for each …` mean."""
        for env in hit.envs:
            for clause in self.part(rule, word):
                name, each = clause.args
                if each is None:
                    yield name, hit.subject
                    continue
                slot = each.args[-1].args[0]
                for way in self._ways(rule, each, env):
                    yield name, subject_of((way[slot],))

    def _effects(self, rule: Rule, hit: Hit) -> Iterator[Effect]:
        for name, subject in dict.fromkeys(self._others(rule, "effects", hit)):
            yield Effect(name, subject)

    def superseding(self, rule: Rule, hit: Hit) -> Iterator[tuple[About, About]]:
        """Pairs of the finding and one that it makes superfluous, whether that is there or not."""
        for other in dict.fromkeys(self._others(rule, "supersedes", hit)):
            yield (rule.name, hit.subject), other


def supersede(
    findings: Iterable[Finding], pairs: Iterable[tuple[About, About]]
) -> Iterator[Finding]:
    """The findings without those that another made superfluous, which then carries them."""
    by_key = {(finding.rule, finding.subject): finding for finding in findings}
    winner: dict[About, About] = {}
    for first, second in pairs:
        if first in by_key and second in by_key and second not in winner and first != second:
            if _root(winner, first) != second:
                winner[second] = first
    beside: dict[About, list[Superseded]] = {}
    for loser in winner:
        lost = by_key[loser]
        line = Superseded(lost.rule, lost.subject, lost.message)
        beside.setdefault(_root(winner, loser), []).append(line)
    for key, finding in by_key.items():
        if key not in winner:
            carried = tuple(sorted(beside.get(key, ())))
            yield replace(finding, superseded=carried) if carried else finding


def _root(winner: Mapping[Any, Any], key: Any) -> Any:
    while key in winner:
        key = winner[key]
    return key
