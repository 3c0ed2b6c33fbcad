"""What follows from an organisation: derived relations, effective dependencies and graphs.

`FIELDS` are the words that rules can say about it; a derived relation goes before a property of
the same name, which it completes.
"""

from orgdiag.graph import accountability, borders, costs, organisation, shapes
from orgdiag.graph import facts as _facts
from orgdiag.graph.facts import Facts
from orgdiag.model import Field

_found: dict[tuple[str, str], Field] = {}
for _field in sorted(_facts.FIELDS, key=lambda field: field.origin != "relation"):
    _found.setdefault((_field.kind, _field.name), _field)

FIELDS = tuple(_found.values())

__all__ = ["FIELDS", "Facts", "accountability", "borders", "costs", "organisation", "shapes"]
