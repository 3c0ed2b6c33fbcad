"""What `diff` says for certain of two models holds of all worlds of the two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from random import Random
from typing import Final

from orgdiag import pipeline
from orgdiag.config import Settings
from orgdiag.diff import BETTER, WORSE, Difference, compare
from orgdiag.facts.columns import Facts
from orgdiag.finding import Finding, fingerprint
from orgdiag.model.elements import Org
from orgdiag.report import Report

from . import values
from .forgetting import AMOUNTS
from .laws import ABOUT_GAPS, Broken, rules
from .models import ROOT
from .places import Place, places
from .worlds import Misread, again

SETTINGS: Final = Settings(root=ROOT, use_baseline=False)
TODAY: Final = date(2025, 3, 1)
TRIES: Final = 5


def report(org: Org) -> Report:
    """What is found in an organisation."""
    facts = Facts(replace(org, as_of=org.as_of or TODAY))
    return pipeline.judge(SETTINGS, pipeline.Model(1, (), facts, (), "model"), rules())


def changed(org: Org, chance: Random) -> Org | None:
    """A legal organisation in which one fact is another one; None where none was found."""
    stated = [place for place in places(org) if _may_change(org, place)]
    for _ in range(TRIES if stated else 0):
        place = chance.choice(stated)
        try:
            return again(place.put(org, values.value(org, place, chance)))
        except (Misread, ValueError):
            continue
    return None


def _may_change(org: Org, place: Place) -> bool:
    plain = place.prop is None or place.prop.form is None
    known = place.look(org)
    return plain and known is not None and place.type.base in (*AMOUNTS, "reference", "word")


def differences_hold(less: tuple[Report, Report], more: tuple[Report, Report]) -> Iterator[Broken]:
    """Better and worse, new and fixed, a dependency that came or went: with more facts too."""
    said, true = compare(*less), compare(*more)
    known = {(shift.kind, shift.id, shift.field.name): shift.verdict for shift in true.changes}
    for shift in said.changes:
        told = known.get((shift.kind, shift.id, shift.field.name))
        if shift.verdict in (BETTER, WORSE) and told != shift.verdict:
            yield Broken("diff", f"{shift.kind}.{shift.field.name}", f"{shift.id}: {told}")
    yield from _found("fixed", said.findings.fixed, more, (True, False))
    yield from _found("new", said.findings.new, more, (False, True))
    yield from _came_and_went(said, true)


def _found(
    what: str, findings: tuple[Finding, ...], more: tuple[Report, Report], there: tuple[bool, bool]
) -> Iterator[Broken]:
    """Findings of which it is said whether they are there before and after."""
    before, after = (_fingerprints(report) for report in more)
    for finding in findings:
        if finding.kind != "evidence" and finding.rule not in ABOUT_GAPS:
            if (finding.fingerprint in before, finding.fingerprint in after) != there:
                yield Broken("diff", what, f"{finding.rule} of {finding.subject.id}")


def _fingerprints(report: Report) -> set[str]:
    return {
        told.fingerprint if isinstance(told, Finding) else fingerprint(told.rule, told.subject)
        for finding in report.findings
        for told in (finding, *finding.superseded)
    }


def _came_and_went(said: Difference, true: Difference) -> Iterator[Broken]:
    for name in ("dependencies_added", "dependencies_removed"):
        for edge in getattr(said, name):
            if edge not in getattr(true, name):
                yield Broken("diff", name.replace("_", " "), edge)
