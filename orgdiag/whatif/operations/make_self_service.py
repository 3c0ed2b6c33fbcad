"""Nobody has to be asked for a capability any more."""

from dataclasses import replace
from typing import Annotated, Final, NamedTuple

from orgdiag.model.elements import Need
from orgdiag.model.form import Block, Choice, Slot, operation, way
from orgdiag.model.types import DURATION, Amount, to
from orgdiag.model.vocabularies import MODES, SELF_SERVING, VIAS
from orgdiag.partial.quantity import Quantity
from orgdiag.text.source import Span
from orgdiag.whatif.draft import Draft
from orgdiag.whatif.verb import Verb


class MakeSelfService(NamedTuple):
    """`make capability C self-service { wait … }`; `mode` is a self-serving mode."""

    capability: Annotated[str, to("capability")]
    mode: str
    wait: Amount
    span: Span


_MODES: Final = ("self-service", *sorted(SELF_SERVING - {"self-service"}))
FORM: Final = operation(
    "make",
    (way("capability", Slot("capability", to("capability")), Choice("mode", _MODES)),),
    MakeSelfService,
    block=Block({"wait": DURATION}),
)


def apply(operation: MakeSelfService, draft: Draft) -> None:
    """The wait is what users wait for themselves; the provider does less for others."""
    capability = draft.org.capabilities.get(operation.capability)
    if capability is None:
        return
    given = operation.wait if isinstance(operation.wait, Quantity) else capability.wait
    high = given.high if isinstance(given, Quantity) else None
    wait = Quantity(0, high)
    mode = operation.mode if operation.mode in MODES else "self-service"
    draft.put(replace(capability, mode=mode, wait=wait, backlog=None))
    for team in draft.org.teams.values():
        if isinstance(team.needs, tuple) and any(n.capability == capability.id for n in team.needs):
            needs = tuple(_served(need, capability.id, operation.mode, wait) for need in team.needs)
            draft.put(replace(team, needs=needs))
    provider = draft.org.teams.get(str(capability.provided_by))
    if provider is not None and isinstance(provider.other_demand, Quantity):
        less = Quantity(0, provider.other_demand.high)
        draft.put(replace(provider, other_demand=less))
    draft.assumptions.append(
        f"users of {capability.id} may have more to do themselves, which is not counted"
    )


def _served(need: Need, capability: str, mode: str, wait: Quantity) -> Need:
    if need.capability != capability:
        return need
    via = mode if mode in VIAS else "self-service"
    return replace(need, via=via, effect="ok", wait=wait)


VERB: Final = Verb(FORM, apply)
