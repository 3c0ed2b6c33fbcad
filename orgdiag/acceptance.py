"""Findings that the model accepts: set aside until a day, for a reason, and never out of sight."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from orgdiag.finding import (
    Acceptance,
    Evidence,
    Finding,
    NotAssessed,
    Severity,
    Status,
    Subject,
)
from orgdiag.model import PLURALS, Accept, Org
from orgdiag.nearest import did_you_mean

RULE: Final = "acceptance-invalid"
GROUP: Final = "model"


@dataclass(frozen=True, slots=True)
class Ran:
    """What an acceptance is held against.

    as_of         the day against which end dates are held
    rules         the names of all rules
    selected      the names of those that ran: of others nothing can be said
    not_assessed  what could not be checked: it may be found one day
    """

    as_of: date
    rules: Collection[str]
    selected: Collection[str]
    not_assessed: Iterable[NotAssessed] = ()


def accept(org: Org, findings: Iterable[Finding], ran: Ran) -> tuple[Finding, ...]:
    """The findings, those that an `accept` of the model covers marked so.

    An accept that lacks a part, names no rule, has run out or covers nothing gives a finding of its
    own, one for each element; what an outdated one covered counts again and says so.
    """
    accepts = tuple(_every(org))
    every = tuple(_judged(finding, accepts, ran.as_of) for finding in findings)
    complaints: dict[Subject, Finding] = {}
    for complaint in _complaints(accepts, every, ran):
        first = complaints.get(complaint.subject)
        complaints[complaint.subject] = _joined(first, complaint) if first else complaint
    return every + tuple(complaints.values())


def _every(org: Org) -> Iterator[Accept]:
    yield from org.accepts
    for kind in PLURALS:
        for element in org.of_kind(kind).values():
            yield from element.accepts


def _whole(accept: Accept) -> bool:
    return bool(accept.rule and accept.until and accept.because)


def _covers(accept: Accept, finding: Finding) -> bool:
    return (
        _whole(accept)
        and accept.rule == finding.rule
        and accept.subject == finding.subject.id
        and accept.subject_kind in (None, finding.subject.kind)
        and finding.subject.kind != "place"
    )


def _judged(finding: Finding, accepts: Iterable[Accept], as_of: date) -> Finding:
    covering = [accept for accept in accepts if _covers(accept, finding)]
    if not covering:
        return finding
    last = max(covering, key=lambda accept: accept.until or date.min)
    until, reason = last.until or date.min, last.because or ""
    if until >= as_of:
        accepted = Acceptance(until.isoformat(), reason)
        return replace(finding, status=Status.ACCEPTED, accepted=accepted)
    back = Evidence(f"because it was accepted only until {until}: {reason}", last.span)
    return replace(finding, evidence=(*finding.evidence, back))


def _complaints(
    accepts: Iterable[Accept], findings: Collection[Finding], ran: Ran
) -> Iterator[Finding]:
    open_pairs = {(entry.rule, entry.subject.id) for entry in ran.not_assessed}
    for accept in accepts:
        covered = any(_covers(accept, finding) for finding in findings)
        rule, until = accept.rule or "", accept.until
        if not _whole(accept):
            parts = (("rule", rule), ("end date", until), ("reason", accept.because))
            lacking = " and its ".join(name for name, part in parts if not part)
            form = 'write: accept RULE until 2026-01-31 because "…"'
            yield _complaint(accept, Severity.ERROR, f"this accept lacks its {lacking}", form)
        elif rule not in ran.rules:
            near = did_you_mean(rule, ran.rules) or "`orgdiag rule` lists the rules"
            yield _complaint(accept, Severity.ERROR, f"no rule is called `{rule}`", near)
        elif covered and until and until < ran.as_of:
            ended = f"the acceptance of {rule} for {accept.subject} ended on {until}"
            help = "mend the finding, or set a new date with a reason"
            yield _complaint(accept, Severity.WARNING, ended, help)
        elif not covered and rule in ran.selected and (rule, accept.subject) not in open_pairs:
            useless = f"nothing to accept: {rule} does not find {accept.subject}"
            yield _complaint(accept, Severity.INFO, useless, "remove the accept")


def _complaint(accept: Accept, severity: Severity, message: str, help: str) -> Finding:
    known = accept.subject_kind and accept.subject
    return Finding(
        rule=RULE,
        group=GROUP,
        severity=severity,
        message=message,
        subject=Subject(
            accept.subject_kind or "place", accept.subject if known else str(accept.span)
        ),
        span=accept.span,
        help=help,
        kind="evidence",
    )


def _joined(first: Finding, second: Finding) -> Finding:
    """One finding of two about the same element: the more severe one leads."""
    lead, other = sorted((first, second), key=lambda finding: finding.severity.rank)
    return replace(
        lead, evidence=(*lead.evidence, Evidence(other.message, other.span), *other.evidence)
    )
