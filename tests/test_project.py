"""The project keeps its own rules: lint, types, layers, docs that are true, lazy imports."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from pathlib import Path

import click
import pytest
from sample import sample

from orgdiag.cli import COMMANDS, cli

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
CODE = sorted((ROOT / "orgdiag").rglob("*.py"))
HEAVY = ("lark", "networkx", "pydantic", "jinja2", "rich", "pathspec", "yaml")


def run(*command: str | Path, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def passes(*command: str | Path) -> None:
    done = run(*command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff_finds_nothing() -> None:
    passes(BIN / "ruff", "check", "--quiet", ".")


def test_ruff_would_format_nothing() -> None:
    passes(BIN / "ruff", "format", "--check", "--quiet", ".")


def test_mypy_is_content_in_strict_mode() -> None:
    passes(BIN / "mypy")


def test_every_module_imports_only_what_lies_below_it() -> None:
    passes(BIN / "lint-imports", "--no-cache")


def test_only_loading_and_writing_touch_files() -> None:
    """Methods escape ruff's ban of `open`; this finds them."""
    allowed = {"files/opening.py", "files/reading.py", "files/writing.py"}
    readers = {"config/find.py", "formats/html/__init__.py", "baseline.py", "text/grammar.py"}
    writes = {"write_text", "write_bytes", "touch", "unlink", "rename"}
    found = []
    for path in CODE:
        name = path.relative_to(ROOT / "orgdiag").as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            attribute = node.func.attr
            if attribute in writes and name not in allowed:
                found.append(f"{name}: {attribute}")
            reads = name in readers | allowed or name.startswith("rule/")
            if attribute in ("read_text", "read_bytes") and not reads:
                found.append(f"{name}: {attribute}")
    assert not found


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_there_and_says_what_it_does(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)  # type: ignore[attr-defined]
    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help


def test_every_option_is_exercised_through_the_command_line() -> None:
    tests = "".join(path.read_text() for path in sorted((ROOT / "tests").glob("test_*.py")))
    unused = [
        f"{name} {option.opts[-1]}"
        for name in COMMANDS
        for option in cli.get_command(click.Context(cli), name).params  # type: ignore[attr-defined]
        if isinstance(option, click.Option)
        and not any(f'"{word}"' in tests for word in (*option.opts, *option.secondary_opts))
    ]
    assert unused == []


def loaded(*args: str, of: Sequence[str] = HEAVY, **env: str) -> set[str]:
    """The heavy libraries, or other modules, that a run has imported."""
    code = (
        "import sys; from orgdiag.cli import main; main(sys.argv[1:]); "
        f"print('LOADED', *(name for name in {of} if name in sys.modules))"
    )
    done = run(sys.executable, "-c", code, *args, COLUMNS="80", **env)
    assert "LOADED" in done.stdout, done.stderr
    return set(done.stdout.rpartition("LOADED")[2].split())


@pytest.mark.parametrize(
    "args",
    [
        ["--version"], ["--help"], [], ["chekc"], ["check", "--fail-level", "x"],
        *([name, "--help"] for name in COMMANDS), ["check", "--set", "x", "examples/healthy"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_help_version_and_usage_errors_load_no_heavy_library(args: list[str]) -> None:
    assert loaded(*args) == set()


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_no_verb_of_a_change(option: str) -> None:
    assert loaded(option, of=["orgdiag.whatif.operations"]) == set()


# Every command that needs rules, in every way that loads something else before them.
RULED = (
    "check MODEL", "check MODEL --format json", "check MODEL --format markdown",
    "check MODEL --output html=OUT", "check MODEL --output sarif=OUT", "diagnose MODEL",
    "diff MODEL MODEL", "metrics MODEL", "report MODEL", "report MODEL --format markdown",
    "why few-hands payments MODEL", "rule", "rule few-hands", "fields",
)  # fmt: skip


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which one run has kept the shipped rules."""
    cache = tmp_path_factory.mktemp("cache")
    run(sys.executable, "-m", "orgdiag", "rule", XDG_CACHE_HOME=str(cache))
    return cache


def ruled(line: str, model: str, out: Path) -> list[str]:
    return line.replace("MODEL", model).replace("OUT", str(out)).split()


@pytest.mark.parametrize("line", sample(RULED, 7))
def test_no_command_reads_rules_that_another_has_prepared(
    line: str, prepared: Path, tmp_path: Path
) -> None:
    args = ruled(line, "examples/meridian", tmp_path / "out")
    assert "lark" not in loaded(*args, XDG_CACHE_HOME=str(prepared))
    assert len([*prepared.glob("orgdiag/*")]) == 1


def test_the_readme_shows_the_help_as_it_is() -> None:
    help = run(sys.executable, "-m", "orgdiag", "--help", COLUMNS="80").stdout
    readme = (ROOT / "README.md").read_text()
    assert f"```text\n{help.replace('python -m orgdiag', 'orgdiag')}```" in readme


def test_the_finding_in_the_readme_is_a_real_one() -> None:
    block = re.search(r"```text\n(error\[.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert block is not None
    rule = block[1].partition("[")[2].partition("]")[0]
    command = (sys.executable, "-m", "orgdiag", "check", "examples/meridian", "--select", rule)
    printed = run(*command).stdout.splitlines()
    assert [line for line in block[1].splitlines() if line not in printed] == []


def test_ci_runs_the_lines_of_the_readme_and_of_contributing() -> None:
    readme = re.search(r"## Test\n\n```sh\n(.*)\n```", (ROOT / "README.md").read_text())
    assert readme is not None
    table = re.findall(r"^\| `(.*?)` \|", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    script = (ROOT / ".ci/run").read_text().splitlines()
    assert readme[1] in script
    assert readme[1].endswith(f"&& {table[0]}")
    for marker in ("slow", "hypothesis --hypothesis-profile long"):
        line = f"{table[0]} -m {marker}"
        assert line in table
        assert line in script
    for program, seed in (("tests.alone", " 1"), ("tests.versions", "")):
        assert f".venv/bin/python -m {program}" in table
        assert f".venv/bin/python -m {program}{seed}" in script


def test_the_layers_name_every_module() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert contracts["contracts"][0]["exhaustive"] is True


def blocks(language: str) -> list[tuple[str, str]]:
    """Every code block of a language in the pages, with where it stands."""
    found = []
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = page.read_text()
        for match in re.finditer(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            line = text.count("\n", 0, match.start()) + 1
            found.append((f"{page.name}:{line}", match[1]))
    return found


@pytest.mark.parametrize(("place", "text"), blocks("toml"), ids=lambda value: value[:20])
def test_the_configurations_in_the_docs_are_legal(place: str, text: str) -> None:
    from orgdiag.config.file import read
    from orgdiag.text.source import Source

    read(Source(place, text))


@pytest.mark.parametrize(("place", "text"), blocks("orgd"), ids=lambda value: value[:20])
def test_the_models_in_the_docs_can_be_read(place: str, text: str) -> None:
    from orgdiag.parse import parse
    from orgdiag.text.source import Source

    assert parse(Source(place, text)).findings == ()


_PYTHON = re.compile(r"^```python\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("name", ["api.md"])
def test_the_python_in_the_docs_prints_what_stands_below_it(name: str) -> None:
    """The blocks of a page are one program, run in the project."""
    blocks = _PYTHON.findall((ROOT / "docs" / name).read_text(encoding="utf-8"))
    program = "\nprint('next block')\n".join(code for code, _ in blocks)
    done = run(sys.executable, "-c", program)
    assert done.stderr == ""
    printed = done.stdout.split("next block\n")
    assert printed == [expected for _, expected in blocks]


@pytest.mark.parametrize("page", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").glob("*.md")))
def test_the_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.slow
def test_a_wheel_runs_outside_the_checkout(tmp_path: Path) -> None:
    passes(sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, ROOT)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "site")
    assert any(name.startswith("orgdiag/_data/rules/dependencies/") for name in names)
    assert "orgdiag/_data/grammar/model.lark" in names
    assert "orgdiag/_data/rules/prepared.json" in names
    shutil.copytree(ROOT / "examples/meridian", tmp_path / "meridian")
    done = run(
        sys.executable, "-m", "orgdiag", "check", "meridian", cwd=tmp_path,
        PYTHONPATH=str(tmp_path / "site"), PYTHONSAFEPATH="1", XDG_CACHE_HOME=str(tmp_path / "own"),
    )  # fmt: skip
    assert not (tmp_path / "own").exists(), "the wheel's rules were checked again"
    assert done.returncode == 1, done.stdout + done.stderr
    assert "error[too-many-blocking-dependencies]" in done.stdout
    for line in RULED:
        args = ruled(line, str(tmp_path / "meridian"), tmp_path / "out")
        assert "lark" not in loaded(
            *args, PYTHONPATH=str(tmp_path / "site"), PYTHONSAFEPATH="1", XDG_CACHE_HOME=os.devnull
        ), line
