"""Forms and formulas that a wrong sign or number got past the other tests (tests/mutation.py)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from orgdiag.evaluate import values
from orgdiag.evaluate.wording import duration
from orgdiag.model import Calendar, Org
from orgdiag.parse import parse
from orgdiag.quantity import NONE, UNKNOWN, Members, Quantity, Unknown
from orgdiag.resolve import resolve
from orgdiag.source import Source

TEAMS = "team b\nteam c\nteam d\n"


def read(text: str) -> tuple[Org, list[tuple[str, str]]]:
    org, findings = resolve([parse(Source("m.orgd", text))])
    return org, [(finding.message, finding.help) for finding in findings]


def team(text: str) -> Any:
    return read(f"team a {{ {text} }}\n{TEAMS}")[0].teams["a"]


def said(text: str) -> list[tuple[str, str]]:
    return read(f"team a {{ {text} }}\n{TEAMS}")[1]


# --- units and numbers ----------------------------------------------------------------------------

DAY, WEEK = 480, 2400


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("1min", 1), ("1h", 60), ("1d", DAY), ("1w", WEEK), ("1mo", Fraction(WEEK * 52, 12)),
        ("1q", Fraction(WEEK * 52, 4)), ("1y", WEEK * 52), ("1ed", Fraction(WEEK, 7)),
        ("1eh", Fraction(WEEK, 7 * 24)), ("1emin", Fraction(WEEK, 7 * 1440)), ("1ew", WEEK),
        ("1emo", Fraction(WEEK * 52, 12)), ("1eq", Fraction(WEEK * 52, 4)), ("1ey", WEEK * 52),
        ("1d4h30min", DAY + 270), ("0.5h", 30),
    ],
)  # fmt: skip
def test_every_unit_is_exact_in_working_minutes(written: str, minutes: Fraction) -> None:
    backlog = team(f"backlog {written}").backlog
    assert (backlog.low, backlog.high) == (minutes, minutes)


def test_a_share_may_be_all_and_no_more() -> None:
    assert team("capacity 100%").capacity.low == 1
    assert not said("capacity 100%")
    assert said("capacity 100.5%")[0][0] == "`100.5%` is more than 100%"


@pytest.mark.parametrize("text", ["5d x", "5d5", "d5", "5dd", "5d4"])
def test_a_duration_is_numbers_with_units_and_nothing_else(text: str) -> None:
    assert team(f"backlog {text}").backlog is UNKNOWN
    assert len(said(f"backlog {text}")) == 1


# --- forms ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("on-call self", True), ("on-call self b", False), ("on-call shared-with b", True),
        ("on-call shared-with", False), ('cognitive-load high "survey"', True),
        ("cognitive-load high", True), ("cognitive-load high survey", False),
        ('cognitive-load high "survey" "again"', False),
    ],
)  # fmt: skip
def test_a_form_takes_its_words_and_no_other(text: str, sound: bool) -> None:
    assert (said(text) == []) == sound


def test_a_clock_that_is_none_gets_the_nearest() -> None:
    _, found = read("stream s { lead-time comit-to-production 20d }\n")
    assert "did you mean `commit-to-production`?" in [help for _, help in found]
    _, found = read("stream s { lead-time commit-to-production }\n")
    assert any("write `lead-time" in help for _, help in found)


def test_a_map_may_be_observed_on_a_day_that_nobody_knows() -> None:
    org, found = read("stream s { observed unknown by walk }\n")
    assert (org.streams["s"].observed.day, found) == (UNKNOWN, [])  # type: ignore[union-attr]
    org, _ = read("stream s { observed 2025-02-01 by walk }\n")
    assert org.streams["s"].observed.day == date(2025, 2, 1)  # type: ignore[union-attr]


def test_a_split_names_the_teams_that_come_of_it() -> None:
    org, found = read(f'{TEAMS}change x "X" {{ split b into e, f }}\n')
    (operation,) = org.changes["x"].operations
    assert (operation.team, operation.into, found) == ("b", ("e", "f"), [])  # type: ignore[union-attr]
    for wrong in ("split b into e", "split b into", "split into e, f", "split b c into e, f"):
        assert read(f'{TEAMS}change x "X" {{ {wrong} }}\n')[1], wrong


# --- functions of the rules language --------------------------------------------------------------


def amounts(*numbers: int) -> Members:
    return Members(tuple(map(Quantity.of, numbers)))


def test_the_mean_and_the_median_of_known_amounts() -> None:
    assert values.average(amounts(2, 4, 9)) == Quantity.of(5)
    assert values.median(amounts(1, 3, 8)) == Quantity.of(3)
    assert values.median(amounts(8, 1, 3, 5)) == Quantity.of(4)
    assert values.largest(amounts(2, 9, 4)) == Quantity.of(9)
    assert values.smallest(amounts(4, 2, 9)) == Quantity.of(2)


@pytest.mark.parametrize(
    ("text", "pattern", "matches"),
    [
        ("aba", "ab*ba", False), ("abba", "ab*ba", True), ("abxba", "ab*ba", True),
        ("ab", "ab*", True), ("xab", "ab*", False), ("abab", "*ab*ab", True),
        ("ab", "*ab*ab", False), ("ab", "a", False),
    ],
)  # fmt: skip
def test_a_star_stands_for_anything_and_no_letter_counts_twice(
    text: str, pattern: str, matches: bool
) -> None:
    assert values.like(text, pattern) == (values.SURE if matches else values.NO)


def test_a_day_moves_only_by_an_amount_and_from_a_day() -> None:
    day, week = date(2025, 3, 1), Quantity.of(7 * 480)
    assert values.shifted(day, week, 480, 1) == date(2025, 3, 8)
    assert values.shifted(day, week, 480, -1) == date(2025, 2, 22)
    assert values.shifted(NONE, week, 480, 1) is NONE
    assert values.shifted(day, NONE, 480, 1) is NONE
    assert isinstance(values.shifted(Unknown(), week, 480, 1), Unknown)
    assert values.days_between(date(2025, 3, 8), day, 480) == Quantity.of(7 * 480)
    assert values.days_between(NONE, day, 480) is NONE
    assert values.days_between(day, NONE, 480) is NONE


def test_durations_are_told_in_two_units_up_to_ten_days() -> None:
    assert duration(10 * DAY, Calendar()) == "10d"
    assert duration(10 * DAY + 48, Calendar()) == "10.1d"
    assert duration(10 * DAY - 60, Calendar()) == "9d 7h"
