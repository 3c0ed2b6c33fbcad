"""Four questions about one organisation, asked of several engines.

    python benchmarks/questions.py rules 1000      # engine and number of teams; prints JSON

(a) teams with at least three distinct blocking providers, (b) streams whose owners are not exactly
one, (c) teams through which at least three streams wait for more than 60 % of a step's lead time,
(d) rings of dependencies. The floor is plain Python over tuples, with every threshold written in.
The rules are those in `questions/`. Evidence and messages are not counted, nor is reading.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Hashable
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

TRIBE = 30
Answers = dict[str, int]


class World(NamedTuple):
    """An organisation as tuples: what depends on what, who owns a stream, what steps take."""

    teams: int
    streams: int
    needs: list[tuple[int, int, bool]]
    owners: list[tuple[int, int]]
    steps: list[tuple[int, int, int, int]]


def world(teams: int, seed: int = 7) -> World:
    """The organisation of that size: about five dependencies a team, most inside a tribe."""
    chance = random.Random(seed * 1_000_003 + teams)
    platforms = max(3, teams // 100)
    needs: dict[tuple[int, int], bool] = {}
    for team in range(1, teams):
        base = team // TRIBE * TRIBE
        for _ in range(max(0, int(chance.gauss(5, 2)))):
            local = team > base and chance.random() > 0.2
            to = chance.randrange(base, team) if local else chance.randrange(min(platforms, team))
            needs[team, to] = chance.random() < 0.6
    for base in range(0, teams - TRIBE, TRIBE):
        if chance.random() < 0.1:
            ring = chance.sample(range(base, base + TRIBE), chance.randint(2, 5))
            needs.update(((a, b), True) for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
    streams = max(1, teams // 3)
    owners: list[tuple[int, int]] = []
    steps: list[tuple[int, int, int, int]] = []
    for stream in range(streams):
        base = chance.randrange(teams) // TRIBE * TRIBE
        local = range(base, min(teams, base + TRIBE))
        number = min(len(local), chance.choices((0, 1, 2), (5, 85, 10))[0])
        owners += [(stream, team) for team in chance.sample(local, number)]
        for _ in range(6):
            by = chance.randrange(platforms) if chance.random() < 0.15 else chance.choice(local)
            process = chance.randint(10, 480)
            steps.append((stream, by, process, int(process / chance.uniform(0.05, 1))))
    return World(teams, streams, [(a, b, c) for (a, b), c in needs.items()], owners, steps)


# --- engines: each prepares, and returns the function that is measured ----------------------------


def plain(given: World) -> Callable[[], Answers]:
    """Dictionaries and sets, one pass for each question."""

    def answer() -> Answers:
        providers: dict[int, set[int]] = defaultdict(set)
        waits: dict[int, set[int]] = defaultdict(set)
        ahead: dict[int, list[int]] = defaultdict(list)
        for team, other, blocking in given.needs:
            ahead[team].append(other)
            if blocking:
                providers[team].add(other)
        count = [0] * given.streams
        for stream, _ in given.owners:
            count[stream] += 1
        for stream, team, process, lead in given.steps:
            if (lead - process) / lead > 0.6:
                waits[team].add(stream)
        return {
            "a": sum(len(found) >= 3 for found in providers.values()),
            "b": sum(number != 1 for number in count),
            "c": sum(len(found) >= 3 for found in waits.values()),
            "d": _rings(given.teams, ahead),
        }

    return answer


def _rings(number: int, ahead: dict[int, list[int]]) -> int:
    """How many strongly connected groups have more than one member (Tarjan, on arrays)."""
    index, low, on = [0] * number, [0] * number, bytearray(number)
    stack: list[int] = []
    found, clock = 0, 1
    for root in range(number):
        if index[root]:
            continue
        index[root] = low[root] = clock
        clock += 1
        stack.append(root)
        on[root] = 1
        work = [(root, iter(ahead[root]))]
        while work:
            node, targets = work[-1]
            for to in targets:
                if not index[to]:
                    index[to] = low[to] = clock
                    clock += 1
                    stack.append(to)
                    on[to] = 1
                    work.append((to, iter(ahead[to])))
                    break
                if on[to] and index[to] < low[node]:
                    low[node] = index[to]
            else:
                work.pop()
                if work and low[node] < low[work[-1][0]]:
                    low[work[-1][0]] = low[node]
                if low[node] == index[node]:
                    size = len(stack) - stack.index(node) if stack[-1] != node else 1
                    found += size > 1
                    for member in stack[len(stack) - size :]:
                        on[member] = 0
                    del stack[len(stack) - size :]
    return found


def rules(given: World) -> Callable[[], Answers]:
    """The rules of orgdiag over the same organisation, read as a model."""
    from orgdiag.catalogue import catalogue
    from orgdiag.evaluate.engine import Engine
    from orgdiag.facts.columns import Facts
    from orgdiag.parse import parse
    from orgdiag.resolve import resolve
    from orgdiag.rule import load_rules
    from orgdiag.text.source import Source
    from orgdiag.whatif import operations

    org = resolve(
        [parse(Source("org.orgd", text(given)))], date(2026, 1, 31), operations=operations.forms()
    ).org
    names = ("many-providers", "not-one-owner", "streams-wait-here", "rings")
    asked = load_rules([Path(__file__).with_name("questions")]).only(names)
    words = catalogue()

    def answer() -> Answers:
        engine = Engine(asked, Facts(org), words)
        hits = [engine.result(asked.rules[name]).hits for name in names]
        return dict(zip("abcd", map(len, hits), strict=True))

    return answer


def text(given: World) -> str:
    """The organisation in the model language; dependencies stand between components as well."""
    needs: dict[int, list[tuple[int, str]]] = defaultdict(list)
    owners: dict[int, list[str]] = defaultdict(list)
    steps: dict[int, list[list[int]]] = defaultdict(list)
    for team, other, blocking in given.needs:
        needs[team].append((other, "blocking" if blocking else "ok"))
    for stream, team in given.owners:
        owners[stream].append(f"t{team}")
    for stream, *step in given.steps:
        steps[stream].append(step)
    lines = []
    for team in range(given.teams):
        wants = "".join(f"needs service from t{to} {{ effect {how} }} " for to, how in needs[team])
        links = ", ".join(f"c{to}" for to, _ in needs[team]) or "none"
        lines.append(f"team t{team} {{ {wants}}}\ncomponent c{team} {{ depends-on {links} }}")
    for stream in range(given.streams):
        work = " ".join(
            f"step s{place} {{ by t{by}; process {process}min; lead {lead}min }}"
            for place, (by, process, lead) in enumerate(steps[stream])
        )
        owner = ", ".join(owners[stream]) or "none"
        lines.append(f"stream s{stream} {{ owner {owner}; {work} }}")
    return "\n".join(lines)


def graph(given: World) -> Callable[[], Answers]:
    """A graph library as the store of facts, asked one vertex at a time."""
    import networkx as nx

    def answer() -> Answers:
        store: nx.MultiDiGraph[Hashable] = nx.MultiDiGraph()
        store.add_nodes_from(range(given.teams))
        store.add_edges_from((a, b, {"blocking": blocking}) for a, b, blocking in given.needs)
        flow: nx.MultiDiGraph[Hashable] = nx.MultiDiGraph()
        flow.add_nodes_from(("stream", stream) for stream in range(given.streams))
        flow.add_edges_from((("stream", s), team, {"owns": True}) for s, team in given.owners)
        flow.add_edges_from(
            (("stream", s), team, {"wait": (lead - work) / lead})
            for s, team, work, lead in given.steps
        )
        teams = [node for node in flow if isinstance(node, int)]
        waits = [
            {s for s, _, wait in flow.in_edges(team, data="wait", default=0) if wait > 0.6}
            for team in teams
        ]
        return {
            "a": sum(
                len({to for _, to, hard in store.out_edges(team, data="blocking") if hard}) >= 3
                for team in store
            ),
            "b": sum(
                sum(1 for *_, owns in flow.out_edges(node, data="owns") if owns) != 1
                for node in flow if isinstance(node, tuple)
            ),
            "c": sum(len(found) >= 3 for found in waits),
            "d": sum(len(part) > 1 for part in nx.strongly_connected_components(store)),
        }  # fmt: skip

    return answer


ASP = """
a(T) :- need(T,_,_), #count{O : need(T,O,1)} >= 3.
b(S) :- stream(S), not 1 #count{T : owner(S,T)} 1.
c(T) :- step(_,T,_,_), #count{S : step(S,T,P,L), (L-P)*100 > 60*L} >= 3.
reach(X,Y) :- need(X,Y,_).
reach(X,Z) :- reach(X,Y), need(Y,Z,_).
d(X) :- reach(X,X).
#show a/1. #show b/1. #show c/1. #show d/1.
"""


def clingo(given: World) -> Callable[[], Answers]:
    """Answer set programming; (d) counts the members of rings."""
    import clingo as asp

    def answer() -> Answers:
        facts = [f"stream(0..{given.streams - 1})."]
        facts += [f"need({a},{b},{int(blocking)})." for a, b, blocking in given.needs]
        facts += [f"owner({stream},{team})." for stream, team in given.owners]
        facts += ["step({},{},{},{}).".format(*step) for step in given.steps]
        control = asp.Control(["--warn=none"])
        control.add("base", [], "".join(facts) + ASP)
        control.ground([("base", [])])
        found: Answers = dict.fromkeys("abcd", 0)

        def count(model: Any) -> None:
            for symbol in model.symbols(shown=True):
                found[symbol.name] += 1

        control.solve(on_model=count)
        return found

    return answer


SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:> .
:A a sh:NodeShape ; sh:targetClass :Team ; sh:property [ sh:path :waitsFor ; sh:maxCount 2 ] .
:B a sh:NodeShape ; sh:targetClass :Stream ;
   sh:property [ sh:path :owner ; sh:minCount 1 ; sh:maxCount 1 ] .
"""


def pyshacl(given: World) -> Callable[[], Answers]:
    """SHACL shapes; only (a) and (b) can be said without queries."""
    import pyshacl as shacl
    import rdflib

    name = rdflib.Namespace("urn:")

    def answer() -> Answers:
        data, shapes = rdflib.Graph(), rdflib.Graph().parse(data=SHAPES, format="turtle")
        for team in range(given.teams):
            data.add((name[f"t{team}"], rdflib.RDF.type, name.Team))
        for stream in range(given.streams):
            data.add((name[f"s{stream}"], rdflib.RDF.type, name.Stream))
        for team, other, blocking in given.needs:
            if blocking:
                data.add((name[f"t{team}"], name.waitsFor, name[f"t{other}"]))
        for stream, team in given.owners:
            data.add((name[f"s{stream}"], name.owner, name[f"t{team}"]))
        _, report, _ = shacl.validate(data, shacl_graph=shapes)
        sh = rdflib.Namespace("http://www.w3.org/ns/shacl#")
        paths = [report.value(result, sh.resultPath) for result in report.subjects(sh.sourceShape)]
        return {"a": paths.count(name.waitsFor), "b": paths.count(name.owner)}

    return answer


ENGINES: dict[str, Callable[[World], Callable[[], Answers]]] = {
    "plain": plain, "rules": rules, "networkx": graph, "clingo": clingo, "pyshacl": pyshacl,
}  # fmt: skip


def installed() -> list[str]:
    """The engines that can be asked here."""
    return [name for name in ENGINES if name in {"plain", "rules"} or find_spec(name)]


def main() -> None:
    """Asks one engine, five times when that is quick; prints the best time and the answers."""
    name, teams = sys.argv[1], int(sys.argv[2])
    answer = ENGINES[name](world(teams))
    times: list[float] = []
    while not times or (len(times) < 5 and sum(times) < 2):
        start = time.process_time()
        found = answer()
        times.append(time.process_time() - start)
    print(json.dumps({"cpu": min(times), "answers": found}))


if __name__ == "__main__":
    main()
