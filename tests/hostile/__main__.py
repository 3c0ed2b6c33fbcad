"""`python -m tests.hostile small|large FOLDER` writes the input; `… check` runs all of it."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from . import small
from .large import larges
from .process import faults, run
from .verdict import faults as small_faults


def check(names: list[str]) -> int:
    """How many inputs were taken wrongly, each in a process of its own; each is told."""
    bad, worst, most = 0, (0.0, ""), (0, "")
    with TemporaryDirectory() as name:
        folder = Path(name)
        attacks = small.attacks()
        small.write(folder, attacks)
        for attack in attacks:
            if names and attack.name not in names:
                continue
            done = run(small.command(attack), folder)
            again = run(small.command(attack), folder, PYTHONHASHSEED="12345")
            result = {"code": done.code, "out": done.out, "err": done.err, "seconds": done.seconds}
            wrong = list(small_faults(attack, result))
            if done[:3] != again[:3]:
                wrong.append("another hash seed, another output")
            bad += _tell(attack.name, wrong)
            worst, most = (
                max(worst, (done.seconds, attack.name)),
                max(most, (done.memory, attack.name)),
            )
    for large in larges():
        if names and large.name not in names:
            continue
        with TemporaryDirectory() as name:
            done = run(large.write(Path(name)), Path(name))
            bad += _tell(large.name, list(faults(large, done)))
            worst, most = (
                max(worst, (done.seconds, large.name)),
                max(most, (done.memory, large.name)),
            )
    print(f"{bad} wrong; longest {worst[0]:.1f} s CPU {worst[1]}; largest {most[0]} MiB {most[1]}")
    return bad


def _tell(name: str, wrong: list[str]) -> bool:
    if wrong:
        print(f"{name}: {'; '.join(wrong)}", flush=True)
    return bool(wrong)


def main() -> None:
    """Write or check."""
    match sys.argv[1:]:
        case ["small", folder]:
            small.write(Path(folder), small.attacks())
        case ["large", folder]:
            Path(folder).mkdir(parents=True, exist_ok=True)
            for large in larges():
                large.write(Path(folder))
        case ["check", *names]:
            sys.exit(bool(check(names)))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
