"""Runs orgdiag inside this process, as the command line would: no interpreter is started for it."""

from __future__ import annotations

import io
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from orgdiag.cli import main

ROOT = Path(__file__).parent.parent


class Run(NamedTuple):
    """The exit code of a run and what it printed."""

    code: int
    out: str
    err: str


class Text(io.TextIOWrapper):
    """A stream in memory that keeps bytes, as a pipe would get them."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    def taken(self) -> str:
        """What was printed."""
        self.flush()
        raw: io.BytesIO = self.buffer  # type: ignore[assignment]
        return raw.getvalue().decode("utf-8", "replace")


def run(*args: str, folder: Path = ROOT) -> Run:
    """One run in a folder, by default that of the project."""
    out, err = Text(), Text()
    with chdir(folder), redirect_stdout(out), redirect_stderr(err):
        code = main(args)
    return Run(code, out.taken(), err.taken())
