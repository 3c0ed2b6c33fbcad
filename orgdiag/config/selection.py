"""Which rules run: names, groups, globs and ALL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from orgdiag.config.values import Said, Settings
from orgdiag.finding import READER, Finding, OrgdiagError, Problem, Severity
from orgdiag.text.nearest import did_you_mean


def selected(settings: Settings, groups: Mapping[str, str]) -> frozenset[str]:
    """The names of the rules that run, of those given with their groups.

    The most specific word decides: a name over a group or glob, those over ALL. At the same level
    `ignore` wins. Those of the reader run whatever is said.

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
        name for name, group in groups.items() if name in READER or _wanted(settings, name, group)
    )


def in_force(
    settings: Settings, findings: Iterable[Finding], names: frozenset[str]
) -> Iterator[Finding]:
    """The findings whose rules run, with the severities that are set; the reader's as they are.

    Rules with a condition were chosen and set before they ran; those of gates and of acceptances
    were not.
    """
    for finding in findings:
        if finding.rule in READER:
            yield finding
        elif finding.rule in names:
            said = settings.severity.get(finding.rule)
            yield finding._replace(severity=Severity(said.text)) if said else finding


def overruled(
    settings: Settings, findings: Iterable[Finding], groups: Mapping[str, str]
) -> Iterator[str]:
    """A sentence where the reader found what the settings leave out or call less than an error."""
    broken = {finding.rule for finding in findings} & READER & groups.keys()
    names = [name for name in sorted(broken) if not _heeded(settings, name, groups[name])]
    if names:
        yield (
            f"Errors of the reader count whatever is selected or set ({', '.join(names)}): "
            "what cannot be read is judged by no rule."
        )


def _heeded(settings: Settings, name: str, group: str) -> bool:
    """Whether a rule of the reader does what the settings say of it."""
    said = settings.severity.get(name)
    return _wanted(settings, name, group) and (said is None or said.text == Severity.ERROR)


def _wanted(settings: Settings, name: str, group: str) -> bool:
    return _weight(settings.select, name, group) > _weight(settings.ignore, name, group)


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
