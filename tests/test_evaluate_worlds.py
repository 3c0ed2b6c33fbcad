"""The evaluator against every world that the missing data allow.

Small organisations with gaps are made at random, and random conditions about them. A slow, obvious
evaluator that shares no code with the engine reads the same text in every completed world. What the
engine calls certain must hold in all worlds, what it denies in none; without gaps both must agree.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orgdiag.catalogue import gather
from orgdiag.evaluate.engine import Engine
from orgdiag.evaluate.run import UNSET
from orgdiag.model.elements import Calendar
from orgdiag.model.fields import Field
from orgdiag.model.types import FLAG, NUMBER, to_many, word
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import Missing, Unknown
from orgdiag.rule import read
from orgdiag.rule.load import check_files
from orgdiag.rule.rule import File
from orgdiag.rule.tree import Node
from orgdiag.text.source import Source, Span

COLOURS = ("red", "blue")
SIZES = (0, 1, 2)


@dataclass(eq=False)
class Team:
    """A team whose every fact is a list of the values that it may have."""

    id: str
    sizes: list[int]
    hot: list[bool]
    colours: list[str]
    links: list[frozenset[str]]
    kind: str = "team"
    name: str = ""
    span: Span = field(default_factory=lambda: Span(Source("m", "team"), 0, 4))
    places: dict[str, Span] = field(default_factory=dict)


def gap(team: Team, word: str) -> tuple[Missing, ...]:
    return (Missing("team", team.id, word),)


def size_of(facts: Any, team: Team) -> Quantity:
    low, high = min(team.sizes), max(team.sizes)
    return Quantity(low, high, () if low == high else gap(team, "size"))


def one_of(values: list[Any], gaps: tuple[Missing, ...]) -> Any:
    return values[0] if len(values) == 1 else Unknown(gaps)


def links_of(facts: Any, team: Team) -> Members:
    certain = frozenset.intersection(*team.links)
    possible = frozenset.union(*team.links) - certain
    teams = facts.org.teams
    return Members(
        tuple(teams[id] for id in sorted(certain)),
        tuple(teams[id] for id in sorted(possible)),
        gap(team, "links") if possible else (),
    )


WORDS = gather(
    [
        Field("team", "size", NUMBER, "", size_of, "property"),
        Field("team", "hot", FLAG, "", lambda f, t: one_of(t.hot, gap(t, "hot")), "property"),
        Field(
            "team", "colour", word(*COLOURS), "",
            lambda f, t: one_of(t.colours, gap(t, "colour")), "property",
        ),
        Field("team", "links", to_many("team"), "", links_of, "relation"),
    ]
)  # fmt: skip


def facts_of(teams: list[Team]) -> Any:
    by_id = {team.id: team for team in teams}
    org = SimpleNamespace(
        teams=by_id, of_kind=lambda kind: by_id, calendar=Calendar(), kind="organisation"
    )
    return SimpleNamespace(org=org)


SIGNS = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq,
    "!=": operator.ne,
}  # fmt: skip

# --- random organisations and conditions ----------------------------------------------------------

IDS = ("a", "b", "c")


@st.composite
def organisations(draw: st.DrawFn, gaps: int = 3) -> list[Team]:
    """Three teams; so many of their facts have a second value that they may have."""
    facts = {
        "sizes": st.sampled_from(SIZES),
        "hot": st.booleans(),
        "colours": st.sampled_from(COLOURS),
        "links": st.frozensets(st.sampled_from(IDS), max_size=2),
    }
    known = {id: {word: [draw(values)] for word, values in facts.items()} for id in IDS}
    for _ in range(gaps):
        id, word = draw(st.sampled_from(IDS)), draw(st.sampled_from(sorted(facts)))
        other = draw(facts[word])
        if len(known[id][word]) == 1 and other not in known[id][word]:
            known[id][word].append(other)
    return [Team(id, **known[id]) for id in IDS]


def numbers(draw: st.DrawFn, names: tuple[str, ...], depth: int) -> str:
    """A random number about the names."""
    x, new = draw(st.sampled_from(names)), f"x{len(names)}"
    forms = ["1", "2", f"{x}.size", f"count({x}.links)"]
    if depth:
        forms += [
            f"sum({new}.size for each {new} in {x}.links)",
            f"max({x}.size, 1)",
            f"count({x}.links.links)",
            f"count({x}.links transitively)",
            f"depth({x}.links)",
            "add",
            "count",
        ]
    form = draw(st.sampled_from(forms))
    if form == "add":
        return f"({numbers(draw, names, depth - 1)} + {numbers(draw, names, depth - 1)})"
    if form == "count":
        inner = condition(draw, (*names, new), depth - 1)
        return f"count({new} for each {new} in {x}.links where {inner})"
    return form


def sets(draw: st.DrawFn, names: tuple[str, ...]) -> str:
    """A random set of teams."""
    x, y = draw(st.sampled_from(names)), draw(st.sampled_from(names))
    forms = [f"{x}.links", "all teams", f"({x}.links without {y}.links)"]
    forms += [f"({x}.links union {y}.links)", f"({x}.links transitively)", f"{x}.links.links"]
    return draw(st.sampled_from(forms))


HOW = (
    "no", "some", "at least 1", "at least 2", "at most 1", "more than 1", "fewer than 2",
    "exactly 1",
)  # fmt: skip


def condition(draw: st.DrawFn, names: tuple[str, ...], depth: int) -> str:
    """A random condition about the names."""
    x, y = draw(st.sampled_from(names)), draw(st.sampled_from(names))
    forms = [
        f"{x}.hot", f"{x} is not hot", f"{x}.colour = {draw(st.sampled_from(COLOURS))}",
        f"{x}.colour != {y}.colour", f"{x}.colour in {{red}}",
        f"{x} reaches {y} through team.links",
        "member", "meets", "empty", "compare",
    ]  # fmt: skip
    form = draw(st.sampled_from(forms + ["some", "every", "and", "or", "not"] * min(depth, 1)))
    if form == "member":
        return f"{x} in {sets(draw, names)}"
    if form == "meets":
        return f"{sets(draw, names)} meets {sets(draw, names)}"
    if form == "empty":
        return f"{sets(draw, names)} is empty"
    if form == "compare":
        sign = draw(st.sampled_from(tuple(SIGNS)))
        return f"{numbers(draw, names, depth)} {sign} {numbers(draw, names, depth)}"
    new = f"x{len(names)}"
    if form == "some":
        inner = condition(draw, (*names, new), depth - 1)
        return f"({draw(st.sampled_from(HOW))} {new} in {sets(draw, names)} where {inner})"
    if form == "every":
        inner = condition(draw, (*names, new), depth - 1)
        return f"(every {new} in {sets(draw, names)} satisfies {inner})"
    if form in {"and", "or"}:
        return f"({condition(draw, names, depth - 1)} {form} {condition(draw, names, depth - 1)})"
    return f"not ({condition(draw, names, depth - 1)})" if form == "not" else form


@st.composite
def conditions(draw: st.DrawFn) -> str:
    """A random condition about `team`."""
    return condition(draw, ("team",), 2)


# --- the obvious evaluator ------------------------------------------------------------------------


def worlds(teams: list[Team]) -> Iterator[dict[str, dict[str, Any]]]:
    choices = [product(team.sizes, team.hot, team.colours, team.links) for team in teams]
    for picked in product(*choices):
        yield {
            team.id: {"size": size, "hot": hot, "colour": colour, "links": set(links)}
            for team, (size, hot, colour, links) in zip(teams, picked, strict=True)
        }


COUNTS = {
    "q_no": lambda n, k: n == 0, "q_some": lambda n, k: n > 0, "q_at_least": lambda n, k: n >= k,
    "q_at_most": lambda n, k: n <= k, "q_more": lambda n, k: n > k, "q_fewer": lambda n, k: n < k,
    "q_exactly": lambda n, k: n == k,
}  # fmt: skip


class World:
    """Evaluates a syntax tree where everything is known."""

    def __init__(self, facts: dict[str, dict[str, Any]]) -> None:
        self.facts = facts

    def value(self, node: Node, names: dict[str, Any]) -> Any:
        op = node.op
        part = lambda i: self.value(node.part(i), names)  # noqa: E731
        if op == "name":
            text = node.part(0).text
            return names.get(text, text)
        if op == "quantity_literal":
            return int(node.part(0).text)
        if op == "all_of_kind":
            return set(self.facts)
        if op == "field":
            return self.field(part(0), node.part(1).text)
        if op == "closure":
            return self.closure(node.part(0), names)
        if op == "set":
            return {self.value(item, names) for item in node.parts}
        if op == "add":
            return part(0) + part(1)
        if op == "union":
            return part(0) | part(1)
        if op == "without":
            return part(0) - part(1)
        if op == "compare":
            return SIGNS[node.part(1).text](part(0), part(2))
        if op == "member":
            return part(0) in part(1)
        if op == "meets":
            return bool(part(0) & part(1))
        if op == "is_":
            return not part(0)
        if op == "is_not":
            return not self.facts[part(0)][node.part(1).text]
        if op == "not_":
            return not part(0)
        if op == "all_of":
            return all(self.value(item, names) for item in node.parts)
        if op == "any_of":
            return any(self.value(item, names) for item in node.parts)
        if op == "reaches":
            return part(1) in self.reached(part(0))
        if op == "call":
            return self.call(node, names)
        if op == "quantified":
            quantity, bind = node.part(0), node.part(1)
            number = self.value(quantity.part(0), names) if quantity.args else 0
            return COUNTS[quantity.op](len(list(self.bound(bind, node.part(2), names))), number)
        assert op == "every", op
        return len(list(self.bound(node.part(0), node.part(2), names))) == len(
            self.value(node.part(0).part(1), names)
        )

    def field(self, base: Any, name: str) -> Any:
        if isinstance(base, set):
            return set().union(*(self.facts[item][name] for item in base))
        return self.facts[base][name]

    def reached(self, start: str) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            for item in self.facts[waiting.pop()]["links"] - found:
                found.add(item)
                waiting.append(item)
        return found

    def depth(self, start: str) -> int:
        """The longest chain, by trying all; what leads to each other counts as one."""
        ring = {start} | {x for x in self.reached(start) if start in self.reached(x)}
        beyond = {to for item in ring for to in self.facts[item]["links"]} - ring
        return max((1 + self.depth(to) for to in beyond), default=0)

    def closure(self, node: Node, names: dict[str, Any]) -> set[str]:
        return self.reached(self.value(node.part(0), names))

    def bound(
        self, bind: Node, where: Node | None, names: dict[str, Any]
    ) -> Iterator[dict[str, Any]]:
        for item in self.value(bind.part(1), names):
            inner = {**names, bind.part(0).text: item}
            if where is None or self.value(where, inner):
                yield inner

    def call(self, node: Node, names: dict[str, Any]) -> Any:
        name, *arguments = node.parts
        if name.text == "depth":
            return self.depth(self.value(arguments[0].part(0), names))
        if arguments[0].op == "collect":
            value, each = arguments[0].parts
            ways = list(self.bound(each.part(0).part(0), each.args[1], names))
            if name.text == "count":
                return len({self.value(value, way) for way in ways})
            return sum(self.value(value, way) for way in ways)
        found = [self.value(argument, names) for argument in arguments]
        return len(found[0]) if name.text == "count" else max(found)


# --- the promises ---------------------------------------------------------------------------------

HEAD = 'rule r { title "r" severity info kind structure why "w" check each team flag team when '


def verdicts(teams: list[Team], condition: str) -> dict[str, tuple[int, int, tuple[Missing, ...]]]:
    """For each team the verdict of the fast and of the explaining evaluator, and the gaps."""
    text = f'{HEAD}{condition} message "{{team}}" }}'
    rules, problems = check_files([File(Source("<text>", text), "", "g", "<text>")], WORDS)
    assert problems == [], (condition, problems)
    rule = rules.rules["r"]
    engine = Engine(rules, facts_of(teams), WORDS)
    found = {}
    for hit in engine.every(rule):
        (flag,) = engine.teller.part(rule, "flag")
        env = [*hit.envs[0]]
        env[2:] = [UNSET] * (len(env) - 2)
        told = engine.explainer.verdict(engine.explainer.compiler(rule), flag.args[2], env)
        found[hit.subject.id] = hit.truth, told.truth, told.gaps
    return found


@given(organisations(), conditions())
def test_what_is_certain_holds_in_every_world(teams: list[Team], condition: str) -> None:
    tree = read.parse(read.lexemes(condition), "value")
    outcomes: dict[str, set[bool]] = {team.id: set() for team in teams}
    for facts in worlds(teams):
        world = World(facts)
        for id, seen in outcomes.items():
            seen.add(bool(world.value(tree, {"team": id})))
    for id, (fast, told, gaps) in verdicts(teams, condition).items():
        assert fast == told, (condition, id)
        if fast == 2:
            assert outcomes[id] == {True}, (condition, id)
        elif fast == 0:
            assert outcomes[id] == {False}, (condition, id)
        else:
            assert gaps, (condition, id)


@given(organisations(gaps=0), conditions())
def test_without_gaps_nothing_stays_open(teams: list[Team], condition: str) -> None:
    tree = read.parse(read.lexemes(condition), "value")
    [facts] = worlds(teams)
    world = World(facts)
    for id, (fast, told, _) in verdicts(teams, condition).items():
        assert (fast, told) == ((2, 2) if world.value(tree, {"team": id}) else (0, 0)), condition


@given(organisations(), conditions())
def test_what_is_named_as_missing_settles_the_verdict(teams: list[Team], condition: str) -> None:
    for id, (fast, _, gaps) in verdicts(teams, condition).items():
        named = {(missing.id, missing.property) for missing in gaps}
        for settled in settlements(teams, named) if fast == 1 else ():
            assert verdicts(settled, condition)[id][0] != 1, (condition, id)


def settlements(teams: list[Team], named: set[tuple[str, str]]) -> Iterator[list[Team]]:
    """The teams with each of the named facts settled, in every way."""
    words = {"size": "sizes", "hot": "hot", "colour": "colours", "links": "links"}
    facts = [(team, words[word]) for team in teams for word in words if (team.id, word) in named]
    for picked in product(*[getattr(team, attribute) for team, attribute in facts]):
        given_now: dict[str, dict[str, Any]] = {team.id: {} for team in teams}
        for (team, attribute), value in zip(facts, picked, strict=True):
            given_now[team.id][attribute] = [value]
        yield [replace(team, **given_now[team.id]) for team in teams]
