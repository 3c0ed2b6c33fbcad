"""A difference between two models as text, Markdown and JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Any, Final

from orgdiag.answers import Answers, Edited
from orgdiag.diff import BETTER, Difference, Shift, counted_by_severity
from orgdiag.documents.contract import SCHEMA, finding_data
from orgdiag.documents.figures import value_data
from orgdiag.documents.summary import counted, enumerated
from orgdiag.evaluate.wording import figure
from orgdiag.finding import Finding, Severity
from orgdiag.measure import in_unit
from orgdiag.media.indented import Json, indented
from orgdiag.media.markup import Markdown
from orgdiag.media.terminal import Screen
from orgdiag.metrics.metric import ITEM_DAYS
from orgdiag.model.elements import Calendar
from orgdiag.partial.quantity import Quantity
from orgdiag.text.printable import printable

_MOST: Final = 40
_WIDTH: Final = 110
_NAMED: Final = ("team", "stream", "coordination")
# How JSON calls what became of findings; `unsettled` are those that are unknown now.
_KEYS: Final = {
    "new": "new", "fixed": "fixed", "gone": "gone", "accepted": "accepted",
    "no_longer_accepted": "no_longer_accepted", "now_known": "now_known",
    "unsettled": "now_unknown",
}  # fmt: skip
_HEADLINES: Final = frozenset(
    {"lead-time", "flow-efficiency", "handoffs", "owner-coverage", "waiting-inventory",
     "blocking-fan-out", "utilisation"}
)  # fmt: skip


def plain(difference: Difference, calendar: Calendar) -> Screen:
    """The story of the difference in one screen."""
    lines = wrap(_headline(difference), _WIDTH, subsequent_indent="  ")
    for title, rows in _parts(difference, calendar):
        lines += ["", title, *(line for row in rows for line in _wrapped(row))]
    return Screen.of(lines)


def _wrapped(row: str) -> list[str]:
    return wrap(
        printable(row), _WIDTH, initial_indent="  ", subsequent_indent="    ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def markdown(difference: Difference, calendar: Calendar) -> Markdown:
    """The same for a comment on a pull request."""
    lines = [Markdown("## orgdiag: {}\n").format(_headline(difference))]
    for title, rows in _parts(difference, calendar):
        lines.append(Markdown("\n### {}\n\n").format(title))
        lines += (Markdown("- {}\n").format(row) for row in rows)
    return Markdown().join(lines)


def as_json(difference: Difference, calendar: Calendar) -> Json:
    """The same for machines."""
    found = difference.findings
    document = {
        "schema": SCHEMA,
        "findings": {
            **{
                key: [finding_data(finding) for finding in getattr(found, name)]
                for key, name in _KEYS.items()
            },
            "changed": [_edited_data(item) for item in found.edited],
        },
        "metrics": [_change_data(change, calendar) for change in difference.changes],
        "constraints": [item._asdict() for item in difference.constraints],
        "elements": {"added": list(difference.added), "removed": list(difference.removed)},
        "dependencies": {
            "added": list(difference.dependencies_added),
            "removed": list(difference.dependencies_removed),
        },
        "handoffs": {
            "added": list(difference.handoffs_added),
            "removed": list(difference.handoffs_removed),
        },
        "owners": list(difference.owners),
        "left_out": {
            "before": list(difference.left_out_before),
            "now": list(difference.left_out_now),
        },
    }
    return indented(document)


def _edited_data(item: Edited) -> dict[str, Any]:
    data: dict[str, Any] = {"before": finding_data(item.before), "after": finding_data(item.after)}
    return data | ({"escalation": item.escalation.value} if item.escalation else {})


def _change_data(change: Shift, calendar: Calendar) -> dict[str, Any]:
    field = change.field
    return {
        "kind": change.kind,
        "id": change.id,
        "metric": field.name,
        "before": value_data(in_unit(change.before, field, calendar), field.unit),
        "after": value_data(in_unit(change.after, field, calendar), field.unit),
        "verdict": change.verdict,
    }


def _headline(difference: Difference) -> str:
    if difference.empty:
        return "no difference"
    better = sum(change.verdict == BETTER for change in difference.changes)
    found = difference.findings
    parts = [
        f"{counted(len(found.fixed), 'finding')} fixed{_of(found.fixed)}",
        f"{len(found.new)} new{_of(found.new)}",
        *_neither(found),
        f"{counted(better, 'number')} better",
    ]
    return enumerated(parts)


def _neither(found: Answers) -> Iterator[str]:
    """How many findings are neither fixed nor new, but no longer told, or told again."""
    for name in ("accepted", "no_longer_accepted", "gone", "now_unknown", "now_known"):
        if findings := getattr(found, name):
            yield f"{len(findings)} {name.replace('_', ' ')}"


def _of(findings: Sequence[Finding]) -> str:
    counts = counted_by_severity(findings)
    words = [f"{number} {word}" for word, number in counts.items() if number]
    return f" ({', '.join(words)})" if words else ""


def _parts(difference: Difference, calendar: Calendar) -> Iterator[tuple[str, list[str]]]:
    """The parts that say something, each a title and its rows, short enough for one screen."""
    found = difference.findings
    parts: tuple[tuple[str, Iterable[str]], ...] = (
        ("New findings", _by_rule(found.new)),
        ("No longer accepted", _by_rule(found.no_longer_accepted)),
        ("Now known", _by_rule(found.now_known)),
        ("Numbers", _by_element(difference.changes, calendar)),
        ("The constraint moved", _moves(difference)),
        ("Fixed", _mended(found.fixed)),
        ("Accepted", _by_rule(found.accepted)),
        ("Gone with what was removed", _by_severity(found.gone)),
        ("Changed findings", _edits(found.edited)),
        ("Now unknown", _by_rule(found.now_unknown)),
        ("Blocking dependencies added", _by_consumer(difference.dependencies_added)),
        ("Blocking dependencies removed", _by_consumer(difference.dependencies_removed)),
        ("Handoffs added", _by_stream(difference.handoffs_added)),
        ("Handoffs removed", _by_stream(difference.handoffs_removed)),
        ("Owners", difference.owners),
        ("Added", _by_kind(difference.added)),
        ("Removed", _by_kind(difference.removed)),
        ("Before: not complete", difference.left_out_before),
        ("Now: not complete", difference.left_out_now),
    )
    for title, rows in parts:
        every = list(rows)
        if len(every) > _MOST:
            every = [*every[:_MOST], f"… and {len(every) - _MOST} more"]
        if every:
            yield title, every


def _by_rule(findings: Iterable[Finding]) -> Iterator[str]:
    """A line for each severity and rule, with the subjects."""
    subjects: dict[tuple[int, str, str], list[str]] = {}
    for finding in findings:
        key = finding.severity.rank, finding.severity.value, finding.rule
        subjects.setdefault(key, []).append(finding.subject.id)
    for (_, severity, rule), ids in sorted(subjects.items()):
        yield f"{severity} {rule}: {short(sorted(ids))}"


def _mended(findings: Sequence[Finding]) -> Iterator[str]:
    """A line for each rule whose errors are gone, and one for each other severity."""
    yield from _by_rule(finding for finding in findings if finding.severity is Severity.ERROR)
    yield from _by_severity(finding for finding in findings if finding.severity.rank)


def _by_severity(findings: Iterable[Finding]) -> Iterator[str]:
    """A line for each severity, with the rules."""
    counts = Counter((finding.severity, finding.rule) for finding in findings)
    for severity in Severity:
        rules = sorted((rule, n) for (level, rule), n in counts.items() if level is severity)
        if names := [f"{rule} ({n})" if n > 1 else rule for rule, n in rules]:
            yield f"{severity}: {', '.join(names)}"


def _by_element(changes: Iterable[Shift], calendar: Calendar) -> Iterator[str]:
    """A line for each stream and team, with the numbers that moved."""
    rows: dict[tuple[str, str], list[str]] = {}
    for change in changes:
        if change.field.name in _HEADLINES:
            rows.setdefault((change.kind, change.id), []).append(_change(change, calendar))
    for (_, id), texts in rows.items():
        yield f"{id}: {'; '.join(texts)}"


def _change(change: Shift, calendar: Calendar) -> str:
    before, after = (_shown(q, change, calendar) for q in (change.before, change.after))
    return f"{change.field.name} {before} → {after} ({change.verdict})"


def _shown(quantity: Quantity, change: Shift, calendar: Calendar) -> str:
    if change.field.unit == ITEM_DAYS:
        in_days = in_unit(quantity, change.field, calendar)
        return f"{figure(in_days, 'number', calendar)} {ITEM_DAYS}"
    return figure(quantity, change.field.type.base, calendar)


def _moves(difference: Difference) -> Iterator[str]:
    for moved in difference.constraints:
        before, after = moved.before or "not known", moved.after or "not known"
        yield f"{moved.stream}: {before} → {after}"


def _edits(edited: Iterable[Edited]) -> Iterator[str]:
    for before, after, escalation in edited:
        said = f"{after.severity} {after.rule}: {after.message}"
        was = f"was {before.severity}" if before.severity is not after.severity else ""
        may = f"; not known whether it is {escalation.noun}" if escalation else ""
        yield f"{said} ({was or f'was: {before.message}'}{may})"


def _grouped(items: Iterable[str], mark: str) -> dict[str, list[str]]:
    """What stands behind the mark, by what stands before it."""
    found: dict[str, list[str]] = {}
    for item in items:
        before, _, behind = item.partition(mark)
        found.setdefault(before, []).append(behind)
    return found


def _by_consumer(edges: Iterable[str]) -> Iterator[str]:
    """A line for each team that waits, with those it waits for."""
    for consumer, ids in _grouped(edges, " → ").items():
        yield f"{consumer} → {short(ids)}"


def _by_stream(handoffs: Iterable[str]) -> Iterator[str]:
    """A line for each stream, with its handoffs."""
    for stream, borders in _grouped(handoffs, ": ").items():
        yield f"{stream}: {short(borders)}"


def _by_kind(elements: Iterable[str]) -> Iterator[str]:
    """A line for each kind that a reorganisation is about, with the ids; the others counted."""
    ids = _grouped(elements, " ")
    for kind in _NAMED:
        if kind in ids:
            yield f"{kind}: {short(ids[kind])}"
    if rest := [counted(len(names), kind) for kind, names in ids.items() if kind not in _NAMED]:
        yield enumerated(rest)


def short(names: Sequence[str]) -> str:
    """The names as a list, cut where it gets long.

    >>> short([str(n) for n in range(20)])
    '0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 10 more'
    """
    if len(names) <= 12:
        return ", ".join(names)
    return f"{', '.join(names[:10])} and {len(names) - 10} more"
