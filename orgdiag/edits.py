"""Edits of many files, made in memory first: read again and judged again before one is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from orgdiag.files.opening import below
from orgdiag.files.together import Change, text_of, write_together
from orgdiag.finding import OrgdiagError, Problem
from orgdiag.frozen import frozen
from orgdiag.text.difference import difference
from orgdiag.text.edit import Edit, edited
from orgdiag.text.source import Source
from orgdiag.workspace import Workspace


@frozen
class Refused:
    """Why edits are not made."""

    problems: tuple[Problem, ...]


@frozen
class Proposal:
    """Edits that are not written yet.

    before, after  the models without and with them, each to be asked for findings and numbers
    changes        the files that change, by path
    places         how many places are edited
    """

    before: Workspace
    after: Workspace
    changes: tuple[Change, ...]
    places: int


def propose(workspace: Workspace, edits: Iterable[Edit]) -> Proposal:
    """The models of a workspace with all edits made, in memory.

    Raises:
        Overlapping: two edits meet.
        OrgdiagError: a file lies outside of the project, or cannot be read any more.
    """
    by_source: dict[Source, list[Edit]] = {}
    for edit in dict.fromkeys(edits):
        by_source.setdefault(edit.span.source, []).append(edit)
    after, changes = workspace.copy(), list[Change]()
    for source, made in sorted(by_source.items(), key=lambda item: item[0].path):
        text = edited(source, made)
        after.set_text(workspace.settings.root / source.path, text)
        changes.append(change(workspace.settings.root, Path(source.path), source.text, text))
    return Proposal(workspace, after, tuple(changes), sum(map(len, by_source.values())))


def change(root: Path, path: Path, before: str, after: str) -> Change:
    """The change of a file of the project; a byte order mark stays.

    Raises:
        OrgdiagError: it lies outside of the project, or holds another text by now.
    """
    inside = below(path, root)
    if inside is None:
        raise OrgdiagError.of(f"{path} lies outside of the project, so it is not edited")
    try:
        held = text_of(root, inside.as_posix())
    except (OSError, UnicodeDecodeError) as error:
        raise OrgdiagError.of(f"cannot read {path} again: {error}") from None
    mark = held[: held.startswith("\ufeff")]
    if held != mark + before:
        raise OrgdiagError.of(f"{path} has changed since it was read")
    return Change(inside.as_posix(), held, mark + after)


def lines(changes: Sequence[Change]) -> Iterator[str]:
    """The changes as a unified diff."""
    for change in changes:
        yield from difference(*change)


def write(proposal: Proposal, what: str) -> None:
    """Write all files of a proposal, or none.

    Raises:
        OrgdiagError: one cannot be written.
    """
    try:
        write_together(proposal.before.settings.root, what, proposal.changes)
    except OSError as error:
        where = error.filename or "a file"
        raise OrgdiagError.of(f"cannot write {where}: {error.strerror}") from None
