"""What a test asks of the machine: programs, packages, registries, a locale, a disk.

Where something is missing the test is skipped and says what. With `CI=true` it fails: there
`.ci/run` has installed everything, and a test that silently did not run would prove nothing. A case
that cannot exist on a machine asks for nothing: it is not parametrised.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

import pytest

STRICT: Final = os.environ.get("CI") == "true"  # read once: some tests run in another environment


def missing(what: str) -> NoReturn:
    """Ends the test, which cannot do without."""
    __tracebackhide__ = True
    if STRICT:
        pytest.fail(f"{what} is missing, and with CI=true nothing is skipped", pytrace=False)
    pytest.skip(f"{what} is missing")


def need(there: object, what: str) -> None:
    """Ends the test unless what it needs is there."""
    __tracebackhide__ = True
    if not there:
        missing(what)


def program(*names: str) -> str:
    """The path of the first of these programs that is installed."""
    __tracebackhide__ = True
    found = next(filter(None, map(shutil.which, names)), None)
    return found or missing(" or ".join(names))


def node_packages(folder: Path) -> None:
    """Install what the lock file of the folder names, from the npm registry."""
    __tracebackhide__ = True
    program("node")
    done = subprocess.run(
        [program("npm"), "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=folder, capture_output=True, check=False, timeout=600,
    )  # fmt: skip
    need(done.returncode == 0, "the npm registry")


def locale(name: str, folder: Path) -> dict[str, str]:
    """An environment in which the locale is in force; it is compiled where it is not installed."""
    __tracebackhide__ = True
    environment = {"LC_ALL": name, "LANG": name}
    if _in_force(environment):
        return environment
    language, _, charset = name.partition(".")
    command = [program("localedef"), "-i", language, "-f", charset, str(folder / name)]
    subprocess.run(command, capture_output=True, check=False, timeout=60)
    environment["LOCPATH"] = str(folder)
    need(_in_force(environment), f"the locale {name}, or the sources to compile it from")
    return environment


def _in_force(environment: dict[str, str]) -> bool:
    code = "import locale; locale.setlocale(locale.LC_ALL, '')"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True,
        check=False, timeout=60,
    )  # fmt: skip
    return done.returncode == 0


class Disk(NamedTuple):
    """A small disk that some processes have for themselves.

    inside  runs a command where the disk is, in the folder that the disk lies in
    files   the disk as everybody else can look at it
    """

    inside: tuple[str, ...]
    files: Path


@contextmanager
def disk(place: Path, size: str) -> Iterator[Disk]:
    """A disk of that size in the folder, which is gone with the processes that have it."""
    __tracebackhide__ = True
    user = () if os.geteuid() == 0 else ("--user",)
    root = ("--map-root-user",) if user else ()
    script = 'mount -t tmpfs -o "size=$2" tmpfs "$1" && echo mounted && exec sleep infinity'
    with subprocess.Popen(
        [program("unshare"), *user, *root, "--mount", "sh", "-c", script, "sh", str(place), size],
        cwd=place.parent, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        try:
            need(holder.stdout.readline(), "the right to mount a disk")
            enter = ("--target", str(holder.pid), *user, "--mount", "--preserve-credentials")
            files = Path(f"/proc/{holder.pid}/root{place.resolve()}")
            yield Disk((program("nsenter"), *enter, "--wd"), files)
        finally:
            holder.kill()


@contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Ends the test when what is inside takes more CPU time of this process: far more than it may.

    Other programs on the machine do not count, unlike with a clock.
    """

    def late(*_: object) -> NoReturn:
        pytest.fail(f"takes more than {seconds} s of CPU")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that is made by the first of the processes that share a run of the tests."""
    __tracebackhide__ = True
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, done = base / name, base / f"{name}.made"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder
