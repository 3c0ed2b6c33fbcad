"""Which rules run: names, groups, globs and ALL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from orgdiag.config.values import Said, Settings
from orgdiag.finding import OrgdiagError, Problem
from orgdiag.text.nearest import did_you_mean


def selected(settings: Settings, groups: Mapping[str, str]) -> frozenset[str]:
    """The names of the rules that run, of those given with their groups.

    The most specific word decides: a name over a group or glob, those over ALL. At the same level
    `ignore` wins.

    Raises:
        OrgdiagError: a word fits no rule and no group.
    """
    problems = [
        Problem(f"unknown rule or group `{word.text}`", word.span, _help(word, groups))
        for word in (*settings.select, *settings.ignore)
        if not any(_fits(word.text, name, group) for name, group in groups.items())
    ]
    if problems:
        raise OrgdiagError(problems)
    return frozenset(
        name
        for name, group in groups.items()
        if _weight(settings.select, name, group) > _weight(settings.ignore, name, group)
    )


def _weight(words: Iterable[Said], name: str, group: str) -> int:
    """How specifically the words name a rule: 3 by name, 2 by group or glob, 1 by ALL, 0 not."""
    return max((_fits(word.text, name, group) for word in words), default=0)


def _fits(word: str, name: str, group: str) -> int:
    if word == name:
        return 3
    if word == "ALL":
        return 1
    full = f"{group}/{name}"
    return 2 if word == group or fnmatchcase(name, word) or fnmatchcase(full, word) else 0


def _help(word: Said, groups: Mapping[str, str]) -> str:
    return did_you_mean(word.text, [*groups, *groups.values()]) or "`orgdiag rule` lists the rules"
