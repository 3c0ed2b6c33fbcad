"""What is said of a subject that a rule flags: severity, message, evidence, fixes, effects."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from orgdiag.evaluate import wording
from orgdiag.evaluate.clauses import Clauses, Ways, first_of, place
from orgdiag.evaluate.compile import Compiler
from orgdiag.evaluate.explain import Explainer, Verdict
from orgdiag.evaluate.run import UNSET, Env
from orgdiag.finding import (
    Effect,
    Evidence,
    Finding,
    NotAssessed,
    Severity,
    Subject,
    Superseded,
)
from orgdiag.frozen import made
from orgdiag.partial.certainty import MAYBE, SURE
from orgdiag.partial.members import Members
from orgdiag.partial.unknown import Gaps, merge
from orgdiag.rule.rule import Rule
from orgdiag.rule.typed import Expr
from orgdiag.text.source import Source, Span

Named = tuple[str, Subject]
NOWHERE: Final = Span(Source("", ""), 0, 0)
EVIDENCE_SHOWN: Final = 100  # lines of a finding; a chain of thousands has no more


@dataclass(slots=True, eq=False)
class Hit:
    """A subject that a rule may flag: the elements it is made of, and the environments found."""

    subject: Subject
    elements: tuple[Any, ...]
    truth: int
    envs: list[Env]

    @property
    def span(self) -> Span:
        """Where it stands; an organisation that is not written stands nowhere."""
        place: Span = self.elements[0].span or NOWHERE
        return place


def subject_of(elements: tuple[Any, ...]) -> Subject:
    """The subject made of one element, or of an unordered pair."""
    if len(elements) == 1:
        (only,) = elements
        return made(Subject, (only.kind, only.id))
    return Subject("pair", " with ".join(sorted(element.id for element in elements)))


class Teller:
    """Tells what rules found by the fast path, and why by the evaluator that explains."""

    def __init__(self, fast: Compiler, explainer: Explainer, org: Any) -> None:
        self.fast = fast
        self.explainer = explainer
        self.org = org
        self.calendar = org.calendar
        self._clauses: dict[str, Clauses] = {}

    def clauses(self, rule: Rule) -> Clauses:
        """The clauses of the rule, compiled once."""
        if rule.name not in self._clauses:
            compiler = self.fast.of_rule(rule)
            self._clauses[rule.name] = Clauses(rule, compiler, self.calendar)
        return self._clauses[rule.name]

    def part(self, rule: Rule, word: str) -> tuple[Expr, ...]:
        """The clauses of that word, unpacked once."""
        return self.clauses(rule).part(word)

    def env(self, rule: Rule, found: Env) -> Env:
        """An environment with the bindings of another, in which every `let` is computed again.

        Then each says which inputs it misses.
        """
        env = list(found)
        for let in self.part(rule, "let"):
            env[let.args[0]] = UNSET
        return env

    def value(self, rule: Rule, expr: Expr, env: Env) -> Any:
        """The value of an expression of the rule, with what it misses."""
        return self.explainer.value(self.explainer.compiler(rule), expr, env)

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

    def gaps(self, rule: Rule, found: Env) -> Gaps:
        """The inputs that would settle the conditions that are open in an environment."""
        compiler, env = self.explainer.compiler(rule), self.env(rule, found)
        gaps: Gaps = ()
        for condition in self.clauses(rule).conditions:
            for expr in condition.open(found):
                gaps = merge(gaps, self.explainer.verdict(compiler, expr, env).gaps)
        return gaps

    def finding(self, rule: Rule, hit: Hit, open: list[NotAssessed]) -> Finding:
        """The finding about a subject; what may worsen it is added to `open`."""
        clauses = self.clauses(rule)
        return Finding(
            rule=rule.name,
            group=rule.group,
            severity=self._severity(clauses, hit, open) if clauses.changes else rule.severity,
            message=first_of(clauses.messages, hit.envs[0]) or rule.title,
            subject=hit.subject,
            span=hit.span,
            evidence=tuple(self._evidence(clauses, hit)),
            fixes=tuple(_fixes(clauses, hit)),
            why=rule.why,
            see=rule.see,
            params=clauses.params,
            kind=rule.kind,
            addresses=tuple(self._addresses(clauses, hit)) if clauses.explains else (),
            effects=tuple([Effect(*about) for about in _others(clauses, "effects", hit)]),
        )

    def _severity(self, clauses: Clauses, hit: Hit, open: list[NotAssessed]) -> Severity:
        """The severity after escalation and softening, both only when certain."""
        rule, possible = clauses.rule, []
        severity = rule.severity
        for change in clauses.changes:
            wanted = change.severity
            worse = wanted.rank < severity.rank
            if worse == change.escalates and wanted is not severity:
                truth = max(change.holds(env) for env in hit.envs)
                if truth == SURE:
                    severity = wanted
                elif truth == MAYBE and change.escalates:
                    possible.append(change)
        for change in possible:
            if change.severity.rank < severity.rank:
                gaps = self._gaps(rule, change.condition, hit)
                open.append(NotAssessed(rule.name, hit.subject, gaps, change.severity, hit.span))
                break
        return severity

    def _gaps(self, rule: Rule, condition: Expr, hit: Hit) -> Gaps:
        """The inputs that would settle a condition in the first environment where it is open."""
        compiler = self.explainer.compiler(rule)
        for env in hit.envs:
            verdict = self.explainer.verdict(compiler, condition, self.env(rule, env))
            if verdict.truth == MAYBE:
                return verdict.gaps
        return ()

    def _evidence(self, clauses: Clauses, hit: Hit) -> Iterable[Evidence]:
        """The lines of evidence, each once."""
        lines: dict[Evidence, None] = {}
        for env in hit.envs:
            for shown in clauses.evidence:
                for way in _ways(shown.ways, env):
                    lines.update(dict.fromkeys(shown.lines(way)))
                    if len(lines) >= EVIDENCE_SHOWN:
                        lines[Evidence(f"and more; the first {EVIDENCE_SHOWN} are shown")] = None
                        return lines
        if not clauses.evidence:
            lines.update(dict.fromkeys(self._compared(clauses.rule, hit)))
        return lines

    def _compared(self, rule: Rule, hit: Hit) -> Iterator[Evidence]:
        """What the conditions compared, for a rule that names no evidence of its own."""
        for env in hit.envs[:1]:
            for verdict in self.verdicts(rule, env):
                yield from self._operands(rule, verdict, self.env(rule, env))

    def _operands(self, rule: Rule, verdict: Verdict, env: Env) -> Iterator[Evidence]:
        for expr, value in verdict.values:
            if expr.op == "bind":
                for element in value.certain:
                    yield from wording.described(element) if hasattr(element, "kind") else ()
            elif expr.op in {"field", "let"} and verdict.expr.op != "quantified":
                if expr.type.base != "reference":
                    words = wording.worded(value, expr.type, self.calendar)
                    yield Evidence(
                        self.clauses(rule).sentence(expr, words), self._written(rule, expr, env)
                    )
        if verdict.expr.op in {"all-of", "any-of", "not"}:
            for part in verdict.parts:
                yield from self._operands(rule, part, env)

    def _written(self, rule: Rule, value: Expr, env: Env) -> Span | None:
        """Where the property stands that an expression reads."""
        if value.op == "field":
            return place(self.value(rule, value.expr(0), env), value.args[1])
        if value.op == "let":
            for let in self.part(rule, "let"):
                if let.args[0] == value.args[0]:
                    return self._written(rule, let.expr(2), env)
        return None

    def _addresses(self, clauses: Clauses, hit: Hit) -> Iterable[str]:
        """The full ids of the steps that the finding explains; of a stream or team, all of them."""
        ids: dict[str, None] = {}
        for env in hit.envs:
            for value, ways in clauses.explains:
                for way in _ways(ways, env):
                    ids.update(dict.fromkeys(self._steps(value(way))))
        return ids

    def _steps(self, value: Any) -> Iterator[str]:
        if isinstance(value, Members):
            for element in value.certain:
                yield from self._steps(element)
            return
        kind = getattr(value, "kind", "")
        if kind == "step":
            yield value.id
        elif kind == "stream":
            yield from value.steps
        elif kind == "team":
            yield from self._done_by.get(value.id, ())

    @cached_property
    def _done_by(self) -> Mapping[str, list[str]]:
        """The full ids of the steps of each team."""
        found: dict[str, list[str]] = {}
        for step in self.org.steps.values():
            if isinstance(step.by, tuple):
                for team in dict.fromkeys(step.by):
                    found.setdefault(team, []).append(step.id)
        return found

    def superseding(self, rule: Rule, hit: Hit) -> Sequence[tuple[Named, Named]]:
        """Pairs of the finding and one that it makes superfluous, whether that is there or not."""
        others = _others(self.clauses(rule), "supersedes", hit)
        return [((rule.name, hit.subject), other) for other in others]


def _ways(ways: Ways | None, env: Env) -> Iterable[Env]:
    """The environments that an `each` makes of one; that one itself where there is no `each`."""
    return (env,) if ways is None else ways(env)


def _fixes(clauses: Clauses, hit: Hit) -> Iterable[str]:
    """What to do, each once."""
    said: dict[str, None] = {}
    for env in hit.envs:
        for text, ways, when in clauses.fixes:
            for way in _ways(ways, env):
                if when is None or when(way) == SURE:
                    said[text(way)] = None
    return said


def _others(clauses: Clauses, word: str, hit: Hit) -> Iterable[Named]:
    """The findings that clauses such as `supersedes RULE for each …` mean, each once."""
    others = clauses.others(word)
    if not others:
        return ()
    found: dict[Named, None] = {}
    for env in hit.envs:
        for name, ways, slot in others:
            if ways is None:
                found[name, hit.subject] = None
            else:
                for way in ways(env):
                    found[name, subject_of((way[slot],))] = None
    return found


def supersede(
    findings: Iterable[Finding], pairs: Iterable[tuple[Named, Named]]
) -> Iterator[Finding]:
    """The findings without those that another made superfluous, which then carries them."""
    by_key = {(finding.rule, finding.subject): finding for finding in findings}
    winner = _winners(by_key, pairs)
    beside: dict[Named, list[Superseded]] = {}
    for loser in winner:
        lost = by_key[loser]
        line = Superseded(lost.rule, lost.subject, lost.message)
        beside.setdefault(_root(winner, loser), []).append(line)
    for key, finding in by_key.items():
        if key not in winner:
            carried = tuple(sorted(beside.get(key, ())))
            yield finding._replace(superseded=carried) if carried else finding


def above(
    findings: Iterable[Finding], pairs: Sequence[tuple[Named, Named]]
) -> Mapping[Named, Sequence[Named]]:
    """All findings that make a finding superfluous, without those that it does itself in a ring."""
    there = {(finding.rule, finding.subject) for finding in findings}
    winner = _winners(there, pairs)
    found: dict[Named, list[Named]] = {}
    for first, second in pairs:
        if first in there and second in winner and second not in _up(winner, first):
            found.setdefault(second, []).append(first)
    return found


def _winners(there: Container[Named], pairs: Iterable[tuple[Named, Named]]) -> dict[Named, Named]:
    """What stands in the place of each superfluous finding; a ring is cut where it closes."""
    winner: dict[Named, Named] = {}
    for first, second in pairs:
        if first in there and second in there and second not in winner and first != second:
            if _root(winner, first) != second:
                winner[second] = first
    return winner


def _up(winner: Mapping[Any, Any], key: Any) -> Iterator[Any]:
    yield key
    while key in winner:
        key = winner[key]
        yield key


def _root(winner: Mapping[Any, Any], key: Any) -> Any:
    while key in winner:
        key = winner[key]
    return key
