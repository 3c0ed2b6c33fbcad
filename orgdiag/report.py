"""The report: everything that a format receives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import field
from datetime import date
from heapq import nsmallest
from math import inf
from typing import TYPE_CHECKING, Final, NamedTuple

from orgdiag.finding import Finding, GivenUp, NotAssessed, Severity, Status, Subject
from orgdiag.frozen import frozen
from orgdiag.partial.unknown import Missing

if TYPE_CHECKING:
    from orgdiag.diagnose.diagnosis import Diagnosis
    from orgdiag.diagnose.vitals import Sign
    from orgdiag.facts.columns import Facts
    from orgdiag.partial.quantity import Number
    from orgdiag.rule.rule import Rule


# How much of what is open an output tells, and how much more there is: else a model of many streams
# without a word about who does what would make a thousand times as much text. Missing inputs of one
# check or number; checks that could not be made; missing inputs, each once, the most wanted first.
INPUTS_TOLD: Final = 10
OPEN_TOLD: Final = 2_500


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
    def open_told(self) -> tuple[NotAssessed, ...]:
        """What could not be assessed, as far as outputs for machines tell it.

        That is all of it; or of each rule as many, where there is more than `OPEN_TOLD`.
        """
        if len(self.not_assessed) <= OPEN_TOLD:
            return self.not_assessed
        most = _level(Counter([entry.rule for entry in self.not_assessed]).values(), OPEN_TOLD)
        told, seen = [], Counter[str]()
        for entry in self.not_assessed:
            seen[entry.rule] += 1
            if seen[entry.rule] <= most:
                told.append(entry)
        return tuple(told)

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
        # Many checks miss the very same inputs: they are counted together.
        same = {id(entry.missing): entry.missing for entry in self.not_assessed}
        often = Counter([id(entry.missing) for entry in self.not_assessed])
        # An input is the same wherever its element is said to stand; the first place is told.
        first: dict[tuple[str, str, str], Missing] = {}
        wanted = Counter[tuple[str, str, str]]()
        for which, inputs in same.items():
            for missing in inputs:
                first.setdefault(missing[:3], missing)
                wanted[missing[:3]] += often[which]
        order = nsmallest(number, wanted, key=lambda key: (-wanted[key], key))
        return tuple((first[key], wanted[key]) for key in order)


def _level(heights: Collection[int], volume: int) -> int:
    """How high something of that volume stands when it is poured over columns of these heights.

    >>> _level([2, 10, 10], 12), _level([10, 10], 7)
    (5, 3)
    """
    for number, height in enumerate(sorted(heights)):
        share = volume // (len(heights) - number)
        if height > share:
            return share
        volume -= height
    return max(heights)


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
