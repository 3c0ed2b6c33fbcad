"""The statements of an element: which reader reads which word, and what they say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

from orgdiag.finding import Evidence
from orgdiag.model.elements import Handoff, Need, handoff_id, need_id
from orgdiag.model.form import Form, Slot
from orgdiag.model.parts import ACCEPT, HANDOFF, NEEDS, Accept, Note
from orgdiag.model.schema import schema
from orgdiag.model.vocabularies import NEED_KINDS
from orgdiag.partial.unknown import UNKNOWN, Unwritten
from orgdiag.resolve.forms import (
    Row,
    day_of,
    malformed,
    misformed,
    reader,
    step_of,
    unknown_statement,
    value_of,
    without_value,
)
from orgdiag.resolve.match import matcher
from orgdiag.resolve.properties import Handler, add, flag, handler, no_block, one_of
from orgdiag.resolve.reading import Args, Census, Draft, Entry
from orgdiag.text.nearest import did_you_mean, nearest
from orgdiag.text.syntax import Atom, Statement

# --- statements with a reader of their own --------------------------------------------------------


def private(r: Census, draft: Draft, statement: Statement) -> None:
    """`x-anything …`: kept as written, whatever it says."""
    start = len(statement.word)
    kept = Note(statement.word, statement.text[start:].strip(), statement.span)
    add(r, draft, statement, "notes", "notes", [kept], statement.span)


_ACCEPT_WAYS: Final = tuple(matcher(way.items) for way in ACCEPT.ways)


def accept(r: Census, draft: Draft, statement: Statement) -> None:
    """`accept RULE [for [KIND] ID | for A with B] until DATE because "…"`; rules judge what lacks.

    What is written in another form, or speaks of nothing there is, accepts nothing.
    """
    args = r.args(statement, draft.subject) or ()
    no_block(r, draft, statement)
    found = next((one for match in _ACCEPT_WAYS if (one := match(args)) is not None), None)
    if found is None:
        misformed(r, draft, statement, 'accept RULE until 2025-09-30 because "…"')
        return
    subject: tuple[str | None, str] | None = draft.entry.kind, draft.entry.id
    if "subject" in found:
        subject = _spoken_of(r, draft, statement, found["subject"])
    if subject is None:
        return
    rule, until, because = (_atom(found.get(name)) for name in ("rule", "until", "because"))
    day = None if until is None else day_of(r, draft, statement, until)
    accepted = Accept(
        None if rule is None else rule.text,
        subject[1],
        None if isinstance(day, Unwritten) else day,
        None if because is None else because.string,
        statement.span,
        subject[0],
    )
    add(r, draft, statement, "accepts", "accepts", [accepted], statement.span)


def _atom(found: Any) -> Atom | None:
    """The one word of a slot; None where there is none."""
    return found[0] if found else None


def _spoken_of(
    r: Census, draft: Draft, statement: Statement, atoms: Any
) -> tuple[str | None, str] | None:
    """The kind and the id of what an acceptance speaks of; None, with a finding, if of nothing.

    The kind may be left out where one kind only defines the id. Of several with `with` between them
    (a pair, a cycle, an interaction) no kind is known.
    """
    if len(atoms) > 2 and all(atom.text == "with" for atom in atoms[1::2]) and len(atoms) % 2:
        r.together(statement, atoms[::2])
        return None, " ".join(atom.text for atom in atoms)
    if len(atoms) == 1:
        ref = r.one(tuple(r.names), statement, atoms, draft.subject)
        return None if isinstance(ref, Unwritten) else (ref.kind, ref.id)
    if len(atoms) > 2:
        misformed(r, draft, statement, 'accept RULE for team ID until 2025-09-30 because "…"')
        return None
    kind, id = atoms
    if kind.text in r.names:
        if id.text not in r.names[kind.text]:
            r.unresolved((kind.text,), statement, id, draft.subject)
            return None
        r.note(kind.text, id.text, statement, id)
    elif kind.text not in ("pair", "cycle", "organisation", "org", "dependency", "handoff", "need"):
        help = did_you_mean(kind.text, r.names) or f"write {one_of(tuple(r.names))}"
        message = f"`{kind.text}` is no kind of element"
        r.complain("unknown-word", message, statement.place(kind), draft.subject, help=help)
        return None
    return kind.text, id.text


_NEED: Final = matcher(NEEDS.ways[0].items)


def needs(r: Census, draft: Draft, statement: Statement) -> None:
    """`needs KIND from TEAM { via …; effect …; routine; frequency …; wait …; on-time … }`.

    A statement that cannot be read stays as a need of somebody unknown.
    """
    args = r.args(statement, draft.subject)
    said = without_value(NEEDS, statement, args)
    if said is not None:
        add(r, draft, statement, "needs", "needs", *said)
        return
    span = statement.places(args or ())
    found = _NEED(args) if args else None
    provider: str | Unwritten = UNKNOWN
    what, capability = "unknown", None
    if found is not None:
        by: Any = found["provider"]
        provider = value_of(r, draft, statement, _PROVIDER, by)
        what, capability = _needed(r, draft, statement, found["what"], by[-1])
        if provider == draft.entry.id:
            r.complain(
                "invalid-value", "a team needs nothing from itself", statement.place(by[-1]),
                draft.subject, help="name the team that it waits for, or remove the statement",
            )  # fmt: skip
            provider = UNKNOWN
    elif args is not None:
        malformed(r, draft, statement, NEEDS)
    id = need_id(draft.entry.id, what, provider)
    entry = Entry("need", id, span, "", statement)
    inner = built(read(r, entry, table("need")))
    need = Need(team=draft.entry.id, provider=provider, what=what, capability=capability, **inner)
    add(r, draft, statement, "needs", "needs", [need], span)


_PROVIDER: Final = next(item for item in NEEDS.ways[0].items[2:] if isinstance(item, Slot))


def _needed(
    r: Census, draft: Draft, statement: Statement, what: Any, provider: Atom
) -> tuple[str, str | None]:
    """What is needed, and the capability when it is one."""
    name = what[-1].text
    if len(what) == 1 and (name in NEED_KINDS or name == "unknown"):
        return name, None
    capability = r.names["capability"].get(name)
    if capability is None:
        if name not in r.lost:
            near = r.near("capability", name, r.names["capability"])
            known = (*NEED_KINDS, near) if near else NEED_KINDS
            r.complain(
                "unresolved-reference",
                f"`{name}` is neither a kind of need nor a capability",
                statement.place(what[-1]),
                draft.subject,
                help=did_you_mean(name, known) or f"write {one_of(NEED_KINDS)}, or a capability",
            )
        return name, None
    r.note("capability", name, statement, what[-1])
    by, where = r.provider_of(capability)
    if by is not None and by != provider.text and provider.text in r.names["team"]:
        r.complain(
            "invalid-value",
            f"capability `{name}` is provided by `{by}`, not by `{provider.text}`",
            statement.place(provider),
            draft.subject,
            help=f"write `needs {name} from {by}`",
            evidence=(Evidence("provided here", where),),
        )
    return name, name


_HANDOFF: Final = matcher(HANDOFF.ways[0].items)


def handoff(r: Census, draft: Draft, statement: Statement) -> None:
    """`handoff a -> b { artefact ticket; wait 2d }`."""
    args = r.args(statement, draft.subject)
    if args is None:
        return
    found = _HANDOFF(args)
    if found is None:
        malformed(r, draft, statement, HANDOFF)
        return
    stream = draft.entry.id
    ends = [step_of(r, draft, statement, args[i]) for i in (0, 2)]
    local = [args[i].text.removeprefix(f"{stream}.") for i in (0, 2)]
    entry = Entry("handoff", handoff_id(stream, *local), statement.places(args), "", statement)
    entry.stream = stream
    made = Handoff(
        stream=stream, from_=ends[0], to=ends[1], **built(read(r, entry, table("handoff")))
    )
    first = draft.seen.setdefault(made.id, made.span)
    if first is not made.span:
        r.twice(f"the handoff `{made.id}` is annotated twice", made.span, first, draft.subject)
        return
    add(r, draft, statement, "handoffs", "handoffs", [made], made.span)


def owner(plain: Handler, later: Handler, kinds: Sequence[str]) -> Handler:
    """The reader of `owner a, b`, and of `owner c from 2025-07-01` beside it."""

    def own(r: Census, draft: Draft, statement: Statement) -> None:
        atoms = r.args(statement, draft.subject) or ()
        (later if _is_later(atoms, kinds) else plain)(r, draft, statement)

    return own


def _is_later(atoms: Args, kinds: Sequence[str]) -> bool:
    """Whether a `from` stands there that makes a later owner.

    An owner may be called so too, as an item of the list or behind its kind.
    """
    for at in range(1, len(atoms)):
        ends = at + 1 == len(atoms) or atoms[at + 1].kind == "COMMA"
        named = ends and atoms[at - 1].text in kinds
        if atoms[at].text == "from" and atoms[at - 1].kind != "COMMA" and not named:
            return True
    return False


_OWN: Final[Mapping[Form, Handler]] = {ACCEPT: accept, NEEDS: needs, HANDOFF: handoff}

# --- reading a block ------------------------------------------------------------------------------

Table = Mapping[str, Handler]


@cache
def table(kind: str) -> Table:
    """The reader of every word that may stand in an element of a kind."""
    found: dict[str, Handler] = {}
    rows: dict[str, list[Row]] = {}
    known = schema(kind)
    for name, prop in known.items():
        if prop.form is not None:
            rows.setdefault(prop.form.word, []).append(Row(name, prop.attribute, prop.form))
            continue
        found[name] = handler(prop)
        if prop.denial is not None:
            found[prop.denial] = flag(prop, prop.denial, False)
    for first, forms in rows.items():
        read_one = _OWN.get(forms[0].form) or reader(forms)
        plain = found.get(first)
        found[first] = owner(plain, read_one, known[first].type.kinds) if plain else read_one
    return found


def read(r: Census, entry: Entry, readers: Table) -> Draft:
    """The properties of an element from all its blocks."""
    draft = Draft(entry)
    known = r.said.setdefault(entry.kind, {})
    for block in entry.blocks:
        for statement in block:
            said = known.get(statement.text)
            if said is not None and draft.take(said, statement):
                continue
            word = statement.word
            read_one = readers.get(word)
            if read_one is not None:
                read_one(r, draft, statement)
            elif word.startswith("x-"):
                private(r, draft, statement)
            else:
                _strange(r, draft, statement, readers)
    for prop, span in draft.damaged:
        if prop.attribute not in draft.values:
            draft.values[prop.attribute] = UNKNOWN
            draft.places[prop.word] = span
    return draft


def _strange(r: Census, draft: Draft, statement: Statement, readers: Table) -> None:
    """Note an unknown word; the property that was probably meant is unknown, not left out."""
    entry = draft.entry
    unknown_statement(r, draft, statement, readers, f"{entry.kind} `{entry.id}`")
    if not statement.word or r.findings.full(statement.source):
        return
    near = nearest(statement.word, readers)
    prop = schema(entry.kind).get(near or "")
    if prop is not None:
        draft.damaged.append((prop, statement.span))


def built(draft: Draft) -> dict[str, Any]:
    """The arguments of the element's class."""
    entry = draft.entry
    values = draft.values
    values |= {"id": entry.id, "span": entry.span, "places": draft.places}
    if entry.name:
        values["name"] = entry.name
    for name, listed in draft.lists.items():
        values[name] = _listed(name, tuple(listed))
    return values


_RECORDS: Final = frozenset({"changes", "members_shared_with", "rework", "wait"})


def _listed(name: str, items: tuple[Any, ...]) -> tuple[Any, ...] | Unwritten:
    """The items of a list that adds up; of records all are unknown when one of them is."""
    return UNKNOWN if name in _RECORDS and UNKNOWN in items else items
