"""How sure it is that something holds: a truth as a number, without what would settle it.

It holds for sure, it may hold, it does not hold: whatever the missing inputs turn out to be. `and`
is the smaller, `or` the larger of two, `not` is what is left of `SURE`.
"""

from __future__ import annotations

from typing import Final

from orgdiag.partial.unknown import Unknown

NO: Final = 0
MAYBE: Final = 1
SURE: Final = 2


def certainty(value: object) -> int:
    """How sure a yes/no is; what is no yes/no does not hold."""
    if value is True:
        return SURE
    return MAYBE if isinstance(value, Unknown) else NO
