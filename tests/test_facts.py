"""What follows from a model: flows, paths, ownership, dependencies and shapes."""

from __future__ import annotations

import re
import sys
from dataclasses import fields
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from prelude import Prelude
from reading import resolve

from orgdiag.catalogue import catalogue
from orgdiag.facts.columns import Facts
from orgdiag.facts.costs import cost
from orgdiag.facts.critical import critical_path
from orgdiag.facts.dependencies import (
    blocking_graph,
    dependencies,
    dependency_of,
)
from orgdiag.facts.flow import flow, lead_time
from orgdiag.model.elements import ELEMENTS, PLURALS
from orgdiag.parse import parse
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import Quantity, ratio
from orgdiag.partial.unknown import NONE, Unknown
from orgdiag.text.source import Source

MERIDIAN = Path(__file__).parent.parent / "examples" / "meridian" / "meridian.orgd"
WORDS = catalogue().fields
DAY = 480


def facts_of(text: str, as_of: date | None = None) -> Facts:
    return Facts(resolve([parse(Source("org.orgd", text))], as_of).org)


@pytest.fixture(scope="module")
def meridian() -> Facts:
    return facts_of(MERIDIAN.read_text(encoding="utf-8"))


def read(facts: Facts, path: str, element: Any = None) -> Any:
    """The value of `KIND ID WORD`, a field or a word of the prelude, or of an element's."""
    kind, id, name = path.split(" ")
    found = element or (facts.org if kind == "organisation" else facts.org.find(kind, id))
    assert found is not None, path
    if name not in WORDS[kind]:
        return Prelude(facts).says(found, f"{kind}.{name}")
    return WORDS[kind][name].read(facts, found)


def ids(members: Members) -> list[str]:
    return [item if isinstance(item, str) else item.id for item in members.certain]


def perhaps(members: Members) -> list[str]:
    return [item if isinstance(item, str) else item.id for item in members.possible]


def inputs(value: Any) -> set[tuple[str, str]]:
    return {(gap.id, gap.property) for gap in value.missing}


# --- the worked example ---------------------------------------------------------------------------


def test_the_example_team_waits_for_seven_others(meridian: Facts) -> None:
    found = read(meridian, "team payments blockers")
    assert ids(found) == ["appsec", "arb", "cab", "cloud", "ledger-project", "operations", "qa"]
    assert found.known


def test_an_eighth_joins_on_the_day_after_the_collaboration_ends() -> None:
    facts = facts_of(MERIDIAN.read_text(encoding="utf-8"), date(2025, 3, 11))
    assert len(ids(read(facts, "team payments blockers"))) == 8
    assert "fraud-science" in ids(read(facts, "team payments blockers"))


def test_nine_blocking_edges_of_which_eight_cross_group_borders(meridian: Facts) -> None:
    assert len(ids(read(meridian, "organisation x blocking-dependencies"))) == 9
    assert len(ids(read(meridian, "organisation x cross-group-dependencies"))) == 8
    assert blocking_graph(meridian).number_of_edges() == 9


def test_the_owner_waits_for_five_steps_of_others_in_the_example(meridian: Facts) -> None:
    found = ids(read(meridian, "stream instant-payments steps-of-others"))
    assert [id.removeprefix("instant-payments.") for id in found] == [
        "arch-check", "test", "sec-review", "approve", "deploy",
    ]  # fmt: skip


def test_shapes_of_the_example_come_from_what_the_teams_do(meridian: Facts) -> None:
    shapes = {
        "payments": ["stream"],
        "qa": ["shared-service"],
        "cloud": ["shared-service"],
        "operations": ["shared-service", "run"],
        "arb": ["governance"],
        "ledger-project": ["component", "project"],
        "pipeline": ["platform"],
    }
    assert {id: ids(read(meridian, f"team {id} behaves-as")) for id in shapes} == shapes


def test_roles_mechanisms_and_missing_skills_of_the_example(meridian: Facts) -> None:
    assert sorted(ids(read(meridian, "stream instant-payments role-teams"))) == [
        "fraud-science", "operations", "payments", "product-office", "qa",
    ]  # fmt: skip
    mechanisms = ids(read(meridian, "stream instant-payments mechanisms"))
    assert mechanisms == ["q-release", "arb", "cab"]
    missing = ids(read(meridian, "stream card-controls missing-skills"))
    assert missing == ["testing", "operations"]


def test_every_field_of_every_element_of_the_example_can_be_read(meridian: Facts) -> None:
    todo: list[tuple[str, Any]] = [
        (kind, element) for kind in PLURALS for element in meridian.org.of_kind(kind).values()
    ]
    todo.append(("organisation", meridian.org))
    seen: set[Any] = set()
    while todo:
        kind, element = todo.pop()
        for field in WORDS[kind].values():
            value = field.read(meridian, element)
            items = value.every() if isinstance(value, Members) else (value,)
            for item in items:
                other = getattr(item, "kind", None)
                if other and other not in PLURALS and item not in seen:
                    seen.add(item)
                    todo.append((other, item))
    assert {item.kind for item in seen} >= {"dependency", "handoff", "touch", "rework", "need"}


def test_no_annotation_that_declares_fields_is_text() -> None:
    catalogue()  # loads every module that declares
    derived = {
        item
        for name, module in sys.modules.items()
        if name.startswith("orgdiag.")
        for item in vars(module).values()
        if isinstance(item, type) and "__declares__" in vars(item)
    }
    assert len(derived) > 10
    for cls in (*ELEMENTS.values(), *derived):
        texts = [item.name for item in fields(cls) if isinstance(item.type, str)]
        assert not texts, f"{cls.__name__}: a text declares nothing"


def test_what_has_no_display_name_is_called_by_its_id(meridian: Facts) -> None:
    found = dependencies(meridian, meridian.org.teams["payments"]).certain[0]
    assert WORDS["dependency"]["name"].read(meridian, found) == found.id


# --- flow and critical path -----------------------------------------------------------------------


def stream(steps: str) -> Facts:
    return facts_of(f"team a {{}} ; team b {{}} ; team c {{}}\nstream s {{ owner a\n{steps}\n}}")


def path_of(facts: Facts) -> str:
    return "".join(step.local for step in critical_path(facts, facts.org.streams["s"]).steps)


def test_dead_ends_lie_off_main() -> None:
    facts = stream(
        "step x { by a; lead 1d }\nstep y { by a; lead 1d; after x }\n"
        "step z { by a; lead 9d; after x; dead-end }"
    )
    assert ids(read(facts, "stream s main-steps")) == ["s.x", "s.y"]
    assert path_of(facts) == "xy"


def test_an_unknown_dead_end_makes_steps_possible_members_of_main() -> None:
    facts = stream(
        "step x { by a; lead 1d }\nstep y { by a; lead 1d; after x }\n"
        "step z { by a; lead 9d; after x; dead-end unknown }"
    )
    main = read(facts, "stream s main-steps")
    assert (ids(main), perhaps(main), inputs(main)) == (
        ["s.x", "s.y"], ["s.z"], {("s.z", "dead-end")},
    )  # fmt: skip
    assert critical_path(facts, facts.org.streams["s"]).tentative


def test_a_stream_of_dead_ends_has_no_reachable_end() -> None:
    facts = stream("step x { by a; lead 1d; dead-end }")
    assert read(facts, "stream s end-unreachable") is True
    assert path_of(facts) == ""


def test_a_cycle_is_a_fact_and_no_crash() -> None:
    facts = stream(
        "step w { by a; lead 1d; after none }\nstep x { by a; lead 2d; after w, z }\n"
        "step y { by b; lead 3d; after x }\nstep z { by a; lead 4d; after y }"
    )
    assert ids(read(facts, "stream s steps-in-cycles")) == ["s.x", "s.y", "s.z"]
    assert path_of(facts) == "wxyz"
    path = critical_path(facts, facts.org.streams["s"])
    assert path.tentative
    assert {gap.property for gap in path.missing} == {"after"}


def test_a_step_that_follows_itself_is_a_cycle() -> None:
    facts = stream("step x { by a; lead 1d; after x }\nstep y { by a; lead 1d; after x }")
    assert ids(read(facts, "stream s steps-in-cycles")) == ["s.x"]


def test_a_stream_without_steps_has_an_empty_path() -> None:
    facts = facts_of("stream s {}")
    assert path_of(facts) == ""
    assert read(facts, "stream s critical-path") == Members()
    assert read(facts, "stream s first-build-step") is NONE


def test_the_wait_of_a_handoff_can_decide_which_path_is_critical() -> None:
    steps = (
        "step x { by a; lead 1d }\nstep y { by a; lead 3d; after x }\n"
        "step z { by b; lead 2d; after x }\nstep e { by a; lead 1d; after y, z }"
    )
    assert path_of(stream(steps)) == "xye"
    assert path_of(stream(steps + "\nhandoff x -> z { wait 2d }")) == "xze"


def test_equal_paths_are_decided_by_id_and_all_their_steps_are_critical() -> None:
    facts = stream(
        "step x { by a; lead 1d }\nstep z { by a; lead 2d; after x }\n"
        "step y { by a; lead 2d; after x }\nstep e { by a; lead 1d; after y, z }"
    )
    assert path_of(facts) == "xye"
    assert sorted(ids(read(facts, "stream s critical-steps"))) == ["s.e", "s.x", "s.y", "s.z"]


def test_an_unknown_time_that_all_paths_share_leaves_no_doubt_which_is_critical() -> None:
    facts = stream(
        "step x { by a; lead unknown }\nstep y { by a; lead 3d; after x }\n"
        "step z { by b; lead 2d; after x }\nstep e { by a; lead 1d; after y, z }"
    )
    found = read(facts, "stream s critical-path")
    assert (ids(found), perhaps(found)) == (["s.x", "s.y", "s.e"], [])
    assert read(facts, "stream s path-tentative") is True


def test_an_unknown_time_on_one_track_makes_both_tracks_possible() -> None:
    facts = stream(
        "step x { by a; lead 1d }\nstep y { by a; lead 3d; after x }\n"
        "step z { by b; process 1h; after x }\nstep e { by a; lead 1d; after y, z }"
    )
    found = read(facts, "stream s critical-path")
    assert (ids(found), sorted(perhaps(found))) == (["s.x", "s.e"], ["s.y", "s.z"])
    assert inputs(found) == {("s.z", "lead")}
    assert isinstance(read(facts, "step s.y on-critical-path"), Unknown)
    assert read(facts, "step s.e on-critical-path") is True


LEADS = (("1d", 1, 1), ("3d", 3, 3), ("2d..4d", 2, 4), ("5d..6d", 5, 6))


@pytest.mark.parametrize("choice", list(product(LEADS, repeat=4))[::7])
def test_what_is_sure_about_the_path_holds_for_every_value(choice: Any) -> None:
    """Two tracks of two steps and a bypass, against all corners of all intervals."""
    names = ("p", "q", "r", "t")
    facts = stream(
        "step x { by a; lead 1d }\n"
        f"step p {{ by a; lead {choice[0][0]}; after x }}\n"
        f"step q {{ by a; lead {choice[1][0]}; after p }}\n"
        f"step r {{ by a; lead {choice[2][0]}; after x }}\n"
        f"step t {{ by a; lead {choice[3][0]}; after r, p }}\n"
        "step e { by a; lead 1d; after q, t }"
    )
    path = critical_path(facts, facts.org.streams["s"])
    always, ever = set(names), set()
    for corner in product(*((low, high) for _, low, high in choice)):
        p, q, r, t = corner
        ways = {"pq": p + q, "pt": p + t, "rt": r + t}
        longest = max(ways.values())
        critical = {id for way, length in ways.items() if length == longest for id in way}
        always &= critical
        ever |= critical
    sure = {id.removeprefix("s.") for id in path.sure} - {"x", "e"}
    maybe = {id.removeprefix("s.") for id in path.maybe}
    assert sure <= always
    assert ever <= sure | maybe
    if all(low == high for _, low, high in choice):
        assert sure == always
        assert not maybe


def test_lead_time_is_at_least_the_work_and_half_the_calendar_of_a_gate() -> None:
    facts = stream(
        "step x { by a; process 3d }\nstep y { by a; process 1d; every 2w }\n"
        "step z { by a; process 1d; every 2w; synchronised }\nstep e { by a; process 2d; lead 1d }"
    )
    lows = {id: lead_time(facts, step).low for id, step in facts.org.steps.items()}
    assert lows == {"s.x": 3 * DAY, "s.y": 5 * DAY, "s.z": DAY, "s.e": 0}


def test_steps_without_after_follow_the_one_written_before() -> None:
    facts = stream("step x { by a }\nstep y { by a }\nstep z { by a; after none }")
    assert flow(facts, facts.org.streams["s"]).predecessors == {
        "s.x": (), "s.y": ("s.x",), "s.z": (),
    }  # fmt: skip


def test_handoffs_are_borders_that_no_team_crosses() -> None:
    facts = stream(
        "step x { by a }\nstep y { by a, b }\nstep z { by c }\nstep e { by unknown }\n"
        "handoff y -> z { artefact ticket; wait 1d }"
    )
    found = read(facts, "stream s handoffs")
    assert (ids(found), perhaps(found)) == (["s: y -> z"], ["s: z -> e"])
    border = found.certain[0]
    assert (border.artefact, border.wait) == ("ticket", Quantity.of(DAY))


def test_rework_must_lead_back() -> None:
    facts = stream(
        "step x { by a; rework 10% to z }\nstep y { by a; rework 20% to x; rework 30% to y }\n"
        "step z { by a }"
    )
    found = {item.id: item.backward for item in read(facts, "stream s reworks").certain}
    assert found == {"s.x -> z": False, "s.y -> x": True, "s.y -> y": True}
    assert read(facts, "step s.y rework-share") == Quantity.of(ratio(1, 2))


def test_steps_know_where_they_stand_between_development_and_deployment() -> None:
    facts = stream(
        "step x { kind approval; by a }\nstep y { kind development; by a }\n"
        "step z { kind approval; by a }\nstep e { kind deployment; by a }\n"
        "step f { kind approval; by a }"
    )
    late = {id: read(facts, f"step {id} after-last-development") for id in facts.org.steps}
    early = {id: read(facts, f"step {id} before-deployment") for id in facts.org.steps}
    assert [id for id in late if late[id] and early[id]] == ["s.z"]


def test_hands_are_needed_unless_automated_is_said_but_manual_must_be_said() -> None:
    facts = stream("step x { by a }\nstep y { by a; manual }\nstep z { by a; automated }")
    assert [read(facts, f"step s.{id} automated") for id in "xyz"] == [False, False, True]
    assert isinstance(read(facts, "step s.x manual"), Unknown)
    assert [read(facts, f"step s.{id} manual") for id in "yz"] == [True, False]


# --- dependencies ---------------------------------------------------------------------------------


def blockers(text: str, team: str = "a", as_of: date | None = None) -> tuple[Any, ...]:
    found = read(facts_of(text, as_of), f"team {team} blockers")
    return ids(found), perhaps(found), found.open, inputs(found)


NEED = "team a {{ needs service from b {{ {0} }} }}\nteam b {{}}"


@pytest.mark.parametrize(
    ("body", "certain", "gaps"),
    [
        ("via ticket; effect blocking; routine", ["b"], set()),
        ("effect blocking; routine", ["b"], set()),
        ("effect blocking; frequency 1/month", ["b"], set()),
        ("via ticket; effect blocking; frequency 3/quarter", ["b"], set()),
        ("via ticket; effect blocking; frequency 2/quarter", [], set()),
        ("via ticket; effect blocking; frequency 5/month; occasional", [], set()),
        ("via ticket; effect slowing; routine", [], set()),
        ("via self-service; effect blocking; routine", [], set()),
        ("via api; routine", [], set()),
        ("via ticket; routine", [], {("a needs service from b", "effect")}),
        (
            "via ticket; effect blocking",
            [],
            {("a needs service from b", "routine"), ("a needs service from b", "frequency")},
        ),
        ("via unknown; effect blocking; routine", [], {("a needs service from b", "via")}),
    ],
)
def test_a_declared_need_blocks_when_it_is_blocking_routine_and_not_selfserve(
    body: str, certain: list[str], gaps: set[Any]
) -> None:
    found, possible, _, missing = blockers(NEED.format(body))
    assert found == certain
    assert possible == (["b"] if gaps else [])
    assert missing == gaps


CAPABILITY = "team a {{ {1} }}\nteam b {{}}\ncapability c {{ provided-by b; mode {0}; used-by a }}"


@pytest.mark.parametrize(
    ("mode", "need", "certain", "possible"),
    [
        ("ticket", "", ["b"], []),
        ("document", "", ["b"], []),
        ("self-service", "", [], []),
        ("library", "", [], []),
        ("unknown", "", [], ["b"]),
        ("ticket", "needs c from b { effect slowing; routine }", [], []),
        ("ticket", "needs service from b { effect ok; routine }", [], []),
        ("ticket", "needs c from b { effect blocking; occasional }", [], []),
        ("ticket", "needs c from b { wait 3d }", ["b"], []),
    ],
)
def test_a_manual_capability_blocks_unless_a_need_says_otherwise(
    mode: str, need: str, certain: list[str], possible: list[str]
) -> None:
    assert blockers(CAPABILITY.format(mode, need))[:2] == (certain, possible)


def test_a_capability_used_by_a_stream_is_used_by_its_owner() -> None:
    text = "team a {} ; team b {}\nstream s { owner a }\n"
    assert blockers(text + "capability c { provided-by b; mode ticket; used-by s }")[0] == ["b"]


STEP = (
    "team a {{}} ; team b {{}}\n"
    "stream s {{ owner {1}; arrivals 6/month\n"
    "step x {{ by a; lead 1d }}\nstep y {{ by b; process 1d; lead 3d; {0} }}\n}}"
)


@pytest.mark.parametrize(
    ("step", "owner", "certain", "possible"),
    [
        ("manual", "a", ["b"], []),
        ("", "a", ["b"], []),
        ("automated", "a", [], []),
        ("share 25%", "a", ["b"], []),
        ("share 24%", "a", [], []),
        ("share unknown", "a", [], ["b"]),
        ("after none", "a", [], []),
        ("", "a, b", [], []),
        ("", "none", [], []),
        ("", "unknown", [], ["b"]),
    ],
)
def test_a_step_of_another_team_behind_the_owners_blocks(
    step: str, owner: str, certain: list[str], possible: list[str]
) -> None:
    assert blockers(STEP.format(step, owner))[:2] == (certain, possible)


def test_a_step_nobody_is_known_to_do_leaves_the_set_open() -> None:
    text = "team a {}\nstream s { owner a\nstep x { by a }\nstep y { by unknown }\n}"
    assert blockers(text) == ([], [], True, {("s.y", "by")})


CHANGE = (
    "team a {{}} ; team b {{}}\nstream s {{ owner a; changes c {0} }}\n"
    "component c {{ owner {1}; {2} }}"
)


@pytest.mark.parametrize(
    ("share", "owner", "more", "certain", "possible"),
    [
        ("25%", "b", "", ["b"], []),
        ("24%", "b", "", [], []),
        ("", "b", "", ["b"], []),
        ("unknown", "b", "", [], ["b"]),
        ("100%", "a", "", [], []),
        ("100%", "a, b", "", [], []),
        ("100%", "b", "contributions inner-source", [], []),
        ("100%", "b", "contributions unknown", [], ["b"]),
    ],
)
def test_changing_a_component_of_another_team_blocks(
    share: str, owner: str, more: str, certain: list[str], possible: list[str]
) -> None:
    assert blockers(CHANGE.format(share, owner, more))[:2] == (certain, possible)


def test_a_release_with_a_component_of_another_team_blocks() -> None:
    text = (
        "team a {} ; team b {}\nstream s { owner a; changes c }\n"
        "component c { owner a; deploy with d }\ncomponent d { owner b }"
    )
    facts = facts_of(text)
    dependency = dependency_of(facts, facts.org.teams["a"], facts.org.teams["b"])
    assert dependency is not None
    assert ids(read(facts, "dependency x provenance", dependency)) == ["release"]
    assert blockers(text)[0] == ["b"]


def test_a_gate_leads_to_the_team_that_does_the_gating_step() -> None:
    text = (
        "team a {} ; team b {}\nstream s { owner a\n"
        "step x { kind approval; by b; after none }\nstep y { by a }\n}\n"
        "coordination k { kind change-board; members b; gates s }"
    )
    facts = facts_of(text)
    dependency = dependency_of(facts, facts.org.teams["a"], facts.org.teams["b"])
    assert dependency is not None
    assert ids(read(facts, "dependency x provenance", dependency)) == ["gate"]
    assert blockers(text)[0] == ["b"]


def test_an_api_beside_a_manual_step_cannot_hide_the_step() -> None:
    text = STEP.format("manual", "a") + "\ncapability c { provided-by b; mode api; used-by a }"
    facts = facts_of(text)
    dependency = dependency_of(facts, facts.org.teams["a"], facts.org.teams["b"])
    assert read(facts, "dependency x selfserve", dependency) is False
    assert read(facts, "dependency x effect", dependency) == "blocking"
    assert blockers(text)[0] == ["b"]


@pytest.mark.parametrize(
    ("interaction", "certain", "possible"),
    [
        ("mode collaboration; since 2025-01-01; expected 8w", [], []),
        ("mode facilitating; since 2025-01-01; until 2025-03", [], []),
        ("mode collaboration; expected 8w", [], []),
        ("mode x-as-a-service; since 2025-01-01; expected 8w", ["b"], []),
        ("mode collaboration; since 2025-01-01; until none", ["b"], []),
        ("mode collaboration; since 2024-01-01; expected 8w", ["b"], []),
        ("mode collaboration; since 2025-02-15; expected 8w", ["b"], []),
        ("mode collaboration; since 2025-01-01", [], ["b"]),
        ("mode unknown; since 2025-01-01; expected 8w", [], ["b"]),
        ("mode collaboration; since unknown; expected 8w", [], ["b"]),
    ],
)
def test_an_active_collaboration_with_an_end_excuses_the_pair(
    interaction: str, certain: list[str], possible: list[str]
) -> None:
    text = NEED.format("via ticket; effect blocking; routine")
    text += f"\ninteraction b with a {{ {interaction} }}"
    assert blockers(text, as_of=date(2025, 2, 1))[:2] == (certain, possible)


def test_several_needs_of_one_team_are_one_blocker_with_the_lowest_promise() -> None:
    facts = facts_of(
        "team a {\n needs service from b { via ticket; effect blocking; routine; on-time 90% }\n"
        " needs data from b { via ticket; effect blocking; routine; on-time 70% }\n}\nteam b {}"
    )
    assert ids(read(facts, "team a blockers")) == ["b"]
    dependency = read(facts, "team a dependencies").certain[0]
    assert read(facts, "dependency x on-time", dependency) == Quantity.of(ratio(7, 10))


def test_declared_frequency_and_wait_win_over_those_of_steps() -> None:
    text = STEP.format("manual", "a")
    need = (
        "needs service from b { via ticket; effect blocking; routine; frequency 2/month; wait 1d }"
    )
    for facts, frequency, wait in (
        (facts_of(text), 6, 2 * DAY),
        (facts_of(text.replace("team a {}", f"team a {{ {need} }}")), 2, DAY),
    ):
        dependency = dependency_of(facts, facts.org.teams["a"], facts.org.teams["b"])
        assert dependency is not None
        found = cost(facts, dependency)
        assert (found.frequency, found.wait) == (Quantity.of(frequency), Quantity.of(wait))
        assert found.delay == Quantity.of(frequency * wait)


def test_the_wait_of_a_capability_counts_only_where_there_is_no_step(meridian: Facts) -> None:
    teams = meridian.org.teams
    science = dependency_of(meridian, teams["fraud-science"], teams["cloud"])
    assert science is not None
    assert cost(meridian, science).wait == Quantity.of(10 * DAY)
    assert cost(meridian, science).delay.high is None


def test_a_capability_whose_users_are_unknown_may_be_used_by_anyone() -> None:
    text = "team a {} ; team b {}\ncapability c { provided-by b; mode ticket; used-by unknown }"
    assert blockers(text) == ([], [], True, {("c", "used-by")})
    facts = facts_of(text)
    assert read(facts, "team b blocked-teams").open


@pytest.mark.parametrize("seed", range(6))
def test_the_blocking_graph_is_what_a_reading_of_the_definition_gives(seed: int) -> None:
    """Against an evaluation that knows only declared needs, on generated teams."""
    effects, ways = ("blocking", "slowing", "ok"), ("ticket", "api", "meeting")
    lines, edges = [], set()
    for number in range(12):
        needs = []
        for step in (1, 2, 5):
            other = (number * (seed + 2) + step) % 12
            way, effect = ways[(number + step + seed) % 3], effects[(number * step + seed) % 3]
            often = (number + step * seed) % 2 == 0
            if other == number:
                continue
            routine = "routine" if often else "occasional"
            needs.append(f"needs data from t{other} {{ via {way}; effect {effect}; {routine} }}")
            if effect == "blocking" and way != "api" and often:
                edges.add((f"t{number}", f"t{other}"))
        lines.append(f"team t{number} {{ {'; '.join(needs)} }}")
    graph = blocking_graph(facts_of("\n".join(lines)))
    assert set(graph.edges) == edges
    assert set(graph.nodes) == {f"t{number}" for number in range(12)}


def test_a_deep_chain_names_its_teams_in_order_and_survives_circles() -> None:
    def need(of: str, other: str) -> str:
        return f"team {of} {{ needs data from {other} {{ via ticket; effect blocking; routine }} }}"

    facts = facts_of("\n".join([need("a", "b"), need("b", "c"), need("c", "d"), "team d {}"]))
    assert ids(read(facts, "team a deep-chain")) == ["a", "b", "c", "d"]
    facts = facts_of("\n".join([need("a", "b"), need("b", "a")]))
    assert ids(read(facts, "team b deep-chain")) == ["b"]


# --- unknown --------------------------------------------------------------------------------------


def test_unknown_written_anywhere_opens_the_way_back_but_left_out_does_not() -> None:
    written = facts_of("team a {}\ncomponent c { owner unknown }")
    assert read(written, "team a components").open
    left_out = facts_of("team a {}\ncomponent c {}")
    assert read(left_out, "team a components") == Members()


FACTS = (
    "type|via|effect|frequency|owner|deploy|provided-by|mode|used-by|since|expected|changes|kind|by"
    "|lead|after|process|share|contributions|layer"
)
WATCHED = {
    "team": ("blockers", "blocked-teams", "dependencies", "behaves-as", "components"),
    "stream": ("after-first", "critical-path", "main-steps", "handoffs", "mechanisms", "providers"),
}


def watched(facts: Facts) -> dict[tuple[str, str, str], Members]:
    return {
        (kind, id, name): read(facts, f"{kind} {id} {name}")
        for kind, names in WATCHED.items()
        for id in facts.org.of_kind(kind)
        for name in names
    }


def test_a_fact_written_as_unknown_takes_away_no_certain_member_for_good() -> None:
    """Whatever becomes unknown, what was certain stays possible, and nothing new is certain."""
    text = MERIDIAN.read_text(encoding="utf-8")
    known = watched(facts_of(text))
    spot = re.compile(rf"(?<=[{{;\n])(\s*)({FACTS})(?= )[^;{{}}\n]+?(?=\s*(?:;|}}|\n|#))")
    spots = list(spot.finditer(text))
    assert len(spots) > 80
    for match in spots:
        changed = f"{text[: match.start()]}{match[1]}{match[2]} unknown{text[match.end() :]}"
        for key, now in watched(facts_of(changed)).items():
            where = f"{match[0].strip()}: {' '.join(key)}"
            assert now.open or set(ids(known[key])) <= {*ids(now), *perhaps(now)}, where
            assert set(ids(now)) <= {*ids(known[key]), *perhaps(known[key])}, where


def test_layer_bound_needs_every_layer_to_be_known() -> None:
    text = "team a {{}}\ncomponent c {{ owner a; layer api }}\ncomponent d {{ owner a; {} }}"
    assert read(facts_of(text.format("layer api")), "team a layer-bound") is True
    assert read(facts_of(text.format("layer data")), "team a layer-bound") is False
    assert isinstance(read(facts_of(text.format("")), "team a layer-bound"), Unknown)
    assert read(facts_of("team a {}"), "team a layer-bound") is False


def test_a_project_ends_unless_it_continues_as_a_team() -> None:
    text = "team a {{ type project; until 2025-06-30; {} }}\nteam b {{}}\ncomponent c {{ owner a }}"
    facts = facts_of(text.format(""))
    assert read(facts, "team a ends") is True
    assert ids(read(facts, "team a leaves-behind")) == ["c"]
    facts = facts_of(text.format("continues-as b"))
    assert read(facts, "team a ends") is False
    assert read(facts, "team a leaves-behind") == Members()
    facts = facts_of(text.format("continues-as unknown"))
    assert perhaps(read(facts, "team a leaves-behind")) == ["c"]


def test_a_durable_successor_keeps_a_component_from_being_left_behind() -> None:
    text = (
        "team a { until 2025-06-30 }\nteam b {}\n"
        "component c { owner a; owner b from 2025-06-01 }\ncomponent d { owner a; status sunset }"
    )
    assert read(facts_of(text), "team a leaves-behind") == Members()


def test_a_team_stands_aside_only_when_every_core_stream_is_surely_not_its_own() -> None:
    text = "team a {{}}\nteam b {{}}\ncomponent c {{ owner a }}\nstream s {{ owner b; changes {} }}"
    facts = facts_of(text.format("none"))
    assert read(facts, "team a stands-aside") is True
    assert read(facts, "team b stands-aside") is False
    assert isinstance(read(facts_of(text.format("c")), "team a stands-aside"), Unknown)
    assert isinstance(read(facts_of("team a {}"), "team a stands-aside"), Unknown)
    unowned = facts_of("team a {}\nstream s { owner unknown }")
    assert inputs(read(unowned, "team a stands-aside")) == {("s", "owner")}


def test_what_names_or_is_named_is_no_orphan() -> None:
    facts = facts_of(
        "team a {}\nteam b {}\ncomponent c { owner b }\ndomain d {}\nproduct p {}\n"
        "product q { significance supporting }"
    )
    assert ids(read(facts, "organisation x orphans")) == ["a", "d", "p"]


def test_a_deployment_on_demand_has_no_rate() -> None:
    facts = facts_of("stream s { deployment-frequency on-demand }")
    assert read(facts, "stream s deploys-on-demand") is True
    assert read(facts, "stream s deployment-frequency") is NONE


def test_components_that_deploy_together_count_once() -> None:
    facts = facts_of(
        "team a {}\ncomponent c { owner a }\ncomponent d { owner a; deploy with c }\n"
        "component e { owner a; deploy independent }"
    )
    assert ids(read(facts, "team a deployables")) == ["c", "e"]


def test_operations_of_a_change_name_their_teams(meridian: Facts) -> None:
    found = read(meridian, "change embed-testing operations").certain
    assert [item.verb for item in found] == ["move-step", "add-skill"]
    assert [item.team.id for item in found] == ["payments", "payments"]
    assert ids(read(meridian, "team qa planned-changes")) == ["embed-testing"]
