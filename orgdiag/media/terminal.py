"""What a terminal shows: lines of foreign text, escaped and coloured here and nowhere else.

Whoever has something to say gives lines. A line is a text, or pieces of text of which some are
styled; all of them are foreign. It stays one line whatever stands in it, it moves no cursor, and no
build server that reads along takes it for a command.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Self

from orgdiag.media.escaped import Escaped
from orgdiag.text.printable import are_printable, printable

_CODES: Final = {
    "error": "1;31", "warning": "1;33", "info": "1;36", "bold": "1", "frame": "34", "dim": "2",
    "good": "32",
}  # fmt: skip


class Styled(str):
    """A piece of a line in a style: error, warning, info, bold, frame, dim or good."""

    __slots__ = ("style",)

    style: str

    def __new__(cls, style: str, text: str) -> Self:
        """The text in that style."""
        piece = str.__new__(cls, text)
        piece.style = style
        return piece


Line = str | tuple[str, ...]


class Screen(Escaped):
    r"""What goes to a terminal.

    >>> Screen.of(["one\ntwo", ("::error", "::x")])
    'one\\ntwo\n: :error::x\n'
    >>> Screen.of([("a ", Styled("bold", "\x1b[2Jb"))], colour=True)
    'a \x1b[1m\\x1b[2Jb\x1b[0m\n'
    """

    __slots__ = ()

    @classmethod
    def of(cls, lines: Iterable[Line], colour: bool = False) -> Self:
        """The lines, each with its line end; in colour when that is wanted."""
        if colour:
            return cls("".join([f"{_coloured(line)}\n" for line in lines]))
        plain = [line if line.__class__ is str else "".join(line) for line in lines]
        whole = "\n".join([*plain, ""])
        # Nearly always nothing is to be escaped in any line, which is seen soonest in all at once.
        if whole.count("\n") == len(plain) and "::" not in whole and are_printable(whole):
            return cls(whole)
        return cls("".join([f"{cls.written(line)}\n" for line in plain]))

    @staticmethod
    def written(foreign: str) -> str:
        """A line, without its end."""
        text = printable(foreign)
        return text.replace("::", ": :", 1) if _begins_command(text) else text


def _coloured(line: Line) -> str:
    pieces = (line,) if isinstance(line, str) else line
    text = "".join(pieces)
    if "##" in text or _begins_command(text):
        return Screen.written(text)  # a command may stand across pieces, and needs no beauty
    return "".join([_painted(piece) for piece in pieces])


def _painted(piece: str) -> str:
    text = printable(piece)
    return (
        f"\x1b[{_CODES[piece.style]}m{text}\x1b[0m" if isinstance(piece, Styled) and text else text
    )


def _begins_command(line: str) -> bool:
    """Whether GitHub would take the line for a command; its runner leaves out leading blanks."""
    return "::" in line and line.lstrip().startswith("::")
