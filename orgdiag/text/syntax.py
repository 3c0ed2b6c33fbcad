"""What a text says, before anybody asks what it means: statements, and the words inside them.

A statement is the token of the grammar itself, so a file becomes its tree without further objects.
Its words are looked at only when somebody asks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from orgdiag.frozen import made
from orgdiag.text.source import Source, Span

# How long a word or a text may be, in characters.
MAX_TOKEN: Final = 65_536


class Atom(NamedTuple):
    """One word or literal of a statement.

    kind    a terminal of the grammar: NAME, STRING, DATE, …, or BAD for what is none of them
    text    as written, quotes included
    at      where it starts, counted from the start of its statement
    """

    kind: str
    text: str
    at: int

    @property
    def string(self) -> str:
        """The text that a string stands for; anything else as written."""
        if self.kind != "STRING":
            return self.text
        inner = self.text[1:-1]
        return _ESCAPE.sub(r"\1", inner) if "\\" in inner else inner


_ESCAPE = re.compile(r'\\(["\\])')


class Statement:
    """A word, its arguments and, if it has a block, the statements inside.

    type     the terminal that it is: LINE or HEAD
    start    offset of the word in the source
    text     the word and its arguments as written, without the brace
    body     the statements of the block, or None when there is no block
    end      offset just after the closing brace, or after the last argument
    broken   whether its form is broken, which is told: what it says is unknown
    """

    __slots__ = ("body", "broken", "end", "source", "start", "text", "type")

    def __init__(self, type: str, source: Source, start: int, text: str, end: int) -> None:
        self.type = type
        self.source = source
        self.start = start
        self.text = text
        self.body: Sequence[Statement] | None = None
        self.end = end
        self.broken = False

    def __repr__(self) -> str:
        return f"<{self.text.strip()!r}{'' if self.body is None else ' {…}'}>"

    @property
    def word(self) -> str:
        """The word that says what kind of statement it is; "" when it has none."""
        match = _FIRST(self.text)
        return match[0] if match else ""

    @property
    def head_end(self) -> int:
        """The offset just after the last argument; a quote put in by the reader has no place."""
        return self._inside(self.start + len(self.text.rstrip(" \t\r\n")))

    @property
    def span(self) -> Span:
        """The place of the word and its arguments."""
        return Span(self.source, self.start, self.head_end)

    @property
    def word_span(self) -> Span:
        """The place of the word."""
        return Span(self.source, self.start, self._inside(self.start + max(1, len(self.word))))

    def place(self, atom: Atom) -> Span:
        """The place of one of its words."""
        start = self.start + atom.at
        return made(Span, (self.source, start, self._inside(start + len(atom.text))))

    def places(self, atoms: Sequence[Atom]) -> Span:
        """The place from the first to the last of some of its words; without any, of its word."""
        if not atoms:
            return self.word_span
        last = atoms[-1]
        end = self._inside(self.start + last.at + len(last.text))
        return made(Span, (self.source, self.start + atoms[0].at, end))

    def _inside(self, offset: int) -> int:
        return min(offset, len(self.source.text))


_FIRST = re.compile(r"[a-z][a-z0-9]*+(?>-[a-z0-9]++)*+(?=[ \t\r\n]|\Z)").match


class Comment(NamedTuple):
    """A comment, its `#` included, and its offset."""

    text: str
    start: int


_COMMENT = re.compile(r'"(?>[^"\\\n]++|\\.)*+"?|(#[^\r\n]*+)')


def comments(source: Source) -> tuple[Comment, ...]:
    """Every comment of a text, in order."""
    return tuple(
        Comment(match[1], match.start())
        for match in _COMMENT.finditer(source.text)
        if match[1] is not None
    )
