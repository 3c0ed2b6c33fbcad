"""Teams, a stream or components as a graph, in the languages of other tools."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from orgdiag.facts.columns import Facts
from orgdiag.facts.dependencies import dependencies, effect, routine, selfserve
from orgdiag.finding import OrgdiagError
from orgdiag.frozen import frozen
from orgdiag.media.escaped import Escaped
from orgdiag.media.indented import Json, indented
from orgdiag.media.markup import Xml
from orgdiag.model.elements import Org
from orgdiag.partial.unknown import Unknown, Unwritten
from orgdiag.text.nearest import did_you_mean
from orgdiag.text.printable import printable

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


class Mermaid(Escaped):
    """Mermaid; foreign text stands in quotes of its own.

    >>> Mermaid("n{}[{}]").format(0, "R&D “x”")
    'n0["R#38;D #8220;x#8221;"]'
    """

    __slots__ = ()

    @staticmethod
    def written(foreign: str) -> str:
        """The text in quotes: everything but letters, digits and blanks as entities."""
        return f'"{_ENTITIES.sub(lambda match: f"#{ord(match[0])};", printable(foreign))}"'


_ENTITIES: Final = re.compile(r"[^\w \-.,·]")


def mermaid(diagram: Diagram) -> Mermaid:
    """The diagram as a Mermaid flowchart."""
    names = {node.id: number for number, node in enumerate(diagram.nodes)}
    return Mermaid("\n").join([*_mermaid(diagram, names), Mermaid()])


def _mermaid(diagram: Diagram, names: Mapping[str, int]) -> Iterator[Mermaid]:
    yield Mermaid("flowchart LR")
    for node in diagram.nodes:
        yield Mermaid("  n{}[{}]").format(names[node.id], node.label)
    for edge in diagram.edges:
        arrow = Mermaid("-->") if edge.strong else Mermaid("-.->")
        label = Mermaid("|{}|").format(edge.label) if edge.label else Mermaid()
        source, target = names[edge.source], names[edge.target]
        yield Mermaid("  n{} {}{} n{}").format(source, arrow, label, target)


class Dot(Escaped):
    """The language of Graphviz; foreign text stands in quotes of its own.

    >>> print(Dot("{} [label={}]").format('a"b', "R&amp;D ##[x]"))
    "a\\"b" [label="R&amp;amp;D ## [x]"]
    """

    __slots__ = ()

    @staticmethod
    def written(foreign: str) -> str:
        """The text in quotes; Graphviz would read references of HTML in it."""
        inner = printable(foreign).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{_REFERENCE.sub("&amp;", inner)}"'


_REFERENCE: Final = re.compile(r"&(?=#?[A-Za-z0-9]+;)")


def dot(diagram: Diagram) -> Dot:
    """The diagram for Graphviz."""
    return Dot("\n").join([*_dot(diagram), Dot()])


def _dot(diagram: Diagram) -> Iterator[Dot]:
    yield Dot("digraph {")
    yield Dot("  rankdir=LR;")
    yield Dot("  node [shape=box];")
    yield Dot("  label={};").format(diagram.title)
    for node in diagram.nodes:
        yield Dot("  {} [label={}];").format(node.id, node.label)
    for edge in diagram.edges:
        style = Dot("solid") if edge.strong else Dot("dashed")
        label = Dot(", label={}").format(edge.label) if edge.label else Dot()
        ends = edge.source, edge.target
        yield Dot("  {} -> {} [style={}{}];").format(*ends, style, label)
    yield Dot("}")


def graphml(diagram: Diagram) -> Xml:
    """The diagram as GraphML."""
    return Xml("\n").join([*_graphml(diagram), Xml()])


def _graphml(diagram: Diagram) -> Iterator[Xml]:
    yield Xml('<?xml version="1.0" encoding="UTF-8"?>')
    yield Xml('<graphml xmlns="http://graphml.graphdrawing.org/xmlns">')
    key = Xml('  <key id="{0}-{1}" for="{0}" attr.name="{1}" attr.type="{2}"/>')
    for owner, name in (("node", "label"), ("node", "kind"), ("edge", "label"), ("edge", "strong")):
        yield key.format(owner, name, "boolean" if name == "strong" else "string")
    yield Xml('  <graph edgedefault="directed">')
    for node in diagram.nodes:
        data = _data("node", label=node.label, kind=node.kind)
        yield Xml('    <node id="{}">{}</node>').format(node.id, data)
    for edge in diagram.edges:
        data = _data("edge", label=edge.label, strong=str(edge.strong).lower())
        ends = edge.source, edge.target
        yield Xml('    <edge source="{}" target="{}">{}</edge>').format(*ends, data)
    yield Xml("  </graph>")
    yield Xml("</graphml>")


def _data(owner: str, **values: str) -> Xml:
    data = Xml('<data key="{}-{}">{}</data>')
    return Xml().join(data.format(owner, *item) for item in values.items() if item[1])


def as_json(diagram: Diagram) -> Json:
    """The diagram as JSON: nodes and edges."""
    return indented(
        {
            "title": diagram.title,
            "nodes": [node._asdict() for node in diagram.nodes],
            "edges": [edge._asdict() for edge in diagram.edges],
        }
    )


LANGUAGES: Final[Mapping[str, Callable[[Diagram], Escaped]]] = MappingProxyType(
    {"mermaid": mermaid, "dot": dot, "graphml": graphml, "json": as_json}
)
PICTURES: Final = frozenset({"mermaid", "dot"})


def written(diagram: Diagram, language: str, everything: bool = False) -> Escaped:
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
