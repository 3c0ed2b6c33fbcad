"""The elements of an organisation: frozen values whose annotated fields are the schema.

Every field that an architect can write carries its type and its meaning in its annotation; reading,
did-you-mean, the formatter, the reference and the fields of the rules language come from there. A
new word of the language is one field here.

An attribute holds the value, or `None` (left out, and unknown), or `UNKNOWN` (written so, or
broken), or `NONE` (there is none; `()` for a list). The default of a field is what leaving it out
means. A tuple that contains `UNKNOWN` is a list of which a part is unknown.
"""

# Annotations are evaluated as they stand, not kept as text: the schema reads all of them in every
# run, and evaluating texts costs as much as defining the classes.

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final

from orgdiag.frozen import frozen
from orgdiag.model.parts import (
    ACCEPT,
    AFTER,
    API,
    CHANGES,
    COGNITIVE_LOAD,
    DEPLOY,
    HANDOFF,
    LINK,
    MEMBERS_SHARED_WITH,
    NEEDS,
    NOTE,
    OBSERVED,
    ON_CALL,
    REWORK,
    ROLE,
    SOURCE,
    TAG,
    WAIT,
    Accept,
    Deploy,
    Link,
    Load,
    Money,
    Note,
    Observation,
    OnCall,
    Operation,
    Origin,
    Rework,
    Role,
    SharedMembers,
    Successor,
    TeamApi,
    Touch,
    WaitPart,
    clock,
    later_owner,
)
from orgdiag.model.types import (
    CADENCE,
    DATE,
    DURATION,
    EFFORT,
    FLAG,
    FORM,
    MONEY,
    NUMBER,
    RATE,
    SHARE,
    TEXT,
    WORDS,
    Amount,
    Day,
    Denial,
    Flagged,
    Inverse,
    MaybeNone,
    Names,
    Refs,
    Type,
    Word,
    to,
    to_many,
    word,
)
from orgdiag.model.vocabularies import (
    COORDINATION_KINDS,
    MODES,
    NATURES,
    STEP_KINDS,
    TEAM_TYPES,
    VIAS,
)
from orgdiag.partial.quantity import ONE, Quantity
from orgdiag.partial.unknown import Nothing, Unwritten
from orgdiag.text.source import Span

_NO_PLACES: Final[Mapping[str, Span]] = MappingProxyType({})


@frozen
class Element:
    """What every element has.

    id, name   the stable identifier (full for a step) and the display name ("" when none)
    span       the place of the identifier where the element is defined
    places     where each property stands that was written, by its word
    """

    kind: ClassVar[str] = ""

    id: str
    span: Span
    name: str = ""
    places: Mapping[str, Span] = field(default_factory=lambda: _NO_PLACES)
    tags: Annotated[Names, WORDS, "words that rules can read and that mean nothing else", TAG] = ()
    links: Annotated[tuple[Link, ...], FORM, "a labelled address", LINK] = ()
    notes: Annotated[
        tuple[Note, ...], FORM, "a sentence; `x-anything …` is kept and shown in the same way", NOTE
    ] = ()
    accepts: Annotated[
        tuple[Accept, ...], FORM, "accepts a finding until a day, for a reason", ACCEPT
    ] = ()

    def __repr__(self) -> str:
        return f"<{self.kind} {self.id}>"

    def place(self, *properties: str) -> Span:
        """Where the first of the properties stands that was written; else the element itself."""
        for name in properties:
            place = self.places.get(name)
            if place is not None:
                return place
        return self.span


@frozen
class Group(Element):
    """A part of the organisation chart."""

    kind: ClassVar[str] = "group"

    type: Annotated[
        Word,
        word("department", "tribe", "area", "portfolio", "location"),
        "what kind of group it is",
    ] = None
    part_of: Annotated[MaybeNone, to("group"), "the larger group", Inverse("subgroups")] = None


@frozen
class Need(Element):
    """A dependency that a team declares; `id` reads `A needs WHAT from B`."""

    kind: ClassVar[str] = "need"

    team: str = ""
    provider: str | Unwritten = ""
    what: str = ""
    capability: str | None = None
    via: Annotated[Word, word(*VIAS), "how the team gets it"] = None
    effect: Annotated[Word, word("blocking", "slowing", "ok"), "what happens meanwhile"] = None
    routine: Annotated[Flagged, FLAG, "whether regular work needs it", Denial("occasional")] = None
    frequency: Annotated[Amount, RATE, "how often it is needed"] = None
    wait: Annotated[Amount, DURATION, "how long the team waits each time"] = None
    on_time: Annotated[Amount, SHARE, "share of deliveries that come when promised"] = None
    source: Annotated[Origin | None, FORM, "where the numbers come from", SOURCE] = None


def need_id(team: str, what: str, provider: str | Unwritten) -> str:
    """The id of what a team needs from another."""
    return f"{team} needs {what} from {_named(provider)}"


def handoff_id(stream: str, before: str, after: str) -> str:
    """The id of a border between two steps, given by their own ids."""
    return f"{stream}: {before} -> {after}"


def interaction_id(first: str | Unwritten, second: str | Unwritten) -> str:
    """The id of an interaction of two teams."""
    return f"{_named(first)} with {_named(second)}"


def _named(id: str | Unwritten) -> str:
    return id if isinstance(id, str) else "unknown"


@frozen
class Team(Element):
    """A group of people with work of their own."""

    kind: ClassVar[str] = "team"

    in_: Annotated[
        Names, to_many("group"), "the groups it belongs to, one of each kind", Inverse("teams")
    ] = ()
    type: Annotated[Word, word(*TEAM_TYPES), "the declared type: a claim"] = "undeclared"
    size: Annotated[Amount, NUMBER, "number of people"] = None
    discipline: Annotated[Word, word(), "the single craft of a functional team"] = None
    durable: Annotated[Flagged, FLAG, "whether the team stays when the work is delivered"] = None
    until: Annotated[Day, DATE, "the day on which the team disbands; none = no end"] = None
    continues_as: Annotated[MaybeNone, to("team"), "the team that it becomes"] = None
    hands_over_to: Annotated[
        MaybeNone, to("team"), "who runs its result", Inverse("inherits-from")
    ] = None
    skills: Annotated[Names, WORDS, "crafts present in the team"] = None
    capacity: Annotated[Amount, SHARE, "share of time free for stream work"] = None
    other_demand: Annotated[Amount, EFFORT, "work outside the modelled streams"] = None
    on_call: Annotated[
        OnCall | Nothing | Unwritten | None, FORM, "who carries the pager", ON_CALL
    ] = None
    measured_by: Annotated[Names, WORDS, "the metrics the team is judged by"] = None
    cognitive_load: Annotated[
        Load | Unwritten | None, FORM, "the team's own judgement", COGNITIVE_LOAD
    ] = None
    backlog: Annotated[Amount, DURATION, "how much work is queued"] = None
    meets: Annotated[Amount, CADENCE, "how often a board meets"] = None
    members_shared_with: Annotated[
        tuple[SharedMembers, ...] | Unwritten, FORM, "fractional membership", MEMBERS_SHARED_WITH
    ] = ()
    coordination_time: Annotated[Amount, SHARE, "share of time spent managing dependencies"] = None
    api: Annotated[TeamApi | None, FORM, "how to use the team", API] = None
    roles: Annotated[tuple[Role, ...], FORM, "a role in the team, never a person", ROLE] = ()
    needs: Annotated[tuple[Need, ...] | Unwritten, FORM, "declared dependencies", NEEDS] = ()


@frozen
class Product(Element):
    """What customers get; produced by streams, and never a stream itself."""

    kind: ClassVar[str] = "product"

    customer: Annotated[Word, TEXT, "who uses it"] = None
    owner: Annotated[Names, to_many("team"), "who owns it", Inverse("products")] = None
    significance: Annotated[Word, word("core", "supporting"), "whether it matters on its own"] = (
        "core"
    )


@frozen
class Handoff(Element):
    """A border between two steps; `id` reads `STREAM: a -> b`, `from_` and `to` are full ids."""

    kind: ClassVar[str] = "handoff"

    stream: str = ""
    from_: str | Unwritten = ""
    to: str | Unwritten = ""
    artefact: Annotated[
        Word,
        word("conversation", "pairing", "ticket", "document", "specification", "code"),
        "what is handed over",
    ] = None
    wait: Annotated[
        Amount, DURATION, "the gap between leaving one step and arriving at the next"
    ] = Quantity(0, 0)


@frozen
class Step(Element):
    """One step of a stream. `local` is its id inside the stream, `number` its place, from 0."""

    kind: ClassVar[str] = "step"

    stream: str = ""
    local: str = ""
    number: int = 0
    type: Annotated[Word, word(*STEP_KINDS), "what is done"] = None
    by: Annotated[Names, to_many("team"), "who does it; several = joint work", Inverse("steps")] = (
        None
    )
    after: Annotated[
        Names, to_many("step"), "the steps it follows; left out: the step written before it", AFTER
    ] = ()
    process: Annotated[
        Amount,
        DURATION,
        "touch time per item, elapsed while at least one person works; none makes a buffer",
    ] = None
    effort: Annotated[Amount, DURATION, "person-time per item; default: process"] = None
    lead: Annotated[Amount, DURATION, "from arrival at the step to leaving it"] = None
    complete_accurate: Annotated[
        Amount, SHARE, "share of items that the next step can use as they come"
    ] = None
    rework: Annotated[
        tuple[Rework, ...] | Unwritten, FORM, "items that go back to an earlier step", REWORK
    ] = ()
    share: Annotated[Amount, SHARE, "share of items that take the step"] = ONE
    wait: Annotated[
        tuple[WaitPart, ...] | Unwritten | None, FORM, "declared reasons of the wait", WAIT
    ] = None
    automated: Annotated[Flagged, FLAG, "whether no hands are needed", Denial("manual")] = None
    every: Annotated[Amount, CADENCE, "the calendar of a gate"] = None
    batch: Annotated[
        Word, word("per-release", "per-sprint", "per-item"), "what is done at once"
    ] = None
    synchronised: Annotated[Flagged, FLAG, "whether work is timed to the gate"] = False
    servers: Annotated[
        Amount, NUMBER, "people who can work on it at once; default: size of `by`"
    ] = None
    waiting: Annotated[Amount, NUMBER, "items in front of the step"] = None
    known_by: Annotated[Amount, NUMBER, "people who can do it"] = None
    environment: Annotated[
        MaybeNone, word("on-demand", "shared", "booked"), "the environment it needs"
    ] = None
    dead_end: Annotated[Flagged, FLAG, "a branch that never joins: off the critical path"] = False
    source: Annotated[Origin | None, FORM, "where the numbers come from", SOURCE] = None


@frozen
class Stream(Element):
    """A value stream: the flow of work from a trigger to a customer. `steps` are full ids."""

    kind: ClassVar[str] = "stream"

    steps: tuple[str, ...] = ()
    handoffs: Annotated[
        tuple[Handoff, ...], FORM, "annotates the border between two steps", HANDOFF
    ] = ()
    product: Annotated[MaybeNone, to("product"), "what it produces", Inverse("streams")] = None
    trigger: Annotated[Word, TEXT, "what starts it"] = None
    end: Annotated[Word, TEXT, "when it is done"] = None
    customer: Annotated[Word, TEXT, "for whom"] = None
    feeds: Annotated[MaybeNone, to("stream"), "the stream it feeds", Inverse("fed-by")] = None
    owner: Annotated[Refs, to_many("team", "group", "coordination"), "who owns it end to end"] = (
        None
    )
    successors: Annotated[
        tuple[Successor, ...], FORM, "a later owner", later_owner("team", "group", "coordination")
    ] = ()
    significance: Annotated[Word, word("core", "supporting"), "whether it matters on its own"] = (
        "core"
    )
    arrivals: Annotated[Amount, RATE, "items that start"] = None
    wip: Annotated[Amount, NUMBER, "items in progress"] = None
    completions: Annotated[Amount, RATE, "items that are finished"] = None
    deployment_frequency: Annotated[
        Quantity | str | Unwritten | None, Type("rate", ("on-demand",)), "how often it deploys"
    ] = None
    change_failure_rate: Annotated[Amount, SHARE, "share of deployments that fail"] = None
    recovery_time: Annotated[Amount, DURATION, "time to restore service"] = None
    request_to_delivery: Annotated[
        Amount, FORM, "lead time of the customer", clock("lead-time", "request-to-delivery")
    ] = None
    commit_to_production: Annotated[
        Amount, FORM, "lead time of engineering", clock("lead-time", "commit-to-production")
    ] = None
    target_request_to_delivery: Annotated[
        Amount, FORM, "what is aimed at", clock("target", "request-to-delivery")
    ] = None
    target_commit_to_production: Annotated[
        Amount, FORM, "what is aimed at", clock("target", "commit-to-production")
    ] = None
    cost_of_delay: Annotated[Money | Unwritten | None, MONEY, "cost of one item's delay"] = None
    observed: Annotated[Observation | Unwritten | None, FORM, "how the map was made", OBSERVED] = (
        None
    )
    changes: Annotated[
        tuple[Touch, ...] | Unwritten | None, FORM, "components that a change touches", CHANGES
    ] = None
    domains: Annotated[Names, to_many("domain"), "default: domains of the changed components"] = (
        None
    )
    source: Annotated[Origin | None, FORM, "where the numbers come from", SOURCE] = None


@frozen
class Capability(Element):
    """Something a team can do for others."""

    kind: ClassVar[str] = "capability"

    nature: Annotated[Word, word(*NATURES), "what kind of work it is: decides the remedy"] = (
        "undeclared"
    )
    provided_by: Annotated[MaybeNone, to("team"), "who provides it", Inverse("capabilities")] = None
    mode: Annotated[Word, word(*MODES), "how it is got"] = None
    used_by: Annotated[
        Refs, to_many("team", "stream"), "who uses it", Inverse("used-capabilities")
    ] = ()
    wait: Annotated[Amount, DURATION, "how long a user waits"] = None
    every: Annotated[Amount, CADENCE, "the calendar on which it is given"] = None
    backlog: Annotated[Amount, DURATION, "how much work is queued"] = None
    source: Annotated[Origin | None, FORM, "where the numbers come from", SOURCE] = None


@frozen
class Component(Element):
    """A system, service or layer of software that somebody owns."""

    kind: ClassVar[str] = "component"

    layer: Annotated[
        Word,
        word("frontend", "mobile", "api", "service", "database", "data", "infrastructure", "other"),
        "where it lies in the stack",
    ] = None
    owner: Annotated[
        Names, to_many("team"), "who builds, runs and answers for it", Inverse("components")
    ] = None
    successors: Annotated[tuple[Successor, ...], FORM, "a later owner", later_owner("team")] = ()
    built_by: Annotated[MaybeNone, to("team"), "who builds it; default: owner"] = None
    runs_by: Annotated[MaybeNone, to("team"), "who runs it; default: owner"] = None
    deploy: Annotated[Deploy | Unwritten | None, FORM, "how it is released", DEPLOY] = None
    contract: Annotated[MaybeNone, word("versioned"), "whether its interface is versioned"] = None
    contributions: Annotated[Word, word("inner-source", "closed"), "who may change it"] = None
    known_by: Annotated[Amount, NUMBER, "people who can change it"] = None
    depends_on: Annotated[
        Names, to_many("component"), "what it needs at run time", Inverse("dependents")
    ] = ()
    domain: Annotated[
        MaybeNone, to("domain"), "the domain it belongs to", Inverse("components")
    ] = None
    status: Annotated[Word, word("live", "sunset"), "whether it is in use"] = "live"


@frozen
class Domain(Element):
    """A part of the business that one mind can hold."""

    kind: ClassVar[str] = "domain"

    complexity: Annotated[Word, word("simple", "complicated", "complex"), "how hard it is"] = None
    owned_by: Annotated[Names, to_many("team"), "who holds it", Inverse("domains")] = ()


@frozen
class Interaction(Element):
    """How two teams work together; `id` reads `a with b`, the first provides or facilitates."""

    kind: ClassVar[str] = "interaction"

    first: str | Unwritten = ""
    second: str | Unwritten = ""
    mode: Annotated[
        Word, word("collaboration", "x-as-a-service", "facilitating"), "the interaction mode"
    ] = None
    since: Annotated[Day, DATE, "when it began"] = None
    expected: Annotated[Amount, DURATION, "how long it should last"] = None
    until: Annotated[Day, DATE, "when it ends; none = no end"] = None
    purpose: Annotated[Word, TEXT, "what for"] = None


@frozen
class Coordination(Element):
    """A mechanism that holds teams together: a train, a board, an environment, a meeting."""

    kind: ClassVar[str] = "coordination"

    type: Annotated[Word, word(*COORDINATION_KINDS), "what it is"] = None
    every: Annotated[Amount, CADENCE, "how often"] = None
    members: Annotated[Names, to_many("team"), "who takes part", Inverse("coordinations")] = ()
    gates: Annotated[Refs, to_many("stream", "step"), "what must pass it", Inverse("gated-by")] = ()


@frozen
class Change(Element):
    """A planned change: a what-if, and a plan that rules can judge."""

    kind: ClassVar[str] = "change"

    operations: tuple[Operation, ...] = ()
    evidence: Annotated[Word, TEXT, "why it should work"] = None


@frozen
class Calendar:
    """How long a working day and week are, in working minutes."""

    day: Quantity = field(default_factory=lambda: Quantity.of(480))
    week: Quantity = field(default_factory=lambda: Quantity.of(2400))


@frozen
class Org:
    """An organisation: everything that its files say, by kind and id, in the order of the ids.

    `as_of` is the day that rules about time use, `as_of_origin` says who set it: option,
    configuration, model or today.
    """

    kind: ClassVar[str] = "organisation"

    id: str = ""
    name: str = ""
    span: Span | None = None
    as_of: date | None = None
    as_of_span: Span | None = None
    calendar: Calendar = field(default_factory=Calendar)
    groups: Mapping[str, Group] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    products: Mapping[str, Product] = field(default_factory=dict)
    streams: Mapping[str, Stream] = field(default_factory=dict)
    steps: Mapping[str, Step] = field(default_factory=dict)
    capabilities: Mapping[str, Capability] = field(default_factory=dict)
    components: Mapping[str, Component] = field(default_factory=dict)
    domains: Mapping[str, Domain] = field(default_factory=dict)
    interactions: Mapping[str, Interaction] = field(default_factory=dict)
    coordinations: Mapping[str, Coordination] = field(default_factory=dict)
    changes: Mapping[str, Change] = field(default_factory=dict)
    accepts: tuple[Accept, ...] = ()
    tags: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    notes: tuple[Note, ...] = ()

    def of_kind(self, kind: str) -> Mapping[str, Any]:
        """The elements of a kind by id (`need` and `handoff` stand in their team and stream)."""
        attribute: Mapping[str, Any] = getattr(self, PLURALS[kind])
        return attribute

    def find(self, kind: str, id: str) -> Any | None:
        """The element of that kind and id, or None."""
        return self.of_kind(kind).get(id)


PLURALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "group": "groups", "team": "teams", "product": "products", "stream": "streams",
        "step": "steps", "capability": "capabilities", "component": "components",
        "domain": "domains", "interaction": "interactions", "coordination": "coordinations",
        "change": "changes",
    }
)  # fmt: skip

ELEMENTS: Final[Mapping[str, type[Element]]] = MappingProxyType(
    {
        cls.kind: cls
        for cls in (
            Group, Team, Product, Stream, Step, Capability, Component, Domain, Interaction,
            Coordination, Change, Need, Handoff,
        )
    }
)  # fmt: skip
