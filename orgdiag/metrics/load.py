"""What a team carries: how busy it is, what it holds in mind, and how few hands it depends on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import chain

from orgdiag.facts.accountability import missing_skills
from orgdiag.facts.borders import visits
from orgdiag.facts.columns import Facts, index
from orgdiag.facts.components import deployables
from orgdiag.facts.dependencies import blockers
from orgdiag.facts.interactions import collaborators
from orgdiag.facts.properties import Users, missing, quantity_of, users
from orgdiag.facts.steps import known_by, manual
from orgdiag.facts.streams import main_steps, performers, teams_on_main
from orgdiag.facts.teams import streams
from orgdiag.frozen import frozen
from orgdiag.metrics.flow import month
from orgdiag.metrics.metric import PERCENT, metric
from orgdiag.metrics.step import effort
from orgdiag.model.elements import Component, Domain, Step, Stream, Team
from orgdiag.model.parts import Load
from orgdiag.model.types import NUMBER, RATE, SHARE
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import ZERO, Number, Quantity, ratio
from orgdiag.partial.sets import each
from orgdiag.partial.truth import few, gaps_of
from orgdiag.partial.unknown import Gaps, Unknown, merge, merged

# --- how busy -------------------------------------------------------------------------------------


@frozen
class Demand:
    """The work a month that the modelled streams ask of a team.

    surely    by the steps that it does
    perhaps   by the steps of which nobody knows who does them
    """

    surely: Quantity
    perhaps: Quantity


@index
def _demands(facts: Facts) -> tuple[Mapping[Team, Quantity], Quantity]:
    """The demand of every team that does a step, and that of the steps of unknown teams."""
    found: dict[Team, Quantity] = {}
    unclaimed = ZERO
    for stream in facts.org.streams.values():
        arrivals = quantity_of(stream, "arrivals")
        visited = visits(facts, stream)
        for id in stream.steps:
            step = facts.org.steps.get(id)
            if step is None:
                continue
            passes = quantity_of(step, "share") * visited[id]
            asked = arrivals * passes * effort(facts, step)
            teams = performers(facts, step)
            for team in teams.certain:
                found[team] = found.get(team, ZERO) + asked
            if not teams.known:
                unclaimed = unclaimed + Quantity(0, asked.high, merge(asked.missing, teams.missing))
    return found, unclaimed


def demand(facts: Facts, team: Team) -> Demand:
    """The person-time a month that the modelled streams ask of the team."""
    by_team, unclaimed = _demands(facts)
    return Demand(by_team.get(team, ZERO), unclaimed)


@metric("team", SHARE, PERCENT, "M06")
def utilisation(facts: Facts, team: Team) -> Quantity:
    """Share of its available time that the team is asked for.

    Definition: (Σ arrivals × share × visits × effort over the steps that it does + other demand) /
    (people × capacity × working month). Range: 0 to unbounded; above 1 there is no steady state. A
    lower bound when the capacity (100 % then), the other demand or the arrivals of a stream are
    unknown; unknown without a size. Effort that is left out counts one person.

    Source: queueing theory.
    """
    asked = demand(facts, team)
    whole = asked.surely + asked.perhaps + quantity_of(team, "other_demand")
    return whole / (people(facts, team) * quantity_of(team, "capacity") * month(facts))


@index
def _servers(facts: Facts) -> Mapping[Team, list[Quantity]]:
    found: dict[Team, list[Quantity]] = {}
    for step in facts.org.steps.values():
        for team in performers(facts, step).certain:
            found.setdefault(team, []).append(quantity_of(step, "servers"))
    return found


def people(facts: Facts, team: Team) -> Quantity:
    """How many of the team can work at once.

    Its size; where that is unknown and each of its steps says how many can work on it at once, the
    largest of these numbers.
    """
    if isinstance(team.size, Quantity):
        return team.size
    servers = _servers(facts).get(team, [])
    if servers and all(number.exact for number in servers):
        return max(servers, key=lambda number: number.low or 0)
    return quantity_of(team, "size")


@metric("stream", RATE, "/month", "M18")
def throughput_ceiling(facts: Facts, stream: Stream) -> Quantity:
    """Arrivals a month at which the busiest team of the stream would be fully used.

    Definition: arrivals / highest utilisation of a team that does a step of MAIN, all streams of
    these teams growing alike. Range: 0 to unbounded. An upper bound when a utilisation is unknown.

    Source: theory of constraints.
    """
    teams = teams_on_main(facts, stream)
    arrivals = quantity_of(stream, "arrivals")
    busy = [utilisation(facts, team) for team in teams.certain]
    low = max((q.low for q in busy if q.low is not None), default=0)
    highs = [q.high for q in busy]
    known = teams.known and bool(busy) and None not in highs
    high = max((h for h in highs if h is not None), default=0) if known else None
    missing_inputs: Gaps = teams.missing
    for q in busy:
        if q.high is None or q.high > low:
            missing_inputs = merge(missing_inputs, q.missing)
    return arrivals / Quantity(low, high, missing_inputs)


# --- what it holds in mind ------------------------------------------------------------------------


@frozen
class CognitiveLoad:
    """What a team has to hold in mind (M34): counts, and no score, since nobody has a formula.

    domains         how many of each complexity; "unknown" where none is given
    components      live components that it owns or runs; those that deploy together count once
    streams         streams that it owns
    blockers        teams for which its regular work waits
    collaborations  teams that it collaborates with at present
    missing_skills  crafts that others bring to the work of its streams and it does not have
    reported        the team's own judgement: low, ok or high
    """

    domains: Mapping[str, int]
    components: Quantity
    streams: Quantity
    blockers: Quantity
    collaborations: Quantity
    missing_skills: Members
    reported: str | Unknown


def load_of(facts: Facts, team: Team) -> CognitiveLoad:
    """What the team has to hold in mind, as far as the model says.

    Source: Team Topologies, where the team's own judgement is the primary gauge.
    """
    owned = streams(facts, team)
    held = domains_by_team(facts).of(team)
    return CognitiveLoad(
        dict(sorted(Counter(_complexity(domain) for domain in held.certain).items())),
        deployables(facts, team).size,
        owned.size,
        blockers(facts, team).size,
        collaborators(facts, team).size,
        each(owned, lambda stream: missing_skills(facts, stream)),
        team.cognitive_load.level
        if isinstance(team.cognitive_load, Load)
        else Unknown(missing(team, "cognitive-load")),
    )


@index
def domains_by_team(facts: Facts) -> Users:
    """Which domains each team holds."""
    return users(facts.org.domains.values(), "owned_by", "team")


def _complexity(domain: Domain) -> str:
    return domain.complexity if isinstance(domain.complexity, str) else "unknown"


@metric("team", NUMBER, "", "M35")
def communication_paths(facts: Facts, team: Team) -> Quantity:
    """Number of pairs of people in the team.

    Definition: n(n − 1)/2. Range: 0 to unbounded. Unknown without a size.

    Source: Brooks.
    """
    size = quantity_of(team, "size")
    if size.low is None or size.high is None:
        return Quantity(0, None, size.missing)
    return Quantity(paths_between(size.low), paths_between(size.high), size.missing)


def paths_between(people: Number) -> Number:
    """The number of pairs among so many people; none among less than one, such as half a post.

    >>> [paths_between(n) for n in (0, ratio(1, 2), 1, 5, 14)]
    [0, 0, 0, 10, 91]
    """
    return max(0, ratio(people * (people - 1), 2))


# --- how few hands --------------------------------------------------------------------------------


@metric("step", NUMBER, "", "M36")
def bus_factor(facts: Facts, step: Step) -> Quantity:
    """Number of people who can do the step.

    Definition: `known-by`; at most one where a single team of one person does it. Range: 0 to
    unbounded. Unknown when nobody said.

    Source: article, "only be performed by two people"; truck factor.
    """
    return known_by(facts, step)


@metric("component", NUMBER, "", "M36", name="bus-factor")
def component_bus_factor(facts: Facts, component: Component) -> Quantity:
    """Number of people who can change the component.

    Definition: `known-by`. Range: 0 to unbounded. Unknown when nobody said.

    Source: truck factor.
    """
    return quantity_of(component, "known_by")


Doubtful = tuple[Quantity, Gaps]


@index
def _manual_steps(facts: Facts) -> tuple[Mapping[Team, list[Doubtful]], list[Doubtful]]:
    """Who can do the manual steps of MAIN, by team, and at least those that any team may do.

    Each with the inputs that leave it open whether it is such a step.
    """
    found: dict[Team, list[Doubtful]] = {}
    anybodys: list[Doubtful] = []
    for stream in facts.org.streams.values():
        on_main = main_steps(facts, stream)
        for step in on_main.every():
            by_hand, done_by = manual(facts, step), performers(facts, step)
            if by_hand is not False:
                sure = () if step in on_main.certain else on_main.missing
                gaps, count = merge(sure, gaps_of(by_hand)), bus_factor(facts, step)
                for team in done_by.certain:
                    found.setdefault(team, []).append((count, gaps))
                if done_by.open:
                    anybodys.append((count, merge(gaps, done_by.missing)))
    fewest = min((count.low or 0 for count, _ in anybodys), default=0)
    gaps = few(chain.from_iterable((*unsure, *count.missing) for count, unsure in anybodys))
    return found, [(Quantity(fewest, None), gaps)] if anybodys else []


@metric("team", NUMBER, "", "M36", name="bus-factor")
def team_bus_factor(facts: Facts, team: Team) -> Quantity:
    """Smallest number of people who can do one of the team's manual steps.

    Definition: least `known-by` over the manual steps of MAIN that the team does. Range: 0 to
    unbounded. Unknown when it does none, or nobody said.

    Source: article, "only be performed by two people"; truck factor.
    """
    by_team, anybodys = _manual_steps(facts)
    counts = [*by_team.get(team, ()), *anybodys]
    gaps = merged(merge(unsure, count.missing) for count, unsure in counts)
    if all(unsure for _, unsure in counts):
        return Quantity(None, None, gaps)  # perhaps it does none
    low = min(count.low or 0 for count, _ in counts)
    highs = [count.high for count, unsure in counts if not unsure and count.high is not None]
    high = min(highs, default=None)
    return Quantity(low, high, () if low == high else gaps)
