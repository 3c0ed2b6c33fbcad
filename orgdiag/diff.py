"""Two models compared: what became of findings, which numbers moved, where the constraint went.

A number counts as better or worse only when the two intervals do not overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Final, NamedTuple

from orgdiag.answers import Answers, answers
from orgdiag.catalogue import catalogue
from orgdiag.facts.borders import handoffs
from orgdiag.facts.columns import Facts
from orgdiag.facts.dependencies import blocks, dependencies
from orgdiag.finding import Finding
from orgdiag.frozen import frozen
from orgdiag.metrics.constraint import Constraint, constraint
from orgdiag.model.fields import Field
from orgdiag.model.types import Ref
from orgdiag.partial.quantity import Quantity
from orgdiag.report import Report

# What a reader of a reorganisation asks about, and whether less is better.
STREAM_METRICS: Final[Mapping[str, bool]] = {
    "lead-time": True, "expected-lead-time": True, "process-time": True, "flow-efficiency": False,
    "handoffs": True, "waiting-inventory": True, "owner-coverage": False,
    "external-wait-share": True, "wait-before-build": True,
}  # fmt: skip
TEAM_METRICS: Final[Mapping[str, bool]] = {
    "blocking-fan-out": True, "fan-in-blocking": True, "utilisation": True,
}  # fmt: skip
BETTER: Final = "better"
WORSE: Final = "worse"
OVERLAP: Final = "intervals overlap"


class Shift(NamedTuple):
    """One number before and after, of one element."""

    kind: str
    id: str
    field: Field
    before: Quantity
    after: Quantity
    verdict: str


class Moved(NamedTuple):
    """Where the constraint of a stream stood, and where it stands; None where nobody knows."""

    stream: str
    before: str | None
    after: str | None


@frozen
class Difference:
    """What distinguishes two models.

    findings                 what became of them
    changes                  numbers that differ, of streams and teams that both have
    constraints              streams whose constraint moved
    added, removed           elements, by `kind id`
    dependencies             blocking ones that came and went, as `consumer → provider`
    handoffs                 that came and went, as `stream: giver → receiver`
    owners                   streams and components whose owners changed: `kind id: a → b`
    left_out_before, _now    what neither side was judged by, in sentences
    """

    findings: Answers
    changes: tuple[Shift, ...]
    constraints: tuple[Moved, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    dependencies_added: tuple[str, ...]
    dependencies_removed: tuple[str, ...]
    handoffs_added: tuple[str, ...]
    handoffs_removed: tuple[str, ...]
    owners: tuple[str, ...]
    left_out_before: tuple[str, ...]
    left_out_now: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing differs, in what was not left out."""
        aside = ("findings", "left_out_before", "left_out_now")
        names = (item.name for item in fields(self) if item.name not in aside)
        return self.findings.empty and not any(getattr(self, name) for name in names)


def compare(old: Report, new: Report) -> Difference:
    """The difference between two reports.

    Raises:
        ValueError: a report carries no facts.
    """
    was, now = old.facts, new.facts
    if was is None or now is None:
        raise ValueError("a report without facts cannot be compared")
    elements_before, elements_after = set(_elements(was)), set(_elements(now))
    edges_before, edges_after = set(_edges(was)), set(_edges(now))
    handoffs_before, handoffs_after = set(_handoffs(was)), set(_handoffs(now))
    return Difference(
        findings=answers(old, new),
        changes=tuple(_changes(was, now)),
        constraints=tuple(_constraints(was, now)),
        added=tuple(sorted(elements_after - elements_before)),
        removed=tuple(sorted(elements_before - elements_after)),
        dependencies_added=tuple(sorted(edges_after - edges_before)),
        dependencies_removed=tuple(sorted(edges_before - edges_after)),
        handoffs_added=tuple(sorted(handoffs_after - handoffs_before)),
        handoffs_removed=tuple(sorted(handoffs_before - handoffs_after)),
        owners=tuple(_owners(was, now)),
        left_out_before=old.notices,
        left_out_now=new.notices,
    )


def _elements(facts: Facts) -> Iterator[str]:
    for kind in ("team", "stream", "step", "capability", "component", "coordination", "domain"):
        yield from (f"{kind} {id}" for id in facts.org.of_kind(kind))


def _edges(facts: Facts) -> Iterator[str]:
    for team in facts.org.teams.values():
        for dependency in dependencies(facts, team).certain:
            if blocks(facts, dependency) is True:
                yield f"{dependency.consumer.id} → {dependency.provider.id}"


def _handoffs(facts: Facts) -> Iterator[str]:
    for stream in facts.org.streams.values():
        for border in handoffs(facts, stream).certain:
            givers, receivers = (
                " and ".join(sorted(team.id for team in members.certain)) or "unknown"
                for members in (border.givers, border.receivers)
            )
            yield f"{stream.id}: {givers} → {receivers}"


def _changes(was: Facts, now: Facts) -> Iterator[Shift]:
    for kind, metrics in (("stream", STREAM_METRICS), ("team", TEAM_METRICS)):
        before, after = was.org.of_kind(kind), now.org.of_kind(kind)
        for id in sorted(before.keys() & after.keys()):
            for name, less in metrics.items():
                field = catalogue().metrics[kind][name]
                old, new = field.read(was, before[id]), field.read(now, after[id])
                if (old.low, old.high) != (new.low, new.high):
                    yield Shift(kind, id, field, old, new, _verdict(old, new, less))


def _verdict(old: Quantity, new: Quantity, less_is_better: bool) -> str:
    """Better or worse only when the intervals do not overlap."""
    if new.high is not None and old.low is not None and new.high < old.low:
        return BETTER if less_is_better else WORSE
    if old.high is not None and new.low is not None and old.high < new.low:
        return WORSE if less_is_better else BETTER
    return OVERLAP


def _constraints(was: Facts, now: Facts) -> Iterator[Moved]:
    before, after = was.org.streams, now.org.streams
    for id in sorted(before.keys() & after.keys()):
        old, new = _at(constraint(was, before[id])), _at(constraint(now, after[id]))
        if old != new:
            yield Moved(id, old, new)


def _at(found: Constraint) -> str | None:
    if found.team is None:
        return None
    step = f" at {found.step.local}" if found.step else ""
    return f"{found.team.id}{step}"


def _owners(was: Facts, now: Facts) -> Iterator[str]:
    for kind in ("stream", "component"):
        before, after = was.org.of_kind(kind), now.org.of_kind(kind)
        for id in sorted(before.keys() & after.keys()):
            old, new = _names(before[id].owner), _names(after[id].owner)
            if old != new:
                yield f"{kind} {id}: {old} → {new}"


def _names(owner: object) -> str:
    if owner is None:
        return "not said"
    if not isinstance(owner, tuple):
        return "unknown"
    return ", ".join(_name(one) for one in owner) or "nobody"


def _name(one: object) -> str:
    return one.id if isinstance(one, Ref) else one if isinstance(one, str) else "unknown"


def counted_by_severity(findings: Iterable[Finding]) -> Mapping[str, int]:
    """How many of the findings have each severity."""
    counts = {"error": 0, "warning": 0, "info": 0}
    for finding in findings:
        counts[finding.severity.value] += 1
    return counts
