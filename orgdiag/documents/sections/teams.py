"""The teams: what each is called, what its work shows it to be, and what it has to carry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from orgdiag.documents.sections.words import UNKNOWN, Words, name_of, names_of, word_of
from orgdiag.facts.accountability import missing_skills
from orgdiag.facts.columns import Facts
from orgdiag.facts.components import answered_components
from orgdiag.facts.dependencies import blockers
from orgdiag.facts.interactions import collaborators
from orgdiag.facts.properties import members_of
from orgdiag.facts.shapes import behaves_as
from orgdiag.facts.teams import cognitive_load, groups, streams
from orgdiag.finding import Finding
from orgdiag.frozen import frozen
from orgdiag.metrics.coupling import blocking_fan_out, fan_in_blocking
from orgdiag.metrics.load import utilisation
from orgdiag.model.elements import Team
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.sets import each

# Rows beyond these are left out of the tables and counted.
MOST: Final = 300


@frozen
class Load:
    """What a team has to hold in mind: counts, not a score. All texts."""

    team: str
    domains: str
    hard: str
    components: str
    streams: str
    blockers: str
    collaborations: str
    skills: str
    reported: str


@frozen
class TeamRow:
    """One team.

    declared, observed   the type it claims, and what its work shows; `differs` when they disagree
    """

    anchor: str
    team: str
    groups: str
    size: str
    declared: str
    observed: str
    differs: bool
    streams: str
    waits_for: str
    waited_for: str
    utilisation: str
    findings: int


@frozen
class Teams:
    """The rows of both tables, and how many teams are left out of them."""

    loads: tuple[Load, ...]
    rows: tuple[TeamRow, ...]
    left_out: int


# What the work of a team of each declared type may well look like.
_FITTING: Final[Mapping[str, frozenset[str]]] = {
    "stream-aligned": frozenset({"stream"}),
    "platform": frozenset({"platform"}),
    "component": frozenset({"component"}),
    "shared-service": frozenset({"shared-service"}),
    "project": frozenset({"project"}),
    "operations": frozenset({"run", "shared-service"}),
    "governance": frozenset({"governance"}),
}


def teams(facts: Facts, findings: Iterable[Finding], words: Words) -> Teams:
    """The teams, those with most findings first where there are too many."""
    flagged = Counter(f.subject.id for f in findings if f.subject.kind == "team")
    every = list(facts.org.teams.values())
    if len(every) > MOST:
        every.sort(key=lambda team: (-flagged[team.id], team.id))
    shown = every[:MOST]
    return Teams(
        tuple(_loads(facts, shown, words)),
        tuple(_row(facts, team, flagged[team.id], words) for team in shown),
        len(every) - len(shown),
    )


def _loads(facts: Facts, shown: Iterable[Team], words: Words) -> Iterator[Load]:
    for team in shown:
        domains = _domains(facts, team)
        hard = [d for d in domains.certain if d.complexity in ("complex", "complicated")]
        owned = streams(facts, team)
        lacking = each(owned, lambda stream: missing_skills(facts, stream))
        yield Load(
            team=name_of(team),
            domains=words.number(domains.size),
            hard=", ".join(f"{name_of(d)} ({d.complexity})" for d in hard) or "none known",
            components=words.number(answered_components(facts, team).size),
            streams=words.number(owned.size),
            blockers=words.number(blocking_fan_out(facts, team)),
            collaborations=words.number(collaborators(facts, team).size),
            skills=_skills(owned, lacking),
            reported=word_of(cognitive_load(facts, team)),
        )


def _domains(facts: Facts, team: Team) -> Members:
    held = [
        domain
        for domain in facts.org.domains.values()
        if team in members_of(facts, domain, "owned_by", "team").certain
    ]
    return Members(tuple(held))


def _skills(owned: Members, lacking: Members) -> str:
    if not owned.certain:
        return "owns no stream"
    named = [str(skill) for skill in lacking.certain]
    if not lacking.known:
        named.append("perhaps others" if named else UNKNOWN)
    return ", ".join(named) or "none"


def _row(facts: Facts, team: Team, findings: int, words: Words) -> TeamRow:
    seen = behaves_as(facts, team)
    declared = team.type if isinstance(team.type, str) else UNKNOWN
    fitting = _FITTING.get(declared)
    return TeamRow(
        anchor=f"team-{team.id}",
        team=name_of(team),
        groups=names_of(groups(facts, team)),
        size=words.number(team.size) if isinstance(team.size, Quantity) else UNKNOWN,
        declared=declared,
        observed=_observed(seen),
        differs=bool(seen.certain) and fitting is not None and not fitting & set(seen.certain),
        streams=names_of(streams(facts, team)),
        waits_for=names_of(blockers(facts, team)),
        waited_for=words.number(fan_in_blocking(facts, team)),
        utilisation=words.share(utilisation(facts, team)),
        findings=findings,
    )


def _observed(seen: Members) -> str:
    if seen.certain:
        return ", ".join(str(word) for word in seen.certain)
    return "nothing stands out" if seen.known else "not enough is known"
