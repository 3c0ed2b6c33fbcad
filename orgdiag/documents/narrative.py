"""The diagnosis in sentences: per stream where work waits, why, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from orgdiag.documents.summary import enumerated, unsettled
from orgdiag.evaluate.wording import figure
from orgdiag.finding import Finding
from orgdiag.model.elements import Calendar
from orgdiag.partial.quantity import Number, Quantity
from orgdiag.report import Report

if TYPE_CHECKING:
    from orgdiag.diagnose.causes import Cause
    from orgdiag.diagnose.diagnosis import Diagnosis
    from orgdiag.diagnose.story import Chapter, Plan, Story, Where

SHOWN: Final = 5
LIMITS: Final = (
    "It computes the map, not the people: how a change is lived through, hiring and learning are "
    "not in it. Expected effects are upper bounds: they assume that the waiting vanishes."
)


def told(report: Report, diagnosis: Diagnosis) -> Iterator[str]:
    """The whole diagnosis, a line at a time."""
    facts = report.facts
    if facts is None:
        return
    calendar = facts.org.calendar
    if text := unsettled(report):
        yield f"What is not known first: {text}."
        yield ""
    for story in diagnosis.stories:
        yield from story_lines(story, calendar)
        yield ""
    yield from order_lines(diagnosis, calendar)
    yield ""
    yield LIMITS


def story_lines(story: Story, calendar: Calendar) -> Iterator[str]:
    """One stream: its times and constraint, each root cause by what it costs, the rest."""
    stream = story.stream
    yield f"{stream.name or stream.id} ({stream.id})"
    single, expected = _time(story.lead_time, calendar), _time(story.expected_lead_time, calendar)
    efficiency = figure(story.flow_efficiency, "share", calendar)
    yield f"  lead time {single}, with rework {expected}, flow efficiency {efficiency}"
    yield f"  constraint: {_constraint(story)}"
    for number, chapter in enumerate(story.chapters, 1):
        yield ""
        yield from chapter_lines(number, chapter, calendar)
    if story.unexplained:
        yield ""
        yield f"  no finding explains the waiting at {_places(story.unexplained, calendar)}:"
        yield "  ask there what the work waits for, and measure it"
    if not story.chapters and not story.unexplained:
        yield "  no waiting is known"


def chapter_lines(number: int, chapter: Chapter, calendar: Calendar) -> Iterator[str]:
    """One root cause in one stream: where, why, what to do, the effect, what gets worse, next."""
    main = chapter.cause.main
    yield f"  {number}. {main.message}"
    yield f"     where work waits    {_places(chapter.where, calendar)}"
    for word, text in _reasons(chapter.cause):
        yield f"     {word:<19} {text}"
    for fix in main.fixes:
        yield f"     what it should be   {fix}"
    yield f"     expected effect     {_effect(chapter, calendar)}"
    for plan in chapter.plans:
        yield f"     planned             {_planned(plan, calendar)}"
        for assumption in plan.assumptions:
            yield f"                         {assumption}"
    for finding in chapter.weighs:
        yield f"     what gets worse     {finding.message}{_accepted(finding)}"
    if chapter.next:
        yield f"     next                {_places(chapter.next, calendar)}"


def _effect(chapter: Chapter, calendar: Calendar) -> str:
    if chapter.single.high is None:
        return "not known before the waiting is measured"
    single, expected = _time(chapter.single, calendar), _time(chapter.expected, calendar)
    rework = "" if single == expected else f", with rework up to {expected}"
    monthly = f";{text} over all streams" if (text := _monthly(chapter.cause.delay)) else ""
    return f"up to {single} less an item{rework}{monthly}"


def _accepted(finding: Finding) -> str:
    return f" (accepted until {finding.accepted.until})" if finding.accepted else ""


def _planned(plan: Plan, calendar: Calendar) -> str:
    name = plan.change.name or plan.change.id
    single, expected = _time(plan.single, calendar), _time(plan.expected, calendar)
    text = f"{name} ({plan.change.id}): {single} less an item"
    if expected != single:
        text += f", with rework {expected}"
    if plan.monthly.low is not None and plan.monthly.high is not None:
        low, high = _rounded(plan.monthly.low), _rounded(plan.monthly.high)
        text += f", {low if low == high else f'{low} to {high}'} item-days a month"
    return text


def _reasons(cause: Cause) -> Iterator[tuple[str, str]]:
    yield "why", f"{cause.main.rule} ({cause.main.span.path}:{cause.main.span.line})"
    for finding in cause.findings[1:]:
        yield "", f"{finding.rule}: {finding.message}"
    if cause.effects:
        yield "brings about", _shortened([f"{f.rule} ({f.subject.id})" for f in cause.effects])
    if cause.loop:
        loop = enumerated([cause.id, *cause.loop])
        yield "in a loop with", f"{loop}: cut it at the dependency, not at the coordination"


def _shortened(names: list[str]) -> str:
    if len(names) <= SHOWN:
        return enumerated(names)
    return f"{', '.join(names[:SHOWN])} and {len(names) - SHOWN} more"


def order_lines(diagnosis: Diagnosis, calendar: Calendar) -> Iterator[str]:
    """Where to start, in the order that gains most; a heuristic, and said so."""
    order = diagnosis.order
    yield "Where to start (the best next move each time: a heuristic, not an optimum)"
    number = 0
    for finding in order.first:
        number += 1
        yield f"  {number}. mend the model first: {finding.message}"
    for move in order.moves:
        number += 1
        others = enumerated(list(move.shares_with))
        also = f"; shares waiting with {others}" if others else ""
        place = ", at the constraint" if move.at_constraint else ""
        gain = _monthly(move.gain) or " no gain left"
        yield f"  {number}. {_title(move.cause)}:{gain}{place}{also}"
    for cause, days in order.per_item:
        number += 1
        saved = _time(days, calendar)
        yield f"  {number}. {_title(cause)}: up to {saved} an item; arrivals are not known"
    yield from _list("Cannot be ranked, measure first", (_title(c) for c in order.unpriced))
    yield from _list("Risks, by severity", (_risk(finding) for finding in order.risks))
    yield from _list("Explains no waiting", (_title(c) for c in order.others))


def _list(title: str, rows: Iterable[str]) -> Iterator[str]:
    lines = [f"  - {row}" for row in rows]
    if lines:
        yield title
        yield from lines


def _title(cause: Cause) -> str:
    return f"{cause.main.rule} ({cause.main.subject.id})"


def _risk(finding: Finding) -> str:
    return f"{finding.severity}: {finding.message} ({finding.rule})"


def _constraint(story: Story) -> str:
    found = story.constraint
    if found.team is None:
        return "not known"
    step = f" at {found.step.local}" if found.step else ""
    sure = "" if found.certain is True else ", not certain"
    return f"{found.team.id}{step} (by {found.method}{sure})"


def _places(places: Iterable[Where], calendar: Calendar) -> str:
    return enumerated([f"{p.step.local} ({_time(p.wait, calendar)})" for p in places]) or "nowhere"


def _time(quantity: Quantity, calendar: Calendar) -> str:
    return figure(quantity, "duration", calendar)


def _monthly(quantity: Quantity | None) -> str:
    if quantity is None or not quantity.high:
        return ""
    return f" up to {_rounded(quantity.high)} item-days a month"


def _rounded(value: Number) -> str:
    return f"{float(value):.1f}".removesuffix(".0")
