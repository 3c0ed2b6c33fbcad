"""Graphs of networkx: every reason is an edge with its place, and what is open is told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from golden import EXAMPLES, ROOT

from orgdiag import OrgdiagError, Workspace
from orgdiag.documents.figures import document
from orgdiag.measure import measure
from orgdiag.partial.quantity import Quantity


def workspace(text: str) -> Workspace:
    opened = Workspace("nowhere")
    opened.set_text("m.orgd", text)
    assert opened.model.findings == ()
    return opened


def edges(graph: Any) -> list[Any]:
    return [(source, target, data["kind"]) for source, target, data in graph.edges(data=True)]


@pytest.mark.parametrize("example", EXAMPLES)
def test_teams_and_reasons_are_those_of_the_numbers(example: str) -> None:
    opened = Workspace(ROOT / "examples" / example)
    graph = opened.graph()
    told = document(measure(opened.facts, None), opened.facts, Quantity.of(1))["dependencies"]
    reasons = Counter(
        (row["from"], row["to"], reason["kind"], reason["location"]["line"])
        for row in told
        for reason in row["provenance"]
    )
    drawn = Counter(
        (source, target, data["kind"], data["place"].line)
        for source, target, data in graph.edges(data=True)
    )
    assert drawn == reasons
    assert set(graph) == set(opened.org.teams)


def test_an_edge_says_what_is_known_of_its_reason() -> None:
    graph = workspace(
        "team a { needs data from b { effect blocking; routine; frequency 2/month; wait 3d };"
        ' needs approval from b }\nteam b "The others" { type platform }'
    ).graph()
    first, second = graph["a"]["b"].values()
    assert {**first, "place": str(first["place"])} == {
        "kind": "declared", "effect": "blocking", "provenance": ("need", "a needs data from b"),
        "place": "nowhere/m.orgd:1:16", "routine": True, "selfserve": False, "frequency": 2.0,
        "wait": 24.0,
    }  # fmt: skip
    assert (second["effect"], second["frequency"], second["wait"]) == (None, None, None)
    assert graph.nodes["b"] == {
        "kind": "team", "name": "The others", "type": "platform",
        "place": graph.nodes["b"]["place"],
    }  # fmt: skip


def test_every_reason_is_an_edge_with_its_place() -> None:
    graph = Workspace(ROOT / "examples/meridian").graph()
    reasons = graph["payments"]["qa"].values()
    assert sorted((reason["kind"], reason["provenance"][1]) for reason in reasons) == [
        ("capability", "testing"),
        ("step", "card-controls.test"),
        ("step", "instant-payments.test"),
    ]
    assert {reason["place"].text for reason in reasons} >= {"qa"}


def test_teams_that_only_name_each_other_are_nodes_and_no_edges() -> None:
    text = "team a {}\nteam b {}\ninteraction a with b { mode x-as-a-service }"
    graph = workspace(text).graph()
    assert (set(graph), edges(graph)) == ({"a", "b"}, [])


def test_what_is_open_is_no_edge_and_is_told() -> None:
    graph = workspace("team a { needs data from unknown }\nteam b { size 3 }").graph()
    assert edges(graph) == []
    assert graph.graph["open"] == ("from of need a needs data from unknown",)
    graph = workspace("component a { owner unknown; depends-on unknown }").graph("components")
    assert graph.graph["open"] == ("depends-on of component a",)


def test_the_steps_of_a_stream_branch_and_come_back() -> None:
    text = """
    team t { size 5 }
    stream s { owner t
      step a { by t }
      step b { by t; after a }
      step c { by t; after a }
      step d { by t; after b, c; rework 10% to a }
    }"""
    graph = workspace(text).graph("stream:s")
    assert edges(graph) == [
        ("s.a", "s.b", "flow"), ("s.a", "s.c", "flow"), ("s.b", "s.d", "flow"),
        ("s.c", "s.d", "flow"), ("s.d", "s.a", "rework"),
    ]  # fmt: skip
    assert graph["s.d"]["s.a"][0]["share"] == 0.1


def test_use_is_lifted_from_components_to_their_owners() -> None:
    text = """
    team a { size 5 }
    team b { size 5 }
    component x { owner a; depends-on y, z, own }
    component own { owner a }
    component y { owner b }
    component z { owner b }"""
    graph = workspace(text).graph("use")
    assert edges(graph) == [("a", "b", "component")] * 2
    assert [data["used"] for data in graph["a"]["b"].values()] == ["y", "z"]
    assert graph["a"]["b"][0]["place"].text == "y, z, own"


@pytest.mark.parametrize(
    ("of", "why"),
    [("taems", "did you mean `teams`"), ("stream:x", "there is no stream `x`"), ("", "teams, use")],
)
def test_another_graph_is_refused(of: str, why: str) -> None:
    with pytest.raises(OrgdiagError) as refused:
        workspace("team a { size 5 }").graph(of)
    (problem,) = refused.value.problems
    assert why in f"{problem.message} {problem.help}"


def test_an_algorithm_of_networkx_finds_the_circles_that_the_rules_find(tmp_path: Path) -> None:
    needs = "needs data from {} {{ effect blocking; routine }}"
    ring = {"a": "b", "b": "c", "c": "a", "d": "a", "e": "f", "f": "e", "g": "a"}
    text = "\n".join(f"team {one} {{ size 5; {needs.format(two)} }}" for one, two in ring.items())
    opened = workspace(text)
    graph = opened.graph()
    groups = nx.strongly_connected_components(graph)
    circles = {frozenset(group) for group in groups if len(group) > 1}
    found = [f for f in opened.report().findings if f.rule == "blocking-cycle"]
    assert circles == {frozenset(finding.subject.id.split(" with ")) for finding in found}
    assert circles == {frozenset("abc"), frozenset("ef")}
