"""The command line as a user meets it: exit codes, options, baselines, terminal manners."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from shlex import quote
from threading import Event

import pytest
import tools
from sample import sample

from orgdiag.cli import COMMANDS, console, main
from orgdiag.finding import READER
from orgdiag.rule import load_rules

ROOT = Path(__file__).parent.parent

CLEAN = """\
org shop "Shop" { as-of 2025-03-01 }
team checkout "Checkout" { type stream-aligned; size 7; durable; on-call self }
component web { layer frontend; owner checkout; deploy independent }
"""
# Three teams that checkout waits for, as a matter of routine.
WAITING = """\
org shop "Shop" { as-of 2025-03-01 }
team checkout "Checkout" {
  type stream-aligned; size 7; durable; on-call self
  needs decision from pricing { via ticket; effect blocking; routine }
  needs approval from risk { via ticket; effect blocking; routine }
  needs environment from cloud { via ticket; effect blocking; routine }
}
team pricing { type functional }
team risk { type governance }
team cloud { type platform }
"""
FLOW = (
    CLEAN
    + """\
stream s { owner checkout; arrivals 6/month
  step build { kind development; by checkout; process 4h; lead 1d }
  step test { kind testing; by checkout; process 1h; lead unknown }
}
"""
)
RULE = "too-many-blocking-dependencies"
ONLY = ("--select", RULE)

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs orgdiag in a folder of its own; gives exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)

    def call(*args: object) -> tuple[int, str, str]:
        code = main([str(arg) for arg in args])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def model(text: str, name: str = "model.orgd") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def process(*args: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-m", "orgdiag", *args], capture_output=True, timeout=60, check=False,
        **options,
    )  # fmt: skip


# --- exit codes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "args", "code"),
    [
        (CLEAN, (), 0),
        (WAITING, ONLY, 1),
        (WAITING, (*ONLY, "--exit-zero"), 0),
        (WAITING, (*ONLY, "--severity", f"{RULE}=info"), 0),
        (WAITING, (*ONLY, "--severity", f"{RULE}=info", "--fail-level", "info"), 1),
        (WAITING, (*ONLY, "--severity", f"{RULE}=warning", "--fail-level", "error"), 0),
        (WAITING, (*ONLY, "--severity", f"{RULE}=warning", "--fail-level", "error",
                   "--max-warnings", "0"), 1),
        (WAITING, (*ONLY, "--severity", f"{RULE}=warning", "--fail-level", "error",
                   "--max-warnings", "1"), 0),
        (WAITING, (*ONLY, "--set", f"{RULE}.limit=4"), 0),
        (WAITING, ("--ignore", "ALL"), 0),
        ("team x {", (), 1),
        ("# nothing\n", (), 2),
        ("# nothing\n", ("--allow-empty",), 0),
        (CLEAN, ("no-such-file",), 2),
        (CLEAN, ("--no-such-option",), 2),
        (CLEAN, ("--fail-level", "fatal"), 2),
        (CLEAN, ("--as-of", "yesterday"), 2),
        (CLEAN, ("--output-format", "xml"), 2),
        (CLEAN, ("--output", "json"), 2),
        (CLEAN, ("--output", "json=no/such/folder/x.json"), 2),
        (CLEAN, ("--set", f"{RULE}.limit=99"), 2),
        (CLEAN, ("--set", f"{RULE}.limit=many"), 2),
        (CLEAN, ("--set", f"{RULE}.limitt=4"), 2),
        (CLEAN, ("--set", "no-such-rule.limit=4"), 2),
        (CLEAN, ("--severity", "no-such-rule=info"), 2),
        (CLEAN, ("--select", "no-such-rule"), 2),
        (CLEAN, ("--config", "missing.toml"), 2),
        (CLEAN, ("--rules", "missing"), 2),
    ],
)  # fmt: skip
def test_the_exit_code_says_how_it_went(
    run: Run, text: str, args: tuple[str, ...], code: int
) -> None:
    model(text)
    found, out, err = run("check", *args)
    assert found == code, out + err
    assert "Traceback" not in out + err
    if code == 2:
        assert out == ""
        assert err.startswith("error: ")


def test_an_interrupt_exits_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("orgdiag.config.settings", interrupted)
    assert run("check")[0] == 130


def test_a_defect_exits_70_with_one_line_and_the_traceback_only_with_debug(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RecursionError("inside")

    monkeypatch.setattr("orgdiag.config.settings", broken)
    code, out, err = run("check")
    assert (code, out, err.count("\n")) == (70, "", 1)
    assert "Traceback" in run("--debug", "check")[2]


@pytest.mark.parametrize(
    "args", [("\x1b[31m",), ("check", "--\x1b[31m"), ("check", "\x1b[31m"), ("rule", "\x1b[31m")]
)
def test_no_argument_reaches_the_terminal_as_an_escape_sequence(
    run: Run, args: tuple[str, ...]
) -> None:
    code, out, err = run(*args)
    assert code == 2
    assert "\x1b" not in out + err


def test_bare_orgdiag_prints_the_help(run: Run) -> None:
    code, out, _ = run()
    assert code == 0
    assert all(name in out for name in COMMANDS)


@pytest.mark.parametrize(
    ("args", "nearest"),
    [
        (("chekc",), "check"),
        (("check", "--selct", "x"), "--select"),
        (("check", "--select", "too-many-blocking-dependencis"), RULE),
        (("check", "--output-format", "jsn"), "json"),
        (("check", "--set", f"{RULE}.limti=3"), "limit"),
        (("rule", "too-many-blocking-dependency"), RULE),
        (("fields", "teem"), "team"),
    ],
)
def test_what_is_unknown_is_answered_with_the_nearest(
    run: Run, args: tuple[str, ...], nearest: str
) -> None:
    model(CLEAN)
    code, _, err = run(*args)
    assert code == 2
    assert re.search(rf"[Dd]id you mean .?{nearest}", err), err


# --- what is read ---------------------------------------------------------------------------------


def test_a_finding_shows_its_place_and_what_to_ask_next(run: Run) -> None:
    model(WAITING, "org/checkout.orgd")
    code, out, _ = run("check", *ONLY)
    assert code == 1
    assert f"error[{RULE}]: checkout" in out
    assert " --> org/checkout.orgd:2:6\n" in out
    assert '2 | team checkout "Checkout" {\n  |      ^^^^^^^^' in out
    assert f"= more: orgdiag why {RULE} checkout" in out


def test_a_clean_model_says_what_was_checked(run: Run) -> None:
    model(CLEAN)
    out = run("check")[1]
    assert out.startswith("0 findings; checked 1 team and 1 component in 1 file with ")
    assert ", as of 2025-03-01.\n" in out


def test_without_an_as_of_the_output_says_that_it_is_today(run: Run) -> None:
    model(CLEAN.replace("as-of 2025-03-01", ""))
    assert "(today: no as-of is given)" in run("check")[1]
    assert json.loads(run("check", "--output-format", "json")[1])["as_of_origin"] == "today"
    dated = json.loads(run("check", "--output-format", "json", "--as-of", "2024-02-29")[1])
    assert (dated["as_of"], dated["as_of_origin"]) == ("2024-02-29", "option")


def test_a_dash_reads_standard_input_under_a_name() -> None:
    done = process(
        "check", "-", "--stdin-filename", "org/x.orgd", *ONLY, input=WAITING.encode(), cwd=ROOT
    )
    assert done.returncode == 1
    assert b"--> org/x.orgd:2:6" in done.stdout


def test_files_are_left_out_by_pattern_and_counted(run: Run) -> None:
    model(CLEAN)
    model(WAITING, "draft/x.orgd")
    out = run("check", "--exclude", "draft/")[1]
    assert out.startswith("0 findings; checked 1 team and 1 component in 1 file")
    assert "left out (excluded)" in out


def test_limits_are_options_and_hitting_one_says_which(run: Run) -> None:
    model(CLEAN)
    model("team second\n", "b.orgd")
    code, out, _ = run("check", "--limit", "files=1")
    assert code == 1
    assert "the model has more than 1 files" in out
    assert "did you mean `files`?" in run("check", "--limit", "fiels=1")[2]
    assert run("check", "--limit", "files=x")[0] == 2


def test_rules_of_ones_own_need_no_python(run: Run) -> None:
    model(CLEAN)
    folder = Path("org-rules/own")
    folder.mkdir(parents=True)
    (folder / "team-without-purpose.orgr").write_text(
        '''
rule team-without-purpose {
  title    "A team does not say what it is for"
  severity warning
  kind     evidence
  check each team
  flag team when no step of team
  message  "{team} has no step"
  why      "Nobody can tell what it is for."
  fix      "Write it down."
  example flags a """team a {}"""
  example passes """team a {}
    stream s { step b { by a } }"""
}
'''
    )
    code, out, err = run("check", "--rules", "org-rules", "--select", "own")
    assert (code, err) == (1, "")
    assert "warning[team-without-purpose]: checkout has no step" in out
    assert run("rule", "team-without-purpose", "--rules", "org-rules")[0] == 0
    assert run("test", "org-rules")[1] == "2 examples of 1 rule: 0 failures\n"
    data = json.loads(run("check", "--rules", "org-rules", "--output-format", "json")[1])
    assert "team-without-purpose" in {finding["rule"] for finding in data["findings"]}


def test_a_configuration_sets_rules_and_a_wrong_one_is_told_with_its_place(run: Run) -> None:
    model(WAITING)
    config = Path("orgdiag.toml")
    config.write_text(f'select = ["{RULE}"]\n[rules.{RULE}]\nlimit = 4\n')
    assert run("check")[0] == 0
    for value, message in (('"x"', "a number is wanted"), ("99", "at most 20 is wanted")):
        config.write_text(f"[rules.{RULE}]\n  limit = {value}\n")
        code, _, err = run("check")
        assert code == 2
        assert "--> orgdiag.toml:2:3" in err
        assert message in err
    config.write_text(f"[rules.{RULE}]\nlimti = 4\n")
    assert "did you mean `limit`?" in run("check")[2]
    config.write_text("[rules.too-many-blocking-dependencis]\nlimit = 4\nseverity = 'info'\n")
    code, _, err = run("check")
    assert (code, err.count("error: ")) == (2, 1)
    assert "--> orgdiag.toml:1:2" in err
    assert f"did you mean `{RULE}`?" in err
    config.write_text("[rules.too-many-blocking-dependencis]\n")
    assert run("check")[0] == 2


def test_a_gate_that_does_not_hold_is_a_finding_and_an_unknown_number_is_not_assessed(
    run: Run,
) -> None:
    model(FLOW)
    config = Path("orgdiag.toml")
    only = ("--select", "gate-broken")
    config.write_text('[gates]\n"stream.s.process-time" = "<= 5h"\n')
    assert run("check", *only)[0] == 0
    config.write_text('[gates]\n"stream.s.process-time" = "< 5h"\n')
    code, out, _ = run("check", *only)
    assert code == 1
    assert "error[gate-broken]: process-time of s is 5h; the gate wants < 5h" in out
    assert "--> orgdiag.toml:2:1" in out
    config.write_text('[gates]\n"stream.s.lead-time" = "<= 20d"\n')
    code, out, _ = run("check", *only)
    assert code == 0
    assert "1 check could not be made; the input that would settle most: lead of step s.test" in out


@pytest.mark.parametrize(
    ("gate", "message"),
    [
        ('"streem.s.lead-time" = "<= 1d"', "did you mean `stream`?"),
        ('"stream.x.lead-time" = "<= 1d"', "no stream `x`"),
        ('"stream.s.led-time" = "<= 1d"', "did you mean `lead-time`?"),
        ('"stream.s.lead-time" = "<= 15%"', "lead-time is a duration, `15%` is a share"),
        ('"stream.s.lead-time" = "short"', "`short` is no condition"),
    ],
)
def test_a_gate_that_makes_no_sense_is_an_error_with_its_place(
    run: Run, gate: str, message: str
) -> None:
    model(FLOW)
    Path("orgdiag.toml").write_text(f"[gates]\n{gate}\n")
    code, _, err = run("check")
    assert code == 2
    assert "--> orgdiag.toml:2:1" in err
    assert message in err


def test_a_severity_that_is_set_is_final(run: Run) -> None:
    """The team ends so soon that the rule would escalate to error."""
    model(CLEAN.replace("size 7; durable", "size 7; until 2025-03-10"))
    only = ("--select", "disbanding-owner")
    assert "error[disbanding-owner]" in run("check", *only)[1]
    assert "info[disbanding-owner]" in run("check", *only, "--severity", "disbanding-owner=info")[1]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("acceptance-invalid", "team a { accept too-many until 2025-01-01 because 'x' }\n"),
        ("gate-broken", FLOW),
    ],
)
def test_gates_and_acceptances_are_chosen_and_set_as_others_are(
    run: Run, rule: str, text: str
) -> None:
    model(text.replace("'", '"'))
    Path("orgdiag.toml").write_text('[gates]\n"stream.s.process-time" = "< 5h"\n' * (text == FLOW))
    assert f"error[{rule}]" in run("check", "--severity", f"{rule}=error")[1]
    assert f"info[{rule}]" in run("check", "--severity", f"{rule}=info")[1]
    assert rule not in run("check", "--ignore", rule)[1]


# Each rule of the reader, with what breaks it.
UNREADABLE = {
    "syntax-error": b"team a {\n",
    "unknown-word": b"team a { typ platform }\n",
    "invalid-value": b"team a { size many }\n",
    "unresolved-reference": b"component c { owner nobody-such }\nteam a\n",
    "duplicate-definition": b"team a { size 8 }\nteam a { size 9 }\n",
    "unreadable-text": b'team a "\xff" { size 8 }\n',
    "invalid-include": b'include "gone.orgd"\nteam a\n',
    "too-large": b"team " + b"a" * 200 + b"\n",
}
# Ways to leave rules out, on the command line and in the configuration.
LEAVING_OUT = (
    (("--select", "flow"), ""),
    (("--ignore", "ALL"), ""),
    (("--ignore", "model", "--extend-select", "flow"), ""),
    (("--ignore", "{rule}"), ""),
    (("--severity", "{rule}=info"), ""),
    ((), 'select = ["flow"]'),
    ((), 'ignore = ["{rule}", "model/*"]'),
    ((), '[rules.{rule}]\nseverity = "info"'),
)


@pytest.mark.parametrize(("args", "settings"), LEAVING_OUT)
@pytest.mark.parametrize("rule", UNREADABLE)
def test_errors_of_the_reader_count_whatever_is_selected_or_set_and_say_why(
    run: Run, rule: str, args: tuple[str, ...], settings: str
) -> None:
    Path("model.orgd").write_bytes(UNREADABLE[rule])
    Path("orgdiag.toml").write_text(settings.replace("{rule}", rule))
    wishes = [arg.replace("{rule}", rule) for arg in args]
    code, out, _ = run("check", *wishes, "--output-format", "concise")
    assert code == 1
    assert f"error[{rule}]" in out
    assert f"Errors of the reader count whatever is selected or set ({rule})" in out
    for form in ("sarif", "github", "gitlab", "junit", "markdown", "html", "json", "jsonl"):
        code, out, _ = run("check", *wishes, "--output-format", form)
        assert (code, rule in out) == (1, True)


@pytest.mark.parametrize("rule", UNREADABLE)
def test_nothing_is_said_of_a_setting_that_no_error_of_the_reader_contradicts(
    run: Run, rule: str
) -> None:
    Path("model.orgd").write_bytes(UNREADABLE[rule])
    said = "whatever is selected"
    assert said not in run("check")[1]
    assert said not in run("check", "--severity", f"{rule}=error")[1]
    model(CLEAN)
    assert said not in run("check", "--severity", f"{rule}=info", "--ignore", "model")[1]


def test_the_rules_without_a_condition_are_those_of_the_reader_of_gates_and_of_acceptances() -> (
    None
):
    conditionless = {rule.name for rule in load_rules((), ROOT) if not rule.checks}
    assert conditionless == READER | {"gate-broken", "acceptance-invalid"} == {
        *UNREADABLE, "gate-broken", "acceptance-invalid"
    }  # fmt: skip


def test_a_trusted_configuration_judges_instead_of_the_one_in_the_project(run: Run) -> None:
    model(accepted("2025-03-01"))
    Path("orgdiag.toml").write_text('ignore = ["ALL"]\n')
    Path("trusted.toml").write_text(f'select = ["{RULE}"]\n')
    assert run("check")[0] == 0
    assert run("check", "--config", "trusted.toml", "--no-accept", "--no-baseline")[0] == 1
    assert run("check", "--isolated", *ONLY, "--no-accept")[0] == 1


def test_the_baseline_may_lie_elsewhere(run: Run) -> None:
    model(WAITING)
    code, _, err = run("check", *ONLY, "--baseline", "b.json")
    assert (code, "there is no baseline b.json" in err) == (2, True)
    assert run("check", *ONLY, "--baseline", "b.json", "--write-baseline")[0] == 0
    assert run("check", *ONLY, "--write-baseline", "--prune-baseline")[0] == 2
    assert run("check", *ONLY, "--baseline", "b.json")[0] == 0
    assert run("check", *ONLY)[0] == 1


def test_show_settings_says_who_set_what(run: Run) -> None:
    model(CLEAN)
    Path("orgdiag.toml").write_text('fail-level = "error"\nexclude = "old/"\n')
    code, out, _ = run(
        "check", "--show-settings", "--ignore", "model", "--exclude", "new/", "--limit", "files=9",
        "--no-accept", "--no-baseline",
    )  # fmt: skip
    assert code == 0
    assert "fail-level = error    (orgdiag.toml:1:1)" in out
    assert "ignore = model    (--ignore)" in out
    assert "select = ALL    (default)" in out
    assert "exclude = old/    (orgdiag.toml:2:1)\nexclude = new/    (--exclude)" in out
    assert "limit.files = 9    (--limit)" in out
    assert "accept counts = no    (--no-accept)" in out
    assert "baseline counts = no    (--no-baseline)" in out
    assert run("check", "--show-settings", "--ignore", "modell")[0] == 2
    assert run("check", "--show-settings", "--set", f"{RULE}.limit=99")[0] == 2


# --- accepting and baselines ----------------------------------------------------------------------


def accepted(until: str, rule: str = RULE) -> str:
    line = f'  accept {rule} until {until} because "split planned"\n'
    return WAITING.replace("  needs decision", line + "  needs decision", 1)


def test_an_accepted_finding_stays_visible_and_fails_no_run(run: Run) -> None:
    model(accepted("2025-03-01"))
    code, out, _ = run("check", *ONLY)
    assert code == 0
    assert "0 findings (1 accepted)" in out
    (finding,) = json.loads(run("check", *ONLY, "--output-format", "json")[1])["findings"]
    assert finding["status"] == "accepted"
    assert finding["accepted"] == {"until": "2025-03-01", "reason": "split planned"}
    assert run("check", *ONLY, "--no-accept")[0] == 1


def test_past_its_date_the_finding_is_back_and_says_so(run: Run) -> None:
    model(accepted("2025-02-28"))
    code, out, _ = run("check", *ONLY, "--extend-select", "acceptance-invalid")
    assert code == 1
    assert f"error[{RULE}]" in out
    assert "because it was accepted only until 2025-02-28: split planned" in out
    assert f"the acceptance of {RULE} for checkout ended on 2025-02-28" in out


def test_an_accept_of_nothing_or_of_no_rule_is_told(run: Run) -> None:
    model(accepted("2025-03-01").replace("via ticket", "via self-service"))
    out = run("check", *ONLY, "--extend-select", "acceptance-invalid")[1]
    assert f"info[acceptance-invalid]: nothing to accept: {RULE} does not find checkout" in out
    model(accepted("2025-03-01", "too-many-blocking-dependencis"))
    out = run("check", "--select", "acceptance-invalid")[1]
    assert "error[acceptance-invalid]: no rule is called `too-many-blocking-dependencis`" in out
    assert f"did you mean `{RULE}`?" in out


def test_the_members_of_a_cycle_are_accepted_in_any_order(run: Run) -> None:
    text = """\
org shop "Shop" { as-of 2025-03-01 }
team a { needs approval from b { effect blocking; routine } }
team b { needs approval from a { effect blocking; routine } }
accept blocking-cycle for b with a until 2025-04-01 because "known"
"""
    model(text)
    code, out, _ = run("check", "--select", "blocking-cycle,acceptance-invalid")
    assert code == 0
    assert "0 findings (1 accepted)" in out


def test_a_baseline_survives_moving_and_fails_only_on_what_is_new(run: Run) -> None:
    path = model(WAITING)
    assert run("check", "--write-baseline")[0] == 0
    assert run("check")[0] == 0
    path.unlink()
    head, *teams = WAITING.split("\nteam ")
    for number, team in enumerate(reversed(teams)):
        model(f"# moved\n\n\nteam {team}\n", f"moved/{number}.orgd")
    model(head, "moved/org.orgd")
    code, out, _ = run("check")
    assert code == 0, out
    assert "baselined)" in out
    model('team new { accept x until 2025-01-01 because "" }\nteam risk {}\n', "moved/9.orgd")
    code, out, _ = run("check")
    assert code == 1
    assert "baseline" in out
    assert run("check", "--no-baseline", *ONLY)[0] == 1


def test_the_worked_example_keeps_its_baseline_when_every_block_moves(run: Run) -> None:
    text = (ROOT / "examples/meridian/meridian.orgd").read_text()
    path = model(text, "one.orgd")
    assert run("check", "--write-baseline")[0] == 0
    path.unlink()
    blocks = re.split(r"\n(?=[a-z]+ )", text)
    assert len(blocks) > 30
    for number, block in enumerate(reversed(blocks)):
        model(f"# {number}\n{block}\n", f"parts/p{number}.orgd")
    code, out, _ = run("check")
    assert code == 0, out
    assert out.startswith("0 findings (1 accepted, ")
    bad = "needs decision from arb { via meeting; effect blocking; routine }"
    model(f"extend team fraud-science {{ {bad} }}\n", "parts/new.orgd")
    data = json.loads(run("check", "--output-format", "json")[1])
    new = [f for f in data["findings"] if f["status"] == "new"]
    assert new
    assert {f["subject"]["id"] for f in new} <= {"fraud-science", "arb", "arb with fraud-science"}
    superseded = [other["rule"] for finding in new for other in finding["superseded"]]
    assert "costly-dependency" in superseded
    assert data["stale_baseline"] == []


def test_entries_that_no_longer_occur_are_told_and_pruned(run: Run) -> None:
    model(WAITING)
    run("check", *ONLY, "--write-baseline")
    assert len(json.loads(Path("orgdiag.baseline.json").read_text())["findings"]) == 1
    model(CLEAN)
    code, out, _ = run("check", *ONLY)
    assert code == 0
    assert "1 finding of the baseline no longer occur" in out
    run("check", *ONLY, "--prune-baseline")
    assert json.loads(Path("orgdiag.baseline.json").read_text())["findings"] == []


def test_a_run_of_some_rules_says_nothing_about_the_baseline_of_the_others(run: Run) -> None:
    def kept() -> set[str]:
        text = Path("orgdiag.baseline.json").read_text()
        return {entry["rule"] for entry in json.loads(text)["findings"]}

    model(WAITING)
    run("check", "--write-baseline")
    whole = kept()
    assert RULE in whole
    assert len(whole) > 1
    assert "no longer occur" not in run("check", "--select", "flow")[1]
    run("check", "--select", "flow", "--prune-baseline")
    assert kept() == whole
    run("check", "--select", "flow", "--write-baseline")
    assert kept() == whole
    model(WAITING.replace("effect blocking; ", "", 1))  # it can no longer be assessed
    run("check", "--prune-baseline")
    assert RULE in kept()
    run("check", "--select", "flow", "--no-baseline", "--write-baseline")
    assert kept() == set()


def test_a_baseline_holds_no_line_and_no_message(run: Run) -> None:
    model(WAITING)
    run("check", *ONLY, "--write-baseline")
    (entry,) = json.loads(Path("orgdiag.baseline.json").read_text())["findings"]
    assert set(entry) == {"rule", "subject", "fingerprint", "severity", "number"}


def test_under_ci_no_baseline_is_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    model(WAITING)
    code, _, err = run("check", *ONLY, "--write-baseline")
    assert code == 1
    assert "not written" in err
    assert not Path("orgdiag.baseline.json").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 2}', '{"schema": 1, "findings": [1]}'])
def test_a_broken_baseline_is_an_error(run: Run, text: str) -> None:
    model(CLEAN)
    Path("orgdiag.baseline.json").write_text(text)
    code, _, err = run("check")
    assert code == 2
    assert "is no baseline of orgdiag" in err


# --- output ---------------------------------------------------------------------------------------


def test_several_files_come_out_of_one_run(run: Run) -> None:
    model(WAITING)
    run("check", *ONLY, "--output", "json=a.json", "--output", "sarif=b.sarif")
    assert json.loads(Path("a.json").read_text())["summary"]["error"] == 1
    assert json.loads(Path("b.sarif").read_text())["version"] == "2.1.0"
    assert sorted(path.name for path in Path().iterdir()) == ["a.json", "b.sarif", "model.orgd"]


def test_a_failed_run_leaves_the_old_file_whole(run: Run) -> None:
    model("# nothing\n")
    Path("a.json").write_text("old")
    assert run("check", "--output", "json=a.json")[0] == 2
    assert Path("a.json").read_text() == "old"


def test_the_summary_of_a_github_job_is_appended(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model(WAITING)
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    run("check", *ONLY, "--output-format", "github")
    assert summary.read_text().startswith("before\n## orgdiag – Shop\n")


def test_statistics_count_by_rule(run: Run) -> None:
    model(WAITING)
    assert f"     1  {RULE}\n" in run("check", *ONLY, "--statistics")[1]


def test_timings_go_to_standard_error(run: Run) -> None:
    model(CLEAN)
    err = run("check", "--timings")[2]
    assert re.search(r"^ +[0-9.]+ ms  rules$", err, re.MULTILINE)
    assert re.search(rf"^ +[0-9.]+ ms  {RULE}$", err, re.MULTILINE)


def test_what_could_not_be_assessed_is_listed_when_asked(run: Run) -> None:
    model(WAITING.replace("effect blocking; ", "", 1))
    code, out, _ = run("check", *ONLY)
    assert code == 0
    assert "1 check could not be made; the input that would settle most: effect of need" in out
    assert f"{RULE} team checkout: could not be checked" in run(
        "check", *ONLY, "--show", "not-assessed"
    )[1]  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "args", "coloured"),
    [
        ({}, (), False),
        ({"FORCE_COLOR": "1"}, (), True),
        ({"FORCE_COLOR": "0"}, (), False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, (), False),
        ({"NO_COLOR": "1"}, ("--color", "always"), True),
        ({"FORCE_COLOR": "1"}, ("--color", "never"), False),
    ],
)
def test_colour_follows_the_option_then_the_environment(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    args: tuple[str, ...],
    coloured: bool,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    model(WAITING)
    assert ("\x1b[" in run("check", *ONLY, *args)[1]) is coloured


def test_a_terminal_gets_colour_and_no_line_wider_than_it_is(tmp_path: Path) -> None:
    (tmp_path / "x.orgd").write_text(
        WAITING.replace("{ type gov", f'{{ note "{"x " * 90}"; type gov')
    )
    primary, secondary = pty.openpty()
    fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 60, 0, 0))
    os.set_blocking(primary, False)
    done = subprocess.run(
        [sys.executable, "-m", "orgdiag", "check", *ONLY], cwd=tmp_path, stdout=secondary,
        env={**os.environ, "TERM": "xterm", "NO_COLOR": ""}, timeout=60, check=False,
    )  # fmt: skip
    os.close(secondary)
    text = os.read(primary, 1 << 16).decode()
    os.close(primary)
    assert done.returncode == 1
    assert "\x1b[1;31merror" in text
    bare = re.sub(r"\x1b\[[0-9;]*m", "", text)
    sources = re.findall(r"^ *[0-9]+ \|.*$", bare, re.MULTILINE)
    assert sources
    assert max(len(line.rstrip()) for line in sources) <= 60


class Terminal(StringIO):
    """A terminal that lets others wait until something is printed."""

    def __init__(self) -> None:
        super().__init__()
        self.printed = Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        written = super().write(text)
        self.printed.set()
        return written


def test_what_takes_long_is_told_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(console, "_PATIENCE", 0)
    with console.working("checking"):
        assert terminal.printed.wait(timeout=60)
    assert terminal.getvalue() == "checking …\r\x1b[2K"


def test_what_is_done_soon_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(console, "_PATIENCE", 3600)
    with console.working("checking"):
        pass
    assert terminal.getvalue() == ""


def test_where_no_terminal_reads_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", StringIO())
    monkeypatch.setattr(console, "Timer", None)
    with console.working("checking"):
        pass


def test_a_closed_pipe_ends_quietly() -> None:
    command = f"{quote(sys.executable)} -m orgdiag rule | head -c 1"
    done = subprocess.run(  # noqa: S602
        command, shell=True, capture_output=True, cwd=ROOT, timeout=60, check=False
    )
    assert done.stderr == b""


@pytest.mark.parametrize("locale", sample(["C", "tr_TR.UTF-8", "POSIX"], 3))
def test_any_locale_prints_the_same_bytes_escaped_where_it_must(
    tmp_path: Path, locale: str
) -> None:
    (tmp_path / "x.orgd").write_text(WAITING.replace("Checkout", "Käße"), encoding="utf-8")
    done = process(
        "check", *ONLY, cwd=tmp_path,
        env={**os.environ, **tools.locale(locale, tmp_path), "PYTHONIOENCODING": "ascii",
             "PYTHONUTF8": "0"},
    )  # fmt: skip
    assert done.returncode == 1
    assert b"K\\xe4\\xdfe" in done.stdout


def test_what_programs_read_is_utf8_whatever_the_terminal_is(tmp_path: Path) -> None:
    (tmp_path / "x.orgd").write_text(WAITING.replace("Checkout", "Käße 支払"), encoding="utf-8")
    done = process(
        "graph", "--format", "json", cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"},
    )  # fmt: skip
    labels = [node["label"] for node in json.loads(done.stdout.decode())["nodes"]]
    assert "Käße 支払" in labels


# --- other commands -------------------------------------------------------------------------------


def test_why_explains_a_finding_its_absence_and_what_is_missing(run: Run) -> None:
    model(WAITING)
    code, out, _ = run("why", RULE, "checkout")
    assert code == 0
    assert f"{RULE} · team checkout: flagged" in out
    assert "checkout needs approval from risk  model.orgd:5:9" in out
    assert "limit = 3 (default, article)" in out
    assert f"{RULE} · team pricing: not flagged" in run("why", RULE, "team:pricing")[1]
    assert f"{RULE} · team risk: not checked" in run("why", RULE, "risk")[1]
    model(WAITING.replace("effect blocking; ", "", 1))
    out = run("why", RULE, "checkout")[1]
    assert "not assessed" in out
    assert "effect of need" in out


@pytest.mark.parametrize(
    "args",
    [("no-such-rule", "checkout"), (RULE, "chekcout"), (RULE, "stream:checkout"), (RULE,)],
)
def test_why_of_what_is_not_there_is_an_error(run: Run, args: tuple[str, ...]) -> None:
    model(WAITING)
    assert run("why", *args)[0] == 2


@pytest.mark.parametrize("command", ["diagnose", "graph", "metrics", "report"])
def test_what_comes_of_a_broken_model_is_not_silently_partial(run: Run, command: str) -> None:
    model(FLOW + "team qa { typ platform }\n")
    code, _, err = run(command)
    assert (code, err) == (0, "note: 1 error in the model: see `orgdiag check`\n")
    model(FLOW)
    assert run(command)[2] == ""


def test_metrics_come_as_json_with_units_and_gaps(run: Run) -> None:
    model(FLOW)
    data = json.loads(run("metrics", "--output-format", "json")[1])
    stream = data["streams"]["s"]
    assert stream["process-time"] == {"value": 5, "unit": "h"}
    assert stream["lead-time"]["low"] >= 8
    assert stream["lead-time"]["high"] is None
    assert stream["lead-time"]["missing"][0]["property"] == "lead"
    assert stream["steps"]["s.build"]["wait"] == {"value": 4, "unit": "h"}
    assert stream["critical_path"] == ["s.build", "s.test"]
    assert data["dependencies"] == []
    assert "process-time                 5h" in run("metrics")[1]


def test_graph_writes_every_language(run: Run) -> None:
    import networkx as nx

    model(WAITING)
    assert run("graph")[1].startswith("flowchart LR\n")
    assert run("graph", "--format", "dot")[1].startswith("digraph {")
    data = json.loads(run("graph", "--format", "json")[1])
    assert {(edge["source"], edge["target"]) for edge in data["edges"]} == {
        ("checkout", "pricing"), ("checkout", "risk"), ("checkout", "cloud")
    }  # fmt: skip
    read = nx.parse_graphml(run("graph", "--format", "graphml")[1])
    assert set(read.nodes) == {"checkout", "pricing", "risk", "cloud"}
    assert run("graph", "--of", "stream:none")[0] == 2


def test_a_graph_too_large_to_read_is_drawn_only_when_asked(run: Run) -> None:
    model("".join(f"team t{number}\n" for number in range(61)))
    code, _, err = run("graph")
    assert code == 2
    assert "61 boxes are too many" in err
    assert run("graph", "--all")[0] == 0
    assert run("graph", "--format", "json")[0] == 0


def test_diff_tells_what_was_fixed_and_what_moved(run: Run) -> None:
    model(WAITING, "old/x.orgd")
    model(WAITING.replace("effect blocking", "effect ok", 1), "new/x.orgd")
    code, out, _ = run("diff", "old", "new")
    assert code == 0
    assert "1 finding fixed (1 error)" in out.splitlines()[0] or "fixed" in out.splitlines()[0]
    assert f"error {RULE}: checkout" in out
    assert "checkout → pricing" in out
    data = json.loads(run("diff", "old", "new", "--format", "json")[1])
    assert data["dependencies"] == {"added": [], "removed": ["checkout → pricing"]}
    assert run("diff", "old", "old")[1] == "no difference\n"
    assert run("diff", "old")[0] == 2


def test_diff_tells_the_story_of_a_redesign_in_one_screen() -> None:
    done = process("diff", "examples/article", "examples/article-redesigned", cwd=ROOT)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.decode().splitlines()
    assert max(map(len, lines)) <= 110
    assert len(lines) <= 64
    story = " ".join(lines)
    assert "orders: lead-time 46.5d → 4d 4h (better)" in story
    assert "orders: product at idea → ordering at build" in story
    assert "error too-many-blocking-dependencies: front-end" in story
    assert "stream returns: nobody → returns" in story
    assert "Handoffs removed orders: " in re.sub(" +", " ", story)


def test_diff_does_not_call_fixed_what_can_no_longer_be_told(run: Run) -> None:
    model(WAITING, "old/x.orgd")
    model(WAITING.replace("effect blocking; ", "", 1), "new/x.orgd")
    out = run("diff", "old", "new")[1]
    assert out.startswith("0 findings fixed, ")
    assert f"No longer known\n  error {RULE}: checkout\n" in out
    data = json.loads(run("diff", "old", "new", "--format", "json")[1])
    assert RULE in [finding["rule"] for finding in data["findings"]["unsettled"]]
    assert data["handoffs"] == {"added": [], "removed": []}


def test_diff_reads_an_earlier_revision_out_of_git(run: Run) -> None:
    def git(*args: str) -> None:
        subprocess.run(
            [tools.program("git"), "-c", "user.name=x", "-c", "user.email=x@example.org", *args],
            check=True, capture_output=True,
        )  # fmt: skip

    model(WAITING, "org/x.orgd")
    git("init", "-q")
    git("add", "org")
    git("commit", "-q", "-m", "first")
    model(WAITING.replace("effect blocking", "effect ok", 1), "org/x.orgd")
    assert f"error {RULE}: checkout" in run("diff", "org", "--rev", "HEAD")[1]
    code, _, err = run("diff", "org", "--rev", "no-such")
    assert code == 2
    assert "git knows no revision `no-such`" in err


def test_what_commands_print_they_also_write(run: Run) -> None:
    model(FLOW)
    for command in ("metrics", "graph", "diagnose", "diff", "report"):
        paths = (".", ".") if command == "diff" else ()
        if command == "report":
            paths = ("--format", "markdown")
        printed = run(command, *paths)[1]
        assert printed
        assert run(command, *paths, "-o", "out.txt")[:2] == (0, "")
        assert Path("out.txt").read_text() == printed


def test_diagnose_tells_where_work_waits_and_what_nothing_explains(run: Run) -> None:
    model(FLOW)
    out = run("diagnose")[1]
    assert "s (s)\n  lead time at least" in out
    assert "Where to start" in out


def test_the_schema_of_the_configuration_is_printed(run: Run) -> None:
    assert json.loads(run("config", "--schema")[1])["title"] == "ConfigFile"
    assert run("config")[0] == 2


def test_fields_list_the_words_of_a_kind_with_type_and_meaning(run: Run) -> None:
    out = run("fields", "stream")[1]
    assert re.search(r"^  flow-efficiency +share in % +\S", out, re.MULTILINE)
    assert "\nteam\n" in run("fields")[1]


def test_fields_list_what_rules_define(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.orgr").write_text('define team is lonely "whether it knows nobody" when\n'
                                       "  team.regular-partners is empty\n")  # fmt: skip
    assert re.search(r"^  regular-partners +set of team +The ", run("fields")[1], re.MULTILINE)
    out = run("fields", "team", "--rules", str(tmp_path))[1]
    assert re.search(r"^  is lonely +yes/no +Whether it knows nobody$", out, re.MULTILINE)


def test_init_starts_a_model_that_is_clean_and_overwrites_nothing(run: Run) -> None:
    assert run("init", "new")[0] == 0
    code, out, _ = run("check", "new")
    assert code == 0, out
    config = Path("new/orgdiag.toml")
    config.write_text("# mine\n")
    assert "kept   new/orgdiag.toml" in run("init", "new")[1]
    assert config.read_text() == "# mine\n"


def test_rule_explains_parameters_and_where_they_come_from(run: Run) -> None:
    out = run("rule", RULE)[1]
    assert "limit = 3 (from 1 to 20)" in out
    assert "Basis of the default: article." in " ".join(out.split())
    assert "What to do" in out
    assert "Example that is flagged: " in out
    conventions = run("rule", "--conventions")[1].splitlines()
    assert conventions
    assert all(" = " in line for line in conventions)


def test_a_wrong_rule_text_gives_every_error_and_exits_2(run: Run) -> None:
    model(CLEAN)
    folder = Path("r/own")
    folder.mkdir(parents=True)
    (folder / "bad.orgr").write_text('''
rule bad {
  title "Bad"
  severity warning
  kind evidence
  check each team
  flag team when team.sise > 3 and team.size > 5d
  message "{team.naem}"
  why "x"
  fix "y"
  example passes """team a {}"""
}
''')
    code, out, err = run("check", "--rules", "r")
    assert (code, out) == (2, "")
    assert err.count("error: ") >= 3
    assert "r/own/bad.orgr:7:" in err


def test_a_shell_gets_its_completions() -> None:
    for shell in ("bash", "zsh", "fish"):
        done = process(env={**os.environ, "_ORGDIAG_COMPLETE": f"{shell}_source"})
        assert b"_ORGDIAG_COMPLETE" in done.stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("orgdiag che", "check"),
        ("orgdiag check --stat", "--statistics"),
        ("orgdiag check --output-format sa", "sarif"),
        ("orgdiag check --fail-level w", "warning"),
        ("orgdiag check --ignore too-many-b", RULE),
        ("orgdiag rule too-many-b", RULE),
        ("orgdiag why too-many-b", RULE),
    ],
)
def test_a_shell_completes_commands_options_words_and_rules(words: str, offered: str) -> None:
    environment = {
        **os.environ,
        "_ORGDIAG_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    assert process(env=environment).stdout.decode().split() == [f"plain,{offered}"]
