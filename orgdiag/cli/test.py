"""`orgdiag test`: run the examples inside rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgdiag.cli import console
from orgdiag.cli.options import COLOURS, Sectioned
from orgdiag.documents.excerpt import Marked, excerpt
from orgdiag.documents.summary import counted
from orgdiag.media.terminal import Styled
from orgdiag.text.source import shipped

if TYPE_CHECKING:
    from orgdiag.rule import Rule, RuleSet


@click.command("test", cls=Sectioned)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--color", "--colour", "colour", default="auto",
              type=COLOURS, help="Colours (auto).")  # fmt: skip
def command(paths: tuple[Path, ...], colour: str) -> int:
    """Run the examples of the rules at the PATHs; without a PATH, of those that ship with orgdiag.

    Each example must come out as it says, and each parameter moved by one step must change the
    outcome of an example. Exits 1 when one does not.
    """
    from orgdiag.evaluate.examples import run_examples
    from orgdiag.rule import load_rules

    rules = load_rules(paths)
    names = _named(rules, paths)
    tested = run_examples(rules, names)
    look = console.look(colour)
    for failure in tested.failures:
        console.out(
            (Styled("error", f"failed[{failure.rule}]"), f": {failure.message}"),
            *excerpt([Marked(failure.span, main=True)], look).lines,
            *(f"   {detail}" for detail in failure.details),
            "",
            colour=look.colour,
        )
    console.out(
        f"{counted(tested.examples, 'example')} of {counted(tested.rules, 'rule')}: "
        f"{counted(len(tested.failures), 'failure')}"
    )
    return 1 if tested.failures else 0


def _named(rules: RuleSet, paths: tuple[Path, ...]) -> list[str] | None:
    """The rules that the paths hold; None for all. A path inside the shipped rules counts too."""
    if not paths:
        return None
    places = [path.resolve() for path in paths]
    return [rule.name for rule in rules if rule.pack or _lies_in(rule, places)]


def _lies_in(rule: Rule, places: list[Path]) -> bool:
    file = (shipped("rules").parent / rule.source.path).resolve()
    return any(file.is_relative_to(place) for place in places)
