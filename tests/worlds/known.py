"""Kinds of failures that are known: why they fail, and which later work ends them.

Each row has a pair of models in `known.md`, which a test holds to fail still.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, NamedTuple

from .trial import Kind

PAGE: Final = Path(__file__).parent / "known.md"
# The later work that ends a kind.
ROUTING: Final = "one model of the flow (flow.md §1, §2)"
CONSTRAINT: Final = "absolute constraints (flow.md §3)"
PLANS: Final = "planned changes and load (flow.md §5)"
OPEN_WORLD: Final = "the open world of rules (open-world.md)"


class Known(NamedTuple):
    """A kind of failures, as patterns of file names.

    laws       which laws fail
    whats      of which numbers, rows or rules
    forgotten  what is forgotten then
    because    why
    ends       which later work ends it
    """

    laws: tuple[str, ...]
    whats: tuple[str, ...]
    forgotten: tuple[str, ...]
    because: str
    ends: str


# What decides which steps an item takes, and how long its ways are.
_WAYS: Final = (
    "step.after*", "step.dead-end*", "step.share*", "step.rework*", "step.lead*", "step.process*",
    "step.every*", "stream.handoff*",
)  # fmt: skip
_NUMBER: Final = ("number", "gate")
KNOWN: Final = (
    Known(
        ("wait", "ledger"), ("*",), _WAYS,
        "the waits of one path are told, though others may be critical", ROUTING,
    ),
    Known(
        _NUMBER, ("stream.*", "step.*"), _WAYS,
        "each number has its own idea of which steps an item takes", ROUTING,
    ),
    Known(
        _NUMBER,
        ("stream.mapped-commit-to-production", "stream.unmapped-lead-time",
         "stream.wait-before-build"),
        ("step.kind*",),
        "undefined without a step of development, which a step of unknown kind may be", ROUTING,
    ),
    Known(
        (*_NUMBER, "constraint"), ("stream.constraint-*",), ("*",),
        "with more facts another rung of evidence decides, or a load exceeds the 100 % that "
        "stood for it", CONSTRAINT,
    ),
    Known(
        _NUMBER, ("change.*",), ("*",),
        "what a change gains is a point where it rests on what is not known", PLANS,
    ),
    Known(
        _NUMBER, ("team.utilisation", "stream.throughput-ceiling"), ("team.size*",),
        "the largest `servers` of its steps stand for the size of a team", PLANS,
    ),
    Known(
        _NUMBER, ("team.*", "organisation.*"),
        ("stream.owner (left out)", "stream.changes (left out)", "product.owner (left out)"),
        "a list that is left out counts as none for others", OPEN_WORLD,
    ),
    Known(
        ("pair",), ("*",), ("*",),
        "a pair that only an open list could form is not told as not assessed", OPEN_WORLD,
    ),
    Known(
        ("vanishes",),
        ("component-team-trap", "disbanding-owner", "project-handoff-to-run", "relabelled-team",
         "wait-concentration"),
        ("stream.owner*", "component.owner*", "step.by*", "step.dead-end*"),
        "a check over a list that is open says nothing of what the list may hold", OPEN_WORLD,
    ),
    Known(
        ("appears", "vanishes"), ("open-ended-interaction",), ("interaction.*",),
        "an interaction with a team that is not known is another subject", OPEN_WORLD,
    ),
    Known(
        ("appears",), ("blocking-cycle", "component-team-trap", "cross-team-component-cycle"),
        ("component.owner*", "component.depends-on*"),
        "a set of teams, as the members of a cycle or the layers of a stream, is judged by those "
        "that are certain, and is another one with more", OPEN_WORLD,
    ),
    Known(
        _NUMBER, ("team.chain-depth", "team.blocking-fan-out"), ("team.needs",),
        "needs that are left out count as none, so that a capability by ticket blocks by default",
        OPEN_WORLD,
    ),
    Known(
        ("appears",), ("rework-drag", "gate-on-a-calendar"), ("step.after*",),
        "whether a step lies on MAIN is certain though its predecessors are not", ROUTING,
    ),
    Known(
        ("appears",), ("change-off-constraint",), ("*",),
        "a change is off the constraint while no rung names one", CONSTRAINT,
    ),
)  # fmt: skip


def reason(kind: Kind) -> str:
    """Why a failure of that kind is expected, and what ends it; "" where it is not."""
    for known in KNOWN:
        if matches(kind, known):
            return f"{known.because}; until {known.ends}"
    return ""


def matches(kind: Kind, known: Known) -> bool:
    """Whether a kind is one of a known one; where no fact was found to blame, any may be it."""
    blamed = kind.forgotten not in ("not looked for", "several facts")
    return (
        kind.law in known.laws
        and any(fnmatchcase(kind.what, what) for what in known.whats)
        and (not blamed or any(fnmatchcase(kind.forgotten, fact) for fact in known.forgotten))
    )
