"""What a step is in its stream: where it stands, whether hands are needed, why it waits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Final

from orgdiag.facts.borders import visits
from orgdiag.facts.columns import Facts, entity, memoised, relation
from orgdiag.facts.flow import flow
from orgdiag.facts.properties import missing, quantity_of
from orgdiag.facts.streams import (
    after_first,
    critical_steps_in_order,
    last_steps,
    main_steps,
    performers,
)
from orgdiag.frozen import frozen
from orgdiag.model.elements import Step, Stream
from orgdiag.model.types import DURATION, FLAG, NUMBER, to, to_many, word
from orgdiag.model.vocabularies import ORIGINS, WAIT_REASONS
from orgdiag.partial.members import Members
from orgdiag.partial.quantity import ONE, Quantity
from orgdiag.partial.truth import Truth, every, negation, some
from orgdiag.partial.unknown import Missing, Unknown, Unwritten
from orgdiag.text.source import Span

DEPLOYMENT: Final = frozenset({"deployment", "release"})


def _stream(facts: Facts, step: Step) -> Stream:
    return facts.org.streams[step.stream]


@relation("step", "stream", to("stream"), kept=False)
def stream_of(facts: Facts, step: Step) -> Stream:
    """The stream it is part of."""
    return _stream(facts, step)


@relation("step", "teams", to_many("team"), kept=False)
def teams_of(facts: Facts, step: Step) -> Members:
    """The teams that do it."""
    return performers(facts, step)


@relation("step", "successors", to_many("step"), kept=False)
def successors(facts: Facts, step: Step) -> Members:
    """The steps right behind it."""
    net = flow(facts, _stream(facts, step))
    known = tuple(net.steps[id] for id in net.successors[step.id])
    return Members(known, (), net.gaps, bool(net.gaps))


@relation("step", "predecessors", to_many("step"), kept=False)
def predecessors(facts: Facts, step: Step) -> Members:
    """The steps right before it."""
    net = flow(facts, _stream(facts, step))
    known = tuple(net.steps[id] for id in net.predecessors[step.id])
    gaps = tuple(gap for gap in net.gaps if gap.id == step.id)
    return Members(known, (), gaps, bool(gaps))


@memoised
def _standing(facts: Facts, stream: Stream) -> Mapping[str, dict[str, Truth]]:
    """For each relation of a stream to its steps the answer for every step of the stream."""
    sets = {
        "critical": critical_steps_in_order(facts, stream),
        "after-first": after_first(facts, stream),
        "last": last_steps(facts, stream),
    }
    ids = flow(facts, stream).order
    return {name: _answers(ids, members) for name, members in sets.items()}


def _answers(ids: Iterable[str], members: Members) -> dict[str, Truth]:
    outside: Truth = Unknown(members.missing) if members.open else False
    answers: dict[str, Truth] = dict.fromkeys(ids, outside)
    answers.update({step.id: Unknown(members.missing) for step in members.possible})
    answers.update({step.id: True for step in members.certain})
    return answers


@relation("step", "on-main", FLAG, kept=False)
def on_main(facts: Facts, step: Step) -> Truth:
    """Whether the end of the stream is reachable from it and it is no dead end."""
    stream = _stream(facts, step)
    net = flow(facts, stream)
    if step.id in net.maybe_main:
        return Unknown(main_steps(facts, stream).missing)
    return step.id in net.main


@relation("step", "on-critical-path", FLAG, kept=False)
def on_critical_path(facts: Facts, step: Step) -> Truth:
    """Whether it lies on the critical path of its stream."""
    return _standing(facts, _stream(facts, step))["critical"][step.id]


@relation("step", "is-last", FLAG, kept=False)
def is_last(facts: Facts, step: Step) -> Truth:
    """Whether it lies on MAIN and no other step of MAIN comes behind it."""
    return _standing(facts, _stream(facts, step))["last"][step.id]


@relation("step", "hands-off", FLAG, kept=False)
def hands_off(facts: Facts, step: Step) -> Truth:
    """Whether hands are needed, as far as the model says: it is not automated."""
    return negation(automated(facts, step))


@relation("step", "after-first", FLAG, kept=False)
def is_after_first(facts: Facts, step: Step) -> Truth:
    """Whether it lies on MAIN behind a step that an owner of the stream does."""
    return _standing(facts, _stream(facts, step))["after-first"][step.id]


@memoised
def _phases(facts: Facts, stream: Stream) -> Mapping[str, tuple[Truth, Truth, Truth]]:
    """For each step: is development before it, is it behind it, is deployment behind it."""
    net = flow(facts, stream)
    develops = {id: _is_kind(step, {"development"}) for id, step in net.steps.items()}
    deploys = {id: _is_kind(step, DEPLOYMENT) for id, step in net.steps.items()}
    unsure = {gap.id: Unknown((gap,)) for gap in net.gaps}
    perhaps_last = {step.id: Unknown(net.gaps) for step in last_steps(facts, stream).possible}
    before = _spread(net.order, net.before, develops, unsure)
    behind = _spread(net.order[::-1], net.behind, develops, perhaps_last)
    released = _spread(net.order[::-1], net.behind, deploys, perhaps_last)
    return {id: (before[id], behind[id], released[id]) for id in net.order}


def _spread(
    order: Sequence[str],
    neighbours: Mapping[str, Sequence[str]],
    holds: Mapping[str, Truth],
    beyond: Mapping[str, Unknown],
) -> dict[str, Truth]:
    """For each step whether the property holds of one that lies further on in that direction.

    `beyond` are the steps from which the way may lead to steps that nobody knows.
    """
    found: dict[str, Truth] = {}
    for id in order:
        onward = neighbours[id]
        found[id] = some(
            [
                *[holds[other] for other in onward],
                *[found[other] for other in onward],
                beyond.get(id, False),
            ]
        )
    return found


def _is_kind(step: Step, kinds: set[str] | frozenset[str]) -> Truth:
    kind = step.type
    return kind in kinds if isinstance(kind, str) else Unknown(missing(step, "kind"))


@relation("step", "after-last-development", FLAG, kept=False)
def after_last_development(facts: Facts, step: Step) -> Truth:
    """Whether development comes before it and none behind it."""
    before, behind, _ = _phases(facts, _stream(facts, step))[step.id]
    here = _is_kind(step, {"development"})
    return every((before, negation(behind), negation(here)))


@relation("step", "before-deployment", FLAG, kept=False)
def before_deployment(facts: Facts, step: Step) -> Truth:
    """Whether a deployment or release step comes behind it."""
    return _phases(facts, _stream(facts, step))[step.id][2]


# --- hands ----------------------------------------------------------------------------------------


@relation("step", "automated", FLAG, kept=False)
def automated(facts: Facts, step: Step) -> Truth:
    """Whether it runs without hands; when neither `automated` nor `manual` is said: no."""
    if isinstance(step.automated, Unwritten):
        return Unknown(missing(step, "automated", "manual"))
    return step.automated is True


@relation("step", "manual", FLAG, kept=False)
def manual(facts: Facts, step: Step) -> Truth:
    """Whether the model says that hands are needed."""
    if step.automated is None or isinstance(step.automated, Unwritten):
        return Unknown((Missing("step", step.id, "manual", step.place("automated", "manual")),))
    return not step.automated


@relation("step", "known-by", NUMBER, kept=False)
def known_by(facts: Facts, step: Step) -> Quantity:
    """How many people can do it; not said: at most one when a team of one does it."""
    said_to_be = quantity_of(step, "known_by")
    if said_to_be is step.known_by:
        return said_to_be
    teams = performers(facts, step)
    if not teams.known or len(teams.certain) != 1:
        return said_to_be
    size = teams.certain[0].size
    if isinstance(size, Quantity) and size.high is not None and size.high <= 1:
        return Quantity(0, 1, said_to_be.missing)
    return said_to_be


@relation("step", "visits", NUMBER, kept=False)
def expected_visits(facts: Facts, step: Step) -> Quantity:
    """How often an item passes it on average, rework included."""
    return visits(facts, _stream(facts, step)).get(step.id, ONE)


# --- waits ----------------------------------------------------------------------------------------


@entity
@frozen
class Wait:
    """One declared reason of a step's wait."""

    kind: ClassVar[str] = "wait"

    id: str
    span: Span
    step: Annotated[Step, to("step"), "the step that waits"]
    reason: Annotated[str, word(*WAIT_REASONS), "why it waits"]
    time: Annotated[Quantity, DURATION, "how long"]


@relation("step", "waits", to_many("wait"))
def waits(facts: Facts, step: Step) -> Members:
    """The declared reasons of its wait."""
    if step.wait is None or isinstance(step.wait, Unwritten):
        return Members((), (), missing(step, "wait"), open=True)
    return Members(
        tuple(
            Wait(
                f"{step.id} {part.reason}",
                part.span,
                step,
                part.reason,
                part.time
                if isinstance(part.time, Quantity)
                else Quantity(
                    0, None, (Missing("step", step.id, f"wait {part.reason}", part.span),)
                ),
            )
            for part in step.wait
        )
    )


# --- where numbers come from ----------------------------------------------------------------------


def _origin(element: Any) -> str | Unknown | None:
    source = element.source
    if source is None:
        return None
    if isinstance(source, Unwritten) or isinstance(source.how, Unwritten):
        return Unknown(missing(element, "source"))
    return str(source.how)


@relation("step", "origin", word(*ORIGINS))
def step_origin(facts: Facts, step: Step) -> str | Unknown:
    """Where its numbers come from; not said: what its stream says, else an estimate."""
    return _origin(step) or _origin(_stream(facts, step)) or "estimate"


def _origin_of(kind: str) -> Callable[[Facts, Any], str | Unknown]:
    def origin(facts: Facts, element: Any) -> str | Unknown:
        """Where its numbers come from; not said: an estimate."""
        return _origin(element) or "estimate"

    return relation(kind, "origin", word(*ORIGINS))(origin)


OTHER_ORIGINS: Final = tuple(_origin_of(kind) for kind in ("stream", "need", "capability"))


@relation("step", "gating", FLAG, kept=False)
def gating(facts: Facts, step: Step) -> Truth:
    """Whether it is an approval or a review."""
    return _is_kind(step, {"approval", "review"})
