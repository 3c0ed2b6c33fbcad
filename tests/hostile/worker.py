"""Runs attacks one after the other in this process and prints what came out, one JSON a line.

`python -m hostile.worker PART PARTS`, in the folder that `small.write` has filled. The name of an
attack is printed before it runs, so that one that kills the process is known; at the end come the
breaches that the audit hook has seen.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import time
from contextlib import redirect_stderr, redirect_stdout

from orgdiag.cli import main

from .audit import watch
from .process import MEMORY
from .small import attacks, command


class Text(io.TextIOWrapper):
    """A stream in memory that keeps bytes, as a pipe would get them."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    def taken(self) -> str:
        """What was printed."""
        self.flush()
        raw: io.BytesIO = self.buffer  # type: ignore[assignment]
        return raw.getvalue().decode("utf-8", "replace")


def run(name: str, args: list[str]) -> dict[str, object]:
    """One run, in this process."""
    out, err = Text(), Text()
    start = time.process_time()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["--debug", *args])
    seconds = time.process_time() - start
    return {"name": name, "code": code, "out": out.taken(), "err": err.taken(), "seconds": seconds}


def work(part: int, parts: int) -> None:
    """Run every `parts`-th attack, from number `part` on."""
    breaches: list[str] = []
    watch(breaches)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for attack in attacks()[part::parts]:
        print(json.dumps({"starts": attack.name}), flush=True)
        print(json.dumps(run(attack.name, command(attack))), flush=True)
    print(json.dumps({"breaches": breaches}), flush=True)


if __name__ == "__main__":
    work(int(sys.argv[1]), int(sys.argv[2]))
