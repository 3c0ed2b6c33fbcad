"""Every file that a command opens, in every wrong state: told, not followed, not waited for.

The table of slots names the files, the table of states what may stand in a file's place. Each pair
runs twice: with handles of folders, and as on a system without them.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from orgdiag.cli import main
from orgdiag.files import opening
from orgdiag.files.opening import Anchored, anchored, folder_of, is_private
from orgdiag.files.reading import DISK, plain_bytes
from orgdiag.files.together import NOTE
from orgdiag.rule import prepare

FOREIGN = "a line of somebody else"
MODEL = "team a { size 5 }\n"
RULE = (
    'rule own {\n  title "t"\n  severity info\n  kind symptom\n  check each team\n'
    '  flag team when team.size > 9\n  message "m"\n  why "w"\n  fix "f"\n}\n'
)
CONFIG = 'fail-level = "error"\n'
BASELINE = '{"schema": 1, "findings": []}\n'
CUT_OFF = '{"schema": 1, "what": "rename team:b a", "files": []}'
SHORT = ("--select", "team-too-large,model", "--as-of", "2025-03-01")


class Slot(NamedTuple):
    """A file that a command opens.

    args   the command, in the folder of the project
    path   the file, from there
    text   what it holds when all is well; None for a file that is only written
    limit  how many bytes are read
    told   whether the run says so when the file is in a wrong state
    named  whether the command line names the file: a folder in its place is one to search
    shows  what is printed when the file is in its right state
    setup  what else has to be there: path → text
    """

    args: tuple[str, ...]
    path: str
    text: str | None
    limit: int = 4 << 20
    told: bool = True
    named: bool = False
    shows: str = ""
    setup: dict[str, str] = {}  # noqa: RUF012 - never changed


def judges(*args: str) -> tuple[str, ...]:
    return ("check", *args, *SHORT)


READ = {
    "model": Slot(judges("m.orgd"), "m.orgd", MODEL, named=True),
    "model in a folder": Slot(judges("org"), "org/m.orgd", MODEL, setup={"org/other.orgd": MODEL}),
    "model in a folder below": Slot(judges("org"), "org/x/m.orgd", MODEL),
    "include": Slot(judges("m.orgd"), "x/y.orgd", MODEL, setup={"m.orgd": 'include "x/y.orgd"'}),
    "old model": Slot(("diff", "old.orgd", "m.orgd", *SHORT), "old.orgd", MODEL, named=True,
                      setup={"m.orgd": MODEL}),
    "renamed": Slot(("rename", "team:a", "b", "m.orgd"), "m.orgd", MODEL, named=True),
    "baseline of a renaming": Slot(("rename", "team:a", "b"), "orgdiag.baseline.json", BASELINE,
                                   64 << 20, setup={"m.orgd": MODEL}),
    "note of a change that was cut off": Slot(judges("m.orgd"), NOTE, CUT_OFF, 64 << 20,
                                              setup={"m.orgd": MODEL}),
    "formatted": Slot(("format", "f.orgd"), "f.orgd", MODEL, named=True),
    "configuration": Slot(judges("m.orgd"), "orgdiag.toml", CONFIG, 1 << 20,
                          setup={"m.orgd": MODEL}),
    "pyproject": Slot(judges("m.orgd"), "pyproject.toml", "[tool.orgdiag]\n", 1 << 20,
                      setup={"m.orgd": MODEL}),
    "--config": Slot(judges("m.orgd", "--config", "c/own.toml"), "c/own.toml", CONFIG, 1 << 20,
                     setup={"m.orgd": MODEL}),
    "baseline": Slot(judges("m.orgd"), "orgdiag.baseline.json", BASELINE, 64 << 20,
                     setup={"m.orgd": MODEL}),
    "baseline that a configuration names": Slot(
        judges("m.orgd"), "b/known.json", BASELINE, 64 << 20,
        setup={"m.orgd": MODEL, "orgdiag.toml": 'baseline = "b/known.json"\n'}),
    "--baseline": Slot(judges("m.orgd", "--baseline", "b.json"), "b.json", BASELINE, 64 << 20,
                       setup={"m.orgd": MODEL}),
    "rule in --rules": Slot(judges("m.orgd", "--rules", "r", "--extend-select", "own"),
                            "r/own.orgr", RULE, setup={"m.orgd": MODEL, "r/x/other.orgr": ""}),
    "rule that a configuration names": Slot(
        judges("m.orgd"), "r/x/own.orgr", RULE,
        setup={"m.orgd": MODEL, "orgdiag.toml": 'rules-dir = "r"\n', "r/a.orgr": ""}),
    "tested rule": Slot(("test", "own.orgr"), "own.orgr", RULE, named=True),
    "explained rule": Slot(("rule", "own", "--rules", "r"), "r/own.orgr", RULE),
    "defined words": Slot(("fields", "team", "--rules", "r"), "r/own.orgr", RULE),
    "template": Slot(("report", "m.orgd", *SHORT, "--template", "t"), "t/page.html.jinja", "ok",
                     shows="ok",
                     setup={"m.orgd": MODEL, "t/x.jinja": ""}),
    "template of a template": Slot(
        ("report", "m.orgd", *SHORT, "--template", "t"), "t/x/part.jinja", "ok", shows="ok",
        setup={"m.orgd": MODEL, "t/page.html.jinja": '{% include "x/part.jinja" %}'}),
    "prepared rules": Slot(("fields", "team", "--rules", "r"), "CACHE", "{}", 64 << 20, told=False,
                           setup={"r/own.orgr": RULE}),
}  # fmt: skip

WRITTEN = {
    "--output": Slot(judges("m.orgd", "--output", "json=o/out"), "o/out", None,
                     setup={"m.orgd": MODEL, "o/x": ""}),
    **{
        f"{command} -o": Slot((command, "m.orgd", *options, "-o", "out"), "out", None,
                              setup={"m.orgd": MODEL})
        for command, options in (("report", SHORT), ("diagnose", SHORT), ("metrics", SHORT),
                                 ("graph", ()))
    },
    "diff -o": Slot(("diff", "m.orgd", "m.orgd", *SHORT, "-o", "out"), "out", None,
                    setup={"m.orgd": MODEL}),
    "--write-baseline": Slot(judges("m.orgd", "--write-baseline"), "orgdiag.baseline.json", None,
                             setup={"m.orgd": MODEL}),
    "--prune-baseline": Slot(judges("m.orgd", "--prune-baseline", "--baseline", "b.json"),
                             "b.json", None, setup={"m.orgd": MODEL}),
    "format": Slot(("format", "f.orgd"), "f.orgd", "team a   { size 5 }\n", named=True),
    "rename": Slot(("rename", "team:a", "b", "m.orgd"), "m.orgd", MODEL, named=True),
    "note of a renaming": Slot(
        ("rename", "team:a", "b"), NOTE, None,
        setup={"m.orgd": MODEL, "n.orgd": "team c { needs data from a }\n"}),
    "init": Slot(("init", "new"), "new/orgdiag.toml", None, setup={"new/x": ""}),
    "step summary": Slot(judges("m.orgd", "--format", "github"), "summary.md", "before\n",
                         setup={"m.orgd": MODEL}),
}  # fmt: skip


class World(NamedTuple):
    """Where a test runs: the project, and what belongs to somebody else."""

    project: Path
    foreign: Path


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where rules are kept prepared, so that not every run checks them anew."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prepared: Path) -> World:
    project, foreign = tmp_path / "project", tmp_path / "foreign"
    project.mkdir()
    foreign.mkdir()
    monkeypatch.chdir(project)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(prepared))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project / "summary.md"))
    return World(project, foreign)


@pytest.fixture(params=["handles", pytest.param("no handles", marks=pytest.mark.slow)])
def handles(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way of this system, and that of one without handles of folders."""
    if request.param == "no handles":
        monkeypatch.setattr(os, "supports_dir_fd", set())


# --- what may stand in the place of a file --------------------------------------------------------


def link(path: Path, world: World, slot: Slot) -> None:
    target = world.foreign / path.name
    target.write_text(FOREIGN if slot.text is None else f"{slot.text}{FOREIGN}")
    path.symlink_to(target)


def linked_folder(path: Path, world: World, slot: Slot) -> None:
    """The file is plain; the folder that it lies in, or the project has it in, is a link."""
    inside = path.relative_to(world.project)
    outside = world.foreign / "folder"
    top = world.project / inside.parts[0]
    if top.exists():
        shutil.move(top, outside)
    outside.mkdir(exist_ok=True)
    target = outside.joinpath(*inside.parts[1:])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(FOREIGN if slot.text is None else f"{slot.text}{FOREIGN}")
    top.symlink_to(outside)


def pipe(path: Path, world: World, slot: Slot) -> None:
    os.mkfifo(path)


def device(path: Path, world: World, slot: Slot) -> None:
    os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 5))  # /dev/zero, which never ends


def a_folder(path: Path, world: World, slot: Slot) -> None:
    path.mkdir()


def too_large(path: Path, world: World, slot: Slot) -> None:
    with path.open("wb") as file:
        file.truncate(slot.limit + 1)


def not_utf_8(path: Path, world: World, slot: Slot) -> None:
    path.write_bytes((slot.text or "").encode() + b"\xff\xfe")


State = Callable[[Path, World, Slot], None]
STATES: tuple[State, ...] = (link, linked_folder, pipe, device, a_folder, too_large, not_utf_8)
WRITE_STATES: tuple[State, ...] = (link, linked_folder, pipe, a_folder)
HAS_FOLDER = [name for name, slot in {**READ, **WRITTEN}.items() if "/" in slot.path]


def pairs(slots: dict[str, Slot], states: tuple[State, ...]) -> Iterator[Any]:
    """Each of them; every other one is slow."""
    number = 0
    for name in slots:
        for state in states:
            slot = slots[name]
            searched = state is a_folder and (slot.named or slot.path.endswith((".orgd", ".orgr")))
            if not searched and (state is not linked_folder or "/" in slot.path):
                number += 1
                slow = number % 2 == 0 or (name == "prepared rules" and state is not link)
                yield pytest.param(
                    name, state, id=f"{name}: {state.__name__}",
                    marks=pytest.mark.slow if slow else (),
                )  # fmt: skip


def place_of(slot: Slot, world: World) -> Path:
    """Where the slot's file lies, with all around it there."""
    # The project ends here, whatever other tests have left above it.
    own = {} if slot.path in ("orgdiag.toml", "pyproject.toml") else {"orgdiag.toml": ""}
    for name, text in {**own, **slot.setup}.items():
        path = world.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if slot.path != "CACHE":
        path = world.project / slot.path
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
    os.environ["XDG_CACHE_HOME"] = str(world.project.parent / "cache")  # set back by `world`
    main([*slot.args])
    [path] = (world.project.parent / "cache/orgdiag").iterdir()
    path.unlink()
    return path


def held(folder: Path) -> dict[str, bytes]:
    """What the plain files in a folder and below hold, by their paths."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.stat().st_size < 1 << 20
    }


@pytest.mark.parametrize("slot", READ.values(), ids=READ)
def test_a_file_in_its_right_state_is_read(
    slot: Slot, world: World, handles: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else the matrix below would prove nothing."""
    place_of(slot, world).write_text(slot.text or "")
    code = main([*slot.args])
    out, err = capsys.readouterr()
    assert code in (0, 1), err
    assert out.startswith(slot.shows)


@pytest.mark.parametrize(("name", "state"), [*pairs(READ, STATES)])
def test_a_file_that_is_read_in_a_wrong_state_is_told_and_not_followed(
    name: str, state: State, world: World, handles: None, capsys: pytest.CaptureFixture[str]
) -> None:
    slot = READ[name]
    path = place_of(slot, world)
    capsys.readouterr()
    state(path, world, slot)
    before = held(world.foreign)
    code = main(["--debug", *slot.args])
    out, err = capsys.readouterr()
    assert code in (0, 1, 2), err
    assert FOREIGN not in out + err
    assert "Traceback" not in err
    assert held(world.foreign) == before
    if slot.told:
        told = any(word in out + err for word in (path.name, "left out", "is a link"))
        assert told, f"{out}{err}"
        quiet = not code and "left out" not in out and "note: " not in err
        assert not quiet, "a wrong state that changes nothing is not told"


@pytest.mark.parametrize(("name", "state"), [*pairs(WRITTEN, WRITE_STATES)])
def test_a_file_that_is_written_in_a_wrong_state_is_told_and_not_followed(
    name: str, state: State, world: World, handles: None, capsys: pytest.CaptureFixture[str]
) -> None:
    slot = WRITTEN[name]
    path = place_of(slot, world)
    state(path, world, slot)
    before = held(world.foreign)
    code = main(["--debug", *slot.args])
    out, err = capsys.readouterr()
    assert held(world.foreign) == before, "what belongs to somebody else was written"
    kept = "kept" in out  # `init` leaves what is there
    assert code == 2 or kept or (slot.text and code == 1), f"{code} {out}{err}"
    assert "Traceback" not in err
    assert kept or path.name in out + err or path.parent.name in out + err
    assert not [*world.project.rglob("*.tmp"), *world.foreign.rglob("*.tmp")]


@pytest.mark.parametrize("slot", [*READ.values(), WRITTEN["format"]], ids=[*READ, "format"])
def test_a_file_that_vanishes_before_it_is_opened_is_no_crash(
    slot: Slot,
    world: World,
    handles: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = place_of(slot, world)
    path.write_text(slot.text or "")
    open_ = opening.Folder.open

    def vanishing(self: opening.Folder, name: str, flags: int) -> int:
        if name == path.name:
            path.unlink(missing_ok=True)
        return open_(self, name, flags)

    monkeypatch.setattr(opening.Folder, "open", vanishing)
    assert main(["--debug", *slot.args]) in (0, 1, 2)
    assert "Traceback" not in capsys.readouterr().err


# --- the walk -------------------------------------------------------------------------------------


def test_a_link_that_is_exchanged_for_a_file_in_between_is_not_followed(
    world: World, handles: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder was looked at, and is a link when the file in it is opened."""
    (world.project / "x").mkdir()
    (world.project / "x/m").write_text("mine")
    (world.foreign / "m").write_text(FOREIGN)
    open_ = opening.Folder.open

    def exchanged(self: opening.Folder, name: str, flags: int) -> int:
        shutil.move(world.project / "x", world.project / "y")
        (world.project / "x").symlink_to(world.foreign)
        return open_(self, name, flags)

    monkeypatch.setattr(opening.Folder, "open", exchanged)
    try:
        found = plain_bytes(Anchored(world.project, Path("x/m")), 100)
    except OSError as error:
        found = str(error.strerror).encode()
    assert found in (b"mine", b"`x` is a link, and links are not followed")


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b", "n" * 300, "m/x"])
def test_a_name_that_no_file_can_have_is_an_error(world: World, handles: None, name: str) -> None:
    (world.project / "m").write_text("")
    with pytest.raises(OSError, match=r".") as caught:
        plain_bytes(anchored(Path(name), world.project), 100)
    assert caught.value.strerror
    assert DISK.kind(world.project / name) == ""


def test_what_is_walked_begins_at_the_outermost_folder_of_ours(world: World) -> None:
    project, foreign = world.project, world.foreign
    assert anchored(project / "a/b", project / "a") == (project, Path("a/b"))
    assert anchored(Path("a/../b"), project / "x") == (project, Path("x/b"))
    assert anchored(foreign / "a/b", foreign / "a") == (foreign / "a", Path("b"))
    assert anchored(foreign / "a/b", project) == (foreign / "a", Path("b"))


def test_no_handle_stays_open(world: World, handles: None) -> None:
    (world.project / "a/b").mkdir(parents=True)
    (world.project / "a/b/m").write_text("x")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    for path in ("a/b/m", "a/b/gone", "a/gone/m", "a/b"):
        for _ in range(3):
            try:
                plain_bytes(Anchored(world.project, Path(path)), 100)
                with folder_of(Anchored(world.project, Path(path))):
                    pass
            except OSError:
                pass
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


# --- prepared rules -------------------------------------------------------------------------------


def forged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Whether rules that somebody put there in our name are used."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    asked: list[Path] = []
    read = prepare.plain_bytes
    monkeypatch.setattr(
        prepare, "plain_bytes", lambda at, limit: (asked.append(at.path), read(at, limit))[1]
    )
    (folder / "orgdiag").mkdir(parents=True, mode=0o700)
    (folder / "orgdiag/rules-k.json").write_text("{}")

    def used() -> bool:
        asked.clear()
        prepare.kept("k", [], Path.cwd())
        return bool(asked)

    return used


def test_prepared_rules_that_only_the_user_can_write_are_used(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert forged(tmp_path / "mine", monkeypatch)()


@pytest.mark.parametrize("place", ["project/.cache", "project"])
def test_prepared_rules_that_come_with_the_project_are_not_used(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    assert not forged(tmp_path / place, monkeypatch)()


def test_a_link_leads_prepared_rules_out_of_no_project(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = forged(world.project / "real", monkeypatch)
    (tmp_path / "link").symlink_to(world.project / "real")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "link"))
    assert not used()


@pytest.mark.parametrize(
    ("place", "mode"), [("orgdiag", 0o770), ("orgdiag", 0o707), ("orgdiag", 0o755), ("", 0o777),
                        ("", 0o770)],
)  # fmt: skip
def test_prepared_rules_that_others_can_write_are_not_used(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, mode: int
) -> None:
    used = forged(tmp_path / "mine", monkeypatch)
    (tmp_path / "mine" / place).chmod(mode)
    assert not used()
    (tmp_path / "mine" / place).chmod(0o1777 if place == "" else 0o700)
    assert used()


def test_a_folder_of_somebody_else_is_not_private(world: World) -> None:
    private = world.project / "private"
    private.mkdir(mode=0o700)
    assert is_private(private)
    if os.geteuid() == 0:  # only root gives folders away
        os.chown(private, 12345, 12345)
        assert not is_private(private)
