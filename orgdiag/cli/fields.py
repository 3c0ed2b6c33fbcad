"""`orgdiag fields`: the words of the rules language."""

from __future__ import annotations

import click

from orgdiag.cli import console
from orgdiag.cli.options import Sectioned
from orgdiag.finding import OrgdiagError
from orgdiag.nearest import did_you_mean


@click.command("fields", cls=Sectioned)
@click.argument("kind", required=False)
def command(kind: str | None) -> int:
    """List the words of the rules language: of one KIND, or of all kinds."""
    from orgdiag.rule.catalogue import catalogue
    from orgdiag.rule.typed import shown

    words = catalogue()
    if kind is not None and kind not in words.kinds:
        help = did_you_mean(kind, words.kinds) or f"kinds: {', '.join(words.kinds)}"
        raise OrgdiagError.of(f"no kind `{kind}`", help=help)
    lines = []
    for name in [kind] if kind else words.kinds:
        lines.append(f"{name}")
        for field in sorted(words.fields[name].values(), key=lambda field: field.name):
            unit = f" in {field.unit}" if field.unit else ""
            lines.append(f"  {field.name:<28} {shown(field.type) + unit:<28} {field.doc}".rstrip())
        lines.append("")
    console.out("\n".join(lines))
    return 0
