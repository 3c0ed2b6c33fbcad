"""Planned changes, applied to a copy of the organisation.

Each operation says what it does to the model, as intervals, and which assumption it rests on. What
a change does to people while it happens no model knows. Everything else is recomputed.
"""

from __future__ import annotations

from typing import Final

from orgdiag.facts.columns import Facts, memoised
from orgdiag.frozen import frozen
from orgdiag.model.elements import Change
from orgdiag.whatif import regrouping, rerouting
from orgdiag.whatif.draft import Draft, apply_operation

# Importing these declares the operations.
OPERATIONS: Final = (regrouping, rerouting)


@frozen
class Applied:
    """What an organisation is after a change.

    facts        the changed organisation
    assumptions  what the new numbers take for granted, and what speaks against them
    """

    facts: Facts
    assumptions: tuple[str, ...]


@memoised
def applied(facts: Facts, change: Change) -> Applied:
    """The organisation after the change, with every number recomputed when it is asked for.

    The organisation that is given stays as it is.
    """
    draft = Draft(facts.org)
    for operation in change.operations:
        apply_operation(operation, draft)
    return Applied(Facts(draft.org), tuple(dict.fromkeys(draft.assumptions)))
