"""Who waits for whom: a matrix ordered by clusters, the whole picture, and neighbourhoods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from orgdiag.documents.sections.words import UNKNOWN, Words, name_of
from orgdiag.drawing.network import Link, Node
from orgdiag.facts import costs
from orgdiag.facts import dependencies as relation
from orgdiag.facts.columns import Facts
from orgdiag.facts.grounds import Dependency
from orgdiag.finding import Finding
from orgdiag.frozen import frozen
from orgdiag.metrics.groups import best_partition
from orgdiag.model.elements import Team
from orgdiag.partial.unknown import Unknown

# Above this many teams the picture shows groups. (interface: "up to 60 teams")
MOST: Final = 60
# With more dependencies than these the picture shows the blocking ones alone.
DRAWN: Final = 60
NEIGHBOURHOODS: Final = 8
NEIGHBOURS: Final = 12
UNGROUPED: Final = "no group"

# Kinds of dependency, each with its letter and what it means.
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "blocking": ("B", "regular work waits"),
    "selfserve": ("S", "self-service: nobody has to be asked"),
    "other": ("o", "occasional, or it only slows down"),
    "unclear": ("?", "nobody said whether regular work waits"),
}


@frozen
class Cell:
    """One dependency: its kind, its letter or number, and a sentence about it."""

    kind: str
    letter: str
    tip: str


@frozen
class MatrixRow:
    """Who needs: a name, the cell for each column (None: no dependency), the number of cluster."""

    name: str
    cluster: int
    cells: tuple[Cell | None, ...]
    blocking: int


@frozen
class Edge:
    """One dependency in the table; all texts."""

    consumer: str
    provider: str
    kind: str
    frequency: str
    wait: str
    because: str


@frozen
class Neighbourhood:
    """A team with those it waits for and those who wait for it."""

    name: str
    sentence: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]


@frozen
class Dependencies:
    """The dependencies between teams, or between groups where there are too many teams.

    of       team or group: what the matrix and the picture are made of
    columns  the names along the matrix, in the order of its rows
    left_out how many teams or groups have no place, since they have fewest dependencies
    partial  whether the picture shows blocking dependencies alone
    """

    of: str
    rows: tuple[MatrixRow, ...]
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    edges: tuple[Edge, ...]
    counts: Mapping[str, int]
    left_out: int
    partial: bool
    neighbourhoods: tuple[Neighbourhood, ...]


def dependencies(facts: Facts, findings: Iterable[Finding], words: Words) -> Dependencies:
    """The dependencies of the organisation."""
    found = [
        item
        for team in facts.org.teams.values()
        for item in relation.dependencies(facts, team).certain
    ]
    kinds = {item.id: kind_of(facts, item) for item in found}
    flagged = _flagged(findings)
    counts = Counter(kinds.values())
    if len({t for item in found for t in (item.consumer.id, item.provider.id)}) <= MOST:
        return _of_teams(facts, found, kinds, flagged, counts, words)
    return _of_groups(facts, found, kinds, flagged, counts, words)


def kind_of(facts: Facts, item: Dependency) -> str:
    """blocking, selfserve, other, or unclear where the model does not say."""
    blocks = relation.blocks(facts, item)
    if blocks is True:
        return "blocking"
    if relation.selfserve(facts, item) is True:
        return "selfserve"
    return "unclear" if isinstance(blocks, Unknown) else "other"


def _flagged(findings: Iterable[Finding]) -> Mapping[str, int]:
    """How many findings each team has."""
    return Counter(f.subject.id for f in findings if f.subject.kind == "team")


# --- teams ----------------------------------------------------------------------------------------


def _of_teams(
    facts: Facts,
    found: Sequence[Dependency],
    kinds: Mapping[str, str],
    flagged: Mapping[str, int],
    counts: Mapping[str, int],
    words: Words,
) -> Dependencies:
    order = _clustered(facts, found)
    cells = {
        (item.consumer.id, item.provider.id): _cell(facts, item, kinds[item.id], words)
        for item in found
    }
    waits = Counter(item.consumer.id for item in found if kinds[item.id] == "blocking")
    teams = facts.org.teams
    rows = tuple(
        MatrixRow(
            name_of(teams[id]),
            cluster,
            tuple(cells.get((id, other)) for other, _ in order),
            waits[id],
        )
        for id, cluster in order
    )  # fmt: skip
    drawn = [item for item in found if len(found) <= DRAWN or kinds[item.id] == "blocking"]
    shown = {team for item in drawn for team in (item.consumer.id, item.provider.id)}
    nodes = tuple(_node(teams[id], flagged) for id, _ in order if id in shown)
    links = tuple(_link(facts, item, kinds[item.id], words) for item in drawn)
    return Dependencies(
        "team", rows, nodes, links, tuple(_edges(facts, found, kinds, words)), counts, 0,
        len(drawn) < len(found),
        tuple(_neighbourhoods(facts, found, kinds, flagged, words)),
    )  # fmt: skip


def _clustered(facts: Facts, found: Sequence[Dependency]) -> list[tuple[str, int]]:
    """The teams that have a dependency, by cluster; inside one, those who wait most come first."""
    weight: Counter[str] = Counter()
    for item in found:
        weight[item.consumer.id] -= 1
        weight[item.provider.id] += 1
    order: list[tuple[str, int]] = []
    seen: set[str] = set()
    parts = [part for part in best_partition(facts) if part]
    rest = tuple(id for id in sorted(weight) if not any(id in part for part in parts))
    for number, part in enumerate((*parts, rest)):
        for id in sorted(part, key=lambda id: (weight[id], id)):
            if id not in seen:
                seen.add(id)
                order.append((id, number))
    return order


def _cell(facts: Facts, item: Dependency, kind: str, words: Words) -> Cell:
    letter, meaning = KINDS[kind]
    wait = words.time(costs.wait(facts, item))
    delay = f", waits {wait} each time" if wait != UNKNOWN and kind == "blocking" else ""
    return Cell(
        kind, letter, f"{name_of(item.consumer)} needs {name_of(item.provider)}: {meaning}{delay}"
    )


def _node(team: Team, flagged: Mapping[str, int]) -> Node:
    number = flagged.get(team.id, 0)
    note = f"{number} {'finding' if number == 1 else 'findings'}" if number else ""
    return Node(team.id, name_of(team), note, "flagged" if number else "")


def _link(facts: Facts, item: Dependency, kind: str, words: Words) -> Link:
    tip = _cell(facts, item, kind, words).tip
    return Link(item.consumer.id, item.provider.id, kind, tip)


def _edges(
    facts: Facts, found: Iterable[Dependency], kinds: Mapping[str, str], words: Words
) -> Iterator[Edge]:
    for item in found:
        yield Edge(
            name_of(item.consumer),
            name_of(item.provider),
            KINDS[kinds[item.id]][1],
            words.rate(costs.frequency(facts, item)),
            words.time(costs.wait(facts, item)),
            "; ".join(ground.sentence for ground in item.grounds if ground.holds is True),
        )


# --- groups ---------------------------------------------------------------------------------------


def _of_groups(
    facts: Facts,
    found: Sequence[Dependency],
    kinds: Mapping[str, str],
    flagged: Mapping[str, int],
    counts: Mapping[str, int],
    words: Words,
) -> Dependencies:
    home = {team.id: _group(team) for team in facts.org.teams.values()}
    between: Counter[tuple[str, str]] = Counter()
    for item in found:
        if kinds[item.id] == "blocking":
            between[home[item.consumer.id], home[item.provider.id]] += 1
    degree: Counter[str] = Counter()
    for (source, target), number in between.items():
        degree[source] += number
        degree[target] += number
    every = sorted(degree, key=lambda id: (-degree[id], id))
    kept = sorted(every[:MOST])
    names = {id: name_of(facts.org.groups[id]) if id in facts.org.groups else id for id in kept}
    rows = tuple(_group_row(id, place, kept, names, between) for place, id in enumerate(kept))
    size = Counter(home.values())
    nodes = tuple(Node(id, names[id], f"{size[id]} teams") for id in kept)
    links = tuple(
        Link(a, b, "blocking", f"{names[a]} waits for {names[b]}: {n} dependencies", str(n))
        for (a, b), n in sorted(between.items())
        if a != b and a in names and b in names
    )
    return Dependencies(
        "group", rows, nodes, links, (), counts, len(every) - len(kept), True,
        tuple(_neighbourhoods(facts, found, kinds, flagged, words)),
    )  # fmt: skip


def _group(team: Team) -> str:
    """The first group of a team."""
    named = [id for id in team.in_ if isinstance(id, str)] if isinstance(team.in_, tuple) else []
    return named[0] if named else UNGROUPED


def _group_row(
    id: str,
    place: int,
    kept: Sequence[str],
    names: Mapping[str, str],
    between: Mapping[tuple[str, str], int],
) -> MatrixRow:
    cells = tuple(
        Cell("blocking", str(between[id, other]), f"{names[id]} waits for {names[other]}")
        if (id, other) in between
        else None
        for other in kept
    )
    return MatrixRow(names[id], place, cells, sum(n for (a, _), n in between.items() if a == id))


# --- neighbourhoods -------------------------------------------------------------------------------


def _neighbourhoods(
    facts: Facts,
    found: Iterable[Dependency],
    kinds: Mapping[str, str],
    flagged: Mapping[str, int],
    words: Words,
) -> Iterator[Neighbourhood]:
    """The surroundings of the flagged teams with most dependencies that make work wait."""
    near: dict[str, list[Dependency]] = {}
    for item in found:
        for id in (item.consumer.id, item.provider.id):
            if flagged.get(id):
                near.setdefault(id, []).append(item)
    blocking = {id: sum(kinds[i.id] == "blocking" for i in items) for id, items in near.items()}
    chosen = sorted(
        (id for id in near if blocking[id] and len(near[id]) > 1),
        key=lambda id: (-blocking[id], id),
    )
    for id in chosen[:NEIGHBOURHOODS]:
        yield _neighbourhood(facts, facts.org.teams[id], near[id], kinds, flagged, words)


def _neighbourhood(
    facts: Facts,
    team: Team,
    near: Sequence[Dependency],
    kinds: Mapping[str, str],
    flagged: Mapping[str, int],
    words: Words,
) -> Neighbourhood:
    ranked = sorted(near, key=lambda item: (kinds[item.id] != "blocking", item.id))
    outgoing = [item for item in ranked if item.consumer is team]
    incoming = [item for item in ranked if item.provider is team]
    shown = [*outgoing[:NEIGHBOURS], *incoming[:NEIGHBOURS]]
    others = dict.fromkeys(
        other for item in shown for other in (item.consumer, item.provider) if other is not team
    )
    waits = sum(kinds[item.id] == "blocking" for item in outgoing)
    awaited = sum(kinds[item.id] == "blocking" for item in incoming)
    more = len(near) - len(shown)
    return Neighbourhood(
        name_of(team),
        f"waits for {waits}, is waited for by {awaited}" + (f"; {more} not drawn" if more else ""),
        (_centre(team, flagged), *(_node(other, flagged) for other in others)),
        tuple(_link(facts, item, kinds[item.id], words) for item in shown),
    )


def _centre(team: Team, flagged: Mapping[str, int]) -> Node:
    return _node(team, flagged)._replace(kind="centre")
