"""Paths, visits, ratios and the ledger, held against slower ways to compute the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product
from random import Random

import pytest
from reading import resolve
from sample import sample

from orgdiag.catalogue import catalogue
from orgdiag.facts.columns import Facts
from orgdiag.facts.visits import Loop, expected_visits
from orgdiag.metrics.extremes import part_and_whole, quotient
from orgdiag.metrics.ledger import ledger, wait_by, wait_lines
from orgdiag.metrics.paths import Network, Reduction, critical_paths, longest, shortening
from orgdiag.parse import parse
from orgdiag.partial.quantity import ZERO, Quantity, ratio, total
from orgdiag.partial.unknown import Missing
from orgdiag.text.source import Source

Path = tuple[str, ...]


# --- visits against the absorbing Markov chain ----------------------------------------------------


def markov_visits(count: int, loops: list[tuple[int, int, Fraction]]) -> list[Fraction]:
    """The expected visits of a chain, from (I − Pᵀ) v = e₁ by elimination."""
    rows = [[Fraction(int(i == j)) for j in range(count)] + [Fraction(0)] for i in range(count)]
    rows[0][count] = Fraction(1)
    for i in range(count):
        back = sum(share for at, _, share in loops if at == i)
        if i + 1 < count:
            rows[i + 1][i] -= 1 - back
        for at, to, share in loops:
            if at == i:
                rows[to][i] -= share
    for column in range(count):
        pivot = next(row for row in range(column, count) if rows[row][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(count):
            if row != column and rows[row][column]:
                factor = rows[row][column] / rows[column][column]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column])]
    return [rows[i][count] / rows[i][i] for i in range(count)]


@pytest.mark.parametrize("seed", sample(range(200), 5))
def test_visits_are_those_of_the_absorbing_chain(seed: int) -> None:
    random = Random(seed)
    count = random.randint(2, 9)
    loops: list[tuple[int, int, Fraction]] = []
    for at in range(count):
        left = Fraction(95, 100)
        for _ in range(random.randint(0, 2)):
            share = Fraction(random.randint(1, 60), 100)
            if share < left:
                loops.append((at, random.randint(0, at), share))
                left -= share
    found = expected_visits(
        [str(i) for i in range(count)],
        [
            Loop(str(at), Quantity.of(share), {str(k) for k in range(to, at + 1)})
            for at, to, share in loops
        ],
    )
    assert [found[str(i)].value for i in range(count)] == markov_visits(count, loops)


# --- paths against all paths ----------------------------------------------------------------------


def random_network(random: Random, unknown: bool) -> Network:
    """An acyclic network of up to eight nodes, some lengths ranges or without an upper bound."""
    names = "abcdefgh"[: random.randint(1, 8)]
    before = {
        name: tuple(other for other in names[:place] if random.random() < 0.45)
        for place, name in enumerate(names)
    }

    def length() -> Quantity:
        low, kind = random.randint(0, 6), random.random()
        if not unknown or kind < 0.5:
            return Quantity(low, low)
        return Quantity(low, None if kind > 0.8 else low + random.randint(1, 5))

    gaps = {
        (other, name): length()
        for name in names for other in before[name] if random.random() < 0.3
    }  # fmt: skip
    return Network(tuple(names), before, {name: length() for name in names}, gaps)


def all_paths(network: Network) -> list[Path]:
    """Every path from a start to an end."""
    after: dict[str, list[str]] = {node: [] for node in network.nodes}
    for node in network.nodes:
        for other in network.before[node]:
            after[other].append(node)

    def onward(path: Path) -> Iterator[Path]:
        if not after[path[-1]]:
            yield path
        for node in after[path[-1]]:
            yield from onward((*path, node))

    starts = [node for node in network.nodes if not network.before[node]]
    return [path for start in starts for path in onward((start,))]


def along(network: Network, path: Path) -> Fraction:
    whole = sum(network.lengths[node].value for node in path)
    return Fraction(whole + sum(network.gaps[e].value for e in pairwise(path) if e in network.gaps))


FAR = 1000


def completions(network: Network, random: Random, count: int) -> Iterator[Network]:
    """The corners of what the unknown lengths could be when few, else a sample with extremes."""

    def choices(length: Quantity) -> tuple[int | Fraction, ...]:
        low, high = length.low or 0, FAR if length.high is None else length.high
        return (low,) if low == high else (low, high)

    parts = [*network.lengths.values(), *network.gaps.values()]
    options = [choices(part) for part in parts]
    corners = list(product(*options)) if 2 ** sum(len(o) > 1 for o in options) <= count else [
        tuple(random.choice(option) for option in options) for _ in range(count)
    ]  # fmt: skip
    for corner in corners:
        values = [Quantity.of(value) for value in corner]
        nodes = dict(zip(network.lengths, values))
        gaps = dict(zip(network.gaps, values[len(nodes) :]))
        yield replace(network, lengths=nodes, gaps=gaps)


@pytest.mark.parametrize("seed", sample(range(200), 5))
def test_the_longest_path_contains_every_completion_and_reaches_both_ends(seed: int) -> None:
    random = Random(seed)
    network = random_network(random, unknown=True)
    found = longest(network)
    lengths, leading = [], set()
    for complete in completions(network, random, 256):
        by_path = {path: along(complete, path) for path in all_paths(complete)}
        lengths.append(max(by_path.values()))
        leading |= {path for path, length in by_path.items() if length == lengths[-1]}
        assert longest(complete).value == lengths[-1]
    assert min(lengths) >= (found.low or 0)
    assert found.high is None or max(lengths) <= found.high
    critical = critical_paths(network)
    assert critical.complete
    assert leading <= set(critical.routes)
    corners = 2 ** sum(
        not part.exact for part in (*network.lengths.values(), *network.gaps.values())
    )
    if corners <= 256:
        assert min(lengths) == found.low
        assert max(lengths) == found.high if found.high is not None else max(lengths) >= FAR
        assert leading == set(critical.routes)


@pytest.mark.parametrize("seed", sample(range(200), 5))
def test_the_drag_of_a_set_contains_every_completion_and_reaches_both_ends(seed: int) -> None:
    random = Random(seed)
    network = random_network(random, unknown=True)
    chosen = {node for node in network.nodes if random.random() < 0.5}
    work = {node: Quantity.of(min(1, network.lengths[node].low or 0)) for node in chosen}
    found = shortening(network, replace(network, lengths={**network.lengths, **work}))
    saved = []
    for complete in completions(network, random, 256):
        less = replace(complete, lengths={**complete.lengths, **work})
        saved.append(longest(complete).value - longest(less).value)
    assert min(saved) >= (found.low or 0)
    assert found.high is None or max(saved) <= found.high
    corners = 2 ** sum(
        not part.exact for part in (*network.lengths.values(), *network.gaps.values())
    )
    if corners <= 256:
        assert min(saved) == found.low
        assert max(saved) == found.high if found.high is not None else max(saved) > FAR // 2


@pytest.mark.parametrize("seed", sample(range(200), 5))
def test_what_a_reduction_saves_is_the_difference_of_the_two_networks(seed: int) -> None:
    random = Random(seed)
    network = random_network(random, unknown=seed % 2 == 0)
    if seed % 4 < 2:
        before = dict(zip(network.nodes, [(), *((node,) for node in network.nodes)]))
        gaps = {
            (other, node): Quantity(1, random.choice((1, None)), (Missing("gap", node, "wait"),))
            for node in reversed(network.nodes) for other in before[node] if random.random() < 0.5
        }  # fmt: skip
        network = replace(network, before=before, gaps=gaps)
    shorter = {
        node: Quantity(0, random.choice((0, length.low or 0)), (Missing("step", node, "process"),))
        for node, length in network.lengths.items()
    }
    reduction = Reduction(network, shorter.__getitem__)
    alone = [{node} for node in network.nodes]
    sets = [{node for node in network.nodes if random.random() < 0.5} for _ in range(4)]
    for nodes in (*alone, *sets):
        lengths = {node: shorter[node] for node in nodes}
        closed = {edge: ZERO for edge in network.gaps if edge[1] in nodes}
        reduced = replace(
            network,
            lengths={**network.lengths, **lengths},
            gaps={**network.gaps, **closed},
        )
        assert reduction.of(nodes) == shortening(network, reduced)


@pytest.mark.parametrize("seed", sample(range(100), 5))
def test_a_ratio_contains_every_completion_and_reaches_both_ends(seed: int) -> None:
    random = Random(seed)
    parts: list[tuple[Quantity, Quantity]] = []
    for _ in range(random.randint(1, 3)):
        low = random.randint(0, 4)
        part = Quantity(low, low + random.choice((0, 0, 3)))
        whole_low = random.randint(low, 9)
        parts.append((part, Quantity(whole_low, whole_low + random.choice((0, 0, 4)))))
    found = quotient([part_and_whole(part, whole) for part, whole in parts])
    ratios = []
    for corner in product(*(product(span(part), span(whole)) for part, whole in parts)):
        points = [(p, max(p, w)) for p, w in corner]
        sound = all(w <= (whole.high or 0) for (_, w), (_, whole) in zip(points, parts))
        below = sum(w for _, w in points)
        if below and sound:
            ratios.append(ratio(sum(p for p, _ in points), below))
    if not ratios:
        assert found == Quantity(None, None)
        return
    assert (found.low, found.high) == (min(ratios), max(ratios))


def span(quantity: Quantity) -> range:
    return range(int(quantity.low or 0), int(quantity.high or 0) + 1)


def test_a_network_with_thousands_of_critical_paths_is_answered_without_listing_them() -> None:
    nodes: list[str] = ["s0"]
    before: dict[str, tuple[str, ...]] = {"s0": ()}
    lengths: dict[str, Quantity] = {"s0": Quantity(1, 1)}
    for number in range(1, 21):
        for side in "ab":
            name = f"{side}{number}"
            nodes.append(name)
            before[name] = (f"s{number - 1}",)
            lengths[name] = Quantity(1, 1)
        nodes.append(f"s{number}")
        before[f"s{number}"] = (f"a{number}", f"b{number}")
        lengths[f"s{number}"] = Quantity(1, 1)
    network = Network(tuple(nodes), before, lengths, {})
    assert longest(network).value == 41
    found = critical_paths(network)
    assert not found.complete
    assert len(found.routes) == 1


# --- the ledger -----------------------------------------------------------------------------------


def random_stream(random: Random, known: bool) -> str:
    """A stream of up to seven steps with parallel tracks, rework, shares, reasons and handoffs."""
    names = "abcdefg"[: random.randint(1, 7)]
    lines = []
    for place, name in enumerate(names):
        words = [f"by {random.choice(('t, u', 't', 'u', 'v'))}"]
        process = random.randint(0, 10)
        if known or random.random() < 0.7:
            words.append(f"process {process}h" if process else "process none")
        if known or random.random() < 0.7:
            words.append(f"lead {process + random.randint(0, 40)}h")
        if random.random() < 0.3:
            words.append(f"share {random.choice((20, 50, 90))}%")
        if place and random.random() < 0.4:
            words.append(f"rework {random.randint(1, 40)}% to {random.choice(names[: place + 1])}")
        if random.random() < 0.5:
            words.append(
                f"wait {{ queue {random.randint(0, 9)}h; cadence {random.randint(0, 5)}h }}"
            )
        if place > 1 and random.random() < 0.5:
            after = ", ".join(sorted(set(random.choices(names[:place], k=2))))
            words.append(f"after {after}")
        lines.append(f"step {name} {{ {'; '.join(words)} }}")
    if len(names) > 1:
        lines.append(f"handoff {names[0]} -> {names[1]} {{ wait {random.randint(1, 5)}h }}")
    return "team t; team u; team v\nstream x {\n  owner t\n" + "\n".join(lines) + "\n}"


def facts_of(text: str) -> Facts:
    return Facts(resolve([parse(Source("org.orgd", text))]).org)


@pytest.mark.parametrize("seed", sample(range(200), 5))
def test_every_hour_of_the_expected_lead_time_is_on_exactly_one_line(seed: int) -> None:
    facts = facts_of(random_stream(Random(seed), known=True))
    stream = facts.org.streams["x"]
    found = ledger(facts, stream)
    whole = catalogue().metrics["stream"]["expected-lead-time"].read(facts, stream)
    assert found.total == whole
    summed = total(line.time for line in found.lines)
    assert (summed.low, summed.high) == (whole.low, whole.high)
    assert all(line.time.exact and (line.time.low or 0) > 0 for line in found.lines)
    assert all(line.team is not None for line in found.lines)
    assert all(line.evidence for line in found.lines)
    waits = total(line.time for line in wait_lines(facts, stream).certain)
    assert waits.value == catalogue().metrics["stream"]["wait"].read(facts, stream).low


@pytest.mark.parametrize("seed", sample(range(60), 5))
def test_unknown_times_make_lines_intervals_that_agree_with_the_total(seed: int) -> None:
    facts = facts_of(random_stream(Random(seed), known=False))
    stream = facts.org.streams["x"]
    found = ledger(facts, stream)
    low = sum(line.time.low or 0 for line in found.lines)
    highs = [line.time.high for line in found.lines]
    assert found.total.low is not None
    assert found.total.high is None or low <= found.total.high
    assert None in highs or sum(h for h in highs if h is not None) >= found.total.low


def test_rework_is_what_the_second_pass_takes_and_rests_on_its_facts() -> None:
    facts = facts_of("""
        team t; team u
        stream x {
          step a { by t; process 1h; lead 5h }
          step b { by u; process 2h; lead 4h; rework 50% to a; wait { queue 1h } }
        }
        """)
    found = ledger(facts, facts.org.streams["x"])
    lines = {(line.step.local, line.reason): line.time.value for line in found.lines}
    assert lines == {
        ("a", "work"): 60, ("a", "unexplained"): 240, ("a", "rework"): 300,
        ("b", "work"): 120, ("b", "queue"): 60, ("b", "unexplained"): 60, ("b", "rework"): 240,
    }  # fmt: skip
    queue = next(line for line in found.lines if line.reason == "queue")
    assert [fact.message for fact in queue.evidence] == ["wait of x.b"]
    again = next(line for line in found.lines if line.reason == "rework")
    assert [fact.message for fact in again.evidence] == ["rework x.b -> a", "lead of x.a"]
    assert all(line.evidence for line in found.lines)


@pytest.mark.parametrize("before", ["", "step a { by u; process 1h; lead 1h }"])
def test_a_handoff_that_a_step_waits_for_is_said_by_the_step_whatever_leads_to_it(
    before: str,
) -> None:
    """Work may be handed over from outside of the stream, so the wait counts as it is written."""
    facts = facts_of(f"""
        team t; team u
        stream x {{
          {before}
          step b {{ by t; process 4h; lead 5d; wait {{ handoff 2d }} }}
        }}
        """)
    found = ledger(facts, facts.org.streams["x"])
    lines = {line.reason: line for line in found.lines if line.step.local == "b"}
    assert {reason: line.time.value for reason, line in lines.items()} == {
        "work": 240, "handoff": 960, "unexplained": 1200,
    }  # fmt: skip
    assert [fact.message for fact in lines["handoff"].evidence] == ["wait of x.b"]


def test_the_gap_before_a_step_and_a_handoff_in_its_wait_rest_each_on_its_own_statement() -> None:
    facts = facts_of("""
        team t; team u
        stream x {
          step a { by u; process 1h; lead 1h }
          step b { by t; process 4h; lead 5d; wait { handoff 2d } }
          handoff a -> b { wait 1d }
        }
        """)
    found = ledger(facts, facts.org.streams["x"])
    said = [
        (line.time.value, [fact.message for fact in line.evidence])
        for line in found.lines
        if line.reason == "handoff"
    ]
    assert said == [(480, ["handoff x: a -> b"]), (960, ["wait of x.b"])]


# --- what does not matter changes nothing ---------------------------------------------------------

FLOW = """
team t { size 4; capacity 80%; other-demand 10h/month }
team u { size 3; capacity 90%; other-demand 20h/month }
stream x {
  owner t; arrivals 5/month
  step a { by t; process 4h; lead 2d }
  step b { by u; process 8h; lead 6d; wait { queue 2d } }
  step c { by t; process 2h; lead 1d }
}
"""


def numbers(text: str) -> Mapping[str, Quantity]:
    facts = facts_of(text)
    stream = next(iter(facts.org.streams.values()))
    return {
        name: field.read(facts, stream) for name, field in catalogue().metrics["stream"].items()
    }


def bounds(text: str) -> Mapping[str, tuple[object, object]]:
    return {name: (number.low, number.high) for name, number in numbers(text).items()}


def test_splitting_a_step_in_two_by_the_same_team_changes_no_number_of_the_stream() -> None:
    split = FLOW.replace(
        "step b { by u; process 8h; lead 6d; wait { queue 2d } }",
        "step b { by u; process 3h; lead 4d; wait { queue 2d } }\n"
        "step bb { by u; process 5h; lead 2d }",
    )
    before, after = bounds(FLOW), bounds(split)
    counted = {"owner-coverage"}
    assert {n: b for n, b in after.items() if n not in counted} == {
        n: b for n, b in before.items() if n not in counted
    }


def test_renaming_and_reordering_change_no_number() -> None:
    renamed = (
        FLOW.replace("team u", "team z").replace("by u", "by z").replace("stream x", "stream y")
    )
    lines = renamed.strip().splitlines()
    reordered = "\n".join([*lines[2:], *lines[:2]])
    assert bounds(reordered) == bounds(FLOW)


@pytest.mark.parametrize("seed", sample(range(100), 5))
def test_writing_a_time_as_unknown_never_narrows_an_interval(seed: int) -> None:
    random = Random(seed)
    text = random_stream(random, known=True)
    lines = text.splitlines()
    steps = [place for place, line in enumerate(lines) if "lead " in line]
    place = random.choice(steps)
    word = random.choice(("lead", "process", "share", "by"))
    lines[place] = re.sub(rf"\b{word} [^;{{}}]+?(?=;| }})", f"{word} unknown", lines[place])
    known, unknown = numbers(text), numbers("\n".join(lines))
    for name, before in known.items():
        after = unknown[name]
        # The margin belongs to whichever rung of evidence is usable, so it speaks of other things.
        if name == "constraint-margin" or (before.low is None and before.high is None):
            continue
        assert after.low is None or (before.low is not None and after.low <= before.low), name
        assert after.high is None or (before.high is not None and after.high >= before.high), name


def test_wait_by_team_adds_the_steps_of_a_team() -> None:
    facts = facts_of(FLOW)
    waits = wait_by(facts, facts.org.streams["x"], "team")
    assert {team: time.value for team, time in waits.items()} == {"t": 720 + 360, "u": 2400}
