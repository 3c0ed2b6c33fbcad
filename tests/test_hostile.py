"""Input from strangers: no crash, no hang, no leak, no lie, whatever a file holds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import tools
from hostile import small
from hostile.large import Large, larges
from hostile.process import faults, run
from hostile.verdict import RAW
from hostile.verdict import faults as small_faults
from sample import sample

from orgdiag import formats
from orgdiag.cli import main

TESTS = Path(__file__).parent
SLACK = (
    10  # a busy machine takes more CPU time for the same; the promise itself: tests.hostile check
)
Told = dict[str, dict[str, object]]


def told(part: tuple[int, int], seed: str, folder: Path) -> Told:
    """What was said of each attack of a part, of so many, under a hash seed."""
    done = subprocess.run(
        [sys.executable, "-m", "hostile.worker", *map(str, part)], cwd=folder, text=True,
        capture_output=True, check=False,
        env={
            **os.environ, "PYTHONPATH": str(TESTS), "PYTHONHASHSEED": seed,
            "XDG_CACHE_HOME": str(folder.parent / "cache"),
        },
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"{lines[-1:]} {done.stderr[-2000:]}"
    assert lines[-1] == {"breaches": []}
    return {line["name"]: line for line in lines if "name" in line}


@pytest.fixture
def attacked(tmp_path: Path) -> Path:
    """A folder with all small attacks."""
    small.write(tmp_path / "project", small.attacks())
    return tmp_path / "project"


@pytest.mark.parametrize("part", sample([(0, 48), (0, 2), (1, 2)], 3))
def test_every_small_attack_is_taken_as_its_table_says(
    part: tuple[int, int], attacked: Path
) -> None:
    """Also: no network, no subprocess, nothing opened outside, some under another hash seed."""
    results = told(part, "0", attacked)
    wrong = {
        attack.name: broken
        for attack in small.attacks()[part[0] :: part[1]]
        if (broken := list(small_faults(attack, results[attack.name], SLACK)))
    }
    assert wrong == {}
    for name, result in told((part[0], part[1] * 4), "12345", attacked).items():
        for key in ("code", "out", "err"):
            assert result[key] == results[name][key], name


def test_the_table_names_every_family_and_no_attack_twice() -> None:
    attacks = small.attacks()
    assert len({attack.name for attack in attacks}) == len(attacks) >= 400
    families = {attack.family for attack in attacks}
    assert families == {
        "enc", "uni", "lex", "num", "str", "kind", "ref", "inc", "inj", "rule", "conf",
    }  # fmt: skip


# One of each kind; the others are slow.
CHOSEN = {
    "deep-10000", "deep-paren-1000000", "token-string-50m",
    "errors-unclosed-blocks-1000", "folder-include-chain",
    "folder-special-files", "folder-rule-fifo", "conf-pattern",
}  # fmt: skip


@pytest.mark.parametrize("large", sample(larges(), chosen=CHOSEN, id=lambda each: each.name))
def test_large_input_ends_in_time_and_memory(large: Large, tmp_path: Path) -> None:
    assert list(faults(large, run(large.write(tmp_path), tmp_path), SLACK)) == []


def test_the_chosen_ones_are_there() -> None:
    assert {each.name for each in larges()} >= CHOSEN


# --- limits ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "limit", "number"),
    [
        ({"a": "team a\n"}, "file-bytes", 3),
        ({"a": "team a\n", "b": "team b\n", "c": "team c\n"}, "model-bytes", 7),
        ({"a": "team a\n", "b": "team b\n"}, "files", 1),
        ({"a": 'include "x/b.orgd"', "x/b": 'include "c.orgd"', "x/c": "team a\n"},
         "include-depth", 1),
    ],
)  # fmt: skip
def test_a_limit_that_is_hit_names_its_option_and_can_be_raised(
    files: dict[str, str],
    limit: str,
    number: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(f"{name}.orgd").write_text(text)
    args = ["check", "--isolated"] + ([] if limit != "include-depth" else ["a.orgd"])
    assert main([*args, "--limit", f"{limit}={number}"]) == 1
    assert f"--limit {limit}=NUMBER" in capsys.readouterr().out
    assert main([*args, "--limit", f"{limit}={number * 100}"]) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"team {'a' * 129}\n", "128 characters"),
        (f"team a {{ size {'1' * 16} }}\n", "15 digits"),
        ("team a { backlog 11y }\n", "10 years"),
        (f"team a {{ skills {', '.join(f's{i}' for i in range(10_001))} }}\n", "10000"),
        ("step s { " * 65 + "}" * 65, "64 deep"),
        (f'team a {{ note "{"x" * 70_000}" }}\n', "64 KiB"),
    ],
)  # fmt: skip
def test_a_limit_of_the_language_says_how_much_is_allowed(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.orgd"
    path.write_text(text)
    assert main(["check", str(path)]) == 1
    assert said in capsys.readouterr().out.replace(",", "")


# --- rules that try to run away -------------------------------------------------------------------

RULE = (
    'rule {name} {{\n  title "t"\n  severity info\n  kind symptom\n  check {check}\n'
    '  flag team when {condition}\n  message "{name} was here"\n  why "w"\n  fix "f"\n}}\n'
)
TEAMS = 120
RING = "".join(small.needs(f"t{i}", f"t{(i + 1) % TEAMS}") for i in range(TEAMS))
CALM = RULE.format(name="calm", check="each team", condition="some other in team.blockers")


def nested(source: str, depth: int, inner: str) -> str:
    """Whether something is so of one of all the ways to choose, each where the last one leads."""
    names = ["team", *(f"x{number}" for number in range(depth))]
    for last, name in reversed(list(pairwise(names))):
        inner = f"(some {name} in {source.format(last=last)} where {inner})"
    return inner


NEVER = "not ({} reaches team through team.blockers)"
SAME = " and ".join(
    f"(some x{i} in all teams where (some y{i} in all teams where x{i} = y{i}))" for i in range(30)
)
# The language lets all of these pass: counting ends them. The last two flag every team at once, and
# run away while they are told why.
RUNAWAYS = {
    "deep nesting": nested("{last}.blockers transitively", 12, NEVER.format("x11")),
    "product": nested("all teams", 4, NEVER.format("x3")),
    "long closures": "(some x in all teams where "
    "count(((all teams without x.blockers) without team.blockers).blockers transitively) < 1)",
    "told deeply": nested("{last}.blockers transitively", 3, "x2 in x0.blockers and x2 = x1"),
    "told widely": SAME,
}


def judged(folder: Path, capsys: pytest.CaptureFixture[str], **rules: str) -> tuple[int, Any, str]:
    """The exit code, the JSON and standard error of those rules and all that ship."""
    folder.mkdir(parents=True)
    for name, text in rules.items():
        (folder / f"{name}.orgr").write_text(text)
    model, out = folder.parent / "m.orgd", folder.parent / "out.json"
    model.write_text(RING)
    code = main(["check", str(model), "--rules", str(folder), "--as-of", "2025-03-01",
                 "--output", f"json={out}"])  # fmt: skip
    err = capsys.readouterr().err
    return code, json.loads(out.read_text()) if out.exists() else None, err


@pytest.mark.parametrize("runaway", sample(RUNAWAYS, chosen=[]))
def test_a_rule_that_runs_away_is_named_and_the_others_complete(
    runaway: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, alone, err = judged(tmp_path / "alone/own", capsys, calm=CALM)
    assert (code, err) == (1, "")
    rule = RULE.format(name="runaway", check="each team", condition=RUNAWAYS[runaway])
    with tools.cpu_limit(120):
        code, beside, err = judged(tmp_path / "beside/own", capsys, calm=CALM, runaway=rule)
    assert code == 2
    assert "error: rule `runaway` was given up after 5,000,000 steps: subjects judged: " in err
    assert "runaway.orgr:1:6" in err
    assert sum(found["rule"] == "calm" for found in beside["findings"]) == TEAMS
    [gave_up] = beside["given_up"]
    assert gave_up["judged"] + gave_up["not_judged"] == TEAMS
    assert len(gave_up["first"]) == min(gave_up["not_judged"], 10)
    assert alone["given_up"] == []
    for key in ("findings", "not_assessed"):
        assert [told for told in beside[key] if told["rule"] != "runaway"] == alone[key]
    assert sum(told["rule"] == "runaway" for told in beside["findings"]) <= gave_up["judged"]


@pytest.mark.parametrize(
    ("check", "condition", "says"),
    [
        ("each team and each team as b and each team as c", "team != b", "range over a relation"),
        ("each team", "(" * 200 + "true" + ")" * 200, "nested too deeply"),
        ("each team", "some team of team" + ".blockers transitively" * 300, "transitively"),
    ],
    ids=["product", "deep nesting", "long closures"],
)
def test_a_rule_that_can_only_run_away_is_refused_at_its_place(
    check: str, condition: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule = RULE.format(name="runaway", check=check, condition=condition)
    code, found, err = judged(tmp_path / "rules", capsys, runaway=rule)
    assert (code, found, says in err) == (2, None, True), err
    assert re.search(r"runaway\.orgr:[56]:\d+", err)


# --- names that an output language would obey -----------------------------------------------------


@pytest.mark.parametrize("name", formats.names())
def test_no_format_obeys_a_name(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    teams = [
        f'team t{number} "{value}" {{\n  note "{value}"\n  link x "{value}"\n'
        "  type project; until 2020-01-01\n}\n"
        f'component c{number} "{value}" {{ owner t{number} }}\n'
        for number, value in enumerate(small.INJECTIONS.values())
        if not RAW.search(value)
    ]
    path = tmp_path / "m.orgd"
    path.write_text(f'org o "<script>alert(0)</script>"\n{"".join(teams)}')
    assert main(["check", str(path), "--format", name, "--as-of", "2025-03-01"]) in (0, 1)
    out = capsys.readouterr().out
    assert not RAW.search(out)
    if name in ("json", "sarif", "gitlab"):
        json.loads(out)
    elif name == "jsonl":
        assert all(json.loads(line) for line in out.splitlines())
    elif name == "junit":
        ET.fromstring(out)
    elif name == "html":
        for number in range(13):
            assert f"<script>alert({number})" not in out
        assert "onerror=alert" not in out.replace("&lt;img src=x onerror=alert", "")
    elif name == "github":
        assert not [line for line in out.splitlines() if line.startswith("::stop-commands")]
    elif name == "markdown":
        assert "<img" not in out
