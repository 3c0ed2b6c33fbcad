"""Sets that may be known only in part: what is asked of them, and what is made of them.

A question has an answer as a number, how sure it is, and beside it the inputs that would settle an
open one; as a `Truth` it has both. An input is named if and only if it may settle something: what a
set misses is not named where what is open about the set cannot change the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, Final

from orgdiag.frozen import made
from orgdiag.partial.certainty import MAYBE, NO, SURE
from orgdiag.partial.comparison import comparison_gaps, same_amount
from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.truth import Truth, gaps_of, together
from orgdiag.partial.unknown import NONE, Gaps, Unknown, merge

FEW: Final = 8  # so many are searched sooner than a set is made of them


def single(value: Any) -> Members:
    """A value as a set of at most one."""
    if isinstance(value, Unknown):
        return Members((), (), value.missing, open=True)
    return NOBODY if value is NONE else Members((value,))


# --- questions ------------------------------------------------------------------------------------


def presence(members: Members) -> int:
    """How sure it is that there is a member; all that the set misses may settle it."""
    if members.certain:
        return SURE
    return MAYBE if members.possible or members.open else NO


def exists(members: Members) -> Truth:
    """Whether there is a member."""
    verdict = presence(members)
    return Unknown(members.missing) if verdict == MAYBE else verdict == SURE


def membership(item: Any, members: Members) -> int:
    """How sure it is that the item is in the set; it may be unknown, an amount, or nothing."""
    if item is NONE:
        return NO
    kind = item.__class__
    if kind is Unknown:
        return min(MAYBE, presence(members))
    if kind is Quantity:
        return _amount_in(item, members)
    if item in members.certain:
        return SURE
    return MAYBE if members.open or item in members.possible else NO


def _amount_in(item: Quantity, members: Members) -> int:
    verdict = MAYBE if members.open else NO
    for other in members.certain:
        verdict = max(verdict, same_amount(item, other))
    for other in members.possible:
        verdict = max(verdict, min(MAYBE, same_amount(item, other)))
    return verdict


def membership_gaps(item: Any, members: Members) -> Gaps:
    """The inputs that would settle whether the item is in the set."""
    if isinstance(item, Unknown):
        return merge(item.missing, members.missing)
    if not isinstance(item, Quantity):
        return members.missing
    gaps = [comparison_gaps(item, other) for other in members.every() if same_amount(item, other)]
    if members.open or any(same_amount(item, other) for other in members.possible):
        gaps.append(members.missing)
    return together(*gaps)


def contains(members: Members, item: object) -> Truth:
    """Whether the item is a member."""
    verdict = membership(item, members)
    return Unknown(membership_gaps(item, members)) if verdict == MAYBE else verdict == SURE


def meeting(a: Members, b: Members) -> int:
    """How sure it is that two sets share a member."""
    if a is NOBODY or b is NOBODY:
        return NO
    sure = b.certain if len(b.certain) <= FEW else frozenset(b.certain)
    for item in a.certain:
        if item in sure:
            return SURE
    if not (a.possible or a.open or b.possible or b.open):
        return NO
    if a.open and (b.open or b.certain or b.possible):
        return MAYBE
    if b.open and (a.certain or a.possible):
        return MAYBE
    maybe = frozenset((*b.certain, *b.possible))
    return NO if maybe.isdisjoint((*a.certain, *a.possible)) else MAYBE


def meeting_gaps(a: Members, b: Members) -> Gaps:
    """The inputs that would settle whether two sets share a member."""
    return merge(_gaps_towards(b, a), _gaps_towards(a, b))


def _gaps_towards(other: Members, members: Members) -> Gaps:
    """What a set misses, where that may make it share a member with another."""
    if members.open:
        known = frozenset(members.certain)
        meets = other.open or any(item not in known for item in other.every())
    elif other.open:
        meets = bool(members.possible)
    else:
        meets = not frozenset(other.every()).isdisjoint(members.possible)
    return members.missing if meets else ()


def meets(first: Members, second: Members) -> Truth:
    """Whether the two sets share a member."""
    verdict = meeting(first, second)
    return Unknown(meeting_gaps(first, second)) if verdict == MAYBE else verdict == SURE


# --- what is made of sets -------------------------------------------------------------------------


def joined(
    found: Sequence[Any],
    base: Members = NOBODY,
    merged: bool = True,
    sure: int | None = None,
) -> Members:
    """The values, or the members of the sets, that the members of a set lead to.

    Args:
        found: what each member leads to.
        base: the set itself.
        merged: whether equal values are one.
        sure: how many members, from the start, are certain; None for all.
    """
    if not found and not base.open:
        return NOBODY
    certain: list[Any] = []
    possible: list[Any] = []
    partial: list[Any] = []
    into = repeat(certain) if sure is None else chain(repeat(certain, sure), repeat(possible))
    for value, kept in zip(found, into):
        if value.__class__ is Members:
            kept.extend(value.certain)
            if value.possible or value.open:
                possible.extend(value.possible)
                partial.append(value)
        elif value.__class__ is Unknown:
            partial.append(value)
        elif value is not NONE:
            kept.append(value)
    if merged and len(certain) > 1:
        certain = list(dict.fromkeys(certain))
    if not possible and not partial and not base.open:
        return made(Members, (tuple(certain), (), (), False)) if certain else NOBODY
    taken = frozenset(certain) if merged else frozenset()
    if merged:
        possible = [item for item in dict.fromkeys(possible) if item not in taken]
    open = base.open or any(value.__class__ is Unknown or value.open for value in partial)
    if not possible and not open:
        return made(Members, (tuple(certain), (), (), False)) if certain else NOBODY
    doubtful = [] if sure is None else found[sure:]
    gaps = list(_gaps_of_parts(found[:sure], taken))
    if base.open or any(_adds(value, taken) for value in doubtful):
        gaps.append(base.missing)
    gaps.extend(_gaps_of_parts(doubtful, taken))
    return Members(tuple(certain), tuple(possible), together(*gaps), open)


def _gaps_of_parts(parts: Sequence[Any], taken: Collection[Any]) -> Iterator[Gaps]:
    """What those values and sets miss of which what is open can add to what is taken."""
    for part in parts:
        if part.__class__ is Unknown:
            yield part.missing
        elif part.__class__ is Members:
            if part.open or any(item not in taken for item in part.possible):
                yield part.missing


def _adds(part: Any, taken: Collection[Any]) -> bool:
    """Whether a value or set can add to what is taken."""
    if part.__class__ is Members:
        return part.open or any(item not in taken for item in part.every())
    return part is not NONE and (part.__class__ is Unknown or part not in taken)


def union(sets: Iterable[Members]) -> Members:
    """The members of any of the sets, in order."""
    parts = [members for members in sets if members is not NOBODY]
    if not parts:
        return NOBODY
    first = parts[0]
    if len(parts) == 1:
        return first
    whole = joined(parts)
    # Often the others add nothing: one value is kept, not two.
    return first if len(first.certain) == len(whole.certain) and first[1:] == whole[1:] else whole


def each(members: Members, image: Callable[[Any], Members]) -> Members:
    """What the image of any member contains."""
    if members is NOBODY:
        return NOBODY
    found = [image(item) for item in members.certain]
    if not members.possible and not members.open:
        return union(found)
    found += [image(item) for item in members.possible]
    return joined(found, members, sure=len(members.certain))


def mapped(members: Members, image: Callable[[Any], Any]) -> Members:
    """The image of each member, where every member has exactly one; each once, in order."""
    found = [image(item) for item in members.certain]
    if not members.possible and not members.open:
        return Members(tuple(dict.fromkeys(found))) if found else NOBODY
    found += [image(item) for item in members.possible]
    return joined(found, members, sure=len(members.certain))


def difference(a: Members, b: Members) -> Members:
    """The members of the first set that are not in the second."""
    gone = frozenset(b.certain)
    left = [item for item in a.certain if item not in gone]
    maybe = [item for item in a.possible if item not in gone]
    gaps = a.missing if maybe or a.open else ()
    if not b.known:
        among = frozenset((*left, *maybe) if b.open else b.possible)
        doubtful = [item for item in left if item in among]
        if a.open or doubtful or not among.isdisjoint(maybe):
            gaps = merge(gaps, b.missing)
        left = [item for item in left if item not in among]
        maybe = [*doubtful, *maybe]
    elif len(left) == len(a.certain) and len(maybe) == len(a.possible):
        return a
    return Members(tuple(left), tuple(maybe), gaps, a.open) if left or maybe or a.open else NOBODY


def without(members: Members, *items: object) -> Members:
    """The members without the items."""
    certain, possible = members.certain, members.possible
    if any(item in certain or item in possible for item in items):
        return difference(members, Members(items))
    return members


def such_that(members: Members, holds: Callable[[Any], Truth]) -> Members:
    """The members for which a condition holds; those for which it may hold are possible."""
    if members is NOBODY:
        return NOBODY
    kept, doubtful, possible = [], [], []
    doubts: list[Gaps] = []
    for item in members.certain:
        verdict = holds(item)
        if verdict is True:
            kept.append(item)
        elif verdict is not False:
            doubtful.append(item)
            doubts.append(verdict.missing)
    for item in members.possible:
        verdict = holds(item)
        if verdict is not False:
            possible.append(item)
            doubts.append(gaps_of(verdict))
    if not kept and not doubtful and not possible and not members.open:
        return NOBODY  # the most frequent case
    return sifted(members, kept, doubtful, possible, doubts)


def sifted(
    members: Members,
    certain: Sequence[Any],
    doubtful: Sequence[Any],
    possible: Sequence[Any],
    doubts: Iterable[Gaps] = (),
) -> Members:
    """What a condition leaves of a set.

    Args:
        members: the set.
        certain: its certain members for which the condition holds.
        doubtful: its certain members for which it may hold.
        possible: its possible members for which it holds or may hold.
        doubts: what would settle whether it holds.
    """
    sure, perhaps, missing, open = members
    if not doubtful and not possible and not open:
        if not perhaps and not missing and len(certain) == len(sure):
            return members
        return made(Members, (tuple(certain), (), (), False)) if certain else NOBODY
    whole = len(certain) == len(sure) and len(possible) == len(perhaps)
    gaps = together(missing if possible or open else (), *doubts)
    if whole and gaps is missing:
        return members
    return Members(tuple(certain), (*doubtful, *possible), gaps, open)


class Groups:
    """Sets by key, open all of them where inputs are missing; what was not grouped is in none."""

    __slots__ = ("_found", "_none", "gaps")

    def __init__(self, found: Mapping[Any, Iterable[Any]], gaps: Gaps) -> None:
        self._found = {
            key: Members(tuple(dict.fromkeys(items)), (), gaps, bool(gaps))
            for key, items in found.items()
        }
        self._none = Members((), (), gaps, open=True) if gaps else NOBODY
        self.gaps = gaps

    def of(self, key: object) -> Members:
        """The set of a key."""
        return self._found.get(key, self._none)
