"""A share as an interval on a track from nothing to all of it; beside its value, so decorative."""

from __future__ import annotations

from orgdiag.drawing.svg import element
from orgdiag.media.markup import Html

WIDTH = 160.0
HEIGHT = 10.0


def interval(low: float, high: float, width: float = WIDTH) -> Html:
    """The track, filled up to `low` and hatched from there to `high`."""
    sure, most = width * low, width * high
    drawn = [element("rect", width=width, height=HEIGHT, rx="2", class_="track")]
    if sure > 0:
        drawn.append(element("rect", width=max(sure, 1.0), height=HEIGHT, rx="2", class_="sure"))
    if most > sure:
        drawn.append(
            element("rect", x=sure, width=max(most - sure, 1.0), height=HEIGHT, class_="unsure")
        )
    return element(
        "svg", *drawn, viewBox=f"0 0 {width:.0f} {HEIGHT:.0f}", width=width, height=HEIGHT,
        class_="interval", preserveAspectRatio="none", aria_hidden="true", focusable="false",
    )  # fmt: skip
