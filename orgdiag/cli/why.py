"""`orgdiag why`: the facts behind a finding, behind its absence, or behind "not assessed"."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from orgdiag import config
from orgdiag.cli import console
from orgdiag.cli.models import workspace
from orgdiag.cli.options import COLOURS, Models, RuleName, Sectioned, judges_models
from orgdiag.documents.excerpt import Look
from orgdiag.documents.summary import needed
from orgdiag.finding import Finding, OrgdiagError
from orgdiag.formats.full import block
from orgdiag.media.terminal import Line, Styled
from orgdiag.text.nearest import did_you_mean

if TYPE_CHECKING:
    from orgdiag.evaluate.why import Explanation
    from orgdiag.report import Report


@click.command("why", cls=Sectioned)
@click.argument("rule", type=RuleName())
@click.argument("subject")
@judges_models
@click.option("--color", "--colour", "colour", default="auto",
              type=COLOURS, help="Colours (auto).")  # fmt: skip
def command(models: Models, rule: str, subject: str, colour: str) -> int:
    """Show why RULE flags SUBJECT, why it does not, or what it would have to know.

    SUBJECT is an id, or kind:id where two kinds have it. Exits 0 whatever the answer is.
    """
    from orgdiag.evaluate.why import why

    opened = workspace(models)
    rules = opened.rules
    found = rules.find(rule)
    if found is None:
        hint = did_you_mean(rule, rules.rules) or "`orgdiag rule` lists the rules"
        raise OrgdiagError.of(f"no rule `{rule}`", help=hint)
    look = console.look(colour)
    if not found.checks:
        console.out(*_read(opened.report(), rule, subject, look), colour=look.colour)
        return 0
    kind, _, id = subject.rpartition(":")
    names = config.selected(opened.settings, {rule.name: rule.group for rule in rules})
    explanation = why(rules, rule, id, opened.facts, kind=kind, names=names)
    console.out(*_explained(explanation), colour=look.colour)
    return 0


def _read(report: Report, rule: str, subject: str, look: Look) -> Iterator[Line]:
    """What was found under the name of a rule without a condition, such as those of the reader."""
    found = [f for f in report.findings if f.rule == rule and subject in _names(f)]
    if not found:
        yield f"{rule}: nothing of that kind is wrong with {subject}"
    for finding in found:
        yield from block(finding, look)


def _names(finding: Finding) -> tuple[str, ...]:
    return finding.subject.id, f"{finding.subject.kind}:{finding.subject.id}", str(finding.span)


_STYLES = {
    "flagged": "error",
    "superseded": "error",
    "not assessed": "warning",
    "not flagged": "good",
}


def _explained(found: Explanation) -> Iterator[Line]:
    outcome = Styled(_STYLES.get(found.outcome, "bold"), found.outcome)
    yield f"{found.rule.name} · {found.subject.kind} {found.subject.id}: ", outcome
    if found.finding is not None:
        yield f"{found.finding.severity}: {found.finding.message}"
    yield from _instead(found)
    yield ""
    yield from map(_line, found.lines)
    if found.missing:
        yield ""
        yield Styled("bold", "It would have to know")
        yield from (f"  {needed(missing)}" for missing in found.missing)
    if found.rule.why:
        yield ""
        yield f"why it matters: {found.rule.why}"


def _instead(found: Explanation) -> Iterator[str]:
    """What stands in the place of the finding, or may."""
    stands = "in its place stands" if found.outcome == "superseded" else "in its place may stand"
    for rule, subject in found.instead:
        yield f"{stands} {rule} for {subject.kind} {subject.id}"


def _line(line: Any) -> Line:
    mark = (Styled("dim", f"  [{line.mark}]"),) if line.mark else ()
    place = ("  ", Styled("frame", str(line.span))) if line.span else ()
    return "  " * (line.depth + 1), line.text, *mark, *place
