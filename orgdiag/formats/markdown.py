"""Markdown for a pull-request comment or the page of a job."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from orgdiag.finding import Finding, Severity, Status
from orgdiag.printable import printable
from orgdiag.report import Report
from orgdiag.summary import checked, counted, needed, unsettled, verdict

# Hyphens and the like mean something only where a line begins.
_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]!|~$^]|^[#+-]")
_NUMBERED: Final = re.compile(r"^(\d+)([.)])")
_MOST: Final = 200


def render(report: Report) -> str:
    """The verdict, the findings by severity with their facts and fixes, and what is open."""
    return "\n".join(_lines(report)) + "\n"


def text(foreign: str) -> str:
    """Foreign text that Markdown shows as it is: no markup, no HTML, no mention, no link.

    >>> text("<b> *x* @team https://a.b")
    '&lt;b&gt; \\\\*x\\\\* &#64;team https&#58;//a.b'
    """
    safe = printable(foreign).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    safe = _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\g<0>", safe))
    return safe.replace("@", "&#64;").replace("://", "&#58;//").replace("www.", "www&#46;")


def code(foreign: str) -> str:
    """Foreign text as code."""
    inner = printable(foreign).replace("`", "'")
    return f"`{inner}`"


def _lines(report: Report) -> Iterator[str]:
    title = f" – {text(report.title)}" if report.title else ""
    yield f"## orgdiag{title}"
    yield ""
    yield f"**{verdict(report)}**; {text(checked(report))}."
    for severity in Severity:
        found = [finding for finding in report.new if finding.severity is severity]
        if found:
            yield from _section(
                severity.value.capitalize(), found, folded=severity is Severity.INFO
            )
    yield from _aside(report)
    if report.not_assessed:
        yield from _open(report)
    yield from (f"\n{text(notice)}" for notice in report.notices)


def _section(title: str, found: list[Finding], folded: bool) -> Iterator[str]:
    yield ""
    yield from _fold(f"{title} ({len(found)})") if folded else [f"### {title} ({len(found)})", ""]
    for finding in found[:_MOST]:
        yield from _entry(finding)
    if len(found) > _MOST:
        yield f"- … and {len(found) - _MOST} more"
    if folded:
        yield "\n</details>"


def _entry(finding: Finding) -> Iterator[str]:
    place = code(f"{finding.span.path}:{finding.span.line}")
    yield f"- **{text(finding.message)}** {place} ({finding.rule})"
    for fact in finding.evidence:
        where = f" {code(f'{fact.span.path}:{fact.span.line}')}" if fact.span else ""
        yield f"  - {text(fact.message)}{where}"
    for fix in (*finding.fixes, finding.help):
        if fix:
            yield f"  - → {text(fix)}"


def _aside(report: Report) -> Iterator[str]:
    accepted = report.of_status(Status.ACCEPTED)
    baselined = len(report.of_status(Status.BASELINED))
    if accepted:
        yield from _listed(f"Accepted ({len(accepted)})", (_acceptance(f) for f in accepted))
    if baselined:
        yield f"\n{counted(baselined, 'finding')} of the baseline not shown."


def _acceptance(finding: Finding) -> str:
    until, reason = finding.accepted or ("", "")
    return f"{finding.rule} for {text(finding.subject.id)} until {until}: {text(reason)}"


def _open(report: Report) -> Iterator[str]:
    yield f"\n{text(unsettled(report))}."
    rows = (
        f"{entry.rule} for {text(entry.subject.id)}: "
        + (", ".join(text(needed(missing)) for missing in entry.missing) or "undecided")
        for entry in report.not_assessed[:_MOST]
    )
    yield from _listed(f"Not assessed ({len(report.not_assessed)})", rows)


def _listed(title: str, rows: Iterable[str]) -> Iterator[str]:
    yield ""
    yield from _fold(title)
    yield from (f"- {row}" for row in rows)
    yield "\n</details>"


def _fold(title: str) -> Iterator[str]:
    yield f"<details><summary>{title}</summary>\n"
