"""Why a rule flags a subject, why it does not, or what it would have to know."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, Final

from orgdiag.catalogue import Catalogue, catalogue
from orgdiag.evaluate import wording
from orgdiag.evaluate.engine import Engine, given_up
from orgdiag.evaluate.explain import Verdict
from orgdiag.evaluate.run import BUDGET, Exhausted
from orgdiag.evaluate.tell import Hit, Named
from orgdiag.finding import Finding, OrgdiagError, Subject
from orgdiag.frozen import frozen
from orgdiag.model.types import Type
from orgdiag.partial.certainty import MAYBE, NO, SURE
from orgdiag.partial.members import Members
from orgdiag.partial.unknown import Gaps
from orgdiag.rule.rule import Rule, RuleSet
from orgdiag.rule.typed import Expr
from orgdiag.text.nearest import did_you_mean
from orgdiag.text.source import Span

FLAGGED: Final = "flagged"
PASSES: Final = "not flagged"
OPEN: Final = "not assessed"
OUTSIDE: Final = "not checked"
SUPERSEDED: Final = "superseded"
_MARKS: Final = {NO: "does not hold", MAYBE: "not known", SURE: "holds"}


@frozen
class Line:
    """One line of an explanation.

    depth   how far it belongs under the lines before it
    mark    holds, does not hold, not known, or "" for a plain fact
    span    where the fact stands in the model, or None
    """

    text: str
    depth: int = 0
    mark: str = ""
    span: Span | None = None


@frozen
class Explanation:
    """What a rule says of a subject, and why.

    outcome   flagged, not flagged, not assessed, not checked: the rule is not about it, or
              superseded: it is flagged, and another finding stands in its place
    lines     values, conditions and the elements that count, in the order of the rule
    missing   the inputs that would settle it
    finding   the finding of a flagged or superseded subject
    instead   the finding that stands in its place, or those that may when it is not assessed
    """

    rule: Rule
    subject: Subject
    outcome: str
    lines: tuple[Line, ...]
    missing: Gaps = ()
    finding: Finding | None = None
    instead: tuple[Named, ...] = ()


def why(
    rules: RuleSet,
    name: str,
    subject: str,
    facts: Any,
    words: Catalogue | None = None,
    *,
    kind: str = "",
    names: Collection[str] | None = None,
) -> Explanation:
    """Why a rule says what it says of the subject with that id, of that kind where one is given.

    It says what `evaluate` says of the same rules.

    Args:
        rules: all rules.
        name: the rule; it need not be among those of `names`.
        subject: the id; the order of a pair does not matter.
        facts: the organisation.
        words: the fields that the rules were checked against; by default all there are.
        kind: of the subject.
        names: the rules that say something, and so may supersede; by default all.

    Raises:
        OrgdiagError: there is no such rule, or nothing in the model that it could be about has
            that id.
    """
    rule = rules.find(name)
    if rule is None:
        raise OrgdiagError.of(f"there is no rule `{name}`", help=did_you_mean(name, rules.rules))
    if not rule.checks:
        raise OrgdiagError.of(f"rule `{name}` is the reader's: it has no condition to explain")
    try:
        return Reasons(rules, rule, facts, words or catalogue(), names).of(subject, kind)
    except Exhausted:
        raise OrgdiagError((given_up(rule).problem,)) from None


class Reasons:
    """Explains one rule over one organisation."""

    def __init__(
        self,
        rules: RuleSet,
        rule: Rule,
        facts: Any,
        words: Catalogue,
        names: Collection[str] | None = None,
    ) -> None:
        self.rule = rule
        self.engine = Engine(rules, facts, words)
        self.teller = self.engine.teller
        chosen = {rule.name, *(rules.rules if names is None else names)}
        self.said = self.engine.outcome(_linked(rules, rule.name, chosen))
        if gave_up := [each.problem for each in self.said.given_up if each.rule == rule.name]:
            raise OrgdiagError(gave_up)

    @cached_property
    def hits(self) -> list[Hit]:
        """Whom the rule looks at or leaves aside, once for each way to look at them."""
        return list(self.engine.every(self.rule))

    def of(self, id: str, kind: str = "") -> Explanation:
        """Why the rule says what it says of a subject; the order of a pair does not matter."""
        named = [hit for hit in self.hits if _sorted(hit.subject.id) == _sorted(id)]
        if not named:
            ids = [hit.subject.id for hit in self.hits]
            help = (
                did_you_mean(id, ids)
                or f"it is about {wording.listed(dict.fromkeys(ids)) or 'nothing here'}"
            )
            raise OrgdiagError.of(
                f"rule `{self.rule.name}` is about nothing called `{id}`", help=help
            )
        fitting = [hit for hit in named if kind in ("", hit.subject.kind)]
        if not fitting:
            raise OrgdiagError.of(
                f"{self.rule.name} is about the {named[0].subject.kind} `{id}`, not about a {kind}"
            )
        return self._explained(max(fitting, key=lambda hit: (hit.subject.id == id, hit.truth)))

    def _explained(self, hit: Hit) -> Explanation:
        """Why, in the way to look at the subject that says most."""
        self.engine.run.left = BUDGET
        verdicts = list(self.teller.verdicts(self.rule, hit.envs[0]))
        lines = [*self._params(), *self._lets(hit)]
        for verdict in verdicts:
            lines.extend(self._verdict(verdict, 0))
        said = self._said(hit, verdicts)
        if said.finding is not None:
            lines.append(Line("evidence"))
            lines.extend(Line(e.message, 1, "", e.span) for e in said.finding.evidence)
        return replace(said, lines=tuple(lines))

    def _said(self, hit: Hit, verdicts: list[Verdict]) -> Explanation:
        """What came out of the rules about a subject, without the reasons."""
        about = self.rule.name, hit.subject
        told = partial(Explanation, self.rule, hit.subject, lines=())
        for finding in self.said.findings:
            if (finding.rule, finding.subject) == about:
                return told(FLAGGED, finding=finding)
            if any(other[:2] == about for other in finding.superseded):
                lost, by = self.teller.finding(self.rule, hit, []), (finding.rule, finding.subject)
                return told(SUPERSEDED, finding=lost, instead=(by,))
        for entry in self.said.not_assessed:
            if (entry.rule, entry.subject) == about and entry.escalation is None:
                instead = self.said.instead.get(about, ())
                return told(OPEN, missing=entry.missing, instead=instead)
        (check,) = self.teller.part(self.rule, "check")
        outside = check.args[0] is not None and verdicts[0].truth == NO
        return told(OUTSIDE if outside else PASSES)

    def _params(self) -> Iterator[Line]:
        for param in self.rule.params.values():
            origin = param.origin or f"default, {param.basis}"
            yield Line(f"{param.name} = {param.value} ({origin})")

    def _lets(self, hit: Hit) -> Iterator[Line]:
        env = self.teller.env(self.rule, hit.envs[0])
        for let in self.teller.part(self.rule, "let"):
            value = self.teller.value(self.rule, let, env)
            yield Line(f"{let.args[1]} = {self._worded(value, let.expr(2).type)}")

    def _worded(self, value: Any, type: Type) -> str:
        return wording.worded(value, type, self.teller.calendar)

    def _text(self, expr: Expr) -> str:
        return " ".join(self.rule.source.text[expr.start : expr.end].split())

    def _verdict(self, verdict: Verdict, depth: int) -> Iterator[Line]:
        """The lines of a condition: what it says, what it compared, who counts, what is inside."""
        if verdict.expr.op == "not":
            verdict = verdict.parts[0]._replace(truth=verdict.truth, expr=verdict.expr)
        own = verdict.expr.op in {"all-of", "any-of"}
        if not own or depth == 0:
            said = "; ".join(self._operands(verdict))
            text = self._text(verdict.expr) + (f"  ({said})" if said else "")
            yield Line(text, depth, _MARKS[verdict.truth])
        yield from self._counted(verdict, depth + 1)
        if verdict.expr.op not in {"quantified", "every", "defined"}:
            for part in verdict.parts:
                yield from self._verdict(part, depth + 1)

    def _operands(self, verdict: Verdict) -> Iterator[str]:
        for expr, value in verdict.values:
            if expr.op == "bind":
                count = len(value.certain)
                yield f"counted: {count}" + (" for sure" if not value.known else "")
            elif expr.op in {"number", "text", "date", "word", "set"}:
                continue
            else:
                yield f"{self._text(expr)} is {self._worded(value, expr.type)}"

    def _counted(self, verdict: Verdict, depth: int) -> Iterator[Line]:
        for expr, value in verdict.values:
            if expr.op == "bind" and isinstance(value, Members):
                for element in value.certain:
                    if hasattr(element, "kind"):
                        for line in wording.described(element):
                            yield Line(line.message, depth, "", line.span)


def _linked(rules: RuleSet, name: str, chosen: Collection[str]) -> frozenset[str]:
    """The rules among the chosen ones that `supersedes` links with a rule, over others too."""
    beside: dict[str, set[str]] = {}
    for rule in rules:
        for clause in rule.part("supersedes") if rule.name in chosen else ():
            beside.setdefault(rule.name, set()).add(clause.args[0])
            beside.setdefault(clause.args[0], set()).add(rule.name)
    found, ends = {name}, [name]
    while ends:
        further = beside.get(ends.pop(), set()) & set(chosen) - found
        found |= further
        ends += further
    return frozenset(found)


def _sorted(id: str) -> str:
    return " with ".join(sorted(id.split(" with ")))
