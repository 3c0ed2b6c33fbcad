"""Horizontal bars to scale: a waterfall that books every hour, or one bar for each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from orgdiag.drawing.svg import element, fitted, number, picture, text, width_of
from orgdiag.media.markup import Html

WIDTH = 540.0
LABEL = 130.0
ROW = 28.0
BAR = 16.0
GAP = 8.0
SIZE = 12
OPEN_WIDTH = 40.0  # a length that nobody can bound is drawn open, this wide


class Segment(NamedTuple):
    """A stretch of a bar: certain up to `low`, possible up to `high` (None: without end)."""

    kind: str
    low: float
    high: float | None


class Bar(NamedTuple):
    """One row: its label, its stretches one after the other, and what is written behind them."""

    label: str
    segments: tuple[Segment, ...]
    text: str
    kind: str = ""


def bars(
    rows: Sequence[Bar], *, id: str, title: str, description: str, cumulative: bool = False
) -> Html:
    """The bars as one SVG drawing; in a cumulative one each begins where the last ended.

    The last row of a cumulative drawing is the total and begins at nothing again.
    """
    starts = _starts(rows, cumulative)
    room = WIDTH - LABEL - max((width_of(row.text, SIZE) for row in rows), default=0) - 3 * GAP
    whole = max((start + _length(row) for start, row in zip(starts, rows, strict=True)), default=0)
    opened = any(segment.high is None for row in rows for segment in row.segments)
    scale = max(room - (OPEN_WIDTH if opened else 0), 1.0) / (whole or 1.0)
    drawn = [
        element(
            "g",
            *_row(row, LABEL + start * scale, place * ROW, scale),
            class_=f"bar {row.kind}",
        )
        for place, (start, row) in enumerate(zip(starts, rows, strict=True))
    ]
    axis = element("path", d=f"M{number(LABEL)} 0V{number(len(rows) * ROW)}", class_="axis")
    return picture(
        [axis, *drawn],
        WIDTH,
        max(len(rows) * ROW, ROW),
        id=id,
        title=title,
        description=description,
    )


def _starts(rows: Sequence[Bar], cumulative: bool) -> list[float]:
    if not cumulative:
        return [0.0] * len(rows)
    starts, at = [], 0.0
    for row in rows[:-1]:
        starts.append(at)
        at += _length(row)
    return [*starts, 0.0][: len(rows)]


def _length(row: Bar) -> float:
    return sum(_end(segment) for segment in row.segments)


def _end(segment: Segment) -> float:
    return segment.low if segment.high is None else segment.high


def _row(row: Bar, x: float, top: float, scale: float) -> Iterator[Html]:
    yield element("title", f"{row.label}: {row.text}")
    y = top + (ROW - BAR) / 2
    yield text(
        LABEL - GAP, top + ROW / 2 + 4, fitted(row.label, LABEL - 2 * GAP, SIZE),
        class_="label", text_anchor="end",
    )  # fmt: skip
    for segment in row.segments:
        sure, end = x + segment.low * scale, x + _end(segment) * scale
        if segment.high is None:
            end = sure + OPEN_WIDTH
        yield from _stretch(x, sure, y, segment.kind)
        yield from _stretch(
            sure, end, y, f"{segment.kind} unsure" + (" open" if segment.high is None else "")
        )
        x = end
    yield text(x + GAP, top + ROW / 2 + 4, row.text, class_="value")


def _stretch(start: float, end: float, y: float, kind: str) -> Iterator[Html]:
    if end > start:
        yield element("rect", x=start, y=y, width=max(end - start, 1.0), height=BAR, class_=kind)
