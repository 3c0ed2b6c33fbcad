"""The ways of a model: every stage, format and command, and what must hold of what they say.

Each takes a `Judged` and raises where something does not hold. Nothing is read from or written to a
file: a text becomes a report, and everything is made from that.
"""

from __future__ import annotations

import io
import json
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Final, NamedTuple

import jsonschema

from orgdiag import diagram, formats, pipeline
from orgdiag.cli import main
from orgdiag.config import Settings
from orgdiag.diagnose.diagnosis import diagnose
from orgdiag.diff import compare
from orgdiag.documents import comparison, dossier, figures, narrative
from orgdiag.documents.excerpt import PLAIN, Look
from orgdiag.documents.sections import page
from orgdiag.evaluate.why import why
from orgdiag.facts.columns import Facts
from orgdiag.finding import Finding, Subject
from orgdiag.layout import formatted
from orgdiag.measure import measure
from orgdiag.parse import parse
from orgdiag.report import Report
from orgdiag.resolve import resolve
from orgdiag.rule import RuleSet
from orgdiag.text.source import Source, Span
from orgdiag.whatif import operations

ROOT: Final = Path(__file__).parent.parent.parent
TODAY: Final = date(2025, 3, 1)
SETTINGS: Final = Settings(root=ROOT, use_baseline=False)
LOUD: Final = Look(colour=True, width=40, not_assessed=True)
_ON_SCREEN: Final = ("full", "concise")  # formats that a look changes
ASKED: Final = 6  # of what could not be assessed so much is explained


class Judged(NamedTuple):
    """A text, what the reader found in it, and the report with its diagnosis."""

    text: str
    misread: tuple[Finding, ...]
    report: Report

    @property
    def facts(self) -> Facts:
        """The organisation."""
        assert self.report.facts is not None
        return self.report.facts


@cache
def rules() -> RuleSet:
    """The rules that ship."""
    return pipeline.rules_in_force(SETTINGS)


def judged(*texts: str) -> Judged:
    """The texts as the files of one model, judged and diagnosed."""
    files = [parse(Source(f"m{place}.orgd", text)) for place, text in enumerate(texts)]
    org, misread = resolve(files, operations=operations.forms())
    org = replace(org, as_of=org.as_of or TODAY)
    model = pipeline.Model(len(files), (), Facts(org), misread, "model")
    report = pipeline.judge(SETTINGS, model, rules())
    report = replace(report, diagnosis=diagnose(report.findings, model.facts))
    return Judged("".join(texts), misread, report)


# --- places ---------------------------------------------------------------------------------------


def every_place_lies_in_its_file(one: Judged) -> None:
    for span in _places(one.report):
        assert 0 <= span.start <= span.end <= len(span.source.text), span
        assert span.line >= 1, span
        assert span.column >= 1, span
    assert one.report.given_up == (), one.report.given_up


def _places(report: Report) -> Iterator[Span]:
    for finding in report.findings:
        assert finding.message, finding.rule
        yield finding.span
        yield from (fact.span for fact in finding.evidence if fact.span is not None)
    for entry in report.not_assessed:
        yield from (missing.span for missing in entry.missing if missing.span is not None)


# --- formats --------------------------------------------------------------------------------------


def every_format_shows_the_report(one: Judged) -> None:
    shown = page(one.report)
    for name in formats.names():
        content = shown if formats.of_page(name) else one.report
        _READ_BACK.get(name, _is_text)(formats.render(name, content, PLAIN))
        if name in _ON_SCREEN:
            _is_text(formats.render(name, content, LOUD))
    _is_text(dossier.render(shown))
    assert one.report.diagnosis is not None
    _is_text("\n".join(narrative.told(one.report, one.report.diagnosis)))


def _is_text(text: str) -> None:
    assert text.encode()  # no half of a character


def _json(text: str) -> Any:
    """What a text of strict JSON says."""

    def no_number(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=no_number)


def _lines_of_json(text: str) -> None:
    for line in text.splitlines():
        _json(line)


def _sarif(text: str) -> None:
    (run,) = _json(text)["runs"]
    for result in run["results"]:
        for location in result["locations"]:
            region = location["physicalLocation"]["region"]
            assert min(region.values()) >= 1, region


class _Tags(HTMLParser):
    """Holds that what is opened is closed, in order, where HTML does not close it by itself."""

    NEVER_CLOSED: Final = frozenset({"meta", "link", "br", "hr", "img", "input", "col"})
    CLOSED_BY_OTHERS: Final = frozenset({"li", "p", "dt", "dd", "tr", "td", "th", "thead", "tbody"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, _: object) -> None:
        if tag not in self.NEVER_CLOSED:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, _: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open[-1] != tag and self.open[-1] in self.CLOSED_BY_OTHERS:
            self.open.pop()
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another tag"


def _page(text: str) -> None:
    tags = _Tags()
    tags.feed(text)
    tags.close()
    assert tags.open == []


_READ_BACK: Final[Mapping[str, Callable[[str], Any]]] = {
    "json": _json, "jsonl": _lines_of_json, "sarif": _sarif, "gitlab": _json,
    "junit": ET.fromstring, "html": _page,
}  # fmt: skip

# --- numbers and drawings -------------------------------------------------------------------------


def every_number_is_told(one: Judged) -> None:
    measures = measure(one.facts, None)
    assessed = figures.coverage_of(one.report)
    _is_text("\n".join(figures.table(measures, one.facts, assessed)))
    _json(json.dumps(figures.document(measures, one.facts, assessed)))


def every_graph_is_drawn(one: Judged) -> None:
    streams = (diagram.stream(one.facts, id) for id in one.facts.org.streams)
    for drawn in (diagram.teams(one.facts), diagram.components(one.facts), *streams):
        _is_text(diagram.written(drawn, "mermaid", everything=True))
        _is_text(diagram.written(drawn, "dot", everything=True))
        ET.fromstring(diagram.written(drawn, "graphml", everything=True))
        _json(diagram.written(drawn, "json", everything=True))


# --- why ------------------------------------------------------------------------------------------


def whatever_is_found_is_explained(one: Judged) -> None:
    for rule, subject in sorted(_flagged(one)):
        found = why(rules(), rule, subject.id, one.facts, kind=subject.kind)
        assert found.outcome == "flagged", (rule, subject, found.outcome)
        assert found.lines, (rule, subject)
    for finding in one.report.findings:
        for lost in finding.superseded:
            found = why(rules(), lost.rule, lost.subject.id, one.facts, kind=lost.subject.kind)
            assert found.instead == ((finding.rule, finding.subject),), lost


def what_could_not_be_assessed_is_explained(one: Judged) -> None:
    unsettled = sorted({(e.rule, e.subject) for e in one.report.not_assessed} - _flagged(one))
    for rule, subject in unsettled[:: max(1, len(unsettled) // ASKED)]:
        found = why(rules(), rule, subject.id, one.facts, kind=subject.kind)
        assert found.outcome == "not assessed", (rule, subject, found.outcome)


def _flagged(one: Judged) -> set[tuple[str, Subject]]:
    """What rules with a condition have found."""
    return {(f.rule, f.subject) for f in one.report.findings if rules().rules[f.rule].checks}


# --- another model --------------------------------------------------------------------------------


def the_difference_to_a_part_of_it_is_told(one: Judged) -> None:
    every = _statements(one.text)
    del every[len(every) // 2 : len(every) // 2 + 1]
    part = judged("\n".join(every))
    for old, new in ((one.report, part.report), (part.report, one.report), (one.report,) * 2):
        difference = compare(old, new)
        assert old is not new or difference.empty, "it differs from itself"
        calendar = one.facts.org.calendar
        _is_text(comparison.plain(difference, calendar))
        _is_text(comparison.markdown(difference, calendar))
        _json(comparison.as_json(difference, calendar))


def the_order_of_statements_and_their_files_change_nothing(one: Judged) -> None:
    if not one.misread:  # of what is said twice the first counts
        every = _statements(one.text)[::-1]
        other = judged("\n".join(every[::2]), "\n".join(every[1::2]))
        assert _said(other) == _said(one)
        difference = compare(one.report, other.report)  # a place moves, and what is found there
        assert replace(difference, opened=(), closed=()).empty


def an_unrelated_team_changes_nothing_for_the_others(one: Judged) -> None:
    if not one.misread:
        other = judged(f"{one.text}\nteam zz-bystanders {{ size 5 }}")
        before, after = _said(one), _said(other)
        new = {said for said in after if "zz-bystanders" not in said[3]}
        about = "organisation"
        assert {s for s in new if s[2] != about} == {s for s in before if s[2] != about}


def _statements(text: str) -> list[str]:
    """The top-level statements of a text, as they are written."""
    return [text[s.start : s.end].strip() for s in parse(Source("m", text)).statements]


def _said(one: Judged) -> set[tuple[str, str, str, str, str]]:
    """What is found, without its places, and what could not be assessed."""
    found = {(f.rule, f.severity.value, *_about(f.subject), f.message) for f in one.report.findings}
    return found | {
        (e.rule, "not assessed", *_about(e.subject), "") for e in one.report.not_assessed
    }


def _about(subject: Subject) -> tuple[str, str]:
    return subject.kind, "" if subject.kind == "place" else subject.id


# --- layout ---------------------------------------------------------------------------------------


def it_is_laid_out_and_means_the_same(one: Judged) -> None:
    source = Source("m0.orgd", one.text)
    laid = formatted(source)
    unread = parse(source).findings
    assert bool(laid.problems) == bool(unread), laid.problems
    if not unread:
        again = formatted(Source("m0.orgd", laid.text))
        assert again == (laid.text, ())


# --- contracts, and the command line --------------------------------------------------------------


def what_machines_read_is_as_its_schema_says(one: Judged) -> None:
    _schema("check").validate(_json(formats.render("json", one.report, PLAIN)))
    document = figures.document(
        measure(one.facts, None), one.facts, figures.coverage_of(one.report)
    )
    _schema("metrics").validate(_json(json.dumps(document)))


@cache
def _schema(name: str) -> Any:
    document = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    return jsonschema.validators.validator_for(document)(document)


def every_command_prints_it(one: Judged) -> None:
    """With those words behind it that change how a command prints."""
    streams = [f"stream:{id}" for id in one.facts.org.streams][:1]
    asked = [*one.report.findings[:1], *one.report.not_assessed[:1]]
    for words in (
        ("check", "--allow-empty", "--show", "not-assessed", "--statistics", "--color", "always"),
        *(("why", said.rule, f"{said.subject.kind}:{said.subject.id}") for said in asked),
        ("metrics",),
        ("diagnose",),
        *(("graph", "--of", what) for what in ("teams", *streams)),
    ):
        code, out, err = run(one.text, *words)
        assert code in (0, 1), f"{' '.join(words)} ends with {code}: {err}"
        assert out, words


def run(text: str, *words: str) -> tuple[int, str, str]:
    """The exit of a command that reads the text, and what it prints."""
    out, err, before = io.StringIO(), io.StringIO(), sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()))
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main([*words, "-", "--isolated", "--as-of", "2025-03-01"])
    finally:
        sys.stdin = before
    return code, out.getvalue(), err.getvalue()


Way = Callable[[Judged], None]
# What one report shows, what must hold of it and of others beside it, and what takes longest.
WAYS: Final[tuple[Way, ...]] = (
    every_place_lies_in_its_file, every_format_shows_the_report, every_number_is_told,
    every_graph_is_drawn,
)  # fmt: skip
LAWS: Final[tuple[Way, ...]] = (
    whatever_is_found_is_explained, what_could_not_be_assessed_is_explained,
    it_is_laid_out_and_means_the_same,
    the_difference_to_a_part_of_it_is_told, an_unrelated_team_changes_nothing_for_the_others,
    the_order_of_statements_and_their_files_change_nothing,
)  # fmt: skip
SLOW: Final[tuple[Way, ...]] = (
    what_machines_read_is_as_its_schema_says, every_command_prints_it,
)  # fmt: skip
