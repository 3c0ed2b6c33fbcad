"""GitHub Actions: annotations in the changed files, the rest in the log.

GitHub shows ten annotations of a level and step, so the first ten are annotations, errors first;
what is left is printed as plain lines. Nothing else of orgdiag writes workflow commands, and no
text of a stranger can become a command of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, Self

from orgdiag.documents.summary import closing
from orgdiag.finding import Finding, Severity
from orgdiag.media.escaped import Escaped
from orgdiag.media.terminal import Screen
from orgdiag.report import Report
from orgdiag.text.printable import printable

_CAP: Final = 10


class Commands(Escaped):
    """Workflow commands and lines that are none; foreign text stands in the data of a command.

    >>> Commands("::error {}::{}").format(Commands.properties({"file": "a,b:c"}), "50 %")
    '::error file=a%2Cb%3Ac::50 %25'
    """

    __slots__ = ()

    @staticmethod
    def written(foreign: str) -> str:
        """The text as the data of a command."""
        return printable(foreign).replace("%", "%25")

    @classmethod
    def properties(cls, values: Mapping[str, object]) -> Self:
        """Names and foreign values as the properties of a command."""
        written = {
            name: cls.written(str(value)).replace(":", "%3A").replace(",", "%2C")
            for name, value in values.items()
        }
        return cls(",".join([f"{name}={value}" for name, value in written.items()]))

    @classmethod
    def plain(cls, line: str) -> Self:
        """A line that is no command, whatever stands in it."""
        return cls(Screen.written(line))


def render(report: Report) -> Commands:
    """Workflow commands and plain lines."""
    return Commands("\n").join([*_lines(report), Commands()])


def _lines(report: Report) -> Iterator[Commands]:
    shown: Counter[Severity] = Counter()
    rest = []
    for finding in sorted(report.new, key=lambda finding: finding.severity.rank):
        if shown[finding.severity] < _CAP:
            shown[finding.severity] += 1
            yield _annotation(finding)
        else:
            rest.append(finding)
    if rest:
        yield Commands.plain(f"{len(rest)} more, of which GitHub would show no annotation:")
    for finding in rest:
        where = f"- {finding.span}: {finding.severity}[{finding.rule}]"
        yield Commands.plain(f"{where} {finding.message}")
    yield from map(Commands.plain, closing(report))


def _annotation(finding: Finding) -> Commands:
    span = finding.span
    places = {"file": span.path, "line": span.line, "endLine": span.end_line}
    if span.line == span.end_line:
        places |= {"col": span.column, "endColumn": span.end_column}
    properties = {**places, "title": f"{finding.rule}: {finding.subject}"}
    text = Commands("%0A- ").join([finding.message, *finding.fixes])
    return _COMMANDS[finding.severity].format(Commands.properties(properties), text)


_COMMANDS: Final = {
    Severity.ERROR: Commands("::error {}::{}"),
    Severity.WARNING: Commands("::warning {}::{}"),
    Severity.INFO: Commands("::notice {}::{}"),
}
