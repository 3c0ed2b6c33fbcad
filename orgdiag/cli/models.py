"""The models that a command names, read or judged; the libraries for that are loaded only here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING

from orgdiag import config
from orgdiag.cli import console
from orgdiag.cli.options import Models
from orgdiag.documents.summary import counted
from orgdiag.finding import Finding, Severity

if TYPE_CHECKING:
    from orgdiag.pipeline import Input, Model
    from orgdiag.report import Report

Clock = Callable[[], float]


def judged(
    models: Models,
    settings: config.Settings | None = None,
    clock: Clock | None = None,
    diagnosed: bool = False,
) -> Report:
    """The report about the models."""
    from orgdiag import pipeline

    in_force = settings or config.settings(models.given, models.paths)
    with console.working("checking"):
        return pipeline.check(in_force, input_of(models), clock, diagnosed)


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
    from orgdiag import pipeline

    settings = config.settings(models.given, models.paths)
    with console.working("reading"):
        model = pipeline.read(settings, input_of(models))
    say_broken(model.findings)
    return model


def input_of(models: Models) -> Input:
    """What the pipeline is to read, as of today where nothing else says so."""
    from orgdiag.pipeline import Input

    return Input(models.paths, models.stdin, date.today())  # noqa: DTZ011 - the user's day
