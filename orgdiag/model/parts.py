"""Parts of elements that are more than one word, each with the form in which it is written.

What is annotated with a kind names elements of it.
"""

from datetime import date
from itertools import permutations
from typing import Annotated, Final, NamedTuple, Protocol

from orgdiag.model.form import ILLEGAL, Block, Choice, Form, Slot, maybe, way
from orgdiag.model.types import DATE, DURATION, SHARE, TEXT, WORDS, Amount, Ref, Type, to, to_many
from orgdiag.model.types import word as one_word
from orgdiag.model.types import words as some_words
from orgdiag.model.vocabularies import OBSERVATION_WAYS, ORIGINS, WAIT_REASONS
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import NONE, Unwritten
from orgdiag.text.source import Span

TAG: Final = Form("tag", (way(Slot("tags", WORDS)),), adds=True, unknown=ILLEGAL)


class Money(NamedTuple):
    """An amount of a currency per item and working day."""

    amount: Quantity
    currency: str


class Origin(NamedTuple):
    """Where numbers come from: measured, interview, estimate or design, and a text."""

    how: str | Unwritten
    text: str
    span: Span


SOURCE: Final = Form(
    "source",
    (way(Slot("how", one_word(*ORIGINS)), maybe(Slot("text", TEXT), default="")),),
    Origin,
    unknown=ILLEGAL,
)


class Link(NamedTuple):
    """A labelled address."""

    label: str
    url: str
    span: Span


LINK: Final = Form(
    "link", (way(Slot("label", one_word()), Slot("url", TEXT)),), Link, adds=True, unknown=ILLEGAL
)


class Note(NamedTuple):
    """A sentence or an `x-…` property, kept and shown, never interpreted."""

    word: str
    text: str
    span: Span


NOTE: Final = Form(
    "note", (way(Slot("text", TEXT), word="note"),), Note, adds=True, unknown=ILLEGAL
)


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


ACCEPT: Final = Form(
    "accept",
    tuple(
        way(maybe(Slot("rule", one_word()), asked=True), *sections)
        for sections in permutations(
            (
                maybe("for", Slot("subject", Type("subject"))),
                maybe("until", Slot("until", DATE), asked=True),
                maybe("because", Slot("because", TEXT), asked=True),
            )
        )
    ),
    Accept,
    adds=True,
    unknown=ILLEGAL,
)


class OnCall(NamedTuple):
    """Who carries the pager: `self`, `shared-with` a team, or `other` team."""

    how: str
    team: Annotated[str | Unwritten | None, to("team")] = None


ON_CALL: Final = Form(
    "on-call",
    (
        way(Choice("how", ("self",))),
        way(Choice("how", ("shared-with", "other")), Slot("team", to("team"))),
        way(Slot("team", to("team")), how="other"),
    ),
    OnCall,
    none=NONE,
)


class Load(NamedTuple):
    """A self-reported cognitive load: low, ok or high, and what says so."""

    level: str
    evidence: str


COGNITIVE_LOAD: Final = Form(
    "cognitive-load",
    (way(Slot("level", one_word("low", "ok", "high")), maybe(Slot("evidence", TEXT), default="")),),
    Load,
    whole=True,
)


class SharedMembers(NamedTuple):
    """A share of a team's people who also work for another team."""

    team: Annotated[str | Unwritten, to("team")]
    share: Amount
    span: Span


MEMBERS_SHARED_WITH: Final = Form(
    "members-shared-with",
    (way(Slot("team", to("team")), maybe(Slot("share", SHARE))),),
    SharedMembers,
    adds=True,
    each=True,
    none=(),
)


class Touch(NamedTuple):
    """A component that a change of a stream usually touches, and how often (None: undeclared)."""

    component: Annotated[str | Unwritten, to("component")]
    share: Amount
    span: Span


CHANGES: Final = Form(
    "changes",
    (way(Slot("component", to("component")), maybe(Slot("share", SHARE))),),
    Touch,
    adds=True,
    each=True,
    none=(),
)


class Observation(NamedTuple):
    """How and when a map was made, and with whom."""

    day: date | Unwritten | None
    by: tuple[str | Unwritten, ...]
    roles: tuple[str, ...]
    span: Span


_BY: Final = maybe("by", Slot("by", some_words(*OBSERVATION_WAYS)), default=())
_WITH: Final = maybe("with", Slot("roles", Type("text", many=True)), default=())
_DAY: Final = maybe(Slot("day", DATE))
OBSERVED: Final = Form(
    "observed", (way(_DAY, _BY, _WITH), way(_DAY, _WITH, _BY)), Observation, none=None
)


class WaitPart(NamedTuple):
    """One declared reason of a step's wait."""

    reason: str
    time: Amount
    span: Span


WAIT: Final = Form(
    "wait",
    (way(),),
    WaitPart,
    adds=True,
    block=Block(dict.fromkeys(WAIT_REASONS, DURATION), lines=("reason", "time"), needed=True),
    none=(),
)


class Rework(NamedTuple):
    """The share of items that go back from the step to an earlier one (a full step id)."""

    share: Amount
    to: Annotated[str | Unwritten, to("step")]
    span: Span


_STEP: Final = to("step")
AFTER: Final = Form("after", (way(Slot("after", to_many("step"), own=True)),), adds=True, none=())
REWORK: Final = Form(
    "rework",
    (way(Slot("share", SHARE), "to", Slot("to", _STEP, own=True)),),
    Rework,
    adds=True,
    none=(),
)
HANDOFF: Final = Form(
    "handoff",
    (way(Slot("from_", _STEP, own=True), "->", Slot("to", _STEP, own=True)),),
    adds=True,
    element="handoff",
    unknown=ILLEGAL,
)
NEEDS: Final = Form(
    "needs",
    (way(Slot("what", Type("need")), "from", Slot("provider", to("team"))),),
    adds=True,
    element="need",
    none=(),
)


class Successor(NamedTuple):
    """Who owns something from a day on."""

    owner: Annotated[Ref | Unwritten, to("team", "group", "coordination")]
    day: date | Unwritten
    span: Span


def later_owner(*kinds: str) -> Form:
    """The form of a later owner of one of the kinds."""
    owner = Slot("owner", to(*kinds), typed=True)
    return Form(
        "owner", (way(owner, "from", Slot("day", DATE)),), Successor, adds=True, unknown=ILLEGAL
    )


def clock(word: str, name: str) -> Form:
    """The form in which one of the two clocks gets its duration."""
    return Form(word, (way(name, Slot("time", DURATION)),), unknown=ILLEGAL)


class Role(NamedTuple):
    """A role in a team; never a person. `teams` are further teams it is allocated to."""

    id: str
    name: str
    span: Span
    teams: Annotated[tuple[str | Unwritten, ...], to_many("team")] = ()


ROLE: Final = Form(
    "role",
    (
        way(
            Slot("id", one_word()),
            maybe(Slot("name", TEXT), default=""),
            maybe("shared-with", Slot("teams", to_many("team")), default=()),
        ),
    ),
    Role,
    adds=True,
    unknown=ILLEGAL,
)


class TeamApi(NamedTuple):
    """How a team can be used: where its documentation, contact, hours and support stand."""

    docs: str | None = None
    contact: str | None = None
    hours: str | None = None
    support: str | None = None


API: Final = Form(
    "api",
    (way(),),
    TeamApi,
    block=Block(dict.fromkeys(TeamApi._fields, TEXT), needed=True),
    none=None,
    unknown=None,
)


class Deploy(NamedTuple):
    """How a component is released: `independent`, `with` a component, or by a `train`."""

    how: str
    target: Annotated[str | Unwritten | None, to("component", "coordination")] = None


DEPLOY: Final = Form(
    "deploy",
    (
        way(Choice("how", ("independent",))),
        way(Choice("how", ("with",)), Slot("target", to("component"))),
        way(Choice("how", ("train",)), Slot("target", to("coordination"))),
    ),
    Deploy,
)


class Operation(Protocol):
    """One operation of a planned change: a named tuple, of which each verb has a class."""

    @property
    def span(self) -> Span:
        """Where it stands."""
