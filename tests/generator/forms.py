"""Statements with a syntax of their own, written by their forms; all others the schema writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Final

from orgdiag.model.elements import ELEMENTS
from orgdiag.model.form import ILLEGAL, Block, Choice, Form, Item, Slot
from orgdiag.model.parts import ACCEPT, NEEDS
from orgdiag.model.schema import schema
from orgdiag.model.types import Type
from orgdiag.model.vocabularies import NEED_KINDS
from orgdiag.rule import load_rules
from orgdiag.whatif import operations

from . import values
from .author import SLIPS, Author, Of, Phrase

Writer = Callable[[Author, Of], Phrase]

# --- by a form ------------------------------------------------------------------------------------


def by_form(*forms: Form) -> Writer:
    """Who writes a statement in one of the forms that its first word may have."""

    def write(author: Author, of: Of) -> Phrase:
        form = author.pick(forms)
        short = [w for w, m in (("unknown", form.unknown), ("none", form.none)) if m is not ILLEGAL]
        if short and author.tenths(1):
            return Phrase(f"{form.word} {author.pick(short)}")
        number = author.pick([1, 2, 3]) if form.each else 1
        said = dict.fromkeys(" ".join(_way(author, of, form)) for _ in range(number))
        words = f"{form.word} {', '.join(said)}".rstrip()
        if form.element:
            body = statements(author, Of(form.element))
            return Phrase(words, body if body or author.tenths(1) else None)
        return Phrase(words, _block(author, form.block) if form.block else None)

    return write


def _way(author: Author, of: Of, form: Form) -> Iterator[str]:
    for item in author.pick(form.ways).items:
        yield from _item(author, of, item)


def _item(author: Author, of: Of, item: Item) -> Iterator[str]:
    if isinstance(item, str):
        yield item
    elif isinstance(item, Choice):
        yield author.pick(item.words)
    elif isinstance(item, Slot):
        yield ", ".join(_slot(author, of, item))
    elif author.tenths(9 if item.asked else 5):
        for inner in item.items:
            yield from _item(author, of, inner)


def _slot(author: Author, of: Of, slot: Slot) -> list[str]:
    """The values of a slot: several where it is a list."""
    if not slot.type.many:
        return [_value(author, of, slot)]
    number = max(slot.least, author.pick([1, 2, 3]))
    found = list(dict.fromkeys(_value(author, of, slot) for _ in range(number)))
    return found if len(found) >= slot.least else [*found, "unknown", "run"][: slot.least]


def _value(author: Author, of: Of, slot: Slot) -> str:
    kinds = slot.type.kinds
    if slot.own:
        return _step(author, of)
    if slot.new:
        return author.pick([author.id("team"), "run", "build", "half"])
    if len(kinds) > 1 and not author.slips():
        return author.pick((*values.references(values.named(kinds, author.ids)), "unknown"))
    if kinds:
        return author.id(kinds[0])
    return _literal(author, slot.type)


def _literal(author: Author, type: Type) -> str:
    if type.base == "text":
        return author.pick(values.WORDS) if type.many and author.tenths(5) else author.text()
    if type.base == "word":
        return author.pick(type.words or values.WORDS)
    return author.literal(type.base).removeprefix("every ")


def _step(author: Author, of: Of) -> str:
    """A step of the same stream, by its own id or in full; or `unknown`."""
    if author.slips():
        return author.id("step")
    local = author.pick([*of.steps, "unknown"])
    stream = of.stream or of.id
    return f"{stream}.{local}" if local != "unknown" and author.tenths(2) else local


def _block(author: Author, block: Block) -> tuple[Phrase, ...] | None:
    if not block.needed and author.tenths(3):
        return None
    words = author.some(block.types, most=len(block.types))
    return tuple(Phrase(f"{word} {_inside(author, block.types[word])}") for word in words)


def _inside(author: Author, type: Type) -> str:
    return author.pick([_literal(author, type), "none", "unknown"]) if author.tenths(3) else (
        _literal(author, type)
    )  # fmt: skip


# --- what depends on others -----------------------------------------------------------------------


def private(author: Author, _: Of) -> Phrase:
    kept = author.pick(["", " some 5d", ' "of it", ÄÖ -> 7..3 %'])
    return Phrase(f"x-kept{kept}")


def accept(author: Author, _: Of) -> Phrase:
    """`accept RULE until DATE because "…"`, a part left out at times."""
    return Phrase(" ".join(["accept", *_acceptance(author, "")]))


def accept_of(author: Author) -> Iterator[Phrase]:
    """`accept RULE for …`, beside all elements."""
    every = values.references(values.named(author.ids, author.ids))
    about = author.pick(["organisation o", "a with c", "pair a-and-c", "cycle a", *every])
    yield Phrase(" ".join(["accept", *_acceptance(author, about)]))


def _acceptance(author: Author, who: str) -> Iterator[str]:
    if author.tenths(9):
        yield author.pick(rule_names())
    if who:
        yield f"for {who}"
    if author.tenths(9):
        yield f"until {author.pick(values.LITERALS['date'])}"
    if author.tenths(9):
        yield f"because {author.text()}"


@cache
def rule_names() -> tuple[str, ...]:
    """The names of the rules that ship, and one that no rule has."""
    return (*sorted(load_rules(()).rules), "no-such-rule")


def needs(author: Author, of: Of) -> Phrase:
    """`needs KIND from TEAM { … }`; of a capability from the team that provides it."""
    if author.tenths(1):
        return Phrase(f"needs {author.pick(['unknown', 'none'])}")
    what = author.pick([*NEED_KINDS, "unknown", *author.ids.get("capability", ())])
    provider = author.id("team", but=of.id)
    if what in author.ids.get("capability", ()) and what not in NEED_KINDS and not author.slips():
        named = author.providers.get(what, provider)
        provider = named if named != of.id else "unknown"
        what = author.pick([what, f"capability {what}"])
    body = statements(author, Of("need"))
    return Phrase(f"needs {what} from {provider}", body if body or author.tenths(1) else None)


def no(word: str) -> Writer:
    """A word that says no to a flag."""

    def write(author: Author, _: Of) -> Phrase:
        return Phrase(f"{word} {author.pick(['', 'yes', 'no', 'unknown'])}".rstrip())

    return write


# --- all of them ----------------------------------------------------------------------------------

_OWN: Final[Mapping[Form, Writer]] = {ACCEPT: accept, NEEDS: needs}
# How a later owner is asked for, since `owner` alone is a list.
LATER: Final = "owner … from"


@cache
def writers(kind: str) -> Mapping[str, Writer]:
    """Who writes which statement that an element of a kind may hold, but its steps."""
    found: dict[str, Writer] = {"x-…": private}
    forms: dict[str, list[Form]] = {}
    for name, prop in schema("" if kind == "org" else kind).items():
        if prop.form is None:
            found[name] = _plain(kind, name)
        else:
            word = LATER if prop.attribute == "successors" else prop.form.word
            forms.setdefault(word, []).append(prop.form)
        if prop.denial is not None:
            found[prop.denial] = no(prop.denial)
    for form in operations.forms() if kind == "change" else ():
        forms.setdefault(form.word, []).append(form)
    return found | {word: _OWN.get(some[0]) or by_form(*some) for word, some in forms.items()}


def _plain(kind: str, word: str) -> Writer:
    """Who writes a property that is a word and its value."""
    prop = schema(kind)[word]
    plausible = _plausible(kind, word)

    def write(author: Author, _: Of) -> Phrase:
        if plausible and author.tenths(7):
            return Phrase(f"{word} {author.pick(plausible)}")
        return Phrase(f"{word} {author.value(prop)}".rstrip())

    return write


KINDS: Final = tuple(ELEMENTS)
# Words of which one says what the other denies.
_OPPOSED: Final = frozenset({("automated", "manual"), ("routine", "occasional")})


def _plausible(kind: str, word: str) -> values.Texts:
    """Times that do not contradict each other, for most of the steps."""
    return {"process": values.WORK, "lead": values.AROUND}.get(word, ()) if kind == "step" else ()


@cache
def _may_come_again(kind: str, word: str) -> bool:
    """Whether further statements of the word add to what it says."""
    if word in ("x-…", LATER) or kind == "change":
        return word != "evidence"
    for prop in schema("" if kind == "org" else kind).values():
        if prop.form is not None and prop.form.word == word and word != "owner":
            return prop.form.adds or word in ("lead-time", "target")
    prop = schema(kind).get(word)
    return prop is not None and prop.type.many


def statements(author: Author, of: Of) -> tuple[Phrase, ...]:
    """What is written about an element."""
    left = list(writers(of.kind))
    said: dict[str, list[Phrase]] = {}
    for _ in range(min(author.below(author.most + 1), len(left))):
        word = author.pick(left)
        if not _may_come_again(of.kind, word) or word in said:
            left.remove(word)
        said.setdefault(word, []).append(writers(of.kind)[word](author, of))
    found = [
        phrase
        for phrases in said.values()
        for phrase in (phrases if author.slips() else _once(phrases))
    ]
    kept = [phrase for phrase in found if not _denied(found, phrase) or author.slips()]
    return tuple(slip for phrase in kept for slip in _slipped(author, phrase))


def _once(said: list[Phrase]) -> list[Phrase]:
    """Statements of one word of which none forbids another."""
    if any(phrase.rest in ("none", "unknown") for phrase in said):
        return said[:1]
    if said[0].word in ("lead-time", "target"):  # each clock once
        return list({phrase.words.split()[1]: phrase for phrase in said}.values())
    if said[0].word == "handoff":  # a step may be named in full
        return list({re.sub(r"[a-z0-9-]+\.", "", one.words): one for one in said}.values())
    return list({phrase.words: phrase for phrase in said}.values())


def _denied(found: list[Phrase], phrase: Phrase) -> bool:
    """Whether another statement says or denies the same."""
    words = {other.word for other in found}
    return any(phrase.word == no and yes in words for yes, no in _OPPOSED)


def _slipped(author: Author, phrase: Phrase) -> tuple[Phrase, ...]:
    """The statement, or what a careless author makes of it."""
    if not author.slips():
        return (phrase,)
    other = author.pick(tuple(writers(author.pick(KINDS))))
    return author.pick(
        [
            (phrase, phrase),
            (Phrase(phrase.word),),
            (Phrase(f"{phrase.words} {author.pick(SLIPS)}", phrase.body),),
            (Phrase(phrase.words, (Phrase(other), phrase)),),
            (Phrase(f"{other} {phrase.rest}", phrase.body),),
        ]
    )
