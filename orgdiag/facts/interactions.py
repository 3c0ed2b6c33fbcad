"""How two teams work together on the day that the facts are held against."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from orgdiag.facts.columns import Facts, index, relation
from orgdiag.facts.properties import missing, quantity_of, referred, said
from orgdiag.model.elements import Interaction, Team
from orgdiag.model.types import DATE, DURATION, FLAG, to, to_many
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Number, Quantity, ratio
from orgdiag.partial.truth import Truth, every, gaps_of, negation
from orgdiag.partial.unknown import Gaps, Missing, Nothing, Unknown, Unwritten, merge


def today(facts: Facts) -> date | Unknown:
    """The day that facts are held against, or `Unknown` when nobody gave one."""
    return facts.as_of or Unknown((Missing("organisation", facts.org.id, "as-of", facts.org.span),))


def elapsed(facts: Facts, days: int) -> Number:
    """Days of the calendar as working minutes: seven of them are one working week."""
    return ratio(days * facts.org.calendar.week.value, 7)


def days_of(facts: Facts, minutes: Number) -> int:
    """Working minutes as whole days of the calendar, rounded down."""
    return int(ratio(minutes * 7, 1) // facts.org.calendar.week.value)


@relation("interaction", "first", to("team"), kept=False)
def first(facts: Facts, interaction: Interaction) -> Any:
    """The team that is named first: it provides or facilitates."""
    return referred(facts, interaction, "first", "team")


@relation("interaction", "second", to("team"), kept=False)
def second(facts: Facts, interaction: Interaction) -> Any:
    """The team that is named second: it uses or is facilitated."""
    return referred(facts, interaction, "second", "team")


@relation("interaction", "teams", to_many("team"))
def teams(facts: Facts, interaction: Interaction) -> Members:
    """The two teams."""
    both = (first(facts, interaction), second(facts, interaction))
    found = tuple(team for team in both if isinstance(team, Team))
    if len(found) == len(both):
        return Members(found)
    gaps: Gaps = ()
    for team in both:
        gaps = merge(gaps, gaps_of(team))
    return Members(found, (), gaps, open=True)


@relation("interaction", "ends", DATE)
def ends(facts: Facts, interaction: Interaction) -> date | Nothing | Unknown:
    """The last day, stated or as expected from the first; none when it is said to have no end."""
    if isinstance(interaction.until, Nothing):
        return interaction.until
    last_days = _last_days(facts, interaction)
    if last_days is not None and last_days[0] == last_days[1]:
        return last_days[0]
    if isinstance(interaction.expected, Quantity):
        return Unknown(missing(interaction, "since" if last_days is None else "expected"))
    return Unknown(missing(interaction, "until", "expected"))


def _last_days(facts: Facts, interaction: Interaction) -> tuple[date, date] | None:
    """The first and the latest day that may be the last, or None when nothing bounds it."""
    if isinstance(interaction.until, date):
        return interaction.until, interaction.until
    since, length = interaction.since, interaction.expected
    if not isinstance(since, date) or not isinstance(length, Quantity):
        return None
    return _later(facts, since, length.low or 0), _later(facts, since, length.high)


def _later(facts: Facts, day: date, length: Number | None) -> date:
    """The day that lies a stretch of working time later; the last of all when there is no end."""
    room = (date.max - day).days
    days = room if length is None else min(days_of(facts, length), room)
    return day + timedelta(days=days)


@relation("interaction", "bounded", FLAG, kept=False)
def bounded(facts: Facts, interaction: Interaction) -> Truth:
    """Whether it is meant to end: an `until` or an expected length is stated."""
    if isinstance(interaction.until, date) or isinstance(interaction.expected, Quantity):
        return True
    if isinstance(interaction.until, Nothing):
        return False
    return Unknown(missing(interaction, "until", "expected"))


@relation("interaction", "endless", FLAG, kept=False)
def endless(facts: Facts, interaction: Interaction) -> Truth:
    """Whether it is not meant to end."""
    return negation(bounded(facts, interaction))


@relation("interaction", "active", FLAG)
def active(facts: Facts, interaction: Interaction) -> Truth:
    """Whether it has begun and its end has not passed; a beginning that is left out has begun."""
    return every((begun(facts, interaction), negation(overdue(facts, interaction))))


def begun(facts: Facts, interaction: Interaction) -> Truth:
    """Whether the interaction has begun."""
    now = today(facts)
    if interaction.since is None or isinstance(interaction.since, Nothing):
        return True
    if isinstance(interaction.since, Unwritten):
        return Unknown(missing(interaction, "since"))
    return now if isinstance(now, Unknown) else interaction.since <= now


@relation("interaction", "overdue", FLAG)
def overdue(facts: Facts, interaction: Interaction) -> Truth:
    """Whether its last day has passed; not without a beginning, nor without an end."""
    now, last_days = today(facts), _last_days(facts, interaction)
    if last_days is None:
        return _overdue_without_end(facts, interaction)
    if isinstance(now, Unknown) or last_days[1] < now:
        return now if isinstance(now, Unknown) else True
    return Unknown(missing(interaction, "expected")) if last_days[0] < now else False


def _overdue_without_end(facts: Facts, interaction: Interaction) -> Truth:
    """No last day has passed where none is written, or where nothing says when it began."""
    no_end = interaction.until is None and interaction.expected is None
    no_start = interaction.since is None and isinstance(interaction.expected, Quantity)
    if no_end or no_start or isinstance(interaction.until, Nothing):
        return False
    end = ends(facts, interaction)
    return end if isinstance(end, Unknown) else False


@relation("interaction", "age", DURATION)
def age(facts: Facts, interaction: Interaction) -> Quantity:
    """How long it has lasted, on the clock of limits such as `12w`."""
    now, since = today(facts), said(interaction, "since")
    if isinstance(since, date) and isinstance(now, date):
        return Quantity.of(elapsed(facts, max(0, (now - since).days)))
    gap = since if isinstance(since, Unknown) else now
    return Quantity(0, None, gap.missing if isinstance(gap, Unknown) else ())


@relation("interaction", "planned", DURATION)
def planned(facts: Facts, interaction: Interaction) -> Quantity:
    """How long it should last: as expected, else from its first to its last day."""
    if isinstance(interaction.expected, Quantity):
        return interaction.expected
    if isinstance(interaction.since, date) and isinstance(interaction.until, date):
        days = max(0, (interaction.until - interaction.since).days)
        return Quantity.of(elapsed(facts, days))
    return quantity_of(interaction, "expected")


@index
def by_team(facts: Facts) -> dict[str, list[Interaction]]:
    """The interactions of each team, by its id."""
    found: dict[str, list[Interaction]] = {}
    for interaction in facts.org.interactions.values():
        for team in dict.fromkeys((interaction.first, interaction.second)):
            if isinstance(team, str):
                found.setdefault(team, []).append(interaction)
    return found


@relation("team", "interactions", to_many("interaction"), kept=False)
def interactions(facts: Facts, team: Team) -> Members:
    """The interactions it takes part in."""
    return Members(tuple(by_team(facts).get(team.id, ())))


@index
def _by_pair(facts: Facts) -> dict[frozenset[str], list[Interaction]]:
    found: dict[frozenset[str], list[Interaction]] = {}
    for interaction in facts.org.interactions.values():
        if isinstance(interaction.first, str) and isinstance(interaction.second, str):
            pair = frozenset((interaction.first, interaction.second))
            found.setdefault(pair, []).append(interaction)
    return found


def between(facts: Facts, one: Team, other: Team) -> list[Interaction]:
    """The interactions of two teams, in either direction."""
    return _by_pair(facts).get(frozenset((one.id, other.id)), [])


def excuses(facts: Facts, interaction: Interaction) -> Truth:
    """Whether it takes its pair out of the blocking dependencies.

    That does an active collaboration or facilitation that is meant to end.
    """
    mode = said(interaction, "mode")
    helps: Truth = mode if isinstance(mode, Unknown) else mode in {"collaboration", "facilitating"}
    return every((helps, bounded(facts, interaction), active(facts, interaction)))


def _partners(facts: Facts, team: Team, mode: str, side: str) -> Members:
    """The other teams of its active interactions in a mode; `side` is where the team stands."""
    certain, possible = [], []
    gaps: Gaps = ()
    for interaction in by_team(facts).get(team.id, ()):
        if side and getattr(interaction, side) != team.id:
            continue
        other = (
            second(facts, interaction)
            if interaction.first == team.id
            else first(facts, interaction)
        )
        said_mode = said(interaction, "mode")
        right: Truth = said_mode if isinstance(said_mode, Unknown) else said_mode == mode
        holds = every((right, active(facts, interaction)))
        if holds is False or other is team:
            continue
        if holds is True and isinstance(other, Team):
            certain.append(other)
            continue
        for value in (holds, other):
            gaps = merge(gaps, gaps_of(value))
        if isinstance(other, Team):
            possible.append(other)
    rest = tuple(item for item in dict.fromkeys(possible) if item not in certain)
    return Members(tuple(dict.fromkeys(certain)), rest, gaps if rest else ())


@relation("team", "collaborators", to_many("team"))
def collaborators(facts: Facts, team: Team) -> Members:
    """The teams it collaborates with on the day."""
    return _partners(facts, team, "collaboration", "")


@relation("team", "facilitated-teams", to_many("team"))
def facilitated_teams(facts: Facts, team: Team) -> Members:
    """The teams it facilitates on the day."""
    return _partners(facts, team, "facilitating", "first")


@relation("team", "facilitators", to_many("team"))
def facilitators(facts: Facts, team: Team) -> Members:
    """The teams that facilitate it on the day."""
    return _partners(facts, team, "facilitating", "second")
