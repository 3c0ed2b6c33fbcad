"""Another text for a stretch of one: what mends a text, without touching the rest of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from orgdiag.text.mend import Mend
from orgdiag.text.source import Source, Span


class Edit(NamedTuple):
    """What is to stand instead of what a span covers; an empty span is a place to add at."""

    span: Span
    text: str


def mending(help: str, span: Span) -> tuple[Edit, ...]:
    """The edit that does what a sentence of help beside a place says; none where it says no text.

    >>> source = Source("m", "team a { sise 3 }")
    >>> edited(source, mending(Mend("did you mean `size`?", "size"), Span(source, 9, 13)))
    'team a { size 3 }'
    """
    if not isinstance(help, Mend):
        return ()
    start = span.end if help.where == "after" else span.start
    end = span.start if help.where == "before" else span.end
    return (Edit(Span(span.source, start, end), help.instead),)


class Overlapping(ValueError):
    """Two edits change the same stretch of a text, each in its own way."""


def edited(source: Source, edits: Iterable[Edit]) -> str:
    """The text with all edits made at once; the same edit twice is one.

    What is added at one place stands in the order in which it is given.

    >>> source = Source("m", "team a { sise 3 }")
    >>> edited(source, [Edit(Span(source, 5, 6), "b"), Edit(Span(source, 9, 13), "size")])
    'team b { size 3 }'

    Raises:
        Overlapping: two edits meet.
    """
    pieces, at = list[str](), 0
    for span, text in sorted(dict.fromkeys(edits), key=lambda edit: edit.span[1:]):
        if span.start < at:
            raise Overlapping(str(span))
        pieces += (source.text[at : span.start], text)
        at = span.end
    return "".join([*pieces, source.text[at:]])
