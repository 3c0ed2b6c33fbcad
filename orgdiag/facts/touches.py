"""What the changes of a stream touch: components, domains, and whose they are."""

from operator import attrgetter
from typing import Annotated, ClassVar, Final

from orgdiag.facts.columns import Facts, entity, relation
from orgdiag.facts.properties import as_members, members_of, missing, referred
from orgdiag.facts.streams import owners
from orgdiag.frozen import frozen
from orgdiag.model.elements import Component, Stream
from orgdiag.model.parts import Touch
from orgdiag.model.types import FLAG, SHARE, to, to_many
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import ONE, Quantity, ratio
from orgdiag.partial.sets import each, mapped, meets, such_that
from orgdiag.partial.truth import Truth, at_least, every, negation
from orgdiag.partial.unknown import Missing, Unknown, Unwritten
from orgdiag.text.source import Span

# A change that touches a component, or takes a step, at least this often makes the dependency
# routine. Default chosen by orgdiag.
ROUTINE_SHARE: Final = ratio(1, 4)


@entity
@frozen
class Touched:
    """A component that a change of a stream usually touches."""

    kind: ClassVar[str] = "touch"

    id: str
    span: Span
    stream: Annotated[Stream, to("stream"), "the stream that changes it"]
    component: Annotated[Component, to("component"), "what is changed"]
    share: Annotated[
        Quantity, SHARE, "the share of changes that touch it; counts as 100 % when left out"
    ]
    foreign: Annotated[
        Truth, FLAG, "whether no owner of the stream owns it and it is not inner-source"
    ]


@relation("stream", "touches", to_many("touch"))
def touches(facts: Facts, stream: Stream) -> Members:
    """The components that its changes touch, each with its share."""
    if stream.changes is None or isinstance(stream.changes, Unwritten):
        return Members((), (), missing(stream, "changes"), open=True)
    found, open = [], False
    for item in stream.changes:
        component = (
            facts.org.components.get(item.component) if isinstance(item.component, str) else None
        )
        if component is None:
            open = True
        else:
            found.append(_touched(facts, stream, component, item))
    return Members(tuple(found), (), missing(stream, "changes") if open else (), open)


def _touched(facts: Facts, stream: Stream, component: Component, item: Touch) -> Touched:
    share = item.share
    if share is None:
        share = ONE
    elif isinstance(share, Unwritten):
        share = Quantity(0, 1, (Missing("stream", stream.id, "changes", item.span),))
    own = meets(members_of(facts, component, "owner", "team"), owners(facts, stream))
    return Touched(
        f"{stream.id} changes {component.id}",
        item.span,
        stream,
        component,
        share,
        every((negation(own), negation(inner_source(facts, component)))),
    )


@relation("component", "inner-source", FLAG, kept=False)
def inner_source(facts: Facts, component: Component) -> Truth:
    """Whether others may change it themselves; left out: no."""
    if isinstance(component.contributions, Unwritten):
        return Unknown(missing(component, "contributions"))
    return component.contributions == "inner-source"


@relation("stream", "components", to_many("component"))
def components_of(facts: Facts, stream: Stream) -> Members:
    """The components that its changes touch."""
    return mapped(touches(facts, stream), attrgetter("component"))


def routinely(touch: Touched) -> Truth:
    """Whether at least a quarter of the changes touch it."""
    return at_least(touch.share, ROUTINE_SHARE)


@relation("stream", "routinely-changed", to_many("component"))
def routinely_changed(facts: Facts, stream: Stream) -> Members:
    """The components that at least a quarter of its changes touch."""
    routine = such_that(touches(facts, stream), routinely)
    return mapped(routine, attrgetter("component"))


@relation("stream", "foreign-components", to_many("component"))
def foreign_components(facts: Facts, stream: Stream) -> Members:
    """The routinely changed components that its owners cannot change themselves."""
    foreign = such_that(
        touches(facts, stream), lambda touch: every((routinely(touch), touch.foreign))
    )
    return mapped(foreign, attrgetter("component"))


@relation("stream", "domains", to_many("domain"))
def domains_of(facts: Facts, stream: Stream) -> Members:
    """The domains it lies in; left out: those of the components it changes."""
    if stream.domains is not None:
        return members_of(facts, stream, "domains", "domain")
    return each(
        components_of(facts, stream),
        lambda component: as_members(referred(facts, component, "domain", "domain")),
    )
