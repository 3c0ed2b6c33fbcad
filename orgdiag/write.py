"""An organisation → the text that describes it, laid out; read again, it is the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from orgdiag.layout import formatted
from orgdiag.model.elements import PLURALS, Calendar, Element, Interaction, Org, Stream
from orgdiag.model.form import ILLEGAL, Block, Choice, Form, Item, Slot, Way
from orgdiag.model.literals import Literals, Unwritable, day
from orgdiag.model.literals import text as literal_of
from orgdiag.model.parts import AFTER, Accept, Money, Note
from orgdiag.model.schema import Property, schema
from orgdiag.model.types import Ref, Type
from orgdiag.model.values import Units
from orgdiag.model.vocabularies import NEED_KINDS
from orgdiag.partial.quantity import Number, Quantity, ratio
from orgdiag.partial.unknown import NONE, UNKNOWN
from orgdiag.resolve import UNNAMED
from orgdiag.text.source import Source


class Phrase(NamedTuple):
    """A statement: its words, and what its block holds; None without a block."""

    words: str
    body: tuple[Phrase, ...] | None = None

    def lines(self, indent: str = "") -> Iterator[str]:
        """The statement, one line a statement inside."""
        if not self.body:
            yield f"{indent}{self.words}\n"
            return
        yield f"{indent}{self.words} {{\n"
        for phrase in self.body:
            yield from phrase.lines(f"{indent}  ")
        yield f"{indent}}}\n"


def write(org: Org, operations: Iterable[Form] = ()) -> str:
    """The text of a model that says what the organisation is.

    Comments, files, places and what was said by `extend` are no part of an organisation; what was
    misread stands there as `unknown`.

    Args:
        org: an organisation, read or changed.
        operations: the forms of what a planned change may do.

    Raises:
        ValueError: a number of the organisation has no literal.
    """
    writer = _Writer(org, operations)
    blocks = ["".join(phrase.lines()) for phrase in writer.organisation()]
    return formatted(Source("written.orgd", "\n".join(blocks))).text


class _Writer:
    """Writes the statements of one organisation, with the units of its calendar."""

    def __init__(self, org: Org, operations: Iterable[Form]) -> None:
        self.org = org
        self.literals = Literals(Units(org.calendar))
        self.operations: Mapping[Any, Form] = {form.makes: form for form in operations}

    def organisation(self) -> Iterator[Phrase]:
        """The organisation, its elements kind after kind, and what is accepted of any."""
        org = self.org
        about = tuple(self._about())
        if about or org.name or org.id != UNNAMED:
            yield Phrase(_head("org", org.id, org.name), about)
        for kind in PLURALS:
            for element in org.of_kind(kind).values() if kind != "step" else ():
                yield self._element(element)
        for accepted in org.accepts:
            yield Phrase(_accept(accepted, None))

    def _about(self) -> Iterator[Phrase]:
        org = self.org
        if org.as_of is not None:
            yield Phrase(f"as-of {day(org.as_of)}")
        standard = Calendar()
        if (org.calendar.day, org.calendar.week) != (standard.day, standard.week):
            yield Phrase("calendar", tuple(_calendar(org.calendar)))
        for prop in schema("").values():
            if prop.attribute != "accepts":
                yield from self._property(prop, getattr(org, prop.attribute), None)

    # --- elements ---

    def _element(self, element: Element) -> Phrase:
        if isinstance(element, Interaction):
            head = f"interaction {_id(element.first)} with {_id(element.second)}"
        else:
            head = _head(element.kind, element.id.rpartition(".")[2], element.name)
        return Phrase(head, tuple(self._properties(element)))

    def _properties(self, element: Any) -> Iterator[Phrase]:
        """What an element says: its own properties, then those that any may have."""
        common = schema("")
        own = [prop for name, prop in schema(element.kind).items() if name not in common]
        for prop in own:
            if prop.attribute == "handoffs":
                yield from self._steps(element)
            value = getattr(element, prop.attribute)
            if value != prop.default and prop.attribute != "after":
                yield from self._property(prop, value, element)
        for operation in getattr(element, "operations", ()):
            yield self._part(self.operations[type(operation)], operation)
        for prop in common.values():
            yield from self._property(prop, getattr(element, prop.attribute), element)

    def _steps(self, stream: Stream) -> Iterator[Phrase]:
        """The steps in their order; what a step follows is said where it is not the one before."""
        before: tuple[str, ...] = ()
        for id in stream.steps:
            step = self.org.steps[id]
            phrase = self._element(step)
            if step.after != before:
                after = Phrase(f"after {self._slot(_AFTER, step.after, None)}")
                phrase = phrase._replace(body=(after, *(phrase.body or ())))
            yield phrase
            before = (id,)

    # --- properties ---

    def _property(self, prop: Property, value: Any, element: Any) -> Iterator[Phrase]:
        form = prop.form
        if form is None:
            yield Phrase(self._plain(prop, value))
        elif value is UNKNOWN and form.unknown is not ILLEGAL:
            yield Phrase(f"{form.word} unknown")
        elif value is NONE or (value == () and form.none == () and prop.default != ()):
            yield Phrase(f"{form.word} none")
        elif value is None or value == ():
            return
        elif form.word == "accept":
            yield from (Phrase(_accept(accepted, element)) for accepted in value)
        elif form.each:
            said = _list(self._way(form, part) for part in value)
            yield Phrase(f"{form.word} {said}")
        elif form.block is not None and form.block.lines is not None:
            yield Phrase(form.word, tuple(self._lines(form.block, form.block.lines, value)))
        elif form.adds and (form.makes is not None or form.element):
            yield from (self._part(form, part) for part in value)
        else:
            yield self._part(form, value)

    def _plain(self, prop: Property, value: Any) -> str:
        """A property that is a word and its value."""
        if prop.type.base == "flag":
            if value is UNKNOWN:
                return f"{prop.word} unknown"
            if not value and prop.denial is not None:
                return prop.denial
            return prop.word if value else f"{prop.word} no"
        return f"{prop.word} {self._value(prop.type, value)}"

    def _part(self, form: Form, part: Any) -> Phrase:
        if isinstance(part, Note) and part.word != "note":
            return Phrase(f"{part.word} {part.text}".rstrip())
        said = f"{form.word} {self._way(form, part)}".rstrip()
        if form.element:
            return Phrase(said, tuple(self._properties(part)))
        block = form.block
        if block is None:
            return Phrase(said)
        given = {word: getattr(part, word.replace("-", "_")) for word in block.types}
        inside = [
            Phrase(f"{word} {self._value(type, given[word])}")
            for word, type in block.types.items()
            if given[word] is not None
        ]
        return Phrase(said, tuple(inside))

    def _lines(
        self, block: Block, words: tuple[str, str], parts: Iterable[Any]
    ) -> Iterator[Phrase]:
        for part in parts:
            name, value = (getattr(part, attribute) for attribute in words)
            yield Phrase(f"{name} {self._value(block.types[name], value)}")

    # --- the ways of a form ---

    def _way(self, form: Form, part: Any) -> str:
        """The words of the first way in which the part can be said."""
        for way in form.ways:
            if _says(way, part, form):
                return " ".join(self._items(way.items, part, form))
        raise ValueError(f"`{form.word}` has no way to say {part!r}")

    def _items(self, items: Iterable[Item], part: Any, form: Form) -> Iterator[str]:
        for item in items:
            if isinstance(item, str):
                yield item
            elif isinstance(item, Choice):
                yield str(getattr(part, item.attribute))
            elif isinstance(item, Slot):
                yield self._slot(item, _held(part, item.attribute, form), part)
            elif _held(part, item.attribute, form) != item.default:
                yield from self._items(item.items, part, form)

    def _slot(self, slot: Slot, value: Any, part: Any) -> str:
        if slot.type.base == "need":
            if part.capability is None:
                return value if value in NEED_KINDS else "unknown"
            return f"capability {value}" if value in (*NEED_KINDS, "unknown") else str(value)
        if slot.own and isinstance(value, tuple) and value:
            return _list(_id(step).rpartition(".")[2] for step in value)
        if slot.own and isinstance(value, str):
            return value.rpartition(".")[2]
        return self._value(slot.type, value)

    # --- values ---

    def _value(self, type: Type, value: Any) -> str:
        if value is UNKNOWN:
            return "unknown"
        if value is NONE or value == ():
            return "none"
        if type.many:
            return _list(self._one(type, one) for one in value)
        return self._one(type, value)

    def _one(self, type: Type, value: Any) -> str:
        if value is UNKNOWN:
            return "unknown"
        if isinstance(value, Quantity):
            return _sure(self.literals.written(type.base, value))
        if isinstance(value, Money):
            return _sure(self.literals.money(value))
        if isinstance(value, date):
            return day(value)
        if isinstance(value, Ref):
            return f"{value.kind} {value.id}" if len(type.kinds) > 1 else value.id
        if type.base == "text" and not (type.many and _NAME(value)):
            return quoted(value)
        return str(value)


def _says(way: Way, part: Any, form: Form) -> bool:
    """Whether a part can be said in this way: all it holds has a place there."""
    if form.makes is None:
        return True
    said = set(way.says) | {"span"} | set(form.block.types if form.block else ())
    for item in way.items:
        if isinstance(item, Choice) and getattr(part, item.attribute) not in item.words:
            return False
        if not isinstance(item, str):
            said.add(item.attribute)
    if any(getattr(part, name) != value for name, value in way.says.items()):
        return False
    return all(
        name in said or name.replace("_", "-") in said or getattr(part, name) is None
        for name in part._fields
    )


def _held(part: Any, attribute: str, form: Form) -> Any:
    """What the attribute of a part holds; a form without a part is its one value."""
    return part if form.makes is None and not form.element else getattr(part, attribute)


def _accept(accepted: Accept, element: Element | None) -> str:
    words = ["accept", *([accepted.rule] if accepted.rule else [])]
    own = element is not None and accepted.subject_kind == element.kind
    if not (own and element is not None and accepted.subject == element.id):
        words.append("for")
        words += [accepted.subject_kind] if accepted.subject_kind else []
        words.append(accepted.subject)
    if accepted.until is not None:
        words.append(f"until {day(accepted.until)}")
    if accepted.because is not None:
        words.append(f"because {quoted(accepted.because)}")
    return " ".join(words)


def _calendar(calendar: Calendar) -> Iterator[Phrase]:
    """The day in hours, and the week in such days where it has other than five."""
    day = calendar.day.value
    yield Phrase(f"day {_length(Calendar(), day, (('h', 60), ('min', 1)))}")
    five = Calendar(calendar.day, Quantity.of(day * 5))
    if calendar.week.value != five.week.value:
        yield Phrase(f"week {_length(five, calendar.week.value, (('d', day), ('h', 60)))}")


def _length(calendar: Calendar, minutes: Number, units: Iterable[tuple[str, Number]]) -> str:
    """A length of time in one of the units, or as a sum that ends in one."""
    literals = Literals(Units(calendar))
    for unit, size in units:
        number = literals.written("number", Quantity.of(ratio(minutes, size)))
        if not isinstance(number, Unwritable):
            return f"{number}{unit}"
    return f"{_sure(literals.written('duration', Quantity.of(minutes)))}0h"


def _sure(literal: str | Unwritable) -> str:
    if isinstance(literal, Unwritable):
        raise ValueError(literal.reason)
    return literal


def quoted(text: str) -> str:
    """The text in quotes."""
    return _sure(literal_of(text))


def _head(word: str, id: str, name: str) -> str:
    return f"{word} {id} {quoted(name)}" if name else f"{word} {id}"


def _id(id: Any) -> str:
    return "unknown" if id is UNKNOWN else str(id)


def _list(items: Iterable[str]) -> str:
    return ", ".join(items)


_AFTER: Final = next(item for item in AFTER.ways[0].items if isinstance(item, Slot))
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*").fullmatch
