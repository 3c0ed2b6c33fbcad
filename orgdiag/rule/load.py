"""Rule files to the set of all rules: found, read, checked, and prepared for the next run.

Checked rules are kept as JSON, under a key made of everything that they depend on: the texts, the
words of the catalogue and the code that checks. A run whose key is there neither parses nor checks.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from orgdiag.finding import OrgdiagError, Problem
from orgdiag.reading import plain_bytes
from orgdiag.rule import prepare
from orgdiag.rule.catalogue import Catalogue, catalogue
from orgdiag.rule.rule import SUFFIX, File, RuleSet
from orgdiag.source import Source, shipped

_LIMIT: Final = 4 << 20  # bytes of a rule file


def load_rules(paths: Sequence[Path] = ()) -> RuleSet:
    """The rules that ship with orgdiag and those at the paths, each a file or a folder.

    Raises:
        OrgdiagError: a path is missing, or a rule is wrong; every mistake of every file is in it.
    """
    files, words = [*built_in(), *found_at(paths)], catalogue()
    key = _key(files, words)
    known = prepare.kept(key, [file.source for file in files])
    if known is not None:
        return known
    rules = _checked(files, words)
    prepare.keep(rules, key)
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
    return list(_below(shipped("rules"), "rules"))


def _below(folder: Path, name: str) -> Iterator[File]:
    """The rule files in a folder, which messages call by that name; in the order of the names."""
    with os.scandir(folder) as entries:
        inside = sorted(entries, key=lambda entry: entry.name)
    for entry in inside:
        path = f"{name}/{entry.name}"
        if entry.is_dir():
            yield from _below(Path(entry.path), path)
        elif entry.name.endswith(SUFFIX):
            text = _text(entry.path)
            yield File(Source(path, text), "", folder.name, entry.name.removesuffix(SUFFIX))


def found_at(paths: Iterable[Path]) -> list[File]:
    """The rule files at the paths; what ships with orgdiag is left out.

    Raises:
        OrgdiagError: a path is missing.
    """
    home, found, problems = shipped("rules").resolve(), [], []
    for path in paths:
        if path.is_dir():
            found_below = sorted(path.rglob(f"*{SUFFIX}"))
            files = [file for file in found_below if not file.is_symlink()]
        elif path.is_file():
            files = [path]
        else:
            problems.append(Problem(f"there is no file or folder {path}"))
            continue
        pack = path.as_posix()
        for file in files:
            if not file.resolve().is_relative_to(home):
                group = file.parent.name or "own"
                found.append(File(Source(file.as_posix(), _text(file)), pack, group, file.stem))
    if problems:
        raise OrgdiagError(tuple(problems))
    return found


def _text(path: str | Path) -> str:
    try:
        return plain_bytes(path, _LIMIT).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OrgdiagError.of(f"{path} is not UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise OrgdiagError.of(f"{path} cannot be read: {error.strerror}") from None


def check_files(
    files: Sequence[File], words: Catalogue | None = None
) -> tuple[RuleSet, list[Problem]]:
    """The rules of the files that are right, and every mistake of those that are not."""
    from orgdiag.rule.checked import check

    return check(files, words or catalogue())
