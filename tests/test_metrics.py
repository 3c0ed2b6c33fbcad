"""The worked numbers, each on the example organisation or on a model of its own."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from reading import resolve

from orgdiag.catalogue import catalogue
from orgdiag.facts.columns import Facts
from orgdiag.facts.dependencies import blocking_graph
from orgdiag.measure import in_unit, measure, says_nothing
from orgdiag.metrics.congruence import needed_pairs
from orgdiag.metrics.constraint import constraint
from orgdiag.metrics.delay import delay, delay_cost, drag_of, expected_drag_of
from orgdiag.metrics.groups import best_partition, modularity_of
from orgdiag.metrics.ledger import wait_by
from orgdiag.metrics.load import load_of
from orgdiag.metrics.organisation import coverage, type_mix
from orgdiag.metrics.queueing import exact_queue_wait, queue_wait
from orgdiag.parse import parse
from orgdiag.partial.quantity import Quantity, ratio
from orgdiag.partial.unknown import Unknown
from orgdiag.text.source import Source

MERIDIAN = Path(__file__).parent.parent / "examples" / "meridian" / "meridian.orgd"
DAY = 480
E = "instant-payments"


def facts_of(text: str) -> Facts:
    return Facts(resolve([parse(Source("org.orgd", text))]).org)


@pytest.fixture(scope="module")
def meridian() -> Facts:
    return facts_of(MERIDIAN.read_text(encoding="utf-8"))


def of(facts: Facts, kind: str, id: str, name: str) -> Quantity:
    element = facts.org if kind == "organisation" else facts.org.find(kind, id)
    found: Quantity = catalogue().metrics[kind][name].read(facts, element)
    return found


def days(quantity: Quantity) -> Any:
    assert quantity.exact, quantity
    return Fraction(quantity.value) / DAY


def percent(quantity: Quantity) -> float:
    assert quantity.exact, quantity
    return round(float(quantity.value) * 100, 2)


# --- T1 to T6: the example stream -----------------------------------------------------------------


def test_lead_time_follows_the_longest_of_the_parallel_tracks(meridian: Facts) -> None:
    measures = measure(meridian).streams[E]
    assert days(measures.numbers["lead-time"]) == 53
    assert [id.removeprefix(f"{E}.") for id in measures.critical_path] == [
        "idea", "refine", "arch-check", "build", "test", "sec-review", "approve", "deploy",
        "verify",
    ]  # fmt: skip
    assert not measures.tentative


def test_process_time_efficiency_and_wait_are_those_of_the_critical_path(meridian: Facts) -> None:
    assert of(meridian, "stream", E, "process-time").value == Fraction("56.5") * 60
    assert of(meridian, "stream", E, "total-touch-time").value == Fraction("72.5") * 60
    assert of(meridian, "stream", E, "flow-efficiency").value == Fraction("56.5") / 424
    assert days(of(meridian, "stream", E, "wait")) == Fraction("45.9375")


def test_rework_enters_the_expected_lead_time_and_only_the_steps_it_passes(
    meridian: Facts,
) -> None:
    visits = {
        id: numbers["expected-visits"].value
        for id, numbers in measure(meridian, [E]).streams[E].steps.items()
    }
    assert visits.pop(f"{E}.build") == visits.pop(f"{E}.test") == Fraction(4, 3)
    assert set(visits.values()) == {1}
    assert days(of(meridian, "stream", E, "expected-lead-time")) == Fraction(175, 3)
    assert percent(of(meridian, "stream", E, "expected-flow-efficiency")) == 12.11
    assert percent(of(meridian, "stream", E, "rework-share")) == 9.14


def test_wait_is_booked_by_team_and_the_unexplained_rest_is_shown(meridian: Facts) -> None:
    waits = wait_by(meridian, meridian.org.streams[E], "team")
    assert {team: float(days(wait)) for team, wait in waits.items()} == {
        "payments": 10.75, "product-office": 9.5, "arb": 7.875, "appsec": 5.625, "qa": 5.5,
        "cab": 3.9375, "operations": 2.75,
    }  # fmt: skip
    reasons = wait_by(meridian, meridian.org.streams[E], "reason")
    assert days(reasons["unexplained"]) == Fraction("25.4375")
    assert round(float(of(meridian, "stream", E, "unexplained-wait-share").value), 3) == 0.554


def test_handoffs_and_the_part_of_the_owner(meridian: Facts) -> None:
    assert of(meridian, "stream", E, "handoffs").value == 8
    assert of(meridian, "stream", E, "handoffs-main").value == 10
    assert of(meridian, "stream", E, "ping-pongs").value == 2
    assert of(meridian, "stream", E, "owner-coverage").value == Fraction(3, 9)
    assert percent(of(meridian, "stream", E, "owner-coverage-lead-time")) == 28.3
    assert percent(of(meridian, "stream", E, "owner-coverage-process-time")) == 60.18
    assert of(meridian, "stream", E, "wait-before-build").value == Fraction(23, 53)
    assert of(meridian, "stream", E, "external-wait-share").value == Fraction("25.6875") / 43


def test_littles_law_gives_items_in_progress_and_items_waiting(meridian: Facts) -> None:
    assert round(float(of(meridian, "stream", E, "wip-by-little").value), 2) == 14.68
    inventory = of(meridian, "stream", E, "waiting-inventory")
    field = catalogue().metrics["stream"]["waiting-inventory"]
    item_days = in_unit(inventory, field, meridian.org.calendar).value
    assert item_days == 6 * Fraction("45.9375")
    assert round(float(item_days / (Fraction(52 * 5, 12))), 2) == 12.72


# --- T7 to T9: visits -----------------------------------------------------------------------------


def chain(length: int, *reworks: tuple[int, int, int]) -> Facts:
    steps = []
    for number in range(length):
        loops = "; ".join(f"rework {p}% to s{to}" for at, to, p in reworks if at == number)
        steps.append(f"step s{number} {{ by t; process 1h; lead 1d; {loops} }}")
    return facts_of("team t\nstream x {\n" + "\n".join(steps) + "\n}")


@pytest.mark.parametrize(
    ("length", "reworks", "visits"),
    [
        (3, [(1, 0, 20), (2, 0, 50)], [2.5, 2.5, 2.0]),
        (4, [(2, 0, 30), (3, 1, 40)], [1.71429, 2.38095, 2.38095, 1.66667]),
        (
            5,
            [(2, 0, 30), (3, 1, 40), (4, 3, 25), (4, 0, 10)],
            [2.08791, 3.11355, 3.11355, 2.56410, 1.53846],
        ),
    ],
)
def test_nested_and_interleaved_rework(
    length: int, reworks: list[tuple[int, int, int]], visits: list[float]
) -> None:
    facts = chain(length, *reworks)
    found = [of(facts, "step", f"x.s{n}", "expected-visits").value for n in range(length)]
    assert [round(float(count), 5) for count in found] == visits


def test_rework_that_may_return_everything_has_no_upper_bound() -> None:
    facts = chain(2, (1, 0, 60), (1, 1, 40))
    assert of(facts, "step", "x.s1", "expected-visits").high is None
    assert of(facts, "stream", "x", "expected-lead-time").high is None


def test_rework_without_a_share_is_bounded_below_and_names_the_input() -> None:
    facts = facts_of("""
        stream x { step a { lead 1d }; step b { lead 2d; rework unknown to a } }
        """)
    found = of(facts, "stream", "x", "expected-lead-time")
    assert days(of(facts, "stream", "x", "lead-time")) == 3
    assert (found.low, found.high) == (3 * DAY, None)
    assert ("step", "x.b", "rework") in {gap[:3] for gap in found.missing}


# --- T10 to T12: load, queues, cadence ------------------------------------------------------------


def test_utilisation_adds_rework_and_other_demand(meridian: Facts) -> None:
    month = Fraction(52, 12) * 40
    assert of(meridian, "team", "qa", "utilisation").value == 486 / (4 * Fraction("0.8") * month)
    assert percent(of(meridian, "team", "qa", "utilisation")) == 87.62


def test_utilisation_without_capacity_is_a_lower_bound() -> None:
    text = MERIDIAN.read_text(encoding="utf-8").replace("size 4; capacity 80%;", "size 4;")
    found = of(facts_of(text), "team", "qa", "utilisation")
    assert round(float(found.low or 0), 3) == 0.701
    assert found.high is None
    assert ("team", "qa", "capacity") in {gap[:3] for gap in found.missing}


def test_queues_grow_with_the_busy_share_over_the_idle_share() -> None:
    assert queue_wait(ratio(9, 10)) == 9
    assert queue_wait(ratio(95, 100)) == 19
    assert queue_wait(ratio(8, 10), 2, service_variation=ratio(1, 2)) == 6
    assert queue_wait(ratio(8, 10), servers=2) == pytest.approx(1.809, abs=5e-4)
    assert exact_queue_wait(ratio(16, 10), 2) == pytest.approx(1.778, abs=5e-4)
    assert queue_wait(ratio(8, 10)) == 4


def test_a_gate_costs_half_its_interval_and_at_worst_all_of_it(meridian: Facts) -> None:
    assert days(of(meridian, "step", f"{E}.arch-check", "cadence-wait")) == 5
    assert days(of(meridian, "step", f"{E}.arch-check", "worst-cadence-wait")) == 10
    assert days(of(meridian, "step", f"{E}.approve", "cadence-wait")) == Fraction("2.5")
    assert of(meridian, "step", f"{E}.idea", "cadence-wait").high is None


def test_batches_and_slots_of_deployment(meridian: Facts) -> None:
    assert of(meridian, "stream", E, "batch-size").value == 6
    assert days(of(meridian, "stream", E, "deploy-interval-wait")) == Fraction(65, 6)
    assert days(of(meridian, "stream", E, "mapped-commit-to-production")) == 20
    unmapped = of(meridian, "stream", E, "unmapped-lead-time")
    assert unmapped.low == (61 - Fraction(175, 3)) * DAY


def test_deployment_on_demand_is_a_batch_of_one_without_a_wait() -> None:
    facts = facts_of("stream x { deployment-frequency on-demand; step a { lead 1d } }")
    assert of(facts, "stream", "x", "batch-size").value == 1
    assert of(facts, "stream", "x", "deploy-interval-wait").value == 0


# --- T13: drag ------------------------------------------------------------------------------------


def test_drag_is_the_lead_time_lost_and_not_additive_over_parallel_steps(
    meridian: Facts,
) -> None:
    stream = meridian.org.streams[E]
    drags = {
        id.removeprefix(f"{E}."): float(days(of(meridian, "step", id, "drag")))
        for id in stream.steps
    }
    assert drags == {
        "idea": 9.5, "refine": 4, "arch-check": 7.875, "build": 1, "score": 0, "test": 5.5,
        "sec-review": 5.625, "approve": 3.9375, "deploy": 2.75, "verify": 0.75,
    }  # fmt: skip
    assert days(drag_of(meridian, stream, {f"{E}.build", f"{E}.score"})) == 6
    assert sum(drags.values()) == 40.9375


def test_delay_is_arrivals_times_the_expected_drag_and_costs_money(meridian: Facts) -> None:
    test = f"{E}.test"
    stream = meridian.org.streams[E]
    assert days(expected_drag_of(meridian, stream, {test})) == Fraction(22, 3)
    assert delay(meridian, [test]).value == 44
    assert delay_cost(meridian, [test])["EUR"].value == 44 * 900
    assert delay(meridian, [f"{E}.idea"]).value == 57


def test_delay_adds_over_streams_and_is_open_where_a_time_is(meridian: Facts) -> None:
    both = delay(meridian, [f"{E}.test", "card-controls.test"])
    assert both.value == 44 + 10 * of(meridian, "step", "card-controls.test", "drag").value / DAY
    open_end = delay(meridian, ["card-controls.deploy"])
    assert (open_end.low, open_end.high) == (0, None)
    assert ("step", "card-controls.deploy", "lead") in {gap[:3] for gap in open_end.missing}


# --- T15 to T16: bounds ---------------------------------------------------------------------------

TWO_STEPS = "stream x {{ step a {{ process 4h; lead {lead} }}; step b {{ process 8h }} }}"


@pytest.mark.parametrize(("lead", "most"), [("20d", Fraction(12, 168)), ("2d", Fraction(1, 2))])
def test_efficiency_is_bounded_above_when_a_lead_time_is_unknown(lead: str, most: Fraction) -> None:
    found = of(facts_of(TWO_STEPS.format(lead=lead)), "stream", "x", "flow-efficiency")
    assert (found.low, found.high) == (0, most)
    assert [gap[:3] for gap in found.missing] == [("step", "x.b", "lead")]


def test_complete_and_accurate_multiplies_and_is_bounded_by_what_is_known() -> None:
    steps = "step a { complete-accurate 90% }; step b { complete-accurate 80% }"
    known = facts_of(f"stream x {{ {steps}; step c {{ complete-accurate 75% }} }}")
    assert of(known, "stream", "x", "rolled-complete-accurate").value == Fraction("0.54")
    part = of(
        facts_of(f"stream x {{ {steps}; step c }}"), "stream", "x", "rolled-complete-accurate"
    )
    assert (part.low, part.high) == (0, Fraction("0.72"))
    assert [gap[:3] for gap in part.missing] == [("step", "x.c", "complete-accurate")]


# --- T17 to T19: graphs and teams -----------------------------------------------------------------


def needs(*edges: str) -> str:
    """Teams a to d in which each pair `xy` says that x waits for y."""
    teams = []
    for team in "abcd":
        lines = [
            f"needs decision from {edge[1]} {{ via ticket; effect blocking; routine; on-time 90% }}"
            for edge in edges
            if edge[0] == team
        ]
        teams.append(f"team {team} {{\n" + "\n".join(lines) + "\n}")
    return "\n".join(teams)


@pytest.mark.parametrize(
    ("edges", "cost"),
    [(["ab", "bc"], Fraction(7, 16)), (["ab", "bc", "ca"], Fraction(10, 16)), ([], Fraction(1, 4))],
)
def test_propagation_cost_counts_what_each_team_reaches(edges: list[str], cost: Fraction) -> None:
    assert of(facts_of(needs(*edges)), "organisation", "", "propagation-cost").value == cost


def test_congruence_of_the_published_matrices() -> None:
    owners = {"1": ["c"], "2": ["a", "b", "c"], "3": ["b"]}
    assert needed_pairs(owners, [("1", "2"), ("2", "3")]) == {("a", "b"), ("a", "c"), ("b", "c")}


def test_congruence_is_the_share_of_needed_pairs_with_a_declared_way_to_coordinate() -> None:
    text = """
        team a; team b; team c
        component one { owner c; depends-on two }
        component two { owner a, b, c; depends-on three }
        component three { owner b }
        interaction a with b { mode collaboration }
        coordination sync { kind sync-meeting; members b, c }
        """
    assert of(facts_of(text), "organisation", "", "congruence").value == Fraction(2, 3)


def test_chances_multiply_and_unknown_is_not_one_half() -> None:
    known = needs("ab", "ac", "ad")
    for share, team in (("80%", "b"), ("90%", "c"), ("95%", "d")):
        known = known.replace(
            f"from {team} {{ via ticket; effect blocking; routine; on-time 90%",
            f"from {team} {{ via ticket; effect blocking; routine; on-time {share}",
        )
    assert of(facts_of(known), "team", "a", "on-time-probability").value == Fraction("0.684")
    unknown = facts_of(needs("ab", "ac", "ad").replace("; on-time 90%", ""))
    found = of(unknown, "team", "a", "on-time-probability")
    assert says_nothing(found, catalogue().metrics["team"]["on-time-probability"])


@pytest.mark.parametrize(("size", "paths"), [(5, 10), (8, 28), (14, 91)])
def test_communication_paths(size: int, paths: int) -> None:
    facts = facts_of(f"team t {{ size {size} }}")
    assert of(facts, "team", "t", "communication-paths").value == paths


def test_betweenness_counts_the_chains_through_a_team() -> None:
    edges = [("a", "x"), ("b", "x"), ("x", "c"), ("x", "d")]
    text = "\n".join(
        f"team {t} {{\n"
        + "\n".join(
            f"needs decision from {p} {{ via ticket; effect blocking; routine }}"
            for c, p in edges
            if c == t
        )
        + "\n}"
        for t in "abcdx"
    )
    facts = facts_of(text)
    assert of(facts, "team", "x", "betweenness").value == 4
    assert of(facts, "team", "a", "betweenness").value == 0
    assert of(facts, "team", "a", "chain-depth").value == 2


def test_a_circle_of_teams_is_one_link_of_a_chain() -> None:
    facts = facts_of(needs("ab", "ba", "bc", "cd"))
    assert of(facts, "team", "a", "chain-depth").value == 2
    assert of(facts, "team", "d", "chain-depth").value == 0


def test_an_unknown_dependency_bounds_the_depth_of_the_chain() -> None:
    text = needs("ab", "bc", "cd", "da").replace(
        "needs decision from a { via ticket; effect blocking;",
        "needs decision from a { via ticket;",
    )
    found = of(facts_of(text), "team", "a", "chain-depth")
    assert (found.low, found.high) == (0, 3)
    assert found.missing


def test_cross_group_share_needs_to_know_the_groups(meridian: Facts) -> None:
    assert of(meridian, "organisation", "", "cross-group-share").value == Fraction(8, 9)
    text = "group g; group h\n" + needs("ab", "ac", "ad").replace("team a {", "team a { in g")
    half = facts_of(text.replace("team b {", "team b { in h"))
    found = of(half, "organisation", "", "cross-group-share")
    assert (found.low, found.high) == (Fraction(1, 3), 1)


# --- what has no one number -----------------------------------------------------------------------


def test_cognitive_load_is_counts_and_the_words_of_the_team(meridian: Facts) -> None:
    found = load_of(meridian, meridian.org.teams["payments"])
    assert found.domains == {"complicated": 1}
    assert (found.streams.value, found.blockers.value, found.collaborations.value) == (2, 7, 1)
    assert found.components.value == 1
    assert set(found.missing_skills.certain) == {"testing", "security", "operations"}
    assert found.reported == "high"
    assert isinstance(load_of(meridian, meridian.org.teams["qa"]).reported, Unknown)


def test_types_are_counted_by_what_teams_say_and_by_what_they_do(meridian: Facts) -> None:
    found = type_mix(meridian)
    assert found.declared["shared-service"] == 2
    assert found.observed["shared-service"] >= 2
    assert found.ratio.value == Fraction(1, 11)
    open_types = type_mix(
        facts_of("team a { type stream-aligned }; team b; team c { type platform }")
    )
    assert (open_types.ratio.low, open_types.ratio.high) == (Fraction(1, 2), 2)


def test_the_best_partition_keeps_together_what_waits_together(meridian: Facts) -> None:
    partition = best_partition(meridian)
    assert sorted(team for part in partition for team in part) == sorted(
        {id for edge in blocking_graph(meridian).edges for id in edge}
    )
    best = modularity_of(blocking_graph(meridian).edges, [set(part) for part in partition])
    assert (best or 0) > of(meridian, "organisation", "", "modularity").value


def test_coverage_is_a_share_of_what_applies() -> None:
    assert coverage(3, 4).value == Fraction(3, 4)
    assert coverage(0, 0) == Quantity(None, None)


# --- T20: percentiles, modularity, elapsed time ---------------------------------------------------


@pytest.mark.parametrize(("lead", "mean"), [("p50 2d p85 5d", 2.956), ("p50 4d p85 10d", 5.913)])
def test_percentiles_give_an_estimated_mean(lead: str, mean: float) -> None:
    facts = facts_of(f"stream x {{ step a {{ process 1h; lead {lead} }} }}")
    found = of(facts, "stream", "x", "lead-time")
    assert round(float(days(found)), 3) == mean
    assert found.estimated
    assert of(facts, "stream", "x", "flow-efficiency").estimated


def test_modularity_of_two_triangles_joined_by_an_edge() -> None:
    edges = [("a", "b"), ("b", "c"), ("a", "c"), ("x", "y"), ("y", "z"), ("x", "z"), ("c", "x")]
    found = modularity_of(edges, [{"a", "b", "c"}, {"x", "y", "z"}])
    assert round(float(found or 0), 4) == 0.3571


def test_elapsed_time_is_put_on_the_working_clock() -> None:
    facts = facts_of("stream x { step a { process 1h; lead 30ed } }")
    assert round(float(days(of(facts, "stream", "x", "lead-time"))), 2) == 21.43


# --- the constraint -------------------------------------------------------------------------------


def test_the_largest_delay_is_the_constraint_and_the_other_rungs_are_named(
    meridian: Facts,
) -> None:
    found = constraint(meridian, meridian.org.streams[E])
    assert found.method == "wait"
    assert found.team is not None
    assert found.team.id == "product-office"
    assert found.step is not None
    assert found.step.id == f"{E}.idea"
    assert found.runner_up is not None
    assert found.runner_up.id == "arb"
    assert found.margin.value == ratio(Fraction("1.625"), Fraction("9.5"))
    assert found.certain is True
    assert found.disputed
    assert [(c.method, c.team.id) for c in found.candidates] == [
        ("capacity", "qa"), ("queue", "appsec"), ("wait", "product-office"),
    ]  # fmt: skip


def test_no_rung_is_usable_while_a_lead_time_is_unknown(meridian: Facts) -> None:
    found = constraint(meridian, meridian.org.streams["card-controls"])
    assert found.method is None
    assert [gap[:3] for gap in found.missing] == [("step", "card-controls.deploy", "lead")]


THREE_TEAMS = """
team a { size 5; capacity 100%; other-demand 0h/month }
team b { size 5; capacity 100%; other-demand 0h/month }
stream x {
  arrivals 10/month
  step one { by a; process 4h; lead 2d; wait { queue 1d } }
  step two { by b; process 8h; lead 5d; wait { queue 1d } }
}
"""


def test_the_busiest_team_is_the_constraint_when_all_loads_are_known() -> None:
    facts = facts_of(THREE_TEAMS)
    found = constraint(facts, facts.org.streams["x"])
    assert found.method == "capacity"
    assert found.team is not None
    assert found.team.id == "b"
    assert found.margin.value == Fraction(1, 2)
    assert not found.disputed
    ceiling = of(facts, "stream", "x", "throughput-ceiling")
    assert ceiling.value == 10 / (80 / (5 * Fraction(52, 12) * 40))


def test_a_close_winner_is_no_single_constraint() -> None:
    facts = facts_of(THREE_TEAMS.replace("by a; process 4h", "by a; process 7.5h"))
    assert constraint(facts, facts.org.streams["x"]).certain is False


@pytest.mark.parametrize(
    ("load", "queue", "certain", "wanted"),
    [
        ("", "wait { queue 1d }", None, {"capacity", "other-demand"}),
        ("size 2; capacity 80%; other-demand 0h/month", "", None, {"wait"}),
        ("size 2; capacity 80%; other-demand 0h/month", "wait { queue 1d }", False, set()),
    ],
)
def test_what_would_tell_teams_apart_that_wait_alike_is_named(
    load: str, queue: str, certain: bool | None, wanted: set[str]
) -> None:
    facts = facts_of(f"""
        team a {{ {load} }}; team b {{ {load} }}
        stream x {{
          arrivals 1/month
          step one {{ by a, b; process 1d; lead 3d; {queue} }}
        }}
        """)
    found = constraint(facts, facts.org.streams["x"])
    assert found.method is None
    assert (None if isinstance(found.certain, Unknown) else found.certain) is certain
    assert wanted <= {gap.property for gap in found.missing}
    assert bool(found.missing) is (certain is None)


def test_a_stream_in_which_nothing_waits_has_no_constraint() -> None:
    facts = facts_of("team a; team b\nstream x { step one { by a; process 1d; lead 1d }; "
                     "step two { by b; process 1d; lead 1d } }")  # fmt: skip
    assert constraint(facts, facts.org.streams["x"]).certain is False


def test_a_buffer_is_credited_to_the_next_step_that_works() -> None:
    whole = "step work { by b; process 1d; lead 6d }"
    split = "step line { by a; process none; lead 5d }; step work { by b; process 1d; lead 1d }"
    frame = "team a; team b; team c\nstream x {{ step first {{ by c; process 1h; lead 1d }}; {} }}"
    for steps in (whole, split):
        facts = facts_of(frame.format(steps))
        found = constraint(facts, facts.org.streams["x"])
        assert found.team is not None
        assert found.team.id == "b"
        assert days(wait_by(facts, facts.org.streams["x"], "team")["b"]) == 5


# --- what is unknown ------------------------------------------------------------------------------


def test_a_stream_without_times_says_nothing_and_breaks_nothing() -> None:
    facts = facts_of("""
        team a; team b
        stream x { owner a; step one { by a }; step two { by b }; step three { by a, b } }
        """)
    found = measure(facts).streams["x"]
    silent = {
        name
        for name, n in found.numbers.items()
        if says_nothing(n, catalogue().metrics["stream"][name])
    }
    assert {
        "lead-time", "expected-lead-time", "process-time", "flow-efficiency", "wait",
        "waiting-inventory", "external-wait-share", "batch-size", "labour",
    } <= silent  # fmt: skip
    assert found.numbers["handoffs"].value == 1
    leads = [gap.id for gap in found.numbers["lead-time"].missing if gap.property == "lead"]
    assert leads == ["x.one", "x.two", "x.three"]


def test_a_lead_time_below_the_work_makes_both_unknown() -> None:
    facts = facts_of("stream x { step a { process 3d; lead 1d }; step b { process 1d; lead 2d } }")
    assert of(facts, "step", "x.a", "wait").high is None
    assert says_nothing(
        of(facts, "step", "x.a", "efficiency"), catalogue().metrics["step"]["efficiency"]
    )
    assert days(Quantity.of(of(facts, "stream", "x", "lead-time").low or 0)) == 2


def test_no_time_at_all_has_no_efficiency() -> None:
    facts = facts_of("stream x { step a { process none; lead none } }")
    assert of(facts, "step", "x.a", "efficiency") == Quantity(None, None)
    assert of(facts, "stream", "x", "flow-efficiency") == Quantity(None, None)


def test_the_gap_of_a_handoff_adds_to_the_lead_time_and_to_the_receiver() -> None:
    facts = facts_of("""
        team a; team b
        stream x {
          step one { by a; process 1d; lead 1d }
          step two { by b; process 1d; lead 1d }
          handoff one -> two { wait 2d }
        }
        """)
    stream = facts.org.streams["x"]
    assert days(of(facts, "stream", "x", "lead-time")) == 4
    assert days(of(facts, "stream", "x", "wait")) == 2
    assert of(facts, "stream", "x", "flow-efficiency").value == Fraction(1, 2)
    assert days(of(facts, "step", "x.two", "drag")) == 2
    assert days(wait_by(facts, stream, "team")["b"]) == 2
    assert days(wait_by(facts, stream, "reason")["handoff"]) == 2
    assert of(facts, "step", "x.two", "wait").value == 0


def test_efficiency_spans_every_path_that_could_be_critical() -> None:
    facts = facts_of("""
        stream x {
          step a { process 1d; lead 2d; after none }
          step b { process 1d; lead 10d; after a }
          step c { process 8d; lead 8d..12d; after a }
          step d { process 1d; lead 1d; after b, c }
        }
        """)
    found = of(facts, "stream", "x", "flow-efficiency")
    assert (found.low, found.high) == (Fraction(3, 13), Fraction(10, 11))
    handoffs = of(facts, "stream", "x", "process-time")
    assert (handoffs.low, handoffs.high) == (3 * DAY, 10 * DAY)


def test_work_without_a_known_team_leaves_handoffs_open() -> None:
    steps = "step one { by a; lead 1d }; step two { by unknown }; step three { by b }"
    facts = facts_of(f"team a; team b\nstream x {{ {steps} }}")
    found = of(facts, "stream", "x", "handoffs")
    assert (found.low, found.high) == (0, 2)
    assert ("step", "x.two", "by") in {gap[:3] for gap in found.missing}
