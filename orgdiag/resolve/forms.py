"""Statements with a syntax of their own, read as their forms say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from orgdiag.model import values
from orgdiag.model.form import ILLEGAL, Block, Choice, Form, Option, Slot, Way
from orgdiag.model.values import Flaw
from orgdiag.partial.unknown import UNKNOWN, Unwritten
from orgdiag.resolve.match import Match, matcher
from orgdiag.resolve.properties import (
    NOTHING,
    QUANTITIES,
    Handler,
    add,
    amount,
    items,
    no_block,
    one_of,
    parts,
    put,
    text,
    word,
)  # fmt: skip
from orgdiag.resolve.reading import Args, Census, Draft, either
from orgdiag.resolve.shown import example
from orgdiag.text.nearest import did_you_mean
from orgdiag.text.source import Span
from orgdiag.text.syntax import Atom, Statement

# --- a statement ----------------------------------------------------------------------------------


class Row(NamedTuple):
    """A form, and where what it says goes: the word of its place, and the attribute."""

    word: str
    attribute: str
    form: Form


class Said(NamedTuple):
    """What a statement says, a sequence where it adds up, and where that stands."""

    value: Any
    span: Span


def reader(rows: Sequence[Row]) -> Handler:
    """The reader of a statement that is written in the form of one of the rows."""
    compiled: list[tuple[Row, Understood]] = []  # when the first statement is read
    forms = [row.form for row in rows]
    blocked = any(form.block for form in forms)
    only = rows[0] if len(rows) == 1 else None

    def read_form(r: Census, draft: Draft, statement: Statement) -> None:
        args = r.args(statement, draft.subject)
        if not blocked:
            no_block(r, draft, statement)
        if only is not None and (said := without_value(only.form, statement, args)):
            _keep(r, draft, statement, only, said)
            return
        if not compiled:
            compiled.extend((row, _compiled(row.form)) for row in rows)
        for row, understood in compiled if args is not None else ():
            said = understood(r, draft, statement, args or ())
            if said is not None:
                _keep(r, draft, statement, row, said)
                return
        if args is not None:
            malformed(r, draft, statement, *forms)
        if only is not None:
            span = statement.places(args or ())
            _keep(r, draft, statement, only, Said(_damaged(only.form, span), span))

    return read_form


def without_value(form: Form, statement: Statement, args: Args | None) -> Said | None:
    """What `none` or `unknown` mean; None where that is not said, or means nothing."""
    if args is None or len(args) != 1 or args[0].kind != "NAME":
        return None
    means = {"none": form.none, "unknown": form.unknown}.get(args[0].text, ILLEGAL)
    if means is ILLEGAL:
        return None
    return Said(means, statement.word_span if means is UNKNOWN else statement.places(args))


def _damaged(form: Form, span: Span) -> Any:
    """What a statement means that cannot be read: unknown, or nothing of a list."""
    if form.unknown is not ILLEGAL or form.adds:
        return form.unknown
    items: Any = form.ways[0].items
    left_out = {i.attribute: i.default if isinstance(i, Option) else UNKNOWN for i in items}
    return _made(form, left_out, span)


def _keep(r: Census, draft: Draft, statement: Statement, row: Row, said: Said) -> None:
    if not row.form.adds:
        put(r, draft, row.word, row.attribute, said.value, said.span)
    elif said.value is not ILLEGAL:
        add(r, draft, statement, row.word, row.attribute, said.value, said.span)


def malformed(r: Census, draft: Draft, statement: Statement, *forms: Form) -> None:
    """Note a statement whose words do not stand in one of the forms that it may have."""
    starts = [start for form in forms for start in form.starts]
    atoms = r.args(statement, draft.subject) or ()
    first = atoms[0] if atoms else None
    ways = [way for form in forms for way in form.ways]
    decided = all(way.items and isinstance(way.items[0], str | Choice) for way in ways)
    if first is not None and len(starts) > 1 and decided and first.kind == "NAME":
        if first.text not in starts:
            r.complain(
                "unknown-word",
                f"`{first.text}` is none of the words that follow `{statement.word}`",
                statement.place(first),
                draft.subject,
                help=did_you_mean(first.text, starts) or f"write {one_of(starts)}",
            )
            return
    meant = (form for form in forms if first is not None and first.text in form.starts)
    misformed(r, draft, statement, example(next(meant, forms[0])))


def unknown_statement(
    r: Census, draft: Draft, statement: Statement, legal: Iterable[str], where: str
) -> None:
    """Note a word that has no meaning where it stands."""
    word = statement.word
    if r.broken(statement) or not word:
        return
    known = sorted(legal)
    help = did_you_mean(word, known) if not r.findings.full(statement.source) else ""
    if not help and word in r.vocabulary:
        help = f"`{word}` belongs into a {either(r.vocabulary[word])}"
    r.complain(
        "unknown-word",
        f"unknown property `{word}` of {where}",
        statement.word_span,
        draft.subject,
        help=help or f"legal here: {', '.join(known)}",
    )


def misformed(r: Census, draft: Draft, statement: Statement, pattern: str) -> None:
    """Note a statement whose words do not stand as they have to."""
    r.complain(
        "syntax-error",
        f"`{statement.word}` is written in another form",
        statement.span,
        draft.subject,
        help=f"write `{pattern}`",
    )


# --- the ways of a form ---------------------------------------------------------------------------

Understood = Callable[[Census, Draft, Statement, Args], Said | None]


def _compiled(form: Form) -> Understood:
    """What the words of a statement say in one of the ways of a form; None if in none of them."""
    ways = [(_unsaid(way), matcher(way.items), _slots(way)) for way in form.ways]
    block = form.block

    def understood(r: Census, draft: Draft, statement: Statement, args: Args) -> Said | None:
        if block is not None and block.needed and statement.body is None:
            return None
        if form.each:
            return each(r, draft, statement, args)
        for unsaid, match, slots in ways:
            found = match(args)
            if found is not None:
                given = _given(r, draft, statement, unsaid, slots, found)
                return _told(r, draft, statement, form, given, _span(form, statement, found, args))
        return None

    def each(r: Census, draft: Draft, statement: Statement, args: Args) -> Said | None:
        made = []
        for part in parts(r, draft, statement, args) if args else ():
            for unsaid, match, slots in ways:
                found = match(part)
                if found is not None:
                    given = _given(r, draft, statement, unsaid, slots, found)
                    made.append(_made(form, given, statement.places(part)))
                    break
            else:
                return None
        return Said(made, statement.places(args)) if made else None

    return understood


def _slots(way: Way) -> dict[str, Slot]:
    """The slots of a way by their attributes."""
    found = {}
    for item in way.items:
        for inner in item.items if isinstance(item, Option) else (item,):
            if isinstance(inner, Slot):
                found[inner.attribute] = inner
    return found


def _unsaid(way: Way) -> dict[str, Any]:
    """What attributes hold without a word: of what may be left out, and of what the way says."""
    defaults = {item.attribute: item.default for item in way.items if isinstance(item, Option)}
    return {**defaults, **way.says}


def _given(
    r: Census,
    draft: Draft,
    statement: Statement,
    unsaid: Mapping[str, Any],
    slots: Mapping[str, Slot],
    found: Match,
) -> dict[str, Any]:
    """The values of the attributes that a statement gives in one way."""
    given = {**unsaid}
    for attribute, atoms in found.items():
        slot = slots.get(attribute)
        given[attribute] = atoms if slot is None else value_of(r, draft, statement, slot, atoms)
    return given


def _span(form: Form, statement: Statement, found: Match, args: Args) -> Span:
    """Where it stands: the words, those of its one slot, or all when they are in a block."""
    if form.block is not None and form.block.lines:
        return Span(statement.source, statement.start, statement.end)
    if form.whole and form.adds:  # one deed, its verb included
        return statement.span
    if form.makes is None and not form.adds:
        atoms: Any = next(iter(found.values()))
        return statement.places(atoms)
    return statement.places(args)


def _told(
    r: Census, draft: Draft, statement: Statement, form: Form, given: dict[str, Any], span: Span
) -> Said:
    block = form.block
    if block is not None and block.lines is not None:
        return Said(_lines(r, draft, statement, form, block), span)
    empty = form.whole and any(map(_is_open, given.values()))
    if block is not None:
        inside = _block(r, draft, statement, block)
        if not given and not inside:
            return Said(form.none, span)
        given |= {_attribute(word): inside.get(word) for word in block.types}
    if empty:
        return Said(ILLEGAL if form.adds else form.unknown, span)
    made = _made(form, given, span)
    return Said([made] if form.adds and form.makes is not None else made, span)


def _is_open(value: Any) -> bool:
    """Whether a value, or a part of it, is unknown."""
    return value is UNKNOWN or (value.__class__ is tuple and UNKNOWN in value)


def _made(form: Form, given: dict[str, Any], span: Span) -> Any:
    """What the values make together."""
    makes: Any = form.makes
    if makes is None:
        return next(iter(given.values()))
    return makes(**given, span=span) if "span" in makes._fields else makes(**given)


def _attribute(word: str) -> str:
    return word.replace("-", "_")


# --- what stands in a block -----------------------------------------------------------------------


def _lines(r: Census, draft: Draft, statement: Statement, form: Form, block: Block) -> list[Any]:
    """A part for each line of a block."""
    makes: Any = form.makes
    word, value = block.lines or ("", "")
    return [
        makes(**{word: line.word, value: says, "span": line.span})
        for line, says in _body(r, draft, statement, block)
    ]


def _block(r: Census, draft: Draft, statement: Statement, block: Block) -> dict[str, Any]:
    """The values of the words in a block."""
    return {line.word: says for line, says in _body(r, draft, statement, block)}


def _body(
    r: Census, draft: Draft, statement: Statement, block: Block
) -> Iterable[tuple[Statement, Any]]:
    """The lines of a block with their values, each word once."""
    seen: dict[str, Span] = {}
    for line in statement.body or ():
        type = block.types.get(line.word)
        if type is None:
            unknown_statement(r, draft, line, block.types, f"`{statement.word}`")
            continue
        args = r.args(line, draft.subject)
        no_block(r, draft, line)
        if line.word in seen:
            r.twice(f"`{line.word}` is set twice", line.span, seen[line.word], draft.subject)
            continue
        seen[line.word] = line.span
        says: Any = UNKNOWN
        if args is not None and len(args) == 1 and args[0].text == "none":
            says = NOTHING if type.base in QUANTITIES else None
        elif args is not None and not (len(args) == 1 and args[0].text == "unknown"):
            says = value_of(r, draft, line, Slot(line.word, type), args)
        if says is not None and not (says is UNKNOWN and type.base == "text"):
            yield line, says


# --- the value of a slot --------------------------------------------------------------------------


def value_of(r: Census, draft: Draft, statement: Statement, slot: Slot, atoms: Any) -> Any:
    """The value that the words of a slot say; UNKNOWN, with a finding, when they say none."""
    base = slot.type.base
    if slot.type.many:
        return _list(r, draft, statement, slot, atoms)
    if base in QUANTITIES:
        return amount(r, draft, statement, atoms, base)
    if slot.new:
        return _new(r, draft, statement, atoms[0])
    if slot.own:
        return step_of(r, draft, statement, atoms[0])
    if base == "reference":
        found = r.one(slot.type.kinds, statement, atoms, draft.subject)
        plain = isinstance(found, Unwritten) or slot.typed or len(slot.type.kinds) > 1
        return found if plain else found.id  # type: ignore[union-attr]
    if base == "date":
        return day_of(r, draft, statement, atoms[0])
    if base == "text":
        return text(r, draft, statement, atoms)
    return word(r, draft, statement, atoms[0], slot.type.words, statement.word)


def _list(r: Census, draft: Draft, statement: Statement, slot: Slot, atoms: Args) -> Any:
    if slot.type.base == "text":  # words or texts, as they come
        return tuple(a.string for part in parts(r, draft, statement, atoms) for a in part)
    one: Callable[..., Any] | None = step_of if slot.own else _new if slot.new else None
    return items(r, draft, statement, atoms, slot.type, statement.word, one)


def _new(r: Census, draft: Draft, statement: Statement, atom: Atom) -> str | Unwritten:
    """The id of a team that need not be there yet."""
    if atom.text in r.names["team"]:
        r.note("team", atom.text, statement, atom)
    return word(r, draft, statement, atom, (), statement.word)


def day_of(r: Census, draft: Draft, statement: Statement, atom: Atom) -> Any:
    """The day that a word says; UNKNOWN when it says so or is none."""
    day = UNKNOWN if atom.text == "unknown" else values.day(atom)
    if isinstance(day, Flaw):
        r.flaw(day, statement, (atom,), draft.subject)
        return UNKNOWN
    return day


def step_of(r: Census, draft: Draft, statement: Statement, atom: Atom) -> str | Unwritten:
    """The full id of a step of the same stream, given by its own id or in full."""
    entry = draft.entry
    stream = entry.id if entry.kind == "stream" else entry.stream
    name = atom.text
    if atom.kind != "NAME" or name == "unknown":
        if atom.kind != "NAME":
            misformed(r, draft, statement, f"{statement.word} STEP")
        return UNKNOWN
    full = name if name.startswith(f"{stream}.") else f"{stream}.{name}"
    step = r.names["step"].get(full)
    if step is not None:
        r.note("step", step.id, statement, atom)
        return step.id
    if full not in r.lost:
        r.unresolved_step(stream, statement, atom, draft.subject)
    return UNKNOWN
