"""The words with which operations of a planned change begin, for the reader of models."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from orgdiag.parse import words
from orgdiag.resolve.changes import ChangeWord, ChangeWords
from orgdiag.resolve.properties import Handler
from orgdiag.resolve.reading import Census, Draft
from orgdiag.text.syntax import Statement
from orgdiag.whatif.operations import verbs
from orgdiag.whatif.reading import Sentence
from orgdiag.whatif.verb import Verb

Verbs = Sequence[Verb[Any]]


@cache
def change_words() -> ChangeWords:
    """Every word, sorted, with its reader."""
    found: dict[str, list[Verb[Any]]] = {}
    for verb in verbs().values():
        found.setdefault(verb.word, []).append(verb)
    return tuple(
        ChangeWord(word, _reader(found[word]), ", ".join(verb.form for verb in found[word]))
        for word in sorted(found)
    )


def _reader(verbs: Verbs) -> Handler:
    """The reader of the statements of verbs that share the first word."""

    def read(r: Census, draft: Draft, statement: Statement) -> None:
        said = Sentence(r, draft, statement)
        operation = _meant(verbs, statement).read(said)
        if operation is not None:
            said.keep(operation)

    return read


def _meant(verbs: Verbs, statement: Statement) -> Verb[Any]:
    """The verb whose form begins with the second word of the statement; else one with a value."""
    if len(verbs) == 1:
        return verbs[0]
    second = [atom.text for atom in words(statement.text)[1:2]]
    begins = {verb: verb.form.split()[:1] for verb in verbs}
    return next(
        (verb for verb in verbs if begins[verb] == second),
        next((verb for verb in verbs if begins[verb][0].isupper()), verbs[0]),
    )
