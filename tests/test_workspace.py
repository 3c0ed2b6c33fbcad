"""A workspace: texts on the disk and unsaved ones, read and judged as often as somebody asks."""

from __future__ import annotations

import gc
import subprocess
import sys
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import orgdiag
import orgdiag.workspace
from orgdiag import OrgdiagError, Workspace, check_paths, check_text
from orgdiag.config import Settings
from orgdiag.files.buffers import Buffers
from orgdiag.files.opening import Anchored
from orgdiag.files.reading import DISK
from orgdiag.finding import Finding
from orgdiag.load import load
from orgdiag.parse import parse
from orgdiag.report import Report

ROOT = Path(__file__).parent.parent
MERIDIAN = ROOT / "examples/meridian"
DAY = date(2026, 1, 31)
ASKING = "team app { type stream-aligned; size 6; needs data from base }"
GIVING = "team base { type platform; size 5 }"


def opened(root: Path) -> Workspace:
    return Workspace(root, Settings(root, use_baseline=False), today=lambda: DAY)


def said(found: Report | tuple[Finding, ...]) -> list[str]:
    findings = found.findings if isinstance(found, Report) else found
    return [str(finding) for finding in findings]


def put(folder: Path, **texts: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.orgd").write_text(text, encoding="utf-8")


# --- one question ---------------------------------------------------------------------------------


def test_a_text_is_checked_in_one_line() -> None:
    code = "import orgdiag; print(orgdiag.check_text('team a { sise 3 }').findings[0])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "<text>:1:10: error[unknown-word] unknown property `sise` of team `a`\n"


def test_a_text_is_called_what_it_is_said_to_be_called() -> None:
    (first, *_) = check_text("team a { sise 3 }", path="org/a.orgd").findings
    assert str(first.span) == "org/a.orgd:1:10"


def test_the_line_of_a_finding_obeys_no_foreign_text() -> None:
    (first, *_) = check_text("team a { sise 3 }", path="a\n::error::x\x1b[31m").findings
    assert str(first).startswith(r"a\n::error::x\x1b[31m:1:10: ")


def test_paths_are_checked_with_the_configuration_above_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "org", a="team a { size 3 }")
    (tmp_path / "orgdiag.toml").write_text('[rules.orphan-element]\nseverity = "error"\n')
    (first,) = [f for f in check_paths([tmp_path / "org"]).findings if f.rule == "orphan-element"]
    assert str(first) == "org/a.orgd:1:6: error[orphan-element] nothing in the model uses a"
    assert said(check_paths(str(tmp_path / "org"))) == said(check_paths([tmp_path]))
    monkeypatch.chdir(tmp_path)
    assert said(check_paths()) == said(check_paths([tmp_path]))
    with pytest.raises(OrgdiagError, match="there is no file or folder"):
        check_paths([tmp_path / "nowhere"])


def test_what_is_public_is_there_and_nothing_is_loaded_for_it() -> None:
    for name in orgdiag.__all__:
        assert getattr(orgdiag, name)
    with pytest.raises(AttributeError, match="nothing"):
        getattr(orgdiag, "nothing")  # noqa: B009 - that is what is tested
    code = "import orgdiag, sys; print(sum(name.startswith('orgdiag.') for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"


# --- unsaved texts --------------------------------------------------------------------------------


def test_unsaved_texts_that_name_each_other_are_judged_together(tmp_path: Path) -> None:
    put(tmp_path / "disk", a=ASKING, b=GIVING)
    on_disk = said(opened(tmp_path / "disk").report())
    workspace = opened(tmp_path / "nothing is there")
    workspace.set_text("a.orgd", ASKING)
    assert any("no team is called `base`" in line for line in said(workspace.report()))
    workspace.set_text("b.orgd", GIVING)
    assert said(workspace.report()) == on_disk


def test_an_unsaved_text_stands_for_its_file_until_it_is_closed(tmp_path: Path) -> None:
    put(tmp_path, a=ASKING, b=GIVING)
    workspace = opened(tmp_path)
    before = said(workspace.report())
    workspace.set_text(tmp_path / "b.orgd", "")
    assert any("no team is called `base`" in line for line in said(workspace.problems("a.orgd")))
    workspace.close("b.orgd")
    assert said(workspace.report()) == before


def test_the_disk_is_read_again_after_a_refresh(tmp_path: Path) -> None:
    put(tmp_path, a=ASKING, b=GIVING)
    workspace = opened(tmp_path)
    before = said(workspace.report())
    put(tmp_path, b="team base { sise 3 }")
    assert said(workspace.report()) == before
    workspace.refresh()
    assert any("unknown property `sise`" in line for line in said(workspace.report()))


def test_an_unsaved_text_may_be_included(tmp_path: Path) -> None:
    put(tmp_path, a=f'{ASKING}\ninclude "parts/*.orgd"')
    workspace = Workspace(tmp_path, paths=[tmp_path / "a.orgd"])
    workspace.set_text("parts/b.orgd", GIVING)
    assert set(workspace.org.teams) == {"app", "base"}


@pytest.mark.parametrize("name", ["a.orgd", "deep/er/a.orgd", ".git/a.orgd", "a.txt"])
def test_unsaved_texts_are_found_where_files_would_be(tmp_path: Path, name: str) -> None:
    put(tmp_path / "disk", other=GIVING)
    path = tmp_path / "disk" / name
    unsaved = load([tmp_path], tmp_path, files=Buffers(DISK, {path: ASKING}))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ASKING)
    saved = load([tmp_path], tmp_path)
    assert [s.path for s in unsaved.sources] == [s.path for s in saved.sources]


def test_an_unsaved_text_is_held_against_the_limits_of_a_file(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, Settings(tmp_path, limits={"file_bytes": 10}))
    workspace.set_text("a.orgd", ASKING)
    workspace.set_text("b.orgd", "\ud800")
    rules = sorted(finding.rule for finding in workspace.model.findings)
    assert rules == ["too-large", "unreadable-text"]


def test_a_folder_that_is_a_link_is_not_entered_for_an_unsaved_text(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "org").mkdir()
    (tmp_path / "org/link").symlink_to(tmp_path / "elsewhere")
    files = Buffers(DISK, {tmp_path / "org/link/a.orgd": ASKING, tmp_path / "org/b.orgd": GIVING})
    found = files.entries(Anchored(tmp_path, Path("org")))
    assert [(entry.name, entry.link) for entry in found] == [("b.orgd", False), ("link", True)]


# --- what is asked, and no more -------------------------------------------------------------------


def test_only_a_text_that_changed_is_parsed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def counted(source: Any) -> Any:
        parsed.append(source.path)
        return parse(source)

    monkeypatch.setattr(orgdiag.workspace, "parse", counted)
    put(tmp_path, a=ASKING, b=GIVING)
    workspace = opened(tmp_path)
    workspace.report()
    workspace.set_text("a.orgd", f"{ASKING} # again")
    workspace.report()
    assert workspace.occurrences
    assert parsed == ["a.orgd", "b.orgd", "a.orgd"]


def test_the_problems_of_a_file_are_the_findings_that_stand_in_it() -> None:
    workspace = Workspace(MERIDIAN)
    findings = workspace.report().findings
    for path in sorted(MERIDIAN.rglob("*.orgd")):
        inside = tuple(f for f in findings if f.span.path == workspace.name(path))
        assert workspace.problems(path) == inside
    assert any(workspace.problems(path) for path in MERIDIAN.rglob("*.orgd"))


def test_what_the_reader_found_is_told_without_asking_a_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, a="team a { sise 3 }")
    workspace = opened(tmp_path)
    monkeypatch.setattr(Workspace, "rules", property(lambda _: pytest.fail("rules were read")))
    (found,) = workspace.problems("a.orgd", judged=False)
    assert found.rule == "unknown-word"
    assert workspace.problems("b.orgd", judged=False) == ()


def test_judging_can_be_left_off_at_every_rule() -> None:
    whole = Workspace(MERIDIAN)
    names = list(whole.judging())
    assert names == [rule.name for rule in whole.rules if rule.checks]
    expected = said(whole.report())
    workspace = Workspace(MERIDIAN)
    for number in range(0, len(names), 7):
        steps = workspace.judging()
        assert list(islice(steps, number)) == names[:number]
        if number % 2:
            steps.close()  # type: ignore[attr-defined]
    assert said(workspace.report()) == expected
    assert list(workspace.judging()) == [], "what is there is not judged again"


def test_judging_that_goes_on_after_an_edit_says_nothing_of_the_new_text(tmp_path: Path) -> None:
    put(tmp_path, a=ASKING, b=GIVING)
    workspace = opened(tmp_path)
    steps = workspace.judging()
    next(steps)
    workspace.set_text("b.orgd", "team base { sise 3 }")
    assert list(steps)
    assert any("unknown property `sise`" in line for line in said(workspace.report()))


def edited_again_and_again(workspace: Workspace, times: int, judged: int) -> list[int]:
    """How many blocks are alive after each hundredth of the edits; every `judged`th is judged."""
    alive = []
    for number in range(times):
        workspace.set_text("a.orgd", f"{ASKING}\nteam extra {'{'} size {number % 9 + 1} {'}'}")
        workspace.problems("a.orgd", judged=number % judged == 0)
        if number % (times // 10) == 0:
            gc.collect()
            alive.append(sys.getallocatedblocks())
    return alive


@pytest.mark.parametrize("judged", [100, pytest.param(1, marks=pytest.mark.slow)])
def test_a_thousand_edits_of_a_file_keep_the_memory_level(tmp_path: Path, judged: int) -> None:
    put(tmp_path, b=GIVING)
    alive = edited_again_and_again(opened(tmp_path), 1000, judged)
    assert max(alive[2:]) < 1.01 * alive[1], alive
