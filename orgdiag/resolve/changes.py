"""The words with which operations of a planned change begin; whoever knows them hands them over."""

from __future__ import annotations

from typing import NamedTuple

from orgdiag.resolve.properties import Handler


class ChangeWord(NamedTuple):
    """One word with which operations begin.

    read    the reader of such statements
    form    what follows the word, for the reference
    """

    word: str
    read: Handler
    form: str


ChangeWords = tuple[ChangeWord, ...]
