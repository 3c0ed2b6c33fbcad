"""Teams, use, a stream or components as a graph of networkx, for whoever goes on with it.

A node is an element, with `kind`, `name`, `type` and `place`. An edge is one reason, so two nodes
may have several; it says `kind`, `effect`, `provenance` (kind and id of the element that brings it
about) and `place`. What is not known is None, never no and never zero. Only what surely is there is
an edge: `graph["open"]` has the inputs that may add more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from orgdiag.facts.columns import Facts
from orgdiag.facts.dependencies import dependencies
from orgdiag.facts.grounds import Ground
from orgdiag.finding import OrgdiagError
from orgdiag.model.elements import Element, Step
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import UNKNOWN
from orgdiag.text.nearest import did_you_mean

if TYPE_CHECKING:
    import networkx as nx

_FORMS: Final = ("teams", "use", "stream:ID", "components")


class Edge(NamedTuple):
    """One reason for an arrow, and what is known of it."""

    source: str
    target: str
    kind: str
    place: Any
    provenance: tuple[str, str]
    effect: str | None = None
    more: Mapping[str, Any] = MappingProxyType({})


class _Drawn(NamedTuple):
    """What a graph is made of: its nodes, its edges, and the inputs that may add more."""

    nodes: Iterable[Element]
    edges: Iterable[Edge]
    open: Iterable[str]


def graph(facts: Facts, of: str = "teams") -> nx.MultiDiGraph[str]:
    """The graph of one of these; see the module for what nodes and edges hold.

    Args:
        facts: the organisation.
        of: `teams` with their effective dependencies (an edge leads from who needs to who is
            needed); `use`: teams whose components need components of others at run time;
            `stream:ID`: its steps in order, and where work comes back to; `components`.

    Raises:
        OrgdiagError: there is no such graph or stream.
    """
    import networkx as nx

    drawn = _drawn(facts, of)
    result: nx.MultiDiGraph[str] = nx.MultiDiGraph(of=of, open=tuple(dict.fromkeys(drawn.open)))
    for node in drawn.nodes:
        result.add_node(
            node.id, kind=node.kind, name=node.name or node.id,
            type=_word(getattr(node, "type", None)), place=node.span,
        )  # fmt: skip
    for source, target, kind, place, provenance, effect, more in drawn.edges:
        if source in result and target in result:
            result.add_edge(
                source, target, kind=kind, effect=effect, provenance=provenance, place=place, **more
            )
    return result


def _drawn(facts: Facts, of: str) -> _Drawn:
    kind, _, id = of.partition(":")
    if kind == "stream" and id:
        return _stream(facts, id)
    if of not in _OF:
        near = did_you_mean(of, _FORMS) or f"{', '.join(_FORMS[:-1])} or {_FORMS[-1]}"
        raise OrgdiagError.of(f"there is no graph of `{of}`", help=near)
    return _OF[of](facts)


def _teams(facts: Facts) -> _Drawn:
    needed = {team.id: dependencies(facts, team) for team in facts.org.teams.values()}
    grounds = (
        ground
        for found in needed.values()
        for dependency in found.certain
        for ground in dependency.grounds
        if ground.holds is True
    )
    missing = (gap for found in needed.values() for gap in found.missing)
    return _Drawn(
        facts.org.teams.values(),
        map(_needs, grounds),
        (f"{gap.property} of {gap.kind} {gap.id}" for gap in missing),
    )


def _needs(ground: Ground) -> Edge:
    more = {
        "routine": _known(ground.routine),
        "selfserve": _known(ground.selfserve),
        "frequency": _number(ground.frequency),
        "wait": _number(ground.wait / Quantity.of(60)),
    }
    by = ground.element.kind, ground.element.id
    ends = ground.consumer.id, ground.provider.id
    return Edge(*ends, ground.provenance, ground.span, by, _word(ground.effect), more)


def _use(facts: Facts) -> _Drawn:
    org = facts.org
    edges = (
        Edge(user, used, "component", component.place("depends-on"), ("component", component.id),
             more={"component": component.id, "used": other})
        for component in org.components.values()
        for other in _names(component.depends_on)
        for user in _names(component.owner)
        for used in _names(org.components[other].owner)
        if user != used
    )  # fmt: skip
    return _Drawn(org.teams.values(), edges, _open(org.components.values(), "owner", "depends-on"))


def _components(facts: Facts) -> _Drawn:
    every = facts.org.components
    edges = (
        Edge(one.id, other, "depends-on", one.place("depends-on"), ("component", one.id))
        for one in every.values()
        for other in _names(one.depends_on)
    )
    return _Drawn(every.values(), edges, _open(every.values(), "depends-on"))


def _stream(facts: Facts, id: str) -> _Drawn:
    org = facts.org
    found = org.streams.get(id)
    if found is None:
        raise OrgdiagError.of(f"there is no stream `{id}`", help=did_you_mean(id, org.streams))
    steps = [org.steps[step] for step in found.steps if step in org.steps]
    edges = (edge for step in steps for edge in _flow(step))
    return _Drawn(steps, edges, _open(steps, "after", "rework"))


def _flow(step: Step) -> Iterator[Edge]:
    """An edge from each step that it follows, and to each that work goes back to."""
    for before in _names(step.after):
        yield Edge(before, step.id, "flow", step.place("after"), ("step", step.id))
    for rework in step.rework if isinstance(step.rework, tuple) else ():
        if isinstance(rework.to, str):
            share = {"share": _number(rework.share)}
            yield Edge(step.id, rework.to, "rework", rework.span, ("step", step.id), more=share)


_OF: Final[Mapping[str, Callable[[Facts], _Drawn]]] = MappingProxyType(
    {"teams": _teams, "use": _use, "components": _components}
)


# --- what is known --------------------------------------------------------------------------------


def _open(elements: Iterable[Element], *words: str) -> Iterator[str]:
    """The properties of elements that nobody knows, or that name something unknown."""
    for element in elements:
        for word in words:
            value = getattr(element, word.replace("-", "_"))
            if value is None or value is UNKNOWN or (isinstance(value, tuple) and UNKNOWN in value):
                yield f"{word} of {element.kind} {element.id}"


def _names(value: object) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, tuple) else []


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _known(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: object) -> float | None:
    """The number in its unit; None where it is not known exactly."""
    if isinstance(value, Quantity) and value.exact and value.low is not None:
        return float(value.low)
    return None
