"""Numbers in words: one that is held against another differs from it, unless they are equal."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import resolve

from orgdiag import check_text
from orgdiag.evaluate.wording import figure
from orgdiag.model.elements import Calendar
from orgdiag.parse import parse
from orgdiag.partial.quantity import Quantity
from orgdiag.text.source import Source

BASES = ("duration", "effort", "cadence", "share", "rate", "number")
POINTS = st.fractions(0, 10_000, max_denominator=10_000)


@given(st.sampled_from(BASES), POINTS, st.integers(1, 10**6))
def test_two_numbers_that_differ_are_told_apart(base: str, value: Fraction, part: int) -> None:
    other = value + Fraction(1, part)
    first, second = (
        figure(Quantity.of(number), base, Calendar(), [value, other]) for number in (value, other)
    )
    assert first != second


@given(st.sampled_from(BASES), POINTS, POINTS)
def test_no_digit_is_added_where_none_is_needed(
    base: str, value: Fraction, bound: Fraction
) -> None:
    calendar = Calendar()
    short = figure(Quantity.of(value), base, calendar)
    if short != figure(Quantity.of(bound), base, calendar):
        assert figure(Quantity.of(value), base, calendar, [bound]) == short


MODEL = """
org o "O" { as-of 2025-03-01 }
team t "T" { type stream-aligned; size 5 }
stream s "S" { owner t; trigger "a"; end "b"; customer "c"
  target commit-to-production 5d; lead-time commit-to-production 5d1min
  step a { kind development; by t; process 898min; lead 5988min } }
"""


@pytest.mark.parametrize(
    "message",
    [
        "s takes 5d 1min from commit to production, aimed at are 5d",  # against each other
        "work on s is active 14.997 % of the time",  # against a parameter of 15 %
    ],
)
def test_what_a_rule_holds_against_something_is_told_apart(message: str) -> None:
    assert resolve([parse(Source("m.orgd", MODEL))]).findings == ()
    found = [finding.message for finding in check_text(MODEL).findings]
    assert any(message in each for each in found), found
