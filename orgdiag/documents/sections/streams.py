"""Each value stream as people read it: its map, its time ladder, and where its hours go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final

from orgdiag.catalogue import catalogue
from orgdiag.documents.contract import number
from orgdiag.documents.sections.words import UNKNOWN, Words, measured, name_of, names_of
from orgdiag.drawing.bars import Bar, Segment
from orgdiag.drawing.ladder import Rung
from orgdiag.drawing.streammap import MapArrow, MapLoop, MapStep
from orgdiag.facts.borders import handoffs, reworks_from
from orgdiag.facts.columns import Facts
from orgdiag.facts.critical import critical_path
from orgdiag.facts.flow import flow, lead_time, process_time
from orgdiag.facts.properties import quantity_of
from orgdiag.facts.streams import owners, performers
from orgdiag.frozen import frozen
from orgdiag.measure import in_unit
from orgdiag.metrics.constraint import Candidate, Constraint, constraint
from orgdiag.metrics.flow import merge_bias
from orgdiag.metrics.ledger import REASONS, REWORK, UNEXPLAINED, WORK, ledger, waits_of
from orgdiag.metrics.metric import ITEM_DAYS
from orgdiag.metrics.routes import Leg, critical_routes
from orgdiag.model.elements import Step, Stream
from orgdiag.model.parts import Observation
from orgdiag.partial.quantity import ZERO, Quantity, total
from orgdiag.partial.unknown import Unknown, Unwritten

# Maps beyond these are not drawn: a page of a thousand maps is read by nobody.
DRAWN: Final = 40
REASON_TITLES: Final = {WORK: "work", REWORK: "rework", UNEXPLAINED: "no reason given"}


@frozen
class Row:
    """One step in the table beside a map; all texts."""

    number: int
    step: str
    team: str
    kind: str
    process: str
    lead: str
    wait: str
    reasons: str
    accurate: str
    rework: str
    on_path: bool
    drag: str


@frozen
class Booked:
    """A team's or reason's hours in the table beside a waterfall.

    cells   by column: work, waiting, rework for a team; the time for a reason
    """

    title: str
    cells: tuple[str, ...]
    share: str


@frozen
class Figure:
    """A number of a stream: label, value in words, and a word about it.

    metric      its name; `low` and `high` its bounds, unrounded, in the unit of the JSON contract
    """

    label: str
    value: str
    note: str
    metric: str
    low: int | float | None
    high: int | float | None


@frozen
class StreamSection:
    """One stream.

    anchor      where its section stands on the page
    facts       what it is: pairs of label and text
    figures     its numbers
    constraint  what limits it, in a sentence; `candidates` what each rung of evidence points at
    steps, arrows, loops   of the map; `rungs`, `totals` of the ladder
    rows        the table beside the map
    waterfall, reasons     the hours by reason: bars, and the table beside them
    team_bars, teams       the hours by team
    """

    id: str
    anchor: str
    name: str
    facts: tuple[tuple[str, str], ...]
    figures: tuple[Figure, ...]
    constraint: str
    candidates: tuple[str, ...]
    steps: tuple[MapStep, ...]
    arrows: tuple[MapArrow, ...]
    loops: tuple[MapLoop, ...]
    rungs: tuple[Rung, ...]
    totals: tuple[str, ...]
    rows: tuple[Row, ...]
    waterfall: tuple[Bar, ...]
    reasons: tuple[Booked, ...]
    team_bars: tuple[Bar, ...]
    teams: tuple[Booked, ...]


@frozen
class Streams:
    """The streams that are drawn, the others by name, and those without a step."""

    drawn: tuple[StreamSection, ...]
    undrawn: tuple[tuple[str, str, str], ...]
    empty: tuple[str, ...]


def streams(facts: Facts, tones: Mapping[str, int], words: Words) -> Streams:
    """The streams of the organisation, those with most waiting first."""
    every = list(facts.org.streams.values())
    walked = [stream for stream in every if stream.steps]
    walked.sort(key=lambda stream: (-_waiting(facts, stream), stream.id))
    return Streams(
        tuple(_section(facts, stream, tones, words) for stream in walked[:DRAWN]),
        tuple(
            (name_of(stream), words.time(measured(facts, stream, "lead-time")),
             words.share(measured(facts, stream, "flow-efficiency")))
            for stream in walked[DRAWN:]
        ),
        tuple(name_of(stream) for stream in every if not stream.steps),
    )  # fmt: skip


def tones_of(facts: Facts, most: int) -> Mapping[str, int]:
    """A colour for each of the teams with most steps, from 1; every other team has none (0)."""
    counts: dict[str, int] = {}
    for step in facts.org.steps.values():
        for team in performers(facts, step).certain:
            counts[team.id] = counts.get(team.id, 0) + 1
    busiest = sorted(counts, key=lambda id: (-counts[id], id))[:most]
    return {id: tone for tone, id in enumerate(busiest, start=1)}


def _waiting(facts: Facts, stream: Stream) -> float:
    return float(measured(facts, stream, "waiting-inventory").low or 0)


def _section(facts: Facts, stream: Stream, tones: Mapping[str, int], words: Words) -> StreamSection:
    found = constraint(facts, stream)
    return StreamSection(
        id=stream.id,
        anchor=f"stream-{stream.id}",
        name=name_of(stream),
        facts=tuple(_facts(facts, stream, words)),
        figures=tuple(_figures(facts, stream, words)),
        constraint=_constraint(found, words),
        candidates=tuple(_candidate(item, words) for item in found.candidates),
        steps=tuple(_map_steps(facts, stream, found, tones, words)),
        arrows=tuple(_arrows(facts, stream, words)),
        loops=tuple(_loops(facts, stream, words)),
        rungs=tuple(_rungs(facts, stream, tones, words)),
        totals=tuple(_totals(facts, stream, words)),
        rows=tuple(_rows(facts, stream, words)),
        **_ledger(facts, stream, words),
    )


# --- what it is -----------------------------------------------------------------------------------


def _facts(facts: Facts, stream: Stream, words: Words) -> Iterator[tuple[str, str]]:
    yield "Owner", names_of(owners(facts, stream))
    product = facts.org.products.get(str(stream.product))
    if product is not None:
        yield "Product", name_of(product)
    for label, value in (("For", stream.customer), ("From", stream.trigger), ("To", stream.end)):
        if isinstance(value, str):
            yield label, value
    yield "Arrivals", words.rate(quantity_of(stream, "arrivals"))
    yield "Observed", _observed(stream)


def _observed(stream: Stream) -> str:
    seen = stream.observed
    if not isinstance(seen, Observation):
        return "not observed" if seen is None else UNKNOWN
    day = seen.day if seen.day and not isinstance(seen.day, Unwritten) else "on an unknown day"
    known = [way for way in seen.by if isinstance(way, str)]
    ways = f" by {', '.join(known)}" if known else ""
    return f"{day}{ways}" + (f" with {', '.join(seen.roles)}" if seen.roles else "")


def _figures(facts: Facts, stream: Stream, words: Words) -> Iterator[Figure]:
    mean = words.time(measured(facts, stream, "expected-lead-time"))
    bias = "at least, tracks join" if merge_bias(facts, stream) else "rework included"
    efficiency = words.share(measured(facts, stream, "expected-flow-efficiency"))
    for label, metric, note in (
        ("Lead time", "lead-time", f"one pass; mean {mean}, {bias}"),
        ("Work in it", "process-time", "along the critical path"),
        ("Flow efficiency", "flow-efficiency", f"{efficiency} with rework"),
        ("Handoffs", "handoffs", "on the critical path"),
        ("Usable as it comes", "rolled-complete-accurate", "rolled %C&A"),
        ("Waiting", "waiting-inventory", "item-days a month"),
        ("Done by the owner", "owner-coverage", "of the steps on the path"),
    ):
        yield _figure(facts, stream, label, metric, note, words)


def _figure(
    facts: Facts, stream: Stream, label: str, metric: str, note: str, words: Words
) -> Figure:
    field = catalogue().metrics["stream"][metric]
    value = measured(facts, stream, metric)
    exact = in_unit(value, field, words.calendar)
    text = words.of_base(exact if field.unit == ITEM_DAYS else value, _BASES[field.type.base])
    low, high = (None if bound is None else number(bound) for bound in (exact.low, exact.high))
    return Figure(label, text, note, metric, low, high)


# How a metric is said, by the type of its values; waiting a month is said as a number of item-days.
_BASES: Final = {"duration": "duration", "share": "share", "number": "number", "effort": "number"}


def _constraint(found: Constraint, words: Words) -> str:
    if found.team is None or found.method is None:
        wanted = (
            f" It needs {found.missing[0].property} of {found.missing[0].id}."
            if found.missing
            else ""
        )
        return f"What limits this stream is not certain.{wanted}"
    what = {
        "capacity": "is used most",
        "queue": "has the longest declared queues",
        "wait": "makes work wait longest, which is no proof that it limits the throughput",
    }[found.method]
    value = _value(found.method, found.value, words)
    lead = f"{name_of(found.team)} {what} ({value}; method: {found.method})"
    if found.certain is not True:
        lead += "; it is not far enough ahead to be the single constraint"
    if found.runner_up is not None:
        lead += f". Next: {name_of(found.runner_up)}, {words.share(found.margin)} behind"
    return lead + (". The methods disagree." if found.disputed else ".")


def _value(method: str, value: Quantity | None, words: Words) -> str:
    if value is None:
        return UNKNOWN
    return words.share(value) if method == "capacity" else words.time(value)


def _candidate(item: Candidate, words: Words) -> str:
    value = item.utilisation if item.method == "capacity" else item.time
    return f"by {item.method}: {name_of(item.team)} ({_value(item.method, value, words)})"


# --- the map --------------------------------------------------------------------------------------


def _map_steps(
    facts: Facts, stream: Stream, found: Constraint, tones: Mapping[str, int], words: Words
) -> Iterator[MapStep]:
    path = critical_path(facts, stream)
    on_path = {step.id for step in path.steps}
    constrained = found.step.id if found.step is not None else ""
    for step in flow(facts, stream).steps.values():
        lead, process = lead_time(facts, step), process_time(facts, step)
        leg = Leg(step, ZERO, lead, process)
        waits = leg.wait != ZERO
        yield MapStep(
            id=step.id,
            title=name_of(step),
            team=names_of(performers(facts, step)),
            tone=_tone(facts, step, tones),
            process=_brief(words.time(process)),
            lead=_brief(words.time(lead)),
            complete_accurate=_share_or_nothing(step.complete_accurate, words),
            wait=_brief(words.time(leg.wait)) if waits else "",
            gate=_gate(step, words),
            unknown=lead.high is None,
            automated=step.automated is True,
            on_path=step.id in on_path,
            constraint=f"the constraint by {found.method}" if step.id == constrained else "",
        )


def _brief(text: str) -> str:
    """A time in a picture: `≥ 2d` for at least 2d, `?` for an unknown one."""
    if text == UNKNOWN:
        return "?"
    for long, short in (("at least ", "≥ "), ("at most ", "≤ "), ("about ", "≈ "), (" to ", "–")):
        text = text.replace(long, short)
    return text


def _tone(facts: Facts, step: Step, tones: Mapping[str, int]) -> int:
    teams = performers(facts, step).certain
    return tones.get(teams[0].id, 0) if teams else 0


def _share_or_nothing(value: object, words: Words) -> str:
    return words.share(value) if isinstance(value, Quantity) else ""


def _gate(step: Step, words: Words) -> str:
    every = f"every {words.time(step.every)}" if isinstance(step.every, Quantity) else ""
    batch = step.batch.replace("-", " ") if isinstance(step.batch, str) else ""
    return ", ".join(part for part in (every, batch) if part)


def _arrows(facts: Facts, stream: Stream, words: Words) -> Iterator[MapArrow]:
    net = flow(facts, stream)
    path = [step.id for step in critical_path(facts, stream).steps]
    critical = set(pairwise(path))
    across = {(item.from_.id, item.to.id) for item in handoffs(facts, stream).certain}
    for target, sources in net.predecessors.items():
        for source in sources:
            border = net.borders.get((source, target))
            artefact = border.artefact if border and isinstance(border.artefact, str) else ""
            gap = net.gap(source, target)
            waits = _brief(words.time(gap)) if gap != ZERO else ""
            label = " ".join(part for part in (artefact, waits) if part)
            yield MapArrow(
                source, target, (source, target) in across, (source, target) in critical, label
            )


def _loops(facts: Facts, stream: Stream, words: Words) -> Iterator[MapLoop]:
    for step in flow(facts, stream).steps.values():
        for item in reworks_from(facts, step).certain:
            if not isinstance(item.to, Unknown) and item.backward is True:
                share = _brief(words.share(item.share))
                yield MapLoop(step.id, item.to.id, share, name_of(step), name_of(item.to))


# --- the ladder -----------------------------------------------------------------------------------


def _rungs(facts: Facts, stream: Stream, tones: Mapping[str, int], words: Words) -> Iterator[Rung]:
    for leg in critical_routes(facts, stream).paths[0]:
        work = float(leg.process.low or 0)
        wait = float(leg.wait.low or 0)
        whole = leg.time.high
        yield Rung(
            title=name_of(leg.step),
            tone=_tone(facts, leg.step, tones),
            wait=wait,
            unsure=None if whole is None else max(float(whole) - wait - work, 0.0),
            work=work,
            wait_text=_brief(words.time(leg.wait)),
            work_text=_brief(words.time(leg.process)),
        )


def _totals(facts: Facts, stream: Stream, words: Words) -> Iterator[str]:
    lead, wait, work = (
        words.time(measured(facts, stream, metric))
        for metric in ("lead-time", "wait", "process-time")
    )
    efficiency = words.share(measured(facts, stream, "flow-efficiency"))
    yield f"Lead time {lead}"
    yield f"Waiting {wait}, work {work}: flow efficiency {efficiency}"


def _rows(facts: Facts, stream: Stream, words: Words) -> Iterator[Row]:
    on_path = {step.id for step in critical_path(facts, stream).steps}
    net = flow(facts, stream)
    for place, id in enumerate(net.order, start=1):
        step = net.steps[id]
        lead, process = lead_time(facts, step), process_time(facts, step)
        leg = Leg(step, ZERO, lead, process)
        yield Row(
            number=place,
            step=name_of(step),
            team=names_of(performers(facts, step)),
            kind=step.type if isinstance(step.type, str) else UNKNOWN,
            process=words.time(process),
            lead=words.time(lead),
            wait=words.time(leg.wait),
            reasons=_reasons(leg, words),
            accurate=_share_or_nothing(step.complete_accurate, words) or "not given",
            rework=_rework(facts, step, words),
            on_path=id in on_path,
            drag=words.time(measured(facts, step, "drag")),
        )


def _reasons(leg: Leg, words: Words) -> str:
    said = (
        f"{REASON_TITLES.get(reason, reason)} {words.time(time)}"
        for reason, time, _ in waits_of(leg)
        if time != ZERO
    )
    return ", ".join(said)


def _rework(facts: Facts, step: Step, words: Words) -> str:
    return ", ".join(
        f"{words.share(item.share)} to {name_of(item.to)}"
        for item in reworks_from(facts, step).certain
        if not isinstance(item.to, Unknown)
    )


# --- the ledger -----------------------------------------------------------------------------------


def _ledger(facts: Facts, stream: Stream, words: Words) -> dict[str, tuple]:  # type: ignore[type-arg]
    book = ledger(facts, stream)
    by_reason = book.by_reason
    times = {reason: by_reason[reason] for reason in REASONS if by_reason.get(reason, ZERO) != ZERO}
    waterfall = [
        Bar(_title(reason), (_segment(reason, time),), words.time(time))
        for reason, time in times.items()
    ]
    whole = Bar("lead time", (_segment("total", book.total),), words.time(book.total), "total")
    by_team: dict[str, dict[str, Quantity]] = {}
    for line in book.lines:
        name = UNKNOWN if line.team is None else name_of(line.team)
        row = by_team.setdefault(name, {})
        kind = line.reason if line.reason in (WORK, REWORK) else "waiting"
        row[kind] = row.get(kind, ZERO) + line.time
    ranked = sorted(by_team.items(), key=lambda item: (-_sure(item[1].values()), item[0]))
    return {
        "waterfall": (*waterfall, whole),
        "reasons": tuple(
            Booked(_title(reason), (words.time(time),), _part(time, book.total, words))
            for reason, time in times.items()
        ),
        "team_bars": tuple(_team_bar(name, row, words) for name, row in ranked),
        "teams": tuple(_team_row(name, row, book.total, words) for name, row in ranked),
    }  # fmt: skip


def _title(reason: str) -> str:
    return REASON_TITLES.get(reason, reason)


def _segment(kind: str, time: Quantity) -> Segment:
    return Segment(kind, float(time.low or 0), None if time.high is None else float(time.high))


def _sure(times: Iterable[Quantity]) -> float:
    return float(sum(time.low or 0 for time in times))


def _part(time: Quantity, whole: Quantity, words: Words) -> str:
    return words.share(time / whole) if time.exact and whole.exact and whole.low else UNKNOWN


def _team_bar(name: str, row: Mapping[str, Quantity], words: Words) -> Bar:
    segments = tuple(_segment(kind, row[kind]) for kind in (WORK, "waiting", REWORK) if kind in row)
    return Bar(name, segments, words.time(total(row.values())))


def _team_row(name: str, row: Mapping[str, Quantity], whole: Quantity, words: Words) -> Booked:
    cells = tuple(words.time(row.get(kind, ZERO)) for kind in (WORK, "waiting", REWORK))
    return Booked(name, cells, _part(total(row.values()), whole, words))
