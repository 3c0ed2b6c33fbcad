"""Strings of the rules language: what stands between the quotes."""

from __future__ import annotations


def unescaped(text: str) -> str:
    r"""The text with `\"`, `\\`, `\{`, `\}` and `\n` resolved."""
    if "\\" not in text:
        return text
    parts = text.split("\\\\")
    for at, part in enumerate(parts):
        for raw, plain in (('\\"', '"'), ("\\{", "{"), ("\\}", "}"), ("\\n", "\n")):
            part = part.replace(raw, plain)
        parts[at] = part
    return "\\".join(parts)


def unquoted(text: str) -> str:
    """What stands between the quotes of a string."""
    return unescaped(text[1:-1])


def next_mark(text: str, mark: str, start: int) -> int:
    """The offset of the first mark that no backslash stands before, or -1."""
    at = text.find(mark, start)
    while at > 0 and text[at - 1] == "\\":
        at = text.find(mark, at + 1)
    return at
