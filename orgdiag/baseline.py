"""The findings of the first day: known, counted, and no longer failing a run.

A baseline holds fingerprints (rule, kind and id of the subject), never lines or messages, so it
survives a model that is moved, reordered or reformatted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from orgdiag.files.opening import anchored
from orgdiag.files.reading import plain_bytes
from orgdiag.finding import Finding, NotAssessed, OrgdiagError, Status, Subject, fingerprint
from orgdiag.frozen import frozen
from orgdiag.media.indented import Json, indented
from orgdiag.report import Report, Stale

_SCHEMA: Final = 1
_LIMIT: Final = 64 << 20

Baseline = Mapping[str, Stale]


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
        _text(entry["fingerprint"]): Stale(
            _text(entry["rule"]), _text(entry["subject"]["kind"]), _text(entry["subject"]["id"])
        )
        for entry in data["findings"]
    }


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def mark(findings: Iterable[Finding], baseline: Baseline) -> tuple[Finding, ...]:
    """The findings, those of the baseline marked so; places and accepted ones stay as they are."""
    if not baseline:
        return tuple(findings)
    return tuple(
        finding._replace(status=Status.BASELINED)
        if _counts(finding) and finding.fingerprint in baseline
        else finding
        for finding in findings
    )


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
        entry
        for print_, entry in baseline.items()
        if print_ not in present
        and (entry.rule in ran.selected or entry.rule not in ran.rules)
        and (entry.rule, entry.kind, entry.id) not in unsettled
    )


def text(findings: Iterable[Finding], kept: Baseline) -> Json:
    """The baseline of the findings that count or are baselined and of what is kept, sorted."""
    entries = {**kept}
    for finding in findings:
        if _counts(finding) or finding.status is Status.BASELINED:
            kind, id = finding.subject
            entries[finding.fingerprint] = Stale(finding.rule, kind, id)
    rows = [
        {"rule": rule, "subject": {"kind": kind, "id": id}, "fingerprint": print_}
        for rule, kind, id, print_ in sorted(
            (entry.rule, entry.kind, entry.id, print_) for print_, entry in entries.items()
        )
    ]
    return indented({"schema": _SCHEMA, "findings": rows})


def pruned(findings: Iterable[Finding], kept: Baseline) -> Json:
    """The baseline of what it holds that occurs still, and of what is kept."""
    return text((finding for finding in findings if finding.status is Status.BASELINED), kept)


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


def unseen(report: Report, baseline: Baseline) -> Baseline:
    """The entries that the run found neither present nor gone."""
    present = {finding.fingerprint for finding in report.findings}
    gone = frozenset(report.stale)
    return {
        print_: entry
        for print_, entry in baseline.items()
        if print_ not in present and entry not in gone
    }


def _counts(finding: Finding) -> bool:
    return finding.status is Status.NEW and finding.subject.kind != "place"
