"""Who waits for whom, left to right: boxes with a name, arrows that say what kind they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orgdiag.drawing.layered import Box, Layout, Place, layered
from orgdiag.drawing.svg import (
    arrow_heads,
    curve,
    element,
    fitted,
    picture,
    text,
    width_of,
)
from orgdiag.media.markup import Html

MARGIN = 12.0
LEAST_WIDTH = 90.0
MOST_WIDTH = 190.0
PADDING = 12.0
SIZE = 12.5
SMALL = 11.0
GAP = 96.0  # between columns
BOLD = 1.12  # how much wider bold letters are


class Node(NamedTuple):
    """A box: its name, a smaller line under it or "", and words for the style sheet."""

    id: str
    title: str
    note: str = ""
    kind: str = ""


class Link(NamedTuple):
    """An arrow from who waits to whom it waits for; `label` or "" stands at one end."""

    source: str
    target: str
    kind: str
    tip: str
    label: str = ""


def network(
    nodes: Sequence[Node],
    links: Sequence[Link],
    *,
    id: str,
    title: str,
    description: str,
    gap: float = GAP,
) -> Html:
    """The network as one SVG drawing, with `gap` between its columns."""
    boxes = [Box(node.id, _width(node), 44.0 if node.note else 30.0) for node in nodes]
    layout = layered(
        boxes, [(link.source, link.target) for link in links], column_gap=gap, row_gap=14
    )
    head = f"{id}-head"
    drawn = [arrow_heads(head)]
    drawn += [_arrow(link, layout, head) for link in links if link.source != link.target]
    drawn += [_box(node, layout.places[node.id]) for node in nodes]
    crowd = Counter(end for link in links for end in (link.source, link.target))
    drawn += [_label(link, layout, crowd) for link in links if _labelled(link)]
    return picture(
        [element("g", *drawn, transform=f"translate({MARGIN:.0f} {MARGIN:.0f})")],
        layout.width + 2 * MARGIN,
        layout.height + 2 * MARGIN,
        id=id,
        title=title,
        description=description,
    )


def _width(node: Node) -> float:
    wanted = max(width_of(node.title, SIZE) * BOLD, width_of(node.note, SMALL)) + 2 * PADDING
    return min(max(wanted, LEAST_WIDTH), MOST_WIDTH)


def _box(node: Node, place: Place) -> Html:
    middle, room = place.x + place.width / 2, place.width - 1.4 * PADDING
    title = fitted(node.title, room / BOLD, SIZE)
    first = place.y + (19 if node.note else 20)
    drawn = [
        element("title", f"{node.title} {node.note}".strip()),
        element(
            "rect", x=place.x, y=place.y, width=place.width, height=place.height, rx="4",
            class_="box",
        ),
        text(middle, first, title, class_="title", text_anchor="middle"),
    ]  # fmt: skip
    if node.note:
        note = fitted(node.note, room, SMALL)
        drawn.append(text(middle, place.y + 35, note, class_="note", text_anchor="middle"))
    return element("g", *drawn, class_=f"node {node.kind}".strip())


def _arrow(link: Link, layout: Layout, head: str) -> Html:
    points = layout.routes[link.source, link.target]
    kind = f"link {link.kind}" + (" back" if (link.source, link.target) in layout.against else "")
    path = element("path", d=curve(points), class_=kind, marker_end=f"url(#{head})")
    return element("g", element("title", link.tip), path)


def _labelled(link: Link) -> bool:
    return bool(link.label) and link.source != link.target


def _label(link: Link, layout: Layout, crowd: Mapping[str, int]) -> Html:
    """The label at the end of the arrow where fewer arrows meet."""
    points = layout.routes[link.source, link.target]
    near_source = crowd[link.source] <= crowd[link.target]
    (x, y), (other, _) = (points[0], points[1]) if near_source else (points[-1], points[-2])
    outward = 1 if other > x else -1
    return text(
        x + outward * (5 if near_source else 12), y - 5, link.label, class_="label",
        text_anchor="start" if outward > 0 else "end",
    )  # fmt: skip
