"""Where to start: causes in the order of what their waiting costs, never added up in an overlap.

The order is greedy: the best cause first, then the best of the others once that one is gone. Greedy
is a heuristic and no optimum. A cause whose waiting cannot be priced is never ranked as if it were
free: it stands in a list of its own, with what would have to be measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from orgdiag.diagnose.causes import Addresses, Cause, Delays, beyond
from orgdiag.facts.columns import Facts
from orgdiag.finding import Finding, Severity
from orgdiag.frozen import frozen
from orgdiag.metrics.constraint import constraint
from orgdiag.metrics.delay import saved_by
from orgdiag.partial.quantity import Number, Quantity, total

# Findings that cost nothing until something happens: somebody leaves, a project ends.
RISKS: Final = frozenset(
    {"few-hands", "project-handoff-to-run", "disbanding-owner", "unowned-component"}
)


@frozen
class Move:
    """One place in the order.

    gain           item-days a month that go away with the cause when all before it are gone
    at_constraint  whether it stands at the certain constraint of a stream
    shares_with    ids of causes placed before it that share a part of its waiting
    """

    cause: Cause
    gain: Quantity
    at_constraint: bool
    shares_with: tuple[str, ...]


@frozen
class Order:
    """Every cause that nothing explains, each in one list.

    first     errors of the model itself: they change every result
    moves     causes by gain, those at a certain constraint first
    per_item  causes whose streams do not say how many items arrive, with the days an item
    unpriced  causes with a time that nobody knows: measure first
    risks     findings without delay until the event, by severity and place
    others    causes that explain no waiting
    """

    first: tuple[Finding, ...]
    moves: tuple[Move, ...]
    per_item: tuple[tuple[Cause, Quantity], ...]
    unpriced: tuple[Cause, ...]
    risks: tuple[Finding, ...]
    others: tuple[Cause, ...]


def order(
    findings: Sequence[Finding],
    causes: Iterable[Cause],
    facts: Facts,
    delays: Delays,
    top: int = 10,
) -> Order:
    """The order of what to do, with the gains of the `top` first moves recomputed one by one."""
    roots = [cause for cause in causes if cause.root]
    risks = [finding for finding in findings if finding.rule in RISKS]
    priced, per_item, unpriced, others = [], [], [], []
    for cause in roots:
        if all(finding.rule in RISKS for finding in cause.findings):
            continue
        if cause.delay is None:
            others.append(cause)
        elif cause.delay.high is not None:
            priced.append(cause)
        else:
            days = total(saved for _, saved in saved_by(facts, cause.addresses))
            if days.high is None:
                unpriced.append(cause)
            else:
                per_item.append((cause, days))
    errors = (f for f in findings if f.group == "model" and f.severity is Severity.ERROR)
    moves = _moves(priced, facts, delays, top)
    others += [move.cause for move in moves if _idle(move)]
    return Order(
        tuple(errors),
        tuple(move for move in moves if not _idle(move)),
        tuple(sorted(per_item, key=lambda pair: (-_sure(pair[1]), pair[0].id))),
        tuple(sorted(unpriced, key=lambda cause: (-len(cause.addresses), cause.id))),
        tuple(sorted(risks, key=lambda f: (f.severity.rank, f.span.path, f.span.start, f.rule))),
        tuple(sorted(others, key=lambda cause: (cause.main.severity.rank, cause.id))),
    )


def _idle(move: Move) -> bool:
    """Whether nothing waits longer because of the cause, nor because of it and those before it."""
    return move.gain.high == 0 and not move.shares_with


def _sure(quantity: Quantity) -> Number:
    return quantity.low or 0


def _moves(priced: Sequence[Cause], facts: Facts, delays: Delays, top: int) -> tuple[Move, ...]:
    """The causes in greedy order; beyond the first `top` gains are no longer recomputed."""
    at = {cause.id: _at_constraint(cause, facts) for cause in priced}
    gain = {cause.id: cause.delay or Quantity.of(0) for cause in priced}
    left = {cause.id: cause for cause in priced}
    gone: Addresses = frozenset()
    moves: list[Move] = []
    while left and len(moves) < top:
        best = min(left, key=lambda id: (not at[id], -_sure(gain[id]), id))
        cause = left.pop(best)
        shared = tuple(m.cause.id for m in moves if m.cause.addresses & cause.addresses)
        moves.append(Move(cause, gain[best], at[best], shared))
        gone |= cause.addresses
        _regain(left.values(), cause, gone, gain, delays, facts)
    rest = sorted(
        left.values(), key=lambda cause: (not at[cause.id], -_sure(gain[cause.id]), cause.id)
    )
    moves += [Move(cause, gain[cause.id], at[cause.id], ()) for cause in rest]
    return tuple(moves)


def _regain(
    left: Iterable[Cause],
    done: Cause,
    gone: Addresses,
    gain: dict[str, Quantity],
    delays: Delays,
    facts: Facts,
) -> None:
    """Recomputes what each cause left would gain: only those in a stream that `done` touches."""
    touched = {facts.org.steps[id].stream for id in done.addresses}
    for cause in left:
        streams = {facts.org.steps[id].stream for id in cause.addresses}
        if streams & touched:
            near = frozenset(id for id in gone if facts.org.steps[id].stream in streams)
            gain[cause.id] = beyond(delays(near | cause.addresses), delays(near))


def _at_constraint(cause: Cause, facts: Facts) -> bool:
    """Whether the cause stands at what limits one of its streams, by all evidence there is."""
    if cause.provider is None:
        return False
    for stream in sorted({facts.org.steps[id].stream for id in cause.addresses}):
        found = constraint(facts, facts.org.streams[stream])
        sure = found.certain is True and not found.disputed
        if sure and found.team is not None and found.team.id == cause.provider:
            return True
    return False
