"""A time ladder to scale: how long an item waits (upper rungs) and is worked on (lower rungs)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from orgdiag.drawing.svg import element, fitted, line, number, picture, text, width_of
from orgdiag.media.markup import Html

WIDTH = 1000.0
MARGIN = 10.0
UPPER = 48.0  # height of the waiting level
LOWER = 84.0  # height of the working level
THICK = 8.0
SIZE = 12
UNKNOWN_WIDTH = 30.0  # a time that nobody knows has no length; it is drawn as a gap of this width


class Rung(NamedTuple):
    """One step of the critical path: its waiting, then its work, in working minutes.

    wait, work   what is certain
    unsure       the time that may be waiting, may be work and may not be there at all; None when
                 nobody knows how long it could be
    wait_text, work_text   what people read
    """

    title: str
    tone: int
    wait: float
    unsure: float | None
    work: float
    wait_text: str
    work_text: str


class Scale(NamedTuple):
    """How many pixels a working minute takes."""

    per_minute: float

    def width(self, minutes: float | None) -> float:
        """The length of a time; a fixed gap for an unknown one."""
        return UNKNOWN_WIDTH if minutes is None else minutes * self.per_minute


def scale_of(rungs: Sequence[Rung]) -> Scale:
    """The scale on which all rungs together fill the width."""
    times = [time for rung in rungs for time in (rung.wait, rung.unsure, rung.work)]
    room = WIDTH - 2 * MARGIN - UNKNOWN_WIDTH * sum(time is None for time in times)
    return Scale(max(room, 0.0) / (sum(time or 0.0 for time in times) or 1.0))


def ladder(
    rungs: Sequence[Rung], totals: Sequence[str], *, id: str, title: str, description: str
) -> Html:
    """The ladder as one SVG drawing, with the totals as lines of text under it."""
    scale = scale_of(rungs)
    x, drawn, path = MARGIN, [], [(MARGIN, UPPER)]
    for place, rung in enumerate(rungs, start=1):
        sure = x + scale.width(rung.wait)
        middle = sure + scale.width(rung.unsure)
        end = middle + scale.width(rung.work)
        drawn.append(_rung(rung, place, (x, sure, middle, end)))
        path += [(x, UPPER), (middle, UPPER), (middle, LOWER), (end, LOWER)]
        x = end
    drawn.insert(0, element("path", d=line(path), class_="rail"))
    below = LOWER + 58
    drawn += [
        text(MARGIN, below + 20 * row, total, class_="total") for row, total in enumerate(totals)
    ]
    height = below + 20 * len(totals) - 10
    return picture(drawn, WIDTH, height, id=id, title=title, description=description)


def _rung(rung: Rung, place: int, at: tuple[float, float, float, float]) -> Html:
    start, sure, middle, end = at
    tip = f"{place}. {rung.title}: wait {rung.wait_text}, work {rung.work_text}"
    parts = [element("title", tip)]
    parts += _level(start, sure, UPPER, f"wait tone-{rung.tone}")
    parts += _level(sure, middle, UPPER, "wait unknown")
    parts += _level(middle, end, LOWER, "work")
    parts += _written(rung.wait_text, start, middle, UPPER - 10)
    parts += _written(rung.work_text, middle, end, LOWER + 20)
    parts += _name(rung.title, place, start, end)
    return element("g", *parts, class_="rung")


def _level(start: float, end: float, y: float, kind: str) -> Iterator[Html]:
    if end > start:
        yield element(
            "rect", x=start, y=y - THICK / 2, width=end - start, height=THICK,
            class_=kind, data_x=number(start),
        )  # fmt: skip


def _written(value: str, start: float, end: float, y: float) -> Iterator[Html]:
    """The text in the middle of its stretch, where it fits."""
    if width_of(value, SIZE) <= end - start - 4:
        yield text((start + end) / 2, y, value, class_="time", text_anchor="middle")


def _name(title: str, place: int, start: float, end: float) -> Iterator[Html]:
    """The step's name over its stretch, else its number under it, where that fits."""
    room, middle = end - start - 6, (start + end) / 2
    if width_of(title, SIZE) <= room or room >= 64:
        label = fitted(title, room, SIZE)
        yield text(middle, 16, label, class_="title", text_anchor="middle")
    elif room >= 10:
        yield text(middle, 16, str(place), class_="place", text_anchor="middle")
