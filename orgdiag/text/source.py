"""A text, a place in it, and where the files that ship with orgdiag lie."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, NamedTuple

from orgdiag.frozen import made


class Source:
    """One text that somebody wrote, under the name by which messages call it.

    `path` is what a reader of a message sees: relative to the project, with forward slashes.
    Lines end with LF or CRLF only, so line numbers agree with every editor.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    def __repr__(self) -> str:
        return f"Source({self.path!r})"

    @cached_property
    def _starts(self) -> list[int]:
        """Where each line starts."""
        ended = self.text.split("\n")[:-1]
        return list(accumulate((len(line) + 1 for line in ended), initial=0))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1, columns in code points."""
        starts = self._starts
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def utf16(self, offset: int) -> tuple[int, int]:
        r"""Line and character of an offset as editors count: from 0, in units of UTF-16.

        Lines end with LF or CRLF here too; a lone CR, which editors take for a line end, is no text
        that orgdiag reads.

        >>> Source("m", "a\n😀b").utf16(3)
        (1, 2)
        """
        line, column = self.position(offset)
        start = offset - column + 1
        return line - 1, len(self.text[start:offset].encode("utf-16-le", "surrogatepass")) // 2

    def offset(self, line: int, character: int) -> int:
        r"""The offset of a line and character as editors count.

        A place behind the end of a line is its end, one behind the text the end of the text, and
        one inside of a character its beginning.

        >>> source = Source("m", "a\r\n😀b")
        >>> [source.offset(*place) for place in ((0, 9), (1, 1), (1, 2), (9, 0))]
        [1, 3, 4, 5]
        """
        if line >= len(self._starts):
            return len(self.text)
        inside = self.line(line + 1).encode("utf-16-le", "surrogatepass")[: 2 * character]
        return self._starts[line] + len(inside.decode("utf-16-le", "ignore"))

    def line(self, number: int) -> str:
        r"""The text of a line, counted from 1, without its line end; "" past the end.

        >>> source = Source("m", "a\r\nbc\n")
        >>> source.line(1), source.line(2), source.line(3), source.line(4)
        ('a', 'bc', '', '')
        """
        starts = self._starts
        if number > len(starts):
            return ""
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].removesuffix("\r")


class Span(NamedTuple):
    """A stretch of a source, as offsets; lines and columns are computed only when asked for."""

    source: Source
    start: int
    end: int

    @property
    def path(self) -> str:
        """The path of the source, as messages show it."""
        return self.source.path

    @property
    def text(self) -> str:
        """The text that the span covers."""
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        """The line of the first character, from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """The column of the first character, from 1."""
        return self.source.position(self.start)[1]

    @property
    def end_line(self) -> int:
        """The line of the place just after the last character."""
        return self.source.position(self.end)[0]

    @property
    def end_column(self) -> int:
        """The column just after the last character."""
        return self.source.position(self.end)[1]

    @property
    def utf16(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Where it starts and ends as editors count: lines and units of UTF-16, both from 0."""
        return self.source.utf16(self.start), self.source.utf16(self.end)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Places(Mapping[str, Span]):
    """Places by word, each made when it is asked for: many are kept, and few are shown.

    packed   word → start and end in `source` as one number, or a place in another source
    """

    __slots__ = ("packed", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.packed: dict[str, int | Span] = {}

    def __getitem__(self, word: str) -> Span:
        at = self.packed[word]
        if isinstance(at, int):
            return made(Span, (self.source, at >> HALF, at & _LOWER))
        return at

    def get(self, word: str, default: Any = None) -> Any:
        """The place of a word; that of a mapping would raise an error for each that is left out."""
        return self[word] if word in self.packed else default

    def __setitem__(self, word: str, span: Span) -> None:
        own = span.source is self.source
        self.packed[word] = span.start << HALF | span.end if own else span

    def __contains__(self, word: object) -> bool:
        return word in self.packed

    def __iter__(self) -> Iterator[str]:
        return iter(self.packed)

    def __len__(self) -> int:
        return len(self.packed)

    def __repr__(self) -> str:
        return repr(dict(self))


HALF: Final = 32  # bits of an offset: no text has 4 G characters
_LOWER: Final = (1 << HALF) - 1


def shipped(name: str) -> Path:
    """The folder `grammar` or `rules`, in a checkout, an editable install or a wheel."""
    package = Path(__file__).parent.parent
    inside = package / "_data" / name
    return inside if inside.is_dir() else package.parent / name
