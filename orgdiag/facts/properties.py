"""What an element says of itself: the written properties, their gaps, and the way back.

An amount that nobody gave is unbounded above, a word or reference is `Unknown`, a list is open;
each carries the input that would settle it. `NONE` is a known answer and stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from orgdiag.facts.columns import Facts, declares, held, index, memoised
from orgdiag.frozen import made
from orgdiag.model.elements import ELEMENTS, PLURALS
from orgdiag.model.fields import Field
from orgdiag.model.schema import Property, schema
from orgdiag.model.types import Ref, to_many
from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.sets import Groups
from orgdiag.partial.truth import Truth, few
from orgdiag.partial.unknown import NONE, UNKNOWN, Gaps, Missing, Nothing, Unknown, Unwritten

# References that point nowhere when they are left out.
_NOBODY_LEFT_OUT: Final = frozenset({"continues_as", "domain", "feeds", "part_of", "product"})

# What is a part of a whole is at most all of it.
_SHARES: Final = frozenset(
    prop.attribute
    for kind in ELEMENTS
    for prop in schema(kind).values()
    if prop.type.base == "share"
)

_AMOUNTS: Final = frozenset({"number", "duration", "share", "rate", "effort", "cadence"})


def missing(element: Any, *properties: str) -> Gaps:
    """The inputs that the properties of the element are, each with its place."""
    if len(properties) == 1:  # nearly always, and often
        (word,) = properties
        place = element.places.get(word, element.span)
        return (made(Missing, (element.kind, element.id, word, place)),)
    place = element.place(*properties)
    return tuple([Missing(element.kind, element.id, word, place) for word in properties])


def quantity_of(element: Any, attribute: str, word: str = "") -> Quantity:
    """The quantity that an attribute holds; from 0 without end when nobody gave it."""
    value = getattr(element, attribute)
    if isinstance(value, Quantity):
        return value
    gaps = missing(element, word or attribute.replace("_", "-"))
    return made(Quantity, (0, 1 if attribute in _SHARES else None, gaps, False))


def said(element: Any, attribute: str, word: str = "") -> Any:
    """The word, text, date or yes/no that an attribute holds, or `Unknown`."""
    value = getattr(element, attribute)
    if value is None or isinstance(value, Unwritten):
        return Unknown(missing(element, word or attribute.replace("_", "-")))
    return value


def members_of(facts: Facts, element: Any, attribute: str, kind: str, word: str = "") -> Members:
    """The elements that a list of references names; open where it is unknown in part."""
    value = getattr(element, attribute)
    if value is None or isinstance(value, Unwritten):
        return Members((), (), missing(element, word or _word(attribute)), open=True)
    of_kind = facts.org.of_kind(kind)
    found = []
    for item in value:
        if isinstance(item, str):
            found.append(of_kind.get(item))
        else:
            found.append(facts.org.find(*item) if isinstance(item, Ref) else None)
    if None in found:
        known = dict.fromkeys(target for target in found if target is not None)
        return Members(tuple(known), (), missing(element, word or _word(attribute)), open=True)
    if len(found) == 1:
        return alone(facts, found[0])
    return Members(tuple(dict.fromkeys(found))) if found else NOBODY


@memoised
def alone(facts: Facts, element: Any) -> Members:
    """The set of one element: one value, however often the element is named alone."""
    return Members((element,))


def _word(attribute: str) -> str:
    return attribute.rstrip("_").replace("_", "-")


def referred(facts: Facts, element: Any, attribute: str, kind: str) -> Any:
    """The element that a reference names, `NONE` for nobody, or `Unknown`."""
    value = getattr(element, attribute)
    if isinstance(value, Nothing) or (value is None and attribute in _NOBODY_LEFT_OUT):
        return NONE
    found = None
    if isinstance(value, str):
        found = facts.org.find(kind, value)
    return Unknown(missing(element, _word(attribute))) if found is None else found


def as_members(value: Any) -> Members:
    """A single reference as a set of at most one."""
    if isinstance(value, Unknown):
        return Members((), (), value.missing, open=True)
    return NOBODY if isinstance(value, Nothing) else Members((value,))


def words_of(element: Any, attribute: str) -> Members:
    """The words that a list holds."""
    value = getattr(element, attribute)
    if value is None or isinstance(value, Unwritten):
        return Members((), (), missing(element, _word(attribute)), open=True)
    if not value:
        return NOBODY
    open = UNKNOWN in value
    gaps = missing(element, _word(attribute)) if open else ()
    return Members(tuple(w for w in value if isinstance(w, str)), (), gaps, open)


def flagged(element: Any, attribute: str) -> Truth:
    """The yes/no that an attribute holds, or `Unknown`."""
    value: Truth = said(element, attribute)
    return value if isinstance(value, Unknown) else bool(value)


# --- the way back ---------------------------------------------------------------------------------


class Users:
    """Who names each element through one property.

    `of` answers for one element. Where a namer's list is written `unknown`, everybody may be named
    by it, and every answer is open; where it is left out, nobody is.
    """

    __slots__ = ("_named",)

    def __init__(self, named: Mapping[tuple[str, str], list[Any]], gaps: Gaps) -> None:
        self._named = Groups(named, gaps)

    @property
    def gaps(self) -> Gaps:
        """The inputs that would tell of further namers of everybody."""
        return self._named.gaps

    def of(self, element: Any) -> Members:
        """The elements that name this one."""
        return self._named.of((element.kind, element.id))


def users(namers: Iterable[Any], attribute: str, kind: str) -> Users:
    """Who names whom through an attribute; `kind` is the kind of plain ids."""
    named: dict[tuple[str, str], list[Any]] = {}
    gaps: list[Any] = []
    for namer in namers:
        value = getattr(namer, attribute)
        if isinstance(value, Unwritten):
            gaps.extend(missing(namer, _word(attribute)))
            continue
        if value is None or isinstance(value, Nothing):
            continue
        for item in (value,) if isinstance(value, str) else value:
            if isinstance(item, Unwritten):
                gaps.extend(missing(namer, _word(attribute)))
            else:
                key = (item.kind, item.id) if isinstance(item, Ref) else (kind, item)
                named.setdefault(key, []).append(namer)
    return Users(named, few(gaps))


def _way_back(prop: Property) -> Callable[[Facts, Any], Members]:
    @index
    def found(facts: Facts) -> Users:
        namers = facts.org.of_kind(prop.kind).values()
        return users(namers, prop.attribute, prop.type.kinds[0])

    return lambda facts, element: found(facts).of(element)


# --- fields ---------------------------------------------------------------------------------------


def _reader(prop: Property) -> Callable[[Facts, Any], Any] | None:
    """How the property is read as a field; None for a statement with a syntax of its own."""
    attribute, kind, base = prop.attribute, prop.type.kinds[:1], prop.type.base
    if base == "form":
        return None
    if base == "reference" and prop.type.many:
        return lambda facts, element: members_of(facts, element, attribute, kind[0])
    if base == "reference":
        return lambda facts, element: referred(facts, element, attribute, kind[0])
    if prop.type.words and base == "rate":
        return lambda facts, element: _rate_or_word(element, attribute)
    if base in _AMOUNTS:
        most = 1 if attribute in _SHARES else None
        return held(
            attribute, Quantity, lambda element: Quantity(0, most, missing(element, prop.word))
        )
    if prop.type.many:
        return lambda facts, element: words_of(element, attribute)
    held_as = {"date": date, "flag": bool}.get(base, str)
    return held(attribute, held_as, lambda element: said(element, attribute, prop.word))


def _rate_or_word(element: Any, attribute: str) -> Quantity | Nothing:
    """A rate; `NONE` where a word stands instead, so that no comparison with a rate holds."""
    value = getattr(element, attribute)
    return NONE if isinstance(value, str) else quantity_of(element, attribute)


def _readers(prop: Property) -> Iterator[Callable[[Facts, Any], Any]]:
    """How a property is read, and the way back from what it names."""
    read = _reader(prop)
    if read is not None:
        yield declares(read, Field(prop.kind, prop.word, prop.type, prop.doc, read, "property"))
    if prop.inverse is not None:
        read_back = _way_back(prop)
        doc, backward = f"the {PLURALS[prop.kind]} whose `{prop.word}` names it", to_many(prop.kind)
        for kind in prop.type.kinds:
            declares(read_back, Field(kind, prop.inverse, backward, doc, read_back, "property"))
        yield read_back


# A border between steps is read through the steps, so its own statement declares no fields.
READERS: Final = tuple(
    read
    for kind in ELEMENTS
    if kind != "handoff"
    for prop in schema(kind).values()
    for read in _readers(prop)
)
