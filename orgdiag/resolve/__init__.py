"""Statements of all files → the organisation that they describe, and what is wrong in it.

Nothing depends on the order of the files or of the statements in them, but one thing that reads as
people write: a step without `after` follows the step written before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple

from orgdiag.finding import Finding
from orgdiag.model.elements import PLURALS, Org
from orgdiag.model.values import Units
from orgdiag.parse import Parsed
from orgdiag.resolve.collect import collect
from orgdiag.resolve.elements import Operations, build, table, vocabulary
from orgdiag.resolve.reading import Census, Findings, Occurrence
from orgdiag.text.source import Span

__all__ = ["Occurrence", "Operations", "Resolved", "occurrences", "resolve", "vocabulary"]

UNNAMED: Final = "organisation"  # the id of an organisation that no file defines


class Resolved(NamedTuple):
    """The organisation, and every finding of the reader: the form's, then the meaning's."""

    org: Org
    findings: tuple[Finding, ...]


def resolve(
    files: Iterable[Parsed],
    as_of: date | None = None,
    *,
    operations: Operations,
    before: Iterable[Finding] = (),
    incomplete: bool = False,
) -> Resolved:
    """The organisation that the files describe together.

    Args:
        files: parsed texts, in any order.
        as_of: the day that wins over the model's own.
        operations: how what planned changes do is written.
        before: findings made while the files were loaded, to be shown with the rest.
        incomplete: whether a file could not be read; a name that nobody defines may stand there, so
            it is unknown and no finding.
    """
    parsed = sorted(files, key=lambda file: file.source.path)
    findings = Findings([*before, *(f for file in parsed for f in file.findings)])
    reading = Census(findings, vocabulary=vocabulary(operations), incomplete=incomplete)
    return Resolved(_organisation(reading, parsed, as_of, operations), findings.all())


def occurrences(files: Iterable[Parsed], operations: Operations) -> tuple[Occurrence, ...]:
    """Every place where the files name an element: where it is defined, and each use, by place."""
    parsed = sorted(files, key=lambda file: file.source.path)
    reading = Census(Findings(), vocabulary=vocabulary(operations), occurrences=[])
    _organisation(reading, parsed, None, operations)
    found = dict.fromkeys(reading.occurrences or ())
    return tuple(sorted(found, key=lambda one: (one.span.path, one.span.start, one.kind)))


def _organisation(
    reading: Census, parsed: Sequence[Parsed], as_of: date | None, operations: Operations
) -> Org:
    organisation = collect(reading, parsed)
    reading.units = Units(organisation.calendar)
    made = {
        PLURALS[kind]: build(
            reading,
            kind,
            table(kind, operations),
            [*names.values(), *(twin for twin in reading.twins if twin.kind == kind)],
        )
        for kind, names in reading.names.items()
    }
    entry = organisation.entry
    return Org(
        id=(entry.id if entry else "") or UNNAMED,
        name=entry.name if entry else "",
        span=entry.span if entry else _beginning(parsed),
        as_of=as_of or organisation.as_of,
        as_of_span=None if as_of else organisation.as_of_span,
        calendar=organisation.calendar,
        accepts=tuple(organisation.accepts),
        tags=tuple(dict.fromkeys(organisation.tags)),
        links=tuple(organisation.links),
        notes=tuple(organisation.notes),
        **made,
    )


def _beginning(files: Sequence[Parsed]) -> Span | None:
    """Where a finding about an organisation stands that no file defines; None without a file."""
    return Span(files[0].source, 0, 0) if files else None
