"""`orgdiag metrics`: the numbers."""

from __future__ import annotations

from pathlib import Path

import click

from orgdiag.cli.models import judged_aloud
from orgdiag.cli.options import Models, Sectioned, Words, deliver, judges_models, option
from orgdiag.finding import OrgdiagError
from orgdiag.media.terminal import Screen
from orgdiag.text.nearest import did_you_mean


@click.command("metrics", cls=Sectioned)
@judges_models
@option("Output", "--output-format", "--format", "form", default="table",
        type=Words(["table", "json"]), help="The form (table).")  # fmt: skip
@option("Output", "--stream", "streams", multiple=True, metavar="ID",
        help="Only this stream and the teams on it; repeatable.")  # fmt: skip
@option("Output", "-o", "--output", type=click.Path(path_type=Path), help="Write a file.")
def command(models: Models, form: str, streams: tuple[str, ...], output: Path | None) -> int:
    """Print the numbers of streams, steps, teams and the organisation.

    A number that is not known exactly is an interval, with the inputs that would narrow it.
    """
    report = judged_aloud(models)
    if report.facts is None:
        return 0
    from orgdiag.documents import figures
    from orgdiag.measure import measure
    from orgdiag.media.indented import indented

    known = report.facts.org.streams
    for id in streams:
        if id not in known:
            raise OrgdiagError.of(f"there is no stream `{id}`", help=did_you_mean(id, known))
    measures = measure(report.facts, streams or None)
    assessed = figures.coverage_of(report)
    if form == "json":
        deliver(indented(figures.document(measures, report.facts, assessed)), output)
    else:
        deliver(Screen.of(figures.table(measures, report.facts, assessed)), output)
    return 0
