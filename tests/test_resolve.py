"""Statements to an organisation. What the reader finds stands as models in tests/language/*.md."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import resolve

from orgdiag.finding import Finding, Severity, Subject
from orgdiag.model.elements import Deploy, Org, Step, Team
from orgdiag.model.parts import OnCall, Rework
from orgdiag.model.types import Ref
from orgdiag.parse import parse
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import NONE, UNKNOWN
from orgdiag.resolve.elements import table, vocabulary
from orgdiag.resolve.reading import MAX_MESSAGES
from orgdiag.resolve.reference import page as reference_page
from orgdiag.text.source import Source
from orgdiag.whatif import operations
from orgdiag.whatif.operations.move_step import MoveStep
from orgdiag.whatif.operations.set_owner import SetOwner

TESTS = Path(__file__).parent
IDENTITY = (TESTS / "identity.orgd").read_text(encoding="utf-8")


def read(*texts: str) -> tuple[Org, tuple[Finding, ...]]:
    """The organisation of the files a.orgd, b.orgd, …"""
    return resolve(parse(Source(f"{chr(97 + i)}.orgd", text)) for i, text in enumerate(texts))


def org(*texts: str) -> Org:
    made, findings = read(*texts)
    assert not findings, [f"{f.span} {f.message}" for f in findings]
    return made


def team(text: str) -> Team:
    made: Team = org(f"team a {{ {text} }}\nteam b\nteam c").teams["a"]
    return made


def test_an_organisation_that_no_file_defines_still_has_an_id_and_a_place() -> None:
    made = org("team b", "team a")
    assert made.id == "organisation"
    assert str(made.span) == "a.orgd:1:1"


# --- models with marked errors --------------------------------------------------------------------


class Case(NamedTuple):
    page: str
    title: str
    files: list[str]


_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```orgd\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r'# error: \[([a-z-]+)\] "([^"]*)"(?: help: "([^"]*)")?')


def cases() -> Iterator[Case]:
    for page in sorted((TESTS / "language").glob("*.md")):
        _, *parts = _SECTION.split(page.read_text(encoding="utf-8"))
        for title, body in zip(parts[::2], parts[1::2], strict=True):
            yield Case(page.stem, title, _BLOCK.findall(body))


def marked(files: list[str]) -> list[tuple[str, int, str, str, str]]:
    return [
        (f"{chr(97 + i)}.orgd", number, *mark.groups(default=""))
        for i, text in enumerate(files)
        for number, line in enumerate(text.split("\n"), 1)
        for mark in _MARK.finditer(line)
    ]  # type: ignore[misc]


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: f"{case.page}: {case.title}")
def test_exactly_the_marked_errors_are_found(case: Case) -> None:
    _, findings = read(*case.files)
    wanted = marked(case.files)
    left = list(findings)
    for path, line, rule, text, help in wanted:
        match = next(
            (
                f for f in left
                if (f.span.path, f.span.line, f.rule) == (path, line, rule)
                and text in f.message and help in f.help
            ),
            None,
        )  # fmt: skip
        assert match, (
            f"{path}:{line} [{rule}] {text!r}",
            [(str(f.span), f.rule, f.message, f.help) for f in findings],
        )
        left.remove(match)
    assert not left, [(str(f.span), f.rule, f.message) for f in left]
    for finding in findings:
        assert finding.severity is Severity.ERROR
        assert finding.group == "model"
        assert finding.help or finding.rule == "too-large"


# --- the vocabulary -------------------------------------------------------------------------------


def test_the_file_of_every_construct_uses_every_word_and_has_no_finding() -> None:
    made, findings = read(IDENTITY)
    assert not [f"{f.span} {f.message}" for f in findings]
    used = set(re.findall(r"[a-z][a-z0-9-]*", IDENTITY))
    assert set(vocabulary(operations.forms())) <= used
    assert made.id == "identity"


def test_meridian_is_read_whole(meridian: str) -> None:
    made = org(meridian)
    assert (len(made.teams), len(made.streams), len(made.steps)) == (12, 2, 15)
    assert made.as_of == date(2025, 3, 1)
    assert list(made.teams) == sorted(made.teams)
    test = made.steps["instant-payments.test"]
    assert test.after == ("instant-payments.build", "instant-payments.score")
    assert test.rework == (
        Rework(Quantity.of(Fraction(1, 4)), "instant-payments.build", test.rework[0].span),
    )
    assert test.automated is False
    move, _ = made.changes["embed-testing"].operations
    assert isinstance(move, MoveStep)
    assert move.lead == Quantity(960, 1920)
    assert made.teams["payments"].tags == ("pci", "tier-1")
    assert made.streams["card-controls"].observed.by == ("interview",)


@pytest.fixture
def meridian() -> str:
    path = TESTS.parent / "examples" / "meridian" / "meridian.orgd"
    return path.read_text(encoding="utf-8")


# --- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("30min", 30), ("1h", 60), ("1d", 480), ("1w", 2400), ("1mo", 10400), ("1q", 31200),
        ("1y", 124800), ("1d4h", 720), ("2.5d", 1200), ("1ew", 2400), ("7ed", 2400),
        ("1ed", Fraction(2400, 7)), ("1eh", Fraction(100, 7)), ("0d", 0), ("none", 0),
    ],
)  # fmt: skip
def test_durations_are_exact_working_minutes(text: str, minutes: int) -> None:
    assert team(f"backlog {text}").backlog == Quantity.of(minutes)


def test_the_calendar_says_how_long_a_day_is() -> None:
    made = org(
        "org o { calendar { day 6h; week 4d } }\nteam a { backlog 1w }\nteam b { backlog 1ed }"
    )
    assert made.teams["a"].backlog == Quantity.of(1440)
    assert made.teams["b"].backlog == Quantity.of(Fraction(1440, 7))


@pytest.mark.parametrize(
    ("text", "month"),
    [("6/month", 6), ("1/day", Fraction(65, 3)), ("3/week", 13), ("1/quarter", Fraction(1, 3)),
     ("12/year", 1), ("2.5/month", Fraction(5, 2))],
)  # fmt: skip
def test_rates_are_exact_and_a_month(text: str, month: int) -> None:
    assert org(f"stream s {{ arrivals {text} }}").streams["s"].arrivals == Quantity.of(month)


def test_percentiles_become_an_estimated_mean() -> None:
    made = org("stream s { lead-time request-to-delivery p50 2d p85 5d }").streams["s"]
    lead = made.request_to_delivery
    assert isinstance(lead, Quantity)
    assert lead.estimated
    assert round(float(lead.value) / 480, 3) == 2.956


def test_money_is_a_working_day_s() -> None:
    cost = org("stream s { cost-of-delay 900 EUR/w }").streams["s"].cost_of_delay
    assert (cost.amount, cost.currency) == (Quantity.of(180), "EUR")


def test_a_month_is_its_last_day() -> None:
    assert team("until 2024-02").until == date(2024, 2, 29)


def test_left_out_unknown_and_none_are_three_things() -> None:
    assert team("").on_call is None
    assert team("on-call unknown").on_call is UNKNOWN
    assert team("on-call none").on_call is NONE
    assert team("on-call b").on_call == OnCall("other", "b")
    assert org("stream s").streams["s"].owner is None
    assert org("stream s { owner none }").streams["s"].owner == ()
    assert org("stream s { owner unknown }").streams["s"].owner is UNKNOWN


def test_an_open_list_holds_unknown() -> None:
    made = org("team a\nstream s { step x { by a, unknown } }")
    assert made.steps["s.x"].by == ("a", UNKNOWN)


def test_what_is_broken_is_unknown_and_never_nobody() -> None:
    made, findings = read(
        "team a { size five; ownner b; skils x; type plattform }\n"
        "stream s { owner ghost; step x { by ghost; lead 5x }; step { by a }; step y }"
    )
    assert len(findings) == 8
    a, s = made.teams["a"], made.streams["s"]
    assert (a.size, a.skills, a.type) == (UNKNOWN, UNKNOWN, UNKNOWN)
    assert s.owner == (UNKNOWN,)
    assert (made.steps["s.x"].by, made.steps["s.x"].lead) == ((UNKNOWN,), UNKNOWN)
    assert made.steps["s.y"].after is UNKNOWN


def test_a_property_knows_where_it_is_written() -> None:
    made = team("size 8; durable")
    assert (made.places["size"].text, made.places["durable"].text) == ("8", "durable")
    assert made.place("capacity", "size").text == "8"
    assert made.place("capacity").text == "a"


def test_references_of_several_kinds_say_which() -> None:
    made = org("team a\ngroup g\nstream s { owner a, group g }")
    assert made.streams["s"].owner == (Ref("team", "a"), Ref("group", "g"))


def test_steps_follow_each_other_as_written_and_reach_over_files() -> None:
    made = org(
        "stream s { step x; step y { after none }; step z; step w { after x, y } }",
        "extend stream s { step v { after z } }",
    )
    after = {step.local: step.after for step in made.steps.values()}
    assert after == {"x": (), "y": (), "z": ("s.y",), "w": ("s.x", "s.y"), "v": ("s.z",)}
    assert made.streams["s"].steps == ("s.x", "s.y", "s.z", "s.w", "s.v")


def test_the_last_owner_is_named_ahead() -> None:
    made = org(
        "team a\nteam b\ncomponent d\n"
        "component c { owner a; owner b from 2025-07-01; deploy with d }"
    )
    c = made.components["c"]
    assert (c.owner, c.deploy) == (("a",), Deploy("with", "d"))
    assert [(s.owner, s.day) for s in c.successors] == [(Ref("team", "b"), date(2025, 7, 1))]


def test_an_operation_names_what_it_changes() -> None:
    made = org("team a\ncomponent c\nchange p { owner of c becomes a }")
    (operation,) = made.changes["p"].operations
    assert operation == SetOwner(Ref("component", "c"), "a", operation.span)


def test_the_day_of_the_run_wins_over_the_models() -> None:
    parsed = parse(Source("m", "org o { as-of 2025-01-01 }"))
    assert resolve([parsed], date(2026, 1, 1)).org.as_of == date(2026, 1, 1)
    assert resolve([parsed]).org.as_of == date(2025, 1, 1)


def test_an_unread_file_may_hold_what_nobody_defines() -> None:
    parsed = parse(Source("m", "team a { hands-over-to ghost; continues-as aa }"))
    full = resolve([parsed], incomplete=True)
    assert [f.help for f in full.findings] == ["did you mean `a`?"]
    assert full.org.teams["a"].hands_over_to is UNKNOWN


def test_a_finding_speaks_of_its_element_or_of_a_place() -> None:
    _, findings = read("team a { siez 5 }\nfoo bar")
    assert [f.subject for f in findings] == [Subject("team", "a"), Subject("place", "a.orgd:2:1")]


def test_a_duplicate_shows_both_places() -> None:
    _, (finding,) = read("team a", "team a")
    assert finding.span.path == "b.orgd"
    assert [(e.message, str(e.span)) for e in finding.evidence] == [
        ("first said here", "a.orgd:1:6")
    ]


# --- promises -------------------------------------------------------------------------------------


def shown(made: Org, findings: tuple[Finding, ...]) -> str:
    return repr([told(made), [(str(f.span), f.rule, f.message, f.help) for f in findings]])


def told(value: Any) -> Any:
    """All that a value holds, field by field."""
    if is_dataclass(value):
        return [(f.name, told(getattr(value, f.name))) for f in fields(value)]
    if isinstance(value, Mapping):
        return [(key, told(inner)) for key, inner in value.items()]
    return [told(item) for item in value] if type(value) is tuple else value


def test_nothing_depends_on_the_order_of_the_files(meridian: str) -> None:
    parts = re.split(r"\n(?=[a-z])", meridian + "\nteam qa\nstream x { owner qaa }")
    sources = [Source(f"{i:03}.orgd", part) for i, part in enumerate(parts)]
    first = shown(*resolve(map(parse, sources)))
    for seed in range(3):
        random.Random(seed).shuffle(sources)
        assert shown(*resolve(map(parse, sources))) == first


def test_a_file_shows_a_hundred_messages_and_counts_the_rest() -> None:
    _, findings = read("team a {\n" + "  siez 5\n" * 1000 + "}\n", "team b { siez 5 }")
    assert len(findings) == MAX_MESSAGES + 2
    (more,) = [f for f in findings if f.rule == "too-large"]
    assert more.message == "at least 900 more problems in a.orgd"


def test_texts_names_and_lists_have_an_end() -> None:
    _, findings = read(
        f'team a {{ note "{"x" * 70_000}" }}\nteam {"b" * 200}\n'
        f"team c {{ skills {', '.join(f's{i}' for i in range(10_001))} }}"
    )
    assert [(f.span.line, f.rule) for f in findings] == [
        (1, "too-large"),
        (2, "too-large"),
        (3, "too-large"),
    ]


PLAIN = (
    "team stream step x y size 5 5d { } ; , owner by after none unknown needs decision from extend "
    "org accept until 2025-01-01 because interaction with rework 25% to wait -> handoff change "
    "move capability provided-by calendar day p50 deploy"
)
WORDS = [*PLAIN.split(), "\n", '"t"']


@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_no_soup_of_words_breaks_the_reader(soup: list[str]) -> None:
    made, findings = read(" ".join(soup))
    for finding in findings:
        assert finding.message
        assert finding.span.line >= 1
    for step in made.steps.values():
        assert isinstance(step, Step)
        assert step.stream in made.streams


@given(st.sampled_from(sorted(table("step")) + sorted(table("stream")) + sorted(table("team"))),
       st.lists(st.sampled_from(WORDS), max_size=5))  # fmt: skip
def test_every_property_survives_every_value(word: str, soup: list[str]) -> None:
    args = " ".join(part for part in soup if part not in "{};\n")
    read(f"team x {{ {word} {args} }}\nstream y {{ {word} {args}\n step x {{ {word} {args} }} }}")


def test_lines_of_one_text_share_what_they_say_and_not_where_they_stand() -> None:
    lines = "  size 5\n  skills go, sql\n"
    org, findings = read(
        f"team a {{\n{lines}}}\nteam b {{\n{lines}  skills c\n  size 5\n}}\nteam c",
        f"extend team c {{\n{lines}}}",
    )
    a, b, c = org.teams.values()
    assert a.skills is c.skills == ("go", "sql")
    assert b.skills == ("go", "sql", "c")
    assert a.size is b.size is c.size
    assert [str(t.places["skills"]) for t in (a, b, c)] == [
        "a.orgd:3:10",
        "a.orgd:7:10",
        "b.orgd:3:10",
    ]
    assert [(str(f.span), f.message) for f in findings] == [
        ("a.orgd:9:8", "`size` of team `b` is set twice, first at a.orgd:6:8")
    ]


# --- the language reference -----------------------------------------------------------------------

PAGE = TESTS.parent / "docs" / "language.md"


def test_the_blocks_of_the_reference_are_one_sound_organisation() -> None:
    blocks = _BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    made = org(*blocks)
    assert len(blocks) > 5
    assert made.steps["send-money.test"].by == ("qa", "payments")


def test_the_vocabulary_of_the_reference_is_that_of_the_schema() -> None:
    """To rewrite it: put `reference.page(text)` in the place of the page's text."""
    text = PAGE.read_text(encoding="utf-8")
    assert text == reference_page(text, operations.forms())
    assert all(f"`{word}`" in text for word in vocabulary(operations.forms()))
