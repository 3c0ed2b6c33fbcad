"""Each example says in `expected.txt` what is found in it: exactly that, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from golden import EXAMPLES, ROOT


def expected(example: str) -> set[tuple[str, str, str]]:
    """The findings expected: severity (or `accepted`), rule and subject."""
    lines = (ROOT / "examples" / example / "expected.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.partition("#")[0].split(None, 2) for line in lines)
    return {(row[0], row[1], row[2].strip()) for row in rows if row}


@pytest.mark.parametrize("example", EXAMPLES)
def test_exactly_the_expected_findings_are_made(example: str) -> None:
    command = [sys.executable, "-m", "orgdiag", "check", f"examples/{example}"]
    done = subprocess.run(
        [*command, "--output-format", "json"], cwd=ROOT, capture_output=True, check=False
    )
    findings = json.loads(done.stdout)["findings"]
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
    assert done.returncode == (1 if failing else 0)
