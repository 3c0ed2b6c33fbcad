"""Source lines with carets, as the terminal shows them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from orgdiag.finding import Problem
from orgdiag.frozen import frozen
from orgdiag.media.terminal import Line, Styled
from orgdiag.text.printable import printable, shortened
from orgdiag.text.source import Span

EXCERPT_LIMIT: Final = 120
_MESSAGE: Final = 1000  # characters
_ARROW: Final = Styled("frame", "-->")
_BAR: Final = Styled("frame", "|")
_NOTE: Final = Styled("frame", "=")


@frozen
class Look:
    """How a text is shown to people.

    colour        in colours
    width         columns to keep to; None = as long as it takes
    not_assessed  list what could not be assessed, instead of only counting it
    """

    colour: bool = False
    width: int | None = None
    not_assessed: bool = False


PLAIN: Final = Look()


class Marked(NamedTuple):
    """A place, what to write under it, and whether it is the main one."""

    span: Span
    label: str = ""
    main: bool = False


class Excerpt(NamedTuple):
    """The lines that show marked places, and the beginning of a note under them."""

    lines: list[Line]
    note: tuple[str, ...]


def excerpt(marks: Iterable[Marked], look: Look, style: str = "error") -> Excerpt:
    """The marked places, each with its path, source line and carets."""
    placed = [(*mark, *mark.span.source.position(mark.span.start)) for mark in marks]
    gutter = len(str(max([line for _, _, _, line, _ in placed], default=1)))
    margin, limit = " " * gutter, _limit(look.width, gutter)
    blank = margin, " ", _BAR
    lines: list[Line] = []
    for (source, start, end), label, main, line, column in placed:
        number = str(line).rjust(gutter)
        shown, before, marked = _window(source.line(line), column - 1, end - start, limit)
        under = f"{'^' * marked} {label}" if label else "^" * marked
        if look.colour:
            number, under = Styled("frame", number), Styled(style if main else "frame", under)
        lines.append((margin, _ARROW, f" {source.path}:{line}:{column}"))
        if main:
            lines.append(blank)
        lines.append((number, " ", _BAR, f" {shown}".rstrip()))
        lines.append((*blank, " " * (before + 1), under))
        if main:
            lines.append(blank)
    return Excerpt(lines, (margin, " ", _NOTE, " "))


def _limit(width: int | None, gutter: int) -> int:
    """How many columns of a source line are shown."""
    room = width - gutter - 3 if width else 0
    return max(24, min(room or EXCERPT_LIMIT, EXCERPT_LIMIT))


def _window(line: str, at: int, marked: int, limit: int) -> tuple[str, int, int]:
    """What is shown of a line of which so much is marked, the columns before it, and the carets."""
    length = len(line)
    start = min(at, length)
    stop = min(start + marked, length)
    if length <= limit and line.isascii() and printable(line) == line:
        return line, start, max(1, stop - start)
    left, right = 0, length
    if length > limit:
        # Keep the span in view, with a little of what stands before it.
        left = 0 if stop < limit - 1 else max(0, start - limit // 3)
        right = min(length, left + limit - 2)
    head = "…" if left else ""
    tail = "…" if right < length else ""
    before = head + _flat(line[left:start])
    inside = _flat(line[start : max(start, min(stop, right))])
    rest = _flat(line[max(start, min(stop, right)) : right])
    return before + inside + rest + tail, _columns(before), max(1, _columns(inside))


def _flat(text: str) -> str:
    """The text as the terminal shows it, so that its columns count; a tab takes four."""
    return printable(text.replace("\t", "    "))


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.combining(character) > 0 for character in text)


def problem_lines(problem: Problem, look: Look = PLAIN) -> Iterator[Line]:
    """What is wrong around a model, for the terminal: the sentence, its place, what would help."""
    yield Styled("error", "error"), f": {shortened(problem.message, _MESSAGE)}"
    note: tuple[str, ...] = (" ", _NOTE, " ")
    if problem.span is not None:
        lines, note = excerpt([Marked(problem.span, main=True)], look)
        yield from lines
    if problem.help:
        yield *note, f"help: {problem.help}"
