"""JUnit XML: one test case a rule and file, as build servers read it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from orgdiag.documents.summary import needs
from orgdiag.finding import Finding, NotAssessed, Severity
from orgdiag.media.markup import Xml
from orgdiag.report import Report


class _Suite(NamedTuple):
    """A suite's text, and how many cases it has and how many failed."""

    text: Xml
    tests: int
    failures: int


def render(report: Report) -> Xml:
    """A suite a rule: failed where it counts, skipped where it could not be assessed."""
    groups = {rule.name: rule.group for rule in report.rules.values()}
    groups |= {finding.rule: finding.group for finding in report.new}
    found: dict[str, list[Finding]] = {}
    for finding in report.new:
        found.setdefault(finding.rule, []).append(finding)
    open: dict[str, list[NotAssessed]] = {}
    for entry in report.open_told:
        open.setdefault(entry.rule, []).append(entry)
    suites = [
        _suite(name, groups[name], found.get(name, []), open.get(name, []))
        for name in sorted(groups)
    ]
    return Xml(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="orgdiag" tests="{}" failures="{}">\n{}</testsuites>\n'
    ).format(
        sum(suite.tests for suite in suites),
        sum(suite.failures for suite in suites),
        Xml().join(suite.text for suite in suites),
    )


def _suite(rule: str, group: str, found: list[Finding], open: list[NotAssessed]) -> _Suite:
    by_path = sorted(found, key=lambda finding: finding.span.path)
    cases = [
        _case(rule, group, path, list(findings))
        for path, findings in groupby(by_path, key=lambda finding: finding.span.path)
    ]
    failed = sum("<failure" in case for case in cases)
    skipped = 0
    if not cases:
        cases, skipped = [_quiet_case(rule, group, open)], int(bool(open))
    text = Xml(
        '  <testsuite name="{}" tests="{}" failures="{}" errors="0" skipped="{}">\n'
        "{}  </testsuite>\n"
    ).format(rule, len(cases), failed, skipped, Xml().join(cases))
    return _Suite(text, len(cases), failed)


def _case(rule: str, group: str, path: str, findings: list[Finding]) -> Xml:
    lines = Xml("\n").join(f"{f.span}: {f.severity}: {f.message}" for f in findings)
    failing = [finding for finding in findings if finding.severity is not Severity.INFO]
    if failing:
        worst = min(failing, key=lambda finding: finding.severity.rank).severity.value
        body = Xml('<failure message="{} × {}" type="{}">{}</failure>').format(
            len(failing), rule, worst, lines
        )
    else:
        body = Xml("<system-out>{}</system-out>").format(lines)
    case = Xml('    <testcase name="{} {}" classname="{}">\n      {}\n    </testcase>\n')
    return case.format(rule, path, group, body)


def _quiet_case(rule: str, group: str, entries: list[NotAssessed]) -> Xml:
    if not entries:
        return Xml('    <testcase name="{}" classname="{}"/>\n').format(rule, group)
    return Xml(
        '    <testcase name="{}" classname="{}">\n'
        '      <skipped message="not assessed: {}"/>\n    </testcase>\n'
    ).format(rule, group, "; ".join(_reasons(entries)))


def _reasons(entries: list[NotAssessed]) -> Iterator[str]:
    for entry in entries:
        yield f"{entry.subject} needs {', '.join(needs(entry.missing))}"
