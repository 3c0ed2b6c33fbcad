"""Where the keys of a TOML text stand, which the standard library's reader does not tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from orgdiag.source import Source, Span

Key = tuple[str, ...]

_PART: Final = r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'"""
_DOTTED: Final = re.compile(rf"[ \t]*(?:{_PART})(?>[ \t]*\.[ \t]*(?:{_PART}))*+[ \t]*")
_HEADER: Final = re.compile(rf"[ \t]*\[\[?({_DOTTED.pattern})\]\]?")
_TOKEN: Final = re.compile(
    r'"""(?>[^"\\]|\\.|"(?!""))*+"{3,5}'
    r"|'''(?>[^']|'(?!''))*+'{3,5}"
    r"""|"(?>[^"\\\n]|\\.)*+"|'[^'\n]*+'"""
    r"|\#[^\n]*|[\[\]{}\n]",
    re.DOTALL,
)


def places(source: Source) -> Mapping[Key, Span]:
    """The span of each key of a valid TOML text; of a table its header.

    >>> found = places(Source("x.toml", "a = 1\\n[t.'u v']\\nb.c = [\\n 2 ]\\n"))
    >>> [(".".join(key), str(span)) for key, span in found.items()]
    [('a', 'x.toml:1:1'), ('t.u v', 'x.toml:2:2'), ('t.u v.b.c', 'x.toml:3:1')]
    """
    text, found = source.text, dict[Key, Span]()
    table, at = Key(), 0
    while at < len(text):
        header = _HEADER.match(text, at)
        entry = None if header else _DOTTED.match(text, at)
        if header:
            table = _parts(header[1])
            found.setdefault(table, _span(source, header.start(1), header.end(1)))
            at = header.end()
        elif entry:
            key = (*table, *_parts(entry[0]))
            found.setdefault(key, _span(source, entry.start(), entry.end()))
            at = entry.end()
        at = _line_end(text, at)
    return found


def _line_end(text: str, at: int) -> int:
    """The start of the line after the value that begins here, which may span lines."""
    depth = 0
    for token in _TOKEN.finditer(text, at):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        elif token[0] == "\n" and depth <= 0:
            return token.end()
    return len(text)


def _parts(dotted: str) -> Key:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))


def _span(source: Source, start: int, end: int) -> Span:
    text = source.text[start:end]
    return Span(
        source, start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
    )
