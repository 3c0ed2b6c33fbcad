"""GitHub Actions: annotations in the changed files, the rest in the log.

GitHub shows ten annotations of a level and step, so the first ten are annotations, errors first;
what is left is printed as plain lines. No text of a stranger can become a command of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from orgdiag.finding import Finding, Severity
from orgdiag.printable import printable
from orgdiag.report import Report
from orgdiag.summary import closing

_CAP: Final = 10
_COMMANDS: Final = {
    Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice",
}  # fmt: skip


def render(report: Report) -> str:
    """Workflow commands and plain lines."""
    return "".join(f"{line}\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    shown: Counter[Severity] = Counter()
    rest = []
    for finding in sorted(report.new, key=lambda finding: finding.severity.rank):
        if shown[finding.severity] < _CAP:
            shown[finding.severity] += 1
            yield _annotation(finding)
        else:
            rest.append(finding)
    if rest:
        yield f"{len(rest)} more, of which GitHub would show no annotation:"
    for finding in rest:
        yield plain(f"- {finding.span}: {finding.severity}[{finding.rule}] {finding.message}")
    yield from (plain(line) for line in closing(report))


def _annotation(finding: Finding) -> str:
    span = finding.span
    places = {"file": span.path, "line": span.line, "endLine": span.end_line}
    if span.line == span.end_line:
        places |= {"col": span.column, "endColumn": span.end_column}
    properties = {**places, "title": f"{finding.rule}: {finding.subject}"}
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    text = "\n".join([finding.message, *(f"- {fix}" for fix in finding.fixes)])
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(text)}"


def plain(text: str) -> str:
    """A line that is no command, whatever stands in it.

    >>> plain("::error::x ##[error]y")
    ': :error::x ## [error]y'
    """
    line = printable(text).replace("##[", "## [")
    return line.replace("::", ": :", 1) if line.lstrip().startswith("::") else line


def _data(text: str) -> str:
    safe = "\n".join(printable(line) for line in text.split("\n"))
    return safe.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
