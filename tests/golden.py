"""Rewrites the golden files: `python -m tests.golden`. Read the difference before you commit it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "tests/golden"
EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir() if path.is_dir())
# Every format on the worked example; on the others what people and machines read.
FORMATS = ("full", "json", "concise", "jsonl", "sarif", "github", "gitlab", "junit", "markdown")
SHORT = ("concise", "json")


def cases() -> Iterator[tuple[str, str]]:
    """Each example with each format that is kept for it."""
    for example in EXAMPLES:
        for name in FORMATS if example == "meridian" else SHORT:
            yield example, name


def rendered(example: str, name: str) -> bytes:
    """What `orgdiag check` prints about an example."""
    command = [
        sys.executable, "-m", "orgdiag", "check", f"examples/{example}", "--output-format", name,
        "--color", "never",
    ]  # fmt: skip
    environment = {k: v for k, v in os.environ.items() if k != "GITHUB_STEP_SUMMARY"}
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, check=False, timeout=300, env=environment
    )
    assert done.returncode in (0, 1), done.stderr.decode()
    return done.stdout


def path(example: str, name: str) -> Path:
    """Where the golden file of an example and format lies."""
    return FOLDER / example / f"{name}.txt"


if __name__ == "__main__":
    for example, name in cases():
        file = path(example, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(rendered(example, name))
