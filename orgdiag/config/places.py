"""Where the keys of a TOML text stand, which the standard library's reader does not tell."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence

from orgdiag.config.toml import WORD, Token, tokens
from orgdiag.text.source import Source, Span


class Place:
    """Where a key of a TOML text stands first, and the places of the keys below it by name.

    Arrays have no keys: what stands in the tables of one is below the key of the array.
    """

    __slots__ = ("below", "span")

    def __init__(self, span: Span) -> None:
        self.span = span
        self.below: dict[str, Place] = {}

    def find(self, *key: str) -> Place | None:
        """The place of a key below, or None when the text has no such key."""
        place = self
        for part in key:
            if part not in place.below:
                return None
            place = place.below[part]
        return place

    def nearest(self, *key: str) -> Place:
        """The place of a key below, or of the nearest one above it that the text has."""
        place = self
        for part in key:
            if part not in place.below:
                break
            place = place.below[part]
        return place


def places(source: Source) -> Place:
    """The place of a valid TOML text, with those of its keys; of a table its first header.

    >>> found = places(Source("x.toml", "a = {b = 1}\\n[t.'u v']\\nc.d = [\\n 2 ]\\n"))
    >>> [str(found.nearest(*key).span) for key in (("a", "b"), ("t", "u v"), ("t", "u v", "c"))]
    ['x.toml:1:6', 'x.toml:2:2', 'x.toml:3:1']
    """
    root = last = Place(Span(source, 0, 0))
    open, key = [root], list[Token]()  # the tables and arrays around; the words of the last key
    header, dotted = True, False  # whether a bracket would open a header; a dot came just before
    for token in tokens(source.text):
        mark = token.mark
        if mark == WORD:
            key = [*key, token] if dotted else [token]
        elif mark == "=":
            last, header = _placed(open[-1], source, key), False
        elif mark == "]" and header:
            open = [_placed(root, source, key)]
        elif mark in "[{" and not header:
            open.append(last)
        elif mark in "]}":
            last = open.pop()
        elif mark == "\n" and len(open) == 1:
            header = True
        dotted = mark == "."
    return root


def _placed(table: Place, source: Source, key: Sequence[Token]) -> Place:
    """The place of the key that these words name in a table; it and those above it are kept."""
    for word in key:
        name = _name(source.text[word.start : word.end])
        span = Span(source, key[0].start, word.end)
        table = table.below.setdefault(name, Place(span))
    return table


def _name(word: str) -> str:
    """The name that a word of a key stands for."""
    if "\\" in word and word[0] == '"':
        return next(iter(tomllib.loads(f"{word} = 0")))
    return word[1:-1] if word[0] in "\"'" else word
