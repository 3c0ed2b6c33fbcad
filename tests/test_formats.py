"""What each output format makes of a report; whole reports are in tests/golden."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from orgdiag import formats
from orgdiag.baseline import Baseline, Entry, mark
from orgdiag.catalogue import catalogue
from orgdiag.documents.excerpt import PLAIN, Look
from orgdiag.documents.sections import page
from orgdiag.finding import (
    Acceptance,
    Evidence,
    Finding,
    NotAssessed,
    Severity,
    Status,
    Subject,
    Superseded,
)
from orgdiag.media.indented import indented, laid
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import Missing
from orgdiag.report import Checked, Report, Stale, in_order
from orgdiag.text.source import Source, Span

ROOT = Path(__file__).parent.parent
TEXT = """team payments "Payments" { needs approval from risk }

stream cards {
\tstep test { by qa }
}
"""
SOURCE = Source("org/payments.orgd", TEXT)


def place(text: str, source: Source = SOURCE) -> Span:
    start = source.text.index(text)
    return Span(source, start, start + len(text))


WAITS = Finding(
    rule="too-many-blocking-dependencies",
    group="dependencies",
    severity=Severity.ERROR,
    message="payments routinely waits for 3 teams: qa, risk and ops",
    subject=Subject("team", "payments"),
    span=place("payments"),
    label="waits about 275 item-days a month",
    evidence=(
        Evidence("because step cards.test is done by qa", place("qa")),
        Evidence("limit = 3"),
    ),
    fixes=("move testing into payments",),
    params=(("limit", Quantity.of(3)),),
    delay=Quantity(250, 275),
    superseded=(Superseded("costly-dependency", Subject("team", "payments"), "qa is costly"),),
)
TYPO = Finding(
    rule="unknown-word",
    group="model",
    severity=Severity.ERROR,
    message="unknown property `by`",
    subject=Subject("place", "org/payments.orgd:4:14"),
    span=place("by"),
    help="did you mean `buy`?",
)
SLOW = WAITS._replace(
    rule="slow", severity=Severity.WARNING, subject=Subject("stream", "cards"),
    span=place("cards"), evidence=(), superseded=(), delay=None,
)  # fmt: skip
ACCEPTED = SLOW._replace(
    rule="old", status=Status.ACCEPTED, accepted=Acceptance("2025-09-30", "split planned")
)
OPEN = NotAssessed(
    "few-hands",
    Subject("step", "cards.test"),
    (Missing("step", "cards.test", "known-by", place("test")),),
)
BASE = Report("0.1.0", "Meridian", date(2025, 3, 1), "model")


def report(*findings: Finding) -> Report:
    return replace(
        BASE,
        findings=in_order(findings),
        not_assessed=(OPEN,),
        checked=Checked(1, {"team": 1, "stream": 1}, 60, 120),
    )


FULL = report(WAITS, TYPO, SLOW, ACCEPTED)


def rendered(name: str, what: Report = FULL, look: Look = PLAIN) -> str:
    return formats.render(name, page(what) if formats.of_page(name) else what, look)


def test_findings_come_by_severity_then_by_delay_then_by_place() -> None:
    at = {"rule": "a-rule", "severity": Severity.WARNING}
    long = SLOW._replace(delay=Quantity(20, 20), **at)
    short = SLOW._replace(delay=Quantity(3, 9), **at)
    unsure = SLOW._replace(delay=Quantity(0, None), **at)
    none = WAITS._replace(delay=None, **at)
    severe = TYPO
    assert in_order((none, unsure, short, long, severe)) == (severe, long, short, unsure, none)


def test_full_shows_places_with_carets_facts_fixes_and_the_next_command() -> None:
    expected = """\
error[too-many-blocking-dependencies]: payments routinely waits for 3 teams: qa, risk and ops
 --> org/payments.orgd:1:6
  |
1 | team payments "Payments" { needs approval from risk }
  |      ^^^^^^^^ waits about 275 item-days a month
  |
 --> org/payments.orgd:4:17
4 |     step test { by qa }
  |                    ^^ because step cards.test is done by qa
  = fact: limit = 3
  = also: qa is costly (costly-dependency)
  = help: move testing into payments
  = more: orgdiag why too-many-blocking-dependencies payments
"""
    assert rendered("full", report(WAITS)).startswith(expected)


def test_full_closes_with_verdict_what_was_checked_and_what_is_open() -> None:
    assert rendered("full").endswith("""\

3 findings: 2 errors and 1 warning (1 accepted); checked 1 team and 1 stream in 1 file \
with 60 rules, as of 2025-03-01.
1 check could not be made; the input that would settle most: known-by of step cards.test \
(org/payments.orgd:4) (all: --show not-assessed).
""")


def test_full_lists_what_could_not_be_assessed_when_asked() -> None:
    text = rendered("full", look=Look(not_assessed=True))
    assert "few-hands step cards.test: could not be checked\n    missing: known-by of step" in text


def test_full_colours_only_when_told() -> None:
    assert "\x1b[" not in rendered("full")
    assert "\x1b[1;31merror[unknown-word]\x1b[0m" in rendered("full", look=Look(colour=True))


def test_full_keeps_a_long_line_in_view_of_its_caret() -> None:
    source = Source("x.orgd", "# " + "é" * 300 + "\n" + "x " * 200 + "HERE" + " y" * 200)
    finding = WAITS._replace(span=place("HERE", source), evidence=(), label="")
    lines = rendered("full", report(finding)).split("\n")
    shown, carets = lines[3], lines[4]
    assert len(shown) < 130
    assert shown[carets.index("^") : carets.rindex("^") + 1] == "HERE"


def test_full_aligns_carets_under_wide_characters() -> None:
    source = Source("x.orgd", 'team a "支払" HERE')
    lines = rendered("full", report(WAITS._replace(span=place("HERE", source), evidence=()))).split(
        "\n"
    )
    assert lines[4].index("^") == lines[3].index("HERE") + 2


@pytest.mark.parametrize("name", formats.names())
def test_no_format_lets_a_terminal_escape_through(name: str) -> None:
    evil = Source("\x1b[31mx.orgd", "team \x1b]0;x\x07 { }\n")
    finding = WAITS._replace(
        message="\x1b[2Jboo\u202e",
        span=Span(evil, 5, 9),
        evidence=(Evidence("\x07bell", Span(evil, 5, 6)),),
    )
    text = rendered(name, report(finding))
    assert "\x1b" not in text
    assert "\x07" not in text


def test_concise_is_one_line_a_finding() -> None:
    first, second, third, *_ = rendered("concise").split("\n")
    assert first.startswith(
        "org/payments.orgd:1:6: error[too-many-blocking-dependencies] payments routinely waits"
    )
    assert second == "org/payments.orgd:4:14: error[unknown-word] unknown property `by`"
    assert third.startswith("org/payments.orgd:3:8: warning[slow]")


def schema() -> Any:
    return json.loads((ROOT / "schemas/check.schema.json").read_text())


def test_the_schema_names_every_kind_that_a_finding_may_be_about() -> None:
    """The reader speaks of handoffs and needs; rules of one's own may speak of anything derived."""
    subject = schema()["$defs"]["finding"]["properties"]["subject"]
    named = subject["allOf"][1]["properties"]["kind"]["enum"]
    assert sorted(named) == sorted({*catalogue().kinds, "pair", "cycle", "place"})


def test_json_is_what_its_schema_says() -> None:
    data = json.loads(rendered("json", replace(FULL, stale=(Stale("r", "team", "gone"),))))
    jsonschema.validate(data, schema(), format_checker=jsonschema.FormatChecker())
    assert data["summary"] == {
        "error": 2, "warning": 1, "info": 0, "accepted": 1, "baselined": 0, "not_assessed": 1
    }  # fmt: skip
    finding = data["findings"][0]
    assert finding["subject"] == {"kind": "team", "id": "payments"}
    assert finding["location"] == {
        "path": "org/payments.orgd", "line": 1, "column": 6, "end_line": 1, "end_column": 14
    }  # fmt: skip
    assert finding["delay"] == {"low": 250, "high": 275, "unit": "item-days/month"}
    assert finding["params"] == {"limit": 3}
    assert finding["evidence"][1] == {"message": "limit = 3", "location": None}


def test_jsonl_holds_the_same_objects() -> None:
    run, *rows = [json.loads(line) for line in rendered("jsonl").splitlines()]
    whole = json.loads(rendered("json"))
    assert run["summary"] == whole["summary"]
    found = [row for row in rows if row.pop("type") == "finding"]
    assert found == whole["findings"]


def test_sarif_results_have_places_fingerprints_related_places_and_suppressions() -> None:
    run = json.loads(rendered("sarif"))["runs"][0]
    results = {result["ruleId"]: result for result in run["results"]}
    waits = results["too-many-blocking-dependencies"]
    assert waits["partialFingerprints"]["orgdiag/v1"] == WAITS.fingerprint
    physical = waits["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "org/payments.orgd", "uriBaseId": "SRCROOT"}
    assert physical["region"]["startLine"] == 1
    assert [place["message"]["text"] for place in waits["relatedLocations"]] == [
        "because step cards.test is done by qa."
    ]
    assert results["old"]["suppressions"] == [
        {
            "kind": "inSource",
            "status": "accepted",
            "justification": "split planned (accepted until 2025-09-30)",
        }
    ]
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert "known-by of step cards.test" in notes[0]["message"]["text"]


def test_github_puts_errors_first_and_caps_each_level() -> None:
    many = [SLOW._replace(subject=Subject("stream", f"s{n:02}")) for n in range(12)]
    lines = rendered("github", report(*many, WAITS)).splitlines()
    assert lines[0].startswith("::error file=org/payments.orgd,line=1,endLine=1,col=6,endColumn=14")
    assert sum(line.startswith("::warning ") for line in lines) == 10
    assert "2 more, of which GitHub would show no annotation:" in lines


@pytest.mark.parametrize(
    "path", ["::error file=x::y", "a\n::error::y", "##[error]x", "a%0A::error::b", "a,line=9:x"]
)
def test_github_lets_no_file_name_forge_a_command(path: str) -> None:
    source = Source(path, TEXT)
    many = [SLOW._replace(subject=Subject("x", str(n)), span=Span(source, 0, 4), evidence=())
            for n in range(12)]  # fmt: skip
    for line in rendered("github", report(*many)).splitlines():
        if not line.lstrip().startswith("::"):
            assert "##[" not in line
        else:
            head, _, _ = line[2:].partition("::")
            assert head.startswith("warning file=")
            assert head.count(",line=") == 1


def test_gitlab_lists_what_counts() -> None:
    rows = json.loads(rendered("gitlab"))
    assert [row["check_name"] for row in rows] == [
        "too-many-blocking-dependencies", "unknown-word", "slow"
    ]  # fmt: skip
    assert rows[0]["severity"] == "critical"
    assert rows[0]["location"] == {"path": "org/payments.orgd", "lines": {"begin": 1, "end": 1}}
    assert len({row["fingerprint"] for row in rows}) == 3


def test_markdown_shows_foreign_text_as_text() -> None:
    evil = WAITS._replace(message="<img src=x> **bold** @admins [a](http://x) `c`", evidence=())
    line = next(line for line in rendered("markdown", report(evil)).split("\n") if "img" in line)
    assert line.startswith(
        "- **&lt;img src=x&gt; \\*\\*bold\\*\\* &#64;admins \\[a\\](http&#58;//x) \\`c\\`**"
    )


def test_junit_is_xml_whatever_stands_in_a_message() -> None:
    evil = WAITS._replace(message='\x00\x1b<&"]]>\ud800')
    failure = ET.fromstring(rendered("junit", report(evil))).find(".//testcase/failure")
    assert failure is not None
    assert failure.text == r'org/payments.orgd:1:6: error: \x00\x1b<&"]]>\ud800'


def test_a_baseline_marks_what_is_known_but_never_a_place() -> None:
    known: Baseline = {f.fingerprint: Entry("", "", "") for f in (WAITS, TYPO)}
    waits, typo = mark([WAITS, TYPO], known)
    assert waits.status is Status.BASELINED
    assert typo.status is Status.NEW


def test_indented_json_is_what_the_standard_library_writes_but_for_what_misleads() -> None:
    place = {"path": "a\n.orgd", "lines": [1, 2], "none": []}
    document = {
        "texts": ["ü \u2028 \x00 \x7f \"'\\", Severity.ERROR],
        "numbers": (1, -2.5, 1e300, True, False, None),
        "nothing": {"list": [], "tuple": (), "table": {}},
        "deep": [[{"place": place}], place],
    }
    written = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    expected = written.replace("\u2028", "\\u2028").replace("\x7f", "\\u007f")
    assert indented(document) == expected
    kept = {**document, "deep": iter([[{"place": laid(place)}], laid(place)])}
    assert indented(kept) == expected
    assert indented({"none": iter([])}) == '{\n  "none": []\n}\n'
