"""GitLab Code Quality: the findings that count, for the widget of a merge request."""

from __future__ import annotations

import json
from typing import Final

from orgdiag.finding import Severity
from orgdiag.report import Report
from orgdiag.source import Span

_SEVERITIES: Final = {
    Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info",
}  # fmt: skip


def render(report: Report) -> str:
    """A JSON list as GitLab reads it."""
    rows = [
        {
            "type": "issue",
            "check_name": finding.rule,
            "description": finding.message,
            "categories": ["Complexity"],
            "fingerprint": finding.fingerprint,
            "severity": _SEVERITIES[finding.severity],
            "location": {"path": finding.span.path, "lines": _lines(finding.span)},
        }
        for finding in report.new
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def _lines(span: Span) -> dict[str, int]:
    return {"begin": span.line, "end": span.end_line}
