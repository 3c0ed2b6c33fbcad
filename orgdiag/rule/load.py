"""Rule files to the set of all rules: found, read, checked, and prepared for the next run.

Checked rules are kept as JSON, under a key made of everything that they depend on: the texts, the
words of the catalogue and the code that checks. A run whose key is there neither parses nor checks.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from orgdiag.catalogue import Catalogue, catalogue
from orgdiag.files.opening import anchored
from orgdiag.files.reading import DISK, plain_bytes, shipped_bytes
from orgdiag.finding import OrgdiagError, Problem
from orgdiag.rule import prepare
from orgdiag.rule.rule import SUFFIX, File, RuleSet
from orgdiag.text.source import Source, shipped

_LIMIT: Final = 4 << 20  # bytes of a rule file


def load_rules(paths: Sequence[Path] = (), root: Path | None = None) -> RuleSet:
    """The rules that ship with orgdiag and those at the paths, each a file or a folder.

    Args:
        paths: files and folders.
        root: the folder of the project, by default the working folder; no link leads out of it,
            and prepared rules that lie in it are not trusted.

    Raises:
        OrgdiagError: a path is missing, or a rule is wrong; every mistake of every file is in it.
    """
    project = root or Path.cwd()
    files, words = [*built_in(), *found_at(paths, project)], catalogue()
    key = _key(files, words)
    known = prepare.kept(key, [file.source for file in files], project)
    if known is not None:
        return known
    rules = _checked(files, words)
    prepare.keep(rules, key, project)
    return rules


def to_ship() -> str:
    """What a wheel carries as `rules/prepared.json`: the rules that ship with it, checked."""
    files, words = built_in(), catalogue()
    return prepare.prepared(_checked(files, words), _key(files, words))


def _key(files: Iterable[File], words: Catalogue) -> str:
    return prepare.key_of(
        ((file.pack, file.source.path, file.source.text) for file in files), words
    )


def _checked(files: Sequence[File], words: Catalogue) -> RuleSet:
    rules, problems = check_files(files, words)
    if problems:
        raise OrgdiagError(tuple(problems))
    return rules


def built_in() -> list[File]:
    """The rule files that ship with orgdiag."""
    return list(_below(str(shipped("rules")), "rules"))


def _below(folder: str, name: str) -> Iterator[File]:
    """The rule files in a folder, which messages call by that name; in the order of the names."""
    with os.scandir(folder) as entries:
        inside = sorted(entries, key=lambda entry: entry.name)
    for entry in inside:
        path = f"{name}/{entry.name}"
        if entry.is_dir():
            yield from _below(entry.path, path)
        elif entry.name.endswith(SUFFIX):
            text = _decoded(shipped_bytes(entry.path), path)
            group = name.rpartition("/")[2]
            yield File(Source(path, text), "", group, entry.name.removesuffix(SUFFIX))


def found_at(paths: Iterable[Path], root: Path) -> list[File]:
    """The rule files at the paths; what ships with orgdiag is left out.

    Raises:
        OrgdiagError: a path is missing, or a file cannot be read.
    """
    home, found, problems = shipped("rules").resolve(), [], []
    for path in paths:
        kind, pack = DISK.kind(path), path.as_posix()
        if not kind:
            problems.append(Problem(f"there is no file or folder {path}"))
            continue
        for file in _files(path, root) if kind == "folder" else (path,):
            if not file.resolve().is_relative_to(home):
                text = _text(file, root)
                group = file.parent.name or "own"
                found.append(File(Source(file.as_posix(), text), pack, group, file.stem))
    if problems:
        raise OrgdiagError(tuple(problems))
    return found


def _files(folder: Path, root: Path) -> Iterator[Path]:
    """The rule files in a folder and below; a link stands among them, so that reading refuses it.

    Raises:
        OrgdiagError: the folder cannot be read.
    """
    try:
        entries = DISK.entries(anchored(folder.absolute(), root))
    except OSError as error:
        raise OrgdiagError.of(f"{folder} cannot be read: {error.strerror}") from None
    for name, kind, link in entries:
        if kind == "folder" and not link:
            yield from _files(folder / name, root)
        elif kind == "folder" or name.endswith(SUFFIX):
            yield folder / name


def _text(path: Path, root: Path) -> str:
    try:
        return _decoded(plain_bytes(anchored(path.absolute(), root), _LIMIT), path)
    except OSError as error:
        raise OrgdiagError.of(f"{path} cannot be read: {error.strerror}") from None


def _decoded(data: bytes, path: str | Path) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OrgdiagError.of(f"{path} is not UTF-8 (byte {error.start})") from None


def check_files(
    files: Sequence[File], words: Catalogue | None = None
) -> tuple[RuleSet, list[Problem]]:
    """The rules of the files that are right, and every mistake of those that are not."""
    from orgdiag.rule.checked import check

    return check(files, words or catalogue())
