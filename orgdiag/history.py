"""An earlier state of a model, out of the git repository that holds it, as data.

The only place that runs a program, and the program is git. Trees and blobs are read as they are
stored, into memory: no checkout, so no filter, no attribute and no link has a say. Git is told to
use no configuration of the system or the user, to replace no object, to fetch nothing and to start
nothing; it looks for a repository nowhere but where a `.git` stands.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from shutil import which
from typing import Final, NamedTuple

from orgdiag.files.opening import Anchored, TooLarge, below
from orgdiag.files.reading import Entry, shown_size
from orgdiag.finding import OrgdiagError
from orgdiag.load import ENDING, Limits

_SECONDS: Final = 120
_KINDS: Final = {"120000": "link", "160000": "submodule"}
_QUIET: Final = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_SETTINGS: Final = (
    "safe.bareRepository=explicit", "core.fsmonitor=false", f"core.hooksPath={os.devnull}",
    "protocol.allow=never",
)  # fmt: skip


class Tree(NamedTuple):
    """A folder as it was at a revision, with the models in it; see `reading.Files`.

    root     the folder
    folders  each folder below it by its path from there, with what stood in it
    blobs    the bytes of each model by its path from there; None where they are too many
    """

    root: Path
    folders: Mapping[Path, Sequence[Entry]]
    blobs: Mapping[Path, bytes | None]

    def kind(self, path: Path) -> str:
        """What stood at the path; "" for nothing."""
        inside = below(path, self.root)
        if inside is None:
            return ""
        if inside in self.folders:
            return "folder"
        found = [e for e in self.folders.get(inside.parent, ()) if e.name == inside.name]
        return found[0].kind if found else ""

    def entries(self, at: Anchored) -> list[Entry]:
        """What stood in a folder, by name."""
        inside = below(at.path, self.root)
        if inside is None or inside not in self.folders:
            raise FileNotFoundError(0, "there was no such folder", str(at.path))
        return sorted(self.folders[inside])

    def read(self, at: Anchored, limit: int) -> bytes:
        """The bytes of a model."""
        inside = below(at.path, self.root)
        if inside is None or inside not in self.blobs:
            raise FileNotFoundError(0, self._why(inside), str(at.path))
        data = self.blobs[inside]
        if data is None or len(data) > limit:
            raise TooLarge(0, f"it has more than {shown_size(limit)}", str(at.path))
        return data

    def _why(self, inside: Path | None) -> str:
        """Why something has no bytes, in the words that the disk has for it."""
        for number in range(len(inside.parts) if inside else 0):
            part = Path(*inside.parts[: number + 1]) if inside else Path()
            for entry in self.folders.get(part.parent, ()):
                if entry.name == part.name and entry.link:
                    what = "it" if part == inside else f"`{part.name}`"
                    return f"{what} is a link, and links are not followed"
        return (
            "the repository does not have it"
            if inside and self.kind(self.root / inside)
            else ("no such file or directory")
        )


def at_revision(revision: str, root: Path, limits: Limits) -> Tree:
    """The project's folder with the models in it, as they were at a revision.

    Raises:
        OrgdiagError: there is no git, no repository, or no such revision.
    """
    git = _Git.of(root)
    inside = root.resolve().relative_to(git.top.resolve())
    commit = git.run(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}",
        otherwise=f"git knows no revision `{revision}`",
    )  # fmt: skip
    listed = git.run("ls-tree", "-r", "-z", "--full-tree", commit.decode().strip())
    rows = [
        row._replace(path=row.path.relative_to(inside))
        for row in _rows(listed)
        if row.path.is_relative_to(inside)
    ]
    models = (row for row in rows if row.kind == "link" or row.path.name.endswith(ENDING))
    wanted = {row.path: row.object for row in models if row.kind != "submodule"}
    blobs = git.blobs(wanted, limits)
    links = {row.path: blobs.pop(row.path, None) for row in rows if row.kind == "link"}
    return Tree(root, _laid_out(rows, links), blobs)


class _Row(NamedTuple):
    """An entry of a tree: a word for what it is, the name of the object, the path from the top."""

    kind: str
    object: str
    path: Path


def _rows(listed: bytes) -> Iterator[_Row]:
    for line in listed.split(b"\0")[:-1]:
        head, _, path = line.partition(b"\t")
        mode, _, object = head.decode().split(" ")
        yield _Row(_KINDS.get(mode, "file"), object, Path(os.fsdecode(path)))


def _laid_out(rows: Iterable[_Row], links: Mapping[Path, bytes | None]) -> dict[Path, list[Entry]]:
    """What stood in each folder, by its path; where a link led is told while it stayed inside."""
    folders: dict[Path, list[Entry]] = {Path(): []}
    for row in rows:
        for folder in reversed(row.path.parents[:-1]):
            if folder not in folders:
                folders[folder] = []
                folders[folder.parent].append(Entry(folder.name, "folder"))
        if row.kind != "link":
            folders[row.path.parent].append(Entry(row.path.name, row.kind))
    for path, target in links.items():
        led = Path(os.path.normpath(path.parent / os.fsdecode(target or b"")))
        folders[path.parent].append(Entry(path.name, "folder" if led in folders else "file", True))
    return folders


class _Git(NamedTuple):
    """Git, told to run nothing, in the repository at a folder.

    program      where git lies
    top          the folder in which `.git` stands
    environment  all that git sees of ours
    trusted      the folders that the user told git to trust whoever owns them
    """

    program: str
    top: Path
    environment: Mapping[str, str]
    trusted: tuple[str, ...] = ()

    @classmethod
    def of(cls, root: Path) -> _Git:
        """Git for the repository that a folder lies in.

        Raises:
            OrgdiagError: there is no git, or no repository.
        """
        places = (root.absolute(), *root.absolute().parents)
        top = next((place for place in places if os.path.lexists(place / ".git")), None)
        if top is None:
            raise OrgdiagError.of(f"{root} lies in no git repository")
        folders = [
            folder
            for folder in os.get_exec_path()
            if Path(folder).is_absolute()
            and not Path(folder).resolve().is_relative_to(top.resolve())
        ]
        program = _found(folders)
        if program is None:
            raise OrgdiagError.of("--rev needs git, which is not installed")
        environment = {
            **_QUIET,
            "PATH": os.pathsep.join(folders),
            "GIT_CEILING_DIRECTORIES": str(top.parent),  # no repository further up
            **{name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ},
        }
        return cls(program, top, environment, _trusted(program))

    def run(self, *arguments: str, input: bytes = b"", otherwise: str = "") -> bytes:
        """What git prints.

        Args:
            arguments: the command and its arguments.
            input: what it reads.
            otherwise: what its failing means.

        Raises:
            OrgdiagError: it fails, or takes too long.
        """
        settings = (*_SETTINGS, *(f"safe.directory={folder}" for folder in self.trusted))
        told = [part for setting in settings for part in ("-c", setting)]
        try:
            done = subprocess.run(
                [self.program, *told, "-C", str(self.top), *arguments],
                capture_output=True, check=False, input=input, timeout=_SECONDS,
                env=self.environment,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise OrgdiagError.of("git takes too long") from None
        except ValueError:  # a NUL, half a character
            raise OrgdiagError.of(otherwise) from None
        if done.returncode == 0:
            return done.stdout
        reason = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        fatal = not otherwise or reason.startswith("fatal:")
        raise OrgdiagError.of(f"git fails: {reason}" if fatal else otherwise)

    def blobs(self, objects: Mapping[Path, str], limits: Limits) -> dict[Path, bytes | None]:
        """The bytes of objects by the paths that have them; None where they are too many."""
        sizes = dict(zip(objects, self._sizes(objects.values())))
        found: dict[Path, bytes | None] = {}
        wanted, room = [], limits.model_bytes + limits.file_bytes
        for path, size in sizes.items():
            if size is None:  # a clone that does not hold all
                continue
            fits = size <= min(limits.file_bytes, room)
            found[path] = None
            if fits:
                wanted.append(path)
                room -= size
        read = self.run("cat-file", "--batch", input=_asked(objects[path] for path in wanted))
        at = 0
        for path in wanted:
            at = read.index(b"\n", at) + 1
            size = sizes[path] or 0
            found[path] = read[at : at + size]
            at += size + 1
        return found

    def _sizes(self, objects: Iterable[str]) -> Iterator[int | None]:
        """The size of each object; None where the repository does not have it."""
        for line in self.run("cat-file", "--batch-check", input=_asked(objects)).splitlines():
            _, kind, *size = line.split(b" ")
            yield int(size[0]) if kind == b"blob" else None


def _asked(objects: Iterable[str]) -> bytes:
    return "".join(f"{object}\n" for object in objects).encode()


def _found(folders: Iterable[str]) -> str | None:
    """Git in the first of the folders that has it, and nowhere else."""
    for folder in folders:
        program = which("git", path=folder)
        if program is not None and Path(program).parent == Path(folder):
            return program
    return None


def _trusted(program: str) -> tuple[str, ...]:
    """The folders that the user, or the system, told git to trust: nothing else counts of theirs.

    Git reads no repository that somebody else owns; in a container that is often the checkout.
    """
    environment = {n: v for n, v in os.environ.items() if not n.startswith("GIT_") or "CONFIG" in n}
    try:
        done = subprocess.run(
            [program, "config", "-z", "--get-all", "safe.directory"],
            capture_output=True, check=False, cwd=Path(program).anchor, env=environment,
            stdin=subprocess.DEVNULL, timeout=_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return ()
    return tuple(os.fsdecode(each) for each in done.stdout.split(b"\0")[:-1])
