"""`orgdiag rule`: what a rule does, why, and where its numbers come from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgdiag.cli import console
from orgdiag.cli.options import Sectioned, option
from orgdiag.finding import OrgdiagError
from orgdiag.nearest import did_you_mean

if TYPE_CHECKING:
    from orgdiag.rule import Example, Param, Rule, RuleSet


@click.command("rule", cls=Sectioned)
@click.argument("name", required=False)
@option("Options", "--rules", multiple=True, metavar="DIR", help="Add a folder of rules.",
        type=click.Path(exists=True, path_type=Path))  # fmt: skip
@option("Options", "--conventions", is_flag=True,
        help="List the parameters whose default is a convention, not a source.")  # fmt: skip
def command(name: str | None, rules: tuple[Path, ...], conventions: bool) -> int:
    """Explain the rule NAME: what it finds, why, its parameters, what to do, its examples.

    Without NAME: list the rules.
    """
    from orgdiag.rule import load_rules

    known = load_rules(rules)
    if conventions:
        console.out(_lines(_conventions(known)))
    elif name is None:
        console.out(_lines(_list(known)))
    else:
        rule = known.find(name)
        if rule is None:
            hint = did_you_mean(name, known.rules)
            raise OrgdiagError.of(f"no rule `{name}`", help=hint or "`orgdiag rule` lists them")
        console.out(_lines(_explained(rule)))
    return 0


def _lines(lines: Iterator[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _list(rules: RuleSet) -> Iterator[str]:
    width = max((len(rule.name) for rule in rules), default=0)
    for group in rules.groups:
        yield group
        for rule in sorted((r for r in rules if r.group == group), key=lambda rule: rule.name):
            yield f"  {rule.name:<{width}}  {rule.severity:<7}  {rule.title}"
        yield ""
    for name, reason in rules.disabled.items():
        yield f"disabled: {name}: {reason}"


def _conventions(rules: RuleSet) -> Iterator[str]:
    for rule in sorted(rules, key=lambda rule: rule.name):
        for param in rule.params.values():
            if param.basis == "convention":
                yield f"{rule.name}.{param.name} = {param.value}  {param.doc}"


def _explained(rule: Rule) -> Iterator[str]:
    yield f"{rule.name}: {rule.title}"
    yield f"{rule.group} · {rule.severity} · {rule.kind}" + (f" · {rule.pack}" if rule.pack else "")
    if rule.why:
        yield ""
        yield from _wrapped(rule.why, "")
    if rule.params:
        yield ""
        yield "Parameters"
        for param in rule.params.values():
            yield from _param(rule, param)
    fixes = rule.texts("fix")
    if fixes:
        yield ""
        yield "What to do"
        for fix in fixes:
            yield from _wrapped(fix, "  - ")
    for caution in rule.cautions:
        yield from _wrapped(caution, "  ! ")
    if rule.see:
        yield ""
        yield "Sources"
        yield from (f"  {source}" for source in rule.see)
    for example in rule.examples:
        yield ""
        yield f"Example that {_outcome(example)}"
        model = textwrap.dedent(rule.source.text[example.start : example.end]).strip("\n")
        yield textwrap.indent(model, "  ")


def _param(rule: Rule, param: Param) -> Iterator[str]:
    bounds = f" (from {param.low} to {param.high})" if param.low or param.high else ""
    basis = f" Basis of the default: {param.basis}." if param.basis else ""
    yield from _wrapped(f"{param.name} = {param.value}{bounds}: {param.doc}.{basis}", "  ")
    yield f"    change it: --set {rule.name}.{param.name}=…"


def _outcome(example: Example) -> str:
    whom = ", ".join(example.subjects)
    if example.outcome == "flags":
        return f"is flagged: {whom}"
    if example.outcome == "passes":
        return "passes"
    return f"is not assessed: {whom} needs {', '.join(example.needs)}"


def _wrapped(text: str, lead: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, 96, initial_indent=lead, subsequent_indent=" " * len(lead), break_long_words=False
    )
