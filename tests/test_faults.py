"""A world that fails: disks, files, signals, pipes, locales. What was written stays whole."""

from __future__ import annotations

import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MERIDIAN = ROOT / "examples/meridian/meridian.orgd"
KILLS = int(os.environ.get("ORGDIAG_KILLS", "20"))  # 200 by command, see docs/quality.md
AS_OF = ("--as-of", "2025-03-01")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the worked example and a cache of its own."""
    folder = tmp_path / "project"
    folder.mkdir()
    shutil.copy(MERIDIAN, folder / "model.orgd")
    (folder / "orgdiag.toml").write_text("")
    return folder


def start(
    *args: str, cwd: Path, before: Callable[[], None] | None = None, **environment: str
) -> subprocess.Popen[bytes]:
    clean = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.Popen(
        [sys.executable, "-m", "orgdiag", *args], cwd=cwd, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, preexec_fn=before,
        env={**clean, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip


def run(
    *args: str, cwd: Path, before: Callable[[], None] | None = None, **environment: str
) -> tuple[int, str, str]:
    process = start(*args, cwd=cwd, before=before, **environment)
    out, err = process.communicate(timeout=120)
    assert b"Traceback" not in out + err
    return process.returncode, out.decode(), err.decode()


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# --- disks ----------------------------------------------------------------------------------------


def small_files() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


@pytest.mark.parametrize(
    "args",
    [("check", "--output", "html=old"), ("check", "--output", "json=old"), ("report", "-o", "old"),
     ("check", "--write-baseline", "--baseline", "old"), ("graph", "-o", "old")],
    ids=lambda args: " ".join(args),
)  # fmt: skip
def test_a_full_disk_is_told_and_leaves_the_old_file_whole(
    project: Path, args: tuple[str, ...]
) -> None:
    old = '{"schema": 1, "findings": []}'
    (project / "old").write_text(old)
    before = files(project)
    code, _, err = run(*args, cwd=project, before=small_files, XDG_CACHE_HOME=str(project.parent))
    if args[0] == "graph" and "-o" not in err and code == 0:
        pytest.skip("the graph fits into the small file")
    assert (code, "old" in err) == (2, True), err
    assert (project / "old").read_text() == old
    assert files(project) == before


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip("a disk cannot be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=False)


def test_a_disk_that_fills_up_leaves_the_old_report(project: Path, disk: Path) -> None:
    (disk / "report.html").write_text("old")
    (disk / "filler").write_bytes(b"x" * 900_000)
    code, _, err = run("report", "-o", str(disk / "report.html"), cwd=project)
    assert (code, "No space left" in err) == (2, True), err
    assert (disk / "report.html").read_text() == "old"
    assert files(disk) == {"report.html", "filler"}


def test_a_read_only_disk_is_told(project: Path, disk: Path) -> None:
    (disk / "report.html").write_text("old")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    code, _, err = run("report", "-o", str(disk / "report.html"), cwd=project)
    assert (code, "Read-only" in err) == (2, True), err
    assert run("check", cwd=project, XDG_CACHE_HOME=str(disk))[0] == 1


# --- files ----------------------------------------------------------------------------------------


def test_files_that_vanish_while_they_are_read_are_findings(project: Path) -> None:
    for number in range(200):
        (project / f"t{number}.orgd").write_text(f"team t{number}\n")
    process = start("check", "--format", "concise", cwd=project)
    for number in range(200):
        (project / f"t{number}.orgd").unlink()
        time.sleep(0.002)
    out, err = process.communicate(timeout=120)
    assert process.returncode in (0, 1)
    assert b"Traceback" not in out + err


def test_what_is_no_plain_file_is_neither_opened_nor_waited_for(project: Path) -> None:
    os.mkfifo(project / "pipe.orgd")
    (project / "folder.orgd").mkdir()
    here = Path.cwd()
    os.chdir(project)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.orgd")
    os.chdir(here)
    code, out, _ = run("check", cwd=project)
    assert (code, "2 files and folders were left out (not a plain file)" in out) == (1, True)
    for name in ("pipe.orgd", "socket.orgd"):
        code, out, err = run("check", name, cwd=project)
        assert code in (1, 2)
        assert "plain file" in out + err or "cannot be opened" in out + err


@pytest.mark.parametrize("option", ["--baseline", "--config"])
@pytest.mark.parametrize("name", ["pipe", "/dev/zero", "folder"])
def test_no_pipe_and_no_device_is_read_for_a_setting(project: Path, option: str, name: str) -> None:
    os.mkfifo(project / "pipe")
    (project / "folder").mkdir()
    code, _, err = run("check", option, name, cwd=project)
    assert (code, Path(name).name in err) == (2, True)


def test_a_configuration_names_no_baseline_outside_of_the_project(project: Path) -> None:
    (project / "orgdiag.toml").write_text('baseline = "../elsewhere.json"\n')
    code, _, err = run("check", "--write-baseline", cwd=project)
    assert (code, "leaves the project" in err) == (2, True)
    assert not (project.parent / "elsewhere.json").exists()


# --- signals and pipes ----------------------------------------------------------------------------


def test_an_interrupt_ends_with_130_and_leaves_no_file_behind(project: Path) -> None:
    teams = "".join(f"team t{i} {{ needs service from t{(i * 7) % 4000} }}\n" for i in range(4000))
    (project / "large.orgd").write_text(teams)
    before = files(project)
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a job in the background is deaf
    process = start("check", "--output", "json=out.json", cwd=project, before=heard)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert b"Traceback" not in out + err
    assert files(project) == before


@pytest.mark.parametrize("format", ["full", "concise", "json", "sarif", "html"])
def test_a_pipe_that_closes_early_ends_quietly(project: Path, format: str) -> None:
    with start("check", "--format", format, cwd=project) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()
    assert (err, process.returncode in (0, 1)) == (b"", True)


def test_standard_output_that_is_full_is_an_error(project: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "orgdiag", "check"], cwd=project, stdout=full, timeout=60,
            stderr=subprocess.PIPE, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    assert done.returncode == 2
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_standard_output_that_is_closed_is_no_crash(project: Path) -> None:
    done = subprocess.run(  # noqa: S602
        f"exec {sys.executable} -m orgdiag check >&-", shell=True, cwd=project, timeout=60,
        stderr=subprocess.PIPE, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.returncode in (0, 1, 2)
    assert b"Traceback" not in done.stderr


def test_two_runs_at_once_write_one_whole_file(project: Path) -> None:
    runs = [
        start("check", "--output", f"{name}=both", "--write-baseline", cwd=project)
        for name in ("json", "sarif", "json", "sarif")
    ]
    for process in runs:
        _, err = process.communicate(timeout=120)
        assert (process.returncode in (0, 1), b"Traceback" in err) == (True, False)
    assert {"findings", "runs"} & json.loads((project / "both").read_text()).keys()
    assert json.loads((project / "orgdiag.baseline.json").read_text())["findings"]
    assert not [name for name in files(project) if name.endswith(".tmp")]


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_reports_and_baselines_whole(project: Path) -> None:
    """The files are the old or the new ones; `ORGDIAG_KILLS=200` for the long run."""
    args = ("check", *AS_OF, "--output", "json=out.json", "--output", "html=out.html",
            "--write-baseline")  # fmt: skip
    started = time.monotonic()
    process = start(*args, cwd=project)
    process.communicate(timeout=120)
    whole = time.monotonic() - started
    names = ("out.json", "out.html", "orgdiag.baseline.json")
    new = {name: (project / name).read_bytes() for name in names}
    chance = random.Random(7)
    reached = 0
    for _ in range(KILLS):
        for name in names:
            (project / name).write_bytes(b'{"schema": 1, "findings": []}' + b" " * 4096)
        old = (project / names[0]).read_bytes()
        process = start(*args, cwd=project)
        try:
            process.wait(timeout=whole * chance.uniform(0.4, 1.1))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        for name in names:
            found = (project / name).read_bytes()
            assert found == old or len(found) == len(new[name]) or name.endswith("baseline.json")
            reached += found != old
            if name.endswith("baseline.json"):
                assert json.loads(found)["schema"] == 1
    assert reached > 0, "no kill came late enough to prove anything"


# --- locales --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "environment",
    [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"},
     {"PYTHONIOENCODING": "latin-1"}, {"PYTHONIOENCODING": "utf-16"}, {"LC_ALL": "no-such-locale"}],
    ids=str,
)  # fmt: skip
def test_a_wrong_locale_or_encoding_changes_neither_the_exit_nor_the_files(
    project: Path, environment: dict[str, str]
) -> None:
    (project / "umlaut.orgd").write_text('team ü "Zürich – 支払い \U0001f600"\nteam z "Zürich"\n')
    args = ("check", *AS_OF, "--output", "json=out.json")
    assert run(*args, cwd=project)[0] == 1
    right = (project / "out.json").read_bytes()
    process = start(*args, cwd=project, **environment)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert b"Traceback" not in out + err
    assert (project / "out.json").read_bytes() == right
