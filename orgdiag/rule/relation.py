"""How relations are called: many by a plural, one of them by its singular."""

from __future__ import annotations

from collections.abc import Iterable


def singular(name: str) -> str:
    """The name for one member of a relation.

    >>> [singular(word) for word in ("blockers", "capabilities", "touches", "stays", "process")]
    ['blocker', 'capability', 'touch', 'stay', 'process']
    """
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith(("ches", "shes", "xes", "sses")):
        return name[:-2]
    if name.endswith("s") and not name.endswith("ss"):
        return name[:-1]
    return name


def relation_named(name: str, known: Iterable[str]) -> str | None:
    """The relation that a name or its singular means, or None."""
    words = tuple(known)
    if name in words:
        return name
    return next((word for word in words if singular(word) == name), None)
