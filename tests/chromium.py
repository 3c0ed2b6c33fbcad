"""Chromium for the tests of the report: what it needs, and what it saw."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "browser"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def ready(cache: Path) -> Path:
    """A folder with the driver and the packages it needs; skips where there is no browser."""
    if shutil.which("npm") is None or CHROMIUM is None:
        pytest.skip("needs node and Chromium")
    if (FOLDER / "node_modules").is_dir():
        return FOLDER
    for file in ("drive.mjs", "package.json", "package-lock.json"):
        shutil.copy(FOLDER / file, cache / file)
    done = subprocess.run(
        ["npm", "ci", "--silent", "--no-audit", "--no-fund"],
        cwd=cache, capture_output=True, check=False, timeout=300,
    )  # fmt: skip
    if done.returncode:
        pytest.skip("the npm registry cannot be reached")
    return cache


def drive(folder: Path, task: str, *files: Path, **environment: str) -> Any:
    """What the browser saw when it did a task with each of the pages, by the page's name."""
    done = subprocess.run(
        ["node", "drive.mjs", task, *map(str, files)],
        cwd=folder, capture_output=True, check=False, timeout=280,
        env={**os.environ, "CHROMIUM": str(CHROMIUM), **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
