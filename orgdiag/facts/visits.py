"""How often an item passes each step when some of it comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from orgdiag.frozen import frozen
from orgdiag.partial.quantity import ONE, ZERO, Number, Quantity, ratio, total
from orgdiag.partial.unknown import merge


@frozen
class Loop:
    """Items that go back from a step.

    source  the step they leave
    share   how many of its items
    body    the steps that they pass again, `source` included
    surely  whether the body is known; else the steps in it may or may not be passed again
    """

    source: str
    share: Quantity
    body: AbstractSet[str]
    surely: bool = True


def expected_visits(order: Sequence[str], loops: Sequence[Loop]) -> Mapping[str, Quantity]:
    """The mean number of passes of each step (M04).

    Definition: v_k = (1 + Σ r·v_j over the loops (j → i, r) with k in their body and j ≠ k) /
    (1 − Σ r over the loops out of k), evaluated from the last step to the first. The body of a loop
    is what lies on the paths from i to j, both included. It equals the absorbing Markov chain of
    the map,
    nested and interleaved loops included; between parallel tracks it assumes that the body is
    repeated as a unit.

    Range: 1 to unbounded. Without an upper bound where the shares out of a step may reach 100 %.

    Args:
        order: the steps, each after its predecessors.
        loops: the rework.

    Source: absorbing Markov chains (Kemeny and Snell).

    >>> quarter = Quantity.of(ratio(1, 4))
    >>> visits = expected_visits("ab", [Loop("b", quarter, {"a", "b"})])
    >>> visits["a"].value, visits["b"].value
    (Fraction(4, 3), Fraction(4, 3))
    """
    if not loops:
        return dict.fromkeys(order, ONE)
    leaving: dict[str, list[Loop]] = {}
    passing: dict[str, list[Loop]] = {}
    for loop in loops:
        leaving.setdefault(loop.source, []).append(loop)
        for step in loop.body:
            if step != loop.source:
                passing.setdefault(step, []).append(loop)
    found: dict[str, Quantity] = {}
    returned: dict[Loop, Quantity] = {}
    once: dict[tuple[Loop, ...], Quantity] = {(): ONE}  # neighbours are passed by the same loops
    for step in reversed(order):
        coming = tuple(passing.get(step, ()))
        if coming not in once:
            once[coming] = ONE + total([returned[loop] for loop in coming])
        going = leaving.get(step, ())
        found[step] = _repeated(once[coming], total([loop.share for loop in going]))
        for loop in going:
            returned[loop] = _returns(loop, found[step])
    return found


def _returns(loop: Loop, passes: Quantity) -> Quantity:
    """How often the loop brings an item to a step of its body."""
    back = loop.share * passes
    return back if loop.surely else Quantity(0, back.high, back.missing, back.estimated)


def _repeated(once: Quantity, share: Quantity) -> Quantity:
    """The sum of the geometric series: `once` divided by what does not go back."""
    if share == ZERO:
        return once
    low = _divided(once.low, share.low)
    return Quantity(
        once.low if low is None else low,
        _divided(once.high, share.high),
        merge(once.missing, share.missing),
        once.estimated or share.estimated,
    )


def _divided(once: Number | None, share: Number | None) -> Number | None:
    if once is None or share is None or share >= 1:
        return None
    return ratio(once, 1 - share)
