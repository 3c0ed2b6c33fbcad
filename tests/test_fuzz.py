"""Each fuzz target for a number of inputs; for a longer time by command, see docs/quality.md."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import tools

FUZZ = Path(__file__).parent.parent / "fuzz" / "fuzz.py"
# Some seconds of work each, counted in inputs.
RUNS = {
    "model": 500, "resolve": 200, "judge": 30, "rule-text": 200, "rules": 200, "config": 5000,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("target", "runs"), RUNS.items(), ids=RUNS)
def test_a_little_fuzzing_finds_nothing(target: str, runs: int, tmp_path: Path) -> None:
    tools.need(find_spec("atheris"), "atheris")
    done = subprocess.run(
        [sys.executable, str(FUZZ), target, f"-runs={runs}", "-seed=1", str(tmp_path)],
        cwd=tmp_path, timeout=600, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:].decode()
