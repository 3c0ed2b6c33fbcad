"""Quality gates: numbers that the configuration wants to hold, `stream.ID.METRIC >= 15%`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from orgdiag.catalogue import catalogue
from orgdiag.config import Gate
from orgdiag.evaluate.values import gaps
from orgdiag.evaluate.wording import figure as worded
from orgdiag.facts.columns import Facts
from orgdiag.finding import Evidence, Finding, NotAssessed, OrgdiagError, Problem, Severity, Subject
from orgdiag.model.elements import PLURALS
from orgdiag.model.fields import Field
from orgdiag.partial.quantity import Number, Quantity
from orgdiag.rule import literal
from orgdiag.rule.algebra import plain
from orgdiag.text.nearest import did_you_mean

RULE: Final = "gate-broken"
_WHOLE: Final = "organisation"
_KINDS: Final = (_WHOLE, *PLURALS)  # what a model names; other kinds of the rules are derived
_NUMBERS: Final = frozenset({"number", "share", "duration", "effort", "rate", "cadence"})
_CONDITION: Final = r"\s*(>=|<=|>|<|=)\s*(\S(?:.*\S)?)\s*"


class Judged(NamedTuple):
    """What the gates say: findings for those that are broken, and those nobody can judge."""

    findings: tuple[Finding, ...] = ()
    not_assessed: tuple[NotAssessed, ...] = ()


class _Gate(NamedTuple):
    """A gate whose words are known."""

    written: Gate
    element: Any
    field: Field
    sign: str
    bound: Number


def judge(gates: Iterable[Gate], facts: Facts) -> Judged:
    """What the gates say of the facts.

    Raises:
        OrgdiagError: a gate names no element or metric, or its condition makes no sense.
    """
    known, problems = list[_Gate](), list[Problem]()
    for written in gates:
        read = _read(written, facts)
        if isinstance(read, Problem):
            problems.append(read)
        else:
            known.append(read)
    if problems:
        raise OrgdiagError(problems)
    findings, not_assessed = [], []
    for gate in known:
        value = gate.field.read(facts, gate.element)
        subject = Subject(gate.element.kind, gate.element.id)
        holds = _holds(value, gate.sign, gate.bound) if isinstance(value, Quantity) else None
        if holds is None:
            not_assessed.append(NotAssessed(RULE, subject, gaps(value), None, gate.element.span))
        elif not holds:
            findings.append(_finding(gate, value, subject, facts))
    return Judged(tuple(findings), tuple(not_assessed))


def _read(gate: Gate, facts: Facts) -> _Gate | Problem:
    """The gate with its words looked up, or what is wrong with them."""
    span = gate.condition.span
    kind, _, rest = gate.target.partition(".")
    id, _, metric = rest.rpartition(".")
    words = catalogue()
    if kind not in _KINDS:
        known = f"a gate cannot be about a {kind}" if kind in words.kinds else f"no kind `{kind}`"
        return Problem(known, span, did_you_mean(kind, _KINDS) or f"kinds: {', '.join(_KINDS)}")
    elements = {"": facts.org} if kind == _WHOLE else facts.org.of_kind(kind)
    if id not in elements:
        form = f"{kind}.METRIC" if kind == _WHOLE else f"{kind}.ID.METRIC"
        help = did_you_mean(id, elements) or f"write {form}"
        return Problem(f"no {kind} `{id}`", span, help)
    field = words.find(kind, metric)
    if field is None:
        return Problem(f"no {metric} of a {kind}", span, did_you_mean(metric, words.names(kind)))
    if field.type.many or field.type.base not in _NUMBERS:
        return Problem(f"{metric} of a {kind} is no number", span)
    match = re.fullmatch(_CONDITION, gate.condition.text)
    type = literal.type_of(match[2]) if match else None
    if match is None or type is None:
        return Problem(f"`{gate.condition.text}` is no condition", span, 'write ">= 15%"')
    if type.base != plain(field.type.base):
        return Problem(f"{metric} is a {field.type.base}, `{match[2]}` is a {type.base}", span)
    bound = literal.quantity(match[2], facts.org.calendar).value
    return _Gate(gate, elements[id], field, match[1], bound)


def _holds(value: Quantity, sign: str, bound: Number) -> bool | None:
    """Whether the value keeps the condition; None when its interval does not decide.

    >>> some = Quantity(3, 5)
    >>> [_holds(some, ">=", bound) for bound in (3, 4, 5, 6)]
    [True, None, None, False]
    >>> [_holds(some, ">", bound) for bound in (2, 3, 4, 5)]
    [True, None, None, False]
    >>> [_holds(some, "<=", bound) for bound in (2, 3, 4, 5)]
    [False, None, None, True]
    >>> [_holds(some, "<", bound) for bound in (3, 4, 5, 6)]
    [False, None, None, True]
    >>> _holds(some, "=", 4), _holds(some, "=", 6), _holds(Quantity(4, 4), "=", 4)
    (None, False, True)
    >>> _holds(Quantity(3, None), "<=", 9) is None
    True
    """
    low, high = value.low, value.high
    if sign in (">=", ">"):
        if low is not None and (low >= bound if sign == ">=" else low > bound):
            return True
        below = high is not None and (high < bound if sign == ">=" else high <= bound)
        return False if below else None
    if sign in ("<=", "<"):
        if high is not None and (high <= bound if sign == "<=" else high < bound):
            return True
        above = low is not None and (low > bound if sign == "<=" else low >= bound)
        return False if above else None
    if value.exact:
        return low == bound
    outside = (low is not None and low > bound) or (high is not None and high < bound)
    return False if outside else None


def _finding(gate: _Gate, value: Quantity, subject: Subject, facts: Facts) -> Finding:
    shown = worded(value, gate.field.type.base, facts.org.calendar, (gate.bound,))
    target, condition = gate.written
    return Finding(
        rule=RULE,
        group="model",
        severity=Severity.ERROR,
        message=f"{gate.field.name} of {subject.id} is {shown}; the gate wants {condition.text}",
        subject=subject,
        span=gate.element.span,
        evidence=tuple(_evidence(target, gate)),
        help="orgdiag diagnose tells what the number rests on",
        kind="evidence",
    )


def _evidence(target: str, gate: _Gate) -> Iterator[Evidence]:
    condition = gate.written.condition
    yield Evidence(f"the gate {target} {condition.text}", condition.span)
