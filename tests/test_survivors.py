"""Forms and formulas that a wrong sign or number got past the other tests (tests/mutation.py)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from reading import resolve

from orgdiag.evaluate import values
from orgdiag.evaluate.wording import duration
from orgdiag.facts.columns import Facts
from orgdiag.metrics.constraint import constraint
from orgdiag.metrics.flow import labour, lead_time, rework_share, total_touch_time
from orgdiag.metrics.groups import cross_group_share
from orgdiag.metrics.ledger import stays, wait_by
from orgdiag.metrics.organisation import propagation_cost
from orgdiag.metrics.step import cadence_wait
from orgdiag.model.elements import Calendar, Org
from orgdiag.parse import parse
from orgdiag.partial import amounts
from orgdiag.partial.certainty import NO, SURE
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import NONE, UNKNOWN, Unknown
from orgdiag.text.source import Source
from orgdiag.whatif.apply import applied
from orgdiag.whatif.effect import lead_time_gain, relieves_a_constraint
from orgdiag.whatif.operations.add_people import queue_ratio

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


def listed(*numbers: int) -> Members:
    return Members(tuple(map(Quantity.of, numbers)))


def test_the_mean_and_the_median_of_known_amounts() -> None:
    assert amounts.average(listed(2, 4, 9)) == Quantity.of(5)
    assert amounts.median(listed(1, 3, 8)) == Quantity.of(3)
    assert amounts.median(listed(8, 1, 3, 5)) == Quantity.of(4)
    assert amounts.largest(listed(2, 9, 4)) == Quantity.of(9)
    assert amounts.smallest(listed(4, 2, 9)) == Quantity.of(2)


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
    assert values.like(text, pattern) == (SURE if matches else NO)


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


# --- metrics --------------------------------------------------------------------------------------


def facts_of(text: str) -> Facts:
    return Facts(read(text)[0])


def in_days(quantity: Quantity) -> tuple[Any, Any]:
    high = None if quantity.high is None else Fraction(quantity.high) / DAY
    return None if quantity.low is None else Fraction(quantity.low) / DAY, high


def test_rework_of_an_unknown_time_takes_at_most_the_share_of_the_passes_it_adds() -> None:
    facts = facts_of("stream x { step a { lead unknown }; step b { lead 1d; rework 20% to a } }")
    found = rework_share(facts, facts.org.streams["x"])
    assert (found.low, found.high) == (0, Fraction(1, 5))


TRACKS = """
team a
team b
stream x {
  step start { by a; process 1h; lead 1h; after none }
  step p { by a; process 8h; lead LEAD; after start }
  step q { by b; process 1h; lead 3d..4d; after start }
  step end { by a; process 2h; lead 8d; after p, q }
}
"""


def test_a_wait_on_a_path_that_may_not_be_critical_is_none_to_the_longest() -> None:
    facts = facts_of(TRACKS.replace("LEAD", "2d..6d"))
    waits = wait_by(facts, facts.org.streams["x"], "step")
    assert in_days(waits["x.p"]) == (0, 5)
    assert in_days(waits["x.q"]) == (0, Fraction(31, 8))


def test_a_team_is_the_constraint_at_its_step_on_the_critical_path() -> None:
    facts = facts_of(TRACKS.replace("LEAD", "2d"))
    found = constraint(facts, facts.org.streams["x"])
    assert (found.team and found.team.id, found.step and found.step.id) == ("a", "x.end")


def test_the_longest_stay_comes_first() -> None:
    steps = "step s { by a; process 1h; lead 1d }; step t { by b; process 1h; lead 9d }"
    facts = facts_of(f"team a\nteam b\nstream x {{ {steps} }}")
    found = stays(facts, facts.org.streams["x"]).certain
    assert [stay.team.id for stay in found] == ["b", "a"]


def test_a_reach_that_is_open_says_what_would_settle_it() -> None:
    facts = facts_of("team a { needs service from b { effect unknown; routine } }\nteam b")
    found = propagation_cost(facts, facts.org)
    assert (found.low, found.high) == (Fraction(1, 2), Fraction(3, 4))
    assert {gap.id for gap in found.missing} == {"a needs service from b"}
    facts = facts_of("team a { needs service from b { effect blocking; routine } }\nteam b")
    assert propagation_cost(facts, facts.org) == Quantity.of(Fraction(3, 4))


BUSY = """
team a { size 1; capacity 80%..90%; other-demand 100h/month }
team b { size 1; capacity 100%; other-demand 164h/month }
stream x { owner a; arrivals 1/month
  step s { by a; process 1h; lead 2d..3d }
  step t { by a; process 1h; lead 1d } }
change c { OPERATIONS }
"""


def changed(*operations: str) -> tuple[Facts, Any]:
    facts = facts_of(BUSY.replace("OPERATIONS", "; ".join(operations)))
    assert len(facts.org.changes["c"].operations) == len(operations)
    return facts, facts.org.changes["c"]


def test_a_change_that_may_lengthen_a_step_may_lose_time() -> None:
    assert in_days(lead_time_gain(*changed("move step x.s to b { lead 1d..5d }"))) == (-3, 2)
    assert in_days(lead_time_gain(*changed("move step x.s to b { lead 1d..2d }"))) == (0, 2)


def test_more_people_relieve_a_team_whose_load_is_a_range() -> None:
    assert relieves_a_constraint(*changed("add 3 people to a")) is True


def test_a_plan_tells_how_busy_a_team_becomes() -> None:
    told = applied(*changed("move step x.s to b")).assumptions
    assert "b would be busy for at least 95 %" in told


def test_a_step_that_was_removed_cannot_be_moved() -> None:
    facts, change = changed("remove step x.s", "move step x.s to b")
    assert list(applied(facts, change).facts.org.steps) == ["x.t"]


def test_nobody_knows_what_remains_of_the_queue_of_a_full_team() -> None:
    facts = facts_of("team f { size 1; capacity 100%; other-demand 200h/month }")
    found = queue_ratio(facts, facts.org.teams["f"], Quantity.of(1))
    assert (found.low, found.high) == (0, 1)


def test_merged_teams_are_renamed_in_every_list_of_owners() -> None:
    facts = facts_of(f"{TEAMS}stream x {{ owner b, d }}\nchange y {{ merge b, c into e }}")
    owners = applied(facts, facts.org.changes["y"]).facts.org.streams["x"].owner
    assert [(owner.kind, owner.id) for owner in owners] == [("team", "e"), ("team", "d")]


def test_a_stream_of_which_no_step_surely_counts_may_take_no_time() -> None:
    facts = facts_of("stream x { step a { lead 2d; dead-end unknown } }")
    assert in_days(lead_time(facts, facts.org.streams["x"])) == (0, 2)


def test_what_may_cross_a_border_widens_the_share_upwards() -> None:
    needs = (
        "needs service from b { effect blocking; routine }; "
        "needs service from c { effect unknown; routine }"
    )
    facts = facts_of(
        f"group g\ngroup h\nteam a {{ in g; {needs} }}\nteam b {{ in g }}\nteam c {{ in h }}"
    )
    found = cross_group_share(facts, facts.org)
    assert (found.low, found.high) == (0, Fraction(1, 2))


def test_a_step_that_may_lead_nowhere_may_take_time() -> None:
    facts = facts_of(
        "stream x { step a { process 1h; lead 1d }; step b { process 1h; lead 1d; after a }; "
        "step c { process 3h; lead 1d; after a; dead-end unknown } }"
    )
    found = total_touch_time(facts, facts.org.streams["x"])
    assert (found.low, found.high) == (120, 300)


def test_an_effort_that_is_unknown_is_at_least_the_process_time() -> None:
    facts = facts_of("stream x { step a { process 3h; lead 1d; effort unknown } }")
    found = labour(facts, facts.org.streams["x"])
    assert (found.low, found.high) == (180, None)


def test_merged_teams_need_each_other_no_more_and_others_as_before() -> None:
    needs = "{ needs service from c; needs service from d }"
    facts = facts_of(f"team b {needs}\nteam c\nteam d\nchange y {{ merge b, c into e }}")
    merged = applied(facts, facts.org.changes["y"]).facts.org.teams["e"]
    assert [need.provider for need in merged.needs] == ["d"]


def test_a_gate_that_may_be_synchronised_may_cost_nothing() -> None:
    facts = facts_of("stream x { step a { every 2w; lead 1d; synchronised unknown } }")
    assert in_days(cadence_wait(facts, facts.org.steps["x.a"])) == (0, 5)
