"""`orgdiag rule`: what a rule does, why, and where its numbers come from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orgdiag.cli import console
from orgdiag.cli.options import RuleName, Sectioned, Words, option
from orgdiag.finding import OrgdiagError
from orgdiag.media.markup import Markdown
from orgdiag.text.nearest import did_you_mean

if TYPE_CHECKING:
    from orgdiag.rule import Example, Param, Rule, RuleSet


@click.command("rule", cls=Sectioned)
@click.argument("name", required=False, type=RuleName())
@option("Options", "--rules", multiple=True, metavar="DIR", help="Add a folder of rules.",
        type=click.Path(exists=True, path_type=Path))  # fmt: skip
@option("Options", "--conventions", is_flag=True,
        help="List the parameters whose default is a convention, not a source.")  # fmt: skip
@option("Output", "--output-format", "--format", "form", default="text", help="Its form.",
        type=Words(["text", "json", "markdown"]))  # fmt: skip
def command(name: str | None, rules: tuple[Path, ...], conventions: bool, form: str) -> int:
    """Explain the rule NAME: what it finds, why, its parameters, what to do, its examples.

    Without NAME: list the rules.
    """
    from orgdiag.rule import load_rules

    known = load_rules(rules)
    if conventions:
        console.out(*_conventions(known))
        return 0
    if name is not None:
        _named(known, name)
        known = known.only([name])
    if form == "json":
        from orgdiag.documents.contract import rules_document
        from orgdiag.media.indented import indented

        console.show(indented(rules_document(known)))
    elif form == "markdown":
        console.show(Markdown("\n").join([*_pages(known), Markdown()]))
    elif name is None:
        console.out(*_list(known))
    else:
        console.out(*_explained(_named(known, name)))
    return 0


def _named(rules: RuleSet, name: str) -> Rule:
    """The rule of that name.

    Raises:
        OrgdiagError: there is none.
    """
    rule = rules.find(name)
    if rule is None:
        hint = did_you_mean(name, rules.rules)
        raise OrgdiagError.of(f"no rule `{name}`", help=hint or "`orgdiag rule` lists them")
    return rule


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
    if rule.cautions:
        yield ""
        yield "When it does not apply"
        for caution in rule.cautions:
            yield from _wrapped(caution, "  - ")
    if rule.see:
        yield ""
        yield "Sources"
        yield from (f"  {source}" for source in rule.see)
    for example in rule.examples:
        yield ""
        yield f"Example that {_outcome(example)}"
        for line in rule.model_of(example).split("\n"):
            yield f"  {line.expandtabs(4)}" if line.strip() else line


def _param(rule: Rule, param: Param) -> Iterator[str]:
    bounds = f" (from {param.low} to {param.high})" if param.low or param.high else ""
    basis = f" Basis of the default: {param.basis}." if param.basis else ""
    yield from _wrapped(f"{param.name} = {param.value}{bounds}: {param.doc}.{basis}", "  ")
    yield f"    change it: --set {rule.name}.{param.name}=…"


def _pages(rules: RuleSet) -> Iterator[Markdown]:
    """Every rule as a section in Markdown, under its group."""
    for group in rules.groups:
        yield Markdown("## {}\n").format(group)
        for rule in sorted((r for r in rules if r.group == group), key=lambda rule: rule.name):
            yield from _page(rule)


def _page(rule: Rule) -> Iterator[Markdown]:
    yield Markdown("### {}\n").format(rule.name)
    head = Markdown.prose(rule.title), rule.severity.value, rule.kind
    yield Markdown("**{}** · {} · {}\n").format(*head)
    for to, when in rule.escalations:
        yield Markdown("- becomes {} when {}").format(to, Markdown.code(when))
    if rule.escalations:
        yield Markdown()
    yield from map(Markdown.prose, textwrap.wrap(rule.why, 100))
    for title, texts in (("What to do", rule.texts("fix")), ("Not when", rule.cautions)):
        if texts:
            yield Markdown("\n{}:\n").format(title)
            yield from (Markdown("- {}").format(Markdown.prose(text)) for text in texts)
    if rule.params:
        yield Markdown("\n| parameter | default | from | to | basis | meaning |")
        yield Markdown("|---|---|---|---|---|---|")
        for p in rule.params.values():
            cells = p.name, p.value, p.low or "", p.high or "", p.basis, Markdown.prose(p.doc)
            yield Markdown("| {} |").format(Markdown(" | ").join(cells))
    if rule.see:
        yield Markdown("\nSee: {}").format(Markdown(", ").join(map(Markdown.address, rule.see)))
    yield Markdown()


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
