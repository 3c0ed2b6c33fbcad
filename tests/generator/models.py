"""Whole models as text: which elements there are, then what is written about each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from string import ascii_lowercase
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from orgdiag.model.parts import AFTER
from orgdiag.resolve.collect import DEFINED

from .author import SLIPS, Author, Below, Of, Phrase
from .forms import accept_of, by_form, statements
from .values import Ids, Texts

# Words of the language, which an id may be too.
_WORDS: Final = (
    "team", "from", "to", "with", "until", "because", "for", "into", "becomes", "at", "of", "pair",
    "people", "skill", "by", "shared-with", "self", "other", "independent", "train", "every",
    "mean", "step", "capability", "stream", "decision", "extend", "yes", "p50", "owner",
)  # fmt: skip
_CALENDARS: Final = (
    ("day 8h",), ("day 7.5h", "week 4.5d"), ("week 30h",), ("day 24h", "week 7d"), ("day 90min",),
)  # fmt: skip


def text(below: Below, size: int = 2, *, wild: bool = False) -> str:
    """The text of a model with so many elements of each kind at most.

    What is not `wild` is read without a finding of the reader.
    """
    ids = _ids(below, size)
    author = Author(below, ids, most=(3, 9, 40)[below(3)], wild=wild)
    phrases = list(_phrases(author, size))
    if below(2):
        phrases.reverse()  # nothing depends on the order in which elements are written
    short = below(2) == 1
    return "".join(f"{line}\n" for phrase in phrases for line in _lines(phrase, "", short=short))


@st.composite
def models(draw: st.DrawFn, size: int = 2, *, wild: bool = False) -> str:
    """Texts of models that shrink to few short statements."""
    return text(lambda number: draw(_numbers_below(number)), size, wild=wild)


@cache
def _numbers_below(number: int) -> SearchStrategy[int]:
    """One strategy for each number: making one costs more than a draw."""
    return st.integers(0, number - 1)


# --- what there is --------------------------------------------------------------------------------


def _ids(below: Below, size: int) -> Ids:
    """Kind → the ids of its elements; the full ids of steps."""
    kinds = [kind for kind in DEFINED if kind != "interaction"]
    found = {kind: _names(below, kind, size) for kind in kinds}
    steps = [
        f"{stream}.{step}" for stream in found["stream"] for step in _names(below, "step", size + 2)
    ]
    return {**found, "step": tuple(steps)}


def _names(below: Below, kind: str, most: int) -> Texts:
    """Ids of a kind: every other one is that of another kind too, and one may be a word."""
    places = range(below(most + 1))
    found = [f"{kind}-{place}" if place % 2 else ascii_lowercase[place % 26] for place in places]
    if found and below(10) == 9:
        found[-1] = _WORDS[below(len(_WORDS))]
    return tuple(dict.fromkeys(found))


# --- what is written ------------------------------------------------------------------------------


def _phrases(author: Author, size: int) -> Iterator[Phrase]:
    """The statements of a model."""
    if author.tenths(5):
        yield from _spread(author, Of("org", "o"), _organisation(author))
    # What is needed of whom depends on who provides it, so capabilities come first.
    for kind in ("capability", *(kind for kind in DEFINED if kind != "capability")):
        for id in author.ids.get(kind, ()):
            yield from _element(author, Of(kind, id, steps=author.steps_of(id)))
    for pair in _pairs(author, size):
        yield Phrase(f"interaction {pair}", statements(author, Of("interaction")))
    if author.tenths(2):
        yield from accept_of(author)


def _organisation(author: Author) -> tuple[Phrase, ...]:
    said = list(statements(author, Of("org")))
    if author.tenths(7):
        said.append(Phrase(f"as-of {author.pick(['2025-03-01', '2025-03', 'unknown'])}"))
    if author.tenths(3):
        said.append(Phrase("calendar", tuple(Phrase(length) for length in author.pick(_CALENDARS))))
    return tuple(said)


def _pairs(author: Author, size: int) -> list[str]:
    """Two teams each."""
    teams = author.ids["team"]
    pairs = [f"{a} with {b}" for a in teams for b in teams if a != b or author.wild]
    return author.some(pairs, most=size) if pairs and author.tenths(7) else []


def _element(author: Author, of: Of) -> Iterator[Phrase]:
    """An element, what it holds, and what is said of it elsewhere."""
    said = statements(author, of)
    if of.kind == "capability":
        author.note_provider(of.id, said)
    if of.kind != "stream":
        yield from _spread(author, of, said)
        return
    steps, beside = [], []
    for place, local in enumerate(of.steps):
        step = Of("step", f"{of.id}.{local}", of.id, of.steps if author.wild else of.steps[:place])
        added = place > 0 and place + 1 == len(of.steps) and author.tenths(2)
        written = statements(author, step)
        if added and not any(phrase.word == "after" for phrase in written):
            written = (
                by_form(AFTER)(author, step),
                *written,
            )  # what `extend` adds says what it follows
        first, *more = _spread(author, step, written)
        own = first._replace(words=first.words.replace(step.id, local, 1))
        beside += [Phrase(f"extend stream {of.id}", (own,))] if added else []
        steps += [] if added else [own]
        beside += more
    yield from _spread(author, of, said, tuple(steps))
    yield from beside


def _spread(
    author: Author, of: Of, said: tuple[Phrase, ...], inside: tuple[Phrase, ...] = ()
) -> Iterator[Phrase]:
    """An element, and by `extend` a part of what is said of it perhaps."""
    at = author.below(len(said) + 1) if author.tenths(2) else len(said)
    name = f" {author.text()}" if author.tenths(3) else ""
    own = (*said[:at], *inside)
    head = f"{of.kind} {author.pick(SLIPS) if author.slips() else of.id}{name}"
    yield Phrase(head, own if own or author.tenths(1) else None)
    if said[at:]:
        yield Phrase(f"extend {of.kind} {of.id}", said[at:])
    if author.slips():
        yield Phrase(head, said)


# --- how it is laid out ---------------------------------------------------------------------------


def _lines(phrase: Phrase, margin: str, *, short: bool) -> Iterator[str]:
    """One statement a line; if they are to be short, a block that holds no other on one line."""
    if phrase.body is None:
        yield f"{margin}{phrase.words}"
    elif short and all(inner.body is None for inner in phrase.body):
        yield f"{margin}{phrase.words} {{ {'; '.join(inner.words for inner in phrase.body)} }}"
    else:
        yield f"{margin}{phrase.words} {{"
        for inner in phrase.body:
            yield from _lines(inner, f"{margin}  ", short=short)
        yield f"{margin}}}"
