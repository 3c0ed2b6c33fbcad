"""Statements with a syntax of their own, one reader a statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any, Final

from orgdiag.finding import Evidence
from orgdiag.model.elements import Deploy, Need
from orgdiag.model.parts import (
    Accept,
    Link,
    Load,
    Note,
    Observation,
    OnCall,
    Origin,
    Role,
    SharedMembers,
    Successor,
    TeamApi,
    Touch,
    WaitPart,
)
from orgdiag.model.schema import schema
from orgdiag.model.types import Amount
from orgdiag.model.vocabularies import CLOCKS, NEED_KINDS, OBSERVATION_WAYS, ORIGINS, WAIT_REASONS
from orgdiag.partial.unknown import NONE, UNKNOWN, Unwritten
from orgdiag.resolve import values
from orgdiag.resolve.properties import (
    NOTHING,
    Handler,
    add,
    amount,
    comma_missing,
    flag,
    handler,
    no_block,
    one_of,
    parts,
    put,
    text,
    word,
)  # fmt: skip
from orgdiag.resolve.reading import Args, Census, Draft, Entry, either
from orgdiag.resolve.values import Flaw
from orgdiag.text.nearest import did_you_mean, nearest
from orgdiag.text.source import Span
from orgdiag.text.syntax import Atom, Statement

# --- what any element may carry -------------------------------------------------------------------


def tag(r: Census, draft: Draft, statement: Statement) -> None:
    """`tag a, b`."""
    args = r.args(statement, draft.subject) or ()
    no_block(r, draft, statement)
    for part in parts(r, draft, statement, args) if args else ():
        if len(part) > 1:
            comma_missing(r, draft, statement, part)
        elif part[0].kind != "NAME":
            malformed(r, draft, statement, "tag a, b")
        else:
            draft.tags.append(part[0].text)
    if "tags" not in draft.places:
        draft.places["tags"] = statement.places(args)


def link(r: Census, draft: Draft, statement: Statement) -> None:
    """`link label "url"`."""
    args = r.args(statement, draft.subject)
    no_block(r, draft, statement)
    if args is None:
        return
    if [atom.kind for atom in args] == ["NAME", "STRING"]:
        draft.links.append(Link(args[0].text, args[1].string, statement.places(args)))
    else:
        malformed(r, draft, statement, 'link runbook "https://…"')


def note(r: Census, draft: Draft, statement: Statement) -> None:
    """`note "…"`."""
    args = r.args(statement, draft.subject)
    no_block(r, draft, statement)
    said = UNKNOWN if args is None else text(r, draft, statement, args)
    if not isinstance(said, Unwritten):
        draft.notes.append(Note("note", said, statement.places(args or ())))


def private(_: Census, draft: Draft, statement: Statement) -> None:
    """`x-anything …`: kept as written, whatever it says."""
    start = len(statement.word)
    draft.notes.append(Note(statement.word, statement.text[start:].strip(), statement.span))


def accept(r: Census, draft: Draft, statement: Statement) -> None:
    """`accept RULE [for [KIND] ID | for A with B] until DATE because "…"`; rules judge what lacks.

    What is written in another form, or speaks of nothing there is, accepts nothing.
    """
    args = list(r.args(statement, draft.subject) or ())
    no_block(r, draft, statement)
    given: dict[str, Any] = {}
    kind: str | None
    subject, kind = draft.entry.id, draft.entry.kind
    if args and args[0].kind == "NAME" and args[0].text not in ("for", "until", "because"):
        given["rule"] = args.pop(0).text
    while args:
        head = args.pop(0)
        if head.text == "until" and args:
            until = values.day(args[0])
            if isinstance(until, Flaw):
                r.flaw(until, statement, args[:1], draft.subject)
            given["until"] = until if isinstance(until, date) else None
            args.pop(0)
        elif head.text == "because" and args and args[0].kind == "STRING":
            given["because"] = args.pop(0).string
        elif head.text == "for" and len(args) > 2 and args[1].text == "with":
            kind, subject = None, args.pop(0).text  # a pair, a cycle or an interaction
            while len(args) > 1 and args[0].text == "with":
                subject, args = f"{subject} with {args[1].text}", args[2:]
        elif head.text == "for" and args:
            named = _spoken_of(r, draft, statement, args)
            if named is None:
                return
            kind, subject = named
        elif not r.broken(statement):
            malformed(r, draft, statement, 'accept RULE until 2025-09-30 because "…"')
            return
    draft.accepts.append(
        Accept(
            given.get("rule"),
            subject,
            given.get("until"),
            given.get("because"),
            statement.span,
            kind,
        )
    )


def _spoken_of(
    r: Census, draft: Draft, statement: Statement, args: list[Atom]
) -> tuple[str, str] | None:
    """The kind and the id that stand next, taken off; None, with a finding, when they name nothing.

    The kind may be left out where one kind only defines the id.
    """
    if len(args) == 1 or args[1].text in ("until", "because"):
        ref = r.one(tuple(r.names), statement, (args.pop(0),), draft.subject)
        return None if isinstance(ref, Unwritten) else (ref.kind, ref.id)
    kind, id = args.pop(0), args.pop(0)
    if kind.text in r.names:
        if id.text not in r.names[kind.text]:
            r.unresolved((kind.text,), statement, id, draft.subject)
            return None
    elif kind.text not in ("pair", "cycle", "organisation", "org", "dependency", "handoff", "need"):
        help = did_you_mean(kind.text, r.names) or f"write {one_of(tuple(r.names))}"
        message = f"`{kind.text}` is no kind of element"
        r.complain("unknown-word", message, statement.place(kind), draft.subject, help=help)
        return None
    return kind.text, id.text


def malformed(r: Census, draft: Draft, statement: Statement, example: str) -> None:
    """Note a statement whose words do not stand in the form that it needs."""
    r.complain(
        "syntax-error",
        f"`{statement.word}` is written in another form",
        statement.span,
        draft.subject,
        help=f"write `{example}`",
    )


def said(r: Census, draft: Draft, statement: Statement) -> Args | Unwritten | None:
    """The words of a statement; UNKNOWN when it says so or is broken, None when it says none."""
    args = r.args(statement, draft.subject)
    if args is None:
        return UNKNOWN
    if len(args) == 1 and args[0].kind == "NAME":
        if args[0].text == "unknown":
            return UNKNOWN
        if args[0].text == "none":
            return None
    return args


def place(statement: Statement, args: Args | Unwritten | None) -> Span:
    """Where what a statement says stands."""
    return statement.word_span if isinstance(args, Unwritten) else statement.places(args or ())


# --- where numbers come from ----------------------------------------------------------------------


def source(r: Census, draft: Draft, statement: Statement) -> None:
    """`source measured|interview|estimate|design "text"`."""
    args = said(r, draft, statement)
    no_block(r, draft, statement)
    how: str | Unwritten = UNKNOWN
    why = ""
    if args is None or (not args and args is not UNKNOWN):
        malformed(r, draft, statement, 'source measured "…"')
    elif not isinstance(args, Unwritten):
        how = word(r, draft, statement, args[0], ORIGINS, "source")
        why = args[1].string if len(args) > 1 and args[1].kind == "STRING" else ""
        if len(args) > 2 or (len(args) == 2 and args[1].kind != "STRING"):
            malformed(r, draft, statement, 'source measured "…"')
    span = place(statement, args)
    put(r, draft, "source", "source", Origin(how, why, span), span)


# --- teams ----------------------------------------------------------------------------------------


def on_call(r: Census, draft: Draft, statement: Statement) -> None:
    """`on-call self|none|shared-with TEAM|other TEAM`."""
    args = said(r, draft, statement)
    no_block(r, draft, statement)
    value: OnCall | object = UNKNOWN
    if args is None:
        value = NONE
    elif not isinstance(args, Unwritten):
        how = args[0].text if args else ""
        if how == "self" and len(args) == 1:
            value = OnCall("self")
        elif how in ("shared-with", "other") and len(args) > 1:
            value = OnCall(how, _team(r, draft, statement, args[1:]))
        elif len(args) == 1 and args[0].kind == "NAME":
            value = OnCall("other", _team(r, draft, statement, args))
        else:
            malformed(r, draft, statement, "on-call self, none, shared-with TEAM or other TEAM")
    put(r, draft, "on-call", "on_call", value, place(statement, args))


def _team(r: Census, draft: Draft, statement: Statement, args: Args) -> str | Unwritten:
    found = r.one(("team",), statement, args, draft.subject)
    return found if isinstance(found, Unwritten) else found.id


def cognitive_load(r: Census, draft: Draft, statement: Statement) -> None:
    """`cognitive-load low|ok|high "what says so"`."""
    args = said(r, draft, statement)
    no_block(r, draft, statement)
    value: Load | Unwritten = UNKNOWN
    if args and not isinstance(args, Unwritten) and len(args) < 3:
        level = word(r, draft, statement, args[0], ("low", "ok", "high"), "cognitive-load")
        evidence = args[1].string if len(args) == 2 and args[1].kind == "STRING" else ""
        if len(args) == 2 and args[1].kind != "STRING":
            malformed(r, draft, statement, 'cognitive-load high "quarterly survey"')
        value = level if isinstance(level, Unwritten) else Load(level, evidence)
    elif args is not UNKNOWN:
        malformed(r, draft, statement, 'cognitive-load high "quarterly survey"')
    put(r, draft, "cognitive-load", "cognitive_load", value, place(statement, args))


def members_shared_with(r: Census, draft: Draft, statement: Statement) -> None:
    """`members-shared-with qa 50%, ops 20%`."""
    args = said(r, draft, statement)
    no_block(r, draft, statement)
    items: list[SharedMembers] | Unwritten = UNKNOWN if isinstance(args, Unwritten) else []
    for part in [] if isinstance(args, Unwritten) else _parts(r, draft, statement, args):
        share = amount(r, draft, statement, part[1:], "share") if len(part) > 1 else None
        team = _team(r, draft, statement, part[:1])
        assert isinstance(items, list)  # noqa: S101
        items.append(SharedMembers(team, share, statement.places(part)))
    _needs_value(r, draft, statement, args, "members-shared-with TEAM 50%")
    add(
        r,
        draft,
        statement,
        "members-shared-with",
        "members_shared_with",
        items,
        place(statement, args),
    )


def _parts(r: Census, draft: Draft, statement: Statement, args: Args | None) -> list[Args]:
    return parts(r, draft, statement, args) if args else []


def _needs_value(
    r: Census, draft: Draft, statement: Statement, args: Args | Unwritten | None, example: str
) -> None:
    if args is not None and not isinstance(args, Unwritten) and not args:
        malformed(r, draft, statement, example)


def api(r: Census, draft: Draft, statement: Statement) -> None:
    """`api { docs "…"; contact "…"; hours "…"; support "…" }`."""
    args = said(r, draft, statement)
    value: dict[str, str] = {}
    if statement.body is None and args is not UNKNOWN and args is not None:
        malformed(r, draft, statement, 'api { docs "…"; contact "…" }')
    for inner in statement.body or ():
        if inner.word not in TeamApi._fields:
            unknown_statement(r, draft, inner, TeamApi._fields, "an api")
            continue
        given = r.args(inner, draft.subject)
        says = UNKNOWN if given is None else _text_or_unknown(r, draft, inner, given)
        if not isinstance(says, Unwritten):
            value[inner.word] = says
    put(r, draft, "api", "api", TeamApi(**value) if value else None, statement.word_span)


def _text_or_unknown(r: Census, draft: Draft, statement: Statement, args: Args) -> str | Unwritten:
    if len(args) == 1 and args[0].text in ("unknown", "none"):
        return UNKNOWN
    return text(r, draft, statement, args)


def role(r: Census, draft: Draft, statement: Statement) -> None:
    """`role lead "Engineering manager" [shared-with TEAM, TEAM]`: a role, never a person."""
    args = r.args(statement, draft.subject)
    no_block(r, draft, statement)
    if args is None:
        return
    shared = _section(args, "shared-with", ())
    own = list(args[: len(args) - len(shared) - 1]) if shared else list(args)
    if not own or own[0].kind != "NAME" or len(own) > 2 or own[-1].kind not in ("NAME", "STRING"):
        malformed(r, draft, statement, 'role lead "Engineering manager"')
        return
    name = own[1].string if len(own) == 2 else ""
    teams = [_team(r, draft, statement, part) for part in _parts(r, draft, statement, shared)]
    found = Role(own[0].text, name, statement.places(args), tuple(teams))
    add(r, draft, statement, "role", "roles", [found], statement.span)


def needs(r: Census, draft: Draft, statement: Statement) -> None:
    """`needs KIND from TEAM { via …; effect …; routine; frequency …; wait …; on-time … }`.

    A statement that cannot be read stays as a need of somebody unknown.
    """
    args = said(r, draft, statement)
    span = place(statement, args)
    if args is None or (isinstance(args, Unwritten) and not r.broken(statement)):
        add(r, draft, statement, "needs", "needs", () if args is None else UNKNOWN, span)
        return
    atoms = () if isinstance(args, Unwritten) else args
    at = len(atoms) - 2 if len(atoms) > 2 and atoms[-2].text == "from" else 0
    provider: str | Unwritten = UNKNOWN
    what, capability, ends = "", None, "?"
    if not at or at > 2 or (at == 2 and atoms[0].text != "capability"):
        if atoms:
            malformed(r, draft, statement, "needs decision from TEAM")
    else:
        provider = _team(r, draft, statement, atoms[at + 1 :])
        what, capability = _needed(r, draft, statement, atoms[:at], atoms[at + 1])
        if provider == draft.entry.id:
            r.complain(
                "invalid-value", "a team needs nothing from itself", statement.place(atoms[at + 1]),
                draft.subject, help="name the team that it waits for, or remove the statement",
            )  # fmt: skip
            provider = UNKNOWN
        ends = f"{atoms[at - 1].text} from {atoms[-1].text}"
    entry = Entry("need", f"{draft.entry.id} needs {ends}", span, "", statement)
    inner = built(read(r, entry, _need_table()))
    need = Need(team=draft.entry.id, provider=provider, what=what, capability=capability, **inner)
    add(r, draft, statement, "needs", "needs", [need], span)


def _needed(
    r: Census, draft: Draft, statement: Statement, what: Args, provider: Atom
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


# --- streams and steps ----------------------------------------------------------------------------


def lead_time(r: Census, draft: Draft, statement: Statement) -> None:
    """`lead-time CLOCK VALUE`."""
    _clock(r, draft, statement, "")


def target(r: Census, draft: Draft, statement: Statement) -> None:
    """`target CLOCK VALUE`."""
    _clock(r, draft, statement, "target-")


def _clock(r: Census, draft: Draft, statement: Statement, prefix: str) -> None:
    args = r.args(statement, draft.subject)
    no_block(r, draft, statement)
    if args is None:
        return
    if len(args) < 2 or args[0].text not in CLOCKS:
        clock = args[0].text if args else ""
        r.complain(
            "unknown-word" if clock and args[0].kind == "NAME" else "syntax-error",
            f"`{statement.word}` names a clock and a duration",
            statement.place(args[0]) if args else statement.word_span,
            draft.subject,
            help=(did_you_mean(clock, CLOCKS) if clock not in CLOCKS else "")
            or f"write `{statement.word} {CLOCKS[0]} 20d` or `{statement.word} {CLOCKS[1]} 20d`",
        )
        return
    name = prefix + args[0].text
    value = amount(r, draft, statement, args[1:], "duration")
    put(r, draft, name, name.replace("-", "_"), value, statement.places(args[1:]))


def observed(r: Census, draft: Draft, statement: Statement) -> None:
    """`observed 2025-02-10 by walk, interview with engineers, operators`."""
    args = said(r, draft, statement)
    no_block(r, draft, statement)
    span = place(statement, args)
    value: Observation | Unwritten | None = UNKNOWN
    if args is None:
        value = None
    elif not isinstance(args, Unwritten):
        value = _observation(r, draft, statement, list(args), span)
    put(r, draft, "observed", "observed", value, span)


def _observation(
    r: Census, draft: Draft, statement: Statement, args: list[Atom], span: Span
) -> Observation | Unwritten:
    day: date | Unwritten | None = None
    if args and args[0].text not in ("by", "with"):
        first = args.pop(0)
        read = UNKNOWN if first.text == "unknown" else values.day(first)
        if isinstance(read, Flaw):
            r.flaw(read, statement, [first], draft.subject)
        day = UNKNOWN if isinstance(read, Flaw) else read
    by, roles = _section(args, "by", ("with",)), _section(args, "with", ("by",))
    if len(by) + len(roles) + sum(a.text in ("by", "with") for a in args) != len(args):
        malformed(r, draft, statement, "observed 2025-02-10 by walk with engineers, operators")
        return UNKNOWN
    ways = [
        word(r, draft, statement, part[0], OBSERVATION_WAYS, "way to observe")
        for part in _parts(r, draft, statement, by)
    ]
    who = [atom.string for part in _parts(r, draft, statement, roles) for atom in part]
    return Observation(day, tuple(way for way in ways if isinstance(way, str)), tuple(who), span)


def _section(args: Sequence[Atom], start: str, ends: Sequence[str]) -> list[Atom]:
    """The words after `start`, up to one of `ends`."""
    at = next((i for i, atom in enumerate(args) if atom.text == start), len(args))
    found = []
    for atom in args[at + 1 :]:
        if atom.text in ends:
            break
        found.append(atom)
    return found


def changes(r: Census, draft: Draft, statement: Statement) -> None:
    """`changes pay-app 100%, ledger 40%`."""
    args = said(r, draft, statement)
    no_block(r, draft, statement)
    items: list[Any] = []
    for part in [] if isinstance(args, Unwritten) else _parts(r, draft, statement, args):
        share = amount(r, draft, statement, part[1:], "share") if len(part) > 1 else None
        found = r.one(("component",), statement, part[:1], draft.subject)
        name = found if isinstance(found, Unwritten) else found.id
        items.append(Touch(name, share, statement.places(part)))
    _needs_value(r, draft, statement, args, "changes COMPONENT 40%")
    unknown = isinstance(args, Unwritten) or (args is not None and not args)
    add(
        r,
        draft,
        statement,
        "changes",
        "changes",
        UNKNOWN if unknown else items,
        place(statement, args),
    )


def wait(r: Census, draft: Draft, statement: Statement) -> None:
    """`wait { queue 4d; environment 1d }` of a step."""
    args = said(r, draft, statement)
    if statement.body is None:
        if args is None or isinstance(args, Unwritten):
            add(
                r,
                draft,
                statement,
                "wait",
                "wait",
                () if args is None else UNKNOWN,
                place(statement, args),
            )
        else:
            malformed(r, draft, statement, "wait { queue 4d; environment 1d }")
            add(r, draft, statement, "wait", "wait", UNKNOWN, place(statement, args))
        return
    if args:
        malformed(r, draft, statement, "wait { queue 4d; environment 1d }")
    items: list[WaitPart] = []
    for inner in statement.body:
        if inner.word not in WAIT_REASONS:
            unknown_statement(r, draft, inner, WAIT_REASONS, "a wait")
            continue
        given = said(r, draft, inner)
        no_block(r, draft, inner)
        time: Amount = UNKNOWN
        if given is None:
            time = NOTHING
        elif not isinstance(given, Unwritten):
            time = amount(r, draft, inner, given, "duration")
        twin = next((part for part in items if part.reason == inner.word), None)
        if twin is not None:
            r.twice(f"wait for {inner.word} is set twice", inner.span, twin.span, draft.subject)
            continue
        items.append(WaitPart(inner.word, time, inner.span))
    span = Span(statement.source, statement.start, statement.end)
    add(r, draft, statement, "wait", "wait", items, span)


# --- owners that change, and deployment -----------------------------------------------------------


def owner(handle: Handler, kinds: Sequence[str]) -> Handler:
    """The reader of `owner a, b`, and of `owner c from 2025-07-01` beside it."""

    def own(r: Census, draft: Draft, statement: Statement) -> None:
        atoms = r.args(statement, draft.subject) or ()
        at = _from(atoms, kinds)
        if not at:
            handle(r, draft, statement)
            return
        no_block(r, draft, statement)
        day: Any = values.day(atoms[at + 1]) if len(atoms) == at + 2 else None
        if day is None:
            malformed(r, draft, statement, "owner TEAM from 2025-07-01")
        elif isinstance(day, Flaw):
            r.flaw(day, statement, atoms[at + 1 :], draft.subject)
        found = r.one(kinds, statement, atoms[:at], draft.subject)
        known = day if isinstance(day, date) else UNKNOWN
        span = statement.places(atoms)
        add(r, draft, statement, "successors", "successors", [Successor(found, known, span)], span)

    return own


def _from(atoms: Args, kinds: Sequence[str]) -> int:
    """Where the `from` stands that makes a later owner; 0 when there is none: an owner may be
    called so too, as an item of the list or behind its kind.
    """
    for at in range(len(atoms) - 1, 0, -1):
        named = at + 1 == len(atoms) and atoms[at - 1].text in kinds
        if atoms[at].text == "from" and atoms[at - 1].kind != "COMMA" and not named:
            return at
    return 0


def deploy(r: Census, draft: Draft, statement: Statement) -> None:
    """`deploy independent`, `deploy with COMPONENT`, `deploy train COORDINATION`."""
    args = said(r, draft, statement)
    no_block(r, draft, statement)
    value: Deploy | Unwritten = UNKNOWN
    kinds = {"with": ("component",), "train": ("coordination",)}
    if args and not isinstance(args, Unwritten):
        how = args[0].text
        if how == "independent" and len(args) == 1:
            value = Deploy(how)
        elif how in kinds and len(args) > 1:
            found = r.one(kinds[how], statement, args[1:], draft.subject)
            value = Deploy(how, found if isinstance(found, Unwritten) else found.id)
        elif how not in (*kinds, "independent"):
            legal = ("independent", *kinds)
            r.complain(
                "unknown-word", f"`{how}` is no way to deploy", statement.place(args[0]),
                draft.subject, help=did_you_mean(how, legal) or f"write {one_of(legal)}",
            )  # fmt: skip
        else:
            malformed(r, draft, statement, "deploy independent, with COMPONENT or train TRAIN")
    elif args is not UNKNOWN:
        malformed(r, draft, statement, "deploy independent, with COMPONENT or train TRAIN")
    put(r, draft, "deploy", "deploy", value, place(statement, args))


# --- reading a block ------------------------------------------------------------------------------

Table = Mapping[str, Handler]

_FORMS: Final[dict[str, Handler]] = {
    "api": api, "changes": changes, "cognitive-load": cognitive_load, "deploy": deploy,
    "members-shared-with": members_shared_with, "needs": needs, "observed": observed,
    "on-call": on_call, "source": source, "wait": wait,
}  # fmt: skip
COMMON: Final[dict[str, Handler]] = {"tag": tag, "link": link, "note": note, "accept": accept}


def basic(kind: str) -> dict[str, Handler]:
    """The reader of every word that the schema gives a kind, and of those that any may carry."""
    table = dict(COMMON)
    for name, prop in schema(kind).items():
        if prop.type.base != "form":
            table[name] = handler(prop)
        elif name in _FORMS:
            table[name] = _FORMS[name]
    del table["tags"]
    return table


@cache
def _need_table() -> Table:
    return basic("need") | {"occasional": flag(schema("need")["routine"], "occasional", False)}


def read(r: Census, entry: Entry, table: Table) -> Draft:
    """The properties of an element from all its blocks."""
    draft = Draft(entry)
    known = r.said.setdefault(entry.kind, {})
    for block in entry.blocks:
        for statement in block:
            said = known.get(statement.text)
            if said is not None and draft.take(said, statement):
                continue
            word = statement.word
            read_one = table.get(word)
            if read_one is not None:
                read_one(r, draft, statement)
            elif word.startswith("x-"):
                private(r, draft, statement)
            else:
                _strange(r, draft, statement, table)
    for prop, span in draft.damaged:
        if prop.attribute not in draft.values:
            draft.values[prop.attribute] = UNKNOWN
            draft.places[prop.word] = span
    return draft


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


def _strange(r: Census, draft: Draft, statement: Statement, table: Table) -> None:
    """Note an unknown word; the property that was probably meant is unknown, not left out."""
    entry = draft.entry
    unknown_statement(r, draft, statement, table, f"{entry.kind} `{entry.id}`")
    if not statement.word or r.findings.full(statement.source):
        return
    near = nearest(statement.word, table)
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
    if draft.tags:
        values["tags"] = tuple(dict.fromkeys(draft.tags))
    if draft.links:
        values["links"] = tuple(draft.links)
    if draft.notes:
        values["notes"] = tuple(draft.notes)
    if draft.accepts:
        values["accepts"] = tuple(draft.accepts)
    for name, items in draft.lists.items():
        values[name] = _listed(name, tuple(items))
    return values


_RECORDS: Final = frozenset({"changes", "members_shared_with", "rework", "wait"})


def _listed(name: str, items: tuple[Any, ...]) -> tuple[Any, ...] | Unwritten:
    """The items of a list that adds up; of records all are unknown when one of them is."""
    return UNKNOWN if name in _RECORDS and UNKNOWN in items else items
