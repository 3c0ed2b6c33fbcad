"""`orgdiag graph`: teams, a stream or components for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgdiag.cli.models import read_model
from orgdiag.cli.options import Models, Sectioned, Words, deliver, option, reads_models
from orgdiag.finding import OrgdiagError
from orgdiag.text.nearest import did_you_mean

if TYPE_CHECKING:
    from orgdiag.diagram import Diagram
    from orgdiag.facts.columns import Facts

_LANGUAGES = ("mermaid", "dot", "graphml", "json")


@click.command("graph", cls=Sectioned)
@reads_models
@option("Output", "--format", "--output-format", "language", default="mermaid",
        type=Words(_LANGUAGES), help="The language (mermaid).")  # fmt: skip
@option("Output", "--of", "what", default="teams", metavar="WHAT",
        help="teams, components, or stream:ID (teams).")  # fmt: skip
@option("Output", "--all", "everything", is_flag=True, help="Draw it however large it is.")
@option("Output", "-o", "--output", type=click.Path(path_type=Path), help="Write a file.")
def command(models: Models, language: str, what: str, everything: bool, output: Path | None) -> int:
    """Export the teams with who needs whom, the steps of a stream, or the components."""
    from orgdiag import diagram

    drawn = _drawn(read_model(models).facts, what)
    deliver(diagram.written(drawn, language, everything), output)
    return 0


def _drawn(facts: Facts, what: str) -> Diagram:
    from orgdiag import diagram

    kind, _, id = what.partition(":")
    if kind == "stream" and id:
        return diagram.stream(facts, id)
    if what in ("teams", "components"):
        return diagram.teams(facts) if what == "teams" else diagram.components(facts)
    near = did_you_mean(what, ("teams", "components", "stream:ID"))
    raise OrgdiagError.of(f"cannot draw `{what}`", help=near or "teams, components, or stream:ID")
