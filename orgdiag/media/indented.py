"""JSON, in one line or laid out over lines, for documents that may be long.

The standard library's encoder walks an indented document one token at a time, in Python; this one
writes a value by its type and keeps only text of what it has written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring as quoted
from typing import Any, Self

from orgdiag.media.escaped import Escaped
from orgdiag.text.printable import RAW


class Json(Escaped):
    """A JSON text. One that was laid out before is only moved right in a document that holds it."""

    __slots__ = ()

    @classmethod
    def of(cls, pieces: Iterable[str]) -> Self:
        r"""The text that the pieces make, what somebody could take for something else as escapes.

        Outside of strings JSON has no such character. A reader gets the same values, a lone
        surrogate included.

        >>> Json.of(['["a\\n', '\x9b\udcff', '##[error]\U000e0041', '"]'])
        '["a\\n\\u009b\\udcff\\u0023\\u0023[error]\\udb40\\udc41"]'
        """
        return cls("".join([*map(_escaped, pieces)]))


def laid(value: Any) -> Json:
    """The value laid out once, for a document that holds it often."""
    return Json.of([_written(value, "\n")])


def compact(value: Any, **options: Any) -> Json:
    """The value in one line, as `json.dumps` writes it with these options."""
    return Json.of([json.dumps(value, **{"ensure_ascii": False, **options})])


def indented(document: Any) -> Json:
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
    return Json.of((*_pieces(document, "\n"), "\n"))


def _escaped(piece: str) -> str:
    # A line end stands between tokens only: those of strings are escapes by now.
    if "##" not in piece:
        if (piece.isascii() and "\x7f" not in piece) or piece.replace("\n", "").isprintable():
            return piece
    return re.sub(RAW, _escape, piece)


def _escape(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join([f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)])


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
    if kind is Json:
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
