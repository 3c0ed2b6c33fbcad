"""`orgdiag diagnose`: where work waits, why, and what to change."""

from __future__ import annotations

from pathlib import Path

import click

from orgdiag.cli import console
from orgdiag.cli.models import judged_aloud
from orgdiag.cli.options import Models, Sectioned, judges_models, option, put


@click.command("diagnose", cls=Sectioned)
@judges_models
@option("Output", "-o", "--output", type=click.Path(path_type=Path), help="Write a file.")
def command(models: Models, output: Path | None) -> int:
    """Tell per stream where work waits, why, what the structure should be, and what comes next."""
    from orgdiag.narrative import told

    report = judged_aloud(models, diagnosed=True)
    lines = told(report, report.diagnosis) if report.diagnosis else ()
    text = "".join(f"{line}\n" for line in lines)
    if output is None:
        console.out(text)
    else:
        put(output, text)
    return 0
