"""JUnit XML: one test case a rule and file, as build servers read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from orgdiag.finding import Finding, NotAssessed, Severity
from orgdiag.report import Report
from orgdiag.summary import needed

# Everything that XML 1.0 cannot hold.
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """A suite a rule: failed where it counts, skipped where it could not be assessed."""
    groups = {rule.name: rule.group for rule in report.rules.values()}
    groups |= {finding.rule: finding.group for finding in report.new}
    found: dict[str, list[Finding]] = {}
    for finding in report.new:
        found.setdefault(finding.rule, []).append(finding)
    open: dict[str, list[NotAssessed]] = {}
    for entry in report.not_assessed:
        open.setdefault(entry.rule, []).append(entry)
    suites = [
        _suite(name, groups[name], found.get(name, []), open.get(name, []))
        for name in sorted(groups)
    ]
    tests = sum(tests for _, tests, _, _ in suites)
    failures = sum(failures for _, _, failures, _ in suites)
    head = f'<testsuites name="orgdiag" tests="{tests}" failures="{failures}">'
    body = "".join(text for text, *_ in suites)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{body}</testsuites>\n'


def _suite(
    rule: str, group: str, found: list[Finding], open: list[NotAssessed]
) -> tuple[str, int, int, int]:
    """A suite's text, and how many cases it has, failed and skipped."""
    by_path = sorted(found, key=lambda finding: finding.span.path)
    cases = [
        _case(rule, group, path, list(findings))
        for path, findings in groupby(by_path, key=lambda finding: finding.span.path)
    ]
    failed = sum("<failure" in case for case in cases)
    skipped = 0
    if not cases:
        cases, skipped = [_quiet_case(rule, group, open)], int(bool(open))
    head = (
        f'  <testsuite name={_attribute(rule)} tests="{len(cases)}" failures="{failed}" '
        f'errors="0" skipped="{skipped}">\n'
    )
    return head + "".join(cases) + "  </testsuite>\n", len(cases), failed, skipped


def _case(rule: str, group: str, path: str, findings: list[Finding]) -> str:
    lines = "\n".join(f"{f.span}: {f.severity}: {f.message}" for f in findings)
    failing = [finding for finding in findings if finding.severity is not Severity.INFO]
    head = f"    <testcase name={_attribute(f'{rule} {path}')} classname={_attribute(group)}>\n"
    if failing:
        message = f"{len(failing)} × {rule}"
        worst = min(failing, key=lambda finding: finding.severity.rank).severity.value
        attributes = f"message={_attribute(message)} type={_attribute(worst)}"
        body = f"      <failure {attributes}>{_text(lines)}</failure>\n"
    else:
        body = f"      <system-out>{_text(lines)}</system-out>\n"
    return f"{head}{body}    </testcase>\n"


def _quiet_case(rule: str, group: str, entries: list[NotAssessed]) -> str:
    head = f"    <testcase name={_attribute(rule)} classname={_attribute(group)}"
    if not entries:
        return f"{head}/>\n"
    reasons = "; ".join(_reasons(entries))
    skipped = f"<skipped message={_attribute(f'not assessed: {reasons}')}/>"
    return f"{head}>\n      {skipped}\n    </testcase>\n"


def _reasons(entries: list[NotAssessed]) -> Iterator[str]:
    for entry in entries:
        yield f"{entry.subject} needs {', '.join(needed(missing) for missing in entry.missing)}"


def _text(text: str) -> str:
    return escape(_ILLEGAL.sub("\ufffd", text))


def _attribute(text: str) -> str:
    return quoteattr(_ILLEGAL.sub("\ufffd", text))
