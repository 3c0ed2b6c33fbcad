"""What became of each finding between two reports: mended, accepted, gone, or no longer known.

A finding that is no longer told was not necessarily mended: its subject may be gone, somebody may
have accepted it, or the model may say too little by now. And one that is told for the first time is
not always new: the model may have said too little before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Final, NamedTuple

from orgdiag.finding import READER, Finding, Severity, Status, Subject, fingerprint
from orgdiag.frozen import frozen
from orgdiag.model.elements import PLURALS, Org
from orgdiag.report import Report

# Errors after which a part of a file says nothing, so that what it said before is not known.
_LOSING: Final = frozenset({"syntax-error", "unreadable-text", "invalid-include", "too-large"})
# What is no element by itself, but lies between elements or around all of them.
_NOWHERE: Final = frozenset({"organisation", "place"})


class Edited(NamedTuple):
    """A finding whose severity or message changed; `escalation` is what it may be as well."""

    before: Finding
    after: Finding
    escalation: Severity | None = None


@frozen
class Answers:
    """What became of the findings that count, each told once; the baseline is no matter here.

    new                 was not there
    fixed               is there no longer, and what it was about is
    gone                is there no longer, nor what it was about
    accepted            is set aside by an `accept` that did not set it aside before
    no_longer_accepted  counts again: its `accept` has run out or was removed
    now_known           could not be told before, since the model said too little
    now_unknown         cannot be told any more, since the model says too little
    edited              is there, with another severity or message
    """

    new: tuple[Finding, ...] = ()
    fixed: tuple[Finding, ...] = ()
    gone: tuple[Finding, ...] = ()
    accepted: tuple[Finding, ...] = ()
    no_longer_accepted: tuple[Finding, ...] = ()
    now_known: tuple[Finding, ...] = ()
    now_unknown: tuple[Finding, ...] = ()
    edited: tuple[Edited, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether each finding is what it was."""
        return not any(getattr(self, item.name) for item in fields(self))


Prints = dict[str, list[Finding]]


class _Side:
    """What one report says, by fingerprint.

    told        findings that count; those of the baseline do here
    accepted    findings that do not
    beneath     of findings that stand as lines under another: there, in other words
    open        of what could not be assessed
    worse       what a finding may be as well
    given_up    rules that took too many steps
    damaged     files of which a part could not be read
    """

    def __init__(self, report: Report) -> None:
        self.told: Prints = {}
        self.accepted: Prints = {}
        for finding in report.findings:
            aside = finding.status is Status.ACCEPTED
            found = self.accepted if aside else self.told
            found.setdefault(finding.fingerprint, []).append(finding)
        self.beneath = {
            other.fingerprint for finding in report.findings for other in finding.superseded
        }
        self.open = set[str]()
        self.worse: dict[str, Severity] = {}
        for entry in report.not_assessed:
            print_ = fingerprint(entry.rule, entry.subject)
            if entry.escalation is None:
                self.open.add(print_)
            else:
                self.worse[print_] = entry.escalation
        self.given_up = {rule.rule for rule in report.given_up}
        self.damaged = {f.span.path for f in report.findings if f.rule in _LOSING}

    def cannot_tell(self, print_: str, finding: Finding) -> bool:
        """Whether a finding that this side does not have may be there all the same."""
        return (
            print_ in self.open
            or finding.rule in self.given_up
            or (finding.rule not in READER and finding.span.path in self.damaged)
        )


def answers(old: Report, new: Report) -> Answers:
    """What became of the findings of the old report, and where those of the new one come from.

    Raises:
        ValueError: a report carries no facts.
    """
    if old.facts is None or new.facts is None:
        raise ValueError("a report without facts cannot be compared")
    was, now = _Side(old), _Side(new)
    before, after = old.facts.org, new.facts.org
    found: dict[str, list[Finding]] = {}
    edited: list[Edited] = []
    for print_ in dict.fromkeys((*now.told, *was.told)):
        matched = _matched(was.told.get(print_, ()), now.told.get(print_, ()))
        edited += (Edited(*pair, now.worse.get(print_)) for pair in matched.edited)
        for one in matched.less:
            found.setdefault(_vanished(print_, one, now, before, after), []).append(one)
        for one in matched.more:
            found.setdefault(_appeared(print_, one, was, before, after), []).append(one)
    found["accepted"] = [
        finding
        for print_, accepted in now.accepted.items()
        if print_ not in was.accepted
        for finding in accepted
    ]
    found.pop(_ELSEWHERE, None)
    return Answers(edited=tuple(edited), **{name: tuple(those) for name, those in found.items()})


_ELSEWHERE: Final = ""  # told elsewhere: among the accepted, or under another finding


def _vanished(print_: str, finding: Finding, now: _Side, before: Org, after: Org) -> str:
    """What became of a finding that is no longer told."""
    if print_ in now.accepted or print_ in now.beneath:
        return _ELSEWHERE
    if _gone(finding.subject, before, after):
        return "now_unknown" if now.damaged else "gone"
    return "now_unknown" if now.cannot_tell(print_, finding) else "fixed"


def _appeared(print_: str, finding: Finding, was: _Side, before: Org, after: Org) -> str:
    """Where a finding comes from that was not told before."""
    if print_ in was.accepted:
        return "no_longer_accepted"
    if print_ in was.beneath:
        return _ELSEWHERE
    hidden = was.damaged and _gone(finding.subject, after, before)
    return "now_known" if hidden or was.cannot_tell(print_, finding) else "new"


def _gone(subject: Subject, here: Org, there: Org) -> bool:
    """Whether what a finding is about is in one organisation and not in the other.

    What lies between elements goes with one of them: two teams that no longer wait for each other
    are there still.
    """
    kind, id = subject
    if kind in _NOWHERE:
        return False
    if kind in PLURALS and kind != "interaction":
        return id not in there.of_kind(kind)
    return any(_named(here, word) and not _named(there, word) for word in id.split())


def _named(org: Org, id: str) -> bool:
    return any(id in org.of_kind(kind) for kind in PLURALS)


class _Matched(NamedTuple):
    """Findings of one rule about one subject: said otherwise, no longer told, told now as well."""

    edited: tuple[tuple[Finding, Finding], ...]
    less: Sequence[Finding]
    more: Sequence[Finding]


def _matched(before: Sequence[Finding], after: Sequence[Finding]) -> _Matched:
    """The findings beside each other: first those that say the same, the others in their order."""
    old, new = list(_beyond(before, after)), list(_beyond(after, before))
    both = min(len(old), len(new))
    return _Matched(tuple(zip(old, new, strict=False)), old[both:], new[both:])


def _beyond(findings: Iterable[Finding], others: Iterable[Finding]) -> Iterator[Finding]:
    """The findings that are not among the others, each of which stands for one."""
    rest = Counter(map(_said, others))
    for finding in findings:
        said = _said(finding)
        if rest[said]:
            rest[said] -= 1
        else:
            yield finding


def _said(finding: Finding) -> tuple[Severity, str]:
    return finding.severity, finding.message
