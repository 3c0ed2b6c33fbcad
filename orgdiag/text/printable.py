"""Foreign text, made safe to print.

Names, messages and paths come from strangers. An escape sequence in one of them would move the
cursor of a terminal, a line break would forge a message, a direction mark would swap words, and a
build server that reads along would obey a command.
"""

from __future__ import annotations

import re
from typing import Final

# Control characters (C0, DEL, C1) but for the line end, line and paragraph separators, invisible
# characters and direction marks, lone surrogates, the byte order mark, tags and non-characters; and
# what GitHub, Azure Pipelines and TeamCity take for a command wherever it stands in a line.
RAW: Final = (  # compiled when a text needs it
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    r"\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
    r"|##(?=\[|vso\[|teamcity\[)"
)
_IN_A_LINE: Final = rf"\n|{RAW}"

# What no text that is read may hold, in comments neither: it hides or swaps what the text says.
_HIDDEN: Final = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff"
HIDDEN: Final = rf"[{_HIDDEN}]+|\r(?!\n)"  # compiled when a text needs it
# Nothing is hidden where none of these stands; they are found several times as fast.
SUSPECT: Final = re.compile(rf"[{_HIDDEN}\r]")

# ASCII in lines that is shown as it is: bytes are freed of it several times as fast as looked at.
_SHOWN: Final = bytes([*b"\n", *range(ord(" "), 0x7F)])


def printable(text: str) -> str:
    """The text with everything that somebody could take for something else escaped.

    >>> printable("pay\\x1b[31mments")
    'pay\\\\x1b[31mments'
    >>> printable("one\\ntwo")
    'one\\\\ntwo'
    >>> printable("Zahlungsläufe – 支払い")
    'Zahlungsläufe – 支払い'
    >>> printable("##[error]x")
    '## [error]x'
    """
    if text.isprintable() and "##" not in text:  # nearly always
        return text
    return re.sub(_IN_A_LINE, _escape, text)


def are_printable(lines: str) -> bool:
    """Whether `printable` would change nothing in any line of a text, which may be long.

    >>> [are_printable(lines) for lines in ("Läufe\\n支払い\\n", "a\\n\\x1b[31m", "##[error]")]
    [True, False, False]
    """
    if "##" in lines:
        return False
    strange = lines.encode("utf-8", "surrogatepass").translate(None, _SHOWN)
    return strange.decode("utf-8", "surrogatepass").isprintable()


def _escape(match: re.Match[str]) -> str:
    if match[0] == "##":
        return "## "
    return match[0].encode("unicode_escape", "backslashreplace").decode("ascii")


def shortened(text: str, limit: int = 120) -> str:
    """The text, cut at `limit` characters and marked so.

    >>> shortened("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= limit else text[: limit - 1] + "…"
