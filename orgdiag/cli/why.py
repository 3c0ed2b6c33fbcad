"""`orgdiag why`: the facts behind a finding, behind its absence, or behind "not assessed"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from orgdiag import config
from orgdiag.cli import console
from orgdiag.cli.models import input_of
from orgdiag.cli.options import COLOURS, Models, RuleName, Sectioned, judges_models
from orgdiag.excerpt import Look
from orgdiag.finding import Finding, OrgdiagError
from orgdiag.formats.full import block
from orgdiag.nearest import did_you_mean
from orgdiag.printable import printable
from orgdiag.summary import needed

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
    from orgdiag import pipeline
    from orgdiag.evaluate.why import why

    settings = config.settings(models.given, models.paths)
    rules = pipeline.rules_in_force(settings)
    found = rules.find(rule)
    if found is None:
        hint = did_you_mean(rule, rules.rules) or "`orgdiag rule` lists the rules"
        raise OrgdiagError.of(f"no rule `{rule}`", help=hint)
    model = pipeline.read(settings, input_of(models))
    look = console.look(colour)
    if not found.checks:
        report = pipeline.judge(settings, model, rules)
        console.out(_text(_read(report, rule, subject, look)))
        return 0
    kind, _, id = subject.rpartition(":")
    explanation = why(rules, rule, id, model.facts)
    if kind and explanation.subject.kind != kind:
        raise OrgdiagError.of(
            f"{rule} is about the {explanation.subject.kind} `{id}`, not about a {kind}"
        )
    console.out(_text(_explained(explanation, look)))
    return 0


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _read(report: Report, rule: str, subject: str, look: Look) -> Iterator[str]:
    """What was found under the name of a rule without a condition, such as those of the reader."""
    found = [f for f in report.findings if f.rule == rule and subject in _names(f)]
    if not found:
        yield f"{rule}: nothing of that kind is wrong with {printable(subject)}"
    for finding in found:
        yield from block(finding, look)


def _names(finding: Finding) -> tuple[str, ...]:
    return finding.subject.id, f"{finding.subject.kind}:{finding.subject.id}", str(finding.span)


_STYLES = {"flagged": "error", "not assessed": "warning", "not flagged": "good"}


def _explained(found: Explanation, look: Look) -> Iterator[str]:
    outcome = look.paint(_STYLES.get(found.outcome, "bold"), found.outcome)
    subject = f"{found.subject.kind} {printable(found.subject.id)}"
    yield f"{found.rule.name} · {subject}: {outcome}"
    if found.finding is not None:
        yield f"{found.finding.severity}: {printable(found.finding.message)}"
    yield ""
    for line in found.lines:
        yield _line(line, look)
    if found.missing:
        yield ""
        yield look.paint("bold", "It would have to know")
        yield from (f"  {printable(needed(missing))}" for missing in found.missing)
    if found.rule.why:
        yield ""
        yield f"why it matters: {found.rule.why}"


def _line(line: Any, look: Look) -> str:
    mark = f"  [{line.mark}]" if line.mark else ""
    place = f"  {look.paint('frame', printable(str(line.span)))}" if line.span else ""
    return f"{'  ' * (line.depth + 1)}{printable(line.text)}{look.paint('dim', mark)}{place}"
