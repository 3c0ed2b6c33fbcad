"""Statements of all files → entries: which elements there are, before anything is read in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from orgdiag.model import values
from orgdiag.model.elements import Calendar
from orgdiag.model.parts import Accept, Link, Note
from orgdiag.model.values import Flaw, Units
from orgdiag.parse import Parsed, words
from orgdiag.partial.unknown import UNKNOWN, Unwritten
from orgdiag.resolve import properties, statements
from orgdiag.resolve.forms import misformed, unknown_statement
from orgdiag.resolve.reading import MAX_NAME, Args, Census, Draft, Entry, either, kebab
from orgdiag.text.mend import Mend, meant
from orgdiag.text.nearest import did_you_mean, nearest
from orgdiag.text.source import Span
from orgdiag.text.syntax import Atom, Statement

DEFINED: Final = (
    "group", "team", "product", "stream", "capability", "component", "domain", "interaction",
    "coordination", "change",
)  # fmt: skip
TOP: Final = (*DEFINED, "org", "extend", "include", "accept")
EXTENDED: Final = tuple(kind for kind in (*DEFINED, "step", "org"))
RESERVED: Final = frozenset({"none", "unknown"})


class Organisation:
    """What stands in the `org` statement and beside all elements."""

    def __init__(self) -> None:
        self.entry: Entry | None = None
        self.blocks: list[Sequence[Statement]] = []
        self.as_of: Any = None
        self.as_of_span: Span | None = None
        self.calendar = Calendar()
        self.accepts: list[Accept] = []
        self.tags: list[str] = []
        self.links: list[Link] = []
        self.notes: list[Note] = []


def collect(r: Census, files: Iterable[Parsed]) -> Organisation:
    """Every definition into the names, every extension into its entry; the organisation itself."""
    r.names = {kind: {} for kind in (*DEFINED, "step")}
    organisation = Organisation()
    extensions: list[Statement] = []
    loose: list[Statement] = []
    for parsed in files:
        for statement in parsed.statements:
            _top(r, statement, organisation, extensions, loose)
    for statement in sorted(extensions, key=_of_a_step):
        _extend(r, statement, organisation)
    if organisation.entry or organisation.blocks:
        _organisation(r, organisation)
    if loose:
        draft = Draft(Entry("organisation", "", loose[0].span, "", loose[0]))
        for statement in loose:
            statements.accept(r, draft, statement)
        organisation.accepts += statements.built(draft).get("accepts", ())
    return organisation


def _top(
    r: Census,
    statement: Statement,
    organisation: Organisation,
    extensions: list[Statement],
    loose: list[Statement],
) -> None:
    word = statement.word
    if word not in TOP:
        word = _unknown_top(r, statement)
    if word == "extend":
        extensions.append(statement)
    elif word == "accept":
        loose.append(statement)
    elif word == "org":
        _org(r, statement, organisation)
    elif word == "interaction":
        _interaction(r, statement)
    elif word in DEFINED:
        _define(r, word, statement)


def _unknown_top(r: Census, statement: Statement) -> str:
    """The kind that an unknown word at the top was probably meant to be; "" when none is near."""
    word = statement.word
    r.lose(statement)
    near = nearest(word, TOP) if word and not r.findings.full(statement.source) else None
    if word and not r.broken(statement):
        help = meant(near)
        if not help and word in r.vocabulary:
            help = f"`{word}` stands inside a {either(r.vocabulary[word][:3])}"
        r.complain(
            "unknown-word",
            f"unknown kind of element `{word}`",
            statement.word_span,
            help=help or f"legal here: {', '.join(sorted(TOP))}",
        )
    return near if near in DEFINED or near == "org" else ""


# --- heads ----------------------------------------------------------------------------------------


def _define(r: Census, kind: str, statement: Statement) -> Entry | None:
    head = _head(r, kind, statement)
    if head is None:
        return None
    return _enter(r, Entry(kind, head.id.text, statement.place(head.id), head.name, statement))


def _enter(r: Census, entry: Entry) -> Entry:
    names = r.names[entry.kind]
    first = names.setdefault(entry.id, entry)
    if r.occurrences is not None and entry.kind != "interaction":
        r.seen(entry.kind, entry.id, entry.span, "definition")
    if first is not entry:
        entry.twin = True
        r.twins.append(entry)
        r.twice(
            f"{entry.kind} `{entry.id}` is defined twice", entry.span, first.span, entry.subject
        )
    if entry.kind == "stream":
        _steps(r, entry, entry.blocks[0] if entry.blocks else (), extended=False)
    return entry


class _Head(NamedTuple):
    """The id and the display name of an element, and whether further words stand behind them."""

    id: Atom
    name: str
    more: bool


def _head(r: Census, kind: str, statement: Statement) -> _Head | None:
    """What the head of a definition says; None, with a finding, when there is no id."""
    sound = not r.broken(statement)
    atoms = r.args(statement, None) if sound else None
    number = len(atoms) if atoms is not None else 0
    if atoms is None:
        r.lose(statement)
        every = words(statement.text)[1:]
        number = len(every)
        atoms = [atom for atom in every if atom.kind != "BAD"]
        sound = False
    if not atoms or atoms[0].kind != "NAME" or "." in atoms[0].text or atoms[0].text in RESERVED:
        if sound:
            _no_id(r, kind, statement, atoms)
        return None
    rest = atoms[1:]
    if not sound or len(rest) > bool(rest and rest[0].kind == "STRING"):
        r.lose(statement)
    name = rest[0].string if rest and rest[0].kind == "STRING" else ""
    if len(rest) > bool(rest and rest[0].kind == "STRING") and sound:
        r.complain(
            "syntax-error",
            f"a {kind} has an id and a name in quotes, and nothing more",
            statement.place(rest[-1]),
            help=f'write `{kind} {atoms[0].text} "…" {{ … }}`',
        )
    if len(atoms[0].text) > MAX_NAME:
        r.complain(
            "too-large", f"this id has more than {MAX_NAME} characters", statement.place(atoms[0])
        )
        atoms = [atoms[0]._replace(text=atoms[0].text[:MAX_NAME])]
    return _Head(atoms[0], name, number > 2)


def _no_id(r: Census, kind: str, statement: Statement, atoms: Args) -> None:
    first = atoms[0] if atoms else None
    near = kebab(first.string) if first else ""
    r.lose(statement)
    if first is not None and first.text in RESERVED:
        message, help = f"`{first.text}` is not an id", "choose another id"
    elif first is not None and first.kind == "STRING":
        message = f"a {kind} has an id before its name"
        help = f"write `{kind} {near or 'ID'} {first.text[:60]}`"
        help = Mend(help, f"{near} {first.text}") if near else help
    elif first is not None:
        message, help = (
            f"`{first.text[:60]}` is not an id",
            Mend(f"write `{near}`", near) if near else "",
        )
    else:
        message, help = f"this {kind} has no id", f'write `{kind} ID "Name"`'
    r.complain(
        "syntax-error", message, statement.place(first) if first else statement.word_span,
        help=help or "an id is a word in lower case, such as `payments`",
    )  # fmt: skip


def _interaction(r: Census, statement: Statement) -> None:
    atoms = r.args(statement, None)
    if atoms is None:
        return
    if len(atoms) != 3 or atoms[1].text != "with" or atoms[0].kind != "NAME":
        misformed(r, _nobody(statement), statement, "interaction TEAM with TEAM { … }")
        return
    if atoms[0].text == atoms[2].text:
        r.complain(
            "invalid-value", "a team does not interact with itself", statement.place(atoms[2]),
            help="name the other team, or remove the statement",
        )  # fmt: skip
        return
    id = f"{atoms[0].text} with {atoms[2].text}"
    _enter(r, Entry("interaction", id, statement.places(atoms), "", statement))


def _nobody(statement: Statement) -> Draft:
    """A draft for findings that belong to no element but to a place."""
    return Draft(Entry("place", str(statement.span), statement.span, "", statement))


# --- steps ----------------------------------------------------------------------------------------


def _steps(r: Census, stream: Entry, block: Sequence[Statement], *, extended: bool) -> None:
    """The steps of one block of a stream."""
    known = r.steps.setdefault(stream.id, []) if not stream.twin else []
    before: str | Unwritten | None = None
    for statement in block:
        if statement.word != "step":
            if statement.body is not None and statement.word not in r.vocabulary:
                r.lose(statement, stream.id)  # it was a step, or looks like one
                before = UNKNOWN
            continue
        head = _head(r, "step", statement)
        if head is None:
            r.lose(statement, stream.id)
            before = UNKNOWN
            continue
        atom, name, more = head
        if more:
            r.lose(statement, stream.id)
        step = Entry("step", f"{stream.id}.{atom.text}", statement.place(atom), name, statement)
        step.local, step.stream, step.number = atom.text, stream.id, len(known)
        step.before, step.extended = before, extended
        _enter_step(r, stream, step, known)
        before = step.id


def _enter_step(r: Census, stream: Entry, step: Entry, known: list[Entry]) -> None:
    if stream.twin:
        step.twin = True
        r.twins.append(step)
        r.lost.add(step.id)  # that the stream is there twice is said; what leads here is sound
        return
    _enter(r, step)
    if not step.twin:
        known.append(step)


# --- extensions -----------------------------------------------------------------------------------


def _of_a_step(statement: Statement) -> bool:
    """Whether it extends a step, which another extension may have added: such ones come last."""
    return statement.text.split()[1:2] == ["step"]


def _extend(r: Census, statement: Statement, organisation: Organisation) -> None:
    atoms = r.args(statement, None)
    if atoms is None:
        return
    body = statement.body or ()
    if len(atoms) != 2 or atoms[0].kind != "NAME" or atoms[1].kind != "NAME":
        misformed(r, _nobody(statement), statement, "extend team ID { … }")
        return
    kind, name = atoms[0].text, atoms[1].text
    if kind not in EXTENDED or kind == "interaction":
        r.complain(
            "unknown-word", f"`{kind}` is no kind of element", statement.place(atoms[0]),
            help=did_you_mean(kind, EXTENDED) or f"write {properties.one_of(EXTENDED)}",
        )  # fmt: skip
    elif kind == "org":
        organisation.blocks.append(body)
    elif name not in r.names[kind]:
        r.unresolved((kind,), statement, atoms[1], None)
    else:
        entry = r.names[kind][name]
        r.note(kind, name, statement, atoms[1])
        entry.blocks.append(body)
        if kind == "stream":
            _steps(r, entry, body, extended=True)


# --- the organisation -----------------------------------------------------------------------------


def _org(r: Census, statement: Statement, organisation: Organisation) -> None:
    head = _head(r, "org", statement)
    span = statement.place(head.id) if head else statement.word_span
    id, name = (head.id.text, head.name) if head else ("", "")
    entry = Entry("organisation", id, span, name, statement)
    if organisation.entry is not None:
        r.twice("the organisation is defined twice", span, organisation.entry.span, entry.subject)
        return
    organisation.entry = entry
    organisation.blocks[:0] = entry.blocks


def _organisation(r: Census, organisation: Organisation) -> None:
    entry = organisation.entry
    if entry is None:
        first = next(s for block in organisation.blocks for s in block)
        entry = Entry("organisation", "", first.span, "", first)
    draft = Draft(entry)
    table = {**statements.table(""), "as-of": _as_of, "calendar": _calendar}
    for block in organisation.blocks:
        for statement in block:
            if statement.word in table:
                table[statement.word](r, draft, statement)
            elif statement.word.startswith("x-"):
                statements.private(r, draft, statement)
            else:
                unknown_statement(r, draft, statement, table, "the organisation")
    organisation.as_of = draft.values.get("as_of")
    organisation.as_of_span = draft.places.get("as-of")
    organisation.calendar = draft.values.get("calendar", organisation.calendar)
    common = statements.built(draft)
    organisation.accepts += common.get("accepts", ())
    organisation.tags += common.get("tags", ())
    organisation.links += common.get("links", ())
    organisation.notes += common.get("notes", ())


def _as_of(r: Census, draft: Draft, statement: Statement) -> None:
    args = r.args(statement, draft.subject)
    properties.no_block(r, draft, statement)
    if args is None:
        return
    if len(args) != 1:
        misformed(r, draft, statement, "as-of 2025-03-01")
        return
    day = values.day(args[0]) if args[0].text != "unknown" else None
    if isinstance(day, Flaw):
        r.flaw(day, statement, args, draft.subject)
        day = None
    properties.put(r, draft, "as-of", "as_of", day, statement.places(args))


def _calendar(r: Census, draft: Draft, statement: Statement) -> None:
    """`calendar { day 8h; week 5d }`: the day in hours, the week in such days."""
    standard = Calendar()
    given: dict[str, Any] = {"day": standard.day, "week": standard.week}
    seen: dict[str, Span] = {}
    if statement.body is None:
        misformed(r, draft, statement, "calendar { day 8h; week 5d }")
    for inner in sorted(statement.body or (), key=lambda s: s.word):  # the day before the week
        if inner.word not in given:
            unknown_statement(r, draft, inner, given, "the calendar")
            continue
        if inner.word in seen:
            r.twice(f"`{inner.word}` is set twice", inner.span, seen[inner.word], draft.subject)
            continue
        seen[inner.word] = inner.span
        args = r.args(inner, draft.subject)
        length = _length(r, draft, inner, args, given) if args is not None else None
        if length is not None:
            given[inner.word] = length
            if inner.word == "day" and "week" not in seen:
                given["week"] = type(length).of(length.value * 5)
    properties.put(r, draft, "calendar", "calendar", Calendar(**given), statement.span)


def _length(
    r: Census, draft: Draft, statement: Statement, args: Args, given: dict[str, Any]
) -> Any:
    legal = ("h", "min") if statement.word == "day" else ("d", "h")
    units = Units(Calendar(given["day"], given["week"]))
    value = (
        units.quantity("duration", args)
        if args
        else Flaw(f"`{statement.word}` lacks a value", "e.g. day 8h, week 5d")
    )
    bad = isinstance(value, Flaw) or not value.exact or not value.value
    if bad or not args[0].text.endswith(legal):
        flaw = value if isinstance(value, Flaw) else Flaw(
            f"`{args[0].text}` is no length of a {statement.word}",
            "write `day 8h`" if statement.word == "day" else "write `week 5d`", args[0],
        )  # fmt: skip
        r.flaw(flaw, statement, args, draft.subject)
        return None
    limit = 24 * 60 if statement.word == "day" else 7 * given["day"].value
    if value.value > limit:  # type: ignore[union-attr]
        r.flaw(
            Flaw(
                f"a {statement.word} of `{args[0].text}` is too long",
                "a day has 24 hours at most, a week 7 days",
                args[0],
            ),
            statement, args, draft.subject,
        )  # fmt: skip
        return None
    return value
