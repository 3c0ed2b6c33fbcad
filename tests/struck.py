"""orgdiag, and something happens at a counted moment: `python struck.py WHAT CALL FILE ARGUMENTS…`.

A clock would find another moment on every machine. Counted are the calls of functions, from the
first opening of a file with FILE in its name on; at number CALL (0: just before the opening) the
process gets the signal WHAT (INT, KILL), or all models in the working folder go away (VANISH).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orgdiag.__main__ import run


def vanish() -> None:
    """Removes every model of the working folder."""
    for path in Path.cwd().glob("*.orgd"):
        path.unlink()


def strike(call: int, file: str, act: Callable[[], None]) -> None:
    """Acts at that call after a file with that in its name was opened; at 0 just before it is."""
    left, opened = call, False

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal left
        left -= event in ("call", "c_call")
        if left <= 0:
            sys.setprofile(None)
            act()

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal opened
        if event == "open" and not opened and file in str(arguments[0]):
            opened = True
            sys.setprofile(count) if call else act()

    sys.addaudithook(heard)


if __name__ == "__main__":
    what, call, file, *sys.argv[1:] = sys.argv[1:]
    number = None if what == "VANISH" else signal.Signals[f"SIG{what}"]
    strike(int(call), file, vanish if number is None else lambda: os.kill(os.getpid(), number))
    run()
