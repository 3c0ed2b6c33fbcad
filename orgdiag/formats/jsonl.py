"""JSON Lines: the run, then each finding and each thing not assessed, a line each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from orgdiag.documents.contract import Document
from orgdiag.media.indented import Json, compact
from orgdiag.report import Report


def render(report: Report) -> Json:
    """The objects of the JSON contract with a `type`, one a line."""
    return Json("\n").join([*map(compact, _rows(report)), Json()])


def _rows(report: Report) -> Iterator[dict[str, Any]]:
    run = Document(report).parts()
    findings, not_assessed, inputs = map(run.pop, ("findings", "not_assessed", "inputs"))
    yield {"type": "run", **run}
    for entry in findings:
        yield {"type": "finding", **entry}
    for entry in not_assessed:
        yield {"type": "not-assessed", **entry}
    for entry in inputs:
        yield {"type": "input", **entry}
