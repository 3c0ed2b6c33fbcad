"""For people at a terminal: each finding with its source lines, the facts behind it, the fixes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from orgdiag.excerpt import PLAIN, Look, Marked, excerpts, gutter_width
from orgdiag.finding import Evidence, Finding, NotAssessed
from orgdiag.printable import printable
from orgdiag.report import Report
from orgdiag.summary import closing, counted, needed, waiting

TERMINAL: Final = True
_PLACES: Final = 12


def render(report: Report, look: Look = PLAIN) -> str:
    """The findings that count, each as a block, and the closing lines."""
    blocks = ["\n".join(block(finding, look)) for finding in report.new]
    if look.not_assessed and report.not_assessed:
        blocks.append("\n".join(_open(report, look)))
    blocks.append("\n".join(look.paint("bold", line) for line in closing(report)))
    return "\n\n".join(blocks) + "\n"


def block(finding: Finding, look: Look) -> Iterator[str]:
    """The lines of one finding: message, places with carets, facts, fixes, the next command."""
    style = finding.severity.value
    head = look.paint(style, f"{style}[{finding.rule}]")
    yield f"{head}: {look.paint('bold', printable(finding.message))}"
    placed = [fact for fact in finding.evidence if fact.span is not None]
    label = finding.label or waiting(finding)
    marks = [Marked(finding.span, label, main=True), *_marks(placed[:_PLACES])]
    yield from excerpts(marks, look, style)
    indent = " " * gutter_width(marks)
    for word, text in _notes(finding, len(placed) - _PLACES):
        yield f"{indent} {look.paint('frame', '=')} {word}: {printable(text)}"


def _marks(facts: list[Evidence]) -> Iterator[Marked]:
    for fact in facts:
        if fact.span is not None:
            yield Marked(fact.span, fact.message)


def _notes(finding: Finding, unshown: int) -> Iterator[tuple[str, str]]:
    for fact in finding.evidence:
        if fact.span is None:
            yield "fact", fact.message
    if unshown > 0:
        yield "fact", f"and {counted(unshown, 'place')} more"
    for other in finding.superseded:
        yield "also", f"{other.message} ({other.rule})"
    for text in (*finding.fixes, finding.help):
        if text:
            yield "help", text
    if finding.subject.kind != "place":
        yield "more", f"orgdiag why {finding.rule} {_argument(finding)}"


def _argument(finding: Finding) -> str:
    """The subject as it is written on a command line."""
    subject = finding.subject.id
    return f"'{subject}'" if " " in subject else subject


def _open(report: Report, look: Look) -> Iterator[str]:
    yield look.paint("bold", "Not assessed:")
    for entry in report.not_assessed:
        yield from _entry(entry)


def _entry(entry: NotAssessed) -> Iterator[str]:
    what = f"whether it is {entry.escalation}" if entry.escalation else "could not be checked"
    yield f"  {entry.rule} {entry.subject.kind} {printable(entry.subject.id)}: {what}"
    for missing in entry.missing:
        yield f"    missing: {printable(needed(missing))}"
