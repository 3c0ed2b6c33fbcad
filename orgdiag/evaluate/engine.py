"""Rules over facts: findings, what could not be assessed, and how much was looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from orgdiag.evaluate import wording
from orgdiag.evaluate.compile import BUDGET, UNSET, Compiler, Env, Exhausted, Run
from orgdiag.evaluate.explain import Explainer, Verdict
from orgdiag.evaluate.values import MAYBE, NO, SURE
from orgdiag.finding import (
    Effect,
    Evidence,
    Finding,
    NotAssessed,
    Problem,
    Severity,
    Subject,
    Superseded,
)
from orgdiag.quantity import NONE, Gaps, Members, Unknown, merge
from orgdiag.rule.catalogue import Catalogue, catalogue
from orgdiag.rule.rule import Rule, RuleSet
from orgdiag.rule.typed import TRUE, Expr
from orgdiag.source import Source, Span

Key = tuple[str, str]
NEEDS_SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Count:
    """How many subjects a rule has looked at, flagged and could not assess."""

    checked: int = 0
    flagged: int = 0
    not_assessed: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the rules say of an organisation.

    counts     by the name of the rule
    problems   rules that were given up because they took too many steps
    """

    findings: tuple[Finding, ...]
    not_assessed: tuple[NotAssessed, ...]
    counts: Mapping[str, Count]
    problems: tuple[Problem, ...] = ()

    @property
    def pairs(self) -> int:
        """How many pairs of a rule and a subject were looked at."""
        return sum(count.checked for count in self.counts.values())


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


@dataclass(slots=True, eq=False)
class Result:
    """What one rule found: who may be flagged, and how many subjects it has looked at."""

    hits: dict[Key, Hit] = field(default_factory=dict)
    checked: int = 0
    exhausted: bool = False


def subject_of(elements: tuple[Any, ...]) -> Subject:
    """The subject made of one element, or of an unordered pair."""
    if len(elements) == 1:
        return Subject(elements[0].kind, elements[0].id)
    return Subject("pair", " with ".join(sorted(element.id for element in elements)))


def evaluate(rules: RuleSet, facts: Any, words: Catalogue | None = None) -> Outcome:
    """What the rules say of the facts.

    Args:
        rules: which rules; those without a condition are the reader's and say nothing here.
        facts: the organisation.
        words: the fields that the rules were checked against; by default all there are.
    """
    return Engine(rules, facts, words or catalogue()).outcome()


class Engine:
    """One evaluation: every rule runs once, when it is first asked for."""

    def __init__(self, rules: RuleSet, facts: Any, words: Catalogue) -> None:
        self.rules = rules
        self.facts = facts
        calendar = facts.org.calendar
        self.calendar = calendar
        self.fast = Compiler(rules, words, calendar)
        self.explainer = Explainer(rules, words, calendar, self.missing)
        self.run = Run(facts, self.verdict)
        self._results: dict[str, Result] = {}
        self._clauses: dict[str, dict[str, tuple[Expr, ...]]] = {}

    def outcome(self, names: Iterable[str] | None = None) -> Outcome:
        """The findings of all rules, or of those named.

        A finding that another makes superfluous is put beside it; where it is open whether that
        other one is there, it is not assessed.
        """
        chosen = [self.rules.rules[name] for name in names] if names is not None else self.rules
        findings: list[Finding] = []
        not_assessed: list[NotAssessed] = []
        counts: dict[str, Count] = {}
        pairs: list[tuple[tuple[str, Subject], tuple[str, Subject]]] = []
        doubtful: dict[tuple[str, Subject], Gaps] = {}
        problems: list[Problem] = []
        for rule in chosen:
            if not rule.checks:
                continue
            found: list[Finding] = []
            open: list[NotAssessed] = []
            try:
                result = self.result(rule)
                for hit in result.hits.values():
                    self.run.left = BUDGET
                    if hit.truth == SURE:
                        told = self.told(rule, hit)
                        found.append(self.finding(rule, told, open))
                        pairs.extend(self._superseding(rule, told))
                    else:
                        entry = self._not_assessed(rule, hit)
                        open.append(entry)
                        for _, other in self._superseding(rule, hit):
                            doubtful[other] = entry.missing
            except Exhausted:
                result = Result(exhausted=True)
                found, open = [], []
                self._results[rule.name] = result
            if result.exhausted:
                problems.append(_given_up(rule))
            findings += found
            not_assessed += open
            counts[rule.name] = Count(result.checked, len(found), len(result.hits) - len(found))
        for _, other in pairs:
            doubtful.pop(other, None)
        for finding in list(findings):
            missing = doubtful.get((finding.rule, finding.subject))
            if missing is not None:
                findings.remove(finding)
                not_assessed.append(
                    NotAssessed(finding.rule, finding.subject, missing, None, finding.span)
                )
                count = counts[finding.rule]
                counts[finding.rule] = Count(
                    count.checked, count.flagged - 1, count.not_assessed + 1
                )
        return Outcome(
            tuple(_supersede(findings, pairs)), tuple(not_assessed), MappingProxyType(counts),
            tuple(problems),
        )  # fmt: skip

    # --- running one rule -------------------------------------------------------------------------

    def part(self, rule: Rule, word: str) -> tuple[Expr, ...]:
        """The clauses of that word, unpacked once."""
        known = self._clauses.setdefault(rule.name, {})
        if word not in known:
            known[word] = rule.part(word)
        return known[word]

    def result(self, rule: Rule) -> Result:
        """What the rule found; given up when it takes too many steps."""
        if rule.name not in self._results:
            left, self.run.left = self.run.left, BUDGET
            try:
                self._results[rule.name] = self._run(rule)
            except Exhausted:
                self._results[rule.name] = Result(exhausted=True)
            self.run.left = left
        return self._results[rule.name]

    def verdict(self, name: str, element: Any) -> int:
        """Whether a rule flags an element; `MAYBE` when the rule had to be given up."""
        rule = self.rules.rules.get(name)
        if rule is None or not rule.checks:
            return NO
        result = self.result(rule)
        if result.exhausted:
            return MAYBE
        hit = result.hits.get((element.kind, element.id))
        return hit.truth if hit else NO

    def missing(self, name: str, element: Any) -> Gaps:
        """The inputs that would settle whether a rule flags an element."""
        rule = self.rules.rules[name]
        hit = self.result(rule).hits.get((element.kind, element.id))
        return self.gaps(rule, hit) if hit else ()

    def _run(self, rule: Rule) -> Result:
        result, seen = Result(), set()
        for elements, applied, truth, env in self._judged(rule):
            if not applied:
                continue
            key = _key(elements)
            if key not in seen:
                seen.add(key)
                result.checked += 1
            if truth:
                _keep(result.hits, key, elements, truth, env)
        return result

    def every(self, rule: Rule) -> Iterator[Hit]:
        """Every subject that the rule looks at or leaves aside, flagged or not."""
        self.run.left = BUDGET
        for elements, _, truth, env in self._judged(rule):
            yield Hit(elements, truth, [env])

    def _judged(self, rule: Rule) -> Iterator[tuple[tuple[Any, ...], int, int, Env]]:
        """Whom each way to bind the names means, whether the rule is about it, and the verdict."""
        compiler = self.fast.of_rule(rule)
        (check,), (flag,) = self.part(rule, "check"), self.part(rule, "flag")
        where, *binds = check.args
        subject, other, when, unless = flag.args
        loops = [(bind.args[0], compiler.code(bind.expr(2))) for bind in binds]
        applies = None if where is None else compiler.code(where)
        holds = None if when is None else compiler.code(when)
        excused = None if unless is None else compiler.code(unless)
        ends = [compiler.code(expr) for expr in (subject, other) if expr is not None]
        for env, sure in _bound(self.run, rule.slots, loops):
            applied = SURE if applies is None else applies(env)
            elements = _elements([end(env) for end in ends])
            if elements is None:
                continue
            truth = applied if sure else min(MAYBE, applied)
            if truth and holds is not None:
                truth = min(truth, holds(env))
            if truth and excused is not None:
                truth = min(truth, SURE - excused(env))
            yield elements, applied, truth, env

    # --- what is said of a hit --------------------------------------------------------------------

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

    def gaps(self, rule: Rule, hit: Hit) -> Gaps:
        """The inputs that would settle whether the rule flags a subject."""
        gaps: Gaps = ()
        for env in hit.envs[:NEEDS_SHOWN]:
            for verdict in self.verdicts(rule, env):
                if verdict.truth == MAYBE:
                    gaps = merge(gaps, verdict.gaps)
        if not gaps:
            (check,) = self.part(rule, "check")
            compiler, env = self.explainer.compiler(rule), self.env(rule, hit.envs[0])
            for bind in check.args[1:]:
                members: Members = self.explainer.value(compiler, bind.expr(2), env)
                gaps = merge(gaps, members.missing)
        return gaps

    def _not_assessed(self, rule: Rule, hit: Hit) -> NotAssessed:
        return NotAssessed(rule.name, hit.subject, self.gaps(rule, hit), None, hit.span)

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
            for step in self.facts.org.steps.values():
                if isinstance(step.by, tuple) and value.id in step.by:
                    yield step.id

    def _others(self, rule: Rule, word: str, hit: Hit) -> Iterator[tuple[str, Subject]]:
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

    def _superseding(
        self, rule: Rule, hit: Hit
    ) -> Iterator[tuple[tuple[str, Subject], tuple[str, Subject]]]:
        for other in dict.fromkeys(self._others(rule, "supersedes", hit)):
            yield (rule.name, hit.subject), other


def _given_up(rule: Rule) -> Problem:
    return Problem(
        f"rule `{rule.name}` was given up after {BUDGET:,} steps", rule.span,
        "nothing was found with it; let it range over relations instead of whole kinds",
    )  # fmt: skip


def _bound(
    run: Run, slots: int, loops: list[tuple[int, Callable[[Env], Members]]]
) -> Iterator[tuple[Env, bool]]:
    """Every way to bind the names of `check each`, in a fresh environment, and if it is certain."""

    def deeper(env: Env, at: int, sure: bool) -> Iterator[tuple[Env, bool]]:
        if at == len(loops):
            yield env, sure
            return
        slot, source = loops[at]
        members = source(env)
        run.spend(len(members.certain) + len(members.possible))
        for element in members.certain:
            inner = list(env)
            inner[slot] = element
            yield from deeper(inner, at + 1, sure)
        for element in members.possible:
            inner = list(env)
            inner[slot] = element
            yield from deeper(inner, at + 1, False)

    return deeper([run, *[UNSET] * (slots - 1)], 0, True)


def _elements(ends: list[Any]) -> tuple[Any, ...] | None:
    """The elements that are flagged, a pair by id; None when one is nobody or unknown."""
    if any(end is NONE or isinstance(end, Unknown) for end in ends):
        return None
    if len(ends) == 1:
        return (ends[0],)
    if ends[0] is ends[1]:
        return None
    return tuple(sorted(ends, key=lambda element: str(element.id)))


def _key(elements: tuple[Any, ...]) -> Key:
    if len(elements) == 1:
        return elements[0].kind, elements[0].id
    return "pair", f"{elements[0].id} with {elements[1].id}"


def _keep(hits: dict[Key, Hit], key: Key, elements: tuple[Any, ...], truth: int, env: Env) -> None:
    """Keep the environment if none was better for the subject so far."""
    hit = hits.get(key)
    if hit is None or truth > hit.truth:
        hits[key] = Hit(elements, truth, [env])
    elif truth == hit.truth:
        hit.envs.append(env)


def _supersede(
    findings: Iterable[Finding], pairs: Iterable[tuple[tuple[str, Subject], tuple[str, Subject]]]
) -> Iterator[Finding]:
    """The findings without those that another made superfluous, which then carries them."""
    by_key = {(finding.rule, finding.subject): finding for finding in findings}
    winner: dict[tuple[str, Subject], tuple[str, Subject]] = {}
    for first, second in pairs:
        if first in by_key and second in by_key and second not in winner and first != second:
            if _root(winner, first) != second:
                winner[second] = first
    beside: dict[tuple[str, Subject], list[Superseded]] = {}
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
