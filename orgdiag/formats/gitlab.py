"""GitLab Code Quality: the findings that count, for the widget of a merge request."""

from __future__ import annotations

import json
from typing import Final

from orgdiag.finding import Severity
from orgdiag.report import Report

_SEVERITIES: Final = {
    Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info",
}  # fmt: skip


def render(report: Report) -> str:
    """A JSON list as GitLab reads it."""
    rows = [
        {
            "description": finding.message,
            "check_name": finding.rule,
            "fingerprint": finding.fingerprint,
            "severity": _SEVERITIES[finding.severity],
            "location": {"path": finding.span.path, "lines": {"begin": finding.span.line}},
        }
        for finding in report.new
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
