"""Text to statements: the grammar, the fast lexer, repair, and the promises about bad texts."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import lark
import pytest
import tools
from hypothesis import given
from hypothesis import strategies as st
from sample import sample

from orgdiag.finding import Finding
from orgdiag.parse import STARTS, Parsed, parse, words
from orgdiag.parse.repair import BLOCKS
from orgdiag.text import grammar
from orgdiag.text.lexer import Closing, tokens
from orgdiag.text.source import Source, shipped
from orgdiag.text.syntax import Statement, comments

TESTS = Path(__file__).parent
IDENTITY = (TESTS / "identity.orgd").read_text(encoding="utf-8")
EXAMPLES = sorted((TESTS.parent / "examples").rglob("*.orgd"))


def read(text: str) -> Parsed:
    return parse(Source("m.orgd", text))


def walk(statements: tuple[Statement, ...] | list[Statement]) -> Iterator[Statement]:
    for statement in statements:
        yield statement
        yield from walk(statement.body or [])


def printed(statements: tuple[Statement, ...] | list[Statement], indent: int = 0) -> str:
    """The canonical layout: one statement a line."""
    lines = []
    for statement in statements:
        head = "  " * indent + statement.text.rstrip()
        if statement.body is None:
            lines.append(f"{head}\n")
        else:
            lines.append(f"{head} {{\n{printed(statement.body, indent + 1)}{'  ' * indent}}}\n")
    return "".join(lines)


def problems(text: str) -> list[tuple[int, str]]:
    return [(finding.span.line, finding.message) for finding in read(text).findings]


# --- the grammar and its fast lexer ---------------------------------------------------------------


@cache
def slow(start: str) -> lark.Lark:
    """The grammar as lark reads it by itself, in its strict mode."""
    text = (shipped("grammar") / "model.lark").read_text(encoding="utf-8")
    return lark.Lark(text, parser="lalr", strict=True, start=list(STARTS), lexer="contextual")


def slow_tokens(text: str) -> list[tuple[str, int]]:
    tree = slow("file").parse(text, start="file")
    found = tree.scan_values(lambda token: isinstance(token, lark.Token))
    return sorted((token.type, token.start_pos) for token in found)


def fast_tokens(text: str) -> list[tuple[str, int]]:
    return sorted((token.type, token.start) for token in tokens(Source("m", text)))  # type: ignore[union-attr]


def slow_shape(tree: lark.Tree[lark.Token]) -> list[object]:
    """Nested lists of the offsets of statements."""
    if tree.data == "start":
        return []
    if tree.data == "file":
        return slow_shape(tree.children[0])  # type: ignore[arg-type]
    before = slow_shape(tree.children[0])  # type: ignore[arg-type]
    if tree.data == "line":
        return [*before, tree.children[1].start_pos]  # type: ignore[union-attr]
    head, body = tree.children[1], tree.children[2]
    return [*before, [head.start_pos, *slow_shape(body)]]  # type: ignore[union-attr,arg-type]


def fast_shape(statements: tuple[Statement, ...] | list[Statement]) -> list[object]:
    return [s.start if s.body is None else [s.start, *fast_shape(s.body)] for s in statements]


@pytest.mark.parametrize("path", [TESTS / "identity.orgd", *EXAMPLES], ids=lambda path: path.name)
def test_the_fast_lexer_agrees_with_larks_own_on_tokens_trees_and_words(path: Path) -> None:
    text = path.read_text(encoding="utf-8")[:60_000].rpartition("\n}\n")[0] + "\n}\n"
    parsed = read(text)
    assert fast_tokens(text) == slow_tokens(text)
    tree = slow("file").parse(text, start="file")
    assert fast_shape(parsed.statements) == slow_shape(tree)  # type: ignore[arg-type]
    for statement in list(walk(parsed.statements))[:400]:
        atoms = words(statement.text)
        if all(atom.kind != "BAD" for atom in atoms):
            phrase = slow("phrase").parse(statement.text, start="phrase")
            assert [(a.kind, a.at) for a in atoms] == [
                (token.type, token.start_pos)  # type: ignore[union-attr]
                for token in phrase.children
            ]


PLAIN = (
    "a a-b a.b team unknown 5 2.5 5d 1d4h 2.5w 2d..4d 1d4h..2d 2/week..3/week 6/month 230h/month "
    "75% 5%..7% 2025-03 2025-03-01 EUR/d -> , 5x 5. .5 -5 A a_b a- 5-5"
)
LITERALS = [*PLAIN.split(), '"x"', "'x'", "1..2..3", '"a \\" b"', "a,b"]


@given(
    st.lists(st.sampled_from(LITERALS), min_size=1, max_size=6), st.sampled_from([" ", "  ", " \t"])
)
def test_both_lexers_take_the_same_words_or_neither_does(parts: list[str], space: str) -> None:
    text = "word " + space.join(parts)
    atoms = words(text)
    try:
        tree = slow("phrase").parse(text, start="phrase")
    except lark.UnexpectedInput:
        assert any(atom.kind == "BAD" for atom in atoms)
        return
    assert [(atom.kind, atom.text) for atom in atoms] == [
        (token.type, str(token))  # type: ignore[union-attr]
        for token in tree.children
    ]


def test_the_prepared_tables_are_those_of_the_grammar() -> None:
    """To rewrite them: write `grammar.prepared("model", STARTS)` to `grammar/model.tables.json`."""
    text = (shipped("grammar") / "model.lark").read_text(encoding="utf-8")
    found = grammar._prepared("model", text)
    assert found is not None
    again = grammar._computed(text, STARTS)
    assert found.terminals == again.terminals
    assert shape(found) == shape(again)


def shape(tables: grammar.Tables) -> object:
    """What the tables say, whatever the numbers of their states: those depend on the run."""
    numbers: dict[int, int] = {}
    waiting = [state for start in STARTS for state in tables.starts[start]]
    rows = []
    while waiting:
        state = waiting.pop(0)
        if state in numbers:
            continue
        numbers[state] = len(numbers)
        row = sorted(tables.states[state].items())
        waiting += [what for _, what in row if isinstance(what, int)]
        rows.append(row)
    return [
        [(symbol, numbers[what] if isinstance(what, int) else what) for symbol, what in row]
        for row in rows
    ]


def test_without_prepared_tables_the_grammar_itself_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from orgdiag import parse as module

    kept = (module._tables, module._parser, module._words)
    monkeypatch.setattr(grammar, "_prepared", lambda name, text: None)
    for cached in kept:
        cached.cache_clear()
    try:
        assert printed(read(IDENTITY).statements) == printed(PARSED.statements)
    finally:
        for cached in kept:
            cached.cache_clear()


PARSED = read(IDENTITY)


# --- sound texts ----------------------------------------------------------------------------------


def test_every_construct_prints_back_as_it_was() -> None:
    assert not PARSED.findings
    assert printed(PARSED.statements) == re.sub(r"\n\n", "\n", IDENTITY)


def test_a_statement_knows_where_it_stands() -> None:
    text = 'team a "A" {\n  size 8 # eight\n}\n'
    (team,) = read(text).statements
    assert (team.span.text, team.word_span.text) == ('team a "A"', "team")
    assert text[team.start : team.end] == text.rstrip()
    (size,) = team.body or []
    assert size.place(words(size.text)[1]).text == "8"


def test_comments_are_kept_with_their_places_and_strings_hold_none() -> None:
    source = Source("m", 'a "x # y" # one\n# two "\nb\n')
    assert [(c.text, c.start) for c in comments(source)] == [("# one", 10), ('# two "', 16)]


@pytest.mark.parametrize(
    "text",
    ["", "\n", "  \t ", "# only a comment", ";;\n;", "team a", "team a {}", "team a { size 5; }\n",
     "team a {\r\n  size 5\r\n}\r\n", "team a { wait { queue 1d } }", "x-y a, # why\n  b\n"],
)  # fmt: skip
def test_sound_texts_have_no_finding(text: str) -> None:
    assert problems(text) == []


# --- broken texts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("}\n", [(1, "this `}` closes nothing")]),
        ("team a {\n", [(1, "`team a` is never closed")]),
        ("team a {\n  size 5\nteam b {\n}\n", [(2, "`team a` is never closed")]),
        ("team a {\n  api {\n    docs unknown\n  size 5\n}\nteam b\n",
         [(3, "`api` is never closed")]),
        ("team a {\n  size 5\n  }\n  durable\n}\n", [(3, "this `}` closes nothing")]),
        ("team a\n{\n  size 5\n}\n", [(2, "a brace stands on the line of its statement")]),
        ("team a size 5; durable }\nteam b\n", [(1, "`{` is missing after `team a`")]),
        ("stream a\n  step b { by c }\n}\nteam b\n", [(1, "`{` is missing after `stream a`")]),
        ("team a { { size 5 }\nteam b\n", [(1, "this `{` opens nothing")]),
        ("team a {} team b {}\n", [(1, "a line break or `;` is missing after this `}`")]),
        ('team a "A {\n  size 5\n}\n', [(1, "this text is never closed")]),
        ('team a { note "x; size 5 }\nteam b\n', [(1, "this text is never closed")]),
        ("team a {\n  size: 5\n}\n", [(2, "`:` has no meaning here")]),
        ("Team a {\n  size 5\n}\n", [(1, "`Team` is no word to start a statement with")]),
        ("@$% & ; ^\nteam a\n", [(1, "`@$%` is no word to start a statement with")]),
        ("// x\nteam a\n", [(1, "`//` is no word to start a statement with")]),
        ("team a\x07\n", [(1, "the control character U+0007 is not allowed")]),
        ("# \u202e x\nteam a\n", [(1, "the direction character U+202E is not allowed")]),
    ],
)  # fmt: skip
def test_each_break_is_one_finding_in_its_line(text: str, expected: list[tuple[int, str]]) -> None:
    assert problems(text) == expected


def test_a_finding_of_form_has_a_help_line_and_a_place() -> None:
    for text in ("}\n", "team a {\n", 'team "x\n', "@\n"):
        for finding in read(text).findings:
            assert finding.help
            assert finding.subject.kind == "place"
            assert finding.subject.id == str(finding.span)


def test_what_is_expected_is_said_in_the_words_of_the_language() -> None:
    (finding,) = read("team a\n}\n").findings
    assert finding.label == "expected a statement or the end of the text"


def test_after_a_break_the_rest_is_kept() -> None:
    parsed = read('team a "A {\n  size 5\n}\nteam b { size: 5; durable }\n')
    a, b = parsed.statements
    assert [s.text for s in a.body or []] == ["size 5"]
    assert [(s.word, s.broken) for s in b.body or []] == [("size", True), ("durable", False)]


def test_words_that_take_a_block_are_those_of_the_schema() -> None:
    from orgdiag.model.elements import ELEMENTS

    heads = {statement.word for statement in walk(PARSED.statements) if statement.body is not None}
    assert heads <= BLOCKS
    assert {kind for kind in ELEMENTS if kind != "need"} <= BLOCKS


# --- promises -------------------------------------------------------------------------------------

PIECES = [
    "team a", "stream s", "step b", "size 5", "by a, b", '"text"', '"', "{", "}", ";", "\n", " ",
    ",", "#", "->", "\\", "5d", "@", ":", "\t", "\x00", "é", "needs x from y", "\r", "unknown",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_no_text_breaks_the_reader_and_no_finding_lies_outside(pieces: list[str]) -> None:
    text = "".join(pieces)
    parsed = read(text)
    for finding in parsed.findings:
        assert 0 <= finding.span.start <= finding.span.end <= len(text) + 1
        assert finding.span.line >= 1
        assert finding.span.column >= 1
    for statement in walk(parsed.statements):
        assert 0 <= statement.start <= statement.end <= len(text) + 1
    assert read(text).findings == parsed.findings or _same(read(text), parsed)


def _same(one: Parsed, other: Parsed) -> bool:
    def key(finding: Finding) -> tuple[str, int, str]:
        return finding.rule, finding.span.start, finding.message

    return [key(f) for f in one.findings] == [key(f) for f in other.findings]


def test_a_token_less_or_more_is_found_near_and_costs_no_other_block() -> None:
    """Mutations of a sound text: delete, double, replace, insert, unquote."""
    chance = random.Random(7)
    marks = list(re.finditer(r'"[^"\n]*"|[{}]', IDENTITY))
    tops = [(s.text, len(s.body or ())) for s in PARSED.statements]
    errors = far = extra = kept = 0
    for _ in range(300):
        mark = chance.choice(marks)
        start, end = mark.span()
        new = {
            "delete": IDENTITY[:start] + IDENTITY[end:],
            "double": IDENTITY[:start] + mark[0] * 2 + IDENTITY[end:],
            "unquote": IDENTITY[:start] + mark[0].strip('"') + '"' + IDENTITY[end:],
            "replace": IDENTITY[:start] + "@" + IDENTITY[end:],
        }[chance.choice(["delete", "double", "unquote", "replace"])]
        parsed = read(new)
        if not parsed.findings:
            continue
        line = IDENTITY.count("\n", 0, start) + 1
        errors += 1
        far += all(abs(f.span.line - line) > 1 for f in parsed.findings)
        extra += len(parsed.findings) - 1
        after = [(s.text, len(s.body or ())) for s in parsed.statements]
        kept += len([top for top in tops if top not in after]) <= 1
    assert errors > 100
    assert far <= errors * 0.02
    assert extra <= errors * 0.35
    assert kept >= errors * 0.97


@pytest.mark.parametrize(
    "piece",
    sample(
        ["{", "team a {\n  x: 1\n}\n", "@ ", "/* ", 'a: " ', "team a {\n", "}\n", '"',
         "team a { ", "\\", "a,\n", "x; ", "}}x{{"],
        12,
    ),
)  # fmt: skip
def test_the_time_of_reading_does_not_grow_with_the_square_of_the_text(piece: str) -> None:
    with tools.cpu_limit(
        20
    ):  # linear: a second; the square, even of the fastest scan: half a minute
        read(piece * 100_000)


def test_blocks_nest_only_so_deep() -> None:
    parsed = read("wait {\n" * 100_000)
    assert [f.rule for f in parsed.findings] == ["too-large"]
    assert [f.rule for f in read("wait {" * 65 + "}" * 65).findings] == ["too-large"]
    assert not read("a {" * 64 + "}" * 64).findings


def test_the_closing_token_is_light() -> None:
    assert not hasattr(Closing(3), "__dict__")
