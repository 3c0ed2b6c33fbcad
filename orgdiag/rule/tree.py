"""The syntax tree of the rules language: nodes with the offsets where they stand."""

from __future__ import annotations

from typing import NamedTuple


class Node(NamedTuple):
    """One construct of the grammar, or one token (then `text` is set and `args` empty).

    op           the name of the grammar rule or of the token's terminal
    start, end   offsets into the source
    args         the parts, in the order of the grammar; None for an optional part left out
    """

    op: str
    start: int
    end: int
    args: tuple[Node | None, ...] = ()
    text: str = ""

    def part(self, index: int) -> Node:
        """The part at an index, which the grammar says is there."""
        node = self.args[index]
        if node is None:
            raise IndexError(f"{self.op} has no part {index}")
        return node

    @property
    def parts(self) -> tuple[Node, ...]:
        """The parts that are there."""
        return tuple(node for node in self.args if node is not None)


class Clause(NamedTuple):
    """A clause that could not be read: the names that it would have defined, and its keyword."""

    keyword: str
    defines: str | None


class Item(NamedTuple):
    """One top-level item of a rule file, and which of its clauses are broken."""

    node: Node
    broken: tuple[Clause, ...] = ()
