"""The machine's format: one document, in the shape of `schemas/check.schema.json`."""

from __future__ import annotations

from orgdiag.documents.contract import Document, location
from orgdiag.media.indented import Json, indented, laid
from orgdiag.report import Report


def render(report: Report) -> Json:
    """The whole report as one JSON document."""
    return indented(Document(report).parts(lambda span: laid(location(span))))
