"""Standard output and standard error, as terminals and pipes want them.

What is said goes out as lines, which `Screen` escapes; a document goes out as it is.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Timer
from typing import IO, TYPE_CHECKING, Final

from orgdiag.media.escaped import Escaped
from orgdiag.media.terminal import Line, Screen

if TYPE_CHECKING:
    from orgdiag.documents.excerpt import Look
    from orgdiag.finding import Problem


_PATIENCE: Final = 0.5
_PIECE: Final = 1 << 20  # characters
_SHOWN: Final = 100  # problems of one run; the others are counted


def prepare() -> None:
    """Make both streams print any character, escaped where the terminal's encoding lacks it."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever called
            from pathlib import Path  # `--version` needs none

            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def out(*lines: Line, colour: bool = False) -> None:
    """Print lines to standard output."""
    _write(sys.stdout, Screen.of(lines, colour))


def err(*lines: Line, colour: bool = False) -> None:
    """Print lines to standard error."""
    _write(sys.stderr, Screen.of(lines, colour))


def show(document: Escaped) -> None:
    """Print a text in the language of an output to standard output.

    What programs read is UTF-8, whatever the encoding of terminals is.
    """
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None and not (isinstance(document, Screen) or sys.stdout.isatty()):
        reconfigure(encoding="utf-8", errors="backslashreplace")
    _write(sys.stdout, document)


def _write(stream: IO[str], text: str) -> None:
    """Write to a stream; a pipe that the reader has closed is no error."""
    try:
        # Written whole, a long text would be there three times: as text, as bytes, and in a buffer.
        for start in range(0, len(text), _PIECE):
            stream.write(text[start : start + _PIECE])
        stream.flush()
    except BrokenPipeError:
        drop()


def drop() -> None:
    """Send what is still to be printed nowhere, so that the interpreter's last flush is quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)  # noqa: TID251 - no file of anybody
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            os.dup2(nowhere, stream.fileno())


def problems(found: Iterable[Problem]) -> None:
    """Print what is wrong around a model to standard error."""
    from orgdiag.documents.excerpt import Look, problem_lines

    look = Look(colour=_colourful(sys.stderr, "auto"))
    every = list(found)
    lines = [line for problem in every[:_SHOWN] for line in problem_lines(problem, look)]
    if len(every) > _SHOWN:
        lines.append(f"… and {len(every) - _SHOWN} more")
    err(*lines, colour=look.colour)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Say what takes so long, on a terminal and after half a second; gone when it is done."""
    if not sys.stderr.isatty():
        yield
        return
    told = Event()

    def tell() -> None:
        told.set()
        _write(sys.stderr, f"{what} …\r")

    timer = Timer(_PATIENCE, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # it may just be telling
        if told.is_set():
            _write(sys.stderr, "\x1b[2K")


def look(colour: str = "auto", not_assessed: bool = False) -> Look:
    """How standard output is to look.

    Args:
        colour: auto, always or never. With auto, `NO_COLOR` and `FORCE_COLOR` decide, then whether
            a terminal reads it.
        not_assessed: list what could not be assessed.
    """
    from orgdiag.documents.excerpt import Look

    width = None
    if sys.stdout.isatty():
        width = os.get_terminal_size(sys.stdout.fileno()).columns or None
    return Look(_colourful(sys.stdout, colour), width, not_assessed)


def _colourful(stream: IO[str], wish: str) -> bool:
    if wish != "auto":
        return wish == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") not in (None, "", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"
