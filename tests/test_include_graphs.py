"""Files that include each other in any way: each is read once, and only a ring is told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from orgdiag.files.buffers import Buffers
from orgdiag.files.reading import DISK
from orgdiag.load import Limits, Loaded, load

ROOT = Path("/no/such/project")
NAMES = ("a.orgd", "b.orgd", "x/a.orgd", "x/c.orgd", "x/y/d.orgd", "z/e.orgd")
GRAPHS = st.dictionaries(
    st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=4), min_size=1
)


def texts(graph: Mapping[str, list[str]], pattern: bool = False) -> dict[Path, str]:
    """A model for each file: a team, and includes of others as they are seen from its folder."""
    found = {}
    for name, others in graph.items():
        here = PurePosixPath(name).parent
        paths = [os.path.relpath(other, here) for other in others]
        paths += ["*.orgd"] if pattern else []
        lines = [f'include "{path}"' for path in paths]
        found[ROOT / name] = "\n".join([*lines, f"team t{NAMES.index(name)}"])
    return found


def read(graph: Mapping[str, list[str]], *names: str, limits: Limits = Limits()) -> Loaded:
    files = Buffers(DISK, texts(graph))
    return load([ROOT / name for name in names], ROOT, limits, files=files)


def reached(graph: Mapping[str, list[str]], *names: str) -> set[str]:
    """The files that are there and included, by another way than the loader's."""
    known = nx.DiGraph((one, other) for one, others in graph.items() for other in others)
    known.add_nodes_from(graph)
    known = known.subgraph(graph)
    return {name for start in names for name in (start, *nx.descendants(known, start))}


@given(GRAPHS, st.data())
def test_what_is_reached_is_read_once_and_only_a_ring_or_a_lack_is_told(
    graph: dict[str, list[str]], data: st.DataObject
) -> None:
    starts = data.draw(st.lists(st.sampled_from(sorted(graph)), min_size=1, unique=True))
    loaded = read(graph, *starts)
    expected = reached(graph, *starts)
    assert [source.path for source in loaded.sources] == sorted(expected)
    inside = nx.DiGraph((a, b) for a in expected for b in graph[a] if b in expected)
    ring = not nx.is_directed_acyclic_graph(inside)
    told = [finding.message for finding in loaded.findings]
    assert any("include each other" in message for message in told) == ring
    lacking = any(other not in graph for name in expected for other in graph[name])
    assert any("cannot be opened" in message for message in told) == lacking
    assert loaded.incomplete == (ring or lacking)


@given(GRAPHS, st.data())
def test_the_order_in_which_files_are_named_is_nothing(
    graph: dict[str, list[str]], data: st.DataObject
) -> None:
    names = sorted(graph)
    order = data.draw(st.permutations(names))
    first, second = read(graph, *names), read(graph, *order)
    assert first.sources
    assert [s.path for s in first.sources] == [s.path for s in second.sources]
    assert first.findings == second.findings or {f.message for f in first.findings} == {
        f.message for f in second.findings
    }


@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3), st.integers(1, 3))
def test_a_pattern_reads_each_file_of_its_folder_once(others: list[str], files: int) -> None:
    graph = {name: list[str]() for name in (*NAMES[:files], *others)}
    loaded = load([ROOT / NAMES[0]], ROOT, files=Buffers(DISK, texts(graph, pattern=True)))
    top = sorted(name for name in graph if "/" not in name)
    assert [source.path for source in loaded.sources] == top
