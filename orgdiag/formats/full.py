"""For people at a terminal: each finding with its source lines, the facts behind it, the fixes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from orgdiag.documents.excerpt import PLAIN, Look, Marked, excerpt
from orgdiag.documents.summary import closing, counted, needs, waiting
from orgdiag.finding import Finding, NotAssessed
from orgdiag.frozen import made
from orgdiag.media.terminal import Line, Styled
from orgdiag.report import Report

TERMINAL: Final = True
_PLACES: Final = 12


def render(report: Report, look: Look = PLAIN) -> Iterator[Line]:
    """The findings that count, each as a block, and the closing lines.

    A block is made when it is asked for: the pieces of all lines take more room than their text.
    """
    for finding in report.new:
        yield from block(finding, look)
        yield ""
    if look.not_assessed and report.not_assessed:
        yield from _open(report)
        yield ""
    for line in closing(report):
        yield Styled("bold", line)


def block(finding: Finding, look: Look) -> list[Line]:
    """One finding: message, places with carets, facts, fixes, the next command."""
    style = str(finding.severity)
    placed = [
        made(Marked, (span, message, False))
        for message, span in finding.evidence
        if span is not None
    ]
    main = Marked(finding.span, finding.label or waiting(finding), main=True)
    lines, note = excerpt([main, *placed[:_PLACES]], look, style)
    return [
        (Styled(style, f"{style}[{finding.rule}]"), ": ", Styled("bold", finding.message)),
        *lines,
        *[(*note, text) for text in _notes(finding, len(placed))],
    ]


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


def _open(report: Report) -> Iterator[Line]:
    yield Styled("bold", "Not assessed:")
    for entry in report.not_assessed:
        yield from _entry(entry)


def _entry(entry: NotAssessed) -> Iterator[str]:
    what = f"whether it is {entry.escalation}" if entry.escalation else "could not be checked"
    yield f"  {entry.rule} {entry.subject.kind} {entry.subject.id}: {what}"
    for need in needs(entry.missing) if entry.missing else ():
        yield f"    missing: {need}"
