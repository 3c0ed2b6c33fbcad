"""The JSON contract: findings and numbers for machines, `schemas/*.json`.

Stable and versioned: names stay, values are never rounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any, Final

from orgdiag.finding import Finding, Known, NotAssessed, Subject
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import Missing
from orgdiag.report import INPUTS_TOLD, OPEN_TOLD, Report
from orgdiag.rule.rule import Rule
from orgdiag.text.source import Span

SCHEMA: Final = 1
_NUMBER: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,15})?")


def location(span: Span | None) -> dict[str, Any] | None:
    """A place in the shape of the contract; None for none."""
    if span is None:
        return None
    source, start, end = span
    line, column = source.position(start)
    end_line, end_column = source.position(end)
    return {
        "path": source.path,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }


# How a place is told: `location`, or the same remembered for a while or written already.
Placing = Callable[[Span | None], Any]


class Document(Mapping[str, Any]):
    """The report in the shape of the contract; its long lists are made whenever they are read."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def parts(self, how: Placing = location) -> dict[str, Any]:
        """All of it, with iterators for the long lists, so that nobody has to hold one whole."""
        report, told = self._report, self._report.open_told
        more = len(report.not_assessed) - len(told)
        place = cache(how)  # many findings and inputs stand at one place
        return {
            **header(report),
            "summary": dict(report.counts),
            "findings": (finding_data(finding, place) for finding in report.findings),
            "not_assessed": (not_assessed_data(entry, place) for entry in told),
            **({"not_assessed_more": more} if more else {}),
            "inputs": (
                {**input_data(missing, place), "checks": number}
                for missing, number in report.most_missed(OPEN_TOLD)
            ),
        }

    def __getitem__(self, name: str) -> Any:
        part = self.parts()[name]
        return list(part) if isinstance(part, Iterator) else part

    def __iter__(self) -> Iterator[str]:
        return iter(self.parts())

    def __len__(self) -> int:
        return len(self.parts())


def header(report: Report) -> dict[str, Any]:
    """What a reader must know before the findings: tool, day, clock, and what was looked at."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "orgdiag", "version": report.version},
        "as_of": report.as_of.isoformat(),
        "as_of_origin": report.as_of_origin,
        "calendar": {
            "day_hours": report.calendar.day_hours,
            "week_days": report.calendar.week_days,
        },
        "checked": {
            "files": report.checked.files,
            "elements": dict(report.checked.elements),
            "rules": report.checked.rules,
            "pairs": report.checked.pairs,
        },
        "notices": list(report.notices),
        "given_up": [
            {
                "rule": rule.rule,
                "judged": rule.judged,
                "not_judged": rule.not_judged,
                "more": rule.more,
                "first": [subject_data(subject) for subject in rule.first],
            }
            for rule in report.given_up
        ],
        "stale_baseline": [
            {"rule": entry.rule, "subject": {"kind": entry.kind, "id": entry.id}}
            for entry in report.stale
        ],
    }


def finding_data(finding: Finding, place: Placing = location) -> dict[str, Any]:
    """One finding in the shape of the contract, its places as `place` tells them."""
    edits = [{"location": place(span), "text": text} for span, text in finding.edits]
    data = {
        "rule": finding.rule,
        "group": finding.group,
        "severity": finding.severity.value,
        "status": finding.status.value,
        "fingerprint": finding.fingerprint,
        "subject": subject_data(finding.subject),
        "message": finding.message,
        "location": place(finding.span),
        "evidence": [
            {"message": message, "location": place(span)} for message, span in finding.evidence
        ],
        "fixes": list(finding.fixes),
        **({"edits": edits} if edits else {}),
        "params": {name: _plain(value) for name, value in finding.params},
        "delay": _delay(finding.delay),
        "accepted": finding.accepted._asdict() if finding.accepted else None,
        "causes": list(finding.causes),
        "superseded": [
            {"rule": other.rule, "subject": subject_data(other.subject), "message": other.message}
            for other in finding.superseded
        ],
    }
    return data | _outgrown(finding.outgrown) if finding.outgrown else data


def _outgrown(known: Known) -> dict[str, Any]:
    severity, number = known
    return {"outgrown": {"severity": severity and severity.value, "number": number}}


def not_assessed_data(entry: NotAssessed, place: Placing = location) -> dict[str, Any]:
    """One thing that could not be assessed, in the shape of the contract."""
    data: dict[str, Any] = {"rule": entry.rule, "subject": subject_data(entry.subject)}
    if entry.escalation is not None:
        data["escalation"] = entry.escalation.value
    return data | missing_data(entry.missing, place)


def rules_document(rules: Iterable[Rule]) -> dict[str, Any]:
    """Rules with everything that they say of themselves."""
    return {
        "schema": SCHEMA,
        "rules": [_rule_data(rule) for rule in sorted(rules, key=lambda r: (r.group, r.name))],
    }


def _rule_data(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "group": rule.group,
        "title": rule.title,
        "severity": rule.severity.value,
        "kind": rule.kind,
        "escalations": [{"to": to, "when": when} for to, when in rule.escalations],
        "why": rule.why,
        "params": [
            {
                "name": param.name, "value": param.value, "low": param.low, "high": param.high,
                "step": param.step, "doc": param.doc, "basis": param.basis, "origin": param.origin,
            }
            for param in rule.params.values()
        ],
        "messages": list(rule.texts("message")),
        "fixes": list(rule.texts("fix")),
        "cautions": list(rule.cautions),
        "see": list(rule.see),
        "tags": list(rule.tags),
        "pack": rule.pack,
        "examples": [
            {
                "outcome": example.outcome, "subjects": list(example.subjects),
                "severity": example.severity, "saying": example.saying,
                "needs": list(example.needs), "model": rule.model_of(example),
            }
            for example in rule.examples
        ],
    }  # fmt: skip


def missing_data(inputs: Sequence[Missing], place: Placing = location) -> dict[str, Any]:
    """The first of the missing inputs of a check or number, and how many more there are."""
    told = [input_data(missing, place) for missing in inputs[:INPUTS_TOLD]]
    more = len(inputs) - len(told)
    return {"missing": told, "missing_more": more} if more else {"missing": told}


def input_data(missing: Missing, place: Placing = location) -> dict[str, Any]:
    """A missing input in the shape of the contract."""
    kind, id, property, span = missing
    return {"kind": kind, "id": id, "property": property, "location": place(span)}


def subject_data(subject: Subject) -> dict[str, str]:
    """What a finding is about, in the shape of the contract."""
    return {"kind": subject.kind, "id": subject.id}


def _delay(delay: Quantity | None) -> dict[str, Any] | None:
    if delay is None:
        return None
    return {
        "low": None if delay.low is None else number(delay.low),
        "high": None if delay.high is None else number(delay.high),
        "unit": "item-days/month",
    }


def number(value: int | float | Fraction) -> int | float:
    """A JSON number, unrounded; an int where it is whole."""
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else float(value)
    return value


def _plain(value: object) -> Any:
    """A parameter as a JSON value: plain numbers as numbers, everything else as rules write it."""
    if isinstance(value, str):
        return _plain_text(value)
    if isinstance(value, Quantity) and value.exact and value.low is not None:
        return number(value.low)
    if isinstance(value, bool | int | float | Fraction):
        return number(value)
    return _plain_text(str(value))


@lru_cache(maxsize=1024)  # every finding of a rule has the same few parameters
def _plain_text(text: str) -> int | float | str:
    return number(Fraction(text)) if _NUMBER.fullmatch(text) else text
