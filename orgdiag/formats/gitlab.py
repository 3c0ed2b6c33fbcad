"""GitLab Code Quality: the findings that count, for the widget of a merge request."""

from __future__ import annotations

from typing import Any, Final

from orgdiag.finding import Finding, Severity
from orgdiag.media.indented import Json, indented
from orgdiag.report import Report
from orgdiag.text.source import Span

_SEVERITIES: Final = {
    Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info",
}  # fmt: skip


def render(report: Report) -> Json:
    """A JSON list as GitLab reads it."""
    return indented(_issue(finding) for finding in report.new)


def _issue(finding: Finding) -> dict[str, Any]:
    return {
        "type": "issue",
        "check_name": finding.rule,
        "description": finding.message,
        "categories": ["Complexity"],
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": finding.span.path, "lines": _lines(finding.span)},
    }


def _lines(span: Span) -> dict[str, int]:
    return {"begin": span.line, "end": span.end_line}
