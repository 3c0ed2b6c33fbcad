"""Numbers and verdicts against worlds: what is said for certain with few facts holds with more.

`tests/worlds/known.md` has a pair of models for each kind of failure that is expected; it must fail
until the work that is named there ends it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from sample import sample
from worlds import known, models
from worlds.forgetting import forgettings
from worlds.laws import LAWS, Broken, Seen
from worlds.places import places
from worlds.trial import Kind, Trial
from worlds.worlds import gaps, read, world

from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Quantity

QUICK = ("component-team-trap", "meridian")
MADE = 5  # further ones by command, `python -m tests.worlds`: not all of their kinds are known yet


def unexpected(trial: Trial) -> dict[str, str]:
    """The kinds of failures that nobody expects, each with what was said of the first."""
    return {str(kind): trial.told[kind] for kind in trial.number if not known.reason(kind)}


@pytest.mark.parametrize("folder", sample(models.written(), chosen=QUICK, id=lambda p: p.name))
def test_what_a_written_model_says_for_certain_holds_whatever_is_found_out(folder: Path) -> None:
    trial = Trial(Random(1))
    trial.all_of(models.organisation(folder), facts=3, worlds=1)
    assert unexpected(trial) == {}


def test_what_a_made_model_says_for_certain_holds_whatever_is_found_out() -> None:
    trial = Trial(Random(0))
    for org in models.some(0, MADE):
        trial.all_of(org, facts=3, worlds=1)
    assert unexpected(trial) == {}


# --- the instrument -------------------------------------------------------------------------------


def test_a_world_says_all_that_was_unknown_and_what_was_left_out_if_asked() -> None:
    org = read(
        "team a { size 3..9; skills testing, unknown }\nteam b\n"
        "stream s { owner unknown; step x { by a, unknown; lead 2d..5d; wait unknown } }"
    )
    told = world(org, Random(1), silent=False)
    assert told is not None
    assert gaps(told, silent=False) == []
    assert told.teams["b"].size is None
    whole = world(org, Random(1), silent=True)
    assert whole is not None
    assert isinstance(whole.teams["b"].size, Quantity)


def test_every_fact_is_found_and_can_be_forgotten() -> None:
    org = read(
        "team a { needs data from b { wait 2d } }\nteam b\n"
        "stream s { owner a, b; changes c 40%; step x { by b; wait { queue 1d } } }\ncomponent c"
    )
    words = {place.word for place in places(org)}
    assert {"team.needs.from", "team.needs.wait", "stream.changes.share", "step.wait.time"} <= words
    lost = {(place.word, repr(value)) for place, value in forgettings(org)}
    assert ("step.by", "UNKNOWN") in lost
    assert ("step.by", "('b', UNKNOWN)") in lost
    assert any(word == "stream.changes.share" for word, _ in lost)


ADDED, MULTIPLIED = Quantity.__add__, Quantity.__mul__


def low_for_high(one: Quantity, other: Quantity) -> Quantity:
    low, _, missing, estimated = ADDED(one, other)
    return Quantity(low, low, missing, estimated)


def without_the_unknown(one: Quantity, other: Quantity) -> Quantity:
    low, high, missing, estimated = MULTIPLIED(one, other)
    return Quantity(low, low if high is None else high, missing, estimated)


def as_if_closed(members: Members) -> Quantity:
    low = len(members.certain)
    return Quantity(low, low + len(members.possible), members.missing)


class Wrong(NamedTuple):
    """A wrong formula: what it stands for."""

    of: type
    word: str
    formula: Any

    def __str__(self) -> str:
        return f"{self.of.__name__}.{self.word}"


WRONG = (
    Wrong(Quantity, "__add__", low_for_high),
    Wrong(Quantity, "__mul__", without_the_unknown),
    Wrong(Members, "size", property(as_if_closed)),
)


@pytest.mark.parametrize("wrong", sample(WRONG))
def test_arithmetic_that_narrows_is_noticed(wrong: Wrong, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*wrong)
    trial = Trial(Random(1))
    for folder in models.written():
        if folder.name in ("article", "civic-permits", "meridian"):
            trial.all_of(models.organisation(folder), facts=8, worlds=2)
    assert unexpected(trial)


# --- expected failures ----------------------------------------------------------------------------


class Pair(NamedTuple):
    """A kind of failure and the two models of `known.md` that show it."""

    kind: Kind
    less: str
    more: str

    def __str__(self) -> str:
        return str(self.kind)


def pairs() -> Iterator[Pair]:
    """The pairs of the page."""
    section = re.compile(
        r"^## (\S+) of (\S+), without (.+?)\n.*?^```orgd\n(.*?)^```.*?^```orgd\n(.*?)^```",
        re.DOTALL | re.MULTILINE,
    )
    for law, what, fact, less, more in section.findall(known.PAGE.read_text(encoding="utf-8")):
        yield Pair(Kind(law, what, fact), less, more)


def expected(pair: Pair) -> Any:
    """The pair, with the reason why it fails."""
    reason = known.reason(pair.kind)
    assert reason, f"{pair.kind} is on the page, but in no row of KNOWN"
    return pytest.param(pair, id=str(pair), marks=pytest.mark.xfail(strict=True, reason=reason))


def broken(pair: Pair) -> list[Broken]:
    """What fails of the two models as the page says."""
    less, more = Seen(read(pair.less)), Seen(read(pair.more))
    return [one for law in LAWS for one in law(less, more) if one[:2] == pair.kind[:2]]


@pytest.mark.parametrize("pair", [expected(pair) for pair in pairs()])
def test_a_kind_of_failure_that_is_expected_fails_still(pair: Pair) -> None:
    assert broken(pair) == []


def test_every_row_of_known_failures_has_a_pair_of_models() -> None:
    shown = [pair.kind for pair in pairs()]
    missing = [row.because for row in known.KNOWN if not any(known.matches(k, row) for k in shown)]
    assert missing == []
