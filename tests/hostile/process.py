"""Runs orgdiag in a process of its own, under limits, and measures it."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from .large import Large
from .verdict import manners

MEMORY: Final = 1 << 30  # bytes of address space
PATIENCE: Final = 120  # seconds
START: Final = 0.8  # seconds of CPU that a run takes anyway


class Run(NamedTuple):
    """How a run ended, what it printed, and the CPU seconds and MiB that it took."""

    code: int
    out: str
    err: str
    seconds: float
    memory: int


def run(args: list[str], folder: Path, **environment: str) -> Run:
    """One run of orgdiag in a folder; a hang is killed and shows as a negative code."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))

    out, err = folder / ".out", folder / ".err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "orgdiag", "--debug", *args], cwd=folder, stdout=stdout,
            stderr=stderr, stdin=subprocess.DEVNULL, preexec_fn=limit,
            env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    texts = [path.read_bytes().decode("utf-8", "replace") for path in (out, err)]
    out.unlink()
    err.unlink()
    seconds = usage.ru_utime + usage.ru_stime
    return Run(process.returncode, texts[0], texts[1], seconds, usage.ru_maxrss >> 10)


def faults(large: Large, run: Run, slack: float = 1) -> Iterator[str]:
    """Each promise that was broken about a large input; of time by more than the factor `slack`."""
    if run.code not in large.codes:
        yield f"exit {run.code}"
    both = f"{run.out}\n{run.err}"
    if large.says not in both:
        yield f"does not say {large.says!r}"
    yield from manners(both, run.seconds, slack * (START + large.seconds), 4 << 20)
