"""A sentence of help that says what to write, and the text that does it: one cannot be another."""

from __future__ import annotations

from typing import Literal, Self

Where = Literal["whole", "before", "after"]


class Mend(str):
    """A sentence of help beside a stretch of text, and what mends that.

    instead  the text to write
    where    in place of the whole stretch, or just before or after it
    """

    __slots__ = ("instead", "where")

    instead: str
    where: Where

    def __new__(cls, help: str, instead: str, where: Where = "whole") -> Self:
        """The sentence, which mends so."""
        made = str.__new__(cls, help)
        made.instead = instead
        made.where = where
        return made


def meant(near: str | None) -> str:
    """A help line that offers a word for the one that was written; "" when none is near."""
    return Mend(f"did you mean `{near}`?", near) if near else ""
