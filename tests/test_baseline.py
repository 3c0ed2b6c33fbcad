"""What a baseline covers: no more severe, and no more of it, than there was when it was written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orgdiag.cli import main

FILE = Path("orgdiag.baseline.json")
ORG = 'org a "A" { as-of 2025-03-01 }\n'
TEN = 'team t "T" { type project; size 10 }'
FOUR_HUNDRED = 'team t "T" { type project; size 400 }'
FLOW = """\
team t "T" { size 5; type stream-aligned }
stream s "S" { owner t; arrivals 6/month
  step build { kind development; by t; process 4h; lead 1d }
}"""
GATE = '[gates]\n"stream.s.process-time" = "< 1h"\n'
GATES = f'{GATE}"stream.s.lead-time" = "< 2h"\n'
AN_ERROR = "because the baseline knows it as a warning and it is an error now"
MORE = "because the baseline knows 1 of these about {}, of 2 now"
SIZE = "team-too-large"

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Checks a model under a configuration in a folder of its own; gives exit code and output."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)

    def check(model: str, *args: str, settings: str = "") -> tuple[int, str]:
        Path("model.orgd").write_text(ORG + model)
        Path("orgdiag.toml").write_text(settings)
        code = main(["check", *args])
        return code, capsys.readouterr().out

    return check


def entries(rule: str = "") -> list[dict[str, Any]]:
    held = json.loads(FILE.read_text())["findings"]
    return [entry for entry in held if rule in ("", entry["rule"])]


@pytest.mark.parametrize(
    ("before", "after", "settings", "says"),
    [
        (TEN, FOUR_HUNDRED, ("", ""), AN_ERROR),
        (TEN, TEN, ("", '[rules.team-too-large]\nseverity = "error"'), AN_ERROR),
        (TEN, TEN, ('[rules.team-too-large]\nseverity = "info"', ""),
         "because the baseline knows it as info and it is a warning now"),
        (FLOW, FLOW, (GATE, GATES), MORE.format("stream s")),
        ("team t { size x }", "team t { size x; until z }", ("", ""),
         MORE.format("team t")),
    ],
)  # fmt: skip
def test_what_is_worse_than_the_baseline_knows_counts_again_and_says_so(
    run: Run, before: str, after: str, settings: tuple[str, str], says: str
) -> None:
    assert run(before, "--write-baseline", settings=settings[0])[0] == 0
    assert run(before, settings=settings[0])[0] == 0
    held = FILE.read_text()
    code, out = run(after, "--fail-level", "info", settings=settings[1])
    assert code == 1
    assert f"fact: {says}" in out
    assert "of the baseline " in out.splitlines()[-1]
    data = json.loads(run(after, "--output-format", "json", settings=settings[1])[1])
    again = [finding for finding in data["findings"] if "outgrown" in finding]
    assert {finding["status"] for finding in again} == {"new"}
    assert {finding["evidence"][-1]["message"] for finding in again} == {says}
    run(after, "--prune-baseline", settings=settings[1])
    assert FILE.read_text() == held, "what has outgrown the baseline stays in it as it was"
    written = run(after, "--write-baseline", settings=settings[1])
    assert written == run(after, settings=settings[1])
    assert written[0] == 0
    assert run(before, settings=settings[0])[0] == 0


def test_another_rule_and_another_subject_are_new_as_ever(run: Run) -> None:
    run("team t { size x }", "--write-baseline")
    code, out = run("team t { size x; owner z }\nteam u { size x }")
    assert code == 1
    assert "worse now" not in out


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (FOUR_HUNDRED, TEN),
        (FOUR_HUNDRED.replace("400", "40"), FOUR_HUNDRED),
        ("team t { size x; until z }", "team t { size x }"),
    ],
)
def test_what_is_no_worse_stays_covered_and_a_pruned_baseline_holds_it_there(
    run: Run, before: str, after: str
) -> None:
    run(before, "--write-baseline")
    assert run(after, "--fail-level", "info")[0] == 0
    run(after, "--prune-baseline")
    now = json.loads(run(after, "--output-format", "json")[1])["findings"]
    assert {finding["status"] for finding in now} == {"baselined"}
    held = {(e["fingerprint"], e["severity"]) for e in entries()}
    assert held == {(finding["fingerprint"], finding["severity"]) for finding in now}
    assert sum(entry["number"] for entry in entries()) == len(now)


def test_a_severity_that_is_set_is_final_for_the_baseline_too(run: Run) -> None:
    settings = '[rules.team-too-large]\nseverity = "warning"'
    run(TEN, "--write-baseline", settings=settings)
    assert run(FOUR_HUNDRED, settings=settings)[0] == 0


def test_an_entry_of_an_older_baseline_covers_what_it_covered_and_learns_when_it_is_pruned(
    run: Run,
) -> None:
    run(TEN, "--write-baseline")
    held = json.loads(FILE.read_text())
    for entry in held["findings"]:
        del entry["severity"], entry["number"]
    FILE.write_text(json.dumps(held))
    assert run(FOUR_HUNDRED)[0] == 0
    run(FOUR_HUNDRED, "--select", "flow", "--prune-baseline")
    assert all("severity" not in entry for entry in entries()), (
        "of what did not run nothing changes"
    )
    run(TEN, "--prune-baseline")
    [entry] = entries(SIZE)
    assert (entry["severity"], entry["number"]) == ("warning", 1)
    assert run(FOUR_HUNDRED)[0] == 1


def test_what_is_forgotten_takes_no_severity_from_the_baseline(run: Run) -> None:
    run(FOUR_HUNDRED, "--write-baseline")
    for size in ("unknown", "10..400"):
        forgotten = TEN.replace("10", size)
        for wish in ("--prune-baseline", "--write-baseline"):
            run(forgotten, wish)
            assert [entry["severity"] for entry in entries(SIZE)] == ["error"]
    assert run(FOUR_HUNDRED)[0] == 0


def test_a_gate_that_can_no_longer_be_held_takes_no_number_from_the_baseline(run: Run) -> None:
    run(FLOW, "--write-baseline", settings=GATES)
    run(FLOW.replace("lead 1d", "lead unknown"), "--prune-baseline", settings=GATES)
    assert [entry["number"] for entry in entries("gate-broken")] == [2]
    assert run(FLOW, settings=GATES)[0] == 0


@pytest.mark.parametrize(
    "key", ['"severity": "bad"', '"severity": 1', '"number": 0', '"number": true', '"number": "1"']
)
def test_a_severity_or_number_that_is_none_is_no_baseline(run: Run, key: str) -> None:
    run(TEN, "--write-baseline")
    name = key.partition(":")[0]
    old = next(line for line in FILE.read_text().splitlines() if name in line)
    FILE.write_text(FILE.read_text().replace(old, key + "," * old.endswith(","), 1))
    assert run(TEN)[0] == 2


RUNAWAY = """\
rule runaway {
  title "Larger than another" severity warning kind structure why "To run away."
  check each team
  flag team when (some x in all teams where x.size < team.size and x.size < 9)
  message "{team} is larger"
}
"""


def test_of_a_rule_that_is_given_up_nothing_is_gone_and_nothing_is_useless(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("own").mkdir()
    Path("own/runaway.orgr").write_text(RUNAWAY)
    teams = "".join(f"team a{n:02} {{ size 9 }}\n" for n in range(50)) + "team b { size 1 }\n"
    model = f'{teams}accept runaway for team a49 until 2025-06-30 because "known"\n'
    only = ("--rules", "own", "--select", "runaway,acceptance-invalid")
    assert run(model, *only, "--write-baseline")[0] == 0
    held = FILE.read_text()
    assert len(entries()) == 49
    monkeypatch.setattr("orgdiag.evaluate.engine.BUDGET", 1000)
    code, out = run(model, *only, "--output-format", "concise")
    assert code == 2
    assert "rule `runaway` was given up after 1,000 steps: subjects judged: " in out
    assert "no longer occur" not in out
    assert "nothing to accept" not in out
    run(model, *only, "--prune-baseline")
    assert FILE.read_text() == held
