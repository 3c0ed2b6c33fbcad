"""What orgdiag says: findings in a model, what could not be assessed, and errors around a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import Missing
from orgdiag.text.edit import Edit, mending
from orgdiag.text.printable import printable
from orgdiag.text.source import Span

if TYPE_CHECKING:
    import hashlib


class Severity(StrEnum):
    """How much a finding matters.

    rank   0 for error, 1 for warning, 2 for info: the order in which they are told
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    def __init__(self, word: str) -> None:
        self.rank = ("error", "warning", "info").index(word)

    @property
    def noun(self) -> str:
        """The word with its article, as in `an error`; info has none."""
        return ("an error", "a warning", "info")[self.rank]


# The rules by which models are read. What breaks one is an error, and counts whatever is selected,
# ignored or set: the model is not what its author wrote, so no rule could judge all of it.
READER: Final = frozenset(
    {"syntax-error", "unknown-word", "invalid-value", "unresolved-reference",
     "duplicate-definition", "unreadable-text", "invalid-include", "too-large"}
)  # fmt: skip


class Status(StrEnum):
    """Whether a finding counts: only a new one fails a run."""

    NEW = "new"
    BASELINED = "baselined"
    ACCEPTED = "accepted"


class Subject(NamedTuple):
    """The one element a finding is about.

    `kind` is a kind of the model, or pair, cycle, organisation or place. The id of a pair or a
    cycle is its sorted members joined by ` with `.
    """

    kind: str
    id: str

    def __str__(self) -> str:
        return self.id


class Evidence(NamedTuple):
    """One fact that a finding rests on, and where it is written (None for a computed one)."""

    message: str
    span: Span | None = None


class Superseded(NamedTuple):
    """A finding that this one made superfluous; it stays as a supporting line."""

    rule: str
    subject: Subject
    message: str


class Effect(NamedTuple):
    """A finding that another one brings about: `explains RULE for each …` of a rule."""

    rule: str
    subject: Subject


def fingerprint(rule: str, subject: Subject) -> str:
    """The identity of a finding: a hash over its rule, the kind and the id of its subject."""
    # A place is called by its file, whose name need not be UTF-8.
    text = f"{rule}\0{subject.kind}\0{subject.id}".encode("utf-8", "surrogatepass")
    return _hasher()(text).hexdigest()


@cache
def _hasher() -> Callable[[bytes], hashlib._Hash]:
    """SHA-256, loaded when the first fingerprint is asked for."""
    from hashlib import sha256

    return sha256


class Acceptance(NamedTuple):
    """Why a finding was accepted, and until which day (ISO)."""

    until: str
    reason: str


class Known(NamedTuple):
    """How severe the findings of a rule about a subject are at most, and how many there are.

    None where a baseline of an earlier version does not say it: then it covers any.
    """

    severity: Severity | None = None
    number: int | None = None

    def covers(self, severity: Severity, number: int) -> bool:
        """Whether so many findings, of which one is that severe, are no more than is known."""
        mild = self.severity is None or severity.rank >= self.severity.rank
        return mild and (self.number is None or number <= self.number)

    def and_another(self, severity: Severity) -> Known:
        """These and one more finding."""
        return Known(_severer(self.severity, severity), (self.number or 0) + 1)

    def or_more(self, other: Known) -> Known:
        """What covers both; where either says nothing, anything."""
        severity = self.severity and other.severity and _severer(self.severity, other.severity)
        return Known(severity, self.number and other.number and max(self.number, other.number))


def _severer(one: Severity | None, other: Severity) -> Severity:
    return other if one is None or other.rank < one.rank else one


class Finding(NamedTuple):
    """One thing that is wrong in a model.

    rule, group   the rule's name and its folder
    severity      error, warning or info, after escalation
    message       one sentence; `subject` the element it is about, `span` where that stands
    label         a few words under the caret, or ""
    evidence      the facts that made the rule fire, each with its place
    fixes         what to do, chosen by the facts
    help          a line for findings of the reader ("did you mean …"), or ""
    why, see      the rule's reason and its sources
    params        the parameters in force
    kind          what its rule tells: a symptom, a structure (a cause) or evidence about the model
    addresses     full ids of the steps whose waiting the finding explains
    effects       findings of other rules that this one brings about, whether they are there or not
    delay         item-days a month that would vanish with it, or None when no wait is explained
    causes        fingerprints of the findings that explain this one
    outgrown      what the baseline knows of it, where that is less than there is now: so it counts
    edits         what mends the text where a misspelling, a unit or a missing word is all that is
                  wrong: made together, they do what `help` says
    """

    rule: str
    group: str
    severity: Severity
    message: str
    subject: Subject
    span: Span
    label: str = ""
    evidence: tuple[Evidence, ...] = ()
    fixes: tuple[str, ...] = ()
    help: str = ""
    why: str = ""
    see: tuple[str, ...] = ()
    params: tuple[tuple[str, object], ...] = ()
    kind: str = "structure"
    addresses: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    delay: Quantity | None = None
    causes: tuple[str, ...] = ()
    superseded: tuple[Superseded, ...] = ()
    status: Status = Status.NEW
    accepted: Acceptance | None = None
    edits: tuple[Edit, ...] = ()
    outgrown: Known | None = None

    @property
    def fingerprint(self) -> str:
        """What stays the same when the model is moved, reordered, reformatted or reworded."""
        return fingerprint(self.rule, self.subject)

    def __str__(self) -> str:
        """The concise line, safe to print."""
        return printable(f"{self.span}: {self.severity}[{self.rule}] {self.message}")


def misread(
    rule: str,
    message: str,
    span: Span,
    *,
    subject: Subject | None = None,
    label: str = "",
    help: str = "",
    evidence: tuple[Evidence, ...] = (),
) -> Finding:
    """A finding of the reader: an error about an element, or else about a place in a text."""
    about = subject or Subject("place", str(span))
    return Finding(
        rule, "model", Severity.ERROR, message, about, span, label, evidence, help=str(help),
        edits=mending(help, span),
    )  # fmt: skip


class NotAssessed(NamedTuple):
    """A rule and a subject that the model says too little about, and what would settle it.

    `escalation` names the severity that is possible but not certain when the rule itself fired.
    """

    rule: str
    subject: Subject
    missing: tuple[Missing, ...] = ()
    escalation: Severity | None = None
    span: Span | None = None


class Problem(NamedTuple):
    """One thing wrong around a model: what, where (if it has a place), and what would help."""

    message: str
    span: Span | None = None
    help: str = ""


class GivenUp(NamedTuple):
    """A rule that took too many steps: of how many subjects it could judge, and of whom not.

    judged      how many subjects it came to an end with; what it found there counts
    not_judged  how many it did not, as far as they were counted
    more        whether there may be more of them
    first       the first of them
    steps       how many steps it had, `span` where the rule stands
    """

    rule: str
    steps: int
    span: Span
    judged: int = 0
    not_judged: int = 0
    more: bool = False
    first: tuple[Subject, ...] = ()

    @property
    def problem(self) -> Problem:
        """What to say about it."""
        return Problem(
            f"rule `{self.rule}` was given up after {self.steps:,} steps: {self._whom()}",
            self.span,
            "let it range over relations instead of whole kinds",
        )

    def _whom(self) -> str:
        number = f"{self.not_judged:,}{' or more' if self.more else ''}"
        said = f"subjects judged: {self.judged:,}, not judged: {number}"
        names = ", ".join(f"{subject.kind} {subject.id}" for subject in self.first)
        rest = self.more or self.not_judged > len(self.first)
        return f"{said} ({names}{', …' if rest else ''})" if names else said


@dataclass
class OrgdiagError(Exception):
    """What is wrong around a model (path, option, configuration, rule text); ends with exit 2."""

    problems: Sequence[Problem] = field(default_factory=tuple)

    @classmethod
    def of(cls, message: str, span: Span | None = None, help: str = "") -> OrgdiagError:
        """An error with one problem."""
        return cls((Problem(message, span, help),))

    def __str__(self) -> str:
        return "; ".join(problem.message for problem in self.problems)
