"""`orgdiag config`: the schema of the configuration."""

from __future__ import annotations

import click

from orgdiag.cli import console
from orgdiag.cli.options import Sectioned, option


@click.command("config", cls=Sectioned)
@option("Options", "--schema", is_flag=True, help="Print the JSON schema of the configuration.")
@click.pass_context
def command(ctx: click.Context, schema: bool) -> int:
    """Print the JSON schema of the configuration, for editors.

    What is in force for a model: `orgdiag check --show-settings`.
    """
    if not schema:
        raise click.UsageError("say what to print: --schema", ctx)
    from orgdiag.config.file import schema as published
    from orgdiag.media.indented import indented

    console.show(indented(published()))
    return 0
