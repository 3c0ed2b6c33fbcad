"""A time ladder to scale: how long an item waits (upper rungs) and is worked on (lower rungs)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from orgdiag.drawing.svg import element, fitted, line, number, picture, text, width_of, words

WIDTH = 1120.0
MARGIN = 10.0
UPPER = 40.0  # height of the waiting level
LOWER = 74.0  # height of the working level
UNKNOWN_WIDTH = 26.0  # a time that nobody knows has no length; it is drawn as a gap of this width


class Rung(NamedTuple):
    """One step of the critical path: its waiting, then its work, in working minutes.

    None stands for a time that nobody knows. `wait_text` and `work_text` are what people read.
    """

    title: str
    tone: int
    wait: float | None
    work: float | None
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
    times = [time for rung in rungs for time in (rung.wait, rung.work)]
    room = WIDTH - 2 * MARGIN - UNKNOWN_WIDTH * sum(time is None for time in times)
    return Scale(max(room, 0.0) / (sum(time or 0.0 for time in times) or 1.0))


def ladder(
    rungs: Sequence[Rung], totals: Sequence[str], *, id: str, title: str, description: str
) -> str:
    """The ladder as one SVG drawing, with the totals as a line of text under it."""
    scale = scale_of(rungs)
    x, drawn, path = MARGIN, [], [(MARGIN, UPPER)]
    for place, rung in enumerate(rungs, start=1):
        middle, end = (
            x + scale.width(rung.wait),
            x + scale.width(rung.wait) + scale.width(rung.work),
        )
        drawn.append(_rung(rung, place, x, middle, end))
        path += [(x, UPPER), (middle, UPPER), (middle, LOWER), (end, LOWER)]
        x = end
    drawn.append(element("path", d=line(path), class_="rail"))
    drawn += [
        text(MARGIN, LOWER + 58 + 18 * row, total, class_="total")
        for row, total in enumerate(totals)
    ]
    height = LOWER + 58 + 18 * len(totals)
    return picture(drawn, WIDTH, height, id=id, title=title, description=description)


def _rung(rung: Rung, place: int, start: float, middle: float, end: float) -> str:
    tip = f"{place}. {rung.title}: wait {rung.wait_text}, work {rung.work_text}"
    parts = [element("title", words(tip))]
    parts += _level(start, middle, UPPER, rung.wait is None, f"wait tone-{rung.tone}")
    parts += _level(middle, end, LOWER, rung.work is None, "work")
    parts += _written(rung.wait_text, start, middle, UPPER - 10, "time")
    parts += _written(rung.work_text, middle, end, LOWER + 16, "time")
    parts += _written(rung.title, start, end, 16, "title") or [
        text((start + end) / 2, LOWER + 34, str(place), class_="place", text_anchor="middle")
    ] * (end - start >= 9)
    return element("g", parts, class_="rung")


def _level(start: float, end: float, y: float, unknown: bool, kind: str) -> list[str]:
    return [
        element(
            "rect", x=start, y=y - 5, width=max(end - start, 0.0), height=5.0,
            class_=f"{kind} unknown" if unknown else kind, data_x=number(start),
        )
    ]  # fmt: skip


def _written(value: str, start: float, end: float, y: float, kind: str) -> list[str]:
    """The text in the middle of its stretch, where it fits."""
    room = end - start - 4
    if width_of(value, 11) > room and (kind != "title" or room < 40):
        return []
    fit = fitted(value, room, 11)
    return [text((start + end) / 2, y, fit, class_=kind, text_anchor="middle")]
