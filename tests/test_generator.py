"""Models made from the schema: all of the language occurs in them, and every stage takes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from random import Random

import pytest
from generator import models
from generator.__main__ import SIZES, ways_of
from generator.forms import KINDS, writers
from generator.models import text
from generator.values import LITERALS
from generator.ways import WAYS, judged
from hypothesis import given, settings
from reading import resolve
from sample import sample

from orgdiag.model.schema import schema
from orgdiag.parse import parse
from orgdiag.text.source import Source
from orgdiag.text.syntax import Statement

NUMBER = 400  # of which half go every way
PART = 10


@cache
def sound() -> tuple[str, ...]:
    """Texts of which the reader finds nothing."""
    return tuple(text(Random(seed).randrange, SIZES[seed % len(SIZES)]) for seed in range(NUMBER))


@cache
def written() -> tuple[tuple[str, Statement], ...]:
    """Every statement in them, with the element around it; "" for none."""

    def inside(statements: Sequence[Statement], around: str) -> Iterator[tuple[str, Statement]]:
        for statement in statements:
            words = statement.text.split()
            head = words[1] if words[0] == "extend" else words[0]
            yield (around, statement)
            yield from inside(statement.body or (), {"needs": "need"}.get(head, head))

    trees = (parse(Source("m", made)).statements for made in sound())
    return tuple(pair for statements in trees for pair in inside(statements, ""))


def test_what_is_not_wild_is_read_without_a_finding() -> None:
    wrong = {
        made: found
        for made in sound()
        if (found := [f.message for f in resolve((parse(Source("m", made)),)).findings])
    }
    assert wrong == {}


@pytest.mark.parametrize("kind", KINDS)
def test_every_statement_of_the_language_is_written(kind: str) -> None:
    said = [statement.text for around, statement in written() if around == kind]
    missing = []
    for word in writers(kind):
        first, _, then = word.removeprefix(f"{kind} ").partition(" … ")
        begin = "x-" if first == "x-…" else f"{first} "
        if not any(f"{each} ".startswith(begin) and then in each for each in said):
            missing.append(word)
    assert missing == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_is_unknown_somewhere_and_every_list_is_open(kind: str) -> None:
    said = [statement.text for around, statement in written() if around == kind]
    values = {
        word: {each.removeprefix(f"{word} ") for each in said if each.startswith(f"{word} ")}
        for word in schema(kind)
        if word in writers(kind)
    }
    closed = [
        word
        for word, prop in schema(kind).items()
        if word in values
        and prop.type.base != "form"
        and not any(v == "unknown" or (prop.type.many and "unknown" in v) for v in values[word])
    ]
    assert closed == []


@pytest.mark.parametrize("base", LITERALS)
def test_every_form_of_a_value_is_written(base: str) -> None:
    every = "\n".join(sound())
    assert [form for form in LITERALS[base] if form not in every] == []


@pytest.mark.parametrize("first", sample(range(0, NUMBER // 2, PART), NUMBER))
def test_every_model_goes_every_way(first: int) -> None:
    for seed in range(first, first + PART):
        made = text(Random(seed).randrange, SIZES[seed % len(SIZES)], wild=seed % 2 == 1)
        one = judged(made)
        for way in ways_of(seed):
            way(one)


@pytest.mark.slow
@settings(max_examples=settings.default.max_examples // 5)
@given(models(wild=True))
def test_hypothesis_finds_no_model_that_fails(made: str) -> None:
    one = judged(made)
    for way in WAYS:
        way(one)
