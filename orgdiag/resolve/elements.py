"""Entries → elements, one builder a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final

from orgdiag.model.elements import ELEMENTS, Handoff, Interaction, Step, Stream
from orgdiag.model.parts import Rework
from orgdiag.model.schema import schema
from orgdiag.partial.unknown import UNKNOWN, Unwritten
from orgdiag.resolve import forms
from orgdiag.resolve.changes import ChangeWords
from orgdiag.resolve.properties import (
    Handler,
    add,
    amount,
    comma_missing,
    flag,
    no_block,
    parts,
)  # fmt: skip
from orgdiag.resolve.reading import Args, Census, Draft, Entry
from orgdiag.text.syntax import Atom, Statement

# --- steps and handoffs ---------------------------------------------------------------------------


def _step_of(
    r: Census, draft: Draft, statement: Statement, atom: Atom, stream: str
) -> str | Unwritten:
    """The full id of a step of the stream, given by its own id or in full."""
    text = atom.text
    if atom.kind != "NAME" or text == "unknown":
        if atom.kind != "NAME":
            forms.malformed(r, draft, statement, f"{statement.word} STEP")
        return UNKNOWN
    full = text if text.startswith(f"{stream}.") else f"{stream}.{text}"
    entry = r.names["step"].get(full)
    if entry is not None:
        return entry.id
    if full not in r.lost:
        r.unresolved_step(stream, statement, atom, draft.subject)
    return UNKNOWN


def after(r: Census, draft: Draft, statement: Statement) -> None:
    """`after build, score`, or `after none` for a start."""
    args = forms.said(r, draft, statement)
    no_block(r, draft, statement)
    span = forms.place(statement, args)
    if args is None or isinstance(args, Unwritten):
        add(r, draft, statement, "after", "after", () if args is None else UNKNOWN, span)
        return
    if not args:
        forms.malformed(r, draft, statement, "after STEP, STEP")
    found: list[str | Unwritten] = []
    for part in parts(r, draft, statement, args):
        if len(part) > 1:
            comma_missing(r, draft, statement, part)
        found += [_step_of(r, draft, statement, atom, draft.entry.stream) for atom in part]
    add(r, draft, statement, "after", "after", tuple(dict.fromkeys(found)) or UNKNOWN, span)


def rework(r: Census, draft: Draft, statement: Statement) -> None:
    """`rework 25% to build`."""
    args = forms.said(r, draft, statement)
    no_block(r, draft, statement)
    span = forms.place(statement, args)
    if args is None or isinstance(args, Unwritten):
        add(r, draft, statement, "rework", "rework", () if args is None else UNKNOWN, span)
        return
    if len(args) != 3 or args[1].text != "to":
        forms.malformed(r, draft, statement, "rework 25% to STEP")
        add(r, draft, statement, "rework", "rework", UNKNOWN, span)
        return
    share = amount(r, draft, statement, args[:1], "share")
    to = _step_of(r, draft, statement, args[2], draft.entry.stream)
    add(r, draft, statement, "rework", "rework", [Rework(share, to, span)], span)


def handoff(r: Census, draft: Draft, statement: Statement) -> None:
    """`handoff a -> b { artefact ticket; wait 2d }`."""
    args = r.args(statement, draft.subject)
    if args is None:
        return
    if len(args) != 3 or args[1].kind != "ARROW":
        forms.malformed(r, draft, statement, "handoff STEP -> STEP")
        return
    stream = draft.entry.id
    ends = [_step_of(r, draft, statement, args[i], stream) for i in (0, 2)]
    entry = Entry(
        "handoff",
        f"{stream}: {args[0].text} -> {args[2].text}",
        statement.places(args),
        "",
        statement,
    )
    entry.stream = stream
    values = forms.built(forms.read(r, entry, table("handoff")))
    made = Handoff(stream=stream, from_=ends[0], to=ends[1], **values)
    first = draft.seen.setdefault(made.id, made.span)
    if first is not made.span:
        r.twice(f"the handoff `{made.id}` is annotated twice", made.span, first, draft.subject)
        return
    add(r, draft, statement, "handoff", "handoffs", [made], made.span)


def _elsewhere(r: Census, draft: Draft, statement: Statement) -> None:
    """A statement that is read by another reader: the steps of a stream."""


# --- the readers of each kind ---------------------------------------------------------------------


@cache
def table(kind: str, operations: ChangeWords = ()) -> Mapping[str, Handler]:
    """The reader of every word that may stand in an element of a kind; a change has operations."""
    found = forms.basic(kind)
    found |= _OWN.get(kind, {})
    if kind == "change":
        found |= {known.word: known.read for known in operations}
    if kind == "step":
        found["manual"] = flag(schema("step")["automated"], "manual", False)
    if "successors" in schema(kind):
        found["owner"] = forms.owner(found["owner"], schema(kind)["owner"].type.kinds)
    return found


_OWN: Final[dict[str, dict[str, Handler]]] = {
    "team": {"role": forms.role},
    "stream": {
        "handoff": handoff, "lead-time": forms.lead_time, "step": _elsewhere,
        "target": forms.target,
    },
    "step": {"after": after, "rework": rework},
}  # fmt: skip


@cache
def vocabulary(operations: ChangeWords) -> Mapping[str, tuple[str, ...]]:
    """Word → the kinds of element that it may stand in."""
    found: dict[str, tuple[str, ...]] = {}
    for kind in ELEMENTS:
        if kind != "need":
            for word in table(kind, operations):
                found[word] = (*found.get(word, ()), kind)
    return found


# --- building -------------------------------------------------------------------------------------


def build(
    r: Census, kind: str, readers: Mapping[str, Handler], entries: Iterable[Entry]
) -> dict[str, Any]:
    """The elements of a kind by id, in the order of the ids."""
    make = _BUILDERS.get(kind, _plain)
    made = {}
    for entry in sorted(entries, key=lambda e: e.id):
        element = make(r, entry, forms.read(r, entry, readers))
        if not entry.twin:
            made[entry.id] = element
    return made


def _plain(_: Census, entry: Entry, draft: Draft) -> Any:
    return ELEMENTS[entry.kind](**forms.built(draft))


def _step(r: Census, entry: Entry, draft: Draft) -> Step:
    if "after" not in draft.values:
        draft.values["after"] = _follows(r, entry)
    values = forms.built(draft)
    return Step(stream=entry.stream, local=entry.local, number=entry.number, **values)


def _follows(r: Census, entry: Entry) -> Any:
    """What a step without `after` follows: the step written just before it."""
    if entry.extended:
        r.complain(
            "invalid-value",
            f"step `{entry.local}` is added by `extend` and needs `after`",
            entry.span,
            entry.subject,
            help="write `after STEP`, or `after none` for a start",
        )
        return UNKNOWN
    if entry.before is None:
        return ()
    return UNKNOWN if isinstance(entry.before, Unwritten) else (entry.before,)


def _stream(r: Census, entry: Entry, draft: Draft) -> Stream:
    steps = tuple(step.id for step in r.steps.get(entry.id, ()) if not step.twin)
    return Stream(steps=() if entry.twin else steps, **forms.built(draft))


def _interaction(r: Census, entry: Entry, draft: Draft) -> Interaction:
    args = r.args(entry.head, entry.subject) or ()
    ends = [_end(r, entry, args, i) for i in (0, 2)]
    return Interaction(first=ends[0], second=ends[1], **forms.built(draft))


def _end(r: Census, entry: Entry, args: Args, at: int) -> str | Unwritten:
    found = r.one(("team",), entry.head, args[at : at + 1], entry.subject)
    return found if isinstance(found, Unwritten) else found.id


_BUILDERS: Final[dict[str, Callable[[Census, Entry, Draft], Any]]] = {
    "interaction": _interaction, "step": _step, "stream": _stream,
}  # fmt: skip
