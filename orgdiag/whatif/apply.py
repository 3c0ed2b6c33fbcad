"""Planned changes, applied to a copy of the organisation.

Each operation says what it does to the model, as intervals, and which assumption it rests on. What
a change does to people while it happens no model knows. Everything else is recomputed.
"""

from __future__ import annotations

from orgdiag.facts.columns import Facts, memoised
from orgdiag.frozen import frozen
from orgdiag.model.elements import Change
from orgdiag.whatif.draft import Draft
from orgdiag.whatif.operations import name_of, verbs
from orgdiag.whatif.sound import sound


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

    The organisation that is given stays as it is; the change is no plan of the new one.
    """
    draft = Draft(facts.org)
    for operation in change.operations:
        verbs()[name_of(operation)].apply(operation, draft)
    org = sound(draft, facts.org, change)
    return Applied(Facts(org), tuple(dict.fromkeys(draft.assumptions)))
