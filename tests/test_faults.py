"""A world that fails: disks, files, signals, pipes, locales. What was written stays whole."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import tools
from sample import sample

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
    *args: str,
    cwd: Path,
    before: Callable[[], None] | None = None,
    inside: tuple[str, ...] = (),
    program: tuple[str, ...] = ("-m", "orgdiag"),
    **environment: str,
) -> subprocess.Popen[bytes]:
    clean = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.Popen(
        [*inside, sys.executable, *program, *args], cwd=cwd, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, preexec_fn=before,
        env={**clean, "PYTHONPATH": str(ROOT), **environment},
    )  # fmt: skip


def run(
    *args: str,
    cwd: Path,
    before: Callable[[], None] | None = None,
    inside: tuple[str, ...] = (),
    **environment: str,
) -> tuple[int, str, str]:
    process = start(*args, cwd=cwd, before=before, inside=inside, **environment)
    out, err = process.communicate(timeout=120)
    assert b"Traceback" not in out + err
    return process.returncode, out.decode(), err.decode()


def struck(what: str, call: int, file: str) -> tuple[str, ...]:
    """orgdiag, and something happens at that call after the opening of a file: `struck.py`."""
    return (str(ROOT / "tests/struck.py"), what, str(call), file)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# --- disks ----------------------------------------------------------------------------------------


def small_files() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))


@pytest.mark.parametrize(
    "args",
    sample(
        [("graph", "-o", "old"), ("check", "--output", "html=old"),
         ("check", "--output", "json=old"), ("report", "-o", "old"),
         ("check", "--write-baseline", "--baseline", "old")],
        5, id=" ".join,
    ),
)  # fmt: skip
def test_a_full_disk_is_told_and_leaves_the_old_file_whole(
    project: Path, args: tuple[str, ...]
) -> None:
    old = '{"schema": 1, "findings": []}'
    (project / "old").write_text(old)
    before = files(project)
    code, _, err = run(*args, cwd=project, before=small_files, XDG_CACHE_HOME=str(project.parent))
    assert (code, "old" in err) == (2, True), err
    assert (project / "old").read_text() == old
    assert files(project) == before


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[tools.Disk]:
    """A disk of one megabyte beside the project, with an old report on it."""
    (tmp_path / "disk").mkdir()
    with tools.disk(tmp_path / "disk", "1m") as found:
        (found.files / "report.html").write_text("old")
        yield found


REPORT = ("report", "project", "-o", "disk/report.html")


@pytest.mark.slow
def test_a_disk_that_fills_up_leaves_the_old_report(project: Path, disk: tools.Disk) -> None:
    (disk.files / "filler").write_bytes(b"x" * 900_000)
    code, _, err = run(*REPORT, cwd=project.parent, inside=disk.inside)
    assert (code, "No space left" in err) == (2, True), err
    assert (disk.files / "report.html").read_text() == "old"
    assert files(disk.files) == {"report.html", "filler"}


@pytest.mark.slow
def test_a_read_only_disk_is_told(project: Path, disk: tools.Disk) -> None:
    remount = ("mount", "-o", "remount,bind,ro", "disk")
    subprocess.run([*disk.inside, *remount], check=True)
    code, _, err = run(*REPORT, cwd=project.parent, inside=disk.inside)
    assert (code, "Read-only" in err) == (2, True), err
    cache = {"XDG_CACHE_HOME": str(project.parent / "disk")}
    code, _, err = run("check", "project", cwd=project.parent, inside=disk.inside, **cache)
    assert (code, err) == (1, "")


# --- files ----------------------------------------------------------------------------------------


def test_files_that_vanish_before_they_are_read_are_told(project: Path) -> None:
    for number in range(20):
        (project / f"t{number}.orgd").write_text(f"team t{number}\n")
    process = start("check", cwd=project, program=struck("VANISH", 0, ".orgd"))
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (1, b"")
    assert b"`model.orgd` cannot be opened: no such file or directory" in out
    assert out.count(b"cannot be opened: no such file or directory") == 21


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


@pytest.mark.parametrize(
    ("call", "file"),
    [(1, ".orgd"), (20_000, ".orgd"), (100_000, ".orgd"), (1, ".out.json."), (5, ".out.json.")],
)
def test_an_interrupt_ends_with_130_and_leaves_no_file_behind(
    project: Path, call: int, file: str
) -> None:
    """While a model is read, while it is judged, and while a file is made and written."""
    before = files(project)
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a job in the background is deaf
    interrupted = struck("INT", call, file)
    process = start(
        "check", "--output", "json=out.json", cwd=project, before=heard, program=interrupted
    )
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err.strip()) == (130, b"", b"")
    assert files(project) == before


@pytest.mark.parametrize("format", sample(["full", "concise", "json", "sarif", "html"], 5))
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


@pytest.mark.slow
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


# What is killed: between them the runs write both reports, a baseline and three lists of findings.
WRITERS = (
    ("report", *AS_OF, "-o", "report.html"),
    ("report", *AS_OF, "--format", "markdown", "-o", "report.md"),
    ("check", *AS_OF, "--write-baseline", "--output", "json=out.json", "--output", "html=out.html",
     "--output", "markdown=out.md"),
)  # fmt: skip
WRITTEN = (
    ("report.html",),
    ("report.md",),
    ("orgdiag.baseline.json", "out.json", "out.html", "out.md"),
)
TARGETS = [(writer, name) for writer, names in enumerate(WRITTEN) for name in names]


def write_all(project: Path) -> dict[str, bytes]:
    """What the runs write when nobody kills them."""
    for args in WRITERS:
        code, _, err = run(*args, cwd=project)
        assert code in (0, 1), err
    return {name: (project / name).read_bytes() for names in WRITTEN for name in names}


# At the first call a file has just been opened, at the last one it has had its name for long.
MOMENTS = range(1, 41)


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_reports_and_baselines_whole(project: Path) -> None:
    """Each file is, byte for byte, that of the run before or that of the run that was killed.

    The kills go round all files, from the first byte to after the last one; `ORGDIAG_KILLS=200` for
    the long run.
    """
    model = project / "model.orgd"
    sound = model.read_text()
    model.write_text(sound.replace("blocking", "slowing"))
    old = write_all(project)
    model.write_text(sound)
    new = write_all(project)
    assert all(len(old[name]) > 1000 and old[name] != new[name] for name in old)
    halfway, states = 0, set()
    for number in range(KILLS):
        for name, data in old.items():
            (project / name).write_bytes(data)
        writer, name = TARGETS[number % len(TARGETS)]
        moment = MOMENTS[number * len(MOMENTS) // KILLS]
        killed = start(*WRITERS[writer], cwd=project, program=struck("KILL", moment, f".{name}."))
        killed.communicate(timeout=120)
        assert killed.returncode == -signal.SIGKILL
        for each in old:
            found = (project / each).read_bytes()
            assert found in (old[each], new[each]), f"{each} after kill {number} at {name}"
            states.add((each, found == new[each]))
        rests = list(project.glob(".*.tmp"))
        halfway += bool(rests)
        for rest in rests:
            rest.unlink()
    assert halfway >= KILLS // 4, "too few kills came while a file was written"
    assert {(name, True) for name in old} & states, "no kill came after a file was written"


# --- locales --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "environment",
    sample(
        [{"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"},
         {"PYTHONIOENCODING": "latin-1"}, {"PYTHONIOENCODING": "utf-16"},
         {"LC_ALL": "no-such-locale"}],
        3,
    ),
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
