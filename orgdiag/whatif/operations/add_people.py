"""More people join a team."""

from dataclasses import replace
from fractions import Fraction
from typing import Annotated, Any, Final, NamedTuple

from orgdiag.facts.columns import Facts
from orgdiag.facts.flow import lead_time, process_time
from orgdiag.metrics.load import people, utilisation
from orgdiag.metrics.queueing import queue_wait
from orgdiag.metrics.step import queue_time
from orgdiag.model.elements import Element, Step, Team
from orgdiag.model.form import Slot, operation, way
from orgdiag.model.parts import WaitPart
from orgdiag.model.types import NUMBER, to
from orgdiag.partial.quantity import ONE, Quantity, ratio
from orgdiag.partial.unknown import Unwritten
from orgdiag.text.source import Span
from orgdiag.whatif.draft import Draft, at_least
from orgdiag.whatif.verb import Verb


class AddPeople(NamedTuple):
    """`add 3 people to T`."""

    number: Quantity
    team: Annotated[str, to("team")]
    span: Span


FORM: Final = operation(
    "add",
    (way(Slot("number", NUMBER), "people", "to", Slot("team", to("team"))),),
    AddPeople,
)


def apply(operation: AddPeople, draft: Draft) -> None:
    """The queue of each step of the team shrinks as queues do when servers are added."""
    team = draft.org.teams.get(operation.team)
    if team is None:
        return
    facts = draft.facts
    shrinks = queue_ratio(facts, team, operation.number)
    size = team.size + operation.number if isinstance(team.size, Quantity) else team.size
    changed: list[Element] = [replace(team, size=size)]
    for step in draft.org.steps.values():
        theirs = isinstance(step.by, tuple) and team.id in step.by
        if theirs and isinstance(step.lead, Quantity):
            gain = queue_time(facts, step) * (ONE - shrinks)
            work = process_time(facts, step).low or 0
            shorter = at_least(lead_time(facts, step) - gain, work)
            changed.append(replace(step, lead=shorter, wait=_shorter_queue(step, shrinks)))
    draft.put(*changed)
    draft.assumptions.append(
        f"the queue before {team.id} shrinks as queueing theory has it; new people need time to "
        "help, and more people have more to agree on"
    )


def queue_ratio(facts: Facts, team: Team, more: Quantity) -> Quantity:
    """What remains of the queue in front of a team when people are added to it.

    Definition: M07 with c + n people / M07 with c. Range: 0 to 1, and the whole range when the
    size or the utilisation is unknown, or when the team is full and no longer would be.
    """
    size, busy = people(facts, team), utilisation(facts, team)
    if not (size.exact and busy.exact and more.exact):
        return Quantity(0, 1, size.missing or busy.missing)
    count, wanted = int(size.value), int(size.value + more.value)
    before = queue_wait(busy.value, servers=count) if count else None
    after = queue_wait(ratio(busy.value * count, wanted), servers=wanted) if wanted else None
    if not before or after is None:
        return Quantity(0, 1)
    return Quantity.of(Fraction(min(after / before, 1)).limit_denominator(10**9))


def _shorter_queue(step: Step, shrinks: Quantity) -> Any:
    if step.wait is None or isinstance(step.wait, Unwritten):
        return step.wait
    return tuple(
        WaitPart(part.reason, part.time * shrinks, part.span)
        if part.reason == "queue" and isinstance(part.time, Quantity)
        else part
        for part in step.wait
    )


VERB: Final = Verb(FORM, apply)
