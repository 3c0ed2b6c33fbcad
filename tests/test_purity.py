"""Stages leave their input as it was, and nothing behind in the process."""

from __future__ import annotations

import ast
import gc
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from reading import opened, resolve

from orgdiag import formats
from orgdiag.documents import dossier
from orgdiag.documents.excerpt import PLAIN
from orgdiag.documents.sections import page
from orgdiag.parse import Parsed, parse
from orgdiag.text.source import Source
from orgdiag.text.syntax import Statement

ROOT = Path(__file__).parent.parent


def texts(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.orgd"))]


def models() -> Iterator[Any]:
    """Every model of the examples, the corpus and the pages of the language, broken ones too."""
    for home in ("examples", "tests/corpus"):
        for folder in sorted(path for path in (ROOT / home).iterdir() if path.is_dir()):
            yield pytest.param(texts(folder), id=folder.name)
    for path in sorted((ROOT / "tests/language").glob("*.md")):
        for section in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            title = f"{path.stem}: {section.partition(chr(10))[0]}"
            blocks = re.findall(r"^```orgd\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
            yield pytest.param(blocks, id=title)


def told(value: Any) -> Any:
    """All that a value holds, field by field."""
    if is_dataclass(value):
        return [(field.name, told(getattr(value, field.name))) for field in fields(value)]
    if isinstance(value, Mapping):
        return [(key, told(inner)) for key, inner in value.items()]
    return [told(item) for item in value] if isinstance(value, tuple) else repr(value)


def trees(statements: Sequence[Statement] | None) -> Any:
    """All that statements hold."""
    return statements and [
        (s.type, s.source, s.start, s.text, s.end, s.broken, trees(s.body)) for s in statements
    ]


def everything(files: Sequence[Parsed]) -> Any:
    return [(file.source, trees(file.statements), told(file.findings)) for file in files]


@pytest.mark.parametrize("files", list(models()))
def test_a_model_that_was_resolved_says_the_same_when_it_is_resolved_again(
    files: list[str],
) -> None:
    parsed = [parse(Source(f"{number}.orgd", text)) for number, text in enumerate(files)]
    before = everything(parsed)
    first = resolve(parsed)
    assert everything(parsed) == before, "resolving changed the statements that it was given"
    again = resolve(parsed)
    assert told(again.findings) == told(first.findings)
    assert told(again.org) == told(first.org)


# --- formats render, and nothing else -------------------------------------------------------------

# What finds, computes or judges; how an amount is said is part of no stage.
STAGES = re.compile(
    r"/orgdiag/((facts|metrics|diagnose|resolve|parse|layout)/|(load|pipeline|gates|diff)\.py|"
    r"evaluate/(?!wording\.py))"
)


def test_no_stage_runs_while_something_is_rendered() -> None:
    """Every function that is called on the way is looked at."""
    report = opened(ROOT / "examples/meridian", isolated=True).report(diagnosed=True)
    shown = page(report)
    climbed = set()

    def look(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and (found := STAGES.search(frame.f_code.co_filename)):
            climbed.add(f"{found[0]} {frame.f_code.co_name}")

    for render in (
        *(
            partial(formats.render, name, shown if formats.of_page(name) else report, PLAIN)
            for name in formats.names()
        ),
        partial(dossier.render, shown),
    ):
        render()  # modules are loaded
        sys.setprofile(look)
        try:
            render()
        finally:
            sys.setprofile(None)
    assert climbed == set()


# --- nothing stays in the process -----------------------------------------------------------------


@pytest.mark.slow
def test_reading_and_judging_again_and_again_keeps_nothing_alive(tmp_path: Path) -> None:
    """`python benchmarks/run.py --only rounds` measures the same of large models."""
    model = tmp_path / "org.orgd"
    generate = [sys.executable, str(ROOT / "benchmarks/generate.py"), "15", str(model)]
    subprocess.run(generate, check=True)
    names, alive = formats.names(), []
    frozen = gc.get_freeze_count()
    for _ in range(16):
        report = opened(model, isolated=True).report(diagnosed=True)
        shown = page(report)
        for name in names:
            formats.render(name, shown if formats.of_page(name) else report, PLAIN)
        del report, shown
        gc.collect()
        alive.append(sys.getallocatedblocks())
    assert max(alive[2:]) < 1.02 * alive[1], alive
    assert gc.get_freeze_count() == frozen


Code = Mapping[str, ast.Module]


@pytest.fixture(scope="module")
def code() -> Code:
    """Every module of the package by the name of its file."""
    home = ROOT / "orgdiag"
    return {
        path.relative_to(home).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(home.rglob("*.py"))
    }


# What is kept as long as the process lives, and why it cannot grow.
KEPT = {
    "catalogue.py: _cycle_fields": "four fields for each kind of element",
    "catalogue.py: catalogue": "the fields that the code declares",
    "documents/contract.py: _plain_text": "the texts of the last 1,024 parameters",
    "evaluate/fields.py: _plurals": "two spellings for each kind of element",
    "finding.py: _hasher": "one function of the standard library, loaded late",
    "formats/html/__init__.py: _asset": "the style and the script that are shipped",
    "formats/html/__init__.py: _shipped": "the templates that are shipped, compiled",
    "formats/sarif.py: _uri": "the last 1,024 paths",
    "model/references.py: _held": "where each class of element may name others",
    "model/references.py: names_of": "where each class of parts names elements",
    "model/schema.py: schema": "the properties of each kind of element",
    "parse/__init__.py: _parser": "the tables of the grammar",
    "parse/__init__.py: _tables": "the tables of the grammar",
    "parse/__init__.py: _words": "one pattern, made from the grammar",
    "resolve/elements.py: table": "the readers of each kind of element",
    "resolve/elements.py: vocabulary": "the words of the model language",
    "resolve/statements.py: table": "the readers of each kind of element",
    "rule/literal.py: _minutes": "the units of the last 16 calendars",
    "rule/read.py: _terminals": "the patterns of the grammar of rules",
    "rule/read.py: parser": "the parser of the grammar of rules, by where it starts",
    "rule/read.py: reserved": "the words of the grammar of rules",
    "whatif/operations/__init__.py: _names": "the verbs of changes",
    "whatif/operations/__init__.py: verbs": "the verbs of changes",
    "whatif/operations/__init__.py: forms": "how the verbs of changes are written",
}  # fmt: skip


def test_every_cache_of_the_process_is_known_to_be_bounded(code: Code) -> None:
    """A cache inside a function ends with its call, and one of an object with the object."""
    found = {
        f"{name}: {node.name}"
        for name, tree in code.items()
        for scope in scopes(tree)
        for node in scope.body
        if isinstance(node, ast.FunctionDef)
        for decorator in node.decorator_list
        if re.search(r"\b(?:cache|lru_cache)\b", ast.unparse(decorator))
    }
    assert found == set(KEPT)


CHANGES = frozenset({
    "add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "reverse",
    "setdefault", "sort", "update",
})  # fmt: skip


def test_no_list_dictionary_or_set_of_a_module_is_changed(code: Code) -> None:
    """What one module fills while others are imported depends on which were imported, and when."""
    kept = {known for tree in code.values() for known in containers(tree)}
    found = [
        f"{name}:{line}: {what}"
        for name, tree in code.items()
        for line, what in changes(tree)
        if (not what.startswith("self.") and what.rpartition(".")[2] in kept)
        or what.startswith("global ")
    ]
    assert len(kept) > 30
    assert not found


def scopes(tree: ast.Module) -> list[ast.Module | ast.ClassDef]:
    """The module and its classes: what stands in them lives as long as the process."""
    return [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]


def containers(tree: ast.Module) -> Iterator[str]:
    """The names of the lists, dictionaries and sets of a module."""
    displays = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
    calls = ("dict", "list", "set", "defaultdict", "Counter", "OrderedDict", "deque")
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            call = isinstance(node.value, ast.Call) and ast.unparse(node.value.func) in calls
            if call or isinstance(node.value, displays):
                yield from map(ast.unparse, targets)


def changes(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The line of every change of something that has a name, and the name."""
    for node in ast.walk(tree):
        match node:
            case ast.Global(names=names):
                yield node.lineno, f"global {', '.join(names)}"
            case ast.Call(func=ast.Attribute(value=value, attr=method)) if method in CHANGES:
                yield node.lineno, ast.unparse(value)
            case ast.Assign(targets=targets) | ast.Delete(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Subscript):
                        yield node.lineno, ast.unparse(target.value)
            case ast.AugAssign(target=ast.Subscript(value=target) | target):
                yield node.lineno, ast.unparse(target)


def test_the_collector_is_the_business_of_the_process_alone(code: Code) -> None:
    used = [
        name
        for name, tree in code.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import) and "gc" in [alias.name for alias in node.names]
    ]
    assert used == ["cli/__init__.py"]


# --- what was imported first ----------------------------------------------------------------------

_KEY = """
import importlib, random, sys
names = sys.argv[2:]
random.Random(int(sys.argv[1])).shuffle(names)
for name in names[: len(names) // 2]:
    importlib.import_module(name)
from orgdiag.catalogue import catalogue
from orgdiag.rule.prepare import key_of
print(key_of((), catalogue()), *catalogue().metrics["stream"])
"""


@pytest.mark.slow
def test_words_and_their_key_are_the_same_whatever_was_imported_first(code: Code) -> None:
    """Prepared rules are kept under the key: with another one they are all read and checked."""
    parts = ("facts", "metrics", "diagnose", "documents", "evaluate", "rule", "diff", "gates")
    names = [
        f"orgdiag.{name.removesuffix('.py').removesuffix('/__init__').replace('/', '.')}"
        for name in code
        if name.startswith(parts)
    ]
    said = {
        subprocess.run(
            [sys.executable, "-c", _KEY, str(seed), *names],
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in range(20)
    }  # fmt: skip
    assert len(said) == 1
    assert "lead-time" in said.pop()
