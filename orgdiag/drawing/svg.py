"""SVG: elements with everything foreign escaped, and how wide a text will be.

Colours are never written here: a shape carries a class, and the style sheet of the page gives each
class its colour in light, dark and print.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from unicodedata import combining, east_asian_width

from orgdiag.media.markup import Html

Point = tuple[float, float]

NARROW = frozenset("fijlrtI.,:;|!'`()[]{}/ ")
WIDE = frozenset("mwMW@%—…")


def number(value: float) -> str:
    """A coordinate with at most one decimal, so that the same drawing has the same bytes."""
    return f"{value:.1f}".removesuffix(".0").replace("-0", "0", 1 if value == 0 else 0)


def element(name: str, *children: object, **attributes: object) -> Html:
    """An element with its children, each an element or foreign text.

    Attribute names have `_` for `-`, `class_` is class, None is left out.
    """
    head = Html().join([name, *_attributes(attributes)])
    inside = Html().join(children)
    tags = Html("<{}>{}</{}>") if inside else Html("<{}/>")
    return tags.format(head, inside, name)


def _attributes(attributes: Mapping[str, object]) -> Iterator[Html]:
    for key, value in attributes.items():
        if value is not None:
            name = key.rstrip("_").replace("_", "-")
            shown = number(value) if isinstance(value, float) else value
            yield Html(' {}="{}"').format(name, shown)


def text(x: float, y: float, value: str, **attributes: object) -> Html:
    """A line of text at a place."""
    return element("text", value, x=float(x), y=float(y), **attributes)


def picture(
    children: Iterable[Html], width: float, height: float, *, id: str, title: str, description: str
) -> Html:
    """A whole drawing with its title and description for those who do not see it."""
    return element(
        "svg",
        element("title", title, id=f"{id}-title"),
        element("desc", description, id=f"{id}-desc"),
        *children,
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


def arrow_heads(id: str) -> Html:
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
