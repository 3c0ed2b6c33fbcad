"""JSON laid out over lines, for documents that may be long.

The standard library's encoder walks an indented document one token at a time, in Python; this one
writes a value by its type and keeps only text of what it has written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from json.encoder import encode_basestring as quoted
from typing import Any


class Laid(str):
    """A value that is JSON already, laid out as at the left margin; it is only moved right."""

    __slots__ = ()


def laid(value: Any) -> Laid:
    """The value laid out once, for a document that holds it often."""
    return Laid(_written(value, "\n"))


def indented(document: Any) -> str:
    r"""The document as `json.dumps` writes it with `indent=2, ensure_ascii=False`, and a line end.

    Keys are texts. An iterator is written as a list, each item before the next one is made, so that
    a long list is never there as a whole.

    >>> print(indented({"a": [1, "ü"], "b": {}, "c": iter([None, 0.5])}), end="")
    {
      "a": [
        1,
        "ü"
      ],
      "b": {},
      "c": [
        null,
        0.5
      ]
    }
    """
    return "".join((*_pieces(document, "\n"), "\n"))


def _pieces(value: Any, end: str) -> Iterator[str]:
    """The text of a value in pieces: those of what may be long, else the whole.

    `end` is the line break, with the indentation, at which the value ends.
    """
    inner = end + "  "
    if isinstance(value, dict) and value:
        before = "{"
        for name, item in value.items():
            yield f"{before}{inner}{quoted(name)}: "
            yield from _pieces(item, inner)
            before = ","
        yield end + "}"
    elif isinstance(value, Iterator):
        before = "["
        for item in value:
            yield before + inner + _written(item, inner)
            before = ","
        yield "[]" if before == "[" else end + "]"
    else:
        yield _written(value, end)


def _written(value: Any, end: str) -> str:
    """The whole text of a value that ends at that line break."""
    kind = value.__class__
    inner = end + "  "
    if kind is str:
        return quoted(value)
    if kind is int:
        return repr(value)
    if kind is Laid:
        return str(value.replace("\n", end))
    if value is None:
        return "null"
    if isinstance(value, dict) and value:
        rows = [
            f"{quoted(name)}: {quoted(item) if item.__class__ is str else _written(item, inner)}"
            for name, item in value.items()
        ]
        return f"{{{inner}{f',{inner}'.join(rows)}{end}}}"
    if isinstance(value, list | tuple):
        rows = [_written(item, inner) for item in value]
        return f"[{inner}{f',{inner}'.join(rows)}{end}]" if rows else "[]"
    return json.dumps(value, ensure_ascii=False)
