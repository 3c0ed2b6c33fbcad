"""Values that somebody may find out: of each type, of references, of statements of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from random import Random
from typing import Any, Final

from orgdiag.model.elements import Need, Org, Step, need_id
from orgdiag.model.form import Choice, Form, Item, Option, Slot
from orgdiag.model.parts import Money, Rework
from orgdiag.model.types import Ref, Type
from orgdiag.model.vocabularies import NEED_KINDS
from orgdiag.partial.quantity import Number, Quantity
from orgdiag.partial.unknown import UNKNOWN
from orgdiag.text.source import Span

from .places import Place

DAY: Final = 480  # working minutes
HALF: Final = Fraction(1, 2)
NUMBERS: Final[Mapping[str, Sequence[Number]]] = {
    "number": (1, 2, 3, 5, 8, 0, 20),
    "duration": (DAY, 60, 5 * DAY, 240, 30 * DAY, 0),
    "cadence": (5 * DAY, 10 * DAY, DAY, 65 * DAY),
    "share": (HALF, 1, Fraction(1, 10), Fraction(3, 4), 0),
    "rate": (6, 1, 20, 60),
    "effort": (6000, 60, 0, 20_000),
}
# A team of nobody, or one without time, has no utilisation: that is a contradiction, and no fact.
DIVISORS: Final = frozenset(
    {"team.size", "team.capacity", "step.servers", "stream.deployment-frequency"}
)
WORDS: Final = ("testing", "design", "backend", "lead-time", "change-avoidance", "x")
DAYS: Final = (date(2025, 3, 31), date(2024, 2, 29), date(2026, 1, 31), date(2025, 3, 1))


def number(type: Type, chance: Random, word: str = "") -> Quantity:
    """An exact amount of a type; of what divides others never nothing."""
    least = 0 if word in DIVISORS else -1
    return Quantity.of(chance.choice([each for each in NUMBERS[type.base] if each > least]))


def point(interval: Quantity, chance: Random, word: str = "") -> Quantity:
    """An exact amount inside an interval."""
    assert interval.low is not None
    assert interval.high is not None
    inside = (interval.low, interval.high, interval.value)
    return Quantity.of(chance.choice([each for each in inside if each or word not in DIVISORS]))


def value(org: Org, place: Place, chance: Random) -> Any:
    """A known value for a place; of a list, a whole list."""
    if place.type.many:
        return some(org, place, chance, most=3)
    return one(org, place, chance)


def one(org: Org, place: Place, chance: Random) -> Any:
    """One known value of the type of a place, of a list an item; unknown where none is there."""
    base = place.type.base
    if base in NUMBERS:
        return number(place.type, chance, place.word)
    simple: Mapping[str, Callable[[], Any]] = {
        "flag": lambda: chance.random() < HALF,
        "date": lambda: chance.choice(DAYS),
        "text": lambda: "said",
        "money": lambda: Money(Quantity.of(chance.choice((900, 10))), "EUR"),
        "word": lambda: chance.choice(place.type.words or WORDS),
        "need": lambda: chance.choice(NEED_KINDS),
    }
    if base in simple:
        return simple[base]()
    assert base == "reference", place
    candidates = referents(org, place)
    return chance.choice(candidates) if candidates else UNKNOWN


def some(org: Org, place: Place, chance: Random, most: int) -> tuple[Any, ...]:
    """Some values of a list, none twice."""
    if place.type.base == "reference":
        candidates = referents(org, place)
        return tuple(chance.sample(candidates, chance.randint(0, min(most, len(candidates)))))
    return tuple(dict.fromkeys(one(org, place, chance) for _ in range(chance.randint(0, most))))


# --- references -----------------------------------------------------------------------------------


def referents(org: Org, place: Place) -> list[Any]:
    """Whom a place may name, so that nobody stands before himself."""
    if place.type.kinds == ("step",):
        return _steps(org, place)
    found = [(kind, id) for kind in place.type.kinds for id in org.of_kind(kind)]
    if len(place.type.kinds) == 1:
        return [id for _, id in found if id not in _barred(org, place)]
    return [Ref(kind, id) for kind, id in found]


def _steps(org: Org, place: Place) -> list[str]:
    """Of a stream the steps before one; both ends of a handoff are any."""
    if place.kind == "stream":
        return list(org.streams[place.id].steps)
    step = org.steps[place.id]
    if place.word == "step.rework.to":
        return sorted(before(org, step))
    behind = {id for id in org.streams[step.stream].steps if step.id in before(org, org.steps[id])}
    return [id for id in org.streams[step.stream].steps if id != step.id and id not in behind]


def before(org: Org, step: Step) -> set[str]:
    """The steps from which one is reached, as far as is known."""
    found: set[str] = set()
    waiting = [step]
    while waiting:
        after = waiting.pop().after
        for id in after if isinstance(after, tuple) else ():
            if isinstance(id, str) and id in org.steps and id not in found:
                found.add(id)
                waiting.append(org.steps[id])
    return found - {step.id}


def _barred(org: Org, place: Place) -> set[str]:
    """Whom a place cannot name: the element itself, what would close a ring, one's own twin."""
    if place.kind == "interaction":
        pair = org.interactions[place.id]
        return {one for one in (pair.first, pair.second) if isinstance(one, str)}
    if place.word.endswith((".part-of", ".feeds", ".continues-as")):
        return {id for id in org.of_kind(place.kind) if id <= place.id}
    if place.word == "team.needs.from":
        return {place.id, *_not_the_provider(org, place)}
    if place.word == "capability.provided-by":
        asked = {
            need.provider
            for team in org.teams.values()
            for need in (team.needs if isinstance(team.needs, tuple) else ())
            if isinstance(need, Need) and need.capability == place.id
            if isinstance(need.provider, str)
        }
        return set(org.teams) - asked if asked else set()
    return {place.id} if place.kind in place.type.kinds else set()


def _not_the_provider(org: Org, place: Place) -> set[str]:
    """Who does not provide the capability that is needed."""
    need = place._replace(path=place.path[:-1]).look(org)
    known = org.capabilities.get(need.capability or "")
    provider = known.provided_by if known else None
    return set(org.teams) - {provider} if isinstance(provider, str) else set()


# --- statements with a syntax of their own --------------------------------------------------------


def part(org: Org, place: Place, form: Form, chance: Random) -> Any:
    """What a statement makes, by its form; None where the organisation has nothing to name."""
    span = _span(org, place)
    if form.element == "need":
        return _need(org, place, chance, span)
    if form.makes is Rework:
        targets = referents(org, place._replace(type=_STEP, word="step.rework.to"))
        share = Quantity.of(chance.choice((Fraction(1, 10), Fraction(1, 4))))
        return Rework(share, chance.choice(targets), span) if targets else None
    for way in chance.sample(form.ways, len(form.ways)):
        said = {**way.says, **dict(_said(org, place, way.items, chance))}
        if form.makes is None:
            return next(iter(said.values()))
        if UNKNOWN not in said.values():
            return form.makes(**said, **({"span": span} if "span" in _attributes(form) else {}))
    return None


def _said(
    org: Org, place: Place, items: Sequence[Item], chance: Random
) -> Iterator[tuple[str, Any]]:
    for item in items:
        if isinstance(item, Choice):
            yield item.attribute, chance.choice(item.words)
        elif isinstance(item, Slot):
            yield item.attribute, value(org, place._replace(type=item.type), chance)
        elif isinstance(item, Option):
            yield from _said(org, place, item.items, chance)


def _attributes(form: Form) -> tuple[str, ...]:
    return getattr(form.makes, "_fields", ())


def _span(org: Org, place: Place) -> Span:
    span: Span = org.of_kind(place.kind)[place.id].span
    return span


def _need(org: Org, place: Place, chance: Random, span: Span) -> Need | None:
    others = [id for id in org.teams if id != place.id]
    if not others:
        return None
    what, provider = chance.choice(NEED_KINDS), chance.choice(others)
    return Need(
        need_id(place.id, what, provider), span, team=place.id, provider=provider, what=what,
        effect=chance.choice(("blocking", "ok")), routine=chance.random() < HALF,
        wait=number(Type("duration"), chance), frequency=number(Type("rate"), chance),
    )  # fmt: skip


_STEP: Final = Type("reference", kinds=("step",))
