"""The examples of rules, run as their tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from orgdiag.catalogue import Catalogue, catalogue
from orgdiag.evaluate.engine import Engine
from orgdiag.facts.columns import Facts
from orgdiag.finding import Finding, NotAssessed, OrgdiagError
from orgdiag.parse import parse
from orgdiag.resolve import resolve
from orgdiag.rule.rule import Example, Param, Rule, RuleSet
from orgdiag.text.source import Source, Span
from orgdiag.whatif import operations


class Failure(NamedTuple):
    """An example that does not hold, or a number that no example notices.

    rule, span   the rule, and where the example (or the rule's name) stands
    message      what is wrong, in one line
    details      what was expected and what was said, line by line
    """

    rule: str
    span: Span
    message: str
    details: tuple[str, ...] = ()


class Tested(NamedTuple):
    """How many rules and examples were run, and what failed."""

    rules: int
    examples: int
    failures: tuple[Failure, ...]


def run_examples(rules: RuleSet, names: Iterable[str] | None = None) -> Tested:
    """What came of the examples of the rules.

    Every example must hold. For each parameter, one step up and one step down, some example of the
    rule must come out otherwise: else its examples do not show where the threshold lies.

    Args:
        rules: all rules; those an example's rule asks about are among them.
        names: the rules whose examples are run; by default all.
    """
    words = catalogue()
    chosen = [rules.rules[name] for name in names] if names is not None else list(rules)
    failures: list[Failure] = []
    for rule in chosen:
        failures.extend(_of_rule(rules, rule, words))
    return Tested(len(chosen), sum(len(rule.examples) for rule in chosen), tuple(failures))


class _Said(NamedTuple):
    """What a rule says of the model of an example."""

    findings: tuple[Finding, ...]
    not_assessed: tuple[NotAssessed, ...]
    misread: tuple[Finding, ...]

    @property
    def shape(self) -> tuple[frozenset[object], frozenset[object]]:
        """Whom it flags and how badly, and whom it cannot assess."""
        return (
            frozenset((finding.subject, finding.severity) for finding in self.findings),
            frozenset((open.subject, open.escalation) for open in self.not_assessed),
        )


def _of_rule(rules: RuleSet, rule: Rule, words: Catalogue) -> Iterator[Failure]:
    models = [_facts(rule, example) for example in rule.examples]
    said = [_say(rules, rule, *model, words) for model in models]
    for example, heard in zip(rule.examples, said, strict=True):
        failure = _judge(rule, example, heard)
        if failure is not None:
            yield failure
    if not rule.checks or not rule.examples:
        return
    shapes = [heard.shape for heard in said]
    for param in rule.params.values():
        for moved in (param.moved(1), param.moved(-1)):
            if moved is None or moved.value == param.value:
                continue
            if not _notices(rules, rule, moved, models, shapes, words):
                yield Failure(
                    rule.name, rule.span,
                    f"no example notices {param.name} = {moved.value} instead of {param.value}",
                    ("an example on each side of the threshold is missing",),
                )  # fmt: skip


def _facts(rule: Rule, example: Example) -> tuple[Facts, tuple[Finding, ...]]:
    """The model of an example, read at its own place in the rule file."""
    text = rule.source.text
    padded = "".join(c if c in "\r\n" else " " for c in text[: example.start])
    source = Source(rule.source.path, padded + text[example.start : example.end])
    org, findings = resolve([parse(source)], operations=operations.forms())
    return Facts(org), tuple(findings)


def _say(
    rules: RuleSet, rule: Rule, facts: Facts, misread: tuple[Finding, ...], words: Catalogue
) -> _Said:
    """What the rule says of a model, superseding by other rules left aside."""
    if not rule.checks:
        return _Said(tuple(f for f in misread if f.rule == rule.name), (), misread)
    outcome = Engine(rules, facts, words).outcome([rule.name])
    if outcome.given_up:
        raise OrgdiagError([rule.problem for rule in outcome.given_up])
    return _Said(outcome.findings, outcome.not_assessed, misread)


def _notices(
    rules: RuleSet, rule: Rule, param: Param, models: list[tuple[Facts, tuple[Finding, ...]]],
    shapes: list[tuple[frozenset[object], frozenset[object]]], words: Catalogue,
) -> bool:  # fmt: skip
    """Whether some example comes out otherwise with the parameter."""
    moved = replace(rule, params=MappingProxyType({**rule.params, param.name: param}))
    others = rules.with_rule(moved)
    return any(
        _say(others, moved, *model, words).shape != shape
        for model, shape in zip(models, shapes, strict=True)
    )


def _judge(rule: Rule, example: Example, said: _Said) -> Failure | None:
    """What is wrong about what was said of an example, or None."""
    span = Span(rule.source, example.start, example.start)
    broken = [finding for finding in said.misread if finding.rule != rule.name]
    if rule.checks and broken:
        lines = tuple(f"{finding.span}: {finding.message}" for finding in broken)
        return Failure(rule.name, span, "the model of this example is broken", lines)
    wrong = {
        "flags": _flags, "passes": _passes, "not-assessed": _not_assessed,
    }[example.outcome](example, said)  # fmt: skip
    if not wrong:
        return None
    heard = [f"said: {f.severity} {f.subject}: {f.message}" for f in said.findings]
    heard += [
        f"said: not assessed {open.subject}: needs {_needs(open)}" for open in said.not_assessed
    ]
    message = {
        "flags": "this example should flag",
        "passes": "this example should pass",
        "not-assessed": "this example should not be assessable",
    }[example.outcome]
    return Failure(rule.name, span, message, (*wrong, *(heard or ["said: nothing"])))


def _flags(example: Example, said: _Said) -> list[str]:
    flagged = {finding.subject.id: finding for finding in said.findings}
    wanted = {_pair_sorted(name) for name in example.subjects}
    got = {_pair_sorted(name) for name in flagged}
    wrong = [f"wanted: {name} flagged" for name in sorted(wanted - got)]
    wrong += [f"not wanted: {name} flagged" for name in sorted(got - wanted)]
    for finding in flagged.values():
        if example.saying and example.saying not in finding.message:
            wrong.append(f'wanted in the message: "{example.saying}"')
        if example.severity is not None and finding.severity != example.severity:
            wrong.append(f"wanted: {example.severity}, not {finding.severity}")
    return wrong


def _pair_sorted(name: str) -> str:
    return " with ".join(sorted(name.split(" with ")))


def _passes(example: Example, said: _Said) -> list[str]:
    named = {_pair_sorted(name) for name in example.subjects}

    def meant(id: str) -> bool:
        return not named or _pair_sorted(id) in named

    wrong = [f"not wanted: {f.subject} flagged" for f in said.findings if meant(f.subject.id)]
    wrong += [
        f"not wanted: {open.subject} not assessed"
        for open in said.not_assessed
        if meant(open.subject.id) and open.escalation is None
    ]
    return wrong


def _not_assessed(example: Example, said: _Said) -> list[str]:
    open = {_pair_sorted(entry.subject.id): entry for entry in said.not_assessed}
    wrong = [f"not wanted: {finding.subject} flagged" for finding in said.findings
             if _pair_sorted(finding.subject.id) in {_pair_sorted(s) for s in example.subjects}
             and open.get(_pair_sorted(finding.subject.id)) is None]  # fmt: skip
    for name in example.subjects:
        entry = open.get(_pair_sorted(name))
        if entry is None:
            wrong.append(f"wanted: {name} not assessed")
            continue
        have = {gap.property for gap in entry.missing}
        wrong += [f"wanted: {name} needs {word}" for word in example.needs if word not in have]
    return wrong


def _needs(open: NotAssessed) -> str:
    return (
        ", ".join(f"{gap.property} of {gap.id}" for gap in open.missing) or "nothing that is known"
    )


__all__ = ["Failure", "Tested", "run_examples"]
