"""Do the tests notice a wrong formula? `python -m tests.mutation AREA [SAMPLE] [SEED]`.

One change at a time (a sign, a comparison, a number, a connective, a negation) is made in a copy of
the project, and the tests of the area are run on it. A change that no test notices is printed: it
is a gap, or it changes nothing (then it is equivalent). AREA is one of `AREAS`.
"""

from __future__ import annotations

import ast
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
# Which folder of the package, and how the names of its test files begin; those that notice most
# come first, since the first test that fails ends a run.
AREAS = {
    "partial": ("test_partial", "test_worlds"),
    "resolve": ("test_resolve", "test_load", "test_survivors"),
    "facts": ("test_facts", "test_shipped_rules", "test_survivors"),
    "metrics": ("test_numbers", "test_metrics", "test_published", "test_survivors"),
    "whatif": ("test_whatif", "test_references", "test_survivors"),
    "rule": ("test_rule", "test_shipped_rules", "test_survivors"),
    "evaluate": ("test_evaluate", "test_rule", "test_survivors"),
    "diagnose": ("test_diagnose", "test_vitals", "test_page"),
    "documents/sections": ("test_page", "test_report_html"),
    "drawing": ("test_drawing", "test_page"),
}
QUICK = "not slow and not node"
PATIENCE = 300  # seconds; a mutant that hangs is noticed

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
}  # fmt: skip
CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}


class Mutant(NamedTuple):
    """A change: where, and what stands there instead."""

    path: Path
    line: int
    start: int
    end: int
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.old}  ->  {self.new}"


def mutants(path: Path) -> Iterator[Mutant]:
    """Every change of a module; annotations, defaults and decorators are left alone."""
    text = path.read_text(encoding="utf-8")
    raw = text.encode()
    starts = [0]
    for line in raw.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef):
            continue
        for statement in function.body:
            for node in ast.walk(statement):
                for new in _changed(node):
                    start = starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
                    end = starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
                    old = raw[start:end].decode()
                    yield Mutant(path, node.lineno, start, end, old, f"({new})")  # type: ignore[attr-defined]


def _changed(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Compare(left, [operator, *rest], right) if type(operator) in COMPARED:
            yield ast.unparse(ast.Compare(left, [COMPARED[type(operator)](), *rest], right))
        case ast.BinOp(left, operator, right) if type(operator) in COMPUTED:
            yield ast.unparse(ast.BinOp(left, COMPUTED[type(operator)](), right))
        case ast.BoolOp(operator, values):
            other = ast.Or() if isinstance(operator, ast.And) else ast.And()
            yield ast.unparse(ast.BoolOp(other, values))
        case ast.UnaryOp(ast.Not(), operand):
            yield ast.unparse(operand)
        case ast.IfExp(test, body, orelse):
            yield ast.unparse(ast.IfExp(ast.UnaryOp(ast.Not(), test), body, orelse))
        case ast.Constant(bool() as value):
            yield str(not value)
        case ast.Constant(int() as value):
            yield str(value + 1)
        case ast.Name(id, ast.Load()) if id in CALLED:
            yield CALLED[id]


def noticed(mutant: Mutant, copy: Path, area: str) -> bool:
    """Whether a test fails on the copy with that change."""
    path = copy / mutant.path.relative_to(ROOT)
    sound = path.read_bytes()
    path.write_bytes(sound[: mutant.start] + mutant.new.encode() + sound[mutant.end :])
    try:
        return not passes(copy, area)
    finally:
        path.write_bytes(sound)


def passes(copy: Path, area: str) -> bool:
    """Whether the tests of an area pass on the copy; rules are kept beside it, for no other run."""
    tests = [
        str(path) for begin in AREAS[area] for path in sorted((copy / "tests").glob(f"{begin}*.py"))
    ]
    plugins = ["-p", "no:cacheprovider", "-p", "no:randomly"]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-m", QUICK, *plugins, *tests]
    environment = {
        **os.environ,
        "PYTHONPATH": str(copy),
        "PYTHONDONTWRITEBYTECODE": "1",
        "XDG_CACHE_HOME": str(copy.parent),
    }
    try:
        done = subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def main() -> None:
    """Run a seeded sample of an area's mutants and tell the score."""
    area = sys.argv[1]
    sample, seed = int((sys.argv[2:3] or ["60"])[0]), int((sys.argv[3:4] or ["1"])[0])
    every = [m for path in sorted((ROOT / "orgdiag" / area).rglob("*.py")) for m in mutants(path)]
    chosen = random.Random(seed).sample(every, min(sample, len(every)))
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        ignored = shutil.ignore_patterns(".git", "node_modules", "__pycache__", ".venv", "corpus")
        shutil.copytree(ROOT, copy, ignore=ignored)
        if not passes(copy, area):
            sys.exit("the tests fail on the unchanged copy")
        alive = 0
        for number, mutant in enumerate(chosen, 1):
            if not noticed(mutant, copy, area):
                alive += 1
                print(mutant, flush=True)
            print(f"{number}/{len(chosen)} {alive} alive", end="\r", file=sys.stderr)
    killed = len(chosen) - alive
    print(f"{area}, seed {seed}: {killed} of {len(chosen)} noticed "
          f"({100 * killed / len(chosen):.0f} %); {len(every)} changes are possible")  # fmt: skip


if __name__ == "__main__":
    main()
