"""The grounds of dependencies: every single reason why a team needs another.

A declared need, a step of its stream that the other does, a component of the other that its changes
touch, a capability that it uses, a release it shares, a gate it passes. All grounds of a pair make
one dependency; each keeps its place and says itself in a sentence.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, ClassVar, Final

from orgdiag.facts.borders import visits
from orgdiag.facts.columns import Facts, entity, index, memoised, relation
from orgdiag.facts.flow import waiting_time
from orgdiag.facts.properties import members_of, missing, quantity_of, referred, said
from orgdiag.facts.steps import automated, gating
from orgdiag.facts.streams import after_first, main_steps, owners, performers, teams_on_steps
from orgdiag.facts.touches import ROUTINE_SHARE, Touched, inner_source, routinely, touches
from orgdiag.frozen import frozen
from orgdiag.model.elements import Capability, Component, Coordination, Need, Step, Stream, Team
from orgdiag.model.types import DURATION, FLAG, RATE, TEXT, Ref, to, to_many, word
from orgdiag.model.vocabularies import MANUAL, SELF_SERVING
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import ONE, Quantity
from orgdiag.partial.sets import contains, each, meets, such_that
from orgdiag.partial.truth import Truth, at_least, every, negation, some
from orgdiag.partial.unknown import UNKNOWN, Gaps, Unknown, Unwritten, merge
from orgdiag.text.source import Span

PROVENANCE: Final = ("declared", "step", "component-change", "capability", "release", "gate")
EFFECTS: Final = ("blocking", "slowing", "ok")
# What is needed at least once a month is routine. Default chosen by orgdiag.
ROUTINE_RATE: Final = 1
# So many teams are named as possible owners of a stream whose owner is unknown.
CANDIDATES: Final = 12


@entity
@frozen
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
        if isinstance(effect, Unknown):
            return every((self.holds, effect, self.routine, negation(self.selfserve)))
        if effect != "blocking":
            return False
        return every((self.holds, self.routine, negation(self.selfserve)))


@entity
@frozen
class Dependency:
    """Everything for which one team needs another; `id` reads `CONSUMER needs PROVIDER`.

    `holds` is unknown where each of its reasons may or may not exist.
    """

    kind: ClassVar[str] = "dependency"

    id: str
    span: Span
    consumer: Annotated[Team, to("team"), "The team that needs the other"]
    provider: Annotated[Team, to("team"), "The team that is needed"]
    grounds: tuple[Ground, ...]
    holds: Truth


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
                quantity_of(need, "frequency"),
                quantity_of(need, "wait"),
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

    Of more than a dozen candidates none is named: the set stays open. It stays open as well where
    anybody may be it.
    """
    known = owners(facts, stream)
    if not known.open:
        return known
    product = referred(facts, stream, "product", "product")
    working = teams_on_steps(facts, stream).every()
    of_product = (
        members_of(facts, product, "owner", "team").every() if hasattr(product, "owner") else ()
    )
    candidates = dict.fromkeys([*known.possible, *working, *of_product])
    rest = tuple(team for team in candidates if team not in known.certain)
    if len(rest) > CANDIDATES:
        return known
    return Members(known.certain, rest, known.missing, anybody_may_own(facts, stream))


def anybody_may_own(facts: Facts, stream: Stream) -> bool:
    """Whether its owner may be a team that has nothing to do with it, as far as the model says.

    It is written `unknown`, or left out while it is open who works on the stream.
    """
    owner = stream.owner
    if owner is None:
        return teams_on_steps(facts, stream).open
    return isinstance(owner, Unwritten) or UNKNOWN in owner


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
    share = quantity_of(step, "share")
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
                    quantity_of(stream, "arrivals")
                    * share
                    * visits(facts, stream).get(step.id, ONE),
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
    providers = members_of(facts, component, "owner", "team")
    truth = every((often, negation(inner_source(facts, component))))
    sentence = f"{touch.stream.id} changes {component.id}{_percent(touch.share)}, owned by {{}}"
    yield from _from_component(owning, providers, touch, "component-change", sentence, truth, True)


def _by_release(facts: Facts, owning: Members, touch: Touched) -> Iterator[Ground]:
    component = touch.component
    deploy = component.deploy
    if deploy is None or isinstance(deploy, Unwritten) or deploy.how == "independent":
        return
    partner = released_with(facts, component)
    if partner is None:
        return
    providers = members_of(facts, partner, "owner", "team")
    target = deploy.target if isinstance(deploy.target, str) else "unknown"
    sentence = f"{component.id} deploys {deploy.how} {target}, owned by {{}}"
    yield from _from_component(
        owning, providers, touch, "release", sentence, True, routinely(touch)
    )


def released_with(facts: Facts, component: Component) -> Component | None:
    """The component whose owners release it: another one, or itself by a train; None for none."""
    deploy = component.deploy
    if deploy is None or isinstance(deploy, Unwritten) or deploy.how == "independent":
        return None
    if deploy.how != "with":
        return component
    return facts.org.components.get(deploy.target) if isinstance(deploy.target, str) else None


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
    often = quantity_of(touch.stream, "arrivals") * touch.share
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
        unsaid_rate(facts, consumer),
        quantity_of(capability, "wait"),
    )


@memoised
def unsaid_rate(facts: Facts, consumer: Team) -> Quantity:
    """How often a team needs what it says nothing of: nobody knows."""
    return Quantity(0, None, missing(consumer, "needs"))


def _unless_said_otherwise(
    capability: Capability, consumer: Team, provider: Team
) -> tuple[str | Unknown, Truth]:
    """Effect and routine of a manual capability: blocking and routine unless a need says otherwise.

    A need that names the capability speaks of it; else one for the same pair that names none does.
    Needs of which nobody knows from whom may speak of it too.
    """
    needs = () if isinstance(consumer.needs, Unwritten) else consumer.needs
    pair = [need for need in needs if need.provider == provider.id]
    naming = [need for need in pair if need.capability == capability.id]
    unread = _unread(consumer, capability)
    if unread and not naming:
        return Unknown(unread), Unknown(unread)
    speaking = naming or [need for need in pair if need.capability is None]
    effect: str | Unknown = "blocking"
    effects = [said(need, "effect") for need in speaking if need.effect is not None]
    if effects:
        effect = strongest(effects)
    routine: Truth = True
    saying = [need for need in speaking if need.routine is not None or need.frequency is not None]
    if saying:
        routine = some(_routine(need) for need in saying)
    return effect, routine


def _unread(consumer: Team, capability: Capability) -> Gaps:
    """The inputs that would tell whether a further need of a team speaks of a capability."""
    if isinstance(consumer.needs, Unwritten):
        return missing(consumer, "needs")
    unread = [need for need in consumer.needs if isinstance(need.provider, Unwritten)]
    spoken = [need for need in unread if need.capability in (None, capability.id)]
    return missing(spoken[0], "from") if spoken else ()


def strongest(effects: Iterable[str | Unknown]) -> str | Unknown:
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
            members = members_of(facts, coordination, "members", "team")
            for step in main_steps(facts, target).certain:
                if gating(facts, step) is True and meets(performers(facts, step), members) is True:
                    found[step] = None
    return list(found)


def nobody_named(capability: Capability) -> bool:
    """Whether nobody says who provides the capability."""
    return capability.provided_by is None or isinstance(capability.provided_by, Unwritten)


def helps_itself(capability: Capability) -> bool:
    """Whether the mode is known to be one in which nobody waits."""
    return isinstance(capability.mode, str) and capability.mode in SELF_SERVING


# --- who uses a capability ------------------------------------------------------------------------


@relation("capability", "consumer-teams", to_many("team"))
def consumers(facts: Facts, capability: Capability) -> Members:
    """The teams that use it, by themselves or for a stream they own, without its provider."""
    named = members_of(facts, capability, "used_by", "team")
    found = each(
        named,
        lambda user: possible_owners(facts, user) if user.kind == "stream" else Members((user,)),
    )
    provider = capability.provided_by
    return such_that(found, lambda team: team.id != provider)


# --- all grounds ----------------------------------------------------------------------------------


@index
def pairs(facts: Facts) -> dict[str, dict[str, Dependency]]:
    """The dependency of each pair, by the ids of consumer and provider."""
    grounds: dict[str, dict[str, list[Ground]]] = {}
    for source in (_declared, _by_step, _by_touch, _by_capability, _by_gate):
        for ground in source(facts):
            of_one = grounds.setdefault(ground.consumer.id, {})
            of_one.setdefault(ground.provider.id, []).append(ground)
    return {
        consumer: {provider: _dependency(items) for provider, items in sorted(of_one.items())}
        for consumer, of_one in sorted(grounds.items())
    }


def _dependency(grounds: list[Ground]) -> Dependency:
    first = grounds[0]
    return Dependency(
        f"{first.consumer.id} needs {first.provider.id}",
        first.span,
        first.consumer,
        first.provider,
        tuple(grounds),
        some([ground.holds for ground in grounds]),
    )
