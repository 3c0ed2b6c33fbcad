"""Rules over facts: findings, what could not be assessed, and how much was looked at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import chain, islice
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeVar

from orgdiag.catalogue import Catalogue, catalogue
from orgdiag.evaluate.compile import Compiler
from orgdiag.evaluate.explain import Explainer
from orgdiag.evaluate.run import BUDGET, UNSET, Code, Env, Exhausted, Run
from orgdiag.evaluate.tell import Hit, Named, Teller, above, subject_of, supersede
from orgdiag.finding import (
    Finding,
    GivenUp,
    NotAssessed,
    Subject,
)
from orgdiag.frozen import frozen
from orgdiag.partial.certainty import MAYBE, NO, SURE
from orgdiag.partial.members import Members
from orgdiag.partial.unknown import NONE, Gaps, Unknown, merge
from orgdiag.rule.rule import Rule, RuleSet

T = TypeVar("T")
About = Callable[[Env], tuple[Any, ...] | None]
Clock = Callable[[], float]
Doubt = dict[Named, Gaps]
NEEDS_SHOWN: Final = 50
TELLING: Final = 5_000  # steps to tell of one subject, on top of what the rule has
COUNTING: Final = 100_000  # steps to count whom a rule that is given up did not judge
NAMED: Final = 10  # of these


@frozen
class Count:
    """How many subjects a rule has looked at, flagged and could not assess."""

    checked: int = 0
    flagged: int = 0
    not_assessed: int = 0


@dataclass(slots=True, eq=False)
class _Told:
    """What one rule has said so far: see `_Gathered`."""

    findings: list[Finding] = field(default_factory=list)
    open: list[NotAssessed] = field(default_factory=list)
    pairs: list[tuple[Named, Named]] = field(default_factory=list)
    doubtful: dict[Named, Doubt] = field(default_factory=dict)


@frozen
class Outcome:
    """What the rules say of an organisation.

    counts     by the name of the rule
    given_up   rules that took too many steps, each with whom it did not judge
    timings    how long each rule took, with what it was the first to ask of the facts; where a
               clock was given
    instead    what may stand in the place of a finding that is not assessed for no other reason
    """

    findings: tuple[Finding, ...]
    not_assessed: tuple[NotAssessed, ...]
    counts: Mapping[str, Count]
    given_up: tuple[GivenUp, ...] = ()
    timings: tuple[tuple[str, float], ...] = ()
    instead: Mapping[Named, tuple[Named, ...]] = field(default_factory=dict)

    @property
    def pairs(self) -> int:
        """How many pairs of a rule and a subject were looked at."""
        return sum(count.checked for count in self.counts.values())


@dataclass(slots=True, eq=False)
class Result:
    """What one rule found: who may be flagged, and how many subjects it has looked at.

    ways       how many ways to bind its names it came to an end with
    distinct   whether every way is about another subject
    exhausted  what is to be said where it took too many steps: then only certain hits are left
    """

    hits: dict[Subject, Hit] = field(default_factory=dict)
    checked: int = 0
    ways: int = 0
    distinct: bool = False
    exhausted: GivenUp | None = None


class _Judging(NamedTuple):
    """How one rule judges.

    ways      the ways to bind the names of `check each`, and whether each is certain
    applies   whether the rule is about what is bound
    flags     whether it flags it
    about     who is flagged then
    distinct  whether every way is about another subject
    """

    ways: Iterator[tuple[Env, bool]]
    applies: Code
    flags: Code
    about: About
    distinct: bool


@dataclass(slots=True, eq=False)
class _Gathered:
    """What the rules have said so far.

    pairs      findings, and those that they make superfluous
    doubtful   findings that others may make superfluous: which, and what would settle that
    instead    the same of those that are left open for it
    """

    findings: list[Finding] = field(default_factory=list)
    not_assessed: list[NotAssessed] = field(default_factory=list)
    counts: dict[str, Count] = field(default_factory=dict)
    pairs: list[tuple[Named, Named]] = field(default_factory=list)
    doubtful: dict[Named, Doubt] = field(default_factory=dict)
    given_up: list[GivenUp] = field(default_factory=list)
    instead: dict[Named, Doubt] = field(default_factory=dict)

    def leave_open(self) -> None:
        """Take back the findings of which nobody knows whether another one stands in their place.

        Otherwise a fact that is written `unknown` would bring out a finding that was not there.
        """
        self.instead = _in_their_place(self.findings, self.pairs, self.doubtful)
        kept = []
        for finding in self.findings:
            about = finding.rule, finding.subject
            if about not in self.instead:
                kept.append(finding)
                continue
            missing = merged(self.instead[about].values())
            self.not_assessed.append(NotAssessed(*about, missing, None, finding.span))
            count = self.counts[finding.rule]
            self.counts[finding.rule] = Count(
                count.checked, count.flagged - 1, count.not_assessed + 1
            )
        self.findings = kept


def _in_their_place(
    findings: list[Finding], pairs: list[tuple[Named, Named]], doubtful: Mapping[Named, Doubt]
) -> dict[Named, Doubt]:
    """What may stand in the place of findings, and what would settle that.

    It does not where another one certainly stands there, unless that one is in doubt itself; what
    it stands in the place of is in doubt too then.
    """
    open: dict[Named, Doubt] = {}
    if not doubtful:
        return open
    over = above(findings, pairs)
    there = {(finding.rule, finding.subject) for finding in findings}
    candidates = [about for about in dict.fromkeys((*doubtful, *over)) if about in there]
    before = -1
    while len(open) > before:
        before = len(open)
        for about in candidates:
            firsts = over.get(about, ())
            if all(first in open for first in firsts):
                inherited = {first: merged(open[first].values()) for first in firsts}
                if doubt := {**doubtful.get(about, {}), **inherited}:
                    open[about] = doubt
    return open


def merged(gaps: Iterable[Gaps]) -> Gaps:
    """All of the inputs, each once."""
    return reduce(merge, gaps, ())


def evaluate(
    rules: RuleSet,
    facts: Any,
    words: Catalogue | None = None,
    clock: Clock | None = None,
    names: Collection[str] | None = None,
) -> Outcome:
    """What the rules say of the facts.

    Args:
        rules: all rules; those without a condition are the reader's and say nothing here.
        facts: the organisation.
        words: the fields that the rules were checked against; by default all there are.
        clock: asked between rules when timings are wanted.
        names: which of the rules are to say something; by default all. What one of them asks about
            another holds whether that one is among them or not.
    """
    return finished(evaluating(rules, facts, words, clock, names))


def evaluating(
    rules: RuleSet,
    facts: Any,
    words: Catalogue | None = None,
    clock: Clock | None = None,
    names: Collection[str] | None = None,
) -> Generator[str, None, Outcome]:
    """As `evaluate`, with the name of each rule as soon as it has run; it may be left off there."""
    engine = Engine(rules, facts, words or catalogue())
    try:
        return (yield from engine.outcomes(names, clock))
    finally:
        engine.forget()


def finished(steps: Generator[Any, None, T]) -> T:
    """What comes out at the end of steps that are all taken."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            value: T = end.value
            return value


class Engine:
    """One evaluation: every rule runs once, when it is first asked for."""

    def __init__(self, rules: RuleSet, facts: Any, words: Catalogue) -> None:
        self.rules = rules
        self.facts = facts
        self.run = Run(facts, self.verdict)
        self.explainer = Explainer(rules, words, self.run, self.missing)
        self.teller = Teller(Compiler(rules, words, self.run), self.explainer, facts.org)
        self._results: dict[str, Result] = {}

    def outcome(self, names: Collection[str] | None = None) -> Outcome:
        """The findings of all rules, or of those named."""
        return finished(self.outcomes(names))

    def outcomes(
        self, names: Collection[str] | None = None, clock: Clock | None = None
    ) -> Generator[str, None, Outcome]:
        """The name of each rule that has run, and at the end what all have found.

        A finding that another makes superfluous is put beside it; where it is open whether that
        other one is there, it is not assessed.
        """
        chosen = [rule for rule in self.rules if names is None or rule.name in names]
        gathered, timings = _Gathered(), list[tuple[str, float]]()
        for rule in chosen:
            if rule.checks:
                began = clock() if clock else 0.0
                self._gather(rule, gathered)
                if clock:
                    timings.append((rule.name, clock() - began))
                yield rule.name
        gathered.leave_open()
        return Outcome(
            tuple(supersede(gathered.findings, gathered.pairs)),
            tuple(gathered.not_assessed),
            MappingProxyType(gathered.counts),
            tuple(gathered.given_up),
            tuple(timings),
            {about: tuple(doubt) for about, doubt in gathered.instead.items()},
        )

    def _gather(self, rule: Rule, gathered: _Gathered) -> None:
        """Add what one rule says; one that is given up makes nothing superfluous."""
        result = self.result(rule)
        told = _Told()
        self.run.left = BUDGET
        hits = list(result.hits.values())
        for number, hit in enumerate(hits):
            self.run.left += TELLING
            try:
                self._tell(rule, hit, told)
            except Exhausted:
                result.exhausted = _without(_so_far(rule, result), hits[number:])
                break
        self.teller.clauses(rule).compiler.forget()
        if result.exhausted:
            gathered.given_up.append(result.exhausted)
        else:
            gathered.pairs += told.pairs
            for about, doubt in told.doubtful.items():
                gathered.doubtful.setdefault(about, {}).update(doubt)
        gathered.findings += told.findings
        gathered.not_assessed += told.open
        gathered.counts[rule.name] = Count(
            result.checked, len(told.findings), len(hits) - len(told.findings)
        )

    def _tell(self, rule: Rule, hit: Hit, told: _Told) -> None:
        """Add what the rule says of one subject; nothing where that takes too many steps."""
        others = self.teller.superseding(rule, hit)
        open: list[NotAssessed] = []
        if hit.truth == SURE:
            told.findings.append(self.teller.finding(rule, hit, open))
            told.pairs += others
        else:
            entry = self._not_assessed(rule, hit)
            open.append(entry)
            for about, other in others:
                told.doubtful.setdefault(other, {})[about] = entry.missing
        told.open += open

    def forget(self) -> None:
        """Let go of what was found: the engine's parts refer to each other, so it lives on."""
        self._results.clear()
        for kept in self.run.memo.values():
            if isinstance(kept, dict):
                kept.clear()
        self.run.memo.clear()

    # --- running one rule -------------------------------------------------------------------------

    def result(self, rule: Rule) -> Result:
        """What the rule found; given up when it takes too many steps."""
        if rule.name not in self._results:
            left, self.run.left = self.run.left, BUDGET
            result = self._results[rule.name] = Result()
            try:
                self._run(rule, result)
            except Exhausted:
                self._give_up(rule, result)
            self.teller.clauses(rule).compiler.forget()
            self.run.left = left
        return self._results[rule.name]

    def _give_up(self, rule: Rule, result: Result) -> None:
        """Leave of what a rule found that which is certain, and say whom it did not judge."""
        result.hits = {key: hit for key, hit in result.hits.items() if hit.truth == SURE}
        rest, more = dict[Subject, None](), False
        self.run.left = COUNTING
        try:
            for elements in self._not_judged(rule, result):
                rest.setdefault(subject_of(elements))
        except Exhausted:
            more = True
        result.exhausted = given_up(rule)._replace(
            judged=result.ways if result.distinct else len(result.hits),
            not_judged=len(rest),
            more=more,
            first=tuple(islice(rest, NAMED)),
        )

    def _not_judged(self, rule: Rule, result: Result) -> Iterator[tuple[Any, ...]]:
        """Whom a rule that is given up ranges over beyond those of whom it knows.

        Of a subject with several ways to be looked at, nobody knows whether there are further ones.
        """
        judging = self._judging(rule)
        if judging is None:
            return
        for env, _ in islice(judging.ways, result.ways if result.distinct else 0, None):
            elements = judging.about(env)
            if elements is not None and subject_of(elements) not in result.hits:
                yield elements

    def verdict(self, name: str, element: Any) -> int:
        """Whether a rule flags an element; `MAYBE` when the rule was given up before it knew."""
        rule = self.rules.rules.get(name)
        if rule is None or not rule.checks:
            return NO
        result = self.result(rule)
        hit = result.hits.get(Subject(element.kind, element.id))
        return hit.truth if hit else MAYBE if result.exhausted else NO

    def missing(self, name: str, element: Any) -> Gaps:
        """The inputs that would settle whether a rule flags an element."""
        rule = self.rules.rules[name]
        hit = self.result(rule).hits.get(Subject(element.kind, element.id))
        return self.gaps(rule, hit) if hit else ()

    def _run(self, rule: Rule, result: Result) -> None:
        judging = self._judging(rule)
        if judging is None:
            return
        ways, applies, flags, about, distinct = judging
        result.distinct = distinct
        seen: set[Subject] = set()
        for env, sure in ways:
            applied = applies(env)
            elements = about(env) if applied else None
            if elements is not None:
                if distinct:
                    result.checked += 1
                else:
                    seen.add(subject_of(elements))
                truth = flags(env)
                if truth:
                    truth = min(truth, applied if sure else MAYBE)
                    _keep(result.hits, elements, truth, env)
            result.ways += 1
        result.checked += len(seen)

    def every(self, rule: Rule) -> Iterator[Hit]:
        """Every subject that the rule looks at or leaves aside, flagged or not."""
        self.run.left = BUDGET
        judging = self._judging(rule)
        if judging is None:
            return
        for env, sure in judging.ways:
            elements = judging.about(env)
            if elements is not None:
                applied = min(judging.applies(env), SURE if sure else MAYBE)
                truth = min(applied, judging.flags(env)) if applied else NO
                yield Hit(subject_of(elements), elements, truth, [env])

    def _judging(self, rule: Rule) -> _Judging | None:
        """How the rule judges, compiled; None where there is nobody to judge."""
        clauses = self.teller.clauses(rule)
        compiler = clauses.compiler
        (check,), (flag,) = clauses.part("check"), clauses.part("flag")
        where, *binds = check.args
        subject, other, when, unless = flag.args
        compiler.outer = frozenset(bind.args[0] for bind in binds[:-1])
        compiler.inner = frozenset(bind.args[0] for bind in binds[-1:] if len(binds) > 1)
        loops = [(bind.args[0], compiler.code(bind.expr(2))) for bind in binds]
        ways = _bound(self.run, rule.slots, loops)
        first = next(ways, None)
        if first is None:
            return None
        bound = subject.op == "var" and other is None
        return _Judging(
            chain((first,), ways),
            _holds if where is None else compiler.code(where),
            _flags(when and compiler.code(when), unless and compiler.code(unless)),
            _one(subject.args[0])
            if bound
            else _ends(compiler.codes([subject, *filter(None, [other])])),
            distinct=bound and len(binds) == 1,
        )

    def gaps(self, rule: Rule, hit: Hit) -> Gaps:
        """The inputs that would settle whether the rule flags a subject."""
        gaps: Gaps = ()
        for env in hit.envs[:NEEDS_SHOWN]:
            gaps = merge(gaps, self.teller.gaps(rule, env))
        if not gaps:
            (check,) = self.teller.part(rule, "check")
            compiler, env = self.explainer.compiler(rule), self.teller.env(rule, hit.envs[0])
            for bind in check.args[1:]:
                members: Members = self.explainer.value(compiler, bind.expr(2), env)
                gaps = merge(gaps, members.missing)
        return gaps

    def _not_assessed(self, rule: Rule, hit: Hit) -> NotAssessed:
        return NotAssessed(rule.name, hit.subject, self.gaps(rule, hit), None, hit.span)


def given_up(rule: Rule) -> GivenUp:
    """What to say about a rule that took too many steps, before anybody counted whom it judged."""
    return GivenUp(rule.name, BUDGET, rule.span)


def _so_far(rule: Rule, result: Result) -> GivenUp:
    """Of how many subjects a rule could judge, before it is to tell of them."""
    judged = result.ways if result.distinct else result.checked
    return result.exhausted or given_up(rule)._replace(judged=judged)


def _without(so_far: GivenUp, untold: list[Hit]) -> GivenUp:
    """The same without those whom it could judge, but not tell of."""
    subjects = (*so_far.first, *(hit.subject for hit in untold))
    return so_far._replace(
        judged=so_far.judged - len(untold),
        not_judged=so_far.not_judged + len(untold),
        first=subjects[:NAMED],
    )


def _bound(
    run: Run, slots: int, loops: list[tuple[int, Callable[[Env], Members]]]
) -> Iterator[tuple[Env, bool]]:
    """Every way to bind the names of `check each`, in a fresh environment, and if it is certain."""
    last = len(loops) - 1

    def deeper(env: Env, at: int, sure: bool) -> Iterator[tuple[Env, bool]]:
        slot, source = loops[at]
        members = source(env)
        run.spend(len(members.certain) + len(members.possible))
        for certain, elements in ((sure, members.certain), (False, members.possible)):
            for element in elements:
                inner = env.copy()
                inner[slot] = element
                if at == last:
                    yield inner, certain
                else:
                    yield from deeper(inner, at + 1, certain)

    return deeper([run, *[UNSET] * (slots - 1)], 0, True)


def _holds(_: Env) -> int:
    return SURE


def _flags(when: Code | None, unless: Code | None) -> Code:
    """Whether a subject is flagged: what is said to hold does, and nothing excuses it."""
    holds = when or _holds
    if unless is None:
        return holds
    excused = unless

    def flags(env: Env) -> int:
        verdict: int = holds(env)
        return verdict and min(verdict, SURE - excused(env))

    return flags


def _one(slot: int) -> About:
    """The element bound in the slot, as the one that is flagged."""
    return lambda env: (env[slot],)


def _ends(ends: list[Code]) -> About:
    """The elements that are flagged, a pair by id; None when one is nobody or unknown."""

    def about(env: Env) -> tuple[Any, ...] | None:
        found = [end(env) for end in ends]
        for element in found:
            if element is NONE or element.__class__ is Unknown:
                return None
        if len(found) == 2:
            if found[0] is found[1]:
                return None
            found.sort(key=attrgetter("id"))
        return tuple(found)

    return about


def _keep(hits: dict[Subject, Hit], elements: tuple[Any, ...], truth: int, env: Env) -> None:
    """Keep the environment if none was better for the subject so far."""
    subject = subject_of(elements)
    hit = hits.get(subject)
    if hit is None or truth > hit.truth:
        hits[subject] = Hit(subject, elements, truth, [env])
    elif truth == hit.truth:
        hit.envs.append(env)
