"""The worked numbers once more, as a machine reads them from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from orgdiag.cli import main

MERIDIAN = Path(__file__).parent.parent / "examples" / "meridian"
DAY, WEEK = 8, 40
MONTH = 52 / 12 * WEEK
E = "instant-payments"


@pytest.fixture
def numbers(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Any:
    """The document of `orgdiag metrics` for a folder or for the text of a model."""

    def read(model: Path | str) -> Any:
        path = model
        if isinstance(model, str):
            path = tmp_path / "org.orgd"
            path.write_text(model, encoding="utf-8")
        assert main(["metrics", str(path), "--output-format", "json"]) == 0
        return json.loads(capsys.readouterr().out)

    return read


@pytest.fixture
def stream(numbers: Any) -> Any:
    return numbers(MERIDIAN)["streams"][E]


EXPECTED = {
    "lead-time": (53 * DAY, "h"),
    "process-time": (56.5, "h"),
    "total-touch-time": (72.5, "h"),
    "flow-efficiency": (100 * 56.5 / 424, "%"),
    "wait": (45.9375 * DAY, "h"),
    "expected-lead-time": (175 / 3 * DAY, "h"),
    "expected-flow-efficiency": (100 * 56.5 / (1400 / 3), "%"),
    "unexplained-wait-share": (100 * 25.4375 / 45.9375, "%"),
    "handoffs": (8, ""),
    "handoffs-main": (10, ""),
    "owner-coverage": (100 / 3, "%"),
    "owner-coverage-lead-time": (1500 / 53, "%"),
    "owner-coverage-process-time": (3400 / 56.5, "%"),
    "wait-before-build": (2300 / 53, "%"),
    "external-wait-share": (2568.75 / 43, "%"),
    "wip-by-little": (6 * 53 * DAY / MONTH, ""),
    "waiting-inventory": (275.625, "item-days/month"),
    "batch-size": (6, ""),
    "deploy-interval-wait": (MONTH / 2, "h"),
    "mapped-commit-to-production": (20 * DAY, "h"),
}


def test_the_numbers_of_the_example_stream_are_exact(stream: Any) -> None:
    for name, (value, unit) in EXPECTED.items():
        assert stream[name] == {"value": pytest.approx(value, rel=1e-12), "unit": unit}, name
    assert [id.removeprefix(f"{E}.") for id in stream["critical_path"]] == [
        "idea", "refine", "arch-check", "build", "test", "sec-review", "approve", "deploy",
        "verify",
    ]  # fmt: skip


def test_waiting_by_team_and_drag_by_step(stream: Any) -> None:
    days = {team: wait["value"] / DAY for team, wait in stream["wait_by"]["team"].items()}
    assert days == {
        "payments": 10.75, "product-office": 9.5, "arb": 7.875, "appsec": 5.625, "qa": 5.5,
        "cab": 3.9375, "operations": 2.75,
    }  # fmt: skip
    drags = {id.removeprefix(f"{E}."): s["drag"]["value"] for id, s in stream["steps"].items()}
    assert {id: drag / DAY for id, drag in drags.items()} == {
        "idea": 9.5, "refine": 4, "arch-check": 7.875, "build": 1, "score": 0, "test": 5.5,
        "sec-review": 5.625, "approve": 3.9375, "deploy": 2.75, "verify": 0.75,
    }  # fmt: skip
    assert stream["steps"][f"{E}.arch-check"]["cadence-wait"] == {"value": 5 * DAY, "unit": "h"}
    for step in ("build", "test"):
        visits = stream["steps"][f"{E}.{step}"]["expected-visits"]["value"]
        assert visits == pytest.approx(4 / 3, rel=1e-12)


def test_the_constraint_names_its_method_and_the_candidates_of_the_others(stream: Any) -> None:
    found = stream["constraint"]
    assert (found["method"], found["team"], found["step"]) == (
        "wait",
        "product-office",
        f"{E}.idea",
    )
    assert (found["runner_up"], found["certain"], found["disputed"]) == ("arb", True, True)
    assert [c["team"] for c in found["candidates"]] == ["qa", "appsec", "product-office"]


def test_utilisation_is_a_value_or_a_bound_with_what_is_missing(numbers: Any) -> None:
    busy = numbers(MERIDIAN)["teams"]["qa"]["utilisation"]
    assert busy == {"value": pytest.approx(100 * 486 / (3.2 * MONTH), rel=1e-12), "unit": "%"}
    text = (MERIDIAN / "meridian.orgd").read_text(encoding="utf-8")
    bound = numbers(text.replace("size 4; capacity 80%;", "size 4;"))["teams"]["qa"]["utilisation"]
    assert bound["low"] == pytest.approx(100 * 486 / (4 * MONTH), rel=1e-12)
    assert bound["high"] is None
    assert [(gap["id"], gap["property"]) for gap in bound["missing"]] == [("qa", "capacity")]


def test_an_unknown_lead_time_bounds_the_efficiency(numbers: Any) -> None:
    model = "stream x { step a { process 4h; lead 20d }; step b { process 8h; lead unknown } }"
    found = numbers(model)["streams"]["x"]["flow-efficiency"]
    assert (found["low"], found["high"]) == (0, pytest.approx(1200 / 168, rel=1e-12))
    assert [(gap["id"], gap["property"]) for gap in found["missing"]] == [("x.b", "lead")]


def test_a_stream_without_times_is_unknown_and_nowhere_zero(numbers: Any) -> None:
    model = "team t\nstream x { step a { by t }; step b { by t }; step c { by t } }"
    found = numbers(model)["streams"]["x"]
    for name in ("lead-time", "expected-lead-time", "process-time", "flow-efficiency", "wait",
                 "unexplained-wait-share"):  # fmt: skip
        assert found[name]["unknown"] is True, name
        assert len(found[name]["missing"]) >= 3, name


def test_the_table_draws_the_steps_to_scale(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["metrics", str(MERIDIAN)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    bars = {line[0]: line[1] for line in lines if len(line) > 2 and not line[1].strip(".#?")}
    assert bars["idea"] == "." * 19 + "#"
    assert bars["build"] == "." * 12 + "#" * 6
    assert bars["deploy"] == "." * 6 + "#"
    assert ["beside", "the", "critical", "path,"] in [line[2:6] for line in lines]
    assert bars["score"] == "." * 12 + "#" * 4


def test_a_time_that_nobody_knows_has_no_length(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "stream x { step a { process 1d }; step b { process 2d; lead 4d }; step c }"
    (tmp_path / "x.orgd").write_text(text)
    assert main(["metrics", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "    a                #####?" in out
    assert "    b                ..........##########" in out
    assert "    c                ?" in out


def test_a_mean_from_percentiles_is_marked(numbers: Any) -> None:
    model = "stream x { step a { process 1h; lead p50 2d p85 5d } }"
    found = numbers(model)["streams"]["x"]["lead-time"]
    assert round(found["value"] / DAY, 3) == 2.956
    assert found["estimated"] is True


def test_dependencies_and_the_organisation(numbers: Any) -> None:
    document = numbers(MERIDIAN)
    blocked = {
        (d["from"], d["to"])
        for d in document["dependencies"]
        if d["effect"] == "blocking" and d["routine"] is True and d["selfserve"] is False
    }
    assert ("payments", "qa") in blocked
    assert document["organisation"]["cross-group-share"]["value"] == pytest.approx(800 / 9)
    assert document["teams"]["payments"]["blocking-fan-out"] == {"value": 7, "unit": ""}


def test_one_stream_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    form = ["--output-format", "json"]
    assert main(["metrics", str(MERIDIAN), "--stream", "card-controls", *form]) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document["streams"]) == ["card-controls"]
    assert list(document["teams"]) == ["operations", "payments", "qa"]
    assert main(["metrics", str(MERIDIAN), "--stream", "card-control"]) == 2
    assert "did you mean `card-controls`?" in capsys.readouterr().err
