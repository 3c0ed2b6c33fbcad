"""Markdown for a pull-request comment or the page of a job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from orgdiag.documents.summary import checked, counted, needs, unsettled, verdict
from orgdiag.finding import Finding, Severity, Status
from orgdiag.media.markup import Markdown
from orgdiag.report import Report
from orgdiag.text.source import Span

_MOST: Final = 200


def render(report: Report) -> Markdown:
    """The verdict, the findings by severity with their facts and fixes, and what is open."""
    return Markdown("\n").join([*_lines(report), Markdown()])


def _lines(report: Report) -> Iterator[Markdown]:
    title = Markdown(" – {}").format(report.title) if report.title else Markdown()
    yield Markdown("## orgdiag{}").format(title)
    yield Markdown()
    yield Markdown("**{}**; {}.").format(verdict(report), checked(report))
    for severity in Severity:
        found = [finding for finding in report.new if finding.severity is severity]
        if found:
            yield from _section(
                severity.value.capitalize(), found, folded=severity is Severity.INFO
            )
    yield from _aside(report)
    if report.not_assessed:
        yield from _open(report)
    yield from (Markdown("\n{}").format(notice) for notice in report.notices)


def _section(title: str, found: list[Finding], folded: bool) -> Iterator[Markdown]:
    head = f"{title} ({len(found)})"
    yield Markdown()
    yield from _fold(head) if folded else [Markdown("### {}").format(head), Markdown()]
    for finding in found[:_MOST]:
        yield from _entry(finding)
    if len(found) > _MOST:
        yield Markdown("- … and {} more").format(len(found) - _MOST)
    if folded:
        yield Markdown("\n</details>")


def _entry(finding: Finding) -> Iterator[Markdown]:
    place = _place(finding.span)
    yield Markdown("- **{}** {} ({})").format(finding.message, place, finding.rule)
    for fact in finding.evidence:
        where = Markdown(" {}").format(_place(fact.span)) if fact.span else Markdown()
        yield Markdown("  - {}{}").format(fact.message, where)
    for fix in (*finding.fixes, finding.help):
        if fix:
            yield Markdown("  - → {}").format(fix)


def _place(span: Span) -> Markdown:
    return Markdown.code(f"{span.path}:{span.line}")


def _aside(report: Report) -> Iterator[Markdown]:
    accepted = report.of_status(Status.ACCEPTED)
    baselined = len(report.of_status(Status.BASELINED))
    if accepted:
        yield from _listed(f"Accepted ({len(accepted)})", map(_acceptance, accepted))
    if baselined:
        yield Markdown("\n{} of the baseline not shown.").format(counted(baselined, "finding"))


def _acceptance(finding: Finding) -> Markdown:
    until, reason = finding.accepted or ("", "")
    row = Markdown("{} for {} until {}: {}")
    return row.format(finding.rule, finding.subject.id, until, reason)


def _open(report: Report) -> Iterator[Markdown]:
    yield Markdown("\n{}.").format(unsettled(report))
    rows = (
        Markdown("{} for {}: {}").format(
            entry.rule,
            entry.subject.id,
            Markdown(", ").join(needs(entry.missing)),
        )
        for entry in report.not_assessed[:_MOST]
    )
    yield from _listed(f"Not assessed ({len(report.not_assessed)})", rows)


def _listed(title: str, rows: Iterable[Markdown]) -> Iterator[Markdown]:
    yield Markdown()
    yield from _fold(title)
    yield from (Markdown("- {}").format(row) for row in rows)
    yield Markdown("\n</details>")


def _fold(title: str) -> Iterator[Markdown]:
    yield Markdown("<details><summary>{}</summary>\n").format(title)
