"""`orgdiag rename`: another id for an element, in all files of the project."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from orgdiag.cli import console
from orgdiag.cli.models import cut_off, opened, told_cut_off
from orgdiag.cli.options import Models, Sectioned, edits_models, option
from orgdiag.documents.summary import counted
from orgdiag.finding import OrgdiagError, Problem

_OUTPUT: Final = "Output"
_CUT_OFF: Final = "A change of files that was cut off"


@click.command("rename", cls=Sectioned)
@click.argument("element", metavar="[KIND:OLD]", required=False)
@click.argument("new", metavar="[NEW]", required=False)
@edits_models
@option(_OUTPUT, "--diff", is_flag=True, help="Show what would change, and write nothing.")
@option(_CUT_OFF, "--finish", is_flag=True, help="Write the files that are still the old ones.")
@option(_CUT_OFF, "--undo", is_flag=True, help="Write the old texts into the others again.")
def command(
    models: Models, element: str | None, new: str | None, diff: bool, finish: bool, undo: bool
) -> int:
    """Give an element another id, wherever models, gates and the baseline name it.

    Comments and layout stay. All files are written, or none. Exits 1 when it is refused: the id is
    taken, say, or a model cannot be read.
    """
    from orgdiag.edits import Refused, lines, write
    from orgdiag.rename import renamed, said_otherwise

    if finish or undo:
        words = (Path(word) for word in (element, new) if word)
        return _settled(replace(models, paths=(*words, *models.paths)), finish=finish, undo=undo)
    workspace = opened(models, once=False)
    root = workspace.settings.root
    kind, colon, old = (element or "").partition(":")
    if not colon or new is None:
        raise OrgdiagError.of("rename takes KIND:OLD and NEW", help="rename team:payments billing")
    left = cut_off(root)
    if left is not None:
        console.problems([Problem(told_cut_off(left))])
        return 1
    for notice in workspace.model.notices:
        console.err(f"note: {notice}")
    with console.working("reading"):
        found = renamed(workspace, kind, old, new)
    if isinstance(found, Refused):
        console.problems(found.problems)
        return 1
    if diff:
        console.out(*lines(found.changes))
        return 0
    others = said_otherwise(found.before.report(), found.after.report())
    write(found, f"rename {kind}:{old} {new}")
    places, files = counted(found.places, "place"), counted(len(found.changes), "file")
    console.out(f"renamed {kind} {old} to {new}: {places}, {files}")
    for rule, number in others.items():  # it reads names
        console.err(f"note: {rule} finds {abs(number)} {'more' if number > 0 else 'fewer'} now")
    return 0


def _settled(models: Models, *, finish: bool, undo: bool) -> int:
    """Finish the change that was cut off, or take it back; 1 where a file was changed since."""
    root = opened(models).settings.root
    from orgdiag.files import together

    if finish and undo:
        raise OrgdiagError.of("--finish and --undo exclude each other")
    left = cut_off(root)
    if left is None:
        raise OrgdiagError.of("no change of files was cut off here")
    if left.other:
        names = ", ".join(change.path for change in left.other)
        help = f"mend it by hand, then remove {together.NOTE}"
        console.problems([Problem(f"changed since: {names}", None, help)])
        return 1
    (together.finish if finish else together.take_back)(root, left)
    files = counted(len(left.old if finish else left.new), "file")
    console.out(f"{'finished' if finish else 'took back'} {left.what}: wrote {files}")
    return 0
