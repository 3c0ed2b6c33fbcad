"""The findings of the first day: known, counted, and no longer failing a run.

A baseline holds fingerprints (rule, kind and id of the subject), never lines or messages, so it
survives a model that is moved, reordered or reformatted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from orgdiag.finding import Finding, OrgdiagError, Status
from orgdiag.reading import plain_bytes
from orgdiag.report import Stale

_SCHEMA: Final = 1
_LIMIT: Final = 64 << 20

Baseline = Mapping[str, Stale]


def read(path: Path) -> Baseline:
    """The entries of a baseline by fingerprint; none when there is no such file.

    Raises:
        OrgdiagError: the file cannot be read or is no baseline.
    """
    try:
        data: Any = json.loads(plain_bytes(path, _LIMIT).decode())
        if data["schema"] != _SCHEMA:
            raise ValueError
        return {
            str(entry["fingerprint"]): Stale(
                str(entry["rule"]), str(entry["subject"]["kind"]), str(entry["subject"]["id"])
            )
            for entry in data["findings"]
        }
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise OrgdiagError.of(f"cannot read {path.name}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise OrgdiagError.of(
            f"{path.name} is no baseline of orgdiag", help="write a new one: --write-baseline"
        ) from None


def mark(findings: Iterable[Finding], baseline: Baseline) -> tuple[Finding, ...]:
    """The findings, those of the baseline marked so; places and accepted ones stay as they are."""
    return tuple(
        finding._replace(status=Status.BASELINED)
        if baseline and _counts(finding) and finding.fingerprint in baseline
        else finding
        for finding in findings
    )


def stale(findings: Iterable[Finding], baseline: Baseline) -> tuple[Stale, ...]:
    """The entries of the baseline that no longer occur."""
    present = {finding.fingerprint for finding in findings} if baseline else frozenset()
    return tuple(entry for print_, entry in baseline.items() if print_ not in present)


def text(findings: Iterable[Finding]) -> str:
    """The baseline of the findings that count or are baselined, each once, sorted."""
    entries = {
        finding.fingerprint: finding
        for finding in findings
        if _counts(finding) or finding.status is Status.BASELINED
    }
    order = sorted(entries.values(), key=lambda finding: (finding.rule, finding.subject))
    rows = [
        {
            "rule": finding.rule,
            "subject": {"kind": finding.subject.kind, "id": finding.subject.id},
            "fingerprint": finding.fingerprint,
        }
        for finding in order
    ]
    return json.dumps({"schema": _SCHEMA, "findings": rows}, indent=2, ensure_ascii=False) + "\n"


def pruned(findings: Iterable[Finding]) -> str:
    """The baseline without the entries that no longer occur."""
    return text(finding for finding in findings if finding.status is Status.BASELINED)


def _counts(finding: Finding) -> bool:
    return finding.status is Status.NEW and finding.subject.kind != "place"
