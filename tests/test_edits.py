"""Edits: what findings say to write, made in the text; and places as editors count them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from inside import ROOT, run
from reading import resolve

from orgdiag import check_text
from orgdiag.finding import Finding
from orgdiag.parse import parse, words
from orgdiag.text.edit import Edit, Overlapping, edited
from orgdiag.text.source import Source, Span
from orgdiag.text.syntax import Statement

# --- places ---------------------------------------------------------------------------------------

TEXTS: Final = st.text(st.sampled_from("ab é€😀\U0010ffff\n")).map(
    lambda text: text.replace("b\n", "\r\n")
)


@given(TEXTS)
def test_places_are_counted_in_units_of_utf_16(text: str) -> None:
    source = Source("m", text)
    for offset in range(len(text) + 1):
        line, character = source.utf16(offset)
        before = text[:offset]
        assert line == before.count("\n")
        assert 2 * character == len(before.rpartition("\n")[2].encode("utf-16-le"))
        inside_crlf = text[offset - 1 : offset + 1] == "\r\n"
        assert inside_crlf or source.offset(line, character) == offset


@given(TEXTS, st.integers(0, 9), st.integers(0, 99))
def test_any_place_of_an_editor_lies_in_the_text(text: str, line: int, character: int) -> None:
    source = Source("m", text)
    offset = source.offset(line, character)
    assert 0 <= offset <= len(text)
    assert source.utf16(offset) <= (line, character) or line > text.count("\n")


def test_a_span_says_where_it_starts_and_ends_for_editors() -> None:
    assert Span(Source("m", "x\n😀 ab"), 4, 6).utf16 == ((1, 3), (1, 5))


# --- many edits at once ---------------------------------------------------------------------------


@given(st.text("abc", max_size=12), st.lists(st.tuples(st.integers(0, 12), st.integers(0, 3))))
def test_edits_are_made_as_if_from_the_last_to_the_first(
    text: str, places: list[tuple[int, int]]
) -> None:
    source, edits, free = Source("m", text), list[Edit](), 0
    for number, (start, length) in enumerate(sorted(places)):
        end = min(start + length, len(text))
        if start >= free and start <= end:
            edits.append(Edit(Span(source, start, end), str(number)))
            free = end + 1
    expected = text
    for span, new in reversed(edits):
        expected = expected[: span.start] + new + expected[span.end :]
    assert edited(source, edits) == expected
    assert edited(source, edits * 2) == expected


def test_edits_that_meet_are_refused() -> None:
    source = Source("m", "team a")
    with pytest.raises(Overlapping):
        edited(source, [Edit(Span(source, 0, 4), "x"), Edit(Span(source, 3, 5), "y")])


# --- what findings say to write -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("taem a {}", "team a {}"),
        ("team a { sise 3 }", "team a { size 3 }"),
        ("team a { Size 3 }", "team a { size 3 }"),
        ("team a { size=3 }", "team a { size 3 }"),
        ("team a { size }", "team a { size unknown }"),
        ('team a { size "3" }', "team a { size 3 }"),
        ("team a { size 3 durable }", "team a { size 3 ; durable }"),
        ("team a { capacity 80 }", "team a { capacity 80% }"),
        ("team a { type steam-aligned }", "team a { type stream-aligned }"),
        ('team a { type "platform" }', "team a { type platform }"),
        ("team a { skills a, , b }", "team a { skills a,  b }"),
        ("team a { in grop }\ngroup group", "team a { in group }\ngroup group"),
        ('team a { in "group" }\ngroup group', "team a { in group }\ngroup group"),
        ("team a { needs dtaa from b }\nteam b", "team a { needs data from b }\nteam b"),
        ("team a { needs data from b { via tiket } }\nteam b",
         "team a { needs data from b { via ticket } }\nteam b"),
        ("team a { size 3\nteam b { size 4 }", "team a { size 3 }\nteam b { size 4 }"),
        ("team a { size 3 } }", "team a { size 3 } "),
        ('team "Big Team" {}', 'team big-team "Big Team" {}'),
        ("team Payments {}", "team payments {}"),
        ("extend taem a { size 3 }\nteam a", "extend team a { size 3 }\nteam a"),
        ("stream s { step a { lead 6 weeks } }", "stream s { step a { lead 6w } }"),
        ("stream s { step a { lead 6weeks } }", "stream s { step a { lead 6w } }"),
        ("stream s { step a { lead 2weeks..3weeks } }", "stream s { step a { lead 2w..3w } }"),
        ("stream s { step a { lead 3d..2d } }", "stream s { step a { lead 2d..3d } }"),
        ("stream s { step a { every 2 months } }", "stream s { step a { every 2mo } }"),
        ("stream s { arrivals 6/mo }", "stream s { arrivals 6/month }"),
        ("stream s { step a { wait { qeue 2d } } }", "stream s { step a { wait { queue 2d } } }"),
        ("stream s { step one; step two { after on } }",
         "stream s { step one; step two { after one } }"),
        ("org o { as-of 2025-1-3 }", "org o { as-of 2025-01-03 }"),
        ("product p { customer shopper }", 'product p { customer "shopper" }'),
        ('team a { purpose "sell }', 'team a { purpose "sell" }'),
        ('team a { accept tem-too-large until 2026-01-31 because "x" }',
         'team a { accept team-too-large until 2026-01-31 because "x" }'),
        ("change c { mvoe step s.b to a }\nteam a\nstream s { step b { by a } }",
         "change c { move step s.b to a }\nteam a\nstream s { step b { by a } }"),
    ],
)  # fmt: skip
def test_a_finding_carries_the_edit_that_does_what_its_help_says(wrong: str, right: str) -> None:
    report = check_text(wrong)
    edits = [edit for finding in report.findings for edit in finding.edits]
    assert edits, [str(finding) for finding in report.findings]
    assert edited(edits[0].span.source, edits) == right
    assert not any(finding.edits for finding in check_text(right).findings)


@pytest.mark.parametrize(
    "text",
    [
        "team a { needs nothing at all }",  # another form
        "stream s { arrivals 6 }",  # the period is not said
        "team a { capacity 0.8 }",  # a share of one, or less than a per cent
        "team a { in nowhere }",  # nothing is near
        "stream s { step a { lead 3 } }",  # the unit is not said
    ],
)
def test_what_can_be_meant_in_several_ways_is_not_edited(text: str) -> None:
    findings = resolve([parse(Source("m", text))]).findings
    assert findings
    assert [finding.edits for finding in findings if finding.edits] == []


# --- of any text ----------------------------------------------------------------------------------


def misread(text: str) -> tuple[Finding, ...]:
    return resolve([parse(Source("m.orgd", text))]).findings


def key(finding: Finding) -> tuple[str, str]:
    return finding.rule, finding.message


def obeys(text: str) -> int:
    """How many findings have edits; each edit lies in the text and ends its own finding."""
    before = misread(text)
    mended = [finding for finding in before if finding.edits]
    for finding in mended:
        for span, _ in finding.edits:
            assert 0 <= span.start <= span.end <= len(text), finding
        source = finding.edits[0].span.source
        after = misread(edited(source, finding.edits))
        was, now = Counter(map(key, before)), Counter(map(key, after))
        assert now[key(finding)] < was[key(finding)], (text, finding)
    return len(mended)


def slips(text: str) -> list[str]:
    """The text with each of its words misspelt, one at a time."""
    source = Source("m.orgd", text)
    left, found = list(parse(source).statements), list[str]()
    while left:
        statement: Statement = left.pop()
        left += statement.body or ()
        for atom in words(statement.text):
            at = statement.start + atom.at
            if atom.kind == "NAME" and len(atom.text) > 3:
                found.append(f"{text[: at + 1]}{text[at + 2]}{text[at + 1]}{text[at + 3 :]}")
    return sorted(set(found) - {text})


MODELS: Final = sorted([*ROOT.glob("examples/*/*.orgd"), *ROOT.glob("tests/corpus/*/*.orgd")])


@pytest.mark.parametrize("path", MODELS[::6], ids=lambda path: path.parent.name)
def test_an_edit_ends_the_slip_that_it_mends(path: Path) -> None:
    every = slips(path.read_text(encoding="utf-8"))
    tried = every[:: max(1, len(every) // 12)]
    assert sum(map(obeys, tried)) > len(tried) // 6


@pytest.mark.slow
@pytest.mark.parametrize("path", MODELS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_edit_ends_the_slip_that_it_mends(path: Path) -> None:
    every = slips(path.read_text(encoding="utf-8"))
    tried = every[:: max(1, len(every) // 50)]
    assert sum(map(obeys, tried)) > len(tried) // 6


def test_edits_of_the_models_of_the_language_end_their_findings() -> None:
    pages = sorted((ROOT / "tests/language").glob("*.md"))
    blocks = [block for page in pages for block in page.read_text("utf-8").split("```orgd\n")[1:]]
    assert sum(obeys(block.partition("```")[0]) for block in blocks) > 30


# --- what outputs tell of them --------------------------------------------------------------------


def written(form: str, folder: Path) -> Any:
    (folder / "m.orgd").write_text("# 😀\nteam a { sise 3 }\n", encoding="utf-8")
    return json.loads(run("check", "--output-format", form, folder=folder).out)


def test_json_holds_the_edits_of_a_finding(tmp_path: Path) -> None:
    told = written("json", tmp_path)
    jsonschema.validate(told, json.loads((ROOT / "schemas/check.schema.json").read_text()))
    finding, *others = (f for f in told["findings"] if f["rule"] == "unknown-word")
    place = {"path": "m.orgd", "line": 2, "column": 10, "end_line": 2, "end_column": 14}
    assert finding["edits"] == [{"location": place, "text": "size"}]
    assert not others
    assert sum("edits" in f for f in told["findings"]) == 1


def test_sarif_holds_them_as_a_fix(tmp_path: Path) -> None:
    results = written("sarif", tmp_path)["runs"][0]["results"]
    (fix,) = [fix for result in results for fix in result.get("fixes", ())]
    assert fix["description"]["text"] == "did you mean `size`?"
    (change,) = fix["artifactChanges"]
    region = {"startLine": 2, "startColumn": 10, "endLine": 2, "endColumn": 14}
    assert change["artifactLocation"]["uri"] == "m.orgd"
    assert change["replacements"] == [
        {"deletedRegion": region, "insertedContent": {"text": "size"}}
    ]
