"""How a form is shown: an example for who has written another one, and its syntax for the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from orgdiag.model.form import ILLEGAL, Block, Choice, Form, Item, Slot, Way
from orgdiag.model.types import Type
from orgdiag.model.vocabularies import NEED_KINDS

_SAMPLES: Final[Mapping[str, str]] = {
    "number": "3", "duration": "3d", "share": "25%", "cadence": "2w", "date": "2025-03-31",
    "text": '"…"', "need": "decision", "subject": "KIND ID",
}  # fmt: skip
_NAMES: Final[Mapping[str, str]] = {**{base: base.upper() for base in _SAMPLES}, "text": '"…"'}


def example(form: Form) -> str:
    """A statement of the form, without what may be left out."""
    words = [form.word, *_told(form.ways[0].items, _SAMPLES, optional=False)]
    block = form.block
    if block is not None and block.needed:
        word, type = next(iter(block.types.items()))
        words.append(f"{{ {word} {_SAMPLES[type.base]} }}")
    return " ".join(words)


def syntax(forms: Iterable[Form]) -> str:
    """What may follow the first word, in all its ways."""
    ways = dict.fromkeys(way for form in forms for way in _ways(form))
    return "; ".join(ways)


def _ways(form: Form) -> Iterator[str]:
    block = _block(form.block) if form.block else "{ … }" if form.element else ""
    ways: dict[frozenset[Item], Way] = {}
    for way in form.ways:  # those that differ in their order only are one
        ways.setdefault(frozenset(way.items), way)
    for way in ways.values():
        said = " ".join(_told(way.items, _NAMES, optional=True))
        if form.each:
            said = f"{said}, …"
        yield f"{said} {block}".strip()
    if form.none is not ILLEGAL:
        yield "`none`"


def _told(items: Iterable[Item], names: Mapping[str, str], *, optional: bool) -> Iterator[str]:
    for item in items:
        if isinstance(item, str):
            yield item
        elif isinstance(item, Choice):
            yield _either(item.words) if optional else item.words[0]
        elif isinstance(item, Slot):
            yield _value(item, names, optional)
        elif optional:
            said = " ".join(_told(item.items, names, optional=True))
            yield said if item.asked else f"[{said}]"


def _value(slot: Slot, names: Mapping[str, str], every: bool) -> str:
    one = _type(slot, names, every)
    if not slot.type.many or (slot.type.words and every):
        return one
    return f"{one}, {one}" if slot.least > 1 else f"{one}, …" if every else one


def _type(slot: Slot, names: Mapping[str, str], every: bool) -> str:
    type: Type = slot.type
    if type.base == "need" and every:
        return f"{', '.join(NEED_KINDS)} or CAPABILITY"
    if type.kinds:
        full = type.kinds == ("step",) and not slot.own
        return "STREAM.STEP" if full else " or ".join(kind.upper() for kind in type.kinds)
    if type.words:
        return _either(type.words) if every else type.words[0]
    plain = "WORD" if type.many else slot.attribute.upper()
    return names.get(type.base, plain)


def _either(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _block(block: Block) -> str:
    types = {_NAMES[type.base] for type in block.types.values()}
    if block.lines is not None:
        return f"{{ {_either(tuple(block.types))} {types.pop()}; … }}"
    return "{ " + "; ".join(f"{word} {_NAMES[t.base]}" for word, t in block.types.items()) + " }"
