"""The machine's format: one document, in the shape of `schemas/check.schema.json`."""

from __future__ import annotations

import json

from orgdiag.contract import document
from orgdiag.report import Report


def render(report: Report) -> str:
    """The whole report as one JSON document."""
    return json.dumps(document(report), indent=2, ensure_ascii=False) + "\n"
