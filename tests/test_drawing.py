"""Where things stand in the pictures: nothing over anything else, the same every time."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgdiag.drawing.bars import Bar, Segment, bars
from orgdiag.drawing.interval import interval
from orgdiag.drawing.ladder import Rung, ladder
from orgdiag.drawing.layered import Box, Layout, layered
from orgdiag.drawing.network import Link, Node, network
from orgdiag.drawing.streammap import MapArrow, MapLoop, MapStep, stream_map
from orgdiag.drawing.svg import fitted, width_of

GRAPHS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=24
)  # arrows, loops and doubles included


def laid(arrows: list[tuple[int, int]]) -> Layout:
    boxes = [Box(str(number), 60 + 7 * number, 30) for number in range(10)]
    return layered(boxes, [(str(a), str(b)) for a, b in arrows])


@given(GRAPHS)
def test_no_box_stands_on_another_and_all_stand_in_the_picture(
    arrows: list[tuple[int, int]],
) -> None:
    layout = laid(arrows)
    for one, other in combinations(layout.places.values(), 2):
        apart = (
            one.x + one.width <= other.x
            or other.x + other.width <= one.x
            or one.y + one.height <= other.y + 0.01
            or other.y + other.height <= one.y + 0.01
        )
        assert apart
    for place in layout.places.values():
        assert 0 <= place.x <= place.x + place.width <= layout.width + 0.01
        assert -0.01 <= place.y <= place.y + place.height <= layout.height + 0.01


@given(GRAPHS)
def test_every_arrow_runs_from_its_source_to_its_target_and_only_cycles_run_back(
    arrows: list[tuple[int, int]],
) -> None:
    layout = laid(arrows)
    wanted = {(str(a), str(b)) for a, b in arrows if a != b}
    assert set(layout.routes) == wanted
    for (source, target), points in layout.routes.items():
        start, end = layout.places[source], layout.places[target]
        forward = (source, target) not in layout.against
        assert points[0][0] == pytest.approx(start.x + (start.width if forward else 0))
        assert points[-1][0] == pytest.approx(end.x + (0 if forward else end.width))
        steps = [b >= a for (a, _), (b, _) in pairwise(points)]
        assert all(step is forward for step in steps) or len(points) == 2


@given(GRAPHS)
def test_a_graph_without_cycles_has_no_arrow_that_runs_back(arrows: list[tuple[int, int]]) -> None:
    assert not laid([(min(a, b), max(a, b)) for a, b in arrows]).against


def test_the_same_graph_is_drawn_the_same_way() -> None:
    arrows = [(0, 3), (3, 5), (5, 0), (1, 3), (2, 7), (7, 1)]
    assert laid(arrows) == laid(arrows)


def step(id: str, **rest: object) -> MapStep:
    values: dict[str, object] = {
        "id": id, "title": id, "team": "a team", "tone": 1, "process": "1h", "lead": "2d",
        "complete_accurate": "", "wait": "1d 7h", "gate": "", "unknown": False, "automated": False,
        "on_path": True, "constraint": "",
    }  # fmt: skip
    return MapStep(**(values | rest))  # type: ignore[arg-type]


CHAIN = [step(f"s{number}") for number in range(11)]
ARROWS = [MapArrow(a.id, b.id, True, True, "document") for a, b in pairwise(CHAIN)]


def spots(drawing: str) -> list[tuple[float, float]]:
    return [
        (float(x), float(y))
        for x, y in re.findall(r'transform="translate\(([\d.]+) ([\d.]+)\)"', drawing)
    ]


@pytest.mark.parametrize("columns", [1, 3, 4, 11])
def test_a_map_is_folded_into_bands_that_do_not_overlap(columns: int) -> None:
    drawing = stream_map(CHAIN, ARROWS, [], id="m", title="t", description="d", columns=columns)
    found = spots(drawing)
    assert len(found) == 11
    rows = sorted({y for _, y in found})
    assert len(rows) == -(-11 // columns)
    assert all(lower - upper >= 86 for upper, lower in pairwise(rows))
    assert len({x for x, _ in found}) == min(columns, 11)


def test_a_map_shows_the_boxes_of_another_without_drawing_them_twice() -> None:
    first = stream_map(CHAIN, ARROWS, [], id="m", title="t", description="d", columns=4)
    again = stream_map(
        CHAIN, ARROWS, [], id="n", title="t", description="d", columns=3, boxes_of="m"
    )
    assert set(re.findall(r'href="#(m-\d+)"', again)) == set(re.findall(r'id="(m-\d+)"', first))
    assert 'class="box"' not in again


def test_rework_keeps_its_share_whether_it_stays_in_its_band_or_not() -> None:
    loops = [MapLoop("s2", "s1", "25 %", "s2", "s1"), MapLoop("s9", "s0", "5 %", "s9", "s0")]
    drawing = stream_map(CHAIN, ARROWS, loops, id="m", title="t", description="d", columns=4)
    assert ">25 %</text>" in drawing
    assert ">5 % back to s0</text>" in drawing
    assert ">5 % from s9</text>" in drawing


def test_a_ladder_shows_what_is_unsure_between_waiting_and_work() -> None:
    rungs = [
        Rung("a", 1, 100, 0, 100, "100", "100"),
        Rung("b", 2, 0, 200, 100, "?", "100"),
        Rung("c", 3, 0, None, 50, "?", "50"),
    ]
    drawing = ladder(rungs, ["total"], id="l", title="t", description="d")
    unit = (1000 - 20 - 30) / 550
    widths = [float(w) for w in re.findall(r'width="([\d.]+)" height="8"', drawing)]
    assert widths == pytest.approx(
        [100 * unit, 100 * unit, 200 * unit, 100 * unit, 30, 50 * unit], abs=0.1
    )
    assert drawing.count('class="wait unknown"') == 2


def test_a_ladder_of_nothing_is_a_drawing() -> None:
    ET.fromstring(ladder([], ["total"], id="l", title="t", description="d"))
    ET.fromstring(bars([], id="b", title="t", description="d"))
    ET.fromstring(network([], [], id="n", title="t", description="d"))
    ET.fromstring(stream_map([], [], [], id="m", title="t", description="d"))


def test_each_bar_of_a_waterfall_begins_where_the_last_one_ended() -> None:
    rows = [
        Bar("work", (Segment("work", 10, 10),), "10"),
        Bar("queue", (Segment("queue", 20, 30),), "20 to 30"),
        Bar("total", (Segment("total", 30, 40),), "30 to 40"),
    ]
    drawing = bars(rows, id="b", title="t", description="d", cumulative=True)
    found = [
        (float(x), float(w))
        for x, w in re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', drawing)
    ]
    (work, width), (queue, sure), (maybe, unsure), (total, whole), _ = found
    assert queue == pytest.approx(work + width, abs=0.1)
    assert maybe == pytest.approx(queue + sure, abs=0.1)
    assert (sure, unsure) == pytest.approx((2 * width, width), abs=0.2)
    assert (total, whole) == pytest.approx((work, 3 * width), abs=0.2)


def test_an_interval_is_filled_to_its_lower_bound_and_hatched_to_its_upper() -> None:
    drawing = interval(0.25, 0.75, 200)
    assert re.findall(r'<rect [^>]*?width="([\d.]+)"[^>]*class="(\w+)"', drawing) == [
        ("200", "track"), ("50", "sure"), ("100", "unsure"),
    ]  # fmt: skip


def test_names_that_are_markup_are_escaped_in_every_drawing() -> None:
    evil = '"><script>&'
    drawings = (
        network(
            [Node("a", evil, evil), Node("b", evil)], [Link("a", "b", "blocking", evil, evil)],
            id="n", title=evil, description=evil,
        ),
        stream_map(
            [step("a", title=evil, team=evil, wait=evil, gate=evil, constraint=evil), step("b")],
            [MapArrow("a", "b", True, True, evil)], [MapLoop("b", "a", evil, evil, evil)],
            id="m", title=evil, description=evil,
        ),
        ladder(
            [Rung(evil, 1, 9e3, 0, 9e3, evil, evil)], [evil],
            id="l", title=evil, description=evil,
        ),
        bars([Bar(evil, (Segment("work", 1, None),), evil)], id="b", title=evil, description=evil),
    )  # fmt: skip
    for drawing in drawings:
        root = ET.fromstring(drawing)
        assert not [item for item in root.iter() if item.tag == "script"]


def test_a_text_is_cut_where_it_would_be_too_wide() -> None:
    assert fitted("short", 100) == "short"
    cut = fitted("w" * 100, 100)
    assert cut.endswith("…")
    assert width_of(cut) <= 100
