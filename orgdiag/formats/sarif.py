"""SARIF 2.1.0, for code scanning: results with their facts, suppressions with their reasons."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from orgdiag.documents.summary import needs
from orgdiag.finding import Finding, NotAssessed, Severity, Status
from orgdiag.media.indented import Json, compact, indented
from orgdiag.report import Report
from orgdiag.text.source import Span

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_ROOT: Final = "SRCROOT"
_MOST: Final = 5000


def render(report: Report) -> Json:
    """One run as a SARIF log."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    return indented(log)


def _run(report: Report) -> dict[str, Any]:
    names = sorted({*report.rules, *(finding.rule for finding in report.findings)})
    index = {name: number for number, name in enumerate(names)}
    order = sorted(report.findings, key=lambda f: (f.status is not Status.NEW, f.severity.rank))
    return {
        "tool": {
            "driver": {
                "name": "orgdiag",
                "version": report.version,
                "semanticVersion": report.version,
                "informationUri": f"pkg:pypi/orgdiag@{report.version}",
                "rules": [_rule(report, name) for name in names],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            _ROOT: {"description": {"text": "The folder that the paths of the run start from."}}
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": list(_notifications(report, index)),
            }
        ],
        "results": [_result(finding, index[finding.rule]) for finding in order[:_MOST]],
    }


def _rule(report: Report, name: str) -> dict[str, Any]:
    described: dict[str, Any] = {
        "id": name,
        "name": "".join(part.capitalize() for part in name.split("-")),
    }
    rule = report.rules.get(name)
    if rule is None:
        return described
    fixes = "".join(f"\n- {fix}" for fix in rule.texts("fix"))
    why = rule.why or rule.title
    help = f"{why}\n\nWhat to do:{fixes}" if fixes else why
    return described | {
        "shortDescription": {"text": _sentence(rule.title)},
        "fullDescription": {"text": _sentence(why)},
        "help": {"text": help, "markdown": help},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.group, rule.kind]},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    subject = finding.subject
    related = [(fact.message, fact.span) for fact in finding.evidence if fact.span]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": _text(finding)},
        "locations": [
            {
                **_physical(finding.span),
                "logicalLocations": [
                    {
                        "name": subject.id,
                        "fullyQualifiedName": f"{subject.kind}:{subject.id}",
                        "kind": subject.kind,
                    }
                ],
            }
        ],
        "partialFingerprints": {
            "orgdiag/v1": finding.fingerprint,
            "primaryLocationLineHash": f"{finding.fingerprint[:16]}:1",
        },
    }
    if related:
        result["relatedLocations"] = [
            {"id": number, **_physical(span), "message": {"text": _sentence(message)}}
            for number, (message, span) in enumerate(related, 1)
        ]
    if finding.edits:
        result["fixes"] = [_fix(finding)]
    if finding.status is not Status.NEW:
        result["suppressions"] = [_suppression(finding)]
    return result


def _fix(finding: Finding) -> dict[str, Any]:
    """The edits that mend a finding; all are of one file."""
    file, *_ = finding.edits
    return {
        "description": {"text": _sentence(finding.help)},
        "artifactChanges": [
            {
                "artifactLocation": _location(file.span),
                "replacements": [
                    {"deletedRegion": _region(span), "insertedContent": {"text": text}}
                    for span, text in finding.edits
                ],
            }
        ],
    }


def _text(finding: Finding) -> str:
    """The message, the facts without a place, and the fixes, as one text."""
    facts = [fact.message for fact in finding.evidence if fact.span is None]
    fixes = [fix for fix in (*finding.fixes, finding.help) if fix]
    return " ".join(_sentence(part) for part in (finding.message, *facts, *fixes))


def _suppression(finding: Finding) -> dict[str, str]:
    if finding.accepted:
        until, reason = finding.accepted
        reason = f"{reason} (accepted until {until})"
        return {"kind": "inSource", "status": "accepted", "justification": reason}
    known = "known since the baseline was written"
    return {"kind": "external", "status": "accepted", "justification": known}


def _notifications(report: Report, index: dict[str, int]) -> Iterator[dict[str, Any]]:
    for entry in report.open_told:
        yield _notification(entry, index)
    for notice in report.notices:
        yield {"level": "note", "message": {"text": _sentence(notice)}}
    more = len(report.not_assessed) - len(report.open_told)
    if more:
        yield {"level": "note", "message": {"text": f"Not assessed: {more} checks more."}}
    if len(report.findings) > _MOST:
        left = f"{len(report.findings) - _MOST} results are left out: {_MOST} are the most."
        yield {"level": "warning", "message": {"text": left}}


def _notification(entry: NotAssessed, index: dict[str, int]) -> dict[str, Any]:
    wanted = ", ".join(needs(entry.missing))
    notification: dict[str, Any] = {
        "level": "note",
        "message": {"text": f"Not assessed: {entry.rule} for {entry.subject}. Missing: {wanted}."},
    }
    if entry.rule in index:
        notification["associatedRule"] = {"id": entry.rule, "index": index[entry.rule]}
    if entry.span:
        notification["locations"] = [_physical(entry.span)]
    return notification


def _physical(span: Span) -> dict[str, Json]:
    """A place, in one line: there are several in each result."""
    place = {"artifactLocation": _location(span), "region": _region(span)}
    return {"physicalLocation": compact(place)}


def _location(span: Span) -> dict[str, str]:
    return {"uri": _uri(span.path), "uriBaseId": _ROOT}


def _region(span: Span) -> dict[str, int]:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


@lru_cache(maxsize=1024)
def _uri(path: str) -> str:
    """The address of a file by the bytes of its name, which need not be UTF-8."""
    try:
        return quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # no file of this system is called so
        return quote(path.encode("utf-8", "surrogatepass"))


def _sentence(text: str) -> str:
    """The text with a full stop."""
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."
