"""For people at a terminal: each finding with its source lines, the facts behind it, the fixes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from orgdiag.excerpt import PLAIN, Look, Marked, excerpt
from orgdiag.finding import Finding, NotAssessed
from orgdiag.printable import printable
from orgdiag.report import Report
from orgdiag.summary import closing, counted, needed, waiting

TERMINAL: Final = True
_PLACES: Final = 12


def render(report: Report, look: Look = PLAIN) -> str:
    """The findings that count, each as a block, and the closing lines."""
    blocks = [block(finding, look) for finding in report.new]
    if look.not_assessed and report.not_assessed:
        blocks.append("\n".join(_open(report, look)))
    blocks.append("".join(f"{look.paint('bold', line)}\n" for line in closing(report)))
    return "\n\n".join(blocks)


def block(finding: Finding, look: Look) -> str:
    """One finding: message, places with carets, facts, fixes, the next command."""
    style = finding.severity.value
    head = look.paint(style, f"{style}[{finding.rule}]")
    placed = [Marked(span, message) for message, span in finding.evidence if span is not None]
    main = Marked(finding.span, finding.label or waiting(finding), main=True)
    lines, margin = excerpt([main, *placed[:_PLACES]], look, style)
    note = f"{margin} {look.paint('frame', '=')} "
    return "\n".join([
        f"{head}: {look.paint('bold', printable(finding.message))}",
        *lines,
        *[note + printable(text) for text in _notes(finding, len(placed))],
    ])  # fmt: skip


def _notes(finding: Finding, placed: int) -> list[str]:
    """What stands below the places: facts without one, how many have none left, what helps."""
    notes = [f"fact: {message}" for message, span in finding.evidence if span is None]
    if placed > _PLACES:
        notes.append(f"fact: and {counted(placed - _PLACES, 'place')} more")
    notes += [f"also: {other.message} ({other.rule})" for other in finding.superseded]
    notes += [f"help: {text}" for text in (*finding.fixes, finding.help) if text]
    if finding.subject.kind != "place":
        notes.append(f"more: orgdiag why {finding.rule} {_argument(finding)}")
    return notes


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
