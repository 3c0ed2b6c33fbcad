"""Effective dependencies: whom a team needs, declared or derived, and why orgdiag thinks so.

A ground is one reason why a team needs another: a declared need, a step of its stream that the
other does, a component of the other that its changes touch, a capability that it uses, a release
it shares, a gate it passes. All grounds of a pair make one dependency; each keeps its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Annotated, Any, ClassVar, Final

import networkx as nx

from orgdiag.finding import Missing
from orgdiag.graph.certainty import (
    Truth,
    at_least,
    contains,
    each,
    every,
    few,
    gaps_of,
    meets,
    negation,
    some,
    such_that,
)
from orgdiag.graph.facts import Facts, entity, index, memoised, relation
from orgdiag.graph.flow import waiting_time
from orgdiag.graph.interactions import between, excuses
from orgdiag.graph.properties import amount, as_members, listed, missing, referred, said
from orgdiag.graph.steps import automated, gating
from orgdiag.graph.streams import (
    ROUTINE_SHARE,
    Touched,
    after_first,
    inner_source,
    main_steps,
    owners,
    performers,
    routinely,
    teams_on_steps,
    touches,
    visits,
)
from orgdiag.model import (
    DURATION,
    EFFORT,
    FLAG,
    MANUAL,
    NEED_KINDS,
    RATE,
    SELF_SERVING,
    SHARE,
    TEXT,
    VIAS,
    Capability,
    Coordination,
    Need,
    Ref,
    Step,
    Stream,
    Team,
    to,
    to_many,
    word,
    words,
)
from orgdiag.quantity import (
    ONE,
    Gaps,
    Members,
    Quantity,
    Unknown,
    Unwritten,
    largest,
    merge,
    total,
)
from orgdiag.source import Span

PROVENANCE: Final = ("declared", "step", "component-change", "capability", "release", "gate")
EFFECTS: Final = ("blocking", "slowing", "ok")
# What is needed at least once a month is routine. Default chosen by orgdiag.
ROUTINE_RATE: Final = 1
# So many teams are named as possible owners of a stream whose owner is unknown.
CANDIDATES: Final = 12


@entity
@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """One reason why a team needs another.

    `holds` is unknown where missing inputs decide whether the reason exists at all.
    """

    kind: ClassVar[str] = "ground"

    id: str
    span: Span
    consumer: Annotated[Team, to("team"), "the team that needs"]
    provider: Annotated[Team, to("team"), "the team that is needed"]
    provenance: Annotated[str, word(*PROVENANCE), "what kind of reason it is"]
    sentence: Annotated[str, TEXT, "the reason, in words"]
    element: Any
    holds: Annotated[Truth, FLAG, "whether the reason exists"]
    effect: Annotated[str | Unknown, word(*EFFECTS), "what happens meanwhile"]
    routine: Annotated[Truth, FLAG, "whether regular work needs it"]
    selfserve: Annotated[Truth, FLAG, "whether nobody has to be asked"]
    frequency: Annotated[Quantity, RATE, "how often"]
    wait: Annotated[Quantity, DURATION, "how long each time"]

    @property
    def blocks(self) -> Truth:
        """Whether regular work waits for the provider because of it."""
        effect = self.effect
        blocking: Truth = effect if isinstance(effect, Unknown) else effect == "blocking"
        return every((self.holds, blocking, self.routine, negation(self.selfserve)))


@dataclass(frozen=True, slots=True, eq=False)
class Dependency:
    """Everything for which one team needs another; `id` reads `CONSUMER needs PROVIDER`."""

    kind: ClassVar[str] = "dependency"

    id: str
    span: Span
    consumer: Team
    provider: Team
    grounds: tuple[Ground, ...]


# --- grounds --------------------------------------------------------------------------------------


def _declared(facts: Facts) -> Iterator[Ground]:
    for team in facts.org.teams.values():
        for need in () if isinstance(team.needs, Unwritten) else team.needs:
            provider = (
                facts.org.teams.get(need.provider) if isinstance(need.provider, str) else None
            )
            if provider is None or provider is team:
                continue
            yield Ground(
                need.id,
                need.span,
                team,
                provider,
                "declared",
                f"{team.id} needs {need.what} from {provider.id}",
                need,
                True,
                said(need, "effect"),
                _routine(need),
                _asks_nobody(need),
                amount(need, "frequency"),
                amount(need, "wait"),
            )


def _routine(need: Need) -> Truth:
    """Whether a need is routine: as it says, else at least once a month."""
    if isinstance(need.routine, bool):
        return need.routine
    if isinstance(need.frequency, Quantity):
        return at_least(need.frequency, ROUTINE_RATE)
    return Unknown(missing(need, "routine", "frequency"))


def _asks_nobody(need: Need) -> Truth:
    """Whether a need is met without asking; a blocking need with nothing said is not."""
    if isinstance(need.via, str):
        return need.via in SELF_SERVING
    if need.via is None and need.effect == "blocking":
        return False
    return Unknown(missing(need, "via"))


@memoised
def possible_owners(facts: Facts, stream: Stream) -> Members:
    """Its owners; when nobody knows them, whoever works on it or owns its product may be one.

    Of more than a dozen candidates none is named: the set stays open.
    """
    known = owners(facts, stream)
    if not known.open:
        return known
    product = referred(facts, stream, "product", "product")
    working = teams_on_steps(facts, stream).every()
    of_product = (
        listed(facts, product, "owner", "team").every() if hasattr(product, "owner") else ()
    )
    candidates = dict.fromkeys([*known.possible, *working, *of_product])
    rest = tuple(team for team in candidates if team not in known.certain)
    if len(rest) > CANDIDATES:
        return known
    return Members(known.certain, rest, known.missing)


def _held(members: Members) -> Iterator[tuple[Any, Truth]]:
    """Each member and whether it is one."""
    for item in members.certain:
        yield item, True
    for item in members.possible:
        yield item, Unknown(members.missing)


def _by_step(facts: Facts) -> Iterator[Ground]:
    for stream in facts.org.streams.values():
        owning = possible_owners(facts, stream)
        if not owning.certain and not owning.possible:
            continue
        for step, follows in _held(after_first(facts, stream)):
            hands = negation(automated(facts, step))
            if hands is not False:
                truth = every((follows, hands))
                yield from _done_by_others(facts, stream, owning, step, truth, "step")


def _done_by_others(
    facts: Facts, stream: Stream, owning: Members, step: Step, truth: Truth, provenance: str
) -> Iterator[Ground]:
    """A ground for each owner and each other team that does the step."""
    done_by = performers(facts, step)
    share = amount(step, "share")
    sentence = "step {} is done by {}" if provenance == "step" else "step {} is a gate of {}"
    for provider, does in _held(done_by):
        if contains(owning, provider) is True:
            continue
        apart = negation(contains(owning, provider))
        for owner, owns in _held(owning):
            if owner is not provider:
                yield Ground(
                    f"{owner.id} needs {step.id} by {provider.id}",
                    step.place("by"),
                    owner,
                    provider,
                    provenance,
                    sentence.format(step.id, provider.id),
                    step,
                    every((truth, does, owns, apart)),
                    "blocking",
                    at_least(share, ROUTINE_SHARE),
                    False,
                    amount(stream, "arrivals") * share * visits(facts, stream).get(step.id, ONE),
                    waiting_time(facts, step),
                )


def _by_touch(facts: Facts) -> Iterator[Ground]:
    for stream in facts.org.streams.values():
        touched = touches(facts, stream)
        owning = possible_owners(facts, stream)
        for touch in touched.certain:
            yield from _by_change(facts, owning, touch)
            yield from _by_release(facts, owning, touch)


def _by_change(facts: Facts, owning: Members, touch: Touched) -> Iterator[Ground]:
    component = touch.component
    often = routinely(touch)
    if often is False or inner_source(facts, component) is True:
        return
    providers = listed(facts, component, "owner", "team")
    truth = every((often, negation(inner_source(facts, component))))
    sentence = f"{touch.stream.id} changes {component.id}{_percent(touch.share)}, owned by {{}}"
    yield from _from_component(owning, providers, touch, "component-change", sentence, truth, True)


def _by_release(facts: Facts, owning: Members, touch: Touched) -> Iterator[Ground]:
    component = touch.component
    deploy = component.deploy
    if deploy is None or isinstance(deploy, Unwritten) or deploy.how == "independent":
        return
    partner: Any = component
    if deploy.how == "with":
        partner = (
            facts.org.components.get(deploy.target) if isinstance(deploy.target, str) else None
        )
        if partner is None:
            return
    providers = listed(facts, partner, "owner", "team")
    target = deploy.target if isinstance(deploy.target, str) else "unknown"
    sentence = f"{component.id} deploys {deploy.how} {target}, owned by {{}}"
    yield from _from_component(
        owning, providers, touch, "release", sentence, True, routinely(touch)
    )


def _from_component(
    owning: Members,
    providers: Members,
    touch: Touched,
    provenance: str,
    sentence: str,
    truth: Truth,
    routine: Truth,
) -> Iterator[Ground]:
    """A ground for each owner of the stream and each other team that owns the component."""
    often = amount(touch.stream, "arrivals") * touch.share
    wait = Quantity(0, None, missing(touch.stream, "changes"))
    for provider, provides in _held(providers):
        for owner, owns in _held(owning):
            own = contains(providers, owner)
            if own is not True:
                yield Ground(
                    f"{owner.id} needs {touch.component.id} of {provider.id}",
                    touch.span,
                    owner,
                    provider,
                    provenance,
                    sentence.format(provider.id),
                    touch,
                    every((truth, owns, provides, negation(own))),
                    "blocking",
                    routine,
                    False,
                    often,
                    wait,
                )


def _percent(share: Quantity) -> str:
    return f" ({float(share.value * 100):g} %)" if share.exact else ""


def _by_capability(facts: Facts) -> Iterator[Ground]:
    for capability in facts.org.capabilities.values():
        provider = referred(facts, capability, "provided_by", "team")
        if not isinstance(provider, Team):
            continue
        for consumer, uses in _held(consumers(facts, capability)):
            if consumer is not provider:
                yield _used(facts, capability, consumer, provider, uses)


def _used(
    facts: Facts, capability: Capability, consumer: Team, provider: Team, uses: Truth
) -> Ground:
    """The ground that a capability makes; in a facilitation nobody waits in a queue."""
    mode = said(capability, "mode")
    effect: str | Unknown = Unknown(missing(capability, "mode"))
    routine: Truth = True
    if isinstance(mode, str) and mode in {*SELF_SERVING, "facilitation"}:
        effect = "ok"
    elif isinstance(mode, str) and mode in MANUAL:
        effect, routine = _unless_said_otherwise(capability, consumer, provider)
    shown = mode if isinstance(mode, str) else "mode unknown"
    return Ground(
        f"{consumer.id} uses {capability.id}",
        capability.place("used-by"),
        consumer,
        provider,
        "capability",
        f"{consumer.id} uses {capability.id} of {provider.id} ({shown})",
        capability,
        uses,
        effect,
        routine,
        mode if isinstance(mode, Unknown) else mode in SELF_SERVING,
        Quantity(0, None, missing(consumer, "needs")),
        amount(capability, "wait"),
    )


def _unless_said_otherwise(
    capability: Capability, consumer: Team, provider: Team
) -> tuple[str | Unknown, Truth]:
    """Effect and routine of a manual capability: blocking and routine unless a need says otherwise.

    A need that names the capability speaks of it; else one for the same pair that names none does.
    """
    needs = () if isinstance(consumer.needs, Unwritten) else consumer.needs
    pair = [need for need in needs if need.provider == provider.id]
    naming = [need for need in pair if need.capability == capability.id]
    speaking = naming or [need for need in pair if need.capability is None]
    effect: str | Unknown = "blocking"
    effects = [said(need, "effect") for need in speaking if need.effect is not None]
    if effects:
        effect = _strongest(effects)
    routine: Truth = True
    saying = [need for need in speaking if need.routine is not None or need.frequency is not None]
    if saying:
        routine = some(_routine(need) for need in saying)
    return effect, routine


def _strongest(effects: Iterable[str | Unknown]) -> str | Unknown:
    """The effect that hinders most; unknown where an unknown one could hinder more."""
    every_effect = list(effects)
    known = [effect for effect in every_effect if isinstance(effect, str)]
    best = min(known, key=EFFECTS.index, default="ok")
    gaps: Gaps = ()
    for effect in every_effect:
        gaps = merge(gaps, effect.missing if isinstance(effect, Unknown) else ())
    if best == "blocking" or len(known) == len(every_effect):
        return best
    return Unknown(gaps)


def _by_gate(facts: Facts) -> Iterator[Ground]:
    for coordination in facts.org.coordinations.values():
        for step in gating_steps(facts, coordination):
            stream = facts.org.streams[step.stream]
            hands = negation(automated(facts, step))
            if hands is not False:
                owning = possible_owners(facts, stream)
                yield from _done_by_others(facts, stream, owning, step, hands, "gate")


def gating_steps(facts: Facts, coordination: Coordination) -> list[Step]:
    """The steps that are the gate.

    Those it names, and in a stream that it names as a whole the approvals and reviews on MAIN that
    its members do.
    """
    if coordination.gates is None or isinstance(coordination.gates, Unwritten):
        return []
    found: dict[Step, None] = {}
    for item in coordination.gates:
        target = facts.org.find(*item) if isinstance(item, Ref) else None
        if isinstance(target, Step):
            found[target] = None
        elif isinstance(target, Stream):
            members = listed(facts, coordination, "members", "team")
            for step in main_steps(facts, target).certain:
                if gating(facts, step) is True and meets(performers(facts, step), members) is True:
                    found[step] = None
    return list(found)


# --- dependencies ---------------------------------------------------------------------------------


@index
def _all(facts: Facts) -> dict[str, dict[str, Dependency]]:
    """The dependency of each pair, by the ids of consumer and provider."""
    grounds: dict[tuple[str, str], list[Ground]] = {}
    for source in (_declared, _by_step, _by_touch, _by_capability, _by_gate):
        for ground in source(facts):
            grounds.setdefault((ground.consumer.id, ground.provider.id), []).append(ground)
    found: dict[str, dict[str, Dependency]] = {}
    for (consumer, provider), items in sorted(grounds.items()):
        found.setdefault(consumer, {})[provider] = Dependency(
            f"{consumer} needs {provider}",
            items[0].span,
            items[0].consumer,
            items[0].provider,
            tuple(items),
        )
    return found


@index
def _incoming(facts: Facts) -> dict[str, list[Dependency]]:
    found: dict[str, list[Dependency]] = {}
    for of_one in _all(facts).values():
        for provider, dependency in of_one.items():
            found.setdefault(provider, []).append(dependency)
    return found


@index
def _unnamed_providers(facts: Facts) -> dict[str, Gaps]:
    """For each team the inputs that would name further teams for which it may wait."""
    found: dict[str, Gaps] = {}

    def add(team: Team, gaps: Gaps) -> None:
        found[team.id] = merge(found.get(team.id, ()), gaps)

    for team in facts.org.teams.values():
        if isinstance(team.needs, Unwritten):
            add(team, missing(team, "needs"))
        else:
            for need in team.needs:
                if isinstance(need.provider, Unwritten):
                    add(team, missing(need, "from"))
    for stream in facts.org.streams.values():
        gaps = _unnamed_in(facts, stream)
        owning = possible_owners(facts, stream)
        if gaps:
            for owner in owning.every():
                add(owner, gaps)
        if owning.open:
            for team in teams_on_steps(facts, stream).every():
                add(team, owning.missing)
    for capability in facts.org.capabilities.values():
        if _nobody_named(capability) and not _helps_itself(capability):
            for consumer in consumers(facts, capability).every():
                add(consumer, missing(capability, "provided-by"))
    return found


def _nobody_named(capability: Capability) -> bool:
    return capability.provided_by is None or isinstance(capability.provided_by, Unwritten)


def _helps_itself(capability: Capability) -> bool:
    """Whether the mode is known to be one in which nobody waits."""
    return isinstance(capability.mode, str) and capability.mode in SELF_SERVING


@index
def _unnamed_services(facts: Facts) -> dict[str, Gaps]:
    """For each team the self-service capabilities that it uses and nobody is known to provide."""
    found: dict[str, Gaps] = {}
    for capability in facts.org.capabilities.values():
        if _nobody_named(capability) and _helps_itself(capability):
            for consumer in consumers(facts, capability).every():
                gaps = missing(capability, "provided-by")
                found[consumer.id] = merge(found.get(consumer.id, ()), gaps)
    return found


def _unnamed_in(facts: Facts, stream: Stream) -> Gaps:
    """The inputs of a stream that would name further teams that its owner waits for."""
    gaps: list[Missing] = []
    for step in after_first(facts, stream).every():
        done_by = performers(facts, step)
        if done_by.open and automated(facts, step) is not True:
            gaps.extend(done_by.missing)
    if isinstance(stream.changes, Unwritten):
        gaps.extend(missing(stream, "changes"))
    for touch in touches(facts, stream).certain:
        component = touch.component
        owning = listed(facts, component, "owner", "team")
        often = every((routinely(touch), negation(inner_source(facts, component))))
        if owning.open and often is not False:
            gaps.extend(owning.missing)
        if isinstance(component.deploy, Unwritten):
            gaps.extend(missing(component, "deploy"))
    return few(gaps)


@index
def unsaid_gates(facts: Facts) -> Gaps:
    """The coordinations of which it is written that nobody knows what they gate."""
    return few(
        gap
        for coordination in facts.org.coordinations.values()
        for gap in listed(facts, coordination, "gates", "stream").missing
    )


def _unsaid_users(facts: Facts, selfserve: bool) -> Gaps:
    """The capabilities, self-serving or not, of which nobody knows who uses them."""
    return few(
        gap
        for capability in facts.org.capabilities.values()
        if _helps_itself(capability) is selfserve
        for gap in listed(facts, capability, "used_by", "team").missing
    )


@index
def _anyone_waits(facts: Facts) -> Gaps:
    """The inputs written `unknown` because of which every team may wait for further teams."""
    return few(chain(unsaid_gates(facts), _unsaid_users(facts, selfserve=False)))


@index
def _anyone_uses(facts: Facts) -> Gaps:
    """The self-service capabilities that every team may use."""
    return _unsaid_users(facts, selfserve=True)


@index
def _anyone_provides(facts: Facts) -> Gaps:
    """The inputs because of which further teams may wait for every team."""
    unnamed = _unnamed_providers(facts).values()
    return few(chain(unsaid_gates(facts), chain.from_iterable(unnamed)))


@index
def _anyone_serves(facts: Facts) -> Gaps:
    """The self-service capabilities that every team may be the provider of."""
    return few(chain.from_iterable(_unnamed_services(facts).values()))


@index
def _unnamed_users(facts: Facts) -> dict[str, tuple[Gaps, Gaps]]:
    """For each team its capabilities of which nobody knows all users, manual and self-serving."""
    found: dict[str, tuple[Gaps, Gaps]] = {}
    for capability in facts.org.capabilities.values():
        if isinstance(capability.provided_by, str) and consumers(facts, capability).open:
            asked, served = found.get(capability.provided_by, ((), ()))
            gaps = missing(capability, "used-by")
            if _helps_itself(capability):
                served = merge(served, gaps)
            else:
                asked = merge(asked, gaps)
            found[capability.provided_by] = asked, served
    return found


def _may_wait_for(facts: Facts, team: Team) -> Gaps:
    """The inputs that would name further teams for which a team waits."""
    return merge(_unnamed_providers(facts).get(team.id, ()), _anyone_waits(facts))


def _may_be_waited_for(facts: Facts, team: Team) -> Gaps:
    """The inputs that would name further teams that wait for a team."""
    return merge(_anyone_provides(facts), _unnamed_users(facts).get(team.id, ((), ()))[0])


@memoised
def _may_have_more(facts: Facts, dependency: Dependency) -> Gaps:
    """The inputs that could add further reasons to a dependency."""
    consumer, provider = dependency.consumer, dependency.provider
    asked, served = _unnamed_users(facts).get(provider.id, ((), ()))
    gaps = merge(_unnamed_providers(facts).get(consumer.id, ()), unsaid_gates(facts))
    return merge(merge(gaps, _unnamed_services(facts).get(consumer.id, ())), merge(asked, served))


def _as_members(found: Iterable[Dependency], unnamed: Gaps) -> Members:
    certain, possible = [], []
    gaps: Gaps = ()
    for dependency in found:
        holds = some(ground.holds for ground in dependency.grounds)
        if holds is True:
            certain.append(dependency)
        elif isinstance(holds, Unknown):
            possible.append(dependency)
            gaps = merge(gaps, holds.missing)
    return Members(tuple(certain), tuple(possible), merge(gaps, unnamed), bool(unnamed))


@relation("team", "dependencies", to_many("dependency"))
def dependencies(facts: Facts, team: Team) -> Members:
    """Its effective dependencies on other teams, declared and derived, one for each team."""
    served = merge(_unnamed_services(facts).get(team.id, ()), _anyone_uses(facts))
    unnamed = merge(_may_wait_for(facts, team), served)
    return _as_members(_all(facts).get(team.id, {}).values(), unnamed)


@relation("team", "incoming-dependencies", to_many("dependency"))
def incoming_dependencies(facts: Facts, team: Team) -> Members:
    """The effective dependencies of other teams on it."""
    served = merge(_anyone_serves(facts), _unnamed_users(facts).get(team.id, ((), ()))[1])
    unnamed = merge(_may_be_waited_for(facts, team), served)
    return _as_members(_incoming(facts).get(team.id, ()), unnamed)


def dependency_of(facts: Facts, consumer: Team, provider: Team) -> Dependency | None:
    """The dependency of one team on another, if there may be one."""
    return _all(facts).get(consumer.id, {}).get(provider.id)


@relation("dependency", "consumer", to("team"))
def consumer_of(facts: Facts, dependency: Dependency) -> Team:
    """The team that needs the other."""
    return dependency.consumer


@relation("dependency", "provider", to("team"))
def provider_of(facts: Facts, dependency: Dependency) -> Team:
    """The team that is needed."""
    return dependency.provider


@relation("dependency", "sources", to_many("ground"))
def sources(facts: Facts, dependency: Dependency) -> Members:
    """The reasons why it exists, each with its place."""
    more = _may_have_more(facts, dependency)
    grounds = Members(dependency.grounds, (), more, bool(more))
    return such_that(grounds, lambda ground: ground.holds)


@relation("dependency", "provenance", words(*PROVENANCE))
def provenance(facts: Facts, dependency: Dependency) -> Members:
    """The kinds of reasons why it exists."""
    return each(sources(facts, dependency), lambda ground: Members((ground.provenance,)))


@relation("dependency", "effect", word(*EFFECTS))
def effect(facts: Facts, dependency: Dependency) -> str | Unknown:
    """What happens meanwhile: the strongest effect of its reasons."""
    more = _may_have_more(facts, dependency)
    known = [
        ground.effect if ground.holds is True else Unknown(gaps_of(ground.holds))
        for ground in dependency.grounds
        if ground.effect != "ok" or ground.holds is True
    ]
    return _strongest([*known, Unknown(more)] if more else known)


@relation("dependency", "routine", FLAG)
def routine(facts: Facts, dependency: Dependency) -> Truth:
    """Whether regular work needs it, for any of its reasons."""
    known = some(every((ground.holds, ground.routine)) for ground in dependency.grounds)
    more = _may_have_more(facts, dependency)
    return Unknown(more) if known is False and more else known


@relation("dependency", "selfserve", FLAG)
def selfserve(facts: Facts, dependency: Dependency) -> Truth:
    """Whether for none of its reasons anybody has to be asked."""
    known = every(some((negation(ground.holds), ground.selfserve)) for ground in dependency.grounds)
    more = _may_have_more(facts, dependency)
    return Unknown(more) if known is True and more else known


@relation("dependency", "excused", FLAG)
def excused(facts: Facts, dependency: Dependency) -> Truth:
    """Whether the two are in an active collaboration or facilitation that is meant to end."""
    pair = between(facts, dependency.consumer, dependency.provider)
    return some(excuses(facts, interaction) for interaction in pair)


@relation("dependency", "blocks", FLAG)
def blocks(facts: Facts, dependency: Dependency) -> Truth:
    """Whether the consumer's regular work waits for it: blocking, routine, not selfserve."""
    waiting = some(ground.blocks for ground in dependency.grounds)
    if waiting is False:
        return False
    return every((waiting, negation(excused(facts, dependency))))


@relation("dependency", "on-time", SHARE)
def on_time(facts: Facts, dependency: Dependency) -> Quantity:
    """The share of deliveries that come when promised; the lowest that is declared."""
    known = [need.on_time for need in _needs(dependency) if isinstance(need.on_time, Quantity)]
    if not known:
        return Quantity(0, 1, missing(dependency.consumer, "needs"))
    return min(known, key=lambda share: (share.low or 0, share.high or 1))


def _needs(dependency: Dependency) -> list[Need]:
    return [ground.element for ground in dependency.grounds if isinstance(ground.element, Need)]


@relation("dependency", "what", words(*NEED_KINDS))
def what(facts: Facts, dependency: Dependency) -> Members:
    """What is declared to be needed."""
    return Members.of(need.what for need in _needs(dependency))


@relation("dependency", "via", words(*VIAS))
def via(facts: Facts, dependency: Dependency) -> Members:
    """How it is declared to be got."""
    return each(Members(tuple(_needs(dependency))), lambda need: as_members(said(need, "via")))


@relation("dependency", "steps", to_many("step"))
def steps(facts: Facts, dependency: Dependency) -> Members:
    """The steps that the provider does in streams of the consumer."""
    known = sources(facts, dependency)
    on_steps = such_that(known, lambda ground: isinstance(ground.element, Step))
    return each(on_steps, lambda ground: Members((ground.element,)))


@relation("dependency", "capabilities", to_many("capability"))
def capabilities(facts: Facts, dependency: Dependency) -> Members:
    """The capabilities of the provider that the consumer uses."""
    known = sources(facts, dependency)
    used = such_that(known, lambda ground: isinstance(ground.element, Capability))
    return each(used, lambda ground: Members((ground.element,)))


# --- how much it costs ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cost:
    """How often a team waits for another, how long each time, and the two multiplied."""

    frequency: Quantity
    wait: Quantity
    delay: Quantity


@memoised
def cost(facts: Facts, dependency: Dependency) -> Cost:
    """What waiting in a dependency costs.

    A declared frequency and a declared wait win; else the steps count, each with its own; the wait
    of a capability only where there is no step.
    """
    grounds = [ground for ground in dependency.grounds if ground.holds is not False]
    stepwise = _one_for_each_step(grounds)
    frequency = total(ground.frequency for ground in stepwise)
    delay = total(ground.frequency * ground.wait for ground in stepwise)
    derived = Cost(frequency, _mean_wait(stepwise, frequency, delay), delay)
    if not any(ground.holds is True for ground in stepwise):
        otherwise = _cost_without_steps(dependency, grounds)
        derived = _either(derived, otherwise) if stepwise else otherwise
    declared = [ground for ground in grounds if ground.provenance == "declared"]
    if not declared:
        return _perhaps_more(facts, dependency, derived)
    costs = [_declared_cost(ground.element, derived) for ground in declared]
    if len(costs) == 1:
        return costs[0]
    frequency = total(item.frequency for item in costs)
    delay = total(item.delay for item in costs)
    longest = largest(item.wait for item in costs)
    return Cost(frequency, longest, delay)


def _either(one: Cost, other: Cost) -> Cost:
    """What is certain of a cost that is one or the other."""
    return Cost(
        hull(one.frequency, other.frequency),
        hull(one.wait, other.wait),
        hull(one.delay, other.delay),
    )


def hull(one: Quantity, other: Quantity) -> Quantity:
    """The smallest interval that holds both."""
    low = None if one.low is None or other.low is None else min(one.low, other.low)
    high = None if one.high is None or other.high is None else max(one.high, other.high)
    return Quantity(low, high, merge(one.missing, other.missing), one.estimated or other.estimated)


def _perhaps_more(facts: Facts, dependency: Dependency, known: Cost) -> Cost:
    """The same cost, a lower bound where further reasons are possible."""
    more = _may_have_more(facts, dependency)
    if not more:
        return known
    frequency = Quantity(known.frequency.low, None, merge(known.frequency.missing, more))
    delay = Quantity(known.delay.low, None, merge(known.delay.missing, more))
    return Cost(frequency, known.wait, delay)


def _cost_without_steps(dependency: Dependency, grounds: Iterable[Ground]) -> Cost:
    """What a dependency costs by capabilities; how often they are used only a need can say."""
    waits = [ground.wait for ground in grounds if ground.provenance == "capability"]
    unsaid = Quantity(0, None, missing(dependency.consumer, "needs"))
    wait = largest(waits) if waits else unsaid
    return Cost(unsaid, wait, unsaid * wait)


def _one_for_each_step(grounds: Iterable[Ground]) -> list[Ground]:
    """The grounds that are steps; a step that is a gate too counts once."""
    found: dict[str, Ground] = {}
    for ground in grounds:
        if isinstance(ground.element, Step):
            kept = ground if ground.holds is True else _perhaps(ground)
            found.setdefault(ground.element.id, kept)
    return list(found.values())


def _perhaps(ground: Ground) -> Ground:
    """The same ground with the frequency that an uncertain reason has: perhaps none."""
    frequency = Quantity(
        0, ground.frequency.high, merge(ground.frequency.missing, gaps_of(ground.holds))
    )
    return replace(ground, frequency=frequency)


def _mean_wait(grounds: list[Ground], frequency: Quantity, delay: Quantity) -> Quantity:
    """The wait each time: that of the one step, else the mean, else between the extremes."""
    if len(grounds) == 1:
        return grounds[0].wait
    if frequency.exact and frequency.low and delay.low is not None:
        return delay / frequency
    lows = [ground.wait.low for ground in grounds if ground.wait.low is not None]
    highs = [ground.wait.high for ground in grounds]
    gaps: Gaps = ()
    for ground in grounds:
        gaps = merge(gaps, merge(ground.wait.missing, ground.frequency.missing))
    high = None if None in highs else max((h for h in highs if h is not None), default=None)
    return Quantity(min(lows, default=0), high, gaps)


def _declared_cost(need: Need, derived: Cost) -> Cost:
    if need.frequency is None and need.wait is None and derived.delay.low:
        return derived
    frequency = derived.frequency if need.frequency is None else amount(need, "frequency")
    wait = derived.wait if need.wait is None else amount(need, "wait")
    if need.frequency is None and derived.frequency.high is None:
        frequency = amount(need, "frequency")
    if need.wait is None and derived.wait.high is None:
        wait = Quantity(derived.wait.low, None, missing(need, "wait"))
    return Cost(frequency, wait, frequency * wait)


@relation("dependency", "frequency", RATE)
def frequency(facts: Facts, dependency: Dependency) -> Quantity:
    """How often the consumer waits: as declared, else as often as the steps are passed."""
    return cost(facts, dependency).frequency


@relation("dependency", "wait", DURATION)
def wait(facts: Facts, dependency: Dependency) -> Quantity:
    """How long the consumer waits each time: as declared, else by the steps, else by capability."""
    return cost(facts, dependency).wait


@relation("dependency", "delay", EFFORT, unit="item-days/month")
def delay(facts: Facts, dependency: Dependency) -> Quantity:
    """Frequency times wait: how much waiting a month the dependency costs."""
    return cost(facts, dependency).delay


# --- who waits for whom ---------------------------------------------------------------------------


@relation("team", "blocking-dependencies", to_many("dependency"))
def blocking_dependencies(facts: Facts, team: Team) -> Members:
    """Its blocking-routine dependencies: those for which its regular work waits."""
    return _blocking_among(facts, dependencies(facts, team), _may_wait_for(facts, team))


def _blocking_among(facts: Facts, found: Members, unnamed: Gaps) -> Members:
    """The blocking ones; `unnamed` are the inputs that would name more of them."""
    known = such_that(found._replace(open=False), lambda item: blocks(facts, item))
    return Members(
        known.certain, known.possible, merge(known.missing, unnamed), known.open or bool(unnamed)
    )


@relation("team", "blockers", to_many("team"))
def blockers(facts: Facts, team: Team) -> Members:
    """The teams for which its regular work waits (blocking, routine, not self-service)."""
    return each(blocking_dependencies(facts, team), lambda item: Members((item.provider,)))


@relation("team", "incoming-blocking-dependencies", to_many("dependency"))
def incoming_blocking(facts: Facts, team: Team) -> Members:
    """The blocking-routine dependencies of other teams on it."""
    incoming = incoming_dependencies(facts, team)
    return _blocking_among(facts, incoming, _may_be_waited_for(facts, team))


@relation("team", "blocked-teams", to_many("team"))
def blocked_teams(facts: Facts, team: Team) -> Members:
    """The teams whose regular work waits for it."""
    return each(incoming_blocking(facts, team), lambda item: Members((item.consumer,)))


# --- who uses a capability ------------------------------------------------------------------------


@relation("capability", "consumer-teams", to_many("team"))
def consumers(facts: Facts, capability: Capability) -> Members:
    """The teams that use it, by themselves or for a stream they own, without its provider."""
    named = listed(facts, capability, "used_by", "team")
    found = each(
        named,
        lambda user: possible_owners(facts, user) if user.kind == "stream" else Members((user,)),
    )
    provider = capability.provided_by
    return such_that(found, lambda team: team.id != provider)


@relation("capability", "routine-teams", to_many("team"))
def routine_consumers(facts: Facts, capability: Capability) -> Members:
    """The teams whose regular work uses it."""

    def regularly(team: Team) -> Truth:
        if _nobody_named(capability):
            return Unknown(missing(capability, "provided-by"))
        grounds = _grounds_of(facts, team, capability)
        return some(every((ground.holds, ground.routine)) for ground in grounds)

    return such_that(consumers(facts, capability), regularly)


def _grounds_of(facts: Facts, team: Team, capability: Capability) -> list[Ground]:
    """The grounds of a team's dependency that the capability makes."""
    provider = facts.org.teams.get(str(capability.provided_by))
    dependency = None if provider is None else dependency_of(facts, team, provider)
    grounds = () if dependency is None else dependency.grounds
    return [ground for ground in grounds if ground.element is capability]


@relation("capability", "regular-askers", to_many("team"))
def regular_askers(facts: Facts, capability: Capability) -> Members:
    """The teams whose regular work asks for it, outside a collaboration that is meant to end."""
    return such_that(consumers(facts, capability), lambda team: _asks(facts, team, capability))


def _asks(facts: Facts, team: Team, capability: Capability) -> Truth:
    provider = referred(facts, capability, "provided_by", "team")
    if not isinstance(provider, Team):
        return Unknown(missing(capability, "provided-by"))
    dependency = dependency_of(facts, team, provider)
    if dependency is None:
        return False
    asking = some(
        every((ground.holds, ground.routine, negation(ground.selfserve)))
        for ground in dependency.grounds
        if ground.element is capability
    )
    return asking and every((asking, negation(excused(facts, dependency))))


@relation("capability", "blocked-teams", to_many("team"))
def blocked_by_capability(facts: Facts, capability: Capability) -> Members:
    """The teams whose regular work waits for it."""
    return such_that(consumers(facts, capability), lambda team: _waits_for(facts, team, capability))


def _waits_for(facts: Facts, team: Team, capability: Capability) -> Truth:
    provider = referred(facts, capability, "provided_by", "team")
    if not isinstance(provider, Team):
        return Unknown(missing(capability, "provided-by"))
    dependency = dependency_of(facts, team, provider)
    grounds = dependency.grounds if dependency is not None else ()
    waiting = some(ground.blocks for ground in grounds if ground.element is capability)
    if waiting is False or dependency is None:
        return False
    return every((waiting, negation(excused(facts, dependency))))


# --- graphs ---------------------------------------------------------------------------------------


@index
def dependency_graph(facts: Facts) -> nx.MultiDiGraph[str]:
    """The teams by id, and an edge for each ground that surely exists, with the ground on it."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_nodes_from(facts.org.teams)
    for of_one in _all(facts).values():
        for dependency in of_one.values():
            for ground in dependency.grounds:
                if ground.holds is True:
                    consumer, provider = ground.consumer.id, ground.provider.id
                    graph.add_edge(consumer, provider, ground=ground, span=ground.span)
    return graph


@index
def blocking_graph(facts: Facts) -> nx.DiGraph[str]:
    """The teams by id, and an edge from each to the teams for which its regular work waits."""
    return _blocking(facts, possible=False)


@index
def possible_blocking_graph(facts: Facts) -> nx.DiGraph[str]:
    """As `blocking_graph`, with the edges that the missing inputs could add."""
    return _blocking(facts, possible=True)


def _blocking(facts: Facts, possible: bool) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(facts.org.teams)
    for team in facts.org.teams.values():
        found = blocking_dependencies(facts, team)
        for dependency in found.every() if possible else found.certain:
            graph.add_edge(team.id, dependency.provider.id, dependency=dependency)
    return graph
