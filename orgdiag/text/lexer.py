"""The tokens of a text: one a statement part, so that a file costs few of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from orgdiag.text.source import Source
from orgdiag.text.syntax import Statement

MAX_DEPTH: Final = 64

_WORD: Final = r"[a-z][a-z0-9]*+(?>-[a-z0-9]++)*+(?=[ \t\r\n{};#]|\Z)"
_REST: Final = (
    r'[^\n{};#",]*+(?>(?:"(?>[^"\\\n]++|\\.)*+"|,(?>[ \t\r]*+(?>#[^\n]*+)?+\n)*+)[^\n{};#",]*+)*+'
)
_GAP: Final = r"[ \t\r\n;]*+(?>#[^\n]*+[ \t\r\n;]*+)*+"
_CLOSE: Final = r"\}[ \t\r]*+(?=[}\n;#]|\Z)"

WORD: Final = re.compile(_WORD)
REST: Final = re.compile(_REST)
GAP: Final = re.compile(_GAP)
# Groups: 1 the phrase, 2 the brace that makes it a head, 3 a closing brace, 4 anything else.
PART: Final = re.compile(rf'({_WORD}{_REST})(?!")(?:(\{{)|){_GAP}|({_CLOSE}){_GAP}|([\s\S])')
PHRASE, HEAD, CLOSE, OTHER = 1, 2, 3, 4


class Closing:
    """A closing brace: its offset, and whether a statement is `glued` to it without a break."""

    __slots__ = ("glued", "start")

    type: ClassVar[str] = "CLOSE"

    def __init__(self, start: int, *, glued: bool = False) -> None:
        self.start = start
        self.glued = glued


class Broken:
    """A token that no state of the parser accepts: the text must be repaired."""

    __slots__ = ()

    type: ClassVar[str] = "BROKEN"


Token = Statement | Closing | Broken


def tokens(source: Source) -> Iterator[Token]:
    """The tokens of a text; a `Broken` one, and no more, where it cannot be sound."""
    text = source.text
    known: dict[str, str] = {}  # most lines are written many times: each text is kept once
    depth = 0
    for match in PART.finditer(text, gap_end(text, 0)):
        group = match.lastindex
        if group == PHRASE:
            said, (start, end) = match[1], match.span(1)
            yield Statement("LINE", source, start, known.setdefault(said, said), end)
        elif group == HEAD:
            depth += 1
            if depth > MAX_DEPTH:
                yield Broken()
                return
            yield Statement("HEAD", source, match.start(), match[1], match.end(2))
        elif group == CLOSE:
            depth -= 1
            yield Closing(match.start())
        else:
            yield Broken()
            return


def gap_end(text: str, at: int) -> int:
    """Where the spaces, comments and line ends that start at a place are over."""
    match = GAP.match(text, at)
    return match.end() if match else at
