"""`orgdiag diagnose`: where work waits, why, and what to change."""

from __future__ import annotations

from pathlib import Path

import click

from orgdiag.cli.models import judged_aloud
from orgdiag.cli.options import Models, Sectioned, deliver, judges_models, option
from orgdiag.media.terminal import Screen


@click.command("diagnose", cls=Sectioned)
@judges_models
@option("Output", "-o", "--output", type=click.Path(path_type=Path), help="Write a file.")
def command(models: Models, output: Path | None) -> int:
    """Tell per stream where work waits, why, what the structure should be, and what comes next."""
    from orgdiag.documents.narrative import told

    report = judged_aloud(models, diagnosed=True)
    lines = told(report, report.diagnosis) if report.diagnosis else ()
    deliver(Screen.of(lines), output)
    return 0
