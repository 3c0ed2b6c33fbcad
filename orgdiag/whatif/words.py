"""The words with which operations of a planned change begin, each with its reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from orgdiag.model.parts import (
    AddPeople,
    AddSkill,
    MakeSelfService,
    MergeTeams,
    MoveStep,
    Operation,
    RemoveStep,
    SetCadence,
    SetOwner,
    SetRework,
    SplitTeam,
)
from orgdiag.model.types import Amount, Ref
from orgdiag.model.vocabularies import SELF_SERVING
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import UNKNOWN, Unwritten
from orgdiag.resolve.changes import ChangeWord, ChangeWords
from orgdiag.resolve.forms import malformed, unknown_statement
from orgdiag.resolve.properties import NOTHING, add, amount, no_block, parts
from orgdiag.resolve.reading import Args, Census, Draft
from orgdiag.text.syntax import Atom, Statement

OWNED: Final = ("stream", "component", "domain", "product")


def move(r: Census, draft: Draft, statement: Statement) -> None:
    """`move step S to T { lead …; process … }`."""
    args = _like(r, draft, statement, ("step", "", "to", ""), "move step STREAM.STEP to TEAM")
    times = _times(r, draft, statement, ("lead", "process"))
    if args is not None:
        step, team = (
            _one(r, draft, statement, "step", args[1]),
            _one(r, draft, statement, "team", args[3]),
        )
        if step and team:
            _keep(
                r,
                draft,
                statement,
                MoveStep(step, team, times["lead"], times["process"], statement.span),
            )


def make(r: Census, draft: Draft, statement: Statement) -> None:
    """`make capability C self-service { wait … }`."""
    args = _like(r, draft, statement, ("capability", "", ""), "make capability ID self-service")
    times = _times(r, draft, statement, ("wait",))
    if args is None:
        return
    if args[2].text not in SELF_SERVING:
        malformed(r, draft, statement, "make capability ID self-service")
        return
    capability = _one(r, draft, statement, "capability", args[1])
    if capability:
        made = MakeSelfService(capability, args[2].text, times["wait"], statement.span)
        _keep(r, draft, statement, made)


def every(r: Census, draft: Draft, statement: Statement) -> None:
    """`every 1w at S`."""
    args = _like(r, draft, statement, ("", "at", ""), "every 1w at STREAM.STEP")
    no_block(r, draft, statement)
    if args is not None:
        cadence = amount(r, draft, statement, args[:1], "cadence")
        step = _one(r, draft, statement, "step", args[2])
        if step and isinstance(cadence, Quantity):
            _keep(r, draft, statement, SetCadence(step, cadence, statement.span))


def rework(r: Census, draft: Draft, statement: Statement) -> None:
    """`rework 5% at S`."""
    args = _like(r, draft, statement, ("", "at", ""), "rework 5% at STREAM.STEP")
    no_block(r, draft, statement)
    if args is not None:
        share = amount(r, draft, statement, args[:1], "share")
        step = _one(r, draft, statement, "step", args[2])
        if step and isinstance(share, Quantity):
            _keep(r, draft, statement, SetRework(step, share, statement.span))


def remove(r: Census, draft: Draft, statement: Statement) -> None:
    """`remove step S`."""
    args = _like(r, draft, statement, ("step", ""), "remove step STREAM.STEP")
    no_block(r, draft, statement)
    step = _one(r, draft, statement, "step", args[1]) if args is not None else None
    if step:
        _keep(r, draft, statement, RemoveStep(step, statement.span))


def more(r: Census, draft: Draft, statement: Statement) -> None:
    """`add 3 people to T`, `add skill K to T`."""
    no_block(r, draft, statement)
    atoms = r.args(statement, draft.subject)
    if atoms is None:
        return
    if atoms and atoms[0].text == "skill":
        args = _like(r, draft, statement, ("skill", "", "to", ""), "add skill SKILL to TEAM")
        team = _one(r, draft, statement, "team", args[3]) if args is not None else None
        if args is not None and team:
            _keep(r, draft, statement, AddSkill(args[1].text, team, statement.span))
        return
    args = _like(r, draft, statement, ("", "people", "to", ""), "add 3 people to TEAM")
    if args is not None:
        number = amount(r, draft, statement, args[:1], "number")
        team = _one(r, draft, statement, "team", args[3])
        if team and isinstance(number, Quantity):
            _keep(r, draft, statement, AddPeople(number, team, statement.span))


def merge(r: Census, draft: Draft, statement: Statement) -> None:
    """`merge A, B into C`."""
    args, at = _into(r, draft, statement, "merge TEAM, TEAM into TEAM")
    if args is None:
        return
    teams = [
        _one(r, draft, statement, "team", part[-1])
        for part in parts(r, draft, statement, args[:at])
    ]
    if len(args) != at + 2 or len(teams) < 2:
        malformed(r, draft, statement, "merge TEAM, TEAM into TEAM")
    elif all(teams):
        known = tuple(team for team in teams if team)
        _keep(r, draft, statement, MergeTeams(known, args[-1].text, statement.span))


def split(r: Census, draft: Draft, statement: Statement) -> None:
    """`split A into B, C`."""
    args, at = _into(r, draft, statement, "split TEAM into TEAM, TEAM")
    if args is None:
        return
    into = tuple(part[-1].text for part in parts(r, draft, statement, args[at + 1 :]))
    if at != 1 or len(into) < 2:
        malformed(r, draft, statement, "split TEAM into TEAM, TEAM")
        return
    team = _one(r, draft, statement, "team", args[0])
    if team:
        _keep(r, draft, statement, SplitTeam(team, into, statement.span))


def owner(r: Census, draft: Draft, statement: Statement) -> None:
    """`owner of KIND X becomes T`."""
    no_block(r, draft, statement)
    args = r.args(statement, draft.subject)
    if args is None:
        return
    form = [atom.text for atom in args]
    if len(form) not in (4, 5) or form[0] != "of" or form[-2] != "becomes":
        malformed(r, draft, statement, "owner of stream ID becomes TEAM")
        return
    element = r.one(OWNED, statement, args[1:-2], draft.subject)
    team = _one(r, draft, statement, "team", args[-1])
    if team and isinstance(element, Ref):
        _keep(r, draft, statement, SetOwner(element, team, statement.span))


def change_words() -> ChangeWords:
    """Every word, sorted."""
    return (
        ChangeWord("add", more, "NUMBER people to TEAM, skill WORD to TEAM"),
        ChangeWord("every", every, "CADENCE at STREAM.STEP"),
        ChangeWord("make", make, "capability ID self-service { wait … }"),
        ChangeWord("merge", merge, "TEAM, TEAM into TEAM"),
        ChangeWord("move", move, "step STREAM.STEP to TEAM { lead …; process … }"),
        ChangeWord("owner", owner, "of KIND ID becomes TEAM"),
        ChangeWord("remove", remove, "step STREAM.STEP"),
        ChangeWord("rework", rework, "SHARE at STREAM.STEP"),
        ChangeWord("split", split, "TEAM into TEAM, TEAM"),
    )


def _keep(r: Census, draft: Draft, statement: Statement, operation: Operation) -> None:
    add(r, draft, statement, "operations", "operations", [operation], statement.span)


def _like(
    r: Census, draft: Draft, statement: Statement, form: Sequence[str], example: str
) -> Args | None:
    """The words of a statement that has this form ("" = any word); None, with a finding, if not."""
    args = r.args(statement, draft.subject)
    if args is None:
        return None
    if len(args) == len(form) and all(
        not w or w == a.text for w, a in zip(form, args, strict=True)
    ):
        return args
    malformed(r, draft, statement, example)
    return None


def _into(r: Census, draft: Draft, statement: Statement, example: str) -> tuple[Args | None, int]:
    no_block(r, draft, statement)
    args = r.args(statement, draft.subject)
    if args is None:
        return None, 0
    at = next((i for i in range(1, len(args) - 1) if _parts_lists(args, i)), 0)
    if not at:
        malformed(r, draft, statement, example)
        return None, 0
    return args, at


def _parts_lists(args: Args, at: int) -> bool:
    """Whether an `into` stands there, and no item of a list that is called so."""
    return args[at].text == "into" and "COMMA" not in (args[at - 1].kind, args[at + 1].kind)


def _one(r: Census, draft: Draft, statement: Statement, kind: str, atom: Atom) -> str | None:
    found = r.one((kind,), statement, (atom,), draft.subject)
    return None if isinstance(found, Unwritten) else found.id


def _times(
    r: Census, draft: Draft, statement: Statement, legal: Sequence[str]
) -> dict[str, Amount]:
    """The durations in the block of an operation."""
    times: dict[str, Amount] = dict.fromkeys(legal)
    places: dict[str, Any] = {}
    for inner in statement.body or ():
        if inner.word not in legal:
            unknown_statement(r, draft, inner, legal, f"`{statement.word}`")
            continue
        args = r.args(inner, draft.subject)
        no_block(r, draft, inner)
        if inner.word in places:
            r.twice(f"`{inner.word}` is set twice", inner.span, places[inner.word], draft.subject)
            continue
        places[inner.word] = inner.span
        if args is None:
            times[inner.word] = UNKNOWN
        elif len(args) == 1 and args[0].text == "none":
            times[inner.word] = NOTHING
        else:
            times[inner.word] = amount(r, draft, inner, args, "duration")
    return times
