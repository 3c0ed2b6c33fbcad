"""How a value of each type is written: texts of every form, the simplest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final

from orgdiag.model.elements import Calendar
from orgdiag.model.schema import Property
from orgdiag.model.types import Type
from orgdiag.model.values import Units

Texts = tuple[str, ...]
Ids = Mapping[str, Texts]
Elements = tuple[tuple[str, str], ...]  # kind and id

UNITS: Final = Units(Calendar())
# Prose that somebody may write: what is special in the language, and in what is made of it.
PROSE: Final = (
    "text", "", 'he "says"', "\\", "a # {b}; c, d", "<b>&amp;</b> ]]> --", "| `x` *y* [z](http://z)",
    "{{ x }} ${x} %s", "支払 – Zahlung", "::error::x", "e\u0301 \U0001f600", "word " * 40,
)  # fmt: skip
# Words where the schema allows any: crafts, metrics that rules know, and one that means nothing.
WORDS: Final = (
    "testing", "design", "backend", "lead-time", "utilisation", "feature-output",
    "change-avoidance", "deployment-frequency", "x",
)  # fmt: skip


def quoted(text: str) -> str:
    """The text as the language writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _numbers() -> Iterator[str]:
    yield from ("8", "0", "1", "2", "3", "5", "20", "0.5", "2.25", "100", "12345.678")
    yield from ("7..9", "0..1", "1..1", "0.5..20", "999999999999999")


def _durations() -> Iterator[str]:
    yield from ("3d", "0d", "1d4h", "2d..5d", "1d..1d4h", "0min..1w", "1w2d3h4min")
    for unit in UNITS.minutes:
        yield from (f"1{unit}", f"0.5{unit}", f"2.25{unit}..4{unit}")


def _distributions() -> Iterator[str]:
    yield from ("mean 6d", "mean 0d", "mean 1d..3d", "p50 4d p85 10d", "p50 4d p85 4d")
    yield from ("p50 1h p90 1d", "p50 2h p95 3h", "p50 2d p85 5d p90 6d p95 9d")


def _shares() -> Iterator[str]:
    yield from ("75%", "0%", "100%", "10%..20%", "0%..100%", "50%", "25%", "33.3%", "99.999%")


def _rates() -> Iterator[str]:
    yield from ("6/month", "0/month", "2/week..3/week", "0/day..0.5/day", "1000000/day")
    yield from (f"1.5/{period}" for period in UNITS.per_month)


def _efforts() -> Iterator[str]:
    yield from ("230h/month", "0h/month", "1d4h/week", "10min/month..1w/month", "5ed/quarter")


def _cadences() -> Iterator[str]:
    yield from ("every 2w", "0d", "every 1q", "every 1d..2w")
    yield from _durations()


def _money() -> Iterator[str]:
    yield from ("900 EUR/d", "0 EUR/d", "1..2.5 USD/h", "1000000 CHF/w", "3 JPY/mo")


LITERALS: Final[Mapping[str, Texts]] = {
    "number": tuple(_numbers()),
    "duration": (*_durations(), *_distributions()),
    "share": tuple(_shares()),
    "rate": tuple(_rates()),
    "effort": tuple(_efforts()),
    "cadence": tuple(_cadences()),
    "money": tuple(_money()),
    "date": (
        "2025-03-31", "2025-03", "2024-02-29", "2025-03-01", "2023-12", "0001-01", "9999-12-31",
    ),
    "text": tuple(map(quoted, PROSE)),
    "flag": ("", "yes", "no"),
    "word": WORDS,
}  # fmt: skip
# Times of work and times around it of which the first are the shorter ones.
WORK: Final = ("4h", "1h", "90min", "0.5h", "1h..2h", "mean 3h", "p50 1h p85 2h", "none", "8h")
AROUND: Final = ("5d", "2d", "2d..9d", "3ed", "1w", "1mo1d", "mean 6d", "p50 4d p85 10d", "30d")


@cache
def literal(type: Type) -> Texts:
    """The values of a type that refers to nothing."""
    if type.base == "word" and type.words:
        return type.words
    return (*LITERALS[type.base], *type.words)


def named(kinds: Iterable[str], ids: Ids) -> Elements:
    """The elements of some kinds."""
    return tuple((kind, id) for kind in kinds for id in ids.get(kind, ()))


@cache
def references(elements: Elements) -> Texts:
    """How one of the elements is named: its kind before it where the id alone does not tell."""
    ids = [id for _, id in elements]
    plain = [id for id in ids if ids.count(id) == 1]
    return (*plain, *(f"{kind} {id}" for kind, id in elements))


@cache
def values(prop: Property, elements: Elements) -> Texts:
    """What may stand behind the word of a property, or be an item of its list.

    `elements` are those that it may refer to.
    """
    type = prop.type
    known = references(elements) if type.base == "reference" else literal(type)
    nothing = not type.many and (prop.nothing or type.base in ("duration", "cadence"))
    return (*known, "unknown", *["none"] * nothing)
