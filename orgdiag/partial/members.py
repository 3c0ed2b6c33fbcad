"""Sets of which a part may be unknown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from orgdiag.frozen import made
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import Gaps


class Members(NamedTuple):
    """A set that may be known only in part.

    certain    members for sure, in a stable order, each once
    possible   further members that the missing inputs could make members
    missing    the inputs that may settle it; none where it is known
    open       whether members may exist that `possible` does not name
    """

    certain: tuple[Any, ...] = ()
    possible: tuple[Any, ...] = ()
    missing: Gaps = ()
    open: bool = False

    @classmethod
    def of(cls, items: Iterable[Any]) -> Members:
        """A fully known set, duplicates removed, order kept."""
        return cls(tuple(dict.fromkeys(items)))

    @property
    def known(self) -> bool:
        """Whether nothing is left open."""
        return not self.possible and not self.open

    def every(self) -> Iterator[Any]:
        """The certain members, then the possible ones."""
        yield from self.certain
        yield from self.possible

    @property
    def size(self) -> Quantity:
        """How many there are."""
        low = len(self.certain)
        if not self.possible and not self.open:
            return made(Quantity, (low, low, (), False))
        return Quantity(low, None if self.open else low + len(self.possible), self.missing)


NOBODY: Final = Members()
