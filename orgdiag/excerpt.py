"""Source lines with carets, as the terminal shows them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from orgdiag.finding import Problem
from orgdiag.frozen import frozen
from orgdiag.printable import printable, shortened
from orgdiag.source import Span

EXCERPT_LIMIT: Final = 120
_MESSAGE: Final = 1000  # characters

_CODES: Final = {
    "error": "1;31", "warning": "1;33", "info": "1;36", "bold": "1", "frame": "34", "dim": "2",
    "good": "32",
}  # fmt: skip


@frozen
class Look:
    """How a text is shown to people.

    colour        with ANSI escape sequences
    width         columns to keep to; None = as long as it takes
    not_assessed  list what could not be assessed, instead of only counting it
    """

    colour: bool = False
    width: int | None = None
    not_assessed: bool = False

    def paint(self, style: str, text: str) -> str:
        """The text in a style: error, warning, info, bold, frame, dim or good."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.colour and text else text


PLAIN: Final = Look()


@frozen
class Marked:
    """A place, what to write under it, and whether it is the main one."""

    span: Span
    label: str = ""
    main: bool = False


def excerpts(marks: Iterable[Marked], look: Look, style: str = "error") -> Iterator[str]:
    """The lines that show the marked places, each with its path, source line and carets."""
    every = list(marks)
    gutter = len(str(max((mark.span.line for mark in every), default=1)))
    for mark in every:
        yield from _excerpt(mark, gutter, look, style if mark.main else "frame")


def gutter_width(marks: Iterable[Marked]) -> int:
    """How many columns the line numbers of the marked places take."""
    return len(str(max((mark.span.line for mark in marks), default=1)))


def _excerpt(mark: Marked, gutter: int, look: Look, style: str) -> Iterator[str]:
    span, blank = mark.span, " " * gutter
    bar = look.paint("frame", "|")
    line, column = span.source.position(span.start)
    yield f"{blank}{look.paint('frame', '-->')} {printable(span.path)}:{line}:{column}"
    shown, before, carets = _window(span, line, column, look.width and look.width - gutter - 3)
    number = look.paint("frame", f"{line:>{gutter}}")
    label = f" {printable(mark.label)}" if mark.label else ""
    if mark.main:
        yield f"{blank} {bar}"
    yield f"{number} {bar} {shown}".rstrip()
    yield f"{blank} {bar} {' ' * before}{look.paint(style, '^' * carets + label)}"
    if mark.main:
        yield f"{blank} {bar}"


def _window(span: Span, number: int, column: int, width: int | None) -> tuple[str, int, int]:
    """What is shown of the first line of a span, the columns before the carets, and the carets."""
    line = span.source.line(number)
    end_line, end_column = span.source.position(span.end)
    start = min(column - 1, len(line))
    stop = min(end_column - 1, len(line)) if end_line == number else len(line)
    limit = max(24, min(width or EXCERPT_LIMIT, EXCERPT_LIMIT))
    if len(line) <= limit and line.isascii() and line.isprintable():
        return line, start, max(1, stop - start)
    left, right = 0, len(line)
    if len(line) > limit:
        # Keep the span in view, with a little of what stands before it.
        left = 0 if stop < limit - 1 else max(0, start - limit // 3)
        right = min(len(line), left + limit - 2)
    head = "…" if left else ""
    tail = "…" if right < len(line) else ""
    before = head + _flat(line[left:start])
    marked = _flat(line[start : max(start, min(stop, right))])
    rest = _flat(line[max(start, min(stop, right)) : right])
    return before + marked + rest + tail, _columns(before), max(1, _columns(marked))


def _flat(text: str) -> str:
    """The text in one line, with tabs as four columns and nothing that moves the cursor."""
    return printable(text.replace("\t", "    "))


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def problem_lines(problem: Problem, look: Look = PLAIN) -> Iterator[str]:
    """What is wrong around a model, for the terminal: the sentence, its place, what would help."""
    message = printable(shortened(problem.message, _MESSAGE))
    yield f"{look.paint('error', 'error')}: {message}"
    indent = " "
    if problem.span is not None:
        mark = Marked(problem.span, main=True)
        yield from excerpts([mark], look)
        indent = " " * gutter_width([mark]) + " "
    if problem.help:
        yield f"{indent}{look.paint('frame', '=')} help: {printable(problem.help)}"
