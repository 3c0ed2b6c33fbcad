"""The same input gives the same bytes: whatever the hash seed, order, locale, zone or folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ARTICLE = ROOT / "examples/article"
FORMATS = ("full", "json", "jsonl", "sarif", "gitlab", "junit", "markdown", "html", "github")

WORLDS: dict[str, dict[str, str]] = {
    "another hash seed": {"PYTHONHASHSEED": "1"},
    "a third hash seed": {"PYTHONHASHSEED": "4242"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "1"},
    "Turkish": {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    "German": {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"},
    "Auckland": {"TZ": "Pacific/Auckland"},
    "Honolulu": {"TZ": "Pacific/Honolulu"},
    "no home": {"HOME": "/nonexistent", "XDG_CACHE_HOME": ""},
    "optimised": {"PYTHONOPTIMIZE": "2"},
}


def project(folder: Path, names: list[str]) -> Path:
    """A copy of the article's example, its files created in the order given."""
    folder.mkdir()
    (folder / "orgdiag.toml").write_text('as-of = 2025-03-01\nbaseline = "known.json"\n')
    for name in names:
        shutil.copy(ARTICLE / name, folder / name)
    return folder


def written(
    folder: Path, paths: list[str], cwd: Path | None = None, **environment: str
) -> dict[str, bytes]:
    """What each format says, as bytes, of one run in a world."""
    here = cwd or folder
    outputs = [f"--output={name}={folder / 'out' / name}" for name in FORMATS]
    (folder / "out").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "orgdiag", "check", *paths, *outputs, "--show", "not-assessed"],
        cwd=here, capture_output=True, timeout=120, check=False,
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    found = {name: (folder / "out" / name).read_bytes() for name in FORMATS}
    shutil.rmtree(folder / "out")
    return {**found, "stdout": done.stdout}


NAMES = sorted(path.name for path in ARTICLE.glob("*.orgd"))


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return written(project(tmp_path_factory.mktemp("one") / "p", NAMES), NAMES)


@pytest.mark.parametrize("world", WORLDS, ids=str)
def test_the_world_around_a_run_changes_no_byte(
    world: str, tmp_path: Path, expected: dict[str, bytes]
) -> None:
    assert written(project(tmp_path / "p", NAMES), NAMES, **WORLDS[world]) == expected


def test_the_order_of_files_and_arguments_changes_no_byte(
    tmp_path: Path, expected: dict[str, bytes]
) -> None:
    folder = project(tmp_path / "p", NAMES[::-1])
    assert written(folder, NAMES[::-1]) == expected
    assert written(folder, []) == expected


def test_the_working_folder_changes_no_byte(tmp_path: Path, expected: dict[str, bytes]) -> None:
    folder = project(tmp_path / "q", NAMES)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert written(folder, [str(folder)], cwd=elsewhere) == expected


def test_no_output_holds_a_time_or_the_name_of_the_folder(expected: dict[str, bytes]) -> None:
    from datetime import UTC, datetime

    today = datetime.now(UTC).strftime("%Y-%m-%d").encode()
    for name, data in expected.items():
        assert today not in data, name
        assert b"/tmp/" not in data, name
