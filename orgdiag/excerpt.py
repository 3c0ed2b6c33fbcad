"""Source lines with carets, as the terminal shows them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

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


class Marked(NamedTuple):
    """A place, what to write under it, and whether it is the main one."""

    span: Span
    label: str = ""
    main: bool = False


class Excerpt(NamedTuple):
    """The lines that show marked places, and the blank margin in which the line numbers stand."""

    lines: list[str]
    margin: str


def excerpt(marks: Iterable[Marked], look: Look, style: str = "error") -> Excerpt:
    """The marked places, each with its path, source line and carets."""
    placed = [(*mark, *mark.span.source.position(mark.span.start)) for mark in marks]
    gutter = len(str(max([line for _, _, _, line, _ in placed], default=1)))
    margin, limit = " " * gutter, _limit(look.width, gutter)
    arrow, bar = f"{margin}{look.paint('frame', '-->')} ", f" {look.paint('frame', '|')}"
    blank = margin + bar
    lines: list[str] = []
    for span, label, main, line, column in placed:
        number = str(line).rjust(gutter)
        shown, before, marked = _window(span, line, column, limit)
        under = f"{'^' * marked} {printable(label)}" if label else "^" * marked
        if look.colour:
            number = look.paint("frame", number)
            under = look.paint(style if main else "frame", under)
        lines.append(f"{arrow}{printable(span.source.path)}:{line}:{column}")
        if main:
            lines.append(blank)
        lines.append(f"{number}{bar} {shown}".rstrip())
        lines.append(f"{blank} {' ' * before}{under}")
        if main:
            lines.append(blank)
    return Excerpt(lines, margin)


def _limit(width: int | None, gutter: int) -> int:
    """How many columns of a source line are shown."""
    room = width - gutter - 3 if width else 0
    return max(24, min(room or EXCERPT_LIMIT, EXCERPT_LIMIT))


def _window(span: Span, number: int, column: int, limit: int) -> tuple[str, int, int]:
    """What is shown of the first line of a span, the columns before the carets, and the carets."""
    source, begin, end = span
    line = source.line(number)
    length = len(line)
    start = min(column - 1, length)
    stop = min(start + end - begin, length)
    if length <= limit and line.isascii() and line.isprintable():
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
        lines, margin = excerpt([Marked(problem.span, main=True)], look)
        yield from lines
        indent = f"{margin} "
    if problem.help:
        yield f"{indent}{look.paint('frame', '=')} help: {printable(problem.help)}"
