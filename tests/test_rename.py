"""`orgdiag rename`: another id wherever a project names an element, and nothing else is touched."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest
from inside import ROOT, run
from test_occurrences import FOLDERS, elements, renamed, said, texts_of

from orgdiag.files import together
from orgdiag.files.together import NOTE, Change, Exchanged, unfinished, write_together

MODEL: Final = """\
# Who is where.
team app   "App"  { type stream-aligned; size 6; needs data from base }   # the first
team base { type platform; size 5 }
group area { kind tribe }
stream s "S" { owner app; arrivals 40/month
  step one { kind development; by app; process 2h; lead 1d }
  step two { kind deployment; by base; process 1h; lead 4d; after one }
}
interaction app with base { mode collaboration; since 2024-01-01 }
"""
GATES: Final = """\
[gates]
"stream.s.flow-efficiency" = ">= 1%"   # stays
"step.s.two.wait" = "<= 9w"
"team.app.blocking-fan-out" = "<= 9"
"""


def project(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return folder


def held(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# --- every name -----------------------------------------------------------------------------------


def called_otherwise(id: str) -> str:
    """An id that stands where the old one stood in every order, and is as near to others."""
    return f"{id.rpartition('.')[2][:126]}-0"


def on_disk(folder: Path, copy: Path, every: list[tuple[str, str]]) -> None:
    """Each element gets another id on the disk, at the places at which it is named.

    That findings and numbers of those texts differ by the name alone is what
    `tests/test_occurrences.py` shows of every element.
    """
    shutil.copytree(folder, copy)
    texts = texts_of(copy)
    for kind, id in every:
        new = called_otherwise(id)
        done = run("rename", f"{kind}:{id}", new, folder=copy)
        assert (done.code, done.err) == (0, ""), done
        assert texts_of(copy) == renamed(texts, kind, id, new), (kind, id)
        for path, text in zip(sorted(copy.glob("**/*.orgd")), texts, strict=True):
            path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("folder", FOLDERS[::4], ids=lambda folder: folder.name)
def test_an_element_is_renamed_on_the_disk(folder: Path, tmp_path: Path) -> None:
    every = elements(folder)
    on_disk(folder, tmp_path / "copy", every[:: max(1, len(every) // 2)])


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_element_is_renamed_on_the_disk(folder: Path, tmp_path: Path) -> None:
    on_disk(folder, tmp_path / "copy", elements(folder))


def test_findings_and_numbers_after_it_differ_by_the_name_alone(tmp_path: Path) -> None:
    folder = shutil.copytree(ROOT / "examples/meridian", tmp_path / "copy")
    before = said(*texts_of(folder))
    assert run("rename", "team:payments", "payments-0", folder=folder).code == 0
    assert said(*texts_of(folder), new="payments-0", old="payments") == before


def baselined(folder: Path, copy: Path) -> None:
    """When an element of each kind is renamed what the baseline knows stays known."""
    shutil.copytree(folder, copy)
    day = ("--as-of", "2026-01-31")
    run("check", *day, "--write-baseline", folder=copy)
    before = held(copy)
    known = run("check", *day, "--output-format", "json", folder=copy)
    for kind, id in {kind: (kind, id) for kind, id in elements(folder)}.values():
        done = run("rename", f"{kind}:{id}", called_otherwise(id), folder=copy)
        assert (done.code, done.err) == (0, ""), done
        now = run("check", *day, "--output-format", "json", folder=copy)
        assert json.loads(now.out)["summary"] == json.loads(known.out)["summary"], (kind, id)
        for name, data in before.items():
            (copy / name).write_bytes(data)


@pytest.fixture(autouse=True)
def not_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)  # baselines are written


@pytest.mark.parametrize(
    "folder",
    [pytest.param(folder, marks=[] if folder.name == "meridian" else pytest.mark.slow)
     for folder in FOLDERS],
    ids=lambda folder: folder.name,
)  # fmt: skip
def test_a_baseline_follows_a_renaming(folder: Path, tmp_path: Path) -> None:
    baselined(folder, tmp_path / "copy")


# --- what stands around a name --------------------------------------------------------------------


def test_comments_layout_line_ends_and_the_mark_at_the_beginning_stay(tmp_path: Path) -> None:
    text = "\ufeff" + MODEL.replace("\n", "\r\n")
    project(tmp_path, **{"m.orgd": text})
    done = run("rename", "team:app", "shop", folder=tmp_path)
    assert (done.code, done.out) == (0, "renamed team app to shop: 4 places, 1 file\n")
    expected = re.sub(r"\bapp\b", "shop", text)
    assert (tmp_path / "m.orgd").read_bytes().decode("utf-8") == expected


def test_all_files_that_name_it_are_written(tmp_path: Path) -> None:
    (first, *rest) = MODEL.split("group")
    project(tmp_path, **{"a.orgd": first, "b.orgd": "group" + rest[0]})
    done = run("rename", "team:base", "core", folder=tmp_path)
    assert done.out == "renamed team base to core: 4 places, 2 files\n"
    assert sorted(held(tmp_path)) == ["a.orgd", "b.orgd"]
    assert b"base" not in b"".join(held(tmp_path).values())


def test_gates_follow_a_renaming(tmp_path: Path) -> None:
    project(tmp_path, **{"m.orgd": MODEL, "orgdiag.toml": GATES})
    for element, new in (("stream:s", "t"), ("step:t.two", "t.ship"), ("team:app", "shop")):
        assert run("rename", element, new, folder=tmp_path).code == 0
    after = (tmp_path / "orgdiag.toml").read_text(encoding="utf-8")
    assert after == (
        GATES.replace("stream.s.", "stream.t.").replace("step.s.two", "step.t.ship")
        .replace("team.app", "team.shop")
    )  # fmt: skip
    assert run("check", "--select", "gate-broken", folder=tmp_path).code == 0


def test_a_difference_is_shown_and_nothing_written(tmp_path: Path) -> None:
    project(tmp_path, **{"m.orgd": MODEL})
    before = held(tmp_path)
    done = run("rename", "step:s.one", "build", "--diff", folder=tmp_path)
    changed = [line for line in done.out.splitlines() if line[0] in "+-"]
    assert changed == [
        "--- a/m.orgd",
        "+++ b/m.orgd",
        "-  step one { kind development; by app; process 2h; lead 1d }",
        "-  step two { kind deployment; by base; process 1h; lead 4d; after one }",
        "+  step build { kind development; by app; process 2h; lead 1d }",
        "+  step two { kind deployment; by base; process 1h; lead 4d; after build }",
    ]
    assert held(tmp_path) == before


# --- refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("element", "new", "why"),
    [
        ("team:app", "base", "there is a team `base` already"),
        ("team:app", "app", "the team is called `app` already"),
        ("team:app", "a b", "`a b` is no id"),
        ("team:app", "s.x", "`s.x` is no id"),
        ("team:app", "", "`` is no id"),
        ("team:app", "unknown", "`unknown` is not an id"),
        ("step:s.one", "t.one", "`t.one` is no id"),
        ("step:s.one", "two", "there is a step `s.two` already"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(
    tmp_path: Path, element: str, new: str, why: str
) -> None:
    project(tmp_path, **{"m.orgd": MODEL})
    before = held(tmp_path)
    done = run("rename", element, new, folder=tmp_path)
    assert (done.code, done.out) == (1, "")
    assert why in done.err
    assert held(tmp_path) == before


def test_an_id_that_would_make_another_place_ambiguous_is_refused(tmp_path: Path) -> None:
    text = f'{MODEL}accept oversized-team for area until 2030-01-01 because "x"\n'
    project(tmp_path, **{"m.orgd": text})
    done = run("rename", "team:app", "area", folder=tmp_path)
    assert done.code == 1, done
    assert "m.orgd:" in done.err
    assert held(tmp_path) == {"m.orgd": text.encode()}


def test_a_model_that_cannot_be_read_whole_is_not_edited(tmp_path: Path) -> None:
    project(tmp_path, **{"m.orgd": MODEL, "n.orgd": "xyzzy other { needs data from app }"})
    done = run("rename", "team:app", "shop", folder=tmp_path)
    assert done.code == 1
    assert "n.orgd:1:1" in done.err
    assert "mend these errors first" in done.err
    assert run("rename", "team:base", "core", folder=tmp_path).code == 0
    (tmp_path / "latin.orgd").write_bytes(b"team \xe9")
    done = run("rename", "team:core", "base", folder=tmp_path)
    assert (done.code, "byte 0xe9 is not UTF-8" in done.err) == (1, True)


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("team:nobody", "x"), "there is no team `nobody`"),
        (("taem:app", "x"), "did you mean `team`?"),
        (("interaction:app with base", "x"), "called after its teams"),
        (("app", "x"), "rename takes KIND:OLD and NEW"),
        (("team:app",), "rename takes KIND:OLD and NEW"),
        (("--finish",), "no change of files was cut off here"),
        (("--finish", "--undo"), "exclude each other"),
    ],
)
def test_what_makes_no_sense_is_wrong_usage(
    tmp_path: Path, args: tuple[str, ...], why: str
) -> None:
    project(tmp_path, **{"m.orgd": MODEL})
    done = run("rename", *args, folder=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert why in done.err


def test_what_was_left_out_is_said(tmp_path: Path) -> None:
    project(tmp_path, **{"m.orgd": MODEL, "draft.orgd": "team app"})
    done = run("rename", "team:app", "shop", "--exclude", "draft*", folder=tmp_path)
    assert done.code == 0
    assert "1 file or folder was left out (excluded)" in done.err


# --- several files, or none -----------------------------------------------------------------------

BEFORE: Final = {f"{name}.orgd": f"team {name} {{ needs data from base }}\n" for name in "abc"}
TOGETHER: Final = {**BEFORE, "base.orgd": "team base\n"}


def test_a_file_that_has_changed_since_it_was_read_stops_all(tmp_path: Path) -> None:
    project(tmp_path, a="one", b="two")
    changes = [Change("a", "one", "1"), Change("b", "something else", "2")]
    with pytest.raises(Exchanged):
        write_together(tmp_path, "test", changes)
    assert held(tmp_path) == {"a": b"one", "b": b"two"}


def test_a_file_that_cannot_be_written_takes_all_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(tmp_path, a="one", b="two")
    write = together._write

    def fails(root: Path, path: str, text: str) -> None:
        if text == "2":
            raise OSError(28, "No space left on device", path)
        write(root, path, text)

    monkeypatch.setattr(together, "_write", fails)
    with pytest.raises(OSError, match="No space"):
        write_together(tmp_path, "test", [Change("a", "one", "1"), Change("b", "two", "2")])
    assert held(tmp_path) == {"a": b"one", "b": b"two"}


def killed(folder: Path, call: int) -> int:
    """A renaming that is killed at that call after its note was begun."""
    program = [str(ROOT / "tests/struck.py"), "KILL", str(call), f".{NOTE[:40]}."]
    command = [sys.executable, *program, "rename", "team:base", "core"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode


def states(folder: Path) -> Counter[str]:
    """How many files are the old and how many the new ones; each is whole."""
    found: Counter[str] = Counter()
    for name, old in TOGETHER.items():
        text = (folder / name).read_text(encoding="utf-8")
        assert text in (old, old.replace("base", "core")), name
        found["old" if text == old else "new"] += 1
    return found


MOMENTS: Final = [3, 60, 120, 180, 240, 300]


@pytest.mark.parametrize("end", ["--finish", "--undo"])
@pytest.mark.parametrize(
    "calls", [MOMENTS[1:4], pytest.param(range(1, 400, 7), marks=pytest.mark.slow)]
)
def test_a_kill_leaves_old_or_new_files_and_the_next_run_says_which(
    tmp_path: Path, end: str, calls: Any
) -> None:
    halfway = 0
    for call in calls:
        folder = project(tmp_path / f"at {call}", **TOGETHER)
        if killed(folder, call) != -signal.SIGKILL:
            assert states(folder) == {"new": 4}
            continue
        found = states(folder)
        said = run("check", folder=folder)
        if not (folder / NOTE).exists():
            assert len(found) == 1
            assert "cut off" not in said.err
            continue
        halfway += len(found) == 2
        assert "`rename team:base core` was cut off" in said.err
        for state, count in found.items():
            listed = re.search(rf"{state}: ([^;]*);", said.err)
            assert listed is not None, said.err
            assert len(re.findall(r"\w+\.orgd", listed[1])) == count
        refused = run("rename", "team:a", "x", folder=folder)
        assert (refused.code, refused.out) == (1, "")
        assert run("rename", end, folder=folder).code == 0
        assert states(folder) == {"new" if end == "--finish" else "old": 4}
        assert not (folder / NOTE).exists()
    assert halfway, "no kill came while some files were written and others not"


def cut_off(folder: Path, **files: tuple[str, str]) -> None:
    rows = [{"path": path, "before": old, "after": new} for path, (old, new) in files.items()]
    text = json.dumps({"schema": 1, "what": "rename team:a b", "files": rows})
    (folder / NOTE).write_text(text, encoding="utf-8")


def test_a_file_that_was_changed_after_the_cut_is_left_to_its_author(tmp_path: Path) -> None:
    project(tmp_path, **{"a.orgd": "team b", "b.orgd": "team mine"})
    cut_off(tmp_path, **{"a.orgd": ("team a", "team b"), "b.orgd": ("# a", "# b")})
    before = held(tmp_path)
    done = run("rename", "--undo", folder=tmp_path)
    assert (done.code, held(tmp_path)) == (1, before)
    assert "changed since: b.orgd" in done.err


@pytest.mark.parametrize(
    "path", ["../x.orgd", "/root/x.orgd", ".git/config", ".git/x.orgd", "a/.ssh/x.json", "run.py"]
)
def test_a_note_of_a_stranger_reaches_nothing_but_plain_files_of_the_project(
    tmp_path: Path, path: str
) -> None:
    folder = project(tmp_path / "project", **{"m.orgd": MODEL})
    cut_off(folder, **{path: ("", "x")})
    with pytest.raises(ValueError):
        unfinished(folder)
    done = run("rename", "--finish", folder=folder)
    assert done.code == 2
    assert "tells of no change that orgdiag makes" in done.err


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "[" * 100_000, '{"schema": 1, "files": 3}', "\x00"]
)
def test_a_note_that_is_none_is_said(tmp_path: Path, text: str) -> None:
    project(tmp_path, **{"m.orgd": MODEL, NOTE: text})
    done = run("check", folder=tmp_path)
    assert done.code == 2
    assert "remove it" in done.err


def test_a_note_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    folder = project(tmp_path / "project", **{"m.orgd": MODEL})
    (folder / NOTE).symlink_to("/etc/passwd")
    assert run("check", folder=folder).code == 2
