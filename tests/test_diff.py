"""What became of findings between two models: seven answers, and each finding in one of them."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from itertools import permutations
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from reading import opened
from referencing import Registry, Resource

from orgdiag import check_text
from orgdiag.answers import Answers, answers
from orgdiag.diff import compare
from orgdiag.documents import comparison
from orgdiag.finding import GivenUp, Severity, Status
from orgdiag.model.elements import Calendar
from orgdiag.report import Report
from orgdiag.text.source import Source, Span

ROOT = Path(__file__).parent.parent
SCHEMAS = ROOT / "schemas"
ORG = 'org a "A" { as-of 2025-03-01 }\n'
SIZE = "team-too-large"
LARGE = "team t { type project; size 20 }\n"
ACCEPT = 'accept team-too-large for team t until 2025-12-31 because "x"\n'
OTHER = "team u { type platform; size 5 }\n"
WAITS = """\
team a { type stream-aligned
  needs decision from b { via ticket; effect blocking; routine }
  needs decision from c { via ticket; effect blocking; routine }
  needs decision from d { via ticket; effect blocking; routine }
}
team b { type functional }
team c { type functional }
team d { type functional }
"""
RING = """\
team a { needs approval from b { effect blocking; routine } }
team b { needs approval from a { effect blocking; routine } }
"""


def told(found: Answers, rule: str) -> dict[str, list[str]]:
    """Whom each answer speaks of, for one rule."""
    said = {
        item.name: [one.subject.id for one in getattr(found, item.name) if one.rule == rule]
        for item in fields(found)
        if item.name != "edited"
    }
    said["edited"] = [one.after.subject.id for one in found.edited if one.after.rule == rule]
    return {name: ids for name, ids in said.items() if ids}


CASES: list[tuple[str, str, str, dict[str, list[str]]]] = [
    (SIZE, LARGE, LARGE, {}),
    (SIZE, LARGE, "team t { type project; size 9 }", {"fixed": ["t"]}),
    (SIZE, LARGE + OTHER, OTHER, {"gone": ["t"]}),
    (SIZE, LARGE, LARGE + ACCEPT, {"accepted": ["t"]}),
    (SIZE, OTHER, OTHER + LARGE + ACCEPT, {"accepted": ["t"]}),
    (SIZE, "team t { size unknown }", LARGE + ACCEPT, {"accepted": ["t"]}),
    (SIZE, LARGE + ACCEPT, LARGE, {"no_longer_accepted": ["t"]}),
    (SIZE, LARGE + ACCEPT, LARGE + ACCEPT, {}),
    (SIZE, LARGE + ACCEPT, LARGE.replace("20", "9"), {}),
    (SIZE, LARGE + ACCEPT.replace("-12-", "-02-").replace("31", "28"), LARGE, {}),
    (SIZE, LARGE + ACCEPT, LARGE + ACCEPT.replace("2025-12-31", "2025-02-28"),
     {"no_longer_accepted": ["t"]}),
    (SIZE, LARGE, LARGE.replace("20", "unknown"), {"now_unknown": ["t"]}),
    (SIZE, LARGE, LARGE.replace("size 20", ""), {"now_unknown": ["t"]}),
    (SIZE, LARGE.replace("20", "unknown"), LARGE, {"now_known": ["t"]}),
    (SIZE, LARGE.replace("20", "unknown"), LARGE.replace("20", "9"), {}),
    (SIZE, LARGE.replace("20", "9"), LARGE.replace("20", "unknown"), {}),
    (SIZE, LARGE, LARGE.replace("20", "21"), {"edited": ["t"]}),
    # What lies between elements goes with one of them; if both stay, it was mended.
    ("blocking-cycle", RING, "team a { needs none }\nteam b { needs none }",
     {"fixed": ["a with b"]}),
    ("blocking-cycle", RING, "team b { needs none }", {"gone": ["a with b"]}),
    ("blocking-cycle", "team b", RING, {"new": ["a with b"]}),
    # What could not be read is not known: before as after.
    (SIZE, LARGE, "team t { type project", {"now_unknown": ["t"]}),
    (SIZE, LARGE + OTHER, f"te am t ??? {{\n{OTHER}", {"now_unknown": ["t"]}),
    (SIZE, f"te am t ??? {{\n{OTHER}", LARGE + OTHER, {"now_known": ["t"]}),
    ("syntax-error", LARGE, "team t { ?? }", {"new": ["m.orgd:2:10"]}),
    # Several of one rule about one subject are counted.
    ("invalid-value", "team t { size x }", "team t { size x; until y }", {"new": ["t"]}),
    ("invalid-value", "team t { size x; until y }", "team t { size x }", {"fixed": ["t"]}),
    ("invalid-value", "team t { size x; until y }", "team t { until y; size x }", {}),
    ("invalid-value", "team t { size x; until y }", "team t { size z; until y }",
     {"edited": ["t"]}),
    ("invalid-value", "team t { size x; until y }", OTHER, {"gone": ["t", "t"]}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "before", "now", "expected"), CASES)
def test_what_became_of_a_finding(
    rule: str, before: str, now: str, expected: dict[str, list[str]]
) -> None:
    old, new = (check_text(ORG + text, "m.orgd") for text in (before, now))
    assert told(answers(old, new), rule) == expected


def test_what_a_line_under_another_finding_tells_is_neither_new_nor_fixed() -> None:
    """Of three teams that a waits for, none is costly by itself any more: a waits for too many."""
    costly, many = "costly-dependency", "too-many-blocking-dependencies"
    three = WAITS.replace("routine", "routine; wait 10d")
    two = three.replace("effect blocking", "effect ok", 1)
    old, new = check_text(ORG + two), check_text(ORG + three)
    assert costly in {finding.rule for finding in old.findings}
    assert costly in {other.rule for finding in new.findings for other in finding.superseded}
    assert told(answers(old, new), costly) == told(answers(new, old), costly) == {}
    assert told(answers(old, new), many) == {"new": ["a"]}
    assert told(answers(new, old), many) == {"fixed": ["a"]}


def test_a_rule_that_was_given_up_mends_nothing_and_finds_nothing_new() -> None:
    whole = check_text(ORG + LARGE)
    nowhere = Span(Source("r.orgr", ""), 0, 0)
    without = replace(
        whole,
        findings=tuple(finding for finding in whole.findings if finding.rule != SIZE),
        given_up=(GivenUp(SIZE, 1000, nowhere, not_judged=1),),
    )
    assert told(answers(whole, without), SIZE) == {"now_unknown": ["t"]}
    assert told(answers(without, whole), SIZE) == {"now_known": ["t"]}


def test_a_severity_that_is_no_longer_certain_is_not_told_as_less() -> None:
    old, new = check_text(ORG + LARGE), check_text(ORG + LARGE.replace("20", "10..400"))
    [edited] = answers(old, new).edited
    assert edited.escalation is Severity.ERROR
    difference = compare(old, new)
    text = str(comparison.plain(difference, Calendar()))
    assert "(was error; not known whether it is an error)" in " ".join(text.split())
    data = json.loads(str(comparison.as_json(difference, Calendar())))
    assert data["findings"]["changed"][0]["escalation"] == "error"


def reports() -> list[Report]:
    names = ("article", "article-redesigned", "meridian", "healthy")
    return [opened(ROOT / "examples" / name, isolated=True).report() for name in names]


def prints(report: Report, *, aside: bool = False) -> set[str]:
    """What counts in a report, or what an `accept` sets aside."""
    accepted = Status.ACCEPTED
    return {f.fingerprint for f in report.findings if (f.status is accepted) == aside}


def test_each_finding_that_comes_or_goes_has_one_answer() -> None:
    for old, new in permutations(reports(), 2):
        found = answers(old, new)
        went = [f.fingerprint for f in (*found.fixed, *found.gone, *found.now_unknown)]
        came = [f.fingerprint for f in (*found.new, *found.now_known, *found.no_longer_accepted)]
        for some, here, there in ((went, old, new), (came, new, old)):
            beneath = {other.fingerprint for f in there.findings for other in f.superseded}
            aside = prints(there, aside=True) if some is went else set()
            assert sorted(some) == sorted(set(some))
            assert set(some) == prints(here) - prints(there) - beneath - aside


def test_the_headline_and_the_parts_name_each_answer() -> None:
    old = check_text(ORG + LARGE + OTHER + WAITS + "team v { size 12 }\nteam w { size unknown }")
    new = check_text(
        ORG + LARGE + ACCEPT + WAITS.replace("effect blocking; ", "")
        + "team v { size unknown }\nteam w { size 12 }\nteam x { size 12 }"
    )  # fmt: skip
    difference = compare(old, new)
    text = str(comparison.plain(difference, Calendar()))
    headline, *rest = text.splitlines()
    for word in ("fixed", "new", "accepted", "gone", "now unknown", "now known"):
        assert word in headline, word
    for title in ("Accepted", "Gone with what was removed", "Now unknown", "Now known"):
        assert title in rest
        assert f"### {title}\n" in str(comparison.markdown(difference, Calendar()))


def schema() -> tuple[Any, Registry[Any]]:
    """The schema of a difference, and those that it refers to."""
    texts = {path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.json")}
    resources = [(name, Resource.from_contents(text)) for name, text in texts.items()]
    return texts["diff.schema.json"], Registry().with_resources(resources)


def test_a_difference_in_json_keeps_its_contract() -> None:
    contract, registry = schema()
    check = jsonschema.Draft202012Validator(contract, registry=registry)
    every = reports()
    for old, new in (*permutations(every, 2), (every[0], every[0])):
        data = json.loads(str(comparison.as_json(compare(old, new), Calendar())))
        check.validate(data)
        assert data["findings"].keys() == contract["properties"]["findings"]["properties"].keys()
    assert not check.is_valid({**data, "findings": {"new": []}})
