"""Every place where an element is named is known: called otherwise there, all says the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from generator.ways import judged

import orgdiag.resolve
from orgdiag.documents import figures
from orgdiag.measure import measure
from orgdiag.model.elements import PLURALS
from orgdiag.parse import parse
from orgdiag.resolve import Occurrence
from orgdiag.text.source import Source
from orgdiag.whatif import operations

ROOT: Final = Path(__file__).parent.parent
FOLDERS: Final = [*sorted(ROOT.glob("examples/*/")), *sorted(ROOT.glob("tests/corpus/*/"))]


def texts_of(folder: Path) -> tuple[str, ...]:
    return tuple(path.read_text("utf-8") for path in sorted(folder.glob("**/*.orgd")))


def occurrences(*texts: str) -> tuple[Occurrence, ...]:
    parsed = [parse(Source(f"m{at}.orgd", each)) for at, each in enumerate(texts)]
    return orgdiag.resolve.occurrences(parsed, operations.forms())


def elements(folder: Path) -> list[tuple[str, str]]:
    """Every element that has a name of its own."""
    org = judged(*texts_of(folder)).facts.org
    kinds = [kind for kind in PLURALS if kind != "interaction"]
    return [(kind, id) for kind in kinds for id in org.of_kind(kind)]


def renamed(texts: tuple[str, ...], kind: str, id: str, new: str) -> tuple[str, ...]:
    """The texts with another name wherever they name the element."""
    found = [one.span for one in occurrences(*texts) if (one.kind, one.id) == (kind, id)]
    edited = list(texts)
    for span in sorted(found, key=lambda span: -span.start):
        at = int(span.path.removeprefix("m").removesuffix(".orgd"))
        assert edited[at][span.start : span.end] == id.rpartition(".")[2]
        edited[at] = edited[at][: span.start] + new + edited[at][span.end :]
    return tuple(edited)


def said(*texts: str, new: str = "", old: str = "") -> Any:
    """What is found and every number, without places, and with the old name for the new one."""
    one = judged(*texts)
    found = [
        [f.rule, f.severity.value, f.subject.kind, f.subject.id, f.message]
        + [fact.message for fact in f.evidence]
        for f in one.report.findings
    ]
    unsure = [
        [entry.rule, entry.subject.kind, entry.subject.id]
        + [f"{gap.property} of {gap.kind} {gap.id}" for gap in entry.missing]
        for entry in one.report.not_assessed
    ]
    numbers = figures.document(measure(one.facts, None), one.facts, figures.coverage_of(one.report))
    text = re.sub(r"m\d+\.orgd:\d+:\d+", "PLACE", json.dumps([found, unsure, numbers]))
    found, unsure, numbers = json.loads(text.replace(new, old) if new else text)
    return sorted(map(sorted, found)), sorted(map(sorted, unsure)), without_places(numbers)


def without_places(row: Any) -> Any:
    if isinstance(row, dict):
        return {key: without_places(value) for key, value in row.items() if key != "location"}
    return [without_places(item) for item in row] if isinstance(row, list) else row


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_element_that_is_called_otherwise_everywhere_is_the_same(folder: Path) -> None:
    every = elements(folder)
    follows(folder, every[:: max(1, len(every) // 2)])


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_element_that_is_called_otherwise_everywhere_is_the_same(folder: Path) -> None:
    follows(folder, elements(folder))


def follows(folder: Path, every: list[tuple[str, str]]) -> None:
    texts = texts_of(folder)
    before = said(*texts)
    for kind, id in every:
        old = id.rpartition(".")[2]
        new = f"{old}-0"  # stands where the old one stood in every order
        assert said(*renamed(texts, kind, id, new), new=new, old=old) == before, (kind, id)


# --- roles ----------------------------------------------------------------------------------------

MODEL: Final = """
team a { needs data from b; needs testing from b }
team b { on-call shared-with a; role lead "Lead" shared-with a }
capability testing { provided-by b }
stream s { owner a; owner b from 2026-01-01
  step one { by a; rework 10% to s.one }
  step two { by team b; after one; accept thin-handoff for step s.one until 2025-09-30 because "x" }
  handoff one -> s.two
}
interaction a with b { mode collaboration }
extend team a { size 3 }
accept unexplained-interaction for a with b until 2025-09-30 because "x"
change c { move step s.one to b; merge a, b into b; split a into a, new; every 1w at s.two }
"""


@pytest.mark.parametrize(
    ("kind", "id", "roles"),
    [
        (
            "team", "a",
            "definition extend accept interaction by merge on-call owner role split split",
        ),
        (
            "team", "b",
            "definition accept by interaction merge merge move needs needs owner provided-by",
        ),
        ("capability", "testing", "definition needs"),
        ("stream", "s", "definition accept every handoff move rework"),
        ("step", "s.one", "definition accept after handoff move rework"),
        ("step", "s.two", "definition every handoff"),
        ("change", "c", "definition"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_every_name_has_its_place_and_role(kind: str, id: str, roles: str) -> None:
    found = [one for one in occurrences(MODEL) if (one.kind, one.id) == (kind, id)]
    assert sorted(one.role for one in found) == sorted(roles.split())
    assert {one.span.text for one in found} == {id.rpartition(".")[2]}


def test_a_name_that_nothing_defines_is_no_occurrence() -> None:
    found = occurrences("team a { needs data from nobody }")
    assert [(one.kind, one.id, one.role) for one in found] == [("team", "a", "definition")]


def test_what_is_defined_twice_is_named_at_both_places() -> None:
    found = occurrences("team a { needs data from nobody }\nteam a")
    assert [(one.id, one.role, one.span.line) for one in found] == [
        ("a", "definition", 1), ("a", "definition", 2)
    ]  # fmt: skip
