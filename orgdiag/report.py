"""The report: everything that a format receives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import field
from datetime import date
from heapq import nsmallest
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from orgdiag.finding import Finding, GivenUp, NotAssessed, Severity, Status, Subject
from orgdiag.frozen import frozen
from orgdiag.partial.unknown import Missing

if TYPE_CHECKING:
    from orgdiag.diagnose.diagnosis import Diagnosis
    from orgdiag.diagnose.vitals import Sign
    from orgdiag.facts.columns import Facts
    from orgdiag.partial.quantity import Number
    from orgdiag.rule.rule import Rule


@frozen
class Calendar:
    """The working clock of the model, for people: hours a day, days a week."""

    day_hours: float = 8
    week_days: float = 5


@frozen
class Checked:
    """What a run looked at.

    files     how many model files were read
    elements  how many elements of each kind the model has
    rules     how many rules were in force
    pairs     how many times a rule was applied to a subject
    """

    files: int = 0
    elements: Mapping[str, int] = field(default_factory=dict)
    rules: int = 0
    pairs: int = 0


class Stale(NamedTuple):
    """An entry of the baseline that no longer occurs."""

    rule: str
    kind: str
    id: str


@frozen
class Report:
    """What one run found.

    version       of orgdiag
    title         the name of the organisation, or ""
    as_of         the day that rules about time used
    as_of_origin  who set it: option, configuration, model or today
    findings      all of them, the most urgent first; the status says which count
    not_assessed  what the model says too little about
    rules         the rules in force by name, those of the reader included
    checked       what was looked at
    stale         entries of the baseline that no longer occur
    notices       what was left out of the run, or counts unasked, each a sentence
    given_up      rules that took too many steps, and whom they did not judge; each has its notice
    timings       seconds a stage or rule took, when asked for
    facts         the organisation with everything derived from it; None when nothing was read
    diagnosis     causes and their order; None when not asked for
    signs         the vital signs; empty when no diagnosis was asked for
    """

    version: str
    title: str
    as_of: date
    as_of_origin: str
    calendar: Calendar = field(default_factory=Calendar)
    findings: tuple[Finding, ...] = ()
    not_assessed: tuple[NotAssessed, ...] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    checked: Checked = field(default_factory=Checked)
    stale: tuple[Stale, ...] = ()
    notices: tuple[str, ...] = ()
    given_up: tuple[GivenUp, ...] = ()
    timings: tuple[tuple[str, float], ...] = ()
    facts: Facts | None = None
    diagnosis: Diagnosis | None = None
    signs: tuple[Sign, ...] = ()

    def of_status(self, status: Status) -> tuple[Finding, ...]:
        """The findings of one status."""
        return tuple([finding for finding in self.findings if finding.status is status])

    @property
    def new(self) -> tuple[Finding, ...]:
        """The findings that count."""
        return self.of_status(Status.NEW)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many findings count by severity, and how many are accepted, baselined, unsettled."""
        aside = [finding.status for finding in self.findings if finding.status is not Status.NEW]
        ranks = [finding.severity.rank for finding in self.new]
        return {
            **{severity.value: ranks.count(severity.rank) for severity in Severity},
            "accepted": aside.count(Status.ACCEPTED),
            "baselined": aside.count(Status.BASELINED),
            "not_assessed": len(self.not_assessed),
        }

    def at_least(self, severity: Severity) -> tuple[Finding, ...]:
        """The findings that count and are as severe or more so."""
        return tuple(finding for finding in self.new if finding.severity.rank <= severity.rank)

    def most_missed(self, number: int) -> tuple[tuple[Missing, int], ...]:
        """The inputs that would settle most of what could not be assessed, most first.

        Each with the number of checks that it would help to settle.
        """
        inputs = [missing for entry in self.not_assessed for missing in entry.missing]
        # An input is the same wherever its element is said to stand; the first place is told.
        first = {missing[:3]: missing for missing in reversed(inputs)}
        wanted = Counter([missing[:3] for missing in inputs])
        order = nsmallest(number, wanted, key=lambda key: (-wanted[key], key))
        return tuple((first[key], wanted[key]) for key in order)


def in_order(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The findings in the order of every format: the severest first, of these the longest delay.

    Waiting that is not known comes before none at all; then place, rule and subject decide.
    """
    return tuple(sorted(findings, key=_urgency))


def _urgency(
    finding: Finding,
) -> tuple[int, float, Number, bool, str, int, str, Subject]:
    source, start, _ = finding.span
    delay, rank = finding.delay, finding.severity.rank
    if delay is None:
        return rank, 0, 0, True, source.path, start, finding.rule, finding.subject
    known, sure = delay.high is not None, -(delay.low or 0)
    # A float never contradicts the fraction that it stands for, and is compared far sooner.
    return rank, _rough(sure), sure, known, source.path, start, finding.rule, finding.subject


def _rough(value: Number) -> float:
    try:
        return float(value)
    except OverflowError:
        return inf if value > 0 else -inf
