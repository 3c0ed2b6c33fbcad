"""Findings that the model accepts: set aside until a day, for a reason, and never out of sight."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Final

from orgdiag.evaluate.wording import listed
from orgdiag.finding import (
    Acceptance,
    Evidence,
    Finding,
    NotAssessed,
    Severity,
    Status,
    Subject,
)
from orgdiag.frozen import frozen
from orgdiag.model.elements import PLURALS, Org
from orgdiag.model.parts import Accept
from orgdiag.text.edit import mending
from orgdiag.text.nearest import did_you_mean
from orgdiag.text.source import Span

RULE: Final = "acceptance-invalid"
GROUP: Final = "model"
_WITH: Final = " with "


@frozen
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
    if not accepts:
        return tuple(findings)
    by_name: dict[tuple[str | None, str], list[Accept]] = {}
    for item in accepts:
        by_name.setdefault((item.rule, _members(item.subject)), []).append(item)
    covered: set[int] = set()
    every: list[Finding] = []
    for finding in findings:
        candidates = by_name.get((finding.rule, _members(finding.subject.id)), ())
        covering = [item for item in candidates if _covers(item, finding)]
        covered.update(map(id, covering))
        every.append(_judged(finding, covering, ran.as_of) if covering else finding)
    complaints: dict[Subject, Finding] = {}
    for complaint in _complaints(accepts, covered, ran):
        first = complaints.get(complaint.subject)
        complaints[complaint.subject] = _joined(first, complaint) if first else complaint
    return (*every, *complaints.values())


def _every(org: Org) -> Iterator[Accept]:
    yield from org.accepts
    for kind in PLURALS:
        for element in org.of_kind(kind).values():
            yield from element.accepts


def _whole(accept: Accept) -> bool:
    return bool(accept.rule and accept.until and accept.because)


def _members(id: str) -> str:
    """The id with the members of a pair or cycle in the order of findings.

    >>> _members("b with a")
    'a with b'
    """
    return _WITH.join(sorted(id.split(_WITH))) if _WITH in id else id


def _covers(accept: Accept, finding: Finding) -> bool:
    """Whether a whole accept of that rule and members speaks of the subject of the finding."""
    kind, id = finding.subject
    ordered = kind not in ("pair", "cycle")
    if kind == "place" or (ordered and accept.subject != id):
        return False
    return _whole(accept) and accept.subject_kind in (None, kind)


def _judged(finding: Finding, covering: Iterable[Accept], as_of: date) -> Finding:
    """The finding accepted until the last day given; back again when that has passed."""
    last = max(covering, key=lambda accept: accept.until or date.min)
    until, reason = last.until or date.min, last.because or ""
    if until >= as_of:
        accepted = Acceptance(until.isoformat(), reason)
        return finding._replace(status=Status.ACCEPTED, accepted=accepted)
    back = Evidence(f"because it was accepted only until {until}: {reason}", last.span)
    return finding._replace(evidence=(*finding.evidence, back))


def _complaints(
    accepts: Iterable[Accept], covering: Collection[int], ran: Ran
) -> Iterator[Finding]:
    """What is wrong with the accepts; `covering` holds the identities of those that cover."""
    open_pairs = {(entry.rule, _members(entry.subject.id)) for entry in ran.not_assessed}
    for accept in accepts:
        covered = id(accept) in covering
        rule, until = accept.rule or "", accept.until
        if not _whole(accept):
            parts = (("rule", rule), ("end date", until), ("reason", accept.because))
            lacking = listed([name for name, part in parts if not part])
            form = 'write: accept RULE until 2026-01-31 because "…"'
            yield _complaint(accept, Severity.ERROR, f"this accept lacks its {lacking}", form)
        elif rule not in ran.rules:
            near = did_you_mean(rule, ran.rules) or "`orgdiag rule` lists the rules"
            yield _complaint(accept, Severity.ERROR, f"no rule is called `{rule}`", near)
        elif covered and until and until < ran.as_of:
            ended = f"the acceptance of {rule} for {accept.subject} ended on {until}"
            help = "mend the finding, or set a new date with a reason"
            yield _complaint(accept, Severity.WARNING, ended, help)
        elif (
            not covered
            and rule in ran.selected
            and (rule, _members(accept.subject)) not in open_pairs
        ):
            useless = f"nothing to accept: {rule} does not find {accept.subject}"
            yield _complaint(accept, Severity.INFO, useless, "remove the accept")


def _complaint(accept: Accept, severity: Severity, message: str, help: str) -> Finding:
    kind = accept.subject_kind if accept.subject else None
    return Finding(
        rule=RULE,
        group=GROUP,
        severity=severity,
        message=message,
        subject=Subject(kind, accept.subject) if kind else Subject("place", str(accept.span)),
        span=accept.span,
        help=str(help),
        kind="evidence",
        edits=mending(help, _rule_in(accept)),
    )


def _rule_in(accept: Accept) -> Span:
    """Where an accept names its rule."""
    rule, span = accept.rule or "", accept.span
    start = span.start + max(span.text.find(rule), 0)
    return span._replace(start=start, end=start + len(rule))


def _joined(first: Finding, second: Finding) -> Finding:
    """One finding of two about the same element: the more severe one leads."""
    lead, other = sorted((first, second), key=lambda finding: finding.severity.rank)
    return lead._replace(
        evidence=(*lead.evidence, Evidence(other.message, other.span), *other.evidence)
    )
