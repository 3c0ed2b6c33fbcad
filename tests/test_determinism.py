"""The same input gives the same bytes: whatever the hash seed, order, locale, zone or folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tools
from sample import sample

from orgdiag.cli import COMMANDS
from orgdiag.docstring import docstring

ROOT = Path(__file__).parent.parent
ARTICLE = ROOT / "examples/article"
FORMATS = ("full", "json", "jsonl", "sarif", "gitlab", "junit", "markdown", "html", "github")

WORLDS: dict[str, dict[str, str]] = {
    "another hash seed": {"PYTHONHASHSEED": "1"},
    "a third hash seed": {"PYTHONHASHSEED": "4242"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "1"},
    "Auckland": {"TZ": "Pacific/Auckland"},
    "Honolulu": {"TZ": "Pacific/Honolulu"},
    "no home": {"HOME": "", "XDG_CACHE_HOME": "", "LOCALAPPDATA": ""},
    "a home that cannot be": {"HOME": os.devnull, "XDG_CACHE_HOME": "", "LOCALAPPDATA": ""},
    "optimised": {"PYTHONOPTIMIZE": "2"},
}


def project(folder: Path, names: list[str]) -> Path:
    """A copy of the article's example, its files created in the order given."""
    folder.mkdir()
    (folder / "orgdiag.toml").write_text('as-of = 2025-03-01\nbaseline = "known.json"\n')
    for name in names:
        shutil.copy(ARTICLE / name, folder / name)
    return folder


def start(cwd: Path, *args: str, **environment: str) -> subprocess.Popen[bytes]:
    """A run of `check` in a world."""
    return subprocess.Popen(
        [sys.executable, "-m", "orgdiag", "check", *args, "--show", "not-assessed"], cwd=cwd,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip


def said(process: subprocess.Popen[bytes]) -> bytes:
    """What a run prints."""
    out, err = process.communicate(timeout=300)
    assert (process.returncode, err) == (1, b""), err.decode()
    return out


def written(
    folder: Path, paths: list[str], cwd: Path | None = None, **environment: str
) -> dict[str, bytes]:
    """What each format says, as bytes, of one run in a world."""
    outputs = [f"--output={name}={folder / 'out' / name}" for name in FORMATS]
    (folder / "out").mkdir(exist_ok=True)
    stdout = said(start(cwd or folder, *paths, *outputs, **environment))
    found = {name: (folder / "out" / name).read_bytes() for name in FORMATS}
    shutil.rmtree(folder / "out")
    return {**found, "stdout": stdout}


NAMES = sorted(path.name for path in ARTICLE.glob("*.orgd"))


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return written(project(tmp_path_factory.mktemp("one") / "p", NAMES), NAMES)


@pytest.mark.parametrize("world", sample(WORLDS, 7))
def test_the_world_around_a_run_changes_no_byte(
    world: str, tmp_path: Path, expected: dict[str, bytes]
) -> None:
    assert written(project(tmp_path / "p", NAMES), NAMES, **WORLDS[world]) == expected


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["tr_TR.UTF-8", "de_DE.UTF-8"])
def test_the_locale_changes_no_byte(
    locale: str, tmp_path: Path, expected: dict[str, bytes]
) -> None:
    environment = tools.locale(locale, tmp_path)
    assert written(project(tmp_path / "p", NAMES), NAMES, **environment) == expected


def test_the_order_of_files_and_arguments_changes_no_byte(
    tmp_path: Path, expected: dict[str, bytes]
) -> None:
    folder = project(tmp_path / "p", NAMES[::-1])
    assert written(folder, NAMES[::-1]) == expected
    assert written(folder, []) == expected


@pytest.mark.slow
def test_the_working_folder_changes_no_byte(tmp_path: Path, expected: dict[str, bytes]) -> None:
    folder = project(tmp_path / "q", NAMES)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert written(folder, [str(folder)], cwd=elsewhere) == expected


@pytest.mark.slow
def test_rules_that_were_kept_by_runs_at_once_change_no_byte(tmp_path: Path) -> None:
    """Own rules are checked anew without a home, kept by whoever is first, and then read back."""
    folder, cache = project(tmp_path / "p", NAMES), tmp_path / "cache"
    (folder / "own").mkdir()
    (folder / "own/many-hands.orgr").write_text(
        'rule many-hands {\n  title "t"\n  severity info\n  kind structure\n  check each stream\n'
        '  flag stream when count(stream.teams) > 1\n  message "{stream}: {stream.teams}"\n'
        '  evidence team for each team of stream\n  why "w"\n}\n'
    )
    args = ("--rules", "own", "--format", "json")
    anew = said(start(folder, *args, HOME="", XDG_CACHE_HOME="", LOCALAPPDATA=""))
    together = [start(folder, *args, XDG_CACHE_HOME=str(cache)) for _ in range(3)]
    assert [said(process) for process in together] == [anew] * 3
    (kept,) = cache.glob("orgdiag/*")
    before = kept.stat()
    assert said(start(folder, *args, XDG_CACHE_HOME=str(cache))) == anew
    assert kept.stat().st_mtime_ns == before.st_mtime_ns, "what was kept was not read"
    assert b"many-hands" in anew


def test_no_output_holds_a_time_or_the_name_of_the_folder(expected: dict[str, bytes]) -> None:
    from datetime import UTC, datetime

    today = datetime.now(UTC).strftime("%Y-%m-%d").encode()
    for name, data in expected.items():
        assert today not in data, name
        assert b"/tmp/" not in data, name


USED = (
    "", "check .", "check . --show-settings", "config --schema", "diagnose .", "diff . .", "fields",
    "format --check .", "graph .", "init new", "metrics .",
    "rename --diff team:api shop .", "report . -o page.html", "report . --format markdown", "rule",
    "rule blocking-cycle", f"test {ROOT}/rules/dependencies",
    "why too-many-blocking-dependencies api .",
)  # fmt: skip
EACH = """\
import sys
from orgdiag.cli import main
for line in sys.argv[1:]:
    print(">", line, flush=True)
    print("exit", main(line.split()), flush=True)
"""


@pytest.mark.slow
def test_no_command_loses_a_text_where_python_keeps_no_docstrings(tmp_path: Path) -> None:
    assert {line.split()[0] for line in USED if line} == COMMANDS.keys()
    lines = [*USED, *(f"{name} {word}" for name in ("", *COMMANDS) for word in ("-h", "--no-such"))]

    def everything(folder: Path, *options: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, *options, "-c", EACH, *lines], cwd=project(folder, NAMES),
            env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=300, check=True,
        )  # fmt: skip
        return [*done.stdout.splitlines(), *(folder / "page.html").read_text().splitlines()]

    kept = everything(tmp_path / "kept")
    assert everything(tmp_path / "lost", "-OO") == kept
    assert kept.count("exit 0") > len(COMMANDS)


def test_what_has_neither_a_docstring_nor_a_source_has_no_text() -> None:
    assert docstring(type("Made", (), {"__module__": __name__})) == ""
    assert docstring(lambda: 0) == ""
