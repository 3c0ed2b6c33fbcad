"""Measures orgdiag and prints one table: start-up, every stage, growth, and peers.

    python benchmarks/run.py                         # start-up, and 100 to 10,000 teams
    python benchmarks/run.py --teams 1000 100000     # other sizes
    python benchmarks/run.py --only start-up peers

Times are CPU seconds (user and system) of whole processes or of one stage inside a process, the
median of several runs. Compare ratios of one run: single times depend on the machine. Peers take
part where they are installed: PyYAML always, pySHACL, clingo and a LikeC4 command when found.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
MERIDIAN = HERE.parent / "examples" / "meridian"
SECTIONS = ("start-up", "stages", "peers")
HELLO = "import click\n@click.command()\ndef main():\n    click.echo('hello')\nmain()"


class Cost(NamedTuple):
    """What a process took: CPU seconds and peak memory in MB."""

    cpu: float
    memory: float


def process(command: Sequence[str], runs: int) -> Cost:
    """The median CPU time, and the largest peak memory, of several runs of a command."""
    costs = [_once(command) for _ in range(runs)]
    return Cost(statistics.median(c.cpu for c in costs), max(c.memory for c in costs))


def _once(command: Sequence[str]) -> Cost:
    # Modules are compiled once and kept, as on every machine that runs a tool twice.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(command, stdout=quiet, stderr=quiet, env=kept)
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


# --- start-up -------------------------------------------------------------------------------------


def start_up(runs: int) -> Iterator[str]:
    """What every commit pays: commands against the bare cost of what they load."""
    python = sys.executable
    floor = {
        "python -c pass": process([python, "-c", "pass"], runs),
        "click hello": process([python, "-c", HELLO], runs),
        "import lark, networkx": process([python, "-c", "import lark, networkx"], runs),
    }
    yield f"{'start-up':34}{'CPU ms':>9}{'MB':>7}  ratio"
    for name, cost in floor.items():
        yield f"{name:34}{cost.cpu * 1000:9.0f}{cost.memory:7.0f}"
    orgdiag = [python, "-m", "orgdiag"]
    for name, arguments, against in (
        ("orgdiag --version", ["--version"], "click hello"),
        ("orgdiag --help", ["--help"], "click hello"),
        ("orgdiag check examples/meridian", ["check", str(MERIDIAN)], "import lark, networkx"),
    ):
        cost = process([*orgdiag, *arguments], runs)
        ratio = f"{cost.cpu / floor[against].cpu:.2f} x {against}"
        yield f"{name:34}{cost.cpu * 1000:9.0f}{cost.memory:7.0f}  {ratio}"


# --- stages ---------------------------------------------------------------------------------------


def stages(sizes: Sequence[int], runs: int) -> Iterator[str]:
    """CPU seconds of each stage by size, with the exponent of its growth."""
    results = {teams: _stage_medians(teams, runs) for teams in sizes}
    names = list(dict.fromkeys(name for result in results.values() for name in result))
    yield f"{'CPU s by teams':26}" + "".join(f"{teams:>10,}" for teams in sizes) + "  growth"
    for name in names:
        values = [results[teams].get(name, math.nan) for teams in sizes]
        row = "".join(
            f"{value:10.1f}" if name == "peak MB" else f"{value:10.3f}" for value in values
        )
        yield f"{name:26}{row}  {_growth(sizes, values)}"


def _growth(sizes: Sequence[int], values: Sequence[float]) -> str:
    """The exponent between neighbouring sizes from 1,000 teams on: 1.0 is linear."""
    points = [(n, v) for n, v in zip(sizes, values, strict=True) if n >= 1000 and v > 0]
    return " ".join(
        f"{math.log(b[1] / a[1]) / math.log(b[0] / a[0]):.2f}" for a, b in pairwise(points)
    )


def _stage_medians(teams: int, runs: int) -> dict[str, float]:
    """Each stage's median over several processes; large organisations run once."""
    many = runs if teams <= 1000 else 1
    found = [_stages_in_process(teams) for _ in range(many)]
    return {name: statistics.median(result[name] for result in found) for name in found[0]}


def _stages_in_process(teams: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        _generate(teams, Path(folder) / "org")
        command = [sys.executable, __file__, "--stage-of", str(Path(folder) / "org")]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result: dict[str, float] = json.loads(output)
    return result


def _generate(teams: int, target: Path) -> None:
    files = max(2, teams // 500)
    command = [sys.executable, str(HERE / "generate.py"), str(teams), str(target)]
    subprocess.run([*command, "--files", str(files)], check=True)


def measure_stages(folder: Path) -> dict[str, float]:
    """The CPU seconds of each stage on the models of a folder, in this process."""
    from orgdiag.diagnose.causes import explain
    from orgdiag.diagnose.diagnosis import diagnose
    from orgdiag.evaluate import evaluate
    from orgdiag.graph.facts import Facts
    from orgdiag.load import load
    from orgdiag.metrics.measure import measure
    from orgdiag.resolve import resolve
    from orgdiag.rule import load_rules

    times: dict[str, float] = {}

    def timed(name: str, stage: Callable[[], Any]) -> Any:
        start = time.process_time()
        result = stage()
        times[name] = time.process_time() - start
        return result

    loaded = timed("load and parse", lambda: load([folder], folder))
    org = timed("resolve", lambda: resolve(loaded.parsed, date(2026, 1, 31))).org
    rules = timed("rules", lambda: load_rules(()))
    outcome = timed("evaluate", lambda: evaluate(rules, Facts(org)))
    facts = Facts(org)
    timed("metrics", lambda: measure(facts))
    findings = timed("explain", lambda: explain(outcome.findings, facts))
    timed("diagnose", lambda: diagnose(findings, facts))
    times["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return times


# --- whole runs and peers -------------------------------------------------------------------------


def peers(sizes: Sequence[int], runs: int) -> Iterator[str]:
    """The whole `check`, and what others take for reading the same organisation."""
    yield f"{'whole process':26}{'teams':>9}{'CPU s':>9}{'MB':>8}  ratio"
    for teams in sizes:
        many = runs if teams <= 1000 else 1
        with tempfile.TemporaryDirectory() as folder:
            org, text = Path(folder) / "org", Path(folder) / "org.yaml"
            _generate(teams, org)
            subprocess.run(
                [sys.executable, str(HERE / "generate.py"), str(teams), str(text)], check=True
            )
            yaml = process([sys.executable, "-c", _YAML, str(text)], many)
            read = process([sys.executable, "-c", _READ, str(org)], many)
            whole = process([sys.executable, "-m", "orgdiag", "check", str(org)], many)
        yield _row("PyYAML CSafeLoader", teams, yaml, "")
        yield _row("orgdiag, parsing", teams, read, f"{read.cpu / yaml.cpu:.2f} x PyYAML")
        yield _row("orgdiag check", teams, whole, f"{whole.cpu / yaml.cpu:.2f} x PyYAML")
    for name in ("pyshacl", "clingo"):
        if find_spec(name) is None:
            yield f"{name}: not installed"


def _row(name: str, teams: int, cost: Cost, ratio: str) -> str:
    return f"{name:26}{teams:9,}{cost.cpu:9.2f}{cost.memory:8.0f}  {ratio}"


_YAML = "import sys, yaml; yaml.load(open(sys.argv[1]), yaml.CSafeLoader)"
_READ = """
import sys
from pathlib import Path
from orgdiag.load import load
load([Path(sys.argv[1])], Path(sys.argv[1]))
"""


def main() -> None:
    """Reads the arguments and prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--teams", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--stage-of", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.stage_of:
        print(json.dumps(measure_stages(given.stage_of)))
        return
    parts = {
        "start-up": lambda: start_up(given.runs),
        "stages": lambda: stages(given.teams, given.runs),
        "peers": lambda: peers(given.teams, given.runs),
    }
    for name in given.only:
        for row in parts[name]():
            print(row, flush=True)
        print()


if __name__ == "__main__":
    main()
