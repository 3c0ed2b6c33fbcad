"""`orgdiag diff`: two models, or one model and what it was at a revision of git."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgdiag import config
from orgdiag.cli.models import say_broken, workspace
from orgdiag.cli.options import Models, Sectioned, Words, compares_models, deliver, option
from orgdiag.finding import OrgdiagError

if TYPE_CHECKING:
    from orgdiag.report import Report


@click.command("diff", cls=Sectioned)
@compares_models
@option("Compare", "--rev", metavar="REV", help="Compare with the model at this git revision.")
@option("Output", "--format", "--output-format", "form", default="text",
        type=Words(["text", "markdown", "json"]), help="The form (text).")  # fmt: skip
@option("Output", "-o", "--output", type=click.Path(path_type=Path), help="Write a file.")
def command(models: Models, rev: str | None, form: str, output: Path | None) -> int:
    """Compare two models, OLD and NEW; or with --rev one model with what it was.

    Exits 0 whatever the difference is.
    """
    from orgdiag.diff import compare
    from orgdiag.documents import comparison
    from orgdiag.model.elements import Calendar

    old, new = _two(models) if rev is None else _at_revision(models, rev)
    say_broken(old.new, "the old model")
    say_broken(new.new, "the new model")
    write = {"text": comparison.plain, "markdown": comparison.markdown, "json": comparison.as_json}
    difference = compare(old, new)
    deliver(write[form](difference, new.facts.org.calendar if new.facts else Calendar()), output)
    return 0


def _two(models: Models) -> tuple[Report, Report]:
    if len(models.paths) != 2:
        raise OrgdiagError.of("diff compares two paths, OLD and NEW", help="or one with --rev REV")
    old, new = (workspace(replace(models, paths=(path,))).report() for path in models.paths)
    return old, new


def _at_revision(models: Models, rev: str) -> tuple[Report, Report]:
    """The model as it was and as it is; neither with what lies in a submodule or behind a link."""
    from orgdiag.files.reading import Disk
    from orgdiag.history import at_revision
    from orgdiag.pipeline import limits

    settings = config.settings(models.given, models.paths)
    new = workspace(models, settings, Disk(whole=False)).report()
    then = at_revision(rev, settings.root, limits(settings))
    paths = tuple(path for path in models.paths if then.kind(path.absolute()))
    if models.paths and not paths:
        raise OrgdiagError.of(f"there was no such model at {rev}")
    return workspace(replace(models, paths=paths), settings, then).report(), new
