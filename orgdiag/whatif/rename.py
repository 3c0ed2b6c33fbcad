"""Teams that are called otherwise, wherever they are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from orgdiag.model.elements import (
    PLURALS,
    Element,
    Interaction,
    Need,
    Team,
    interaction_id,
    need_id,
)
from orgdiag.model.parts import OnCall
from orgdiag.model.references import map_references
from orgdiag.model.types import Ref
from orgdiag.partial.unknown import UNKNOWN, Unwritten
from orgdiag.whatif.draft import Draft


def rename_teams(draft: Draft, names: Mapping[str, Any]) -> None:
    """Lets everything that names a team of `names` name another, or nobody that is known."""

    def other(ref: Ref) -> Ref | Unwritten:
        new = names.get(ref.id, ref.id) if ref.kind == "team" else ref.id
        return ref if new == ref.id else new if new is UNKNOWN else Ref("team", new)

    def planned(ref: Ref) -> Ref:
        new = other(ref)  # a plan goes on naming a team of which it is open who follows it
        return new if isinstance(new, Ref) else ref

    for kind in PLURALS:
        changed: dict[str, Element] = {}
        for element in draft.org.of_kind(kind).values():
            renamed = map_references(element, planned if kind == "change" else other)
            if renamed is element:
                continue
            if isinstance(renamed, Team):
                renamed = _without_itself(renamed)
            elif isinstance(renamed, Interaction):
                draft.drop(kind, element.id)
                renamed = replace(renamed, id=interaction_id(renamed.first, renamed.second))
                if renamed.first == renamed.second or draft.org.find(kind, renamed.id):
                    continue
            changed.setdefault(renamed.id, renamed)
        draft.put(*changed.values())


def _without_itself(team: Team) -> Team:
    """The team without what it cannot need of itself, and its needs called as they are now."""
    needs, shared, on_call = team.needs, team.members_shared_with, team.on_call
    if isinstance(needs, tuple):
        needs = tuple(
            _called(need, need_id(team.id, need.what, need.provider))
            for need in needs
            if need.provider != team.id
        )
    if isinstance(shared, tuple):
        shared = tuple(part for part in shared if part.team != team.id)
    if isinstance(on_call, OnCall) and on_call.team == team.id:
        on_call = OnCall("self")
    return replace(team, needs=needs, members_shared_with=shared, on_call=on_call)


def _called(need: Need, id: str) -> Need:
    """The need under another id, by which what is accepted of it speaks too."""
    accepts = tuple(
        accepted._replace(subject=id) if accepted.subject == need.id else accepted
        for accepted in need.accepts
    )
    return replace(need, id=id, accepts=accepts)
