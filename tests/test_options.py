"""Every option and every key of the configuration: a run with it comes out otherwise."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from sample import sample

from orgdiag.cli import COMMANDS, cli, main
from orgdiag.config.file import schema
from orgdiag.files.together import NOTE
from orgdiag.finding import Subject, fingerprint

RULE = "too-many-blocking-dependencies"
MODEL = """\
org shop "Shop" {}
team checkout "Checkout" {
  type stream-aligned; size 7; durable; on-call self
  accept team-too-large until 2030-01-01 because "it never was"
  needs decision from pricing { via ticket; effect blocking; routine }
  needs approval from risk { via ticket; effect blocking; routine }
  needs environment from cloud { via ticket; effect blocking; routine }
}
team pricing { type functional; until 2027-01-01 }
team risk { type governance }
team cloud { type platform }
team facilitator { type enabling }
interaction facilitator with checkout { mode facilitating; since 2025-01-01; until 2027-01-01 }
component web { owner checkout; depends-on api }
component api { owner pricing }
stream s "Sale" { owner checkout; arrivals 6/month; observed 2025-01-01 by walk with checkout
  step build { kind development; by checkout; process 4h; lead 3d }
  step test { kind testing; by risk; process 1h; lead unknown; after build }
}
stream t { owner pricing; step price { by pricing; lead 1d } }
"""
OWN_RULE = '''
rule team-without-purpose {
  title "A team does not say what it is for"
  severity warning
  kind evidence
  check each team
  flag team when no step of team
  message "{team} has no step"
  why "Nobody can tell what it is for."
  fix "Write it down."
  example flags a """team a {}"""
  example passes """team a {} stream s { step b { by a } }"""
}
'''
FAILING = OWN_RULE.replace(" stream s { step b { by a } }", "")
PRINT = fingerprint(RULE, Subject("team", "checkout"))
KNOWN = f"""{{"schema": 1, "findings": [{{"rule": "{RULE}",
  "subject": {{"kind": "team", "id": "checkout"}}, "fingerprint": "{PRINT}"}}]}}"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: a model, an older one, rules, configurations and templates."""
    monkeypatch.chdir(tmp_path)
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    files = {
        "org/model.orgd": MODEL,
        "org/extra.orgd": "team extra { type platform }\ncomponent more { owner extra }\n",
        "org/excluded.orgd": "team excluded { type platform }\n",
        "org/orgdiag.toml": f"exclude = 'excluded.orgd'\n[rules.{RULE}]\nseverity = 'warning'\n",
        "old/model.orgd": MODEL.replace("by risk", "by checkout"),
        "trusted.toml": f"[rules.{RULE}]\nlimit = 5\n",
        "own/own/team-without-purpose.orgr": OWN_RULE,
        "messy/model.orgd": "team   a{}\n",
        "messy/skip.orgd": "team   b{}\n",
        "messy/orgdiag.toml": 'exclude = "skip.orgd"\n',
        "known.json": KNOWN,
        "failing/own/team-without-purpose.orgr": FAILING,
        "words/own/words.orgr": 'define team.steady-streams "what it owns" =\n  team.streams\n',
        "many/model.orgd": "".join(f"team t{number} {{}}\n" for number in range(61)),
        "half/model.orgd": "team b\n",
        "half/other.orgd": "team c { needs data from a }\n",
        "half/orgdiag.toml": "",
        f"half/{NOTE}": json.dumps(
            {
                "schema": 1,
                "what": "rename team:a b",
                "files": [
                    {"path": "model.orgd", "before": "team a\n", "after": "team b\n"},
                    {
                        "path": "other.orgd",
                        "before": "team c { needs data from a }\n",
                        "after": "team c { needs data from b }\n",
                    },
                ],
            }
        ),
        "empty/model.orgd": "# nothing\n",
        "templates/page.html.jinja": "<title>Ours</title>",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


class Case(NamedTuple):
    """An option at work: the command line without it, with it, and what only the second shows."""

    without: str
    more: str
    shows: str = ""


ORG = {
    "check": "check org",
    "why": "why disbanding-owner api org",
    "diagnose": "diagnose org",
    "diff": "diff old org",
    "report": "report org",
    "metrics": "metrics org --output-format json",
    "graph": "graph org --format json",
    "rename": "rename team:risk legal org",
}
# Where the option has nothing to show in the usual run of a command.
ELSEWHERE = {
    ("why", "--exclude"): Case("why team-too-large extra org", "--exclude extra.orgd"),
    ("why", "--config"): Case("why team-too-large excluded org", "--config trusted.toml"),
    ("why", "--isolated"): Case("why team-too-large excluded org", "--isolated"),
    ("why", "--rules"): Case("why team-without-purpose cloud org", "--rules own"),
    ("why", "--as-of"): Case("why stale-observation s org", "--as-of 2025-02-01"),
    ("why", "--select"): Case("why acceptance-invalid checkout org", "--select flow"),
    ("why", "--extend-select"): Case(
        "why acceptance-invalid checkout org --select acceptance-invalid",
        "--extend-select team-too-large",
    ),
    ("why", "--ignore"): Case("why acceptance-invalid checkout org", "--ignore acceptance-invalid"),
    ("why", "--severity"): Case(ORG["why"], "--severity disbanding-owner=info"),
    ("why", "--set"): Case(f"why {RULE} checkout org", f"--set {RULE}.limit=4"),
    **{
        (command, "--as-of"): Case(ORG[command], "--as-of 2025-02-30", "is no date such as")
        for command in ("diagnose", "diff", "metrics", "graph")
    },
    **{
        (command, "--severity"): Case(
            ORG[command], f"--severity {RULE}=eror", "did you mean `error`?"
        )
        for command in ("diagnose", "metrics")
    },
    ("diagnose", "--rules"): Case(ORG["diagnose"], "--rules wrong", "does not exist"),
    ("rename", "--exclude"): Case("rename component:more less org", "--exclude extra.orgd"),
    ("graph", "--stdin-filename"): Case(
        "graph - --of x", "--stdin-filename", "requires an argument"
    ),
}


def _shared() -> Iterator[tuple[str, str, Case]]:
    """The options about models and rules, as if each command had them all."""
    for command, line in ORG.items():
        piped = line.replace(" org", " -")
        yield command, "--stdin-filename", Case(piped, "--stdin-filename n.orgd")
        yield command, "--exclude", Case(line, "--exclude extra.orgd")
        yield command, "--limit", Case(line, "--limit file-bytes=60")
        yield command, "--as-of", Case(line, "--as-of 2030-06-01")
        yield command, "--config", Case(line, "--config trusted.toml")
        yield command, "--isolated", Case(line, "--isolated")
        yield command, "--rules", Case(line, "--rules own")
        yield command, "--select", Case(line, "--select flow")
        yield command, "--extend-select", Case(f"{line} --select flow", f"--extend-select {RULE}")
        yield command, "--ignore", Case(line, f"--ignore {RULE}")
        yield command, "--severity", Case(line, f"--severity {RULE}=info")
        yield command, "--set", Case(line, f"--set {RULE}.limit=4")


# The options that one command has for itself.
OWN = {
    "check": {
        "--fail-level": Case("check org --select stale-observation", "--fail-level info"),
        "--max-warnings": Case("check org --fail-level error --ignore disbanding-owner",
                               "--max-warnings 0"),
        "--exit-zero": Case("check org", "--exit-zero"),
        "--allow-empty": Case("check empty", "--allow-empty", "0 findings"),
        "--accept": Case("check org --no-accept", "--accept", "nothing to accept"),
        "--no-accept": Case("check org", "--no-accept"),
        "--baseline": Case("check org", "--baseline known.json", "1 baselined"),
        "--no-baseline": Case("check org --baseline known.json", "--no-baseline"),
        "--write-baseline": Case("check org", "--write-baseline", "orgdiag.baseline.json"),
        "--prune-baseline": Case("check org", "--prune-baseline", "orgdiag.baseline.json"),
        "--output-format": Case("check org", "--output-format json", '"findings"'),
        "--format": Case("check org", "--format jsonl", '"type"'),
        "--output": Case("check org", "--output json=a.json --output sarif=b.sarif", "a.json"),
        "--color": Case("check org", "--color always", "\x1b["),
        "--colour": Case("check org", "--colour always", "\x1b["),
        "--show": Case("check org", "--show not-assessed", "could not be checked"),
        "--statistics": Case("check org", "--statistics", f"     1  {RULE}"),
        "--timings": Case("check org", "--timings", " ms  judge"),
        "--show-settings": Case("check org", "--show-settings", "fail-level = warning"),
    },
    "why": {
        "--color": Case(ORG["why"], "--color always", "\x1b["),
        "--colour": Case(ORG["why"], "--colour always", "\x1b["),
    },
    "diagnose": {
        "-o": Case("diagnose org", "-o a.txt", "a.txt"),
        "--output": Case("diagnose org", "--output a.txt", "a.txt"),
    },
    "diff": {
        "--rev": Case("diff org", "--rev nowhere", "git"),
        "--format": Case("diff old org", "--format markdown", "##"),
        "--output-format": Case("diff old org", "--output-format json", '"findings"'),
        "-o": Case("diff old org", "-o a.txt", "a.txt"),
        "--output": Case("diff old org", "--output a.txt", "a.txt"),
    },
    "report": {
        "--format": Case("report org", "--format markdown"),
        "--output-format": Case("report org", "--output-format markdown"),
        "-o": Case("report org", "-o a.html", "a.html"),
        "--output": Case("report org", "--output a.html", "a.html"),
        "--template": Case("report org", "--template templates", "<title>Ours"),
    },
    "metrics": {
        "--output-format": Case("metrics org", "--output-format json", '"schema": 1'),
        "--format": Case("metrics org", "--format json", '"schema": 1'),
        "--stream": Case("metrics org", "--stream s"),
        "-o": Case("metrics org", "-o a.txt", "a.txt"),
        "--output": Case("metrics org", "--output a.txt", "a.txt"),
    },
    "graph": {
        "--format": Case("graph org", "--format dot", "digraph"),
        "--output-format": Case("graph org", "--output-format graphml", "<graphml"),
        "--of": Case("graph org", "--of stream:s", "build ·"),
        "--all": Case("graph many", "--all", "flowchart"),
        "-o": Case("graph org", "-o a.txt", "a.txt"),
        "--output": Case("graph org", "--output a.txt", "a.txt"),
    },
    "format": {
        "--check": Case("format messy", "--check", "would format "),
        "--diff": Case("format messy", "--diff", "+team a {}"),
        "--stdin-filename": Case("format -", "--stdin-filename x.orgr", "x.orgr"),
        "--exclude": Case("format messy/", "--exclude model.orgd", "nothing to format"),
        "--config": Case("format messy", "--config trusted.toml", "2 files formatted"),
        "--isolated": Case("format messy", "--isolated", "2 files formatted"),
    },
    "rename": {
        "--diff": Case("rename team:risk legal org", "--diff", "+team legal { type governance }"),
        "--finish": Case("rename half", "--finish", "finished rename team:a b: wrote 1 file"),
        "--undo": Case("rename half", "--undo", "took back rename team:a b: wrote 1 file"),
    },
    "rule": {
        "--rules": Case("rule", "--rules own", "team-without-purpose"),
        "--conventions": Case("rule", "--conventions", " = "),
        "--output-format": Case("rule", "--output-format json", "[") ,
        "--format": Case("rule", "--format markdown", "### "),
    },
    "fields": {"--rules": Case("fields team", "--rules words", "steady-streams")},
    "test": {
        "--color": Case("test failing", "--color always", "\x1b["),
        "--colour": Case("test failing", "--colour always", "\x1b["),
    },
    "config": {"--schema": Case("config", "--schema", "json-schema.org")},
}  # fmt: skip


def _of_click() -> Iterator[tuple[str, str]]:
    """Every option that click knows, in each of its spellings."""
    for command in COMMANDS:
        found = cli.get_command(click.Context(cli), command)
        assert found is not None
        for param in found.params:
            if isinstance(param, click.Option):
                yield from ((command, name) for name in (*param.opts, *param.secondary_opts))


OPTIONS = sorted(_of_click())
CASES: dict[tuple[str, str], Case] = {
    **{(command, name): case for command, name, case in _shared() if (command, name) in OPTIONS},
    **{(command, name): case for command, own in OWN.items() for name, case in own.items()},
    **ELSEWHERE,
}


class Outcome(NamedTuple):
    """What a run leaves behind."""

    code: int
    printed: str
    files: dict[str, bytes]


def outcome(
    line: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Outcome:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(MODEL.encode())))
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    code = main(shlex.split(line))
    captured = capsys.readouterr()
    after = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    for path in after:
        if path not in before:
            path.unlink()
    for path, content in before.items():
        path.write_bytes(content)
    changed = {str(path): text for path, text in after.items() if before.get(path) != text}
    return Outcome(code, captured.out + captured.err, changed)


def test_every_option_that_there_is_is_exercised() -> None:
    assert sorted(CASES) == OPTIONS


@pytest.mark.parametrize("case", sample(sorted(CASES), 5, id="".join))
def test_an_option_does_what_it_says(
    project: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    case: tuple[str, str],
) -> None:
    tried = CASES[case]
    without = outcome(tried.without, capsys, monkeypatch)
    having = outcome(f"{tried.without} {tried.more}", capsys, monkeypatch)
    assert "Traceback" not in without.printed + having.printed
    assert 70 not in (without.code, having.code)
    assert having != without
    assert tried.shows in having.printed + "".join(having.files)
    assert not tried.shows or tried.shows not in without.printed + "".join(without.files)


# The keys of the configuration, each with what it changes in `orgdiag check`.
KEYS = {
    "select": ('select = ["dependencies"]', "with 17 rules"),
    "extend-select": (f'select = "flow"\nextend-select = ["{RULE}"]', "cloud, pricing and risk"),
    "ignore": ('ignore = "lifecycle"', ""),
    "rules-dir": ('rules-dir = ["own"]', "team-without-purpose"),
    "exclude": ('exclude = ["model.orgd"]', "left out (excluded)"),
    "fail-level": ('fail-level = "error"\nignore = "disbanding-owner"', ""),
    "max-warnings": ('fail-level = "error"\nignore = "disbanding-owner"\nmax-warnings = 0', ""),
    "as-of": ("as-of = 2025-01-31", "as of 2025-01-31."),
    "baseline": ('baseline = "known.json"', "1 baselined"),
    "rules": (f"[rules.{RULE}]\nlimit = 4\nseverity = 'info'", ""),
    "gates": ('[gates]\n"stream.s.process-time" = "< 1h"', "gate-broken"),
}


def test_every_key_of_the_configuration_is_exercised_and_documented() -> None:
    assert sorted(KEYS) == sorted(schema()["properties"])
    page = (Path(__file__).parent.parent / "docs/ci.md").read_text()
    assert [key for key in KEYS if f"\n| `{key}` | " not in page] == []


@pytest.mark.parametrize("key", sorted(KEYS))
@pytest.mark.parametrize("file", sample(["orgdiag.toml", "pyproject.toml"], 2))
def test_a_key_of_the_configuration_does_what_it_says(
    project: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    file: str,
) -> None:
    text, shows = KEYS[key]
    if file == "pyproject.toml":
        text = f"[tool.orgdiag]\n{text}".replace("\n[", "\n[tool.orgdiag.")
    place = project / "org"
    (place / "orgdiag.toml").unlink()
    (place / "known.json").write_text(KNOWN)
    shutil.copytree("own", "org/own")
    without = outcome("check org --output-format concise", capsys, monkeypatch)
    (place / file).write_text(text + "\n")
    having = outcome("check org --output-format concise", capsys, monkeypatch)
    assert 2 not in (without.code, having.code), having.printed
    assert having[:2] != without[:2]
    assert shows in having.printed
    assert not shows or shows not in without.printed or key == "extend-select"


def test_warnings_above_the_limit_fail_a_run_that_errors_alone_would_not(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = []
    for key in ("fail-level", "max-warnings"):
        (project / "org/orgdiag.toml").write_text(KEYS[key][0] + "\n")
        codes.append(outcome(f"check org --severity {RULE}=info", capsys, monkeypatch).code)
    assert codes == [0, 1]
