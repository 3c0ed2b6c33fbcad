"""Sets that may be known only in part: what is asked of them, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.truth import NAMED_GAPS, Truth, gaps_of, together
from orgdiag.partial.unknown import Gaps, Unknown, merge


def exists(members: Members) -> Truth:
    """Whether there is a member."""
    if members.certain:
        return True
    return False if members.known else Unknown(members.missing)


def contains(members: Members, item: object) -> Truth:
    """Whether the item is a member."""
    if item in members.certain:
        return True
    if members.open or item in members.possible:
        return Unknown(members.missing)
    return False


def meets(first: Members, second: Members) -> Truth:
    """Whether the two sets share a member."""
    if not set(first.certain).isdisjoint(second.certain):
        return True
    if (first.known and second.known) or not _can_be_empty_handed(first, second):
        return False
    return Unknown(merge(first.missing, second.missing))


def _can_be_empty_handed(first: Members, second: Members) -> bool:
    """Whether the unknown parts could make the two share a member."""
    if first.open and (second.open or second.certain or second.possible):
        return True
    if second.open and (first.certain or first.possible):
        return True
    others = set(second.every())
    return any(item in others for item in first.every())


def union(sets: Iterable[Members]) -> Members:
    """The members of any of the sets, in order."""
    parts = [members for members in sets if members is not NOBODY]
    if len(parts) == 1 and _settled(parts[0]):
        return parts[0]
    certain: dict[Any, None] = {}
    possible: dict[Any, None] = {}
    open = False
    for found, perhaps, _, more in parts:
        for item in found:
            certain[item] = None
        if perhaps:
            possible.update(dict.fromkeys(perhaps))
        open = open or more
    rest = tuple(item for item in possible if item not in certain) if possible else ()
    if rest or open:
        missing = together(*[members.missing for members in parts])
        return Members(tuple(certain), rest, missing, open)
    if not certain and not possible:
        return NOBODY
    first = parts[0]  # often the others add nothing: one value is kept, not two
    if len(first.certain) == len(certain) and first.known and not first.missing:
        return first
    return Members(tuple(certain))


def _settled(members: Members) -> bool:
    """Whether the set says nothing that a union would leave out."""
    certain, possible, missing, open = members
    if possible or open:
        return len(missing) <= NAMED_GAPS
    return bool(certain) and not missing


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


def without(members: Members, *items: object) -> Members:
    """The members without the items."""
    certain, possible, missing, open = members
    for item in items:
        if item in certain or item in possible:
            break
    else:
        return members
    return Members(
        tuple(item for item in certain if item not in items),
        tuple(item for item in possible if item not in items),
        missing,
        open,
    )


def such_that(members: Members, holds: Callable[[Any], Truth]) -> Members:
    """The members for which a condition holds; those for which it may hold are possible."""
    if members is NOBODY:
        return NOBODY
    certain, possible, missing, open = members
    kept, unsure = [], []
    gaps: list[Gaps] = []
    for item in certain:
        verdict = holds(item)
        if verdict is True:
            kept.append(item)
        elif verdict is not False:
            unsure.append(item)
            gaps.append(verdict.missing)
    for item in possible:
        verdict = holds(item)
        if verdict is not False:
            unsure.append(item)
            gaps.append(gaps_of(verdict))
    if not unsure and not open:
        if len(kept) == len(certain) and not missing:
            return members
        return Members(tuple(kept)) if kept else NOBODY
    needed = together(missing, *gaps)
    if needed is missing and len(kept) == len(certain) and len(unsure) == len(possible):
        return members
    return Members(tuple(kept), tuple(unsure), needed, open)


def each(members: Members, image: Callable[[Any], Members]) -> Members:
    """What the image of any member contains."""
    if members is NOBODY:
        return NOBODY
    certain, possible, missing, open = members
    sure = union([image(item) for item in certain])
    if not possible and not open:
        return sure
    maybe = union([image(item) for item in possible])
    taken = set(sure.certain)
    further = dict.fromkeys([*sure.possible, *maybe.every()])
    rest = tuple(item for item in further if item not in taken)
    gaps = together(sure.missing, missing, maybe.missing)
    return Members(sure.certain, rest, gaps, sure.open or maybe.open or open)


def mapped(members: Members, image: Callable[[Any], Any]) -> Members:
    """The image of each member, where every member has exactly one; each once, in order."""
    certain, possible, missing, open = members
    if len(certain) < 2:
        sure = tuple([image(item) for item in certain])
    else:
        sure = tuple(dict.fromkeys([image(item) for item in certain]))
    if not possible and not open:
        return Members(sure) if sure else NOBODY
    further = dict.fromkeys([image(item) for item in possible])
    taken = set(sure)
    rest = tuple(item for item in further if item not in taken)
    return Members(sure, rest, missing[:NAMED_GAPS], open)
