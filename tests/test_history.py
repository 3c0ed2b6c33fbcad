"""An earlier state out of git, as data: nothing of a hostile repository runs, leads out or lies.

Each repository of the corpus is compared with programs on PATH that record being run, and with a
user whose configuration starts them for everything that git lets a program do.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from sample import sample

from orgdiag.cli import main
from orgdiag.files.reading import Disk
from orgdiag.finding import OrgdiagError
from orgdiag.history import at_revision
from orgdiag.load import Limits, Loaded, load

TEAM = "team {0} {{ size 5 }}\n"
HEAD = 'org o "O" { as-of 2025-03-01 }\n'
# What git starts by itself when it is told to.
DECOYS = ("filter", "git-lfs", "ssh", "less", "gpg", "git-remote-evil", "git-upload-pack", "hook")


class World(NamedTuple):
    """The repository, what belongs to somebody else, and where a decoy writes that it ran."""

    top: Path
    foreign: Path
    ran: Path

    def git(self, *arguments: str, cwd: Path | None = None, input: bytes = b"") -> str:
        """What git prints, as a user of a plain machine runs it."""
        environment = {
            "PATH": "/usr/bin:/bin", "HOME": str(self.foreign), "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "n", "GIT_AUTHOR_EMAIL": "n@localhost",
            "GIT_COMMITTER_NAME": "n", "GIT_COMMITTER_EMAIL": "n@localhost",
        }  # fmt: skip
        told = ("-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main")
        done = subprocess.run(
            ["git", *told, *arguments], cwd=cwd or self.top, env=environment, input=input,
            capture_output=True, check=True,
        )  # fmt: skip
        return done.stdout.decode().strip()

    def write(self, name: str | bytes, text: str | bytes) -> Path:
        """A file of the repository."""
        path = self.top / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def commit(self) -> None:
        """Everything that lies there, as a commit."""
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--message", "m")

    @property
    def programs_run(self) -> list[str]:
        """The decoys that somebody ran."""
        return sorted(path.name for path in self.ran.iterdir())


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A repository with two models, and a user who starts programs for everything."""
    world = World(tmp_path / "project", tmp_path / "foreign", tmp_path / "ran")
    for folder in world:
        folder.mkdir()
    bin = tmp_path / "bin"
    bin.mkdir()
    for name in DECOYS:
        (bin / name).write_text(f"#!/bin/sh\ntouch {world.ran}/{name}\ncat\n")
        (bin / name).chmod(0o755)
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in (
        "post-checkout",
        "reference-transaction",
        "fsmonitor-watchman",
        "post-index-change",
    ):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {world.ran}/{name}\n")
        (hooks / name).chmod(0o755)
    (world.foreign / "secret.orgd").write_text(TEAM.format("secret"))
    (world.foreign / ".gitconfig").write_text(
        f"""[core]
 fsmonitor = {bin}/hook
 hooksPath = {hooks}
 pager = less
 sshCommand = ssh
 attributesFile = {world.foreign}/attributes
[pager]
 ls-tree = true
 cat-file = true
[filter "lfs"]
 smudge = filter
 process = git-lfs filter-process
 required = true
[filter "x"]
 smudge = filter
[diff]
 external = filter
[protocol "ext"]
 allow = always
"""
    )
    (world.foreign / "attributes").write_text("*.orgd filter=lfs\n")
    world.git("init", "--quiet")
    world.write("orgdiag.toml", "")
    world.write("a.orgd", HEAD + TEAM.format("a"))
    world.write("x/b.orgd", TEAM.format("b"))
    world.write("x/.hidden/c.orgd", TEAM.format("hidden"))
    world.write("node_modules/d.orgd", TEAM.format("never"))
    world.commit()
    monkeypatch.chdir(world.top)
    monkeypatch.setenv("PATH", f"{bin}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(world.foreign))
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return world


# --- the corpus -----------------------------------------------------------------------------------


def plain(world: World) -> None:
    """Nothing out of the ordinary."""


def attributes(text: str) -> Callable[[World], None]:
    def make(world: World) -> None:
        world.write(".gitattributes", text)
        world.write("s.orgd", f"# $Id$ $Format:%H$\n{TEAM.format('s')}")
        world.commit()

    return make


def links(world: World) -> None:
    (world.top / "l.orgd").symlink_to(world.foreign / "secret.orgd")
    (world.top / "inner.orgd").symlink_to("x/b.orgd")
    (world.top / "y").symlink_to("x")
    world.write("i.orgd", 'include "l.orgd"\ninclude "y/b.orgd"\n')
    world.commit()


def submodule(world: World) -> None:
    other = world.foreign / "other"
    other.mkdir()
    world.git("init", "--quiet", cwd=other)
    (other / "s.orgd").write_text(TEAM.format("other"))
    world.git("add", "--all", cwd=other)
    world.git("commit", "--quiet", "--message", "m", cwd=other)
    world.git("submodule", "--quiet", "add", str(other), "sub")
    modules = f'[submodule "sub"]\n path = sub\n url = ext::{world.ran.parent}/bin/filter\n'
    world.write(".gitmodules", modules)
    world.commit()


def replaced(world: World) -> None:
    """What git would give instead, where it follows replace refs."""
    old = world.git("rev-parse", "HEAD:a.orgd")
    new = world.git("hash-object", "-w", "--stdin", input=TEAM.format("forged").encode())
    world.git("replace", old, new)


def embedded_bare(world: World) -> None:
    """A folder of the repository looks like a bare repository with a filter of its own."""
    seed = world.foreign / "seed"
    seed.mkdir()
    world.git("init", "--quiet", cwd=seed)
    (seed / "a.orgd").write_text(TEAM.format("forged"))
    (seed / ".gitattributes").write_text("*.orgd filter=x\n")
    world.git("add", "--all", cwd=seed)
    world.git("commit", "--quiet", "--message", "m", cwd=seed)
    for path in (seed / ".git/objects").rglob("*"):
        if path.is_file():
            name = path.relative_to(seed / ".git").as_posix()
            world.write(f"x/{name}", path.read_bytes())
    world.write("x/refs/heads/main", world.git("rev-parse", "HEAD", cwd=seed) + "\n")
    world.write("x/HEAD", "ref: refs/heads/main\n")
    world.write("x/orgdiag.toml", "")
    run = f"{world.ran.parent}/bin/filter"
    world.write(
        "x/config",
        "[core]\n repositoryformatversion = 0\n bare = false\n worktree = .\n"
        f' fsmonitor = {run}\n[filter "x"]\n smudge = {run}\n',
    )
    world.commit()


def hostile_configuration(world: World) -> None:
    """An unpacked archive: its `.git` starts programs too, and has hooks."""
    run = f"{world.ran.parent}/bin/filter"
    for setting in ("core.fsmonitor", "core.sshCommand", "core.pager", "filter.x.smudge",
                    "core.alternateRefsCommand", "diff.external"):  # fmt: skip
        world.git("config", setting, run)
    for name in ("post-checkout", "reference-transaction"):
        world.write(f".git/hooks/{name}", f"#!/bin/sh\n{run}\n").chmod(0o755)
    world.write(".gitattributes", "*.orgd filter=x diff=x\n")
    world.commit()


def odd_names(world: World) -> None:
    for name in (b"n\nl.orgd", b"q\"'.orgd", b"t\tab.orgd", b"\xff.orgd", b"-x.orgd", b" s.orgd",
                 b":(top)g.orgd", b"star*/*.orgd", "\u202er.orgd".encode(),
                 b"\xfe/z.orgd"):  # fmt: skip
        world.write(name, f"# {name!r}\n")
    world.commit()


def empty_files_and_folders(world: World) -> None:
    world.write("e.orgd", "")
    world.write("f.orgd/inside.orgd", TEAM.format("f"))
    world.commit()


CORPUS: dict[str, Callable[[World], None]] = {
    "plain": plain,
    "export-ignore": attributes("*.orgd export-ignore\nx export-ignore\n"),
    "export-subst": attributes("*.orgd export-subst\n"),
    "filter": attributes("*.orgd filter=x\n"),
    "lfs": attributes("*.orgd filter=lfs diff=lfs merge=lfs -text\n"),
    "links": links,
    "submodule": submodule,
    "replace refs": replaced,
    "embedded bare repository": embedded_bare,
    "hostile configuration": hostile_configuration,
    "odd names": odd_names,
    "empty files, folders called like files": empty_files_and_folders,
}


def made(world: World, make: Callable[[World], None]) -> None:
    """The repository as the case has it; what ran while it was made is forgotten."""
    make(world)
    for path in world.ran.iterdir():
        path.unlink()


def told(loaded: Loaded) -> dict[str, object]:
    """All that a run learns from a folder."""
    return {
        "texts": {source.path: source.text for source in loaded.sources},
        "findings": [(f.rule, f.message, str(f.span)) for f in loaded.findings],
        "skipped": loaded.skipped,
    }


@pytest.mark.parametrize("make", CORPUS.values(), ids=CORPUS)
@pytest.mark.parametrize("inside", sample(["x", ""], 2))
def test_the_old_side_is_that_of_a_plain_checkout(
    make: Callable[[World], None], inside: str, world: World, tmp_path: Path
) -> None:
    made(world, make)
    clone = tmp_path / "clone"
    world.git("clone", "--quiet", str(world.top), str(clone))
    if (clone / "sub").exists():  # what `git submodule update` would do
        shutil.rmtree(clone / "sub")
        world.git("clone", "--quiet", str(world.foreign / "other"), str(clone / "sub"))
    on_disk = load([clone / inside], clone / inside, files=Disk(whole=False))
    tree = at_revision("HEAD", world.top / inside, Limits())
    stored = load([world.top / inside], world.top / inside, files=tree)
    assert told(stored) == told(on_disk)
    assert stored.sources
    assert world.programs_run == []


@pytest.mark.parametrize("make", CORPUS.values(), ids=CORPUS)
@pytest.mark.parametrize("paths", sample([(), ("x",), ("a.orgd", "x/b.orgd")], 3))
def test_nothing_of_the_repository_runs(
    make: Callable[[World], None],
    paths: tuple[str, ...],
    world: World,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made(world, make)
    code = main(["--debug", "diff", "--rev", "HEAD", "--format", "json", *paths])
    out, err = capsys.readouterr()
    assert code == 0, err
    assert world.programs_run == []
    difference = json.loads(out)
    assert difference["findings"]["new"] == difference["findings"]["fixed"] == []
    assert difference["elements"] == {"added": [], "removed": []}


def test_the_decoys_are_run_where_nobody_takes_care(world: World) -> None:
    """Else the tests above would prove nothing."""
    attributes("*.orgd filter=x\n")(world)
    (world.top / "a.orgd").unlink()
    environment = {**os.environ, "HOME": str(world.foreign)}
    subprocess.run(["git", "checkout", "a.orgd"], env=environment, check=False, capture_output=True)
    assert {"filter", "hook"} <= {*world.programs_run}


@pytest.mark.parametrize("text", ["*.orgd working-tree-encoding=UTF-16\n", "* text eol=crlf\n",
                                  "* ident\n"])  # fmt: skip
def test_what_a_checkout_would_rewrite_is_read_as_it_is_stored(world: World, text: str) -> None:
    world.write("s.orgd", "# $Id$\nteam s\n")
    world.commit()
    world.write(".gitattributes", text)
    world.git("add", ".gitattributes")
    world.git("commit", "--quiet", "--message", "m")
    stored = load([world.top], world.top, files=at_revision("HEAD", world.top, Limits()))
    texts = {source.path: source.text for source in stored.sources}
    assert texts["s.orgd"] == "# $Id$\nteam s\n"


# --- what is there, and what is not ---------------------------------------------------------------


def test_what_is_left_out_on_either_side_is_counted(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    links(world)
    submodule(world)
    (world.top / "inner.orgd").unlink()
    for form, said in (("text", "2 files and folders were left out (link)"), ("json", "left_out")):
        assert main(["diff", "--rev", "HEAD", "--format", form]) == 0
        assert said in capsys.readouterr().out
    assert main(["diff", "--rev", "HEAD", "--format", "json"]) == 0
    counted = json.loads(capsys.readouterr().out)["left_out"]
    assert counted["before"] == [
        "3 files and folders were left out (link).", "1 file or folder was left out (submodule).",
    ]  # fmt: skip
    assert counted["now"] == [
        "2 files and folders were left out (link).", "1 file or folder was left out (submodule).",
    ]  # fmt: skip


def test_limits_hold_for_what_was(world: World) -> None:
    world.write("big.orgd", "#" * 5000)
    world.commit()
    tight = Limits(file_bytes=4000)
    tree = at_revision("HEAD", world.top, tight)
    loaded = load([world.top], world.top, tight, files=tree)
    assert [f.message for f in loaded.findings] == ["`big.orgd` has more than 4000 bytes"]


def test_a_blob_that_the_repository_lacks_is_told_and_not_fetched(world: World) -> None:
    object = world.git("rev-parse", "HEAD:a.orgd")
    (world.top / ".git/objects" / object[:2] / object[2:]).unlink()
    run = f"{world.ran.parent}/bin/filter"
    for setting, value in (
        ("extensions.partialClone", "origin"), ("core.repositoryformatversion", "1"),
        ("remote.origin.promisor", "true"), ("remote.origin.url", f"ext::{run}"),
        ("protocol.ext.allow", "always"),
    ):  # fmt: skip
        world.git("config", setting, value)
    loaded = load([world.top], world.top, files=at_revision("HEAD", world.top, Limits()))
    assert [f.message for f in loaded.findings] == [
        "`a.orgd` cannot be opened: the repository does not have it"
    ]
    assert world.programs_run == []


@pytest.mark.parametrize("revision", ["gone", "--output=x", "HEAD:a.orgd", "", "a\0b", "\ud800",
                                      "HEAD\nHEAD", "HEAD^{tree}"])  # fmt: skip
def test_a_revision_that_is_none_is_an_error(
    world: World, revision: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(world.top.rglob("*"))
    assert main(["--debug", "diff", f"--rev={revision}"]) == 2
    said = capsys.readouterr().err
    assert "git knows no revision" in said or "a NUL character" in said
    assert sorted(world.top.rglob("*")) == before


def test_a_repository_of_somebody_else_is_read_only_where_the_user_trusts_it(
    world: World,
) -> None:
    """In a container the checkout often belongs to somebody else."""
    if os.geteuid():
        return  # only root can give files away
    for path in (world.top, world.top / ".git"):
        os.chown(path, 12345, 12345)
    with pytest.raises(OrgdiagError, match="dubious ownership"):
        at_revision("HEAD", world.top, Limits())
    with (world.foreign / ".gitconfig").open("a") as file:
        file.write(f"[safe]\n directory = {world.top}\n")
    assert at_revision("HEAD", world.top, Limits()).blobs


def test_what_the_environment_says_of_repositories_does_not_count(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(world.foreign))
    monkeypatch.setenv("GIT_WORK_TREE", str(world.foreign))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(world.foreign))
    assert at_revision("HEAD", world.top, Limits()).blobs


def test_git_itself_comes_from_outside_of_the_repository(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("", "bin/"):
        world.write(f"{folder}git", f"#!/bin/sh\ntouch {world.ran}/git\n").chmod(0o755)
    path = os.pathsep.join([".", "", "bin", str(world.top / "bin"), os.environ["PATH"]])
    monkeypatch.setenv("PATH", path)
    assert at_revision("HEAD", world.top, Limits()).blobs
    assert world.programs_run == []
    monkeypatch.setenv("PATH", str(world.top / "bin"))
    with pytest.raises(OrgdiagError, match="git, which is not installed"):
        at_revision("HEAD", world.top, Limits())


def test_no_repository_is_an_error(world: World) -> None:
    with pytest.raises(OrgdiagError, match="lies in no git repository"):
        at_revision("HEAD", world.foreign, Limits())
    (world.foreign / ".git").mkdir()
    with pytest.raises(OrgdiagError, match="git fails: "):
        at_revision("HEAD", world.foreign, Limits())


def test_a_repository_that_is_bare_is_read_by_nobody(world: World) -> None:
    bare = world.foreign / "bare.git"
    world.git("clone", "--quiet", "--bare", str(world.top), str(bare))
    with pytest.raises(OrgdiagError, match="lies in no git repository"):
        at_revision("HEAD", bare, Limits())


def test_a_worktree_and_a_submodule_are_repositories(world: World) -> None:
    submodule(world)
    world.git("worktree", "add", "--quiet", str(world.foreign / "tree"))
    assert at_revision("HEAD", world.foreign / "tree", Limits()).blobs
    sub = load([world.top / "sub"], world.top / "sub",
               files=at_revision("HEAD", world.top / "sub", Limits()))  # fmt: skip
    assert [source.path for source in sub.sources] == ["s.orgd"]
