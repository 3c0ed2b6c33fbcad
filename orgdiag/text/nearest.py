"""Did you mean: the legal word nearest to the one that was written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from orgdiag.text.mend import meant

_CANDIDATES: Final = 500
_BEGINNING: Final = 4  # shorter beginnings fit too many words


def nearest(word: str, legal: Iterable[str]) -> str | None:
    """The legal word that takes the fewest edits to reach, or None when none is near.

    Case and separators do not count. The beginning of a word is near it, but for a word that is one
    edit away. Of many candidates only the 500 of nearest length are tried, so a hostile file cannot
    make the search slow.

    >>> nearest("ownner", ["owner", "mode", "skills"])
    'owner'
    >>> nearest("Pay_Ments", ["payments", "qa"])
    'payments'
    >>> nearest("too-many-blocking", ["too-many-domains", "too-many-blocking-dependencies"])
    'too-many-blocking-dependencies'
    >>> nearest("xyz", ["owner"]) is None
    True
    """
    wanted = _folded(word[:64])
    by_length = sorted(set(legal), key=lambda name: (abs(len(name) - len(word)), name))
    near = by_length[:_CANDIDATES]
    best: tuple[int, str] | None = None
    for name in near:
        limit = max(1, min(len(wanted), len(name)) // 3)
        edits = _edits(wanted, _folded(name), limit if best is None else min(limit, best[0]))
        if edits is not None and (best is None or (edits, name) < best):
            best = edits, name
    if (best is None or best[0] > 1) and len(wanted) >= _BEGINNING:
        longer = (name for name in near if _folded(name).startswith(wanted))
        return next(longer, best[1] if best else None)
    return best[1] if best else None


def did_you_mean(word: str, legal: Iterable[str]) -> str:
    """A help line that offers the nearest legal word; "" when none is near."""
    return meant(nearest(word, legal))


def _folded(word: str) -> str:
    return word.lower().replace("_", "-").replace(" ", "-")


def _edits(a: str, b: str, limit: int) -> int | None:
    """The edits between two words, a swap of neighbours counting one; None above the limit."""
    if abs(len(a) - len(b)) > limit:
        return None
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return None
    return row[-1] if row[-1] <= limit else None
