"""Vital signs: counts, shares and times that can be stood behind, with what nobody knows."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from reading import opened

from orgdiag.diagnose.vitals import Sign, vital_signs
from orgdiag.partial.quantity import Quantity

ROOT = Path(__file__).parent.parent


def signs(path: Path) -> dict[str, Sign]:
    report = opened(path).report()
    assert report.facts is not None
    return {sign.id: sign for sign in vital_signs(report.facts, report.findings, 3, 4)}


@pytest.fixture(scope="module")
def meridian() -> dict[str, Sign]:
    return signs(ROOT / "examples/meridian")


def values(sign: Sign) -> dict[tuple[str, str], Quantity | str]:
    return {
        (reading.of.id if reading.of else "", reading.label): reading.value
        for reading in sign.readings
    }


def test_coverage_comes_first(meridian: dict[str, Sign]) -> None:
    first, *_ = meridian.values()
    assert first.id == "coverage"
    assert first.basis == "convention"
    assert values(first)["", "checks"] == Quantity.of(Fraction(3, 4))


def test_every_sign_of_the_worked_example_is_what_was_counted_by_hand(
    meridian: dict[str, Sign],
) -> None:
    assert values(meridian["one-owner"]) == {("", ""): Quantity.of(2)}
    assert meridian["one-owner"].whole == 2
    assert values(meridian["owner-coverage"])["instant-payments", ""] == Quantity.of(Fraction(1, 3))
    efficiency = values(meridian["flow-efficiency"])
    assert efficiency["instant-payments", ""] == Quantity.of(Fraction(113, 848))
    assert values(meridian["too-many-dependencies"]) == {("", ""): Quantity.of(1)}
    assert values(meridian["dependencies"])["", "blocking, in regular work"] == Quantity.of(9)
    assert values(meridian["built-and-run"]) == {("", ""): Quantity.of(2)}
    assert values(meridian["ending-owners"]) == {("", ""): Quantity.of(1)}
    waiting = values(meridian["waiting-inventory"])
    assert waiting["instant-payments", ""] == Quantity.of(Fraction(2205, 8))


def test_a_lead_time_has_its_target_and_commit_to_production_comes_first(
    meridian: dict[str, Sign],
) -> None:
    own = [r for r in meridian["lead-time"].readings if r.of and r.of.id == "instant-payments"]
    assert [reading.label for reading in own] == [
        "commit to production", "request to delivery", "along the map",
    ]  # fmt: skip
    assert own[0].value == Quantity.of(20 * 480)
    assert own[0].target == Quantity.of(5 * 480)


def test_what_nobody_said_is_counted_as_possible_and_never_as_none(
    meridian: dict[str, Sign],
) -> None:
    load = values(meridian["cognitive-load"])["", "teams that report a high load"]
    assert isinstance(load, Quantity)
    assert (load.low, load.high) == (1, 12)
    frequency = meridian["deployment-frequency"]
    assert frequency.known == 1 < len(frequency.readings)


def test_a_model_without_anything_has_signs_without_readings(tmp_path: Path) -> None:
    (tmp_path / "empty.orgd").write_text("")
    found = signs(tmp_path)
    assert found["flow-efficiency"].readings == ()
    assert found["one-owner"].whole == 0
    assert found["coverage"].known == 1


def test_deploying_on_demand_is_said_in_words() -> None:
    healthy = values(signs(ROOT / "examples/healthy")["deployment-frequency"])
    assert set(healthy.values()) == {"on demand"}


def test_a_map_is_current_for_a_year(tmp_path: Path) -> None:
    text = (
        "org o { as-of 2026-01-31 }\nteam t\n"
        "stream new { owner t; observed 2025-02-01 by walk with engineers }\n"
        "stream old { owner t; observed 2025-01-01 by walk with engineers }\n"
        "stream never { owner t }\n"
    )
    (tmp_path / "o.orgd").write_text(text)
    observed = signs(tmp_path)["observed"]
    assert observed.whole == 3
    assert values(observed) == {("", ""): Quantity.of(1)}
