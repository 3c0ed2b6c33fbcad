"""Parts of elements that are more than one word: amounts, forms, operations.

What is annotated with a kind names elements of it.
"""

from datetime import date
from typing import Annotated, NamedTuple, Protocol

from orgdiag.model.types import Amount, Ref, to, to_many
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import Unwritten
from orgdiag.text.source import Span


class Money(NamedTuple):
    """An amount of a currency per item and working day."""

    amount: Quantity
    currency: str


class Origin(NamedTuple):
    """Where numbers come from: measured, interview, estimate or design, and a text."""

    how: str | Unwritten
    text: str
    span: Span


class Link(NamedTuple):
    """A labelled address."""

    label: str
    url: str
    span: Span


class Note(NamedTuple):
    """A sentence or an `x-…` property, kept and shown, never interpreted."""

    word: str
    text: str
    span: Span


class Accept(NamedTuple):
    """A finding that is accepted: rule, last day, reason. A part that is missing is `None`.

    `subject` is what it speaks of: the element it stands in, or the one named after `for`.
    """

    rule: str | None
    subject: str
    until: date | None
    because: str | None
    span: Span
    subject_kind: str | None = None


class OnCall(NamedTuple):
    """Who carries the pager: `self`, `shared-with` a team, or `other` team."""

    how: str
    team: Annotated[str | Unwritten | None, to("team")] = None


class Load(NamedTuple):
    """A self-reported cognitive load: low, ok or high, and what says so."""

    level: str
    evidence: str


class SharedMembers(NamedTuple):
    """A share of a team's people who also work for another team."""

    team: Annotated[str | Unwritten, to("team")]
    share: Amount
    span: Span


class Touch(NamedTuple):
    """A component that a change of a stream usually touches, and how often (None: undeclared)."""

    component: Annotated[str | Unwritten, to("component")]
    share: Amount
    span: Span


class Observation(NamedTuple):
    """How and when a map was made, and with whom."""

    day: date | Unwritten | None
    by: tuple[str, ...]
    roles: tuple[str, ...]
    span: Span


class WaitPart(NamedTuple):
    """One declared reason of a step's wait."""

    reason: str
    time: Amount
    span: Span


class Rework(NamedTuple):
    """The share of items that go back from the step to an earlier one (a full step id)."""

    share: Amount
    to: Annotated[str | Unwritten, to("step")]
    span: Span


class Successor(NamedTuple):
    """Who owns something from a day on."""

    owner: Annotated[Ref | Unwritten, to("team", "group", "coordination")]
    day: date | Unwritten
    span: Span


class Role(NamedTuple):
    """A role in a team; never a person. `teams` are further teams it is allocated to."""

    id: str
    name: str
    span: Span
    teams: Annotated[tuple[str | Unwritten, ...], to_many("team")] = ()


class TeamApi(NamedTuple):
    """How a team can be used: where its documentation, contact, hours and support stand."""

    docs: str | None = None
    contact: str | None = None
    hours: str | None = None
    support: str | None = None


class Operation(Protocol):
    """One operation of a planned change: a named tuple, of which each verb has a class."""

    @property
    def span(self) -> Span:
        """Where it stands."""
