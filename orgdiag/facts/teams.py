"""What a team does, whom it serves, how long it lasts, and what it behaves as."""

from datetime import date
from typing import Annotated, Any, ClassVar

from orgdiag.facts.columns import Facts, entity, index, relation
from orgdiag.facts.components import (
    builders,
    changing_streams,
    live,
    owned_components,
    owners_of,
    runners,
)
from orgdiag.facts.grounds import Dependency
from orgdiag.facts.properties import Users, members_of, missing, said, users
from orgdiag.facts.steps import manual
from orgdiag.facts.streams import owners
from orgdiag.facts.touches import components_of
from orgdiag.frozen import frozen
from orgdiag.model.elements import Component, Group, Need, Step, Stream, Team
from orgdiag.model.parts import OnCall, Role, SharedMembers
from orgdiag.model.types import FLAG, SHARE, TEXT, Ref, to, to_many, word
from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.sets import contains, each, mapped, meets, such_that, union, without
from orgdiag.partial.truth import Truth, every, few, gaps_of, negation, some
from orgdiag.partial.unknown import NONE, Gaps, Missing, Nothing, Unknown, Unwritten, merge
from orgdiag.text.source import Span

# --- what it owns and does ------------------------------------------------------------------------


@index
def _ownership(facts: Facts) -> Users:
    return users(facts.org.streams.values(), "owner", "team")


@relation("team", "streams", to_many("stream"), kept=False)
def streams(facts: Facts, team: Team) -> Members:
    """The streams it owns."""
    return _ownership(facts).of(team)


@relation("team", "core-streams", to_many("stream"), kept=False)
def core_streams(facts: Facts, team: Team) -> Members:
    """The streams of core significance that it owns."""
    return such_that(streams(facts, team), is_core)


def is_core(stream: Stream) -> Truth:
    """Whether the stream matters on its own."""
    significance = said(stream, "significance")
    return significance if isinstance(significance, Unknown) else significance == "core"


@index
def _work(facts: Facts) -> Users:
    return users(facts.org.steps.values(), "by", "team")


@relation("team", "steps", to_many("step"), kept=False)
def steps(facts: Facts, team: Team) -> Members:
    """The steps it does, alone or with others."""
    return _work(facts).of(team)


def _of_others(facts: Facts, team: Team, step: Step) -> Truth:
    """Whether the team does not own the stream of the step."""
    return negation(contains(owners(facts, facts.org.streams[step.stream]), team))


@relation("team", "stands-aside", FLAG)
def stands_aside(facts: Facts, team: Team) -> Truth:
    """Whether it works on no stream, and every core stream is known to be another team's alone.

    Unknown where the model may lack the stream it owns: when there is no core stream, or one has no
    owner, or one changes a component of the team.
    """
    owned, done = streams(facts, team), steps(facts, team)
    if owned.certain or done.certain:
        return False
    cores, parts = _cores(facts), owned_components(facts, team)
    changing = such_that(changing_streams(facts, team), is_core)
    gaps = [*owned.missing, *done.missing, *cores.owners, *changing.missing]
    if parts.certain or parts.open:
        gaps += [*parts.missing, *cores.changes]
    if cores.all_owned and not gaps and not changing.certain:
        return True
    return Unknown(few(gaps) or (Missing("team", team.id, "stream", team.span),))


@frozen
class _Cores:
    """What is known of the core streams together.

    all_owned        whether there are some, and each has an owner
    owners, changes  the inputs that would tell who owns them, and what they change
    """

    all_owned: bool
    owners: Gaps
    changes: Gaps


@index
def _cores(facts: Facts) -> _Cores:
    cores = [stream for stream in facts.org.streams.values() if is_core(stream) is not False]
    return _Cores(
        any(is_core(stream) is True for stream in cores)
        and all(owners(facts, stream).certain for stream in cores),
        few(
            gap
            for stream in cores
            for gap in (*owners(facts, stream).missing, *gaps_of(is_core(stream)))
        ),
        few(gap for stream in cores for gap in components_of(facts, stream).missing),
    )


@relation("team", "manual-streams", to_many("stream"))
def manual_streams(facts: Facts, team: Team) -> Members:
    """The streams it does not own in which it does a step that is said to be manual."""
    by_hand = such_that(
        steps(facts, team),
        lambda step: every((manual(facts, step), _of_others(facts, team, step))),
    )
    return mapped(by_hand, lambda step: facts.org.streams[step.stream])


@relation("team", "owners-served", to_many("team"), kept=False)
def owners_served(facts: Facts, team: Team) -> Members:
    """The owners of the streams in which it does a step that is said to be manual."""
    served = each(manual_streams(facts, team), lambda stream: owners(facts, stream))
    return without(served, team)


@relation("team", "groups", to_many("group"))
def groups(facts: Facts, team: Team) -> Members:
    """The groups it belongs to; a location does not count."""
    return such_that(members_of(facts, team, "in_", "group"), _of_the_chart)


def _of_the_chart(group: Group) -> Truth:
    """Whether the group is no location; open when its kind is said to be unknown."""
    if isinstance(group.type, Unwritten):
        return Unknown(missing(group, "kind"))
    return group.type != "location"


def same_group(facts: Facts, one: Team, other: Team) -> Truth:
    """Whether the two share a group; unknown where one of them has none."""
    first, second = groups(facts, one), groups(facts, other)
    for team, found in ((one, first), (other, second)):
        if found.known and not found.certain:
            return Unknown(missing(team, "in"))
    return meets(first, second)


@relation("dependency", "cross-group", FLAG)
def cross_group(facts: Facts, dependency: Dependency) -> Truth:
    """Whether its teams have groups and share none."""
    return negation(same_group(facts, dependency.consumer, dependency.provider))


# --- needs, sharing, on-call ----------------------------------------------------------------------


@relation("team", "needs", to_many("need"), kept=False)
def needs(facts: Facts, team: Team) -> Members:
    """The dependencies that it declares."""
    if isinstance(team.needs, Unwritten):
        return Members((), (), missing(team, "needs"), open=True)
    return Members(team.needs)


@relation("need", "team", to("team"), kept=False)
def needing(facts: Facts, need: Need) -> Any:
    """The team that needs."""
    return facts.org.teams[need.team]


@relation("need", "provider", to("team"), kept=False)
def needed(facts: Facts, need: Need) -> Any:
    """The team that is needed."""
    found = facts.org.teams.get(need.provider) if isinstance(need.provider, str) else None
    return Unknown(missing(need, "from")) if found is None else found


@relation("need", "what", TEXT, kept=False)
def what(facts: Facts, need: Need) -> str:
    """What is needed: a kind of dependency or the id of a capability."""
    return need.what


@relation("need", "capability", to("capability"), kept=False)
def needed_capability(facts: Facts, need: Need) -> Any:
    """The capability that is needed, where one is named."""
    found = facts.org.capabilities.get(need.capability or "")
    return NONE if found is None else found


@entity
@frozen
class SharedMember:
    """A share of a team's people who also work for another team."""

    kind: ClassVar[str] = "shared-member"

    id: str
    span: Span
    team: Annotated[Team | Unknown, to("team"), "the other team they work for"]
    share: Annotated[Quantity, SHARE, "the share of their time or number"]


@relation("team", "shared-members", to_many("shared-member"))
def shared_members(facts: Facts, team: Team) -> Members:
    """Its fractional memberships with other teams."""
    if isinstance(team.members_shared_with, Unwritten):
        return Members((), (), missing(team, "members-shared-with"), open=True)
    return Members(tuple(_shared(facts, team, item) for item in team.members_shared_with))


def _shared(facts: Facts, team: Team, item: SharedMembers) -> SharedMember:
    gap = (Missing("team", team.id, "members-shared-with", item.span),)
    other = facts.org.teams.get(item.team) if isinstance(item.team, str) else None
    return SharedMember(
        f"{team.id} with {'unknown' if other is None else other.id}",
        item.span,
        Unknown(gap) if other is None else other,
        item.share if isinstance(item.share, Quantity) else Quantity(0, 1, gap),
    )


@entity
@frozen
class TeamRole:
    """A role of a team; never a person."""

    kind: ClassVar[str] = "role"

    id: str
    span: Span
    name: str
    team: Annotated[Team, to("team"), "the team it belongs to"]
    teams: Annotated[Members, to_many("team"), "every team it works for, its own among them"]


@relation("team", "roles", to_many("role"))
def roles(facts: Facts, team: Team) -> Members:
    """Its roles, each with the teams it is shared with."""
    return Members(tuple(_role(facts, team, item) for item in team.roles))


def _role(facts: Facts, team: Team, item: Role) -> TeamRole:
    others = [facts.org.teams.get(id) if isinstance(id, str) else None for id in item.teams]
    open = None in others
    gap = (Missing("team", team.id, "role", item.span),) if open else ()
    known = dict.fromkeys([team, *(other for other in others if other is not None)])
    return TeamRole(item.id, item.span, item.name, team, Members(tuple(known), (), gap, open))


@relation("team", "on-call", word("self", "shared-with", "other"), kept=False)
def on_call(facts: Facts, team: Team) -> str | Nothing | Unknown:
    """Who carries the pager: itself, itself with another team, another; none for nobody."""
    if team.on_call is None or isinstance(team.on_call, Unwritten):
        return Unknown(missing(team, "on-call"))
    return team.on_call.how if isinstance(team.on_call, OnCall) else NONE


@relation("team", "on-call-team", to("team"), kept=False)
def on_call_team(facts: Facts, team: Team) -> Any:
    """The other team that carries its pager or shares it."""
    found = team.on_call
    if found is None or isinstance(found, Unwritten):
        return Unknown(missing(team, "on-call"))
    if isinstance(found, Nothing) or found.team is None:
        return NONE
    other = facts.org.teams.get(found.team) if isinstance(found.team, str) else None
    return Unknown(missing(team, "on-call")) if other is None else other


@relation("component", "shared-on-call", FLAG)
def shared_on_call(facts: Facts, component: Component) -> Truth:
    """Whether a team that builds it and one that runs it share the pager."""
    building, running = builders(facts, component), runners(facts, component)
    pairs = [(a, b) for a in building.every() for b in running.every()]
    shared = [_shares(facts, a, b) for a, b in pairs] + [_shares(facts, b, a) for a, b in pairs]
    known = some(shared)
    if known is False and (building.open or running.open):
        return Unknown(merge(building.missing, running.missing))
    return known


def _shares(facts: Facts, team: Team, other: Team) -> Truth:
    how, whom = on_call(facts, team), on_call_team(facts, team)
    if isinstance(how, Unknown):
        return how
    if how != "shared-with":
        return False
    return whom if isinstance(whom, Unknown) else whom is other


@relation("team", "cognitive-load", word("low", "ok", "high"), kept=False)
def cognitive_load(facts: Facts, team: Team) -> str | Unknown:
    """The team's own judgement of its cognitive load."""
    if team.cognitive_load is None or isinstance(team.cognitive_load, Unwritten):
        return Unknown(missing(team, "cognitive-load"))
    return team.cognitive_load.level


@relation("team", "cognitive-load-evidence", TEXT, kept=False)
def cognitive_load_evidence(facts: Facts, team: Team) -> str | Unknown:
    """What the team's judgement of its cognitive load rests on."""
    if team.cognitive_load is None or isinstance(team.cognitive_load, Unwritten):
        return Unknown(missing(team, "cognitive-load"))
    return team.cognitive_load.evidence


@relation("team", "single-craft", FLAG, kept=False)
def single_craft(facts: Facts, team: Team) -> Truth:
    """Whether it has one craft only: a stated discipline and no other skills."""
    if isinstance(team.discipline, Unwritten):
        return Unknown(missing(team, "discipline"))
    if team.discipline is None:
        return False
    if isinstance(team.skills, Unwritten):
        return Unknown(missing(team, "skills"))
    others = [skill for skill in team.skills or () if skill != team.discipline]
    if any(isinstance(skill, str) for skill in others):
        return False
    return Unknown(missing(team, "skills")) if others else True


# --- how long it lasts ----------------------------------------------------------------------------


@relation("team", "disbands", FLAG, kept=False)
def disbands(facts: Facts, team: Team) -> Truth:
    """Whether it has a last day and no team that it becomes."""
    if isinstance(team.until, Unwritten):
        return Unknown(missing(team, "until"))
    if not isinstance(team.until, date):
        return False
    if isinstance(team.continues_as, Unwritten):
        return Unknown(missing(team, "continues-as"))
    return team.continues_as is None or isinstance(team.continues_as, Nothing)


@relation("team", "ends", FLAG, kept=False)
def ends(facts: Facts, team: Team) -> Truth:
    """Whether it is a project, or has a last day and no team that it becomes."""
    type = said(team, "type")
    project: Truth = type if isinstance(type, Unknown) else type == "project"
    if project is True and isinstance(team.continues_as, str):
        project = False
    return some((project, disbands(facts, team)))


@relation("team", "leaves-behind", to_many("component", "stream"))
def leaves_behind(facts: Facts, team: Team) -> Members:
    """What loses its owner when it disbands: live components and streams without a lasting one."""
    if disbands(facts, team) is False:
        return NOBODY
    owned = union((such_that(owned_components(facts, team), live), streams(facts, team)))
    going = such_that(owned, lambda _: disbands(facts, team))
    return such_that(going, lambda item: negation(_stays_owned(facts, team, item)))


def _stays_owned(facts: Facts, team: Team, item: Any) -> Truth:
    """Whether another owner, now or later, does not disband."""
    owning = owners_of(facts, item) if isinstance(item, Component) else owners(facts, item)
    lasting = [negation(disbands(facts, other)) for other in owning.certain if other is not team]
    for successor in item.successors:
        owner = successor.owner
        if isinstance(owner, Ref):
            found = facts.org.find(*owner)
            if isinstance(found, Team) and found is not team:
                lasting.append(negation(disbands(facts, found)))
        else:
            lasting.append(Unknown((Missing(item.kind, item.id, "owner", successor.span),)))
    return some(lasting)
