"""`orgdiag report`: the diagnostic report."""

from __future__ import annotations

from pathlib import Path

import click

from orgdiag.cli import console
from orgdiag.cli.models import judged_aloud
from orgdiag.cli.options import Models, Sectioned, Words, deliver, judges_models, option
from orgdiag.config import shown
from orgdiag.documents.sections import Page, page
from orgdiag.finding import OrgdiagError
from orgdiag.media.escaped import Escaped


@click.command("report", cls=Sectioned)
@judges_models
@option("Output", "--format", "--output-format", "form", default="html",
        type=Words(["html", "markdown"]), help="The form (html).")  # fmt: skip
@option("Output", "-o", "--output", type=click.Path(path_type=Path), help="Write a file.")
@option("Output", "--template", metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Use templates of your own, as far as the folder has them.")  # fmt: skip
def command(models: Models, form: str, output: Path | None, template: Path | None) -> int:
    """Write the diagnostic report: one page that needs no network.

    Exits 0 whatever is found: `orgdiag check` judges.
    """
    if template is not None and form != "html":
        raise OrgdiagError.of("--template is for the HTML report only")
    deliver(_written(page(judged_aloud(models, diagnosed=True)), form, template), output)
    if output is not None:
        console.err(f"wrote {shown(output)}")
    return 0


def _written(page: Page, form: str, template: Path | None) -> Escaped:
    if form == "markdown":
        from orgdiag.documents import dossier

        return dossier.render(page)
    from orgdiag.formats import html

    return html.render(page) if template is None else html.render_with(page, template)
