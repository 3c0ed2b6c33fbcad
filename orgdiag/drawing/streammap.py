"""A value stream map, drawn as practitioners draw it.

Process boxes with process time, lead time and %C&A; a triangle in front of each box where work
waits; handoffs as heavier arrows with what is handed over; rework as dashed arcs under the boxes
with their share; gates with their calendar; the constraint marked. A long stream is folded into
bands, so that it fits a page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orgdiag.drawing.layered import Box, layered
from orgdiag.drawing.svg import (
    Point,
    arrow_heads,
    curve,
    element,
    fitted,
    line,
    number,
    picture,
    text,
    width_of,
)
from orgdiag.media.markup import Html

BOX_WIDTH = 156.0
BOX_HEIGHT = 86.0
WAIT_WIDTH = 60.0  # the zone in front of a box that holds its triangle
COLUMN_GAP = 30.0
ROW_GAP = 46.0  # room for rework arcs and gate labels under a box
BAND_GAP = 56.0
MARGIN = 26.0
HEADROOM = 44.0  # room for rework arcs over the first band
FOOTROOM = 34.0
BOLD = 1.12  # how much wider bold letters are
TRIANGLE = ((-11, 9), (11, 9), (0, -11))


class MapStep(NamedTuple):
    """What is written in a box. Times are texts for people; "?" stands for what nobody knows.

    wait      the text under the triangle; "" draws no triangle
    gate      the calendar of a gate, or ""
    tone      number of the team's colour, from 0
    constraint   why it is marked as the constraint, or ""
    """

    id: str
    title: str
    team: str
    tone: int
    process: str
    lead: str
    complete_accurate: str
    wait: str
    gate: str
    unknown: bool
    automated: bool
    on_path: bool
    constraint: str


class MapArrow(NamedTuple):
    """A border between two steps; `label` names what is handed over, and the gap."""

    source: str
    target: str
    handoff: bool
    on_path: bool
    label: str


class MapLoop(NamedTuple):
    """Items that go back from `source` to `target`; `share` as text."""

    source: str
    target: str
    share: str
    source_title: str
    target_title: str


class _Spot(NamedTuple):
    """Where a step stands: left edge of its triangle zone, middle height, and its band."""

    x: float
    y: float
    band: int

    @property
    def left(self) -> float:
        return self.x + WAIT_WIDTH

    @property
    def right(self) -> float:
        return self.x + WAIT_WIDTH + BOX_WIDTH

    @property
    def middle(self) -> float:
        return self.x + WAIT_WIDTH + BOX_WIDTH / 2

    @property
    def bottom(self) -> float:
        return self.y + BOX_HEIGHT / 2


class _Plan(NamedTuple):
    """Where everything stands: the steps, the ways between them by band, and the size.

    ways   for each arrow its points in the band of its source, and those in the band of its target
    tops   the upper edge of the highest box of each band
    """

    spots: Mapping[str, _Spot]
    ways: Mapping[tuple[str, str], tuple[list[Point], list[Point]]]
    tops: Mapping[int, float]
    width: float
    height: float


def stream_map(
    steps: Sequence[MapStep],
    arrows: Sequence[MapArrow],
    loops: Sequence[MapLoop],
    *,
    id: str,
    title: str,
    description: str,
    columns: int = 5,
    boxes_of: str = "",
) -> Html:
    """The map as one SVG drawing, at most `columns` boxes wide.

    `boxes_of` is the id of another map of the same steps on the same page: its boxes are shown
    again instead of being drawn twice.
    """
    plan = _plan(steps, arrows, columns, HEADROOM if loops else HEADROOM / 2)
    waiting = {step.id for step in steps if step.wait}
    head = f"{id}-head"
    children = [arrow_heads(head)]
    children += [_arrow(arrow, plan, head, arrow.target in waiting) for arrow in arrows]
    children += [_loop(loop, plan.spots, head) for loop in loops]
    for place, step in enumerate(steps):
        at = f"{number(plan.spots[step.id].x)} {number(plan.spots[step.id].y)}"
        name = f"{boxes_of or id}-{place}"
        box = element("use", href=f"#{name}") if boxes_of else element("g", _box(step), id=name)
        children.append(element("g", box, transform=f"translate({at})"))
    return picture(children, plan.width, plan.height, id=id, title=title, description=description)


PITCH = WAIT_WIDTH + BOX_WIDTH + COLUMN_GAP


def _plan(
    steps: Sequence[MapStep], arrows: Sequence[MapArrow], columns: int, headroom: float
) -> _Plan:
    """The layout, folded into bands of `columns`."""
    layout = layered(
        [Box(step.id, WAIT_WIDTH + BOX_WIDTH, BOX_HEIGHT) for step in steps],
        [(arrow.source, arrow.target) for arrow in arrows],
        column_gap=COLUMN_GAP,
        row_gap=ROW_GAP,
    )
    column = {id: round(place.x / PITCH) for id, place in layout.places.items()}
    bands: dict[int, list[str]] = {}
    for id in layout.places:
        bands.setdefault(column[id] // columns, []).append(id)
    spots: dict[str, _Spot] = {}
    moved: dict[int, Point] = {}
    tops: dict[int, float] = {}
    top = headroom
    for band, ids in sorted(bands.items()):
        tops[band] = top
        moved[band] = (
            MARGIN - band * columns * PITCH,
            top - min(layout.places[id].y for id in ids),
        )
        for id in ids:
            place, (dx, dy) = layout.places[id], moved[band]
            spots[id] = _Spot(place.x + dx, place.y + BOX_HEIGHT / 2 + dy, band)
        top = max(spots[id].bottom for id in ids) + BAND_GAP
    used = min(columns, max(column.values(), default=0) + 1)
    return _Plan(
        spots,
        {arrow: _split(points, arrow, spots, moved, columns) for arrow, points in
         layout.routes.items()},
        tops,
        2 * MARGIN + used * PITCH - COLUMN_GAP,
        top - BAND_GAP + FOOTROOM,
    )  # fmt: skip


def _split(
    points: Sequence[Point],
    arrow: tuple[str, str],
    spots: Mapping[str, _Spot],
    moved: Mapping[int, Point],
    columns: int,
) -> tuple[list[Point], list[Point]]:
    """The points of a way that lie in the band of its source, and in that of its target."""
    first, last = (spots[id].band for id in arrow)

    def inside(band: int) -> list[Point]:
        left = band * columns * PITCH - COLUMN_GAP / 2
        dx, dy = moved[band]
        return [(x + dx, y + dy) for x, y in points if left <= x < left + columns * PITCH]

    return inside(first), [] if first == last else inside(last)


def _arrow(arrow: MapArrow, plan: _Plan, head: str, waits: bool) -> Html:
    target = plan.spots[arrow.target]
    start, rest = plan.ways[arrow.source, arrow.target]
    end = (target.x + WAIT_WIDTH / 2 - 10 if waits else target.left - 1, target.y)
    if plan.spots[arrow.source].band == target.band:
        path = curve([*start[:-1], end])
        at, anchor, room = (target.x + (WAIT_WIDTH - COLUMN_GAP) / 2, target.y - 18), "middle", 86.0
    else:
        out, back = plan.width - MARGIN / 2, MARGIN / 2
        between = plan.tops[target.band] - BAND_GAP / 2 + 6
        entry = rest[0][1] if rest else target.y
        lane: list[Point] = [(out, start[-1][1]), (out, between), (back, between), (back, entry)]
        path = curve([*start, lane[0]]) + line(lane) + curve([lane[-1], *rest[:-1], end])
        at, anchor, room = (back + 10, between - 6), "start", 2 * PITCH
    kind = " ".join(
        ["flow", *(["handoff"] if arrow.handoff else []), *([] if arrow.on_path else ["off"])]
    )
    drawn = [element("path", d=path, class_=kind, marker_end=f"url(#{head})")]
    if arrow.label:
        label = fitted(arrow.label, room, 11.5)
        drawn.append(text(*at, label, class_="label", text_anchor=anchor))
    return element("g", *drawn)


def _loop(loop: MapLoop, spots: Mapping[str, _Spot], head: str) -> Html:
    """A rework arc on the free side of the boxes; two stubs when it would leave its band."""
    source, target = spots[loop.source], spots[loop.target]
    marker = f"url(#{head})"
    if source.band != target.band:
        away = _stub(source, f"{loop.share} back to {loop.target_title}", marker, outward=True)
        back = _stub(target, f"{loop.share} from {loop.source_title}", marker, outward=False)
        return element("g", *away, *back)
    way = -1 if _crowded_below(source, target, spots) else 1
    a, b = source.y + way * BOX_HEIGHT / 2, target.y + way * BOX_HEIGHT / 2
    turn = (min if way < 0 else max)(a, b) + way * 34
    x, end = number(source.middle), number(target.middle)
    path = f"M{x} {number(a)}C{x} {number(turn)} {end} {number(turn)} {end} {number(b + way * 2)}"
    label = text(
        (source.middle + target.middle) / 2,
        turn + (12 if way < 0 else -2),
        loop.share,
        class_="label",
        text_anchor="middle",
    )
    return element("g", element("path", d=path, class_="rework", marker_end=marker), label)


def _crowded_below(source: _Spot, target: _Spot, spots: Mapping[str, _Spot]) -> bool:
    """Whether a box stands under the way from one step back to the other."""
    return any(
        spot.band == source.band
        and target.x <= spot.x <= source.x
        and spot.y > max(source.y, target.y)
        for spot in spots.values()
    )


def _stub(spot: _Spot, label: str, marker: str, *, outward: bool) -> list[Html]:
    """One end of a rework arc that goes on in another band."""
    low = spot.bottom + 20
    side, anchor = (8, "start") if outward else (-8, "end")
    ends: list[Point] = [(spot.middle, spot.bottom + 2), (spot.middle, low)]
    path = line(ends if outward else ends[::-1])
    return [
        element("path", d=path, class_="rework", marker_end=marker),
        text(spot.middle + side, low - 2, label, class_="label", text_anchor=anchor),
    ]


def _box(step: MapStep) -> Html:
    """The step with its triangle, as if its zone began at nothing and its middle were there."""
    top = -BOX_HEIGHT / 2
    inner = WAIT_WIDTH + 10
    room = BOX_WIDTH - 18
    marks = {
        "unknown": step.unknown, "constraint": bool(step.constraint), "off": not step.on_path,
    }  # fmt: skip
    drawn = [
        element("title", _tip(step)),
        element(
            "rect", x=WAIT_WIDTH, y=top, width=BOX_WIDTH, height=BOX_HEIGHT, rx="4", class_="box"
        ),
        element(
            "rect", x=WAIT_WIDTH, y=top, width=5.0, height=BOX_HEIGHT, class_=f"tone-{step.tone}"
        ),
        text(inner, top + 19, fitted(step.title, room / BOLD, 13), class_="title"),
        text(inner, top + 36, fitted(step.team, room, 11.5), class_="team"),
    ]
    for line_number, numbers in enumerate(_numbers(step, room)):
        drawn.append(text(inner, top + 56 + 17 * line_number, numbers, class_="numbers"))
    if step.wait:
        drawn += _triangle(step)
    if step.gate:
        drawn.append(text(WAIT_WIDTH, -top + 15, f"▦ {step.gate}", class_="gate"))
    if step.constraint:
        drawn.append(text(WAIT_WIDTH, top - 7, "▼ constraint", class_="mark"))
    kind = " ".join(["step", *(mark for mark, holds in marks.items() if holds)])
    return element("g", *drawn, class_=kind)


def _numbers(step: MapStep, room: float) -> list[str]:
    """The two lines of numbers: the times, then %C&A and whether it needs hands."""
    times, last = f"PT {step.process}   LT {step.lead}", _last_line(step)
    if width_of(times, 11.5) > room and not last:
        return [fitted(f"PT {step.process}", room, 11.5), fitted(f"LT {step.lead}", room, 11.5)]
    return [fitted(line, room, 11.5) for line in (times, last) if line]


def _last_line(step: MapStep) -> str:
    parts = [f"%C&A {step.complete_accurate}"] if step.complete_accurate else []
    if step.automated:
        parts.append("automated")
    return "   ".join(parts)


def _tip(step: MapStep) -> str:
    facts = [f"{step.title} by {step.team}", f"process {step.process}", f"lead {step.lead}"]
    if step.wait:
        facts.append(f"wait {step.wait}")
    if step.constraint:
        facts.append(step.constraint)
    return ", ".join(facts)


def _triangle(step: MapStep) -> list[Html]:
    """The waiting in front of a step: a triangle with its time under it."""
    x = WAIT_WIDTH / 2 + 4
    points = " ".join(f"{number(x + dx)},{number(dy)}" for dx, dy in TRIANGLE)
    time = fitted(step.wait, WAIT_WIDTH + COLUMN_GAP - 10, 11.5)
    return [
        element("polygon", points=points, class_="wait"),
        text(x - 2, 24, time, class_="waiting", text_anchor="middle"),
    ]
