"""Vital signs: what can be stood behind instead of a score, each with its interval and source.

A single grade would need weights that nobody can defend. Each sign is shown with what is known of
it, what it is held against, and who says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

from orgdiag.catalogue import catalogue
from orgdiag.facts.columns import Facts
from orgdiag.facts.components import answered_components, builders, runners
from orgdiag.facts.dependencies import blocking_dependencies, dependencies, selfserve
from orgdiag.facts.properties import quantity_of
from orgdiag.facts.streams import deploys_on_demand, observed_on, owners
from orgdiag.facts.teams import cognitive_load, ends, is_core
from orgdiag.finding import Finding, Status
from orgdiag.frozen import frozen
from orgdiag.metrics.coupling import blocking_fan_out
from orgdiag.metrics.flow import (
    day,
    flow_efficiency,
    lead_time,
    waiting_inventory,
)
from orgdiag.metrics.organisation import coverage, lead_time_coverage
from orgdiag.metrics.ownership import owner_coverage
from orgdiag.model.elements import Stream
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Quantity, total
from orgdiag.partial.sets import each, such_that
from orgdiag.partial.truth import Truth, at_least, every
from orgdiag.partial.unknown import Unknown

# Where the reference of a sign comes from.
ARTICLE: Final = "article"
LITERATURE: Final = "literature"
CONVENTION: Final = "convention"

# Three or more blocking dependencies are too many for a team (article, "Too-Many-Dependencies").
TOO_MANY: Final = 3
# A map is current for a year. Default chosen by orgdiag.
CURRENT_DAYS: Final = 365
DOMAIN_RULES: Final = frozenset({"too-many-domains", "domain-split-across-teams"})


@frozen
class Reading:
    """One value of a sign.

    of      the element it was read from; None for the whole organisation
    label   what it is where a sign has several readings of one element, or ""
    value   within its bounds; a word (`on demand`) where that says it better
    target  what the model itself aims at, or None
    """

    of: Any | None
    value: Quantity | str
    label: str = ""
    target: Quantity | None = None

    @property
    def known(self) -> bool:
        """Whether anything is known of it beyond that it exists."""
        return isinstance(self.value, str) or self.value.high is not None or bool(self.value.low)


@frozen
class Sign:
    """One vital sign.

    id         a word for it; `title` says it to people
    base       what its values are: share, duration (working minutes), rate, number, item-days
    whole      for a count: of how many, else None
    reference  what it is held against, in words
    basis      article, literature or convention
    """

    id: str
    title: str
    base: str
    readings: tuple[Reading, ...]
    reference: str
    basis: str
    whole: int | None = None

    @property
    def known(self) -> int:
        """How many of its readings are known at least in part."""
        return sum(reading.known for reading in self.readings)


def vital_signs(
    facts: Facts, findings: Iterable[Finding], assessed: int, applicable: int
) -> tuple[Sign, ...]:
    """The vital signs of an organisation, coverage first.

    Args:
        facts: the organisation.
        findings: all findings; accepted ones no longer count.
        assessed: how many checks could be made.
        applicable: how many apply.
    """
    counting = [finding for finding in findings if finding.status is not Status.ACCEPTED]
    streams = list(facts.org.streams.values())
    return (
        _coverage(facts, assessed, applicable),
        _observed(facts, streams),
        _one_owner(facts, streams),
        _per_stream(facts, streams, "owner-coverage", "Steps done by the owner", "share",
                    owner_coverage, "higher is better; no threshold", ARTICLE),
        _per_stream(facts, streams, "flow-efficiency", "Flow efficiency", "share",
                    flow_efficiency, "5 to 15 % are typical", ARTICLE),
        _lead_times(facts, streams),
        _deployments(facts, streams),
        _too_many(facts),
        _edges(facts),
        _built_and_run(facts),
        _ending(facts),
        _inventory(facts, streams),
        _coupling(facts),
        _load(facts, counting),
    )  # fmt: skip


# --- what is known --------------------------------------------------------------------------------


def _coverage(facts: Facts, assessed: int, applicable: int) -> Sign:
    return Sign(
        "coverage",
        "What could be assessed",
        "share",
        (
            Reading(None, coverage(assessed, applicable), "checks"),
            Reading(None, lead_time_coverage(facts, facts.org), "lead times of steps"),
        ),
        "100 %; below half there is no overall statement",
        CONVENTION,
    )


def _observed(facts: Facts, streams: Sequence[Stream]) -> Sign:
    return _counted(
        "observed",
        "Streams observed within twelve months",
        such_that(Members(tuple(streams)), lambda stream: _current(facts, stream)),
        len(streams),
        "all of them: a map is made by watching, not from memory",
        ARTICLE,
    )


def _current(facts: Facts, stream: Stream) -> Truth:
    seen = observed_on(facts, stream)
    if isinstance(seen, Unknown):
        return seen
    if not isinstance(seen, date) or facts.as_of is None:
        return False
    return seen >= facts.as_of - timedelta(days=CURRENT_DAYS)


# --- streams --------------------------------------------------------------------------------------


def _one_owner(facts: Facts, streams: Sequence[Stream]) -> Sign:
    core = such_that(Members(tuple(streams)), is_core)
    single = such_that(core, lambda stream: _exactly_one(owners(facts, stream)))
    whole = len(core.certain)
    return _counted(
        "one-owner", "Core streams with exactly one owner", single, whole, "all of them", ARTICLE
    )


def _exactly_one(members: Members) -> Truth:
    size = members.size
    if size.exact:
        return size.low == 1
    return False if (size.low or 0) > 1 else Unknown(members.missing)


def _per_stream(
    facts: Facts,
    streams: Iterable[Stream],
    id: str,
    title: str,
    base: str,
    measure: Callable[[Facts, Stream], Quantity],
    reference: str,
    basis: str,
) -> Sign:
    readings = tuple(Reading(stream, measure(facts, stream)) for stream in streams if stream.steps)
    return Sign(id, title, base, readings, reference, basis)


def _lead_times(facts: Facts, streams: Iterable[Stream]) -> Sign:
    return Sign(
        "lead-time",
        "Lead time",
        "duration",
        tuple(reading for stream in streams for reading in _clocks(facts, stream)),
        "the stream's own target, where it has one",
        ARTICLE,
    )


def _clocks(facts: Facts, stream: Stream) -> Iterator[Reading]:
    """The declared lead times, commit to production first, then the mapped one."""
    for word, value, target in (
        ("commit to production", stream.commit_to_production, stream.target_commit_to_production),
        ("request to delivery", stream.request_to_delivery, stream.target_request_to_delivery),
    ):
        if isinstance(value, Quantity):
            aim = target if isinstance(target, Quantity) else None
            yield Reading(stream, value, word, aim)
    if stream.steps:
        yield Reading(stream, lead_time(facts, stream), "along the map")


def _deployments(facts: Facts, streams: Iterable[Stream]) -> Sign:
    return Sign(
        "deployment-frequency",
        "Deployments",
        "rate",
        tuple(Reading(stream, _frequency(facts, stream)) for stream in streams if stream.steps),
        "several a day are healthy; monthly and quarterly are low",
        ARTICLE,
    )


def _frequency(facts: Facts, stream: Stream) -> Quantity | str:
    if deploys_on_demand(facts, stream) is True:
        return "on demand"
    return quantity_of(stream, "deployment_frequency")


def _inventory(facts: Facts, streams: Iterable[Stream]) -> Sign:
    waiting = [
        (stream, waiting_inventory(facts, stream) / day(facts))
        for stream in streams
        if stream.steps
    ]
    rows = [Reading(stream, value) for stream, value in waiting]
    if len(rows) > 1:
        rows.append(Reading(None, total(value for _, value in waiting), "all streams"))
    return Sign(
        "waiting-inventory",
        "Waiting a month",
        "item-days",
        tuple(rows),
        "lower is better; no threshold",
        LITERATURE,
    )


# --- teams ----------------------------------------------------------------------------------------


def _too_many(facts: Facts) -> Sign:
    teams = Members(tuple(facts.org.teams.values()))
    return _counted(
        "too-many-dependencies",
        "Teams that regularly wait for three or more others",
        such_that(teams, lambda team: at_least(blocking_fan_out(facts, team), TOO_MANY)),
        len(facts.org.teams),
        "none",
        ARTICLE,
    )


def _edges(facts: Facts) -> Sign:
    teams = Members(tuple(facts.org.teams.values()))
    blocking = each(teams, lambda team: blocking_dependencies(facts, team))
    every_one = each(teams, lambda team: dependencies(facts, team))
    served = such_that(every_one, lambda item: selfserve(facts, item))
    return Sign(
        "dependencies",
        "Dependencies between teams",
        "number",
        (
            Reading(None, blocking.size, "blocking, in regular work"),
            Reading(None, served.size, "by self-service"),
        ),
        "fewer blocking, more by self-service",
        ARTICLE,
    )


def _ending(facts: Facts) -> Sign:
    teams = Members(tuple(facts.org.teams.values()))
    return _counted(
        "ending-owners",
        "Teams with an end date that own or run live components",
        such_that(teams, lambda team: _leaves(facts, team)),
        len(facts.org.teams),
        "none",
        ARTICLE,
    )


def _leaves(facts: Facts, team: Any) -> Truth:
    held = at_least(answered_components(facts, team).size, 1)
    return every((ends(facts, team), held))


def _load(facts: Facts, findings: Iterable[Finding]) -> Sign:
    teams = Members(tuple(facts.org.teams.values()))
    high = such_that(teams, lambda team: _overloaded(facts, team))
    broken = {f.subject for f in findings if f.rule in DOMAIN_RULES}
    return Sign(
        "cognitive-load",
        "Cognitive load",
        "number",
        (
            Reading(None, high.size, "teams that report a high load"),
            Reading(None, Quantity.of(len(broken)), "findings about domains"),
        ),
        "none",
        LITERATURE,
    )


def _overloaded(facts: Facts, team: Any) -> Truth:
    level = cognitive_load(facts, team)
    return level if isinstance(level, Unknown) else level == "high"


# --- components and the whole ---------------------------------------------------------------------


def _built_and_run(facts: Facts) -> Sign:
    live = [item for item in facts.org.components.values() if item.status != "sunset"]
    return _counted(
        "built-and-run",
        "Live components that one team builds and runs",
        such_that(Members(tuple(live)), lambda item: _same_hands(facts, item)),
        len(live),
        "all of them, accepted exceptions aside",
        ARTICLE,
    )


def _same_hands(facts: Facts, component: Any) -> Truth:
    building, running = builders(facts, component), runners(facts, component)
    if not (building.known and running.known):
        return Unknown(building.missing + running.missing)
    return bool(building.certain) and set(building.certain) == set(running.certain)


def _coupling(facts: Facts) -> Sign:
    words = {
        "congruence": "coupled pairs of teams that coordinate",
        "propagation-cost": "of the organisation waits when a team is late",
        "cross-group-share": "of the blocking dependencies leave a group",
    }
    metrics = catalogue().metrics["organisation"]
    return Sign(
        "coupling",
        "Coupling",
        "share",
        tuple(
            Reading(None, metrics[name].read(facts, facts.org), text)
            for name, text in words.items()
        ),
        "direction only; nobody published a target",
        LITERATURE,
    )


def _counted(id: str, title: str, members: Members, whole: int, reference: str, basis: str) -> Sign:
    return Sign(id, title, "number", (Reading(None, members.size),), reference, basis, whole)
