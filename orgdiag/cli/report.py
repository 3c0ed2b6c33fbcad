"""`orgdiag report`: the diagnostic report."""

from __future__ import annotations

from pathlib import Path

import click

from orgdiag import formats
from orgdiag.cli import console
from orgdiag.cli.models import judged
from orgdiag.cli.options import Models, Sectioned, option, put, reads_models
from orgdiag.config import shown
from orgdiag.excerpt import PLAIN


@click.command("report", cls=Sectioned)
@reads_models
@option("Output", "--format", "--output-format", "form", default="html",
        type=click.Choice(["html", "markdown"]), help="The form (html).")  # fmt: skip
@option("Output", "-o", "--output", type=click.Path(path_type=Path), help="Write a file.")
def command(models: Models, form: str, output: Path | None) -> int:
    """Write the diagnostic report: one page that needs no network.

    Exits 0 whatever is found: `orgdiag check` judges.
    """
    text = formats.render(form, judged(models, diagnosed=True), PLAIN)
    if output is None:
        console.out(text)
    else:
        put(output, text)
        console.err(f"wrote {shown(output)}\n")
    return 0
