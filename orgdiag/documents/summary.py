"""The last lines of a run, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from orgdiag.finding import Finding
from orgdiag.partial.unknown import Missing
from orgdiag.report import INPUTS_TOLD, Report

_ORDER: Final = (
    "team", "stream", "step", "capability", "component", "product", "domain", "group",
    "coordination", "interaction", "change",
)  # fmt: skip
_PLURALS: Final = {"capability": "capabilities"}


def counted(number: int, word: str) -> str:
    """A number with its noun.

    >>> counted(1, "team"), counted(2, "capability")
    ('1 team', '2 capabilities')
    """
    return f"{number} {word if number == 1 else _PLURALS.get(word, word + 's')}"


def enumerated(items: list[str]) -> str:
    """The items as a sentence names them.

    >>> enumerated(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def verdict(report: Report) -> str:
    """How many findings count, by severity, and how many are accepted or baselined."""
    counts = report.counts
    total = counts["error"] + counts["warning"] + counts["info"]
    parts = [counted(counts[word], word) for word in ("error", "warning") if counts[word]]
    parts += [f"{counts['info']} info"] if counts["info"] else []
    text = counted(total, "finding") + (f": {enumerated(parts)}" if parts else "")
    aside = [f"{counts[word]} {word}" for word in ("accepted", "baselined") if counts[word]]
    return f"{text} ({', '.join(aside)})" if aside else text


def checked(report: Report) -> str:
    """What was looked at, with how many rules, and as of which day."""
    elements = report.checked.elements
    what = enumerated([counted(elements[kind], kind) for kind in _ORDER if elements.get(kind)])
    origin = " (today: no as-of is given)" if report.as_of_origin == "today" else ""
    return (
        f"checked {what or 'no element'} in {counted(report.checked.files, 'file')} "
        f"with {counted(report.checked.rules, 'rule')}, as of {report.as_of}{origin}"
    )


def unsettled(report: Report) -> str:
    """How much could not be assessed and what would settle most of it; "" when nothing is open."""
    number = len(report.not_assessed)
    if not number:
        return ""
    wanted = [needed(missing) for missing, _ in report.most_missed(3)]
    text = f"{counted(number, 'check')} could not be made"
    if not wanted:
        return text
    noun = "input" if len(wanted) == 1 else f"{('two', 'three')[len(wanted) - 2]} inputs"
    return f"{text}; the {noun} that would settle most: {', '.join(wanted)}"


def waiting(finding: Finding) -> str:
    """How much waiting a finding explains, at most; "" when it explains none for sure."""
    delay = finding.delay
    if delay is None:
        return ""
    if delay.high is None:
        return f"{float(delay.low):.4g} item-days of waiting a month or more" if delay.low else ""
    return f"up to {float(delay.high):.4g} item-days of waiting a month" if delay.high else ""


def needs(inputs: Sequence[Missing]) -> list[str]:
    """The first of the missing inputs of a check, and how many more there are; none, undecided.

    >>> needs([Missing("step", f"s.{number}", "lead") for number in range(12)])[-2:]
    ['lead of step s.9', '2 more']
    """
    more = len(inputs) - INPUTS_TOLD
    told = [needed(missing) for missing in inputs[:INPUTS_TOLD]]
    return [*told, f"{more} more"] if more > 0 else told or ["undecided"]


def needed(missing: Missing) -> str:
    """A missing input, and where its element stands.

    >>> needed(Missing("step", "cards.deploy", "lead"))
    'lead of step cards.deploy'
    """
    what = f"{missing.property} of {missing.kind} {missing.id}"
    return f"{what} ({missing.span.path}:{missing.span.line})" if missing.span else what


def closing(report: Report) -> Iterator[str]:
    """The last lines: verdict, what was checked, what could not be, what was left out."""
    yield f"{verdict(report)}; {checked(report)}."
    if text := unsettled(report):
        yield f"{text} (all: --show not-assessed)."
    if report.stale:
        gone = counted(len(report.stale), "finding")
        occur = "occurs" if len(report.stale) == 1 else "occur"
        yield f"{gone} of the baseline no longer {occur} (remove: --prune-baseline)."
    if outgrown := sum(finding.outgrown is not None for finding in report.findings):
        worse = "is worse now and counts" if outgrown == 1 else "are worse now and count"
        yield f"{counted(outgrown, 'finding')} of the baseline {worse} again."
    yield from report.notices
