"""JSON Lines: the run, then each finding and each thing not assessed, a line each."""

from __future__ import annotations

import json

from orgdiag.contract import finding_data, header, not_assessed_data
from orgdiag.report import Report


def render(report: Report) -> str:
    """The objects of the JSON contract with a `type`, one a line."""
    rows = [
        {"type": "run", **header(report), "summary": dict(report.counts)},
        *({"type": "finding", **finding_data(finding)} for finding in report.findings),
        *({"type": "not-assessed", **not_assessed_data(e)} for e in report.not_assessed),
    ]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
