"""The sections of the diagnostic report as plain data: what a template receives.

Every text here is for people and carries no markup; every picture is the data that a drawing
function takes. The HTML page, the Markdown report and a user's own templates render the same
`Page`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from orgdiag.documents.contract import Document
from orgdiag.documents.sections import dependencies as dependency
from orgdiag.documents.sections import findings as finding
from orgdiag.documents.sections import method as account
from orgdiag.documents.sections import roots as root
from orgdiag.documents.sections import streams as stream
from orgdiag.documents.sections import teams as team
from orgdiag.documents.sections.coverage import Coverage, coverage
from orgdiag.documents.sections.words import Words, middle, name_of
from orgdiag.documents.summary import checked, verdict
from orgdiag.frozen import frozen
from orgdiag.model.elements import Calendar
from orgdiag.partial.quantity import Quantity
from orgdiag.report import Report

if TYPE_CHECKING:
    from orgdiag.diagnose.vitals import Reading, Sign

TONES: Final = 8
READINGS: Final = 6


@frozen
class ReadingRow:
    """One value of a vital sign in words, and the share of its scale for a small picture."""

    of: str
    value: str
    target: str
    span: tuple[float, float] | None


@frozen
class SignRow:
    """One vital sign in words; `known` of `total` readings are known, `more` are not shown."""

    title: str
    readings: tuple[ReadingRow, ...]
    more: int
    known: int
    total: int
    reference: str
    basis: str


@frozen
class Page:
    """Everything that the report shows.

    title         of the organisation
    as_of         the day that counts
    version       of orgdiag
    verdict, checked   how many findings count, and what was looked at, in words
    counts        findings by severity, and accepted, baselined, not_assessed
    coverage      what we do not know
    roots         what holds the organisation back
    signs         vital signs
    streams       value streams with their maps
    findings      grouped by cause
    dependencies  between teams; None without a model
    teams         with their types and loads; None without a model
    tones         the number of its colour by the name of a team
    aside         accepted, baselined, not assessed
    method        calendar, parameters in force with their basis
    data          the report in the shape of the JSON contract
    """

    title: str
    as_of: str
    version: str
    verdict: str
    checked: str
    counts: Mapping[str, int]
    coverage: Coverage
    roots: root.Roots
    signs: tuple[SignRow, ...]
    streams: stream.Streams
    findings: finding.Findings
    dependencies: dependency.Dependencies | None
    teams: team.Teams | None
    tones: Mapping[str, int]
    aside: account.Aside
    method: account.Method
    data: Document


def page(report: Report) -> Page:
    """The sections of the report.

    Raises:
        ValueError: there is a model, but the report was made without its diagnosis.
    """
    facts, diagnosis = report.facts, report.diagnosis
    if facts is not None and diagnosis is None:
        raise ValueError("the report of a model was made without its diagnosis")
    words = Words(facts.org.calendar if facts else Calendar())
    tones = stream.tones_of(facts, TONES) if facts else {}
    return Page(
        title=report.title,
        as_of=report.as_of.isoformat(),
        version=report.version,
        verdict=verdict(report),
        checked=checked(report),
        counts=report.counts,
        coverage=coverage(report),
        roots=root.roots(diagnosis, facts, words) if facts and diagnosis else root.NONE,
        signs=tuple(_sign(sign, words) for sign in report.signs),
        streams=stream.streams(facts, tones, words) if facts else stream.Streams((), (), ()),
        findings=finding.findings(report, diagnosis, facts, words),
        dependencies=dependency.dependencies(facts, report.new, words) if facts else None,
        teams=team.teams(facts, report.new, words) if facts else None,
        tones={name_of(facts.org.teams[id]): tone for id, tone in tones.items()} if facts else {},
        aside=account.aside(report),
        method=account.method(report),
        data=Document(report),
    )


def _sign(sign: Sign, words: Words) -> SignRow:
    shown = _worst(sign) if sign.whole != 0 else ()
    return SignRow(
        sign.title,
        tuple(_reading(sign, reading, words) for reading in shown),
        len(sign.readings) - len(shown) if shown else 0,
        sign.known,
        len(sign.readings),
        sign.reference,
        sign.basis,
    )


def _worst(sign: Sign) -> Sequence[Reading]:
    """The readings of a sign; of many the worst: the lowest shares and rates, the longest times."""
    if len(sign.readings) <= READINGS:
        return sign.readings
    longest = sign.base in {"duration", "item-days"}
    known = [reading for reading in sign.readings if isinstance(reading.value, Quantity)]
    known.sort(key=_size, reverse=longest)
    return known[:READINGS]


def _size(reading: Reading) -> float:
    value = middle(reading.value) if isinstance(reading.value, Quantity) else None
    return 0.0 if value is None else float(value)


def _reading(sign: Sign, reading: Reading, words: Words) -> ReadingRow:
    whole = f" of {sign.whole}" if sign.whole is not None else ""
    of = name_of(reading.of) if reading.of else ""
    return ReadingRow(
        " · ".join(part for part in (of, reading.label) if part),
        words.of_base(reading.value, sign.base) + whole,
        f"target {words.time(reading.target)}" if reading.target is not None else "",
        _span(reading.value)
        if isinstance(reading.value, Quantity) and sign.base == "share"
        else None,
    )


def _span(value: Quantity) -> tuple[float, float] | None:
    """From where to where a share may lie; None when it may be anything."""
    low, high = float(value.low or 0), 1.0 if value.high is None else float(value.high)
    return None if (low, high) == (0.0, 1.0) else (low, high)
