"""SVG as text: elements with everything escaped, and how wide a text will be.

Colours are never written here: a shape carries a class, and the style sheet of the page gives each
class its colour in light, dark and print.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise
from unicodedata import combining, east_asian_width

Point = tuple[float, float]

NARROW = frozenset("fijlrtI.,:;|!'`()[]{}/ ")
WIDE = frozenset("mwMW@%—…")


def number(value: float) -> str:
    """A coordinate with at most one decimal, so that the same drawing has the same bytes."""
    return f"{value:.1f}".removesuffix(".0").replace("-0", "0", 1 if value == 0 else 0)


def element(name: str, children: Iterable[str] | str = (), **attributes: object) -> str:
    """An element; attribute names have `_` for `-`, `class_` is class, None is left out.

    `children` is markup already, text goes through `text` or `words`.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = children if isinstance(children, str) else "".join(children)
    return f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>"


def _attribute(value: object) -> str:
    return number(value) if isinstance(value, float) else escape(str(value), quote=True)


def words(value: str) -> str:
    """Foreign text as markup."""
    return escape(value, quote=True)


def text(x: float, y: float, value: str, **attributes: object) -> str:
    """A line of text at a place; `<title>` children may be given as `tip`."""
    tip = attributes.pop("tip", None)
    inside = (element("title", words(str(tip))) if tip else "") + words(value)
    return element("text", inside, x=float(x), y=float(y), **attributes)


def picture(
    children: Iterable[str], width: float, height: float, *, id: str, title: str, description: str
) -> str:
    """A whole drawing with its title and description for those who do not see it."""
    return element(
        "svg",
        [
            element("title", words(title), id=f"{id}-title"),
            element("desc", words(description), id=f"{id}-desc"),
            *children,
        ],
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=float(width),
        height=float(height),
        role="img",
        aria_labelledby=f"{id}-title {id}-desc",
    )


def width_of(value: str, size: float = 12) -> float:
    """About how many pixels a text takes in a sans-serif face of that size."""
    return sum(_advance(character) for character in value) * size


def _advance(character: str) -> float:
    if combining(character):
        return 0
    if east_asian_width(character) in "WF":
        return 1.0
    if character in NARROW:
        return 0.33
    if character in WIDE:
        return 0.9
    return 0.68 if character.isupper() else 0.56


def fitted(value: str, width: float, size: float = 12) -> str:
    """The text, cut with an ellipsis where it would be wider than `width`."""
    if width_of(value, size) <= width:
        return value
    room, kept = width - width_of("…", size), 0
    for character in value:
        room -= _advance(character) * size
        if room < 0:
            break
        kept += 1
    return value[:kept].rstrip() + "…"


def curve(points: Sequence[Point]) -> str:
    """Path data that runs through the points with horizontal tangents."""
    (x, y), *_ = points
    parts = [f"M{number(x)} {number(y)}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(y0 - y1) < 0.5:
            parts.append(f"L{number(x1)} {number(y1)}")
        else:
            middle = number((x0 + x1) / 2)
            parts.append(f"C{middle} {number(y0)} {middle} {number(y1)} {number(x1)} {number(y1)}")
    return "".join(parts)


def line(points: Sequence[Point]) -> str:
    """Path data that runs straight from point to point."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def arrow_heads(id: str) -> str:
    """The definition of the arrow head that `marker-end="url(#ID)"` draws."""
    tip = element("path", d="M0 0L8 4L0 8Z", class_="head")
    return element(
        "defs",
        element(
            "marker", tip, id=id, viewBox="0 0 8 8", refX="7", refY="4",
            markerWidth="8", markerHeight="8", markerUnits="userSpaceOnUse",
            orient="auto-start-reverse",
        ),
    )  # fmt: skip
