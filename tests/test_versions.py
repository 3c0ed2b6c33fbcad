"""`python -m tests.versions` itself, without what takes minutes: what it would try, and where."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from versions import (
    DECLARED,
    DEPENDENCIES,
    FIRST,
    KINDS,
    NEEDED,
    PROJECT,
    ROOT,
    TESTS,
    TOOLS,
    Kind,
    found,
    lowest,
    outcome,
)

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_every_dependency_has_a_lowest_version_and_it_is_tried() -> None:
    assert [pin.partition("==")[0] for pin in lowest()] == [known.name for known in DEPENDENCIES]
    assert all(pin.replace("==", ">=") in PROJECT["dependencies"] for pin in lowest())
    assert KINDS["lowest"].bounds == lowest()


def test_the_pythons_that_are_tried_are_those_that_are_declared() -> None:
    assert PROJECT["requires-python"] == f">={FIRST}"
    assert {kind.python for kind in KINDS.values()} == set(DECLARED)
    assert {kind.python for kind in KINDS.values() if kind.needed} == {FIRST}


def test_the_tests_and_what_they_need_are_there() -> None:
    assert all((ROOT / name).is_file() for name in TESTS)
    assert len(TOOLS) == len(NEEDED)


def test_a_python_that_does_not_start_or_is_another_one_is_passed_over(tmp_path: Path) -> None:
    shim = script(tmp_path / "shim", f"echo '{RUNNING}'; exit 127")
    other = script(tmp_path / "other", "echo 2.7")
    places = (tmp_path / "none", shim, other, Path(sys.executable))
    assert found(Kind(RUNNING, places)) == Path(sys.executable)
    assert found(Kind(RUNNING, places[:-1])) is None


@pytest.mark.parametrize(
    ("needed", "ci", "failed"),
    [(True, "true", True), (True, "", False), (False, "true", False), (False, "", False)],
)
def test_a_python_that_is_missing_is_told_and_fails_a_ci_that_needs_it(
    needed: bool, ci: str, failed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    told = outcome(Kind("3.99", (), needed=needed), tmp_path, tmp_path)
    assert told.said.startswith("Python 3.99: not on this machine")
    assert told.failed is failed


def test_a_kind_that_cannot_be_set_up_fails_with_what_was_printed(tmp_path: Path) -> None:
    broken = script(
        tmp_path / "broken", f'test "$1" = -c && echo {RUNNING} || (echo no venv; exit 1)'
    )
    told = outcome(Kind(RUNNING, (broken,)), tmp_path, tmp_path / "folder")
    assert (told.failed, told.output) == (True, "no venv\n")
    assert told.said == f"Python {RUNNING}: FAILED"


def test_ci_tries_every_kind() -> None:
    assert ".venv/bin/python -m tests.versions\n" in (ROOT / ".ci/run").read_text()
