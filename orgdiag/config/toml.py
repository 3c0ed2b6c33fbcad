"""TOML texts: read within limits, and taken apart into the words and marks that make their keys."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from orgdiag.finding import OrgdiagError
from orgdiag.text.source import Source, Span

WORD: Final = "word"
_TOKEN: Final = re.compile(
    r"""(?P<quotes>\"{3}|'{3}|["'])|(?P<word>[A-Za-z0-9_-]+)|(?P<mark>[][{}=.]|\n(?:\r?\n)*)|#[^\n]*"""
)
# Where a text in such quotes ends; a backslash takes what follows it along.
_ENDS: Final = {
    '"""': re.compile(r'\\.|"{3,5}', re.DOTALL),
    "'''": re.compile(r"'{3,5}"),
    '"': re.compile(r'\\.|["\n]', re.DOTALL),
    "'": re.compile(r"['\n]"),
}
_DEPTH: Final = 64
_PARTS: Final = 32  # a key costs tomllib the square of their number
_DIGITS: Final = 4000  # Python refuses to read a number of a few more


class Token(NamedTuple):
    """A word of a TOML text (bare, or in quotes on one line) or one of the marks around it."""

    mark: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """The words and marks of a TOML text, without comments and texts of several lines.

    >>> [token.mark for token in tokens('a."b = 1" = [2] # = 3')]
    ['word', '.', 'word', '=', '[', 'word', ']']
    """
    at = 0
    while found := _TOKEN.search(text, at):
        start, at = found.span()
        quotes = found["quotes"]
        if quotes:
            at = _end(text, quotes, at)
        if found["mark"]:
            yield Token(found[0][0], start, at)
        elif found["word"] or (quotes and len(quotes) == 1):
            yield Token(WORD, start, at)


def _end(text: str, quotes: str, at: int) -> int:
    """Just after the text in such quotes whose content begins here."""
    for found in _ENDS[quotes].finditer(text, at):
        if not found[0].startswith("\\"):
            return found.end()
    return len(text)


def content(source: Source) -> dict[str, Any]:
    """What a TOML text says.

    Raises:
        OrgdiagError: it is no TOML, or more than is read; at its place.
    """
    _within_limits(source)
    try:
        return tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        message, place = _told(error, source)
        raise OrgdiagError.of(f"not valid TOML: {message}", place) from None
    except (ValueError, RecursionError):  # what only a text that is no TOML hides from the limits
        raise OrgdiagError.of("not valid TOML", Span(source, 0, 0)) from None


def _within_limits(source: Source) -> None:
    """Nothing, where the text is not nested too deeply and no key or number is too long."""
    depth = parts = 0
    for mark, start, end in tokens(source.text):
        depth += (mark in "[{") - (mark in "]}")
        parts = parts + (mark == ".") if mark in (".", WORD) else 0
        if depth > _DEPTH:
            much = f"this is nested more than {_DEPTH} deep"
        elif parts >= _PARTS:
            much = f"this key has more than {_PARTS} parts"
        elif end - start > _DIGITS and source.text[start] in "-0123456789":
            much = "this number is too long"
        else:
            continue
        raise OrgdiagError.of(much, Span(source, start, end))


def _told(error: tomllib.TOMLDecodeError, source: Source) -> tuple[str, Span]:
    """What tomllib says, and the place that it names in words."""
    text = str(error).removesuffix(" (at end of document)")
    at = re.search(r" \(at line (\d+), column (\d+)\)$", text)
    if at is None:
        end = len(source.text)
        return text, Span(source, end, end)
    lines = source.text.split("\n")[: int(at[1]) - 1]
    offset = min(len(source.text), sum(len(line) + 1 for line in lines) + int(at[2]) - 1)
    return text[: at.start()], Span(source, offset, offset)
