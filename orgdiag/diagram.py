"""Teams, a stream or components as a graph, in the languages of other tools."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from orgdiag.finding import OrgdiagError
from orgdiag.frozen import frozen
from orgdiag.graph.dependencies import dependencies, effect, routine, selfserve
from orgdiag.graph.facts import Facts
from orgdiag.model import Org
from orgdiag.nearest import did_you_mean
from orgdiag.printable import printable
from orgdiag.quantity import Unknown, Unwritten

READABLE: Final = 60


class Node(NamedTuple):
    """Something drawn as a box: its id, what is written in it, and what kind of thing it is."""

    id: str
    label: str
    kind: str


class Edge(NamedTuple):
    """An arrow. `strong` ones are drawn solid; `label` is written beside it, or ""."""

    source: str
    target: str
    label: str = ""
    strong: bool = True


@frozen
class Diagram:
    """Boxes and arrows in a stable order."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def teams(facts: Facts) -> Diagram:
    """Who needs whom; solid where somebody waits as a matter of routine."""
    every = facts.org.teams.values()
    edges = [
        Edge(
            team.id,
            dependency.provider.id,
            _text(effect(facts, dependency)),
            effect(facts, dependency) == "blocking"
            and routine(facts, dependency) is True
            and selfserve(facts, dependency) is not True,
        )
        for team in every
        for dependency in dependencies(facts, team).every()
    ]
    nodes = (Node(team.id, team.name or team.id, _text(team.type)) for team in every)
    return _diagram(f"Teams of {facts.org.name or facts.org.id}", nodes, edges)


def stream(facts: Facts, id: str) -> Diagram:
    """The steps of a stream; rework is dashed.

    Raises:
        OrgdiagError: there is no such stream.
    """
    org = facts.org
    found = org.streams.get(id)
    if found is None:
        raise OrgdiagError.of(f"there is no stream `{id}`", help=did_you_mean(id, org.streams))
    steps = [org.steps[step] for step in found.steps if step in org.steps]
    nodes = (
        Node(step.id, f"{step.name or step.local} · {_names(org, step.by)}", _text(step.type))
        for step in steps
    )
    edges = [Edge(before, step.id) for step in steps for before in _known(step.after)]
    for step in steps:
        for rework in step.rework if isinstance(step.rework, tuple) else ():
            if isinstance(rework.to, str):
                edges.append(Edge(step.id, rework.to, "rework", strong=False))
    return _diagram(found.name or found.id, nodes, edges)


def components(facts: Facts) -> Diagram:
    """What needs what at run time."""
    org = facts.org
    every = org.components.values()
    nodes = (Node(c.id, c.name or c.id, _text(c.layer)) for c in every)
    edges = [Edge(c.id, other) for c in every for other in _known(c.depends_on)]
    return _diagram(f"Components of {org.name or org.id}", nodes, edges)


def _diagram(title: str, nodes: Iterable[Node], edges: Iterable[Edge]) -> Diagram:
    boxes = tuple(sorted(set(nodes)))
    ids = {node.id for node in boxes}
    arrows = sorted({edge for edge in edges if edge.source in ids and edge.target in ids})
    return Diagram(title, boxes, tuple(arrows))


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, Unknown | Unwritten) else str(value)


def _known(names: object) -> list[str]:
    return [name for name in names if isinstance(name, str)] if isinstance(names, tuple) else []


def _names(org: Org, ids: object) -> str:
    known = [org.teams[id].name or id for id in _known(ids) if id in org.teams]
    return ", ".join(known) or "?"


# --- languages ------------------------------------------------------------------------------------


def mermaid(diagram: Diagram) -> str:
    """The diagram as a Mermaid flowchart."""
    names = {node.id: f"n{number}" for number, node in enumerate(diagram.nodes)}
    return "".join(f"{line}\n" for line in _mermaid(diagram, names))


def _mermaid(diagram: Diagram, names: Mapping[str, str]) -> Iterator[str]:
    yield "flowchart LR"
    for node in diagram.nodes:
        yield f'  {names[node.id]}["{_entities(node.label)}"]'
    for edge in diagram.edges:
        arrow = "-->" if edge.strong else "-.->"
        label = f'|"{_entities(edge.label)}"|' if edge.label else ""
        yield f"  {names[edge.source]} {arrow}{label} {names[edge.target]}"


def _entities(text: str) -> str:
    """Text for a quoted Mermaid label: everything but letters, digits and blanks as entities."""
    return re.sub(r"[^\w \-.,·]", lambda match: f"#{ord(match[0])};", printable(text))


def dot(diagram: Diagram) -> str:
    """The diagram for Graphviz."""
    lines = [
        "digraph {",
        "  rankdir=LR;",
        "  node [shape=box];",
        f"  label={_quoted(diagram.title)};",
    ]
    lines += (f"  {_quoted(node.id)} [label={_quoted(node.label)}];" for node in diagram.nodes)
    for edge in diagram.edges:
        style = "solid" if edge.strong else "dashed"
        label = f", label={_quoted(edge.label)}" if edge.label else ""
        lines.append(f"  {_quoted(edge.source)} -> {_quoted(edge.target)} [style={style}{label}];")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    inner = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def graphml(diagram: Diagram) -> str:
    """The diagram as GraphML."""
    keys = [("node", "label"), ("node", "kind"), ("edge", "label"), ("edge", "strong")]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ]
    for owner, name in keys:
        type = "boolean" if name == "strong" else "string"
        lines.append(
            f'  <key id="{owner}-{name}" for="{owner}" attr.name="{name}" attr.type="{type}"/>'
        )
    lines.append('  <graph edgedefault="directed">')
    for node in diagram.nodes:
        data = _data("node", label=node.label, kind=node.kind)
        lines.append(f"    <node id={_attribute(node.id)}>{data}</node>")
    for edge in diagram.edges:
        ends = f"source={_attribute(edge.source)} target={_attribute(edge.target)}"
        data = _data("edge", label=edge.label, strong=str(edge.strong).lower())
        lines.append(f"    <edge {ends}>{data}</edge>")
    return "\n".join([*lines, "  </graph>", "</graphml>"]) + "\n"


def _data(owner: str, **values: str) -> str:
    return "".join(
        f'<data key="{owner}-{name}">{escape(printable(text))}</data>'
        for name, text in values.items()
        if text
    )


def _attribute(text: str) -> str:
    return quoteattr(printable(text))


def as_json(diagram: Diagram) -> str:
    """The diagram as JSON: nodes and edges."""
    data = {
        "title": diagram.title,
        "nodes": [node._asdict() for node in diagram.nodes],
        "edges": [edge._asdict() for edge in diagram.edges],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


LANGUAGES: Final[Mapping[str, Callable[[Diagram], str]]] = MappingProxyType(
    {"mermaid": mermaid, "dot": dot, "graphml": graphml, "json": as_json}
)
PICTURES: Final = frozenset({"mermaid", "dot"})


def written(diagram: Diagram, language: str, everything: bool = False) -> str:
    """The diagram in a language.

    Raises:
        OrgdiagError: it is too large for a picture, and not everything was asked for.
    """
    if language in PICTURES and len(diagram.nodes) > READABLE and not everything:
        raise OrgdiagError.of(
            f"{len(diagram.nodes)} boxes are too many for a picture that can be read",
            help="draw one stream (--of stream:ID), use graphml or json, or ask with --all",
        )
    return LANGUAGES[language](diagram)
