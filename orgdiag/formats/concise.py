"""One line a finding, as compilers print it; editors make the place a link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from orgdiag.excerpt import PLAIN, Look
from orgdiag.printable import printable
from orgdiag.report import Report
from orgdiag.summary import closing, needed

TERMINAL: Final = True


def render(report: Report, look: Look = PLAIN) -> str:
    """The findings that count, a line each, and the closing lines."""
    return "\n".join([*_lines(report, look), *closing(report)]) + "\n"


def _lines(report: Report, look: Look) -> Iterator[str]:
    for finding in report.new:
        word = look.paint(finding.severity.value, f"{finding.severity}[{finding.rule}]")
        yield f"{printable(str(finding.span))}: {word} {printable(finding.message)}"
    if look.not_assessed:
        for entry in report.not_assessed:
            place = f"{printable(str(entry.span))}: " if entry.span else ""
            wanted = ", ".join(printable(needed(missing)) for missing in entry.missing)
            subject = f"{entry.subject.kind} {printable(entry.subject.id)}"
            yield f"{place}not assessed[{entry.rule}] {subject}: missing {wanted}"
