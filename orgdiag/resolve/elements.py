"""Entries → elements, one builder a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final

from orgdiag.model.elements import ELEMENTS, Interaction, Step, Stream
from orgdiag.model.form import Form
from orgdiag.partial.unknown import UNKNOWN, Unwritten
from orgdiag.resolve import statements
from orgdiag.resolve.forms import Row, reader
from orgdiag.resolve.properties import Handler
from orgdiag.resolve.reading import Args, Census, Draft, Entry
from orgdiag.text.syntax import Statement


def _elsewhere(r: Census, draft: Draft, statement: Statement) -> None:
    """A statement that is read by another reader: the steps of a stream."""


# The forms of what planned changes do.
Operations = tuple[Form, ...]


@cache
def table(kind: str, operations: Operations = ()) -> Mapping[str, Handler]:
    """The reader of every word that may stand in an element of a kind; a change has operations."""
    found = dict(statements.table(kind))
    if kind == "stream":
        found["step"] = _elsewhere
    if kind == "change":
        words: dict[str, list[Row]] = {}
        for form in operations:
            words.setdefault(form.word, []).append(Row("operations", "operations", form))
        found |= {word: reader(rows) for word, rows in words.items()}
    return found


@cache
def vocabulary(operations: Operations) -> Mapping[str, tuple[str, ...]]:
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
        element = make(r, entry, statements.read(r, entry, readers))
        if not entry.twin:
            made[entry.id] = element
    return made


def _plain(_: Census, entry: Entry, draft: Draft) -> Any:
    return ELEMENTS[entry.kind](**statements.built(draft))


def _step(r: Census, entry: Entry, draft: Draft) -> Step:
    if "after" not in draft.values:
        draft.values["after"] = _follows(r, entry)
    values = statements.built(draft)
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
    return Stream(steps=() if entry.twin else steps, **statements.built(draft))


def _interaction(r: Census, entry: Entry, draft: Draft) -> Interaction:
    args = r.args(entry.head, entry.subject) or ()
    ends = [_end(r, entry, args, i) for i in (0, 2)]
    return Interaction(first=ends[0], second=ends[1], **statements.built(draft))


def _end(r: Census, entry: Entry, args: Args, at: int) -> str | Unwritten:
    found = r.one(("team",), entry.head, args[at : at + 1], entry.subject)
    return found if isinstance(found, Unwritten) else found.id


_BUILDERS: Final[dict[str, Callable[[Census, Entry, Draft], Any]]] = {
    "interaction": _interaction, "step": _step, "stream": _stream,
}  # fmt: skip
