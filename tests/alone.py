"""Is every test file green alone, in any order of its tests? `python -m tests.alone [SEED]`.

Each file runs in a process of its own, its tests in a random order, and of many tests a part; the
seed is told, and the same seed gives the same ones again. What fails is printed as pytest told it.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").glob("test_*.py"))
MOST = 25  # tests of a file
PASSED, NO_TESTS = 0, 5  # what pytest ends with; all tests of a file may be slow ones


def failure(seed: int, file: str) -> str:
    """What pytest prints about a file alone; "" where all is well."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
         f"--at-most={MOST}", "--random-order-bucket=global", f"--random-order-seed={seed}", file],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    return "" if done.returncode in (PASSED, NO_TESTS) else f"{file}\n{done.stdout}"


def main(seed: int) -> int:
    """How many files fail."""
    print(f"{len(FILES)} test files, each alone; seed {seed}", flush=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        failures = [*filter(None, pool.map(partial(failure, seed), FILES))]
    for text in failures:
        print(text)
    print(f"{len(FILES) - len(failures)} passed, {len(failures)} failed")
    return len(failures)


if __name__ == "__main__":
    sys.exit(1 if main(int(sys.argv[1]) if sys.argv[1:] else random.randrange(1 << 32)) else 0)
