"""Several files that change together: all of them, or none, or it is told which.

Each file is replaced whole. Before the first one is, a note of what all held and are to hold is put
into the project; it goes when the last one is written. A process that is killed in between leaves
the note, by which the next run tells which files are new, and finishes the change or takes it back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from orgdiag.files.opening import Anchored, below, folder_of
from orgdiag.files.reading import plain_bytes, shown_size
from orgdiag.files.writing import write_whole

NOTE: Final = "orgdiag.unfinished.json"
_SCHEMA: Final = 1
_LIMIT: Final = 1 << 29
_NOTED: Final = 64 << 20


class Change(NamedTuple):
    """What a file holds and is to hold; its path from the root, with forward slashes."""

    path: str
    before: str
    after: str


class Unfinished(NamedTuple):
    """A change that was cut off: what it was to do, and the files by what they hold now."""

    what: str
    new: tuple[Change, ...]
    old: tuple[Change, ...]
    other: tuple[Change, ...]


class Exchanged(OSError):
    """A file holds something else than what was read."""


def text_of(root: Path, path: str) -> str:
    """All that a file below the root holds, a byte order mark included.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is not UTF-8.
    """
    return plain_bytes(Anchored(root, Path(path)), _LIMIT).decode("utf-8")


def write_together(root: Path, what: str, changes: Sequence[Change]) -> None:
    """Write all files, or none.

    Args:
        root: the folder of the project.
        what: what is done, for who reads the note.
        changes: the files, which hold what each change says.

    Raises:
        Exchanged: a file holds something else; nothing was written.
        OSError: a file cannot be written, or together they are too large to be noted; all hold
            what they held, unless the note is still there.
    """
    for change in changes:
        if text_of(root, change.path) != change.before:
            raise Exchanged(0, "it has changed since it was read", change.path)
    if len(changes) > 1:
        _note(root, what, changes)
    begun: list[Change] = []
    try:
        for change in changes:
            begun.append(change)
            _write(root, change.path, change.after)
    except BaseException:
        for change in begun:
            _write(root, change.path, change.before)
        _forget(root)
        raise
    _forget(root)


def unfinished(root: Path) -> Unfinished | None:
    """The change of several files that was cut off in this project, if there is one.

    Raises:
        OSError: the note cannot be read.
        ValueError: it is none, or names what no such change touches.
    """
    try:
        data = plain_bytes(Anchored(root, Path(NOTE)), _NOTED)
    except FileNotFoundError:
        return None
    try:
        what, changes = _read(json.loads(data.decode("utf-8")), root)
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    states: dict[str, list[Change]] = {"new": [], "old": [], "other": []}
    for change in changes:
        states[_state(root, change)].append(change)
    return Unfinished(what, *(tuple(found) for found in states.values()))


def finish(root: Path, cut_off: Unfinished) -> None:
    """Write the files that still hold what they held.

    Raises:
        OSError: one cannot be written.
    """
    _settle(root, [(change.path, change.after) for change in cut_off.old])


def take_back(root: Path, cut_off: Unfinished) -> None:
    """Let the files that are written already hold again what they held.

    Raises:
        OSError: one cannot be written.
    """
    _settle(root, [(change.path, change.before) for change in cut_off.new])


def _settle(root: Path, texts: Iterable[tuple[str, str]]) -> None:
    for path, text in texts:
        _write(root, path, text)
    _forget(root)


def _write(root: Path, path: str, text: str) -> None:
    write_whole(Anchored(root, Path(path)), text)


def _forget(root: Path) -> None:
    with suppress(FileNotFoundError), folder_of(Anchored(root, Path(NOTE))) as folder:
        folder.remove(NOTE)


def _note(root: Path, what: str, changes: Iterable[Change]) -> None:
    files = [change._asdict() for change in changes]
    text = json.dumps({"schema": _SCHEMA, "what": what, "files": files}, indent=1) + "\n"
    if len(text) > _NOTED:  # it is ASCII
        raise OSError(0, f"the files have more than {shown_size(_NOTED)} together", NOTE)
    write_whole(Anchored(root, Path(NOTE)), text)


def _read(data: Any, root: Path) -> tuple[str, list[Change]]:
    """What a note says. It may be a stranger's: only plain files of the project can be in it."""
    changes = [Change(each["path"], each["before"], each["after"]) for each in data["files"]]
    texts = [data["what"], *(text for change in changes for text in change)]
    if data["schema"] != _SCHEMA or not all(isinstance(text, str) for text in texts):
        raise ValueError("another schema")
    for change in changes:
        inside = below(Path(change.path), root)
        hidden = inside is None or any(part.startswith(".") for part in inside.parts)
        if hidden or not change.path.endswith((".orgd", ".toml", ".json")):
            raise ValueError(change.path)
    return data["what"], changes


def _state(root: Path, change: Change) -> str:
    try:
        held = text_of(root, change.path)
    except (OSError, UnicodeDecodeError):
        return "other"
    return "new" if held == change.after else "old" if held == change.before else "other"
