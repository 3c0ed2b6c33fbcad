"""A test that lacks its tool says so: it is skipped, and fails where everything must be there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tools

TESTS = Path(__file__).parent


def test_what_is_missing_skips_a_test_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "STRICT", False)
    with pytest.raises(pytest.skip.Exception, match="no-such-program is missing"):
        tools.program("no-such-program")
    with pytest.raises(pytest.skip.Exception, match="a lake is missing"):
        tools.need(None, "a lake")


def test_with_ci_what_is_missing_fails_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "STRICT", True)
    with pytest.raises(pytest.fail.Exception, match="no-such-program or nor-this is missing"):
        tools.program("no-such-program", "nor-this")
    with pytest.raises(pytest.fail.Exception, match="with CI=true nothing is skipped"):
        tools.need(False, "a lake")


@pytest.mark.parametrize(("value", "strict"), [("true", "True"), ("", "False")])
def test_the_environment_says_whether_everything_must_be_there(value: str, strict: str) -> None:
    command = [sys.executable, "-c", "import tools; print(tools.STRICT)"]
    environment = {**os.environ, "CI": value, "PYTHONPATH": str(TESTS)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == strict


def test_what_is_there_is_used(tmp_path: Path) -> None:
    assert Path(tools.program("no-such-program", "sh")).name == "sh"
    assert tools.locale("C.UTF-8", tmp_path) == {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}


def test_what_takes_too_much_cpu_time_fails() -> None:
    def spin() -> None:
        with tools.cpu_limit(0.01):
            while True:
                pass

    with pytest.raises(pytest.fail.Exception, match=r"more than 0.01 s of CPU"):
        spin()
    with tools.cpu_limit(60):
        pass


def test_what_is_made_once_is_made_anew_only_after_a_failure(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = []

    def make(folder: Path) -> None:
        assert list(folder.iterdir()) == []
        (folder / "half").touch()
        made.append(folder)
        assert len(made) > 1, "the first time it fails"

    with pytest.raises(AssertionError, match="the first time"):
        tools.made_once(tmp_path_factory, "a thing", make)
    folders = {tools.made_once(tmp_path_factory, "a thing", make) for _ in range(3)}
    assert (len(made), folders) == (2, set(made))


def lines(words: str, *but: str) -> list[str]:
    """The lines of the tests, but for some files, that a pattern is found in."""
    others = {TESTS / name for name in but} | {Path(__file__)}
    return [
        f"{path.relative_to(TESTS)}:{number}: {line.strip()}"
        for path in sorted(set(TESTS.rglob("*.py")) - others)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(words, line)
    ]


def test_nothing_else_skips_a_test() -> None:
    assert lines(r"pytest\.skip|skipif|importorskip|mark\.skip|SkipTest|unittest", "tools.py") == []


def test_no_test_sleeps_or_reads_a_clock() -> None:
    """But for one that reports the CPU time of each attack."""
    clocks = r"\b(import time|from time|sleep\(|perf_counter|monotonic|time\.time)\b"
    assert lines(clocks, "hostile/worker.py") == []
