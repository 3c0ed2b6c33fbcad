"""Statements of the form `property value`, read by the type that the schema gives the property."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from orgdiag.model import values
from orgdiag.model.parts import Money
from orgdiag.model.schema import Property
from orgdiag.model.types import Ref, Type
from orgdiag.model.values import LOOKS, Flaw
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import NONE, UNKNOWN, Unwritten
from orgdiag.resolve.reading import MAX_LIST, Args, Census, Draft, Said
from orgdiag.text.mend import Mend
from orgdiag.text.nearest import did_you_mean
from orgdiag.text.source import Span
from orgdiag.text.syntax import Atom, Statement

Handler = Callable[[Census, Draft, Statement], None]

# What is an amount.
QUANTITIES = frozenset({"number", "duration", "share", "rate", "effort", "cadence"})
NOTHING = Quantity(0, 0)


def put(
    r: Census,
    draft: Draft,
    word: str,
    attribute: str,
    value: Any,
    span: Span,
) -> None:
    """Set a single-valued property, once."""
    if attribute in draft.values and word in draft.places:
        r.twice(
            f"`{word}` of {draft.entry.kind} `{draft.entry.id}` is set twice",
            span,
            draft.places[word],
            draft.subject,
        )
        return
    draft.values[attribute] = value
    draft.places[word] = span


def add(
    r: Census,
    draft: Draft,
    statement: Statement,
    word: str,
    attribute: str,
    items: Sequence[Any] | Unwritten,
    span: Span,
) -> None:
    """Add to a list items of which none is there twice.

    One that was said to be `none` or `unknown` takes no more.
    """
    if items is UNKNOWN and r.broken(statement):
        items = [UNKNOWN]
    if word in draft.places:
        if not items or (attribute in draft.values and attribute not in draft.lists):
            of = f"`{word}` of {draft.entry.kind} `{draft.entry.id}`"
            what = f"{of} is said to be none or unknown, and more"
            r.twice(what, span, draft.places[word], draft.subject)
            return
    else:
        draft.places[word] = span
    if isinstance(items, Unwritten) or not items:
        draft.values[attribute] = UNKNOWN if isinstance(items, Unwritten) else ()
        return
    known = draft.lists.get(attribute)
    if known is None:
        draft.values[attribute] = draft.lists[attribute] = tuple(items)
        return
    if isinstance(known, tuple):
        known = draft.lists[attribute] = dict.fromkeys(known)
    known.update(dict.fromkeys(items))


def handler(prop: Property) -> Handler:
    """The reader of a property that is simply a word and its value."""
    base = prop.type.base
    if prop.type.many:
        return _list_handler(prop)
    if base == "flag":
        return _flag_handler(prop, prop.word, True)
    read = _READERS[base if base not in QUANTITIES else "quantity"]

    def single(r: Census, draft: Draft, statement: Statement) -> None:
        before = r.findings.number
        args = r.args(statement, draft.subject)
        value = UNKNOWN if args is None else _value(r, draft, statement, args, prop, read)
        span = statement.places(args) if args else statement.word_span
        no_block(r, draft, statement)
        put(r, draft, prop.word, prop.attribute, value, span)
        if base != "text":  # texts hardly repeat
            _remember(r, before, prop, statement, value, span)

    return single


def _remember(
    r: Census, before: int, prop: Property, statement: Statement, value: Any, span: Span
) -> None:
    """Keep what a line says for others of its text, if there are no more findings than `before`."""
    if r.findings.number == before and r.occurrences is None and not r.broken(statement):
        start, adds = statement.start, prop.type.many and bool(value)
        r.said[prop.kind][statement.text] = Said(
            prop.word, prop.attribute, value, span.start - start, span.end - start, adds
        )


def flag(prop: Property, word: str, means: bool) -> Handler:
    """The reader of a word that says yes or no to a property: `manual`, `occasional`."""
    return _flag_handler(prop, word, means)


def no_block(r: Census, draft: Draft, statement: Statement) -> None:
    """Note a block where none belongs."""
    if statement.body is not None and not r.broken(statement):
        r.complain(
            "syntax-error",
            f"`{statement.word}` takes no block",
            Span(statement.source, statement.head_end, statement.end),
            draft.subject,
            help="write its value after the word",
        )


Reader = Callable[[Census, Draft, Statement, Args, Property], Any]


def _value(
    r: Census, draft: Draft, statement: Statement, args: Args, prop: Property, read: Reader
) -> Any:
    if not args:
        r.complain(
            "invalid-value",
            f"`{prop.word}` needs a value",
            statement.word_span,
            draft.subject,
            help=Mend(f"write {_looks(prop)}, or `unknown`", " unknown", "after"),
        )
        return UNKNOWN
    first = args[0]
    if len(args) == 1 and first.kind == "NAME":
        if first.text == "unknown":
            return UNKNOWN
        if first.text == "none":
            return _none(r, draft, statement, first, prop)
    return read(r, draft, statement, args, prop)


def _none(r: Census, draft: Draft, statement: Statement, atom: Atom, prop: Property) -> Any:
    if prop.nothing:
        return NONE
    if prop.type.base in ("duration", "cadence"):
        return NOTHING
    r.complain(
        "invalid-value",
        f"`{prop.word}` cannot be `none`",
        statement.place(atom),
        draft.subject,
        help=f"write {_looks(prop)}, or `unknown`",
    )
    return UNKNOWN


def _looks(prop: Property) -> str:
    if prop.type.base == "reference":
        return f"the id of a {' or '.join(prop.type.kinds)}"
    if prop.type.words and prop.type.base == "word":
        return one_of(prop.type.words)
    return LOOKS.get(prop.type.base, "a value")


def one_of(words: Sequence[str]) -> str:
    """`one of a, b and c`, for help lines."""
    return "one of " + ", ".join(f"`{word}`" for word in words)


def _quantity(r: Census, draft: Draft, statement: Statement, args: Args, prop: Property) -> Any:
    if prop.type.words and len(args) == 1 and args[0].text in prop.type.words:
        return args[0].text
    if prop.type.base == "cadence" and args[0].text == "every" and len(args) > 1:
        args = args[1:]
    return amount(r, draft, statement, args, prop.type.base)


def amount(
    r: Census, draft: Draft, statement: Statement, args: Args, base: str
) -> Quantity | Unwritten:
    """The quantity that the words say; UNKNOWN when they say so or are none."""
    if len(args) == 1 and args[0].text == "unknown":
        return UNKNOWN
    if not args:
        r.complain(
            "invalid-value", f"`{statement.word}` lacks a value", statement.span, draft.subject,
            help=Mend(f"write {LOOKS[base]}, or `unknown`", " unknown", "after"),
        )  # fmt: skip
        return UNKNOWN
    value = r.units.quantity(base, args)
    if isinstance(value, Flaw):
        r.flaw(value, statement, args, draft.subject)
        return UNKNOWN
    return value


def _money(r: Census, draft: Draft, statement: Statement, args: Args, _: Property) -> Any:
    value: Money | Flaw = r.units.money(args)
    if isinstance(value, Flaw):
        r.flaw(value, statement, args, draft.subject)
        return UNKNOWN
    return value


def _date(r: Census, draft: Draft, statement: Statement, args: Args, _: Property) -> Any:
    value = values.day(args[0])
    if len(args) > 1:
        value = Flaw(f"`{args[1].text}` is too much", f"write {LOOKS['date']}", args[1])
    if isinstance(value, Flaw):
        r.flaw(value, statement, args, draft.subject)
        return UNKNOWN
    return value


def _text(r: Census, draft: Draft, statement: Statement, args: Args, _: Property) -> Any:
    return text(r, draft, statement, args)


def text(r: Census, draft: Draft, statement: Statement, args: Args) -> str | Unwritten:
    """The one text in quotes that the words say."""
    if len(args) == 1 and args[0].kind == "STRING":
        return args[0].string
    r.complain(
        "invalid-value", f"`{statement.word}` takes {LOOKS['text']}", statement.places(args),
        draft.subject, help=_quoted(f'write `{statement.word} "…"`', statement.places(args).text),
    )  # fmt: skip
    return UNKNOWN


def _word(r: Census, draft: Draft, statement: Statement, args: Args, prop: Property) -> Any:
    if len(args) == 1:
        return word(r, draft, statement, args[0], prop.type.words, prop.word)
    r.complain(
        "invalid-value", f"`{prop.word}` takes one word", statement.places(args), draft.subject,
        help=f"write {_looks(prop)}",
    )  # fmt: skip
    return UNKNOWN


def _quoted(help: str, said: str) -> str:
    """The help beside words that should be a text in quotes."""
    plain = said.strip() and not set(said) & set('"\\\n,')
    return Mend(help, f'"{said}"') if plain else help


def _without_quotes(atom: Atom, legal: Sequence[str]) -> str:
    """The help beside what should be a word."""
    if atom.kind == "STRING" and atom.string in legal:
        return Mend(f"write `{atom.string}` without quotes", atom.string)
    return f"write {one_of(legal)}" if legal else "write it in lower case without quotes"


def word(
    r: Census, draft: Draft, statement: Statement, atom: Atom, legal: Sequence[str], what: str
) -> str | Unwritten:
    """A legal word; any name where no words are given."""
    if atom.kind != "NAME":
        r.complain(
            "invalid-value", f"`{what}` takes a word", statement.place(atom), draft.subject,
            help=_without_quotes(atom, legal),
        )  # fmt: skip
        return UNKNOWN
    if not legal or atom.text in legal or atom.text == "unknown":
        return UNKNOWN if atom.text == "unknown" else atom.text
    r.complain(
        "unknown-word",
        f"`{atom.text}` is no {what} of {_of(draft)}",
        statement.place(atom),
        draft.subject,
        help=did_you_mean(atom.text, legal) or f"write {one_of(legal)}",
    )
    return UNKNOWN


def _of(draft: Draft) -> str:
    return f"{draft.entry.kind} `{draft.entry.id}`"


def _reference(r: Census, draft: Draft, statement: Statement, args: Args, prop: Property) -> Any:
    found = r.one(prop.type.kinds, statement, args, draft.subject)
    if isinstance(found, Unwritten) or len(prop.type.kinds) > 1:
        return found
    return found.id


_READERS: dict[str, Reader] = {
    "quantity": _quantity,
    "money": _money,
    "date": _date,
    "text": _text,
    "word": _word,
    "reference": _reference,
}


# --- lists ----------------------------------------------------------------------------------------


def _list_handler(prop: Property) -> Handler:
    def many(r: Census, draft: Draft, statement: Statement) -> None:
        before = r.findings.number
        args = r.args(statement, draft.subject)
        span = statement.places(args) if args else statement.word_span
        no_block(r, draft, statement)
        if args is not None and not args:
            _value(r, draft, statement, args, prop, _word)
        items = _items(r, draft, statement, args, prop)
        add(r, draft, statement, prop.word, prop.attribute, items, span)
        _remember(r, before, prop, statement, items, span)

    return many


def _items(
    r: Census, draft: Draft, statement: Statement, args: Args | None, prop: Property
) -> Sequence[Any] | Unwritten:
    if not args:
        return UNKNOWN
    if len(args) == 1 and args[0].text in ("unknown", "none"):
        return UNKNOWN if args[0].text == "unknown" else ()
    return items(r, draft, statement, args, prop.type, prop.word)


Item = Callable[[Census, Draft, Statement, Atom], Any]


def items(
    r: Census,
    draft: Draft,
    statement: Statement,
    args: Args,
    type: Type,
    what: str,
    one: Item | None = None,
) -> Sequence[Any]:
    """The items of a list, each once: words or references, or what `one` makes of each word."""
    kinds = type.kinds
    found: list[Any] = []
    for part in parts(r, draft, statement, args):
        if len(part) > 1 and part[0].kind == part[1].kind == "NAME" and part[0].text not in kinds:
            comma_missing(r, draft, statement, part)
            found.append(UNKNOWN)
        elif one is not None:
            found.append(one(r, draft, statement, part[0]))
        elif type.base == "word" and len(part) == 1:
            found.append(word(r, draft, statement, part[0], type.words, what))
        elif type.base == "word":
            comma_missing(r, draft, statement, part)
            found.append(UNKNOWN)
        else:
            ref: Ref | Unwritten = r.one(kinds, statement, part, draft.subject)
            found.append(ref.id if isinstance(ref, Ref) and len(kinds) == 1 else ref)
    return tuple(dict.fromkeys(found)) or (UNKNOWN,)


def comma_missing(r: Census, draft: Draft, statement: Statement, part: Args) -> None:
    """Note two items of a list without a comma between them."""
    r.complain(
        "syntax-error",
        f"a comma is missing between `{part[0].text}` and `{part[1].text}`",
        statement.place(part[1]),
        draft.subject,
        help="separate the items of a list by commas",
    )


def parts(r: Census, draft: Draft, statement: Statement, args: Args) -> list[Args]:
    """The items of a list, each with its words; commas that separate nothing are a finding."""
    if all(atom.kind != "COMMA" for atom in args):
        return [args]
    items: list[list[Atom]] = [[]]
    stray = args[-1] if args[-1].kind == "COMMA" else None
    for atom in args:
        if atom.kind != "COMMA":
            items[-1].append(atom)
        elif items[-1]:
            items.append([])
        else:
            stray = atom
    if stray is not None:
        _stray(r, draft, statement, stray)
    items = [item for item in items if item]
    if len(items) > MAX_LIST:
        r.complain(
            "too-large", f"this list has more than {MAX_LIST} items",
            statement.place(items[MAX_LIST][0]), draft.subject,
        )  # fmt: skip
        del items[MAX_LIST:]
    return list(items)


def _stray(r: Census, draft: Draft, statement: Statement, atom: Atom) -> None:
    r.complain(
        "syntax-error", "this comma separates nothing", statement.place(atom), draft.subject,
        label="an item is missing beside it", help=Mend("remove it, or write the missing item", ""),
    )  # fmt: skip


# --- flags ----------------------------------------------------------------------------------------


def _flag_handler(prop: Property, written: str, means: bool) -> Handler:
    says = {"yes": means, "no": not means, "unknown": UNKNOWN}

    def say(r: Census, draft: Draft, statement: Statement) -> None:
        before = r.findings.number
        args = r.args(statement, draft.subject)
        value: Any = means
        if args is None:
            value = UNKNOWN
        elif args:
            value = says.get(args[0].text) if len(args) == 1 else None
            if value is None:
                value = UNKNOWN
                r.complain(
                    "invalid-value", f"`{written}` takes {LOOKS['flag']}", statement.places(args),
                    draft.subject, help=f"write `{written}` alone",
                )  # fmt: skip
        no_block(r, draft, statement)
        span = statement.word_span
        put(r, draft, prop.word, prop.attribute, value, span)
        if written == prop.word:
            _remember(r, before, prop, statement, value, span)
        elif written not in draft.places:
            draft.places[written] = span

    return say
