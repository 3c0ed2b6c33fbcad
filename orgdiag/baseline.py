"""The findings of the first day: known, counted, and no longer failing a run.

A baseline holds fingerprints (rule, kind and id of the subject), never lines or messages, so it
survives a model that is moved, reordered or reformatted. Of each it knows how severe it was and how
many there were, and lets neither grow: both are said by the rule, whatever words it uses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from orgdiag.files.opening import anchored
from orgdiag.files.reading import plain_bytes
from orgdiag.finding import (
    Evidence,
    Finding,
    Known,
    NotAssessed,
    OrgdiagError,
    Severity,
    Status,
    Subject,
    fingerprint,
)
from orgdiag.frozen import frozen
from orgdiag.media.indented import Json, indented
from orgdiag.report import Report, Stale

_SCHEMA: Final = 1
_LIMIT: Final = 64 << 20


class Entry(NamedTuple):
    """What a baseline holds of a rule and a subject."""

    rule: str
    kind: str
    id: str
    known: Known = Known()

    @property
    def stale(self) -> Stale:
        """The entry as one that no longer occurs."""
        return Stale(self.rule, self.kind, self.id)


Baseline = Mapping[str, Entry]


@frozen
class Ran:
    """What a run looked at.

    rules         the names of all rules
    selected      the names of those that ran: of others nothing can be said
    not_assessed  what could not be checked: it may be there still
    """

    rules: Collection[str]
    selected: Collection[str]
    not_assessed: Iterable[NotAssessed] = ()


def read(path: Path, root: Path) -> Baseline:
    """The entries of a baseline of the project by fingerprint; none when there is no such file.

    Raises:
        OrgdiagError: the file cannot be read or is no baseline.
    """
    try:
        return _entries(json.loads(plain_bytes(anchored(path.absolute(), root), _LIMIT).decode()))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise OrgdiagError.of(f"cannot read {path.name}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise OrgdiagError.of(
            f"{path.name} is no baseline of orgdiag", help="write a new one: --write-baseline"
        ) from None


def _entries(data: Any) -> Baseline:
    """The entries of what a baseline says; what else stands in it may be of a later version.

    Raises:
        ValueError, KeyError, TypeError: it is none.
    """
    if data["schema"] != _SCHEMA:
        raise ValueError(data["schema"])
    return {
        _text(entry["fingerprint"]): Entry(
            _text(entry["rule"]),
            _text(entry["subject"]["kind"]),
            _text(entry["subject"]["id"]),
            Known(_severity(entry.get("severity")), _number(entry.get("number"))),
        )
        for entry in data["findings"]
    }


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _severity(value: Any) -> Severity | None:
    return None if value is None else Severity(_text(value))


def _number(value: Any) -> int | None:
    if value is not None and (type(value) is not int or value < 1):
        raise TypeError(value)
    return value


def mark(findings: Iterable[Finding], baseline: Baseline) -> tuple[Finding, ...]:
    """The findings, those of the baseline marked so; places and accepted ones stay as they are.

    What is more severe than the baseline knows it counts. So do all of a rule about a subject where
    they are more than there were: nobody could say which of them is new. Each says so.
    """
    fresh = [_unmarked(finding) for finding in findings]
    if not baseline:
        return tuple(fresh)
    today = _today(fresh)
    return tuple(_marked(finding, baseline, today) for finding in fresh)


def _unmarked(finding: Finding) -> Finding:
    """The finding before a baseline was held against it."""
    if finding.outgrown is None:
        return finding
    return finding._replace(outgrown=None, evidence=finding.evidence[:-1])


def _marked(finding: Finding, baseline: Baseline, today: Baseline) -> Finding:
    if not _counts(finding) or (entry := baseline.get(finding.fingerprint)) is None:
        return finding
    number = today[finding.fingerprint].known.number or 1
    if entry.known.covers(finding.severity, number):
        return finding._replace(status=Status.BASELINED)
    back = Evidence(_grown(finding, entry.known, number))
    return finding._replace(outgrown=entry.known, evidence=(*finding.evidence, back))


def _grown(finding: Finding, known: Known, number: int) -> str:
    """Why a finding of the baseline counts again."""
    if known.severity is not None and finding.severity.rank < known.severity.rank:
        was, now = known.severity.noun, finding.severity.noun
        return f"because the baseline knows it as {was} and it is {now} now"
    about = f"{finding.subject.kind} {finding.subject.id}"
    return f"because the baseline knows {known.number} of these about {about}, of {number} now"


def stale(findings: Iterable[Finding], baseline: Baseline, ran: Ran) -> tuple[Stale, ...]:
    """The entries of the baseline that no longer occur, as far as the run can tell.

    What a rule that did not run had found may be there still, and so may what could not be checked;
    what another finding supersedes is.
    """
    if not baseline:
        return ()
    present = set[str]()
    for finding in findings:
        present.add(finding.fingerprint)
        present.update(fingerprint(other.rule, other.subject) for other in finding.superseded)
    unsettled = {(entry.rule, entry.subject.kind, entry.subject.id) for entry in ran.not_assessed}
    return tuple(
        entry.stale
        for print_, entry in baseline.items()
        if print_ not in present
        and (entry.rule in ran.selected or entry.rule not in ran.rules)
        and (entry.rule, entry.kind, entry.id) not in unsettled
    )


def text(report: Report, known: Baseline) -> Json:
    """The baseline of the findings that count or are baselined, and of what may be there still."""
    return _written(
        {**_unseen(report, known), **_kept_open(_today(report.findings), report, known)}
    )


def pruned(report: Report, known: Baseline) -> Json:
    """The baseline of what it holds that occurs still, no more severe or numerous than it is today.

    What has outgrown it stays as it was.
    """
    covered = [finding for finding in report.findings if finding.status is Status.BASELINED]
    outgrown = {f.fingerprint: known[f.fingerprint] for f in report.findings if f.outgrown}
    today = _kept_open(_today(covered), report, known)
    return _written({**_unseen(report, known), **today, **outgrown})


def _today(findings: Iterable[Finding]) -> dict[str, Entry]:
    """What a baseline would hold of the findings that count or are baselined."""
    entries: dict[str, Entry] = {}
    for finding in findings:
        if _counts(finding) or finding.status is Status.BASELINED:
            print_ = finding.fingerprint
            entry = entries.get(print_) or Entry(finding.rule, *finding.subject, Known(number=0))
            entries[print_] = entry._replace(known=entry.known.and_another(finding.severity))
    return entries


def _kept_open(today: dict[str, Entry], report: Report, known: Baseline) -> dict[str, Entry]:
    """The entries of today, as they were known where not all could be assessed: it may be so still.

    What is forgotten is not mended.
    """
    open = {fingerprint(entry.rule, entry.subject) for entry in report.not_assessed}
    kept = {print_: known[print_] for print_ in today.keys() & known.keys() & open}
    return {
        print_: entry._replace(known=entry.known.or_more(kept[print_].known))
        if print_ in kept
        else entry
        for print_, entry in today.items()
    }


def _written(entries: Baseline) -> Json:
    order = sorted(entries, key=lambda print_: (*entries[print_][:3], print_))
    rows = [_row(print_, entries[print_]) for print_ in order]
    return indented({"schema": _SCHEMA, "findings": rows})


def _row(print_: str, entry: Entry) -> dict[str, Any]:
    rule, kind, id, known = entry
    row = {"rule": rule, "subject": {"kind": kind, "id": id}, "fingerprint": print_}
    more = {"severity": known.severity and known.severity.value, "number": known.number}
    return row | {key: value for key, value in more.items() if value is not None}


def renamed(text: str, called: Callable[[Subject], Subject]) -> str:
    """The text of a baseline in which subjects are called otherwise.

    Raises:
        ValueError, KeyError, TypeError: it is none.
    """
    data = json.loads(text)
    _entries(data)
    for entry in data["findings"]:
        subject = called(Subject(entry["subject"]["kind"], entry["subject"]["id"]))
        entry["subject"]["id"] = subject.id
        entry["fingerprint"] = fingerprint(entry["rule"], subject)
    data["findings"].sort(key=lambda entry: (entry["rule"], *entry["subject"].values()))
    return indented(data)


def _unseen(report: Report, baseline: Baseline) -> Baseline:
    """The entries that the run found neither present nor gone."""
    present = {finding.fingerprint for finding in report.findings}
    gone = frozenset(report.stale)
    return {
        print_: entry
        for print_, entry in baseline.items()
        if print_ not in present and entry.stale not in gone
    }


def _counts(finding: Finding) -> bool:
    return finding.status is Status.NEW and finding.subject.kind != "place"
