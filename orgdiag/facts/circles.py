"""Groups of things each of which leads to every other (strongly connected components)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

N = TypeVar("N", bound=Hashable)


def circles(edges: Mapping[N, Iterable[N]]) -> list[list[N]]:
    """The strongly connected groups, those that are led to first (Tarjan, without recursion).

    >>> circles({"a": ["b"], "b": ["c"], "c": ["b"]})
    [['c', 'b'], ['a']]
    """
    index: dict[N, int] = {}
    low: dict[N, int] = {}
    stack: list[N] = []
    inside: set[N] = set()
    found: list[list[N]] = []
    for root in edges:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        inside.add(root)
        work = [(root, iter(edges[root]))]
        while work:
            item, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    inside.add(target)
                    work.append((target, iter(edges.get(target, ()))))
                    break
                if target in inside:
                    low[item] = min(low[item], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[item])
                if low[item] == index[item]:
                    found.append(_group(item, stack, inside))
    return found


def _group(root: N, stack: list[N], inside: set[N]) -> list[N]:
    group = []
    while True:
        item = stack.pop()
        inside.discard(item)
        group.append(item)
        if item is root:
            return group
