"""One line a finding, as compilers print it; editors make the place a link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from orgdiag.documents.excerpt import PLAIN, Look
from orgdiag.documents.summary import closing, needs
from orgdiag.media.terminal import Line, Styled
from orgdiag.report import Report

TERMINAL: Final = True


def render(report: Report, look: Look = PLAIN) -> Iterator[Line]:
    """The findings that count, a line each, and the closing lines."""
    for finding in report.new:
        word = Styled(finding.severity.value, f"{finding.severity}[{finding.rule}]")
        yield f"{finding.span}: ", word, f" {finding.message}"
    if look.not_assessed:
        for entry in report.not_assessed:
            place = f"{entry.span}: " if entry.span else ""
            wanted = ", ".join(needs(entry.missing))
            subject = f"{entry.subject.kind} {entry.subject.id}"
            yield f"{place}not assessed[{entry.rule}] {subject}: missing {wanted}"
    yield from closing(report)
