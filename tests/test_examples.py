"""Each example says in `expected.txt` what is found in it: exactly that, and nothing else."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from golden import EXAMPLES, ROOT
from inside import run
from reading import opened

from orgdiag.evaluate.why import why


def expected(example: str) -> set[tuple[str, str, str]]:
    """The findings expected: severity (or `accepted`), rule and subject."""
    lines = (ROOT / "examples" / example / "expected.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.partition("#")[0].split(None, 2) for line in lines)
    return {(row[0], row[1], row[2].strip()) for row in rows if row}


@pytest.mark.parametrize("example", EXAMPLES)
def test_exactly_the_expected_findings_are_made(example: str) -> None:
    done = run("check", f"examples/{example}", "--output-format", "json")
    findings = json.loads(done.out)["findings"]
    found = {
        (
            "accepted" if finding["status"] == "accepted" else finding["severity"],
            finding["rule"],
            finding["subject"]["id"],
        )
        for finding in findings
    }
    assert found == expected(example)
    failing = any(severity in ("error", "warning") for severity, _, _ in found)
    assert done.code == (1 if failing else 0)


@pytest.mark.parametrize("example", EXAMPLES)
def test_whatever_check_says_why_explains(example: str) -> None:
    models = opened(ROOT / "examples" / example, isolated=True, today=date(2025, 3, 1))
    rules, report = models.rules, models.report()
    flagged = {(f.rule, f.subject.id) for f in report.findings if rules.rules[f.rule].checks}
    open_pairs = {(entry.rule, entry.subject.id) for entry in report.not_assessed}
    for rule, subject in sorted(flagged):
        assert why(rules, rule, subject, models.facts).outcome == "flagged", (rule, subject)
    for rule, subject in sorted(open_pairs - flagged):
        said = why(rules, rule, subject, models.facts)
        assert said.outcome == "not assessed", (rule, subject)
        assert said.missing, (rule, subject)


def _rules_said(text: str, folder: Path) -> dict[str, str]:
    """What is found in a model: the severity by `rule subject`."""
    (folder / "model.orgd").write_text(text)
    done = run("check", "--output-format", "json", folder=folder)
    findings = json.loads(done.out)["findings"]
    return {f"{f['rule']} {f['subject']['id']}": f["severity"] for f in findings}


USERS = [f"t{number}" for number in range(40)]
TEAMS = "".join(f"team {user} {{ type stream-aligned; size 6; durable }}\n" for user in USERS)


@pytest.mark.parametrize(
    "access",
    ["platform; mode self-service", "complicated-subsystem; mode api", "platform; mode library"],
)
def test_forty_users_of_a_service_that_nobody_waits_for_are_no_finding(
    access: str, tmp_path: Path
) -> None:
    used = ", ".join(f"team {user}" for user in USERS)
    said = _rules_said(f"""{TEAMS}
        team base {{ type platform; size 8; durable }}
        capability thing {{ nature {access}; provided-by base; used-by {used} }}
        """, tmp_path)  # fmt: skip
    assert said == {}


def test_forty_users_at_run_time_are_asked_once_how_changes_are_made(tmp_path: Path) -> None:
    parts = "".join(
        f"component c{user} {{ layer service; owner {user}; depends-on core }}\n" for user in USERS
    )
    said = _rules_said(f"""{TEAMS}{parts}
        team base {{ type platform; size 8; durable }}
        component core {{ layer service; owner base; deploy independent }}
        """, tmp_path)  # fmt: skip
    assert said == {"access-undeclared base": "info"}


def test_two_users_of_a_queue_of_tickets_are_findings(tmp_path: Path) -> None:
    said = _rules_said(f"""{TEAMS}
        team base {{ type platform; size 8; durable }}
        capability thing {{ nature platform; mode ticket; provided-by base; used-by t1, t2 }}
        """, tmp_path)  # fmt: skip
    assert said["platform-by-ticket thing"] == "warning"
    assert "shared-service-bottleneck base" in said
