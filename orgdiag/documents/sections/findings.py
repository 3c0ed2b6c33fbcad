"""The findings as people read them: grouped by their cause, each with the lines it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from heapq import nsmallest
from typing import TYPE_CHECKING, Final

from orgdiag.documents.sections.method import rule_anchors
from orgdiag.documents.sections.roots import of_model, title_of
from orgdiag.documents.sections.words import Words, middle
from orgdiag.facts.columns import Facts
from orgdiag.finding import Finding, Subject
from orgdiag.frozen import frozen
from orgdiag.partial.quantity import Quantity
from orgdiag.report import Report
from orgdiag.text.printable import shortened
from orgdiag.text.source import Span

if TYPE_CHECKING:
    from orgdiag.diagnose.causes import Cause
    from orgdiag.diagnose.diagnosis import Diagnosis

# Up to here every finding is a row of the page; above, a part is, and the rest is data.
ROWS: Final = 500
LONGEST_LINE: Final = 160
# More facts are counted, and in the data of the page.
FACTS: Final = 10
CAUSES: Final = 3


@frozen
class Line:
    """A line of the model that the page cites, and where it stands on the page."""

    number: int
    text: str
    anchor: str


@frozen
class At:
    """A place in the model: file and line, the same as a short text, and the line on the page."""

    place: str = ""
    text: str = ""
    anchor: str = ""


@frozen
class Fact:
    """One fact behind a finding, and where it is written."""

    message: str
    at: At


@frozen
class Entry:
    """One finding as a row.

    anchor       where it stands on the page
    rule         where what the rule says stands on the page; "" when it says nothing
    delay        what it costs in words, `weight` the same as a number to sort by, None for none
    at           where its subject stands
    facts        what it rests on, `more_facts` how many further ones there are
    because      findings that explain it: text and anchor; `more_causes` how many further ones
    """

    finding: Finding
    anchor: str
    rule: str
    delay: str
    weight: float | None
    at: At
    facts: tuple[Fact, ...]
    more_facts: int
    because: tuple[tuple[str, str], ...]
    more_causes: int


@frozen
class Group:
    """Findings with one cause; `role` is root, cause, symptom, evidence or model."""

    title: str
    role: str
    anchor: str
    delay: str
    entries: tuple[Entry, ...]


@frozen
class Findings:
    """All findings that count.

    groups   by cause, the roots first, in the order in which to take them on
    total    how many there are; more than are in the groups when they are too many for rows
    lines    the lines of the model that they cite, by file
    """

    groups: tuple[Group, ...]
    total: int
    lines: tuple[tuple[str, tuple[Line, ...]], ...]

    @property
    def shown(self) -> int:
        """How many are rows."""
        return sum(len(group.entries) for group in self.groups)


class Cited:
    """The lines of the model that are cited so far, each with an anchor."""

    def __init__(self) -> None:
        self._files: dict[str, dict[int, Line]] = {}

    def cite(self, span: Span | None) -> At:
        """The place, and the anchor of its line; empty for no place."""
        if span is None:
            return At()
        lines = self._files.setdefault(span.path, {})
        number = span.line
        if number not in lines:
            place = list(self._files).index(span.path) + 1
            text = shortened(span.source.line(number), LONGEST_LINE)
            lines[number] = Line(number, text, f"l{place}-{number}")
        name = span.path.rpartition("/")[2]
        return At(f"{span.path}:{number}", f"{name}:{number}", lines[number].anchor)

    @property
    def lines(self) -> tuple[tuple[str, tuple[Line, ...]], ...]:
        """The lines by file, both in order."""
        return tuple(
            (path, tuple(lines[number] for number in sorted(lines)))
            for path, lines in sorted(self._files.items())
        )


def findings(
    report: Report, diagnosis: Diagnosis | None, facts: Facts | None, words: Words
) -> Findings:
    """The findings that count, by cause."""
    cited = Cited()
    rules = rule_anchors(report)
    new = report.new
    shown = new
    if len(new) > ROWS:
        shown = tuple(nsmallest(ROWS, new, lambda f: (f.severity.rank, f.span.path, f.span.start)))
    said = {finding.fingerprint: finding for finding in shown}
    groups = tuple(
        Group(
            title,
            role,
            f"group-{number}",
            delay,
            tuple(_entries(members, said, cited, rules, words)),
        )
        for number, (title, role, delay, members) in enumerate(
            _grouped(diagnosis if facts else None, facts, shown, words), start=1
        )
    )
    return Findings(groups, len(new), cited.lines)


Titled = tuple[str, str, str, tuple[Finding, ...]]


def _explained(diagnosis: Diagnosis) -> Iterator[tuple[Cause, list[Finding]]]:
    """Each cause with its own findings and those that it alone explains, roots first, in order."""
    brought = Counter([_identity(f) for cause in diagnosis.causes for f in cause.effects])
    order = diagnosis.order
    ranked = [move.cause for move in order.moves]
    ranked += [cause for cause, _ in order.per_item]
    ranked += [*order.unpriced, *order.others]
    known = {cause.id for cause in ranked}
    rest = [cause for cause in diagnosis.causes if cause.id not in known]
    for cause in (*ranked, *rest):
        shown = (f for f in cause.effects if f.kind == "symptom" and brought[_identity(f)] == 1)
        yield cause, [*cause.findings, *shown]


def _identity(finding: Finding) -> tuple[str, Subject]:
    """What its fingerprint is made of."""
    return finding.rule, finding.subject


def _delay(cause: Cause, words: Words) -> str:
    if cause.delay is None or cause.delay.high == 0:
        return ""
    if cause.delay.high is None:
        return "not priced yet"
    return f"up to {words.item_days(Quantity.of(cause.delay.high))}"


_REST: Final[Mapping[str, tuple[str, str]]] = {
    "structure": ("No waiting is known for these", "cause"),
    "symptom": ("Symptoms that no cause explains alone", "symptom"),
    "evidence": ("What the model leaves open", "evidence"),
    "model": ("Errors of the model itself", "model"),
}


def _grouped(
    diagnosis: Diagnosis | None, facts: Facts | None, shown: Iterable[Finding], words: Words
) -> Iterator[Titled]:
    """The causes with the findings that no earlier one has, then the rest by kind.

    A cause that has one finding, no waiting and nothing else to say shares a group with its like.
    """
    left = {_identity(finding): finding for finding in shown}
    groups: list[Titled] = []
    alone: list[Finding] = []
    for cause, members in _explained(diagnosis) if diagnosis else ():
        own = tuple([left.pop(key) for key in map(_identity, members) if key in left])
        if not own:
            continue
        delay = _delay(cause, words)
        if of_model(own[0]):
            left.update((_identity(finding), finding) for finding in own)
        elif len(own) == 1 and not delay:
            alone += own
        elif facts:
            role = "root" if cause.root else "cause"
            groups.append((title_of(cause, facts), role, delay, own))
    rest: dict[str, list[Finding]] = {
        "model": [],
        "symptom": [],
        "structure": alone,
        "evidence": [],
    }
    for finding in left.values():
        rest["model" if of_model(finding) else finding.kind].append(finding)
    yield from _leftover("model", rest)
    yield from groups
    for key in ("structure", "symptom", "evidence"):
        yield from _leftover(key, rest)


def _leftover(key: str, rest: Mapping[str, list[Finding]]) -> Iterator[Titled]:
    if rest[key]:
        title, role = _REST[key]
        yield title, role, "", tuple(sorted(rest[key], key=lambda f: f.severity.rank))


def _entries(
    members: Iterable[Finding],
    said: Mapping[str, Finding],
    cited: Cited,
    rules: Mapping[str, str],
    words: Words,
) -> Iterator[Entry]:
    for finding in members:
        at = cited.cite(finding.span)
        causes = [said[other] for other in finding.causes if other in said]
        weight = middle(finding.delay) if finding.delay is not None else None
        yield Entry(
            finding,
            anchor_of(finding),
            rules.get(finding.rule, ""),
            _priced(finding, words),
            None if weight is None else float(weight),
            at,
            tuple(Fact(fact.message, cited.cite(fact.span)) for fact in finding.evidence[:FACTS]),
            max(len(finding.evidence) - FACTS, 0),
            tuple((other.message, anchor_of(other)) for other in causes[:CAUSES]),
            max(len(causes) - CAUSES, 0),
        )


def anchor_of(finding: Finding) -> str:
    """Where a finding stands on the page."""
    return f"f-{finding.fingerprint[:12]}"


def _priced(finding: Finding, words: Words) -> str:
    if finding.delay is None or finding.delay.high == 0:
        return ""
    if finding.delay.high is None:
        return "not priced yet"
    return f"up to {words.number(Quantity.of(finding.delay.high))} item-days a month"
