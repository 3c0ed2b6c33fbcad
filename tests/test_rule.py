"""The rules language: what is read, what is refused, and where."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lark import Lark
from reading import resolve

from orgdiag.catalogue import catalogue
from orgdiag.evaluate import evaluate
from orgdiag.evaluate.examples import run_examples
from orgdiag.facts.columns import Facts
from orgdiag.finding import OrgdiagError, Problem, Severity
from orgdiag.model.elements import Calendar
from orgdiag.parse import parse
from orgdiag.rule import literal, load_rules, prepare, read
from orgdiag.rule.load import built_in, check_files, found_at
from orgdiag.rule.rule import File, RuleSet
from orgdiag.rule.tree import Node
from orgdiag.text.source import Source, shipped

CASES = Path(__file__).parent / "rules-language"


def blocks(path: Path, language: str) -> Iterator[tuple[str, str]]:
    """The heading above each block of a language in a Markdown file, and its text."""
    heading, number, lines = "", 0, iter(path.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line.startswith("#"):
            heading, number = line.lstrip("# "), 0
        if line == f"```{language}":
            number += 1
            body = []
            for inner in lines:
                if inner == "```":
                    break
                body.append(inner)
            yield f"{heading} ({number})", "\n".join(body) + "\n"


def check(*texts: str) -> tuple[RuleSet, list[Problem]]:
    return check_files([File(Source("<text>", text), "", "own", "<text>") for text in texts])


def rule_text(*clauses: str, name: str = "a") -> str:
    head = 'title "A" severity warning kind structure why "because"'
    return f"rule {name} {{\n{head}\n" + "\n".join(clauses) + "\n}\n"


@pytest.mark.parametrize(
    "text",
    [pytest.param(text, id=name) for name, text in blocks(CASES / "errors.md", "orgr")],
)
def test_every_mistake_is_found_at_its_line_and_nothing_else_is(text: str) -> None:
    wanted = {
        (number, message.strip())
        for number, line in enumerate(text.splitlines(), 1)
        for message in re.findall(r"# error: ([^#]*)", line)
    }
    _, problems = check(text)
    said = [(p.span.line, p.message) for p in problems if p.span is not None]
    missing = [w for w in wanted if not any(w[0] == s[0] and w[1] in s[1] for s in said)]
    extra = [s for s in said if not any(w[0] == s[0] and w[1] in s[1] for w in wanted)]
    assert (missing, extra) == ([], [])
    assert len(said) == len(problems)
    assert [p.message for p in problems if not p.help] == []


def test_a_mistake_in_a_message_has_its_caret_inside_the_string() -> None:
    text = rule_text("check each team", "flag team", 'message "so many: {count(team.stepz)}"')
    _, [problem] = check(text)
    assert problem.span is not None
    assert problem.span.text == "stepz"
    assert problem.help == "did you mean `steps`?"


def test_a_member_of_a_set_is_called_as_the_rule_calls_it() -> None:
    for name, called in (("s", "s"), ("status", "status"), ("steps", "step")):
        _, problems = check(
            rule_text(
                "check each stream",
                f"flag stream when sum({called}.lead for each {name} in stream.steps) > 1d",
                'message "{stream}"',
            )
        )
        assert not problems, name


def test_the_grammar_is_lalr_without_conflicts() -> None:
    text = (shipped("grammar") / "rules.lark").read_text(encoding="utf-8")
    Lark(text, parser="lalr", start=list(read.STARTS), strict=True)


def test_larks_own_lexer_reads_every_rule_as_our_driver_does() -> None:
    text = (shipped("grammar") / "rules.lark").read_text(encoding="utf-8")
    own = Lark(
        text, parser="lalr", start=list(read.STARTS), propagate_positions=True,
        maybe_placeholders=True,
    )  # fmt: skip
    compared = 0
    for file in built_in():
        items, problems = read.items(file.source)
        assert problems == []
        for item in items:
            piece = file.source.text[item.node.start : item.node.end]
            padded = " " * item.node.start + piece
            assert _same(read._node(own.parse(padded, start="item")), item.node)
            compared += 1
    assert compared > 40


def _same(a: Node | None, b: Node | None) -> bool:
    if a is None or b is None:
        return a is b
    return a[:3] == b[:3] and a.text == b.text and all(map(_same, a.args, b.args))


def test_built_in_rules_have_no_mistake() -> None:
    _, problems = check_files(built_in())
    assert [f"{p.span}: {p.message}" for p in problems] == []


@pytest.mark.parametrize(
    "bomb",
    [
        "(" * 100_000,
        "not " * 100_000 + "team",
        "team" + ".streams" * 50_000,
        " + ".join(["1"] * 50_000),
        '"' + "\\" * 200_001,
        "{" * 50_000,
        "#" * 200_000,
        "1" * 200_000,
        "a-" * 100_000,
        '"""' * 50_001,
    ],
    ids=[
        "parens",
        "not",
        "dots",
        "sum",
        "backslash",
        "braces",
        "comment",
        "digits",
        "hyphens",
        "quotes",
    ],
)
def test_a_hostile_text_is_refused_in_words(bomb: str) -> None:
    _, problems = check(rule_text("check each team", f"flag team when {bomb}", 'message "{team}"'))
    assert problems


@pytest.mark.parametrize(
    ("text", "base", "amount"),
    [
        ("3", "number", 3),
        ("15%", "share", "3/20"),
        ("1d4h", "duration", 720),
        ("1mo", "duration", 10400),
        ("7ed", "duration", 2400),
        ("2 per week", "rate", "26/3"),
        ("1 per day", "rate", "65/3"),
        ("20d per month", "effort", 9600),
        ("1 per quarter", "rate", "1/3"),
    ],
)
def test_a_number_stands_for_an_exact_amount(text: str, base: str, amount: object) -> None:
    type = literal.type_of(text)
    assert type is not None
    assert type.base == base
    assert str(literal.quantity(text, Calendar()).value) == str(amount)


@pytest.mark.parametrize("text", ["15% per month", "3 EUR", "3 EUR per month", "1" * 16])
def test_a_number_whose_parts_do_not_go_together_is_refused(text: str) -> None:
    assert literal.type_of(text) is None


SIZE_RULE = rule_text(
    'param limit = 9 between 5 and 20 step 2 "people" basis literature',
    "check each team",
    "flag team when team.size > limit",
    'message "{team} has {team.size}"',
)


def test_a_param_moves_by_its_step_and_not_beyond_its_bounds() -> None:
    rules, _ = check(SIZE_RULE)
    param = rules.rules["a"].params["limit"]
    moved = param.moved(1)
    assert moved is not None
    assert moved.value == "11"
    assert param.moved(-3) is None


def test_settings_change_a_rule_and_wrong_ones_are_refused() -> None:
    rules, _ = check(SIZE_RULE)
    changed = rules.adjusted("a", {"severity": "info", "limit": "12"}, "orgdiag.toml")
    assert changed.rules["a"].severity is Severity.INFO
    assert changed.rules["a"].params["limit"].value == "12"
    assert changed.rules["a"].params["limit"].origin == "orgdiag.toml"
    assert rules.rules["a"].severity is Severity.WARNING
    for settings in ({"limit": "30"}, {"limit": "3d"}, {"limt": "9"}, {"severity": "bad"}):
        with pytest.raises(OrgdiagError):
            rules.adjusted("a", settings, "")
    with pytest.raises(OrgdiagError, match="no rule `b`"):
        rules.adjusted("b", {}, "")


def test_a_pack_adjusts_and_disables_rules_of_others(tmp_path: Path) -> None:
    (tmp_path / "own.orgr").write_text(
        "adjust team-too-large { severity info; param limit = 12 }\n"
        'disable few-hands because "we rotate"\n'
    )
    rules, problems = check_files([*built_in(), *found_at([tmp_path], tmp_path)])
    assert problems == []
    assert rules.rules["team-too-large"].severity is Severity.INFO
    assert rules.rules["team-too-large"].params["limit"].value == "12"
    assert rules.find("few-hands") is None
    assert rules.disabled == {"few-hands": "we rotate"}


def test_a_definition_of_a_pack_is_its_own(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    (first / "words.orgr").write_text('define team is huge "x" when team.size > 50\n')
    (first / "one.orgr").write_text(
        rule_text("check each team", "flag team when team is huge", 'message "{team}"', name="one")
    )
    (second / "two.orgr").write_text(
        rule_text("check each team", "flag team when team is huge", 'message "{team}"', name="two")
    )
    rules, problems = check_files(found_at([first, second], tmp_path))
    assert set(rules.rules) == {"one"}
    assert [p.message for p in problems] == ["a team is never `huge`"]


def test_a_rule_is_called_as_its_file(tmp_path: Path) -> None:
    (tmp_path / "other.orgr").write_text(SIZE_RULE)
    _, problems = check_files(found_at([tmp_path], tmp_path))
    assert [p.message for p in problems] == ["rule `a` stands in other.orgr"]


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OrgdiagError, match="no file or folder"):
        load_rules([tmp_path / "nowhere"])


def test_prepared_rules_are_the_checked_ones(tmp_path: Path) -> None:
    files = built_in()
    rules, _ = check_files(files)
    text = prepare.prepared(rules, "key")
    again = prepare.unprepared(text.encode(), "key", [file.source for file in files])
    assert again is not None
    assert prepare.prepared(again, "key") == text
    assert prepare.unprepared(text.encode(), "other", [file.source for file in files]) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"key":"k"}', '{"key":"k","types":[1]}', "\xff"])
def test_a_broken_store_of_prepared_rules_is_ignored(text: str) -> None:
    assert prepare.unprepared(text.encode("latin-1"), "k", []) is None


def test_only_the_last_prepared_rules_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    rules, _ = check_files([])
    for number in range(23):
        prepare.keep(rules, f"{number:016}", tmp_path / "project")
    assert len(list((tmp_path / "orgdiag").iterdir())) == 20


def test_a_second_run_uses_what_the_first_prepared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, pack = tmp_path / "cache", tmp_path / "pack"
    pack.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    (pack / "a.orgr").write_text(SIZE_RULE)
    first = load_rules([pack])
    [kept] = (cache / "orgdiag").iterdir()
    assert (cache / "orgdiag").stat().st_mode & 0o077 == 0
    monkeypatch.setattr(read, "items", lambda source: pytest.fail("parsed again"))
    second = load_rules([pack])
    assert list(second.rules) == list(first.rules)
    assert second.rules["a"].source.path == (pack / "a.orgr").as_posix()
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    content = json.loads(kept.read_text())
    (pack / "a.orgr").write_text(SIZE_RULE.replace("9", "8"))
    third = load_rules([pack])
    assert third.rules["a"].params["limit"].value == "8"
    assert content["rules"]


def test_every_field_has_a_meaning() -> None:
    words = catalogue()
    silent = [
        f"{kind}.{name}"
        for kind, known in words.fields.items()
        for name, field in known.items()
        if not field.meaning
    ]
    assert silent == []


DOCS = Path(__file__).parent.parent / "docs" / "rules-language.md"


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=name) for name, text in blocks(DOCS, "orgr")]
)
def test_the_reference_shows_rules_that_are_right(text: str) -> None:
    own = File(Source("<text>", text), "docs", "own", "<text>")
    rules, problems = check_files([*built_in(), own])
    assert [f"{p.span}: {p.message}" for p in problems] == []
    names = [rule.name for rule in rules if rule.pack == "docs" and rule.examples]
    failed = run_examples(rules, names).failures
    assert [failure for failure in failed if "no example notices" not in failure.message] == []


def test_no_change_of_a_rule_escapes_as_an_exception() -> None:
    # Whatever comes of it is refused in words, or is a rule that can be evaluated.
    chance = random.Random(7)
    texts = [file.source.text for file in built_in()]
    words = sorted({t.text for text in texts for t in read.lexemes(text) if len(t.text) < 30})
    model = Source("m.orgd", "team a { size 3 }\nstream s { step x { by a } }")
    org, _ = resolve([parse(model)], None)
    refused = 0
    for _ in range(150):
        text = chance.choice(texts)
        for _ in range(chance.randint(1, 2)):
            token = chance.choice(read.lexemes(text))
            new = chance.choice(["", f"{token.text} {token.text}", chance.choice(words), "{", '"'])
            text = text[: token.start] + new + text[token.end :]
        rules, problems = check(text)
        refused += bool(problems)
        for problem in problems:
            assert problem.span is None or 0 <= problem.span.start <= problem.span.end <= len(text)
        if not problems:
            evaluate(rules, Facts(org))
    assert refused > 50
