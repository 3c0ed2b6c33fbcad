"""Where a stream branches: which steps should say what they follow.

A step without `after` follows the one written before it. Beside a branch that is easily misread:
who adds a step between the two, or takes the tracks for one, changes the flow without noticing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from orgdiag.parse import words
from orgdiag.text.syntax import Statement

_BLOCKS: Final = frozenset({"step", "handoff"})  # what a stream may hold that has a block
_MANY: Final = 2_000  # steps of one stream: who has more is not read by people, and costs squares


class _Step(NamedTuple):
    """A step as its stream writes it: what it follows, and whether it says so itself."""

    statement: Statement
    id: str
    follows: tuple[str, ...]
    explicit: bool


def unsaid(statements: Sequence[Statement]) -> Mapping[int, tuple[str, str]]:
    """The steps that should say what they follow: offset → own full id, id of the step before."""
    streams = [(_id(s), s) for s in statements if s.word == "stream" and s.body]
    often = Counter(id for id, _ in streams)
    return {
        offset: (f"{id}.{step}", before)
        for id, stream in streams
        if id and often[id] == 1
        for offset, step, before in _unsaid_in(id, stream.body or [])
    }


def said_by_extension(statements: Sequence[Statement]) -> Iterator[str]:
    """The full ids of the steps to which an `extend` of these statements gives an `after`."""
    for statement in statements:
        atoms = words(statement.text)
        if statement.word != "extend" or len(atoms) < 3:
            continue
        if atoms[1].text == "step" and any(s.word == "after" for s in statement.body or ()):
            yield atoms[2].text


def _unsaid_in(stream: str, body: Sequence[Statement]) -> Iterator[tuple[int, str, str]]:
    if any(s.body is not None and s.word not in _BLOCKS for s in body):
        return  # a misspelled step, perhaps: what follows it is unknown
    steps = list(_steps(stream, body))
    number = {step.id: at for at, step in enumerate(steps)}
    if not len(steps) == len(number) <= _MANY or not all(number) or not _branches(steps):
        return
    before = [[number[id] for id in step.follows if id in number] for step in steps]
    after: list[list[int]] = [[] for _ in steps]
    for at, follows in enumerate(before):
        for other in follows:
            after[other].append(at)
    earlier, later = _reached(before, after), _reached(after, before)
    if earlier is None or later is None:
        return
    for at, step in enumerate(steps[1:], 1):
        previous = at - 1
        written = (1 << at) - 1
        ordered = earlier[previous] | later[previous] | 1 << previous
        if not step.explicit and (len(after[previous]) > 1 or written & ~ordered):
            yield step.statement.start, step.id, steps[previous].id


def _steps(stream: str, body: Sequence[Statement]) -> Iterator[_Step]:
    before: tuple[str, ...] = ()
    for statement in body:
        if statement.word != "step":
            continue
        id = _id(statement)
        said = [words(s.text) for s in statement.body or () if s.word == "after"]
        named = tuple(
            atom.text.removeprefix(f"{stream}.")
            for atoms in said
            for atom in atoms[1:]
            if atom.kind == "NAME" and atom.text not in ("none", "unknown")
        )
        yield _Step(statement, id, named if said else before, bool(said))
        before = (id,)


def _id(statement: Statement) -> str:
    """The id that a statement defines; "" when it has none that may be one."""
    atoms = words(statement.text)
    id = atoms[1].text if len(atoms) > 1 and atoms[1].kind == "NAME" else ""
    return "" if "." in id or id in ("none", "unknown") else id


def _branches(steps: Sequence[_Step]) -> bool:
    """Whether two steps follow the same one, or the stream starts at two."""
    followed = Counter(id for step in steps for id in set(step.follows))
    starts = sum(not step.follows for step in steps)
    return starts > 1 or max(followed.values(), default=0) > 1


def _reached(edges: Sequence[Sequence[int]], back: Sequence[Sequence[int]]) -> list[int] | None:
    """For each step those that its edges lead to, directly or not, as bits; None in a circle."""
    open_edges = [len(ends) for ends in edges]
    ready = [at for at, count in enumerate(open_edges) if not count]
    reached = [0] * len(edges)
    for at in ready:
        for end in edges[at]:
            reached[at] |= reached[end] | 1 << end
        for start in back[at]:
            open_edges[start] -= 1
            if not open_edges[start]:
                ready.append(start)
    return reached if len(ready) == len(edges) else None


def with_after(
    unsaid: Mapping[int, tuple[str, str]], elsewhere: AbstractSet[str]
) -> Mapping[int, str]:
    """Of the steps that should say what they follow those for which no other place says it."""
    return {at: before for at, (id, before) in unsaid.items() if id not in elsewhere}
