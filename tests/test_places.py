"""Where the keys of a TOML text stand: those that tomllib reads, however they are written."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import tools
from hypothesis import given, settings
from hypothesis import strategies as st
from toml_writer import NAMES, VALUES, written

from orgdiag.config.places import Place, places
from orgdiag.config.toml import content
from orgdiag.finding import OrgdiagError
from orgdiag.text.source import Source, Span

ROOT = Path(__file__).parent.parent
Key = tuple[str, ...]

CHANCE = st.integers(0, 1 << 32).map(Random)
DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=4)


def keys(data: Any, above: Key = ()) -> Iterator[Key]:
    """Every key of the data with those above it; arrays have none."""
    if isinstance(data, list):
        for each in data:
            yield from keys(each, above)
    if isinstance(data, dict):
        for name, value in data.items():
            yield (*above, name)
            yield from keys(value, (*above, name))


def spans(place: Place, above: Key = ()) -> Iterator[tuple[Key, Span]]:
    for name, below in place.below.items():
        yield (*above, name), below.span
        yield from spans(below, (*above, name))


def parts(dotted: str) -> Key:
    """The names that the text of a key stands for."""
    found, data = list[str](), tomllib.loads(f"{dotted} = 0")
    while isinstance(data, dict):
        ((name, data),) = data.items()
        found.append(name)
    return tuple(found)


def faults(text: str) -> Iterator[str]:
    """What the places of a text have wrong."""
    data = tomllib.loads(text)
    found = dict(spans(places(Source("x.toml", text))))
    yield from (f"no place for {key}" for key in set(keys(data)) - set(found))
    yield from (f"{key} is no key" for key in set(found) - set(keys(data)))
    for key, span in found.items():
        if parts(span.text) != key[-len(parts(span.text)) :]:
            yield f"at the place of {key} stands {span.text}"
        if not renames(text, span):
            yield f"the place of {key} holds no key that counts"


def renames(text: str, span: Span) -> bool:
    """Whether another word at the place is another key for tomllib, and not a comment or a text."""
    other = "never-seen"
    try:
        data = tomllib.loads(text[: span.start] + other + text[span.end :])
    except tomllib.TOMLDecodeError:  # another table of the array is left behind
        return True
    return any(other in key for key in keys(data))


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS, CHANCE)
def test_every_key_that_tomllib_reads_has_its_place(data: dict[str, Any], chance: Random) -> None:
    text = written(data, chance)
    assert tomllib.loads(text) == data, "the test writes something else than it means"
    assert list(faults(text)) == [], text


TOMLLIB = Path(tomllib.__file__).parent.parent / "test/test_tomllib/data/valid"


def test_the_texts_with_which_tomllib_is_tested_have_all_their_places() -> None:
    texts = {path: path.read_bytes().decode() for path in sorted(TOMLLIB.rglob("*.toml"))}
    tools.need(texts, "the tests of Python's own tomllib")
    wrong = {path.name: list(faults(text)) for path, text in texts.items()}
    assert {name: found for name, found in wrong.items() if found} == {}


@pytest.mark.parametrize(
    ("text", "key", "where"),
    [
        ("rules = { x = { severity = 1 } }", ("rules", "x"), "1:11"),
        ("rules = { x = { severity = 1 } }", ("rules", "x", "limit"), "1:11"),
        ("rules = { x = { limit = 1 } }", ("rules", "y", "limit"), "1:1"),
        ('[rules."team-too-lar\\u0067e"]', ("rules", "team-too-large"), "1:2"),
        ("a = [\n  { b = 1 },\n  { c = 2 },\n]", ("a", "c"), "3:5"),
        ("a = [\r\n  # b = 1\r\n  'b = 2' ]\r\nb = 3", ("b",), "4:1"),
        ('a = """\nb = 1\n"""\n[[c]]\n[[c]]\nb.d = 1', ("c", "b", "d"), "6:1"),
        ("a = '''\n''''\nb.c = 1\nb.d = 1", ("b", "d"), "4:1"),
        ("", ("select",), "1:1"),
    ],
)
def test_a_key_has_its_place_or_that_of_the_nearest_above_it(
    text: str, key: Key, where: str
) -> None:
    assert str(places(Source("x", text)).nearest(*key).span) == f"x:{where}"


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("a = " + "[\n" * 65, "65:1", "this is nested more than 64 deep"),
        ("a = " + "{ a = " * 300 + "1" + "}" * 300, "1:389", "this is nested more than 64 deep"),
        (f"b = 1\n{'.'.join('a' * 33)} = 1", "2:64", "this key has more than 32 parts"),
        (f"[{'.'.join('a' * 20_000)}]", "1:65", "this key has more than 32 parts"),
        (f"a = -{'9' * 5000}", "1:5", "this number is too long"),
        ("a = 1\nb = = 2", "2:5", "not valid TOML: Invalid value"),
        ("a = 1\n'b", "2:3", 'not valid TOML: Expected "\'"'),
        ('a = "' + "[" * 9000, "1:9006", "not valid TOML: Unterminated string"),
    ],
    ids=range(8),
)
def test_what_is_not_read_is_told_at_its_place(text: str, where: str, message: str) -> None:
    with pytest.raises(OrgdiagError) as caught:
        content(Source("x", text))
    (found,) = caught.value.problems
    assert (str(found.span), found.message) == (f"x:{where}", message)


def test_brackets_and_dots_in_texts_and_comments_count_for_no_limit() -> None:
    text = f'a = "{"[" * 99}" # {".a" * 999}\nb = """{"{." * 999}"""\nc = {"[" * 64}{"]" * 64}\n'
    assert content(Source("x", text)) == tomllib.loads(text)
