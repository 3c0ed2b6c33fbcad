"""Runs attacks one after the other in this process and prints what came out, one JSON a line.

`python -m hostile.worker PART PARTS`, in the folder that `small.write` has filled. The name of an
attack is printed before it runs, so that one that kills the process is known; at the end come the
breaches that the audit hook has seen.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from pathlib import Path
from typing import Final

from inside import run

from .audit import watch
from .process import MEMORY
from .small import attacks, command

LONGEST: Final = 1200  # seconds of CPU for all attacks: whoever takes them hangs


def timed(name: str, args: list[str]) -> dict[str, object]:
    """One run, in this process."""
    start = time.process_time()
    done = run("--debug", *args, folder=Path.cwd())
    return {"name": name, **done._asdict(), "seconds": time.process_time() - start}


def work(part: int, parts: int) -> None:
    """Run every `parts`-th attack, from number `part` on."""
    breaches: list[str] = []
    watch(breaches)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST, LONGEST))
    gc.set_threshold(100_000)  # else half of the time goes into looking for garbage between runs
    for attack in attacks()[part::parts]:
        print(json.dumps({"starts": attack.name}), flush=True)
        print(json.dumps(timed(attack.name, command(attack))), flush=True)
    print(json.dumps({"breaches": breaches}), flush=True)


if __name__ == "__main__":
    work(int(sys.argv[1]), int(sys.argv[2]))
