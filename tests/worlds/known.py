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


_LEFT_OUT: Final = "* (left out)"
_WAYS: Final = (
    "step.after*", "step.dead-end*", "step.share*", "step.rework*", "step.lead*", "step.process*",
    "stream.handoff*",
)  # fmt: skip
_RULES: Final = ("appears", "vanishes", "pair")
KNOWN: Final = (
    Known(
        ("wait", "ledger"), ("*",), _WAYS,
        "one path is told, though others may be critical", ROUTING,
    ),
    Known(
        ("number", "gate"), ("stream.*", "step.*"), _WAYS,
        "each number has its own idea of which steps an item takes", ROUTING,
    ),
    Known(
        ("number", "gate"),
        ("stream.mapped-commit-to-production", "stream.unmapped-lead-time",
         "stream.wait-before-build"),
        ("step.kind*",),
        "undefined without a step of development, which a step of an unknown kind may be", ROUTING,
    ),
    Known(
        ("number", "gate", "constraint"),
        ("stream.constraint-*",), ("*",),
        "with more facts another rung of evidence decides, or 100 % no longer stands for a load",
        CONSTRAINT,
    ),
    Known(
        ("number", "gate"), ("change.*",), ("*",),
        "what a change gains is a point where it depends on what is not known", PLANS,
    ),
    Known(
        ("number", "gate"), ("team.*", "organisation.*"),
        ("stream.owner (left out)", "stream.changes (left out)", "product.owner (left out)"),
        "what is left out counts as none for others", OPEN_WORLD,
    ),
    Known(
        _RULES, ("*",), ("*",),
        "a check over a list that is open says nothing of what the list may hold", OPEN_WORLD,
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
