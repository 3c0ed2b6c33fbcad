"""The models that a command names, read or judged; the libraries for that are loaded only here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from orgdiag import config
from orgdiag.cli import console
from orgdiag.cli.options import Models
from orgdiag.documents.summary import counted, enumerated
from orgdiag.files.reading import DISK, Files
from orgdiag.finding import Finding, OrgdiagError, Severity

if TYPE_CHECKING:
    from orgdiag.files.together import Unfinished
    from orgdiag.pipeline import Model
    from orgdiag.report import Report
    from orgdiag.workspace import Workspace

Clock = Callable[[], float]


def workspace(
    models: Models, settings: config.Settings | None = None, files: Files = DISK
) -> Workspace:
    """The models that a command names, opened for one question.

    That files of them may not fit together, since a change was cut off, is said on standard error.
    """
    found = opened(models, settings, files)
    left = cut_off(found.settings.root)
    if left is not None:
        console.err(f"note: {told_cut_off(left)}")
    return found


def opened(
    models: Models,
    settings: config.Settings | None = None,
    files: Files = DISK,
    *,
    once: bool = True,
) -> Workspace:
    """The models that a command names, opened for one question or for several."""
    from orgdiag.load import read_stdin
    from orgdiag.pipeline import limits
    from orgdiag.workspace import Workspace

    in_force = settings or config.settings(models.given, models.paths)
    stdin = read_stdin(models.stdin, limits(in_force)) if models.stdin else None
    return Workspace(
        in_force.root, in_force, paths=models.paths, stdin=stdin, files=files, once=once
    )


def judged(
    models: Models,
    settings: config.Settings | None = None,
    clock: Clock | None = None,
    diagnosed: bool = False,
) -> Report:
    """The report about the models."""
    with console.working("checking"):
        return workspace(models, settings).report(diagnosed=diagnosed, clock=clock)


def judged_aloud(models: Models, diagnosed: bool = False) -> Report:
    """The report about the models, for a command that does not show what is wrong in them."""
    report = judged(models, diagnosed=diagnosed)
    say_broken(report.new)
    return report


def say_broken(findings: Iterable[Finding], which: str = "the model") -> None:
    """Say on standard error that a part of the model could not be understood, if so."""
    errors = sum(f.group == "model" and f.severity is Severity.ERROR for f in findings)
    if errors:
        console.err(f"note: {counted(errors, 'error')} in {which}: see `orgdiag check`")


def read_model(models: Models) -> Model:
    """The model, read and not judged."""
    with console.working("reading"):
        model = workspace(models).model
    say_broken(model.findings)
    return model


def cut_off(root: Path) -> Unfinished | None:
    """The change of several files of a project that was cut off, if there is one.

    Raises:
        OrgdiagError: what tells of it cannot be read.
    """
    from orgdiag.files.together import NOTE, unfinished

    try:
        return unfinished(root)
    except (OSError, ValueError):
        raise OrgdiagError.of(
            f"{NOTE} tells of no change that orgdiag makes", help="remove it"
        ) from None


def told_cut_off(left: Unfinished) -> str:
    """What was cut off, and which files are the new ones and which the old ones."""
    parts = {"new": left.new, "still old": left.old, "changed since": left.other}
    told = "; ".join(
        f"{state}: {enumerated([change.path for change in changes])}"
        for state, changes in parts.items()
        if changes
    )
    return f"`{left.what}` was cut off; {told}; `orgdiag rename --finish` or `--undo` ends it"
