"""Measures orgdiag and prints tables: start-up, stages, growth, rounds, edits, budgets, and peers.

    python benchmarks/run.py                         # start-up, and 100 to 10,000 teams
    python benchmarks/run.py --teams 1000 100000     # other sizes
    python benchmarks/run.py --only start-up peers
    python benchmarks/run.py --markdown              # tables for a document

Times are CPU seconds (user and system) of whole processes or of one stage inside a process, the
median of several runs. Compare ratios of one run: single times depend on the machine. Peers take
part where they are installed: PyYAML always; networkx, clingo and pySHACL answer the questions of
`questions.py`; LikeC4 and Spectral (npm packages likec4 and @stoplight/spectral-cli, on the PATH or
where npx finds them) check the same organisation, as far as they have words for it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
MERIDIAN = HERE.parent / "examples" / "meridian"
HELLO = "import click\n@click.command()\ndef main():\n    click.echo('hello')\nmain()"
# Engines that build every pair of what reaches what are not asked about more teams than these.
MOST_FOR_PEERS = 1000

Row = Sequence[str]


class Table(NamedTuple):
    """A table: its title, the names of its columns, its rows."""

    title: str
    head: Row
    rows: Sequence[Row]

    def lines(self, markdown: bool) -> Iterator[str]:
        """The table as text, columns aligned; or in Markdown."""
        every = [self.head, *self.rows]
        widths = [max(len(row[at]) for row in every) for at in range(len(self.head))]
        yield f"### {self.title}\n" if markdown else self.title
        for number, row in enumerate(every):
            cells = [
                cell.ljust(width) if at == 0 else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            yield f"| {' | '.join(cells)} |" if markdown else "  ".join(cells).rstrip()
            if markdown and number == 0:
                yield "|".join(["", "---", *["---:"] * (len(widths) - 1), ""])


class Cost(NamedTuple):
    """What a process took: CPU seconds, peak memory in MB, and seconds on the clock."""

    cpu: float
    memory: float
    wall: float


def process(command: Sequence[str], runs: int) -> Cost:
    """The median times, and the largest peak memory, of several runs of a command."""
    costs = [_once(command) for _ in range(runs)]
    return Cost(
        statistics.median(cost.cpu for cost in costs),
        max(cost.memory for cost in costs),
        statistics.median(cost.wall for cost in costs),
    )


def _once(command: Sequence[str]) -> Cost:
    quiet, start = subprocess.DEVNULL, time.perf_counter()
    child = subprocess.Popen(command, stdout=quiet, stderr=quiet, env=_environment())
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in {0, 1}:  # 1 says that something was found
        raise subprocess.CalledProcessError(child.returncode, command)
    wall = time.perf_counter() - start
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, wall)


def _environment() -> dict[str, str]:
    """Modules are compiled once and kept, as on every machine that runs a tool twice."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


# --- start-up -------------------------------------------------------------------------------------


def start_up(runs: int) -> Table:
    """What every commit pays: commands against the bare cost of what they load."""
    python = sys.executable
    commands = {
        "python -c pass": ["-c", "pass"],
        "click hello": ["-c", HELLO],
        "import lark, networkx": ["-c", "import lark, networkx"],
        "orgdiag --version": ["-m", "orgdiag", "--version"],
        "orgdiag --help": ["-m", "orgdiag", "--help"],
        "orgdiag check examples/meridian": ["-m", "orgdiag", "check", str(MERIDIAN)],
    }
    against = {
        "orgdiag --version": ("click hello", 1.5),
        "orgdiag --help": ("click hello", 1.5),
        "orgdiag check examples/meridian": ("import lark, networkx", 1.6),
    }
    process([python, *commands["orgdiag check examples/meridian"]], 1)  # compiles and prepares
    costs = {name: process([python, *rest], runs) for name, rest in commands.items()}
    rows = []
    for name, cost in costs.items():
        floor, budget = against.get(name, ("", 0.0))
        ratio = f"{cost.cpu / costs[floor].cpu:.2f} x {floor}" if floor else ""
        limit = f"{budget} x" if floor else ""
        rows.append((name, f"{cost.cpu * 1000:.0f}", f"{cost.memory:.0f}", ratio, limit))
    return Table("Start-up", ("command", "CPU ms", "MB", "ratio", "budget"), rows)


# --- stages ---------------------------------------------------------------------------------------


def stages(sizes: Sequence[int], runs: int) -> Table:
    """CPU seconds of each stage by size, with the exponent of its growth."""
    results = {teams: _stage_medians(teams, runs) for teams in sizes}
    names = list(dict.fromkeys(name for result in results.values() for name in result))
    rows = []
    for name in names:
        values = [results[teams].get(name, math.nan) for teams in sizes]
        digits = 0 if name.endswith("MB") else 3
        growth = "" if name.endswith(" ms") else _growth(sizes, values)
        rows.append((name, *(f"{value:.{digits}f}" for value in values), growth))
    head = ("CPU s", *(f"{teams:,} teams" for teams in sizes), "growth (budget 1.1)")
    return Table("Stages", head, rows)


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
        output = subprocess.run(
            command, check=True, capture_output=True, text=True, env=_environment()
        ).stdout
    result: dict[str, float] = json.loads(output)
    return result


def _generate(teams: int, target: Path) -> None:
    files = max(2, teams // 500)
    command = [sys.executable, str(HERE / "generate.py"), str(teams), str(target)]
    subprocess.run([*command, "--files", str(files)], check=True)


def measure_stages(folder: Path) -> dict[str, float]:
    """The CPU seconds of each stage on the models of a folder, in this process, as a run has it."""
    import gc

    from orgdiag import formats
    from orgdiag.catalogue import catalogue
    from orgdiag.diagnose.causes import explain
    from orgdiag.documents.excerpt import PLAIN
    from orgdiag.documents.sections import page
    from orgdiag.evaluate.engine import Engine
    from orgdiag.evaluate.values import SURE
    from orgdiag.facts.columns import Facts
    from orgdiag.load import load
    from orgdiag.measure import measure
    from orgdiag.pipeline import with_diagnosis
    from orgdiag.report import Report, in_order
    from orgdiag.resolve import resolve
    from orgdiag.rule import load_rules
    from orgdiag.whatif import operations

    gc.disable()
    times: dict[str, float] = {}

    def timed(name: str, stage: Callable[[], Any]) -> Any:
        start = time.process_time()
        result = stage()
        times[name] = time.process_time() - start
        return result

    words, day = catalogue(), date(2026, 1, 31)
    loaded = timed("load and parse", lambda: load([folder], folder))
    org = timed("resolve", lambda: resolve(loaded.parsed, day, operations=operations.forms())).org
    rules = timed("rules", lambda: load_rules(()))
    facts = Facts(org)
    engine = Engine(rules, facts, words)
    checking = [rule for rule in rules if rule.checks]
    results = timed("judge", lambda: [engine.result(rule) for rule in checking])
    outcome = timed("tell", engine.outcome)
    findings = timed("explain", lambda: explain(outcome.findings, facts))
    report = Report("", "", day, "model", findings=in_order(findings), rules=rules.rules,
                    not_assessed=outcome.not_assessed, facts=facts)  # fmt: skip
    timed("print", lambda: formats.render("full", report, PLAIN))
    timed("print as JSON", lambda: formats.render("json", report, PLAIN))
    times["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    whole = timed("diagnose", lambda: with_diagnosis(report, facts))
    timed("metrics, on their own", lambda: measure(Facts(org)))
    shown = timed("page", lambda: page(whole))
    timed("page as HTML", lambda: formats.render("html", shown, PLAIN))
    hits = [
        (rule, hit)
        for rule, result in zip(checking, results, strict=True)
        for hit in result.hits.values()
        if hit.truth == SURE
    ]
    timed("again", lambda: [engine.teller.finding(rule, hit, []) for rule, hit in hits])
    times["one finding with its evidence, ms"] = 1000 * times.pop("again") / max(1, len(hits))
    return times


# --- many runs in one process ---------------------------------------------------------------------


def rounds(sizes: Sequence[int]) -> Table:
    """The memory of one process after it has read and judged the same organisation again."""
    rows = [(f"{teams:,} teams", *map(str, _rounds_in_process(teams))) for teams in sizes]
    return Table("Rounds", ("MB after", *(str(number + 1) for number in range(ROUNDS))), rows)


def _rounds_in_process(teams: int) -> list[int]:
    with tempfile.TemporaryDirectory() as folder:
        _generate(teams, Path(folder) / "org")
        command = [sys.executable, __file__, "--rounds-of", str(Path(folder) / "org")]
        output = subprocess.run(
            command, check=True, capture_output=True, text=True, env=_environment()
        ).stdout
    result: list[int] = json.loads(output)
    return result


ROUNDS = 16


def measure_rounds(folder: Path) -> list[int]:
    """The resident megabytes of this process after each of the rounds (on Linux)."""
    import gc

    sizes = []
    for _ in range(ROUNDS):
        _opened(folder).report()
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        sizes.append(pages * resource.getpagesize() >> 20)
    return sizes


def _opened(folder: Path) -> Any:
    """The workspace of the models in a folder, whatever configuration lies around."""
    from orgdiag import Workspace, config

    settings = config.settings(config.Given(isolated=True), [folder])
    return Workspace(folder, settings, today=lambda: date(2026, 1, 31))


# --- one edit after another -----------------------------------------------------------------------


def edits(sizes: Sequence[int]) -> Table:
    """What a workspace takes after one line of one file has changed: reading, and judging."""
    rows = [("worked example", *_edits_in_process(MERIDIAN))]
    with tempfile.TemporaryDirectory() as home:
        for teams in sizes:
            folder = Path(home) / str(teams)
            _generate(teams, folder)
            rows.append((f"{teams:,} teams", *_edits_in_process(folder)))
    return Table("After an edit", ("CPU ms", "reader's problems", "report", "first report"), rows)


def _edits_in_process(folder: Path) -> Row:
    command = [sys.executable, __file__, "--edits-of", str(folder)]
    output = subprocess.run(
        command, check=True, capture_output=True, text=True, env=_environment()
    ).stdout
    return [f"{1000 * seconds:.0f}" for seconds in json.loads(output)]


EDITS = 9


def measure_edits(folder: Path) -> list[float]:
    """The CPU seconds for the reader's problems and a report after an edit, and a first report.

    Python's collector waits until a question is answered, as the command line has it.
    """
    import gc

    gc.disable()
    workspace = _opened(folder)
    path = min(folder.rglob("*.orgd"))
    text = path.read_text(encoding="utf-8")
    start = time.process_time()
    workspace.report()
    first = time.process_time() - start
    reading, judging = [], []
    for number in range(EDITS):
        workspace.set_text(path, f"{text}# {number}\n")
        start = time.process_time()
        workspace.problems(path, judged=False)
        read = time.process_time()
        workspace.report()
        reading.append(read - start)
        judging.append(time.process_time() - start)
        gc.collect()
    return [statistics.median(reading), statistics.median(judging), first]


# --- questions, whole runs and peers --------------------------------------------------------------


def asked(sizes: Sequence[int]) -> Table:
    """The four questions of `questions.py` to every engine, as multiples of the plain floor."""
    from questions import installed

    engines = installed()
    rows = []
    for teams in sizes:
        floor = 0.0
        for engine in engines:
            if engine in {"clingo", "pyshacl"} and teams > MOST_FOR_PEERS:
                continue
            command = [sys.executable, str(HERE / "questions.py"), engine, str(teams)]
            output = subprocess.run(
                command, check=True, capture_output=True, text=True, env=_environment()
            ).stdout
            said = json.loads(output)
            floor = floor or said["cpu"]
            answers = " ".join(f"{name}={number}" for name, number in said["answers"].items())
            times = f"{said['cpu'] / floor:.1f} x plain"
            rows.append((engine, f"{teams:,}", f"{said['cpu'] * 1000:.1f}", times, answers))
    return Table("Four questions", ("engine", "teams", "CPU ms", "ratio", "answers"), rows)


BUDGETS = {1000: (1.0, 120), 10_000: (8.0, 700), 100_000: (100.0, 6000)}


def peers(sizes: Sequence[int], runs: int) -> Table:
    """The whole `check`, what PyYAML takes to read the same organisation, and other checkers."""
    rows = []
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
            others = list(_others(teams, Path(folder), many, whole))
        seconds, megabytes = BUDGETS.get(teams, (0.0, 0))
        limit = f"{seconds} s, {megabytes} MB" if seconds else ""
        rows.append(_row("PyYAML CSafeLoader", teams, yaml, "", ""))
        rows.append(
            _row("orgdiag, parsing", teams, read, f"{read.cpu / yaml.cpu:.2f} x PyYAML", "0.6 x")
        )
        rows.append(
            _row("orgdiag check", teams, whole, f"{whole.cpu / yaml.cpu:.2f} x PyYAML", limit)
        )
        rows += others
    head = ("process", "teams", "CPU s", "wall s", "MB", "ratio", "budget")
    return Table("Whole runs", head, rows)


def _row(name: str, teams: int, cost: Cost, ratio: str, budget: str) -> Row:
    times = f"{cost.cpu:.2f}", f"{cost.wall:.2f}"
    return name, f"{teams:,}", *times, f"{cost.memory:.0f}", ratio, budget


def _others(teams: int, folder: Path, runs: int, ours: Cost) -> Iterator[Row]:
    """Checkers of another language on the same organisation, as multiples of `orgdiag check`."""
    if teams > MOST_FOR_PEERS:
        return
    for name, package, (program, *options), text in OTHERS:
        found = _found(package, program)
        if found is None:
            yield name, f"{teams:,}", "", "", "", f"left out: no npm package {package}", ""
            continue
        target = folder / text
        target.parent.mkdir(exist_ok=True)
        command = [sys.executable, str(HERE / "generate.py"), str(teams), str(target)]
        subprocess.run(command, check=True)
        # LikeC4 reads folders, Spectral files.
        what = target if target.parent == folder else target.parent
        cost = process([found, *options, str(what)], runs)
        ratio = f"{cost.cpu / ours.cpu:.2f} x orgdiag, {cost.wall / ours.wall:.2f} x on the clock"
        yield _row(name, teams, cost, ratio, "> 1 x")


OTHERS = (
    ("LikeC4 validate", "likec4", ("likec4", "validate"), "c4/org.c4"),
    (
        "Spectral lint, five rules", "@stoplight/spectral-cli",
        ("spectral", "lint", "--ignore-unknown-format", "--ruleset", str(HERE / "spectral.yaml")),
        "spectral.yaml",
    ),
)  # fmt: skip


def _found(package: str, program: str) -> str | None:
    """Where the program of an npm package is: on the PATH, or where npx has it; never fetched."""
    path = shutil.which(program)
    if path is None and (npx := shutil.which("npx")):
        command = [npx, "--no-install", "--package", package, "-c", f"command -v {program}"]
        asked = subprocess.run(command, check=False, capture_output=True, text=True)
        path = asked.stdout.strip() if asked.returncode == 0 else None
    return path or None


_YAML = "import gc, sys, yaml; gc.disable(); yaml.load(open(sys.argv[1]), yaml.CSafeLoader)"
_READ = """
import gc, sys
from pathlib import Path
from orgdiag.load import load
gc.disable()
load([Path(sys.argv[1])], Path(sys.argv[1]))
"""


def main() -> None:
    """Reads the arguments and prints the tables."""
    sections: dict[str, Callable[[argparse.Namespace], Table]] = {
        "start-up": lambda given: start_up(given.runs),
        "stages": lambda given: stages(given.teams, given.runs),
        "rounds": lambda given: rounds(given.teams),
        "edits": lambda given: edits(given.teams),
        "questions": lambda given: asked(given.teams),
        "peers": lambda given: peers(given.teams, given.runs),
    }
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--teams", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=list(sections), default=list(sections))
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--stage-of", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--rounds-of", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--edits-of", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.stage_of:
        print(json.dumps(measure_stages(given.stage_of)))
        return
    if given.rounds_of:
        print(json.dumps(measure_rounds(given.rounds_of)))
        return
    if given.edits_of:
        print(json.dumps(measure_edits(given.edits_of)))
        return
    for name in given.only:
        for line in sections[name](given).lines(given.markdown):
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
