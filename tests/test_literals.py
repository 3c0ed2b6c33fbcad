"""Every value that can be read can be written, and what cannot be written is told."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from generator.values import LITERALS
from hypothesis import assume, given
from hypothesis import strategies as st

from orgdiag.model import literals, values
from orgdiag.model.elements import Calendar
from orgdiag.model.literals import Literals, Unwritable
from orgdiag.model.parts import Money
from orgdiag.model.values import Flaw, Units
from orgdiag.parse import parse, words
from orgdiag.partial.quantity import Number, Quantity
from orgdiag.partial.unknown import Missing
from orgdiag.text.source import Source


def read(units: Units, base: str, literal: str) -> Quantity | Flaw:
    atoms = words(f"x {literal}")[1:]
    return units.quantity(base, atoms[1:] if atoms[0].text == "every" else atoms)


def calendar(day: str, week: str) -> Units:
    """The units of a calendar; a week may be counted in its days."""
    length = read(Units(Calendar()), "duration", day)
    assert isinstance(length, Quantity)
    weeks = read(Units(Calendar(length, Quantity.of(length.value * 5))), "duration", week)
    assert isinstance(weeks, Quantity)
    return Units(Calendar(length, weeks))


USUAL = Units(Calendar())
CALENDARS = {
    f"{day}, {week}": calendar(day, week)
    for day, week in (
        ("8h", "5d"), ("7.5h", "4.5d"), ("8h", "30h"), ("24h", "7d"), ("90min", "5d"),
        ("7.1h", "3.02d"), ("7.13h", "4.3211d"), ("24h", "1h"), ("1eh", "6ed"), ("8h", "0.001d"),
        ("7.1234567h", "4.1234567d"),
    )
}  # fmt: skip


def written(base: str, literal: str, units: Units = USUAL) -> str:
    """How the value of a literal is written; it reads back, and is written so again."""
    value = read(units, base, literal)
    assert isinstance(value, Quantity), f"{literal}: {value.message}"
    text = Literals(units).written(base, value)
    assert isinstance(text, str), f"{literal}: {text.reason}"
    again = read(units, base, text)
    assert again == value, f"{literal} became {text}"
    assert Literals(units).written(base, again) == text
    return text


# --- what people would write ----------------------------------------------------------------------

NATURAL: dict[Number, str] = {
    0: "0h",
    1: "1min",
    Fraction(1, 2): "0.5min",
    30: "30min",
    45: "45min",
    60: "1h",
    80: "80min",
    90: "1.5h",
    240: "4h",
    480: "1d",
    500: "500min",
    720: "12h",
    1584: "3.3d",
    1800: "30h",
    2400: "1w",
    2880: "6d",
    4800: "2w",
    10400: "1mo",
    12480: "26d",
    31200: "1q",
    72000: "30w",
    124800: "1y",
    1248000: "10y",
    Fraction(7200, 7): "3ed",
    Fraction(7200, 7) + 240: "3.7ed",
    Fraction(100, 7): "1eh",
    Fraction(2712437, 1000): "2712.437min",
}

# Type, as written by a person, as written back.
SAME = [
    *(("number", text) for text in ("0", "8", "2.5", "0.001", "7..9", "0.5..20")),
    *(("number", text) for text in ("999999999999999.999999999999999", "0.000000000000001")),
    *(("duration", text) for text in ("2d..5d", "1d..1mo", "30min..2h", "0d..5d", "10min..3d")),
    *(("duration", text) for text in ("1d..10d", "3ed..5ed", "3.7ed..5ed", "5min..3.7ed")),
    *(("share", text) for text in ("0%", "33.3%", "75%", "100%", "10%..20%", "99.999%")),
    *(("rate", text) for text in ("6/month", "0/month", "2/week", "1/day", "1/quarter", "1/year")),
    *(("rate", text) for text in ("2/week..3/week", "0/day..1/day", "4/quarter..12/quarter")),
    *(("effort", text) for text in ("230h/month", "40h/month", "0h/month", "1h/day", "7h/week")),
    *(("effort", text) for text in ("20h/month..30h/month", "5ed/quarter")),
    *(("cadence", text) for text in ("2w", "1q", "1w..3w")),
]
CHANGED = [
    ("duration", "8h", "1d"),
    ("duration", "0.5d", "4h"),
    ("duration", "2d..2d", "2d"),
    ("duration", "mean 6d", "6d"),
    ("duration", "1d..1d4h", "8h..12h"),
    ("duration", "p50 4d p85 4d", "p50 4d p85 4d"),
    ("duration", "p50 0.0001min p85 0.0002min", "p50 0.0001min p85 0.0001min"),
    ("duration", "0.5emin", "0.5emin"),
    ("duration", "1ew", "1w"),
    ("cadence", "every 2w", "2w"),
    ("cadence", "0d", "0h"),
    ("rate", "8.0/year", "2/quarter"),
    ("rate", "0.25/quarter", "1/year"),
    ("rate", "1/month..3/week", "1/month..13/month"),
    ("effort", "1d4h/week", "52h/month"),
    ("share", "050.0%", "50%"),
]


@pytest.mark.parametrize(("minutes", "text"), NATURAL.items(), ids=NATURAL.values())
def test_a_duration_is_written_in_its_natural_unit(minutes: Number, text: str) -> None:
    assert Literals(USUAL).written("duration", Quantity.of(minutes)) == text
    assert written("duration", text) == text


@pytest.mark.parametrize(("base", "text"), SAME)
def test_a_natural_literal_is_written_as_it_was(base: str, text: str) -> None:
    assert written(base, text) == text


@pytest.mark.parametrize(("base", "given", "text"), CHANGED)
def test_another_literal_is_written_naturally(base: str, given: str, text: str) -> None:
    assert written(base, given) == text


def test_days_and_hours_are_composed_where_nothing_is_shorter() -> None:
    assert written("duration", "1d4h", CALENDARS["7.5h, 4.5d"]) == "1d4h"
    assert written("duration", "20w3h", USUAL) == "803h"


def test_elapsed_time_is_added_to_working_time_where_no_unit_is_exact() -> None:
    units = CALENDARS["7.5h, 4.5d"]
    assert written("duration", "3ed4h", units) == "3ed4h"
    assert written("duration", "10ed4h", units) == "1w4h3ed"
    assert written("duration", "3ed4.25h..4ed", units) == "3ed4h15min..4ed"


# --- whatever is read -----------------------------------------------------------------------------

QUANTITIES = ("number", "duration", "cadence", "share", "rate", "effort")


@pytest.mark.parametrize("units", CALENDARS.values(), ids=CALENDARS)
@pytest.mark.parametrize("base", QUANTITIES)
def test_every_form_of_a_literal_reads_back_under_every_calendar(base: str, units: Units) -> None:
    legal = [text for text in LITERALS[base] if isinstance(read(units, base, text), Quantity)]
    assert len(legal) > 1
    for literal in legal:
        written(base, literal, units)


DIGITS = st.integers(0, 20).map(str)
NUMBERS = st.one_of(
    DIGITS,
    st.builds("{}.{}".format, DIGITS, DIGITS),
    st.builds("{}.{}".format, DIGITS, st.integers(0, 10**15 - 1).map("{:015}".format)),
)
PARTS = st.builds(str.__add__, NUMBERS, st.sampled_from(list(USUAL.minutes)))
# In front of the dots of a range, the language takes one decimal point.
STARTS = st.builds("{}{}{}".format, DIGITS, st.sampled_from(list(USUAL.minutes)), PARTS)
DURATIONS = st.lists(PARTS, min_size=1, max_size=3).map("".join)
SHARES = st.builds("{}.{}%".format, st.integers(0, 99), DIGITS) | st.just("100%")
RATES = st.builds("{}/{}".format, NUMBERS, st.sampled_from(list(USUAL.per_month)))
EFFORTS = st.builds("{}/{}".format, DURATIONS, st.sampled_from(list(USUAL.per_month)))


def alone_or_in_range(
    points: st.SearchStrategy[str], starts: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    return points | st.builds("{}..{}".format, starts, points)


WRITTEN = {
    "number": alone_or_in_range(NUMBERS, NUMBERS),
    "duration": alone_or_in_range(DURATIONS, PARTS | STARTS)
    | st.builds("p50 {} p{} {}".format, DURATIONS, st.sampled_from([85, 90, 95]), DURATIONS),
    "share": alone_or_in_range(SHARES, SHARES),
    "rate": alone_or_in_range(RATES, RATES),
    "effort": alone_or_in_range(EFFORTS, st.builds("{}/month".format, PARTS | STARTS)),
}


@pytest.mark.parametrize("base", WRITTEN)
@given(st.data())
def test_what_is_read_is_written_so_that_it_reads_back(base: str, data: st.DataObject) -> None:
    literal = data.draw(WRITTEN[base])
    units = data.draw(st.sampled_from(list(CALENDARS.values())))
    assume(isinstance(read(units, base, literal), Quantity))
    written(base, literal, units)


@given(st.integers(1, 10**10), st.sampled_from([USUAL, CALENDARS["7.5h, 4.5d"]]))
def test_every_mean_of_percentiles_reads_back(thousandths: int, units: Units) -> None:
    mean = Fraction(thousandths, 1000)
    assume(mean <= units.longest)
    quantity = Quantity(mean, mean, estimated=True)
    text = Literals(units).written("duration", quantity)
    assert isinstance(text, str)
    assert read(units, "duration", text) == quantity


@pytest.mark.parametrize("units", CALENDARS.values(), ids=CALENDARS)
def test_a_mean_is_as_long_as_a_duration_may_be(units: Units) -> None:
    value = read(units, "duration", "p50 10y p85 10y")
    if (units.longest * 1000).denominator == 1:
        assert value == Quantity(units.longest, units.longest, estimated=True)
    if isinstance(value, Quantity):
        written("duration", "p50 10y p85 10y", units)
    assert isinstance(read(units, "duration", "p50 10y p85 10.1y"), Flaw)
    assert isinstance(read(units, "duration", "p50 1emin p85 10y"), Flaw)


def test_numbers_with_all_their_digits_are_added() -> None:
    units = CALENDARS["7.1234567h, 4.1234567d"]
    written("effort", "1.000000000000001mo6.000000000000001d/month", units)
    written("effort", "9.123456789012345mo5.123456789012345d7.123456789012345min/quarter", units)


@given(
    alone_or_in_range(NUMBERS, NUMBERS),
    st.sampled_from(["EUR/d", "USD/h", "CHF/w", "JPY/mo"]),
    st.sampled_from(list(CALENDARS.values())),
)
def test_money_reads_back(number: str, per: str, units: Units) -> None:
    money = units.money(words(f"x {number} {per}")[1:])
    assume(isinstance(money, Money))
    assert isinstance(money, Money)
    text = Literals(units).money(money)
    assert isinstance(text, str)
    again = units.money(words(f"x {text}")[1:])
    assert again == money
    assert Literals(units).money(money) == text


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("900 EUR/d", "900 EUR/d"),
        ("100 EUR/h", "800 EUR/d"),
        ("1000 EUR/mo", "1000 EUR/mo"),
        ("1..2.5 USD/h", "8..20 USD/d"),
        ("0 JPY/w", "0 JPY/d"),
    ],
)
def test_money_is_written_for_a_day_where_it_can_be(given: str, text: str) -> None:
    money = USUAL.money(words(f"x {given}")[1:])
    assert isinstance(money, Money)
    assert Literals(USUAL).money(money) == text


@given(st.dates())
def test_a_day_reads_back(day: date) -> None:
    (atom,) = words(f"x {literals.day(day)}")[1:]
    assert values.day(atom) == day


# What is special in a text, and what no text may hold.
LETTERS = st.sampled_from('a"\\#{};, \tü支\n\r\x00\x7f\u202e\ufeff\u2028') | st.characters(
    exclude_categories=["Cs"]
)


@given(st.text(LETTERS))
def test_a_text_reads_back_or_holds_a_line_break(text: str) -> None:
    """What cannot be seen in it is a finding of the reader, which keeps it too."""
    quoted = literals.text(text)
    assert isinstance(quoted, str) == ("\n" not in text)
    if isinstance(quoted, str):
        (statement,) = parse(Source("m", f"note {quoted}\n")).statements
        (atom,) = words(statement.text)[1:]
        assert (atom.kind, atom.string, atom.text) == ("STRING", text, quoted)


def test_a_text_is_no_longer_than_a_word_may_be() -> None:
    assert isinstance(literals.text("x" * 65_534), str)
    assert literals.text("x" * 65_535) == Unwritable("it has more than 64 KiB")


def test_half_of_a_surrogate_pair_cannot_stand_in_a_file() -> None:
    assert isinstance(literals.text("\ud83d"), Unwritable)


# --- what cannot be written -----------------------------------------------------------------------

SMALL = Fraction(1, 1_000_000_007)
INEXACT = Unwritable("no literal says it exactly")
UNWRITABLE = [
    ("number", Quantity.of(SMALL), INEXACT),
    ("number", Quantity.of(10**15), INEXACT),
    ("number", Quantity(1, None), Unwritable("it has no bound on one side")),
    ("number", Quantity(None, 1), Unwritable("it has no bound on one side")),
    ("number", Quantity(-1, 1), Unwritable("it is less than zero")),
    ("number", Quantity(1, 1, estimated=True), INEXACT),
    ("duration", Quantity.of(SMALL), INEXACT),
    ("duration", Quantity(SMALL, 1), INEXACT),
    ("duration", Quantity(480, 480 + SMALL), INEXACT),
    ("duration", Quantity(1, 2, estimated=True), INEXACT),
    ("duration", Quantity(SMALL, SMALL, estimated=True), INEXACT),
    ("duration", Quantity.of(1248001), Unwritable("it is more than a literal may say")),
    ("share", Quantity(0, Fraction(11, 10)), Unwritable("it is more than a literal may say")),
    ("share", Quantity.of(Fraction(1, 3)), INEXACT),
    ("rate", Quantity.of(SMALL), INEXACT),
    ("effort", Quantity.of(SMALL), INEXACT),
]


@pytest.mark.parametrize(("base", "quantity", "why"), UNWRITABLE)
def test_what_no_literal_says_is_told(base: str, quantity: Quantity, why: Unwritable) -> None:
    assert Literals(USUAL).written(base, quantity) == why


def test_money_of_no_currency_has_no_literal() -> None:
    assert Literals(USUAL).money(Money(Quantity.of(1), "euro")) == Unwritable(
        "`euro` is no code of three letters"
    )
    assert Literals(USUAL).money(Money(Quantity.of(SMALL), "EUR")) == INEXACT


# --- what can be written instead ------------------------------------------------------------------

NEAR = [
    ("duration", Quantity.of(480), Quantity.of(480)),
    ("duration", Quantity.of(480 + SMALL), Quantity.of(480)),
    ("duration", Quantity(480 - SMALL, 481), Quantity(Fraction(479_999, 1000), 481)),
    ("duration", Quantity(0, 480 + SMALL), Quantity(0, Fraction(480_001, 1000))),
    ("duration", Quantity(7, 7 + SMALL), Quantity(7, Fraction(7001, 1000))),
    ("duration", Quantity.of(Fraction(2400, 7)), Quantity.of(Fraction(2400, 7))),
    ("duration", Quantity(1, 2, estimated=True), Quantity(1, 2)),
    (
        "duration",
        Quantity(7 + SMALL, 7 + SMALL, estimated=True),
        Quantity(7, 7, estimated=True),
    ),
    ("number", Quantity.of(Fraction(2, 3)), Quantity.of(Fraction(667, 1000))),
    ("number", Quantity.of(Fraction(1, 3000)), Quantity.of(Fraction(333, 10**6))),
    ("number", Quantity.of(Fraction(1, 3 * 10**20)), Quantity(0, Fraction(1, 10**15))),
    ("share", Quantity.of(Fraction(1, 3)), Quantity.of(Fraction(33_333, 10**5))),
    ("share", Quantity(Fraction(2, 3), 1 - SMALL), Quantity(Fraction(66_666, 10**5), 1)),
    ("rate", Quantity.of(Fraction(1, 3)), Quantity.of(Fraction(1, 3))),
    ("rate", Quantity.of(Fraction(10, 7)), Quantity.of(Fraction(1429, 1000))),
    ("effort", Quantity(SMALL + 60, 100), Quantity(60, 100)),
]


@pytest.mark.parametrize(("base", "quantity", "near"), NEAR)
def test_the_nearest_that_can_be_written(base: str, quantity: Quantity, near: Quantity) -> None:
    assert Literals(USUAL).writable(base, quantity) == near


@pytest.mark.parametrize(
    ("base", "quantity"),
    [
        ("number", Quantity(1, None)),
        ("number", Quantity(-1, 1)),
        ("number", Quantity.of(10**15)),
        ("duration", Quantity.of(1248000 + SMALL)),
        ("share", Quantity(0, 1 + SMALL)),
    ],
)
def test_nothing_encloses_what_no_literal_can(base: str, quantity: Quantity) -> None:
    assert isinstance(Literals(USUAL).writable(base, quantity), Unwritable)


FRACTIONS = st.fractions(0, 1) | st.fractions(0, 1, max_denominator=30)


@given(
    st.sampled_from(QUANTITIES),
    FRACTIONS,
    FRACTIONS,
    st.sampled_from([1, 100]),
    st.sampled_from(list(CALENDARS.values())),
)
def test_what_is_written_instead_encloses_the_value(
    base: str, low: Fraction, width: Fraction, scale: int, units: Units
) -> None:
    if base != "share":
        low, width = low * scale, width * scale
    quantity = Quantity(low, min(low + width, 1) if base == "share" else low + width)
    assume(base not in ("duration", "cadence") or low + width <= units.longest)
    near = Literals(units).writable(base, quantity)
    assert isinstance(near, Quantity)
    assert isinstance(Literals(units).written(base, near), str)
    assert near.low is not None
    assert near.high is not None
    step = Fraction(1, 1000)
    if quantity.exact:
        assert near.exact or not near.low
        assert abs(near.value - low) <= step / 2
    else:
        assert low - step < near.low <= low
        assert low + width <= near.high < low + width + step or near.high == quantity.high


def test_what_is_missing_is_not_written() -> None:
    missing = (Missing("team", "a", "size"),)
    assert Literals(USUAL).written("number", Quantity(1, 2, missing)) == "1..2"
    assert Literals(USUAL).writable("number", Quantity(1, 2, missing)) == Quantity(1, 2)
