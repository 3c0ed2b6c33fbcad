"""Chromium for the tests of the report: what a browser saw."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import tools


def drive(folder: Path, task: str, *files: Path) -> Any:
    """What the browser saw when it did a task with each of the pages, by the page's name."""
    browser = os.environ.get("CHROMIUM") or tools.program("chromium", "google-chrome")
    done = subprocess.run(
        ["node", "drive.mjs", task, *map(str, files)],
        cwd=folder, capture_output=True, check=False, timeout=280,
        env={**os.environ, "CHROMIUM": browser},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
