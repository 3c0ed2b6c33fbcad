"""What must hold of two models of which one knows less: what it says for certain, both say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache, cached_property
from typing import Any, Final, NamedTuple

from orgdiag import gates
from orgdiag.catalogue import catalogue
from orgdiag.config import Gate, Said
from orgdiag.evaluate import Outcome, evaluate
from orgdiag.facts.columns import Facts
from orgdiag.finding import Subject
from orgdiag.measure import says_nothing
from orgdiag.metrics.constraint import METHODS, Constraint, constraint
from orgdiag.metrics.ledger import UNEXPLAINED, ledger, wait_by
from orgdiag.model.elements import PLURALS, Org
from orgdiag.model.fields import Field
from orgdiag.partial.quantity import ZERO, Number, Quantity, total
from orgdiag.rule import RuleSet, load_rules
from orgdiag.text.source import Source, Span

NUMERIC: Final = frozenset({"number", "share", "duration", "effort", "rate", "cadence"})
# Numbers of how much a model says, which change with every word.
OF_THE_TEXT: Final = frozenset({"lead-time-coverage", "observed-streams"})
Rows = Mapping[str, Quantity]


class Broken(NamedTuple):
    """A law that does not hold.

    law   its name
    what  of which kind of thing it does not hold: `team.fan-in`, the name of a rule
    told  the one thing, and what each of the two models says of it
    """

    law: str
    what: str
    told: str = ""


class Seen:
    """A model and what it says, each asked once."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.facts = Facts(org)

    @cached_property
    def numbers(self) -> Mapping[tuple[Field, str], Quantity]:
        """Every number of every element, by its field and the id."""
        return {
            (field, id): found
            for kind, fields in numeric().items()
            for id, element in elements(self.org, kind)
            for field in fields
            if isinstance(found := field.read(self.facts, element), Quantity)
        }

    @cached_property
    def verdicts(self) -> Outcome:
        """What the rules say."""
        return evaluate(rules(), self.facts)


@cache
def rules() -> RuleSet:
    """The rules that ship."""
    return load_rules()


def elements(org: Org, kind: str) -> Iterable[tuple[str, Any]]:
    """The elements of a kind, by id; the organisation has none."""
    return [("", org)] if kind == "organisation" else org.of_kind(kind).items()


@cache
def numeric() -> Mapping[str, list[Field]]:
    """The fields of each kind of element that are numbers, but those that are written."""
    words = catalogue()
    found: dict[str, list[Field]] = {}
    for kind in (*PLURALS, "organisation"):
        fields = {**words.fields.get(kind, {}), **words.metrics.get(kind, {})}
        found[kind] = [
            field
            for field in fields.values()
            if field.type.base in NUMERIC and not field.type.many and field.origin != "property"
            if field.name not in OF_THE_TEXT
        ]
    return found


# --- numbers --------------------------------------------------------------------------------------


def numbers_lie_inside(less: Seen, more: Seen) -> Iterator[Broken]:
    """Every number lies in the interval that fewer facts leave it.

    One that is undefined with more facts lies in an interval that is no less than its range.
    """
    for (field, id), wide in less.numbers.items():
        narrow = more.numbers.get((field, id))
        if narrow is None or says_nothing(wide, field) or _whole_range(wide, field):
            continue
        if says_nothing(narrow, field) or not inside(narrow, wide):
            yield Broken("number", f"{field.kind}.{field.name}", f"{id} {shown(wide, narrow)}")


def _whole_range(wide: Quantity, field: Field) -> bool:
    return field.name == "modularity" and (wide.low, wide.high) == (Fraction(-1, 2), 1)


def inside(narrow: Quantity, wide: Quantity) -> bool:
    """Whether one interval lies in another."""
    low = wide.low is None or (narrow.low is not None and narrow.low >= wide.low)
    return low and (wide.high is None or (narrow.high is not None and narrow.high <= wide.high))


def shown(less: Quantity, more: Quantity) -> str:
    """Two intervals, for a reader."""
    return f"less {_bounds(less)} more {_bounds(more)}"


def _bounds(quantity: Quantity) -> str:
    return f"{_figure(quantity.low)}..{_figure(quantity.high)}"


def _figure(number: Number | None) -> str:
    return "?" if number is None else f"{float(number):g}"


# --- gates ----------------------------------------------------------------------------------------

# Conditions of which nearly every number keeps one and breaks one.
CONDITIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "number": (">= 1", "<= 1", ">= 3"), "share": (">= 50%", "<= 15%", ">= 99%"),
    "duration": ("<= 5d", ">= 1d", "<= 30d"), "rate": (">= 2 per month", "<= 10 per month"),
    "effort": ("<= 20h per month", ">= 1h per month"), "cadence": ("<= 2w",),
}  # fmt: skip


def gates_agree(less: Seen, more: Seen) -> Iterator[Broken]:
    """What a gate says of a number it says whatever else is found out.

    Where the number itself does not lie inside, its own law says so.
    """
    for (field, id), wide in less.numbers.items():
        narrow = more.numbers.get((field, id))
        if narrow is None or not inside(narrow, wide) or _another_word(field):
            continue
        target = ".".join(part for part in (field.kind, id, field.name) if part)
        for condition in CONDITIONS[field.type.base]:
            gate = _gate(target, condition)
            before, after = _verdict(gate, less), _verdict(gate, more)
            if before not in ("open", after):
                told = f"{id} {condition}: less {before} more {after}"
                yield Broken("gate", f"{field.kind}.{field.name}", told)


def _another_word(field: Field) -> bool:
    """Whether a gate with the name of a metric asks for something else: a set."""
    return catalogue().find(field.kind, field.name) is not field


def _gate(target: str, condition: str) -> Gate:
    span = Span(Source("orgdiag.toml", condition), 0, len(condition))
    return Gate(target, Said(condition, "", span))


def _verdict(gate: Gate, seen: Seen) -> str:
    judged = gates.judge([gate], seen.facts)
    if judged.not_assessed:
        return "open"
    return "broken" if judged.findings else "kept"


# --- the constraint and the ledger ----------------------------------------------------------------


def the_constraint_stands(less: Seen, more: Seen) -> Iterator[Broken]:
    """Whom a rung of evidence names for certain, the same rung names with more facts.

    With more facts an earlier rung, which is better evidence, may name somebody else.
    """
    for id, stream in less.org.streams.items():
        before = constraint(less.facts, stream)
        if before.certain is True and id in more.org.streams:
            after = constraint(more.facts, more.org.streams[id])
            told = f"{id}: less {_named(before)} more {_named(after)}"
            if _rung(after) > _rung(before):
                yield Broken("constraint", "stream.constraint-method", told)
            elif _rung(after) == _rung(before) and _named(after) != _named(before):
                yield Broken("constraint", "stream.constraint-team", told)


def _rung(found: Constraint) -> int:
    return len(METHODS) if found.method is None else METHODS.index(found.method)


def _named(found: Constraint) -> str:
    return f"{found.team.id if found.team else 'nobody'} by {found.method}"


def waits_lie_inside(less: Seen, more: Seen) -> Iterator[Broken]:
    """Each row of the waits, and of the ledger, lies in the row that fewer facts leave it.

    What is booked to a team that is not known may be that of anybody.
    """
    for id, stream in less.org.streams.items():
        if id in more.org.streams:
            other = more.org.streams[id]
            for key in ("team", "step", "reason"):
                wide, narrow = wait_by(less.facts, stream, key), wait_by(more.facts, other, key)
                yield from _rows("wait", f"wait-by-{key}", id, wide, narrow)
            for key, name in _BY.items():
                rows = [
                    _summed((name(line), line.time) for line in ledger(seen.facts, one).lines)
                    for seen, one in ((less, stream), (more, other))
                ]
                yield from _rows("ledger", f"ledger-by-{key}", id, *rows)


_BY: Final[Mapping[str, Callable[[Any], str]]] = {
    "team": lambda line: line.team.id if line.team else "",
    "step": lambda line: line.step.id,
    "reason": lambda line: line.reason,
}


def _summed(items: Iterable[tuple[str, Quantity]]) -> Rows:
    found: dict[str, list[Quantity]] = {}
    for key, time in items:
        found.setdefault(key, []).append(time)
    return {key: total(times) for key, times in found.items()}


def _unclaimed(wide: Rows) -> Quantity:
    """What may belong to any row: the time of an unknown team, or wait that may have a reason."""
    rest = wide.get("", wide.get(UNEXPLAINED, ZERO))
    return Quantity(0, rest.high) if "" in wide or not rest.exact else ZERO


def _rows(law: str, what: str, id: str, wide: Rows, narrow: Rows) -> Iterator[Broken]:
    anybody = _unclaimed(wide)
    for name in dict.fromkeys((*wide, *narrow)):
        most = wide.get(name, ZERO) + anybody if name else anybody
        one = narrow.get(name, ZERO)
        if (one.low, one.high) == (None, None):
            one = Quantity(0, None)
        if not inside(one, most):
            yield Broken(law, what, f"{id}: {name or 'unknown'} {shown(most, one)}")


# --- rules ----------------------------------------------------------------------------------------

# Rules that look for what is missing itself; those of the kind evidence do too.
ABOUT_GAPS: Final = frozenset({"stream-without-owner", "queue-marks-constraint"})


def findings_stand(less: Seen, more: Seen) -> Iterator[Broken]:
    """What is found with fewer facts is found; what is not, and is not open, is not found."""
    before, after = less.verdicts, more.verdicts
    found, now = _found(before), _found(after)
    open = {(entry.rule, entry.subject) for entry in before.not_assessed if not entry.escalation}
    for rule, subject in sorted(_flagged(before) - now):
        yield Broken("appears", rule, f"{subject.kind} {subject.id}")
    for rule, subject in sorted(_flagged(after) - found - open):
        law = "pair" if subject.kind in ("pair", "cycle") else "vanishes"
        yield Broken(law, rule, f"{subject.kind} {subject.id}")


def _flagged(outcome: Outcome) -> set[tuple[str, Subject]]:
    return {
        (finding.rule, finding.subject)
        for finding in outcome.findings
        if finding.kind != "evidence" and finding.rule not in ABOUT_GAPS
    }


def _found(outcome: Outcome) -> set[tuple[str, Subject]]:
    """What was found, in its own words or in those of a stronger finding."""
    return {
        (told.rule, told.subject)
        for finding in outcome.findings
        for told in (finding, *finding.superseded)
    }


Law = Callable[[Seen, Seen], Iterator[Broken]]
# What is asked of every pair, and of one in which nothing but what is silent was found out: what
# rules say of what is left out rests on whether it is stated.
NUMBERS: Final[tuple[Law, ...]] = (
    numbers_lie_inside, gates_agree, the_constraint_stands, waits_lie_inside,
)  # fmt: skip
LAWS: Final[tuple[Law, ...]] = (*NUMBERS, findings_stand)
