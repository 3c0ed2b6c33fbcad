"""`orgdiag fields`: the words of the rules language."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgdiag.cli import console
from orgdiag.cli.options import Sectioned, option
from orgdiag.finding import OrgdiagError
from orgdiag.text.nearest import did_you_mean

if TYPE_CHECKING:
    from orgdiag.model.types import Type


@click.command("fields", cls=Sectioned)
@click.argument("kind", required=False)
@option("Options", "--rules", multiple=True, metavar="DIR",
        help="Add what a folder of rules defines.",
        type=click.Path(exists=True, path_type=Path))  # fmt: skip
def command(kind: str | None, rules: tuple[Path, ...]) -> int:
    """List the words of the rules language: of one KIND, or of all kinds.

    What rules `define` stands among them; adjectives with the `is` before them.
    """
    from orgdiag.catalogue import catalogue
    from orgdiag.rule import load_rules

    words = catalogue()
    if kind is not None and kind not in words.kinds:
        help = did_you_mean(kind, words.kinds) or f"kinds: {', '.join(words.kinds)}"
        raise OrgdiagError.of(f"no kind `{kind}`", help=help)
    lines: dict[str, list[str]] = {name: [] for name in words.kinds}
    for name in words.kinds:
        for field in words.fields[name].values():
            lines[name].append(_line(field.name, field.type, field.unit, field.meaning))
    for word in load_rules(rules).definitions.values():
        adjective = word.type.base == "flag"
        name = f"is {word.word}" if adjective else word.word
        lines[word.kind].append(_line(name, word.type, "", word.doc))
    chosen = [kind] if kind else words.kinds
    said = [line for name in chosen for line in (name, *sorted(lines[name]), "")]
    console.out(*said[:-1])
    return 0


def _line(name: str, type: Type, unit: str, doc: str) -> str:
    from orgdiag.rule.typed import shown

    kind = shown(type) + (f" in {unit}" if unit else "")
    return f"  {name:<28} {kind:<28} {doc[:1].upper()}{doc[1:]}".rstrip()
