"""How the report came about: calendar, parameters and their basis, and what does not count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from orgdiag.documents.summary import needs
from orgdiag.finding import Finding, NotAssessed, Status
from orgdiag.frozen import frozen
from orgdiag.report import Report
from orgdiag.rule.rule import Rule

LISTED: Final = 200
BASES: Final = {
    "article": "from the article on value streams",
    "literature": "from the literature",
    "convention": "our convention",
}


@frozen
class Parameter:
    """A number of a rule that a user may change.

    basis   where the value comes from, in words; `convention` when that is us and nobody else
    """

    name: str
    value: str
    meaning: str
    basis: str
    convention: bool


@frozen
class RuleNote:
    """What one rule is about: its reason, its sources, its numbers."""

    name: str
    anchor: str
    title: str
    group: str
    severity: str
    why: str
    see: tuple[str, ...]
    parameters: tuple[Parameter, ...]


@frozen
class Open:
    """A check that could not be made, and what it needs."""

    rule: str
    subject: str
    needs: str


@frozen
class Aside:
    """What does not count, and why: accepted, known since the baseline, not assessed.

    open       the first of the checks that could not be made, `more` how many others there are
    """

    accepted: tuple[Finding, ...]
    baselined: tuple[Finding, ...]
    stale: tuple[str, ...]
    open: tuple[Open, ...]
    more: int


@frozen
class Method:
    """How the report came about."""

    calendar: str
    as_of: str
    rules: tuple[RuleNote, ...]
    notices: tuple[str, ...]

    @property
    def conventions(self) -> int:
        """How many numbers are our convention."""
        return sum(p.convention for rule in self.rules for p in rule.parameters)


def aside(report: Report) -> Aside:
    """What does not count in the report."""
    return Aside(
        report.of_status(Status.ACCEPTED),
        report.of_status(Status.BASELINED),
        tuple(f"{entry.rule} for {entry.kind} {entry.id}" for entry in report.stale),
        tuple(_open(entry) for entry in report.not_assessed[:LISTED]),
        max(len(report.not_assessed) - LISTED, 0),
    )


def _open(entry: NotAssessed) -> Open:
    possible = f" (may be an {entry.escalation.value})" if entry.escalation else ""
    return Open(
        entry.rule,
        f"{entry.subject.kind} {entry.subject.id}{possible}",
        ", ".join(needs(entry.missing)),
    )


def method(report: Report) -> Method:
    """How the report came about."""
    day, week = report.calendar.day_hours, report.calendar.week_days
    origin = {"today": "today; no other day is given"}.get(report.as_of_origin, report.as_of_origin)
    shown = {finding.rule for finding in report.findings}
    return Method(
        f"A working day has {day:g} hours, a week {week:g} days; a month is 52/12 weeks.",
        f"{report.as_of.isoformat()} (set by {origin})",
        tuple(_rules(report, shown)),
        report.notices,
    )


def rule_anchors(report: Report) -> Mapping[str, str]:
    """Where each rule stands on the page that found something or has a parameter."""
    shown = {finding.rule for finding in report.findings}
    told = (name for name in sorted(report.rules) if name in shown or report.rules[name].params)
    return {name: f"r{number}" for number, name in enumerate(told, start=1)}


def _rules(report: Report, shown: set[str]) -> Iterator[RuleNote]:
    """The rules that found something, with their reasons; of the others only the parameters."""
    for name, anchor in rule_anchors(report).items():
        rule = report.rules[name]
        yield RuleNote(
            name,
            anchor,
            rule.title,
            rule.group,
            rule.severity.value,
            rule.why if name in shown else "",
            rule.see if name in shown else (),
            tuple(_parameters(rule)),
        )


def _parameters(rule: Rule) -> Iterator[Parameter]:
    for param in rule.params.values():
        basis = f"set in {param.origin}" if param.origin else BASES.get(param.basis, "not stated")
        convention = not param.origin and param.basis == "convention"
        yield Parameter(param.name, param.value, param.doc, basis, convention)
