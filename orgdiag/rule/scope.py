"""The ground of the checker: names in scope, and mistakes with their places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from orgdiag.catalogue import Catalogue
from orgdiag.finding import Problem
from orgdiag.frozen import frozen
from orgdiag.model.types import Type
from orgdiag.rule import read
from orgdiag.rule.tree import Node
from orgdiag.rule.typed import ANY, Expr, shown
from orgdiag.text.source import Source, Span


@dataclass(slots=True)
class Name:
    """A name in scope: a bound element, a `let` or a parameter."""

    op: str
    type: Type
    slot: int = 0
    span: Span | None = None
    used: bool = False


@frozen
class Concept:
    """What a `define` adds to a kind: `key` finds its body, a flag is an adjective."""

    key: str
    type: Type
    doc: str = ""


@dataclass(slots=True, eq=False)
class Scope:
    """What is in scope while the expressions of one item are checked.

    source      where the item stands
    catalogue   the fields of every kind
    concepts    what was defined, by kind and name
    rules       the names of all rules, for `is flagged by`
    names       what is in scope; `slots` how many places the item needs so far
    forgiving   whether an unknown name is no mistake, because the clause that binds it is broken
    """

    source: Source
    catalogue: Catalogue
    concepts: Mapping[tuple[str, str], Concept]
    rules: frozenset[str] = frozenset()
    names: dict[str, Name] = field(default_factory=dict)
    slots: int = 1
    forgiving: bool = False
    problems: list[Problem] = field(default_factory=list)
    uses: set[str] = field(default_factory=set)

    # --- mistakes and names -----------------------------------------------------------------------

    def span(self, node: Node | Expr) -> Span:
        """The place of a node in the source."""
        return Span(self.source, node.start, node.end)

    def mistake(self, node: Node | Expr, message: str, help: str = "") -> Expr:
        """Write down a mistake; the expression that stands for it."""
        self.problems.append(Problem(message, self.span(node), help))
        return Expr("error", ANY, (), node.start, node.end)

    def declare(self, node: Node, op: str, type: Type) -> Name:
        """Bring a name into scope; a name that is taken or reserved is a mistake."""
        before = self.names.get(node.text)
        wrong = node.text in read.reserved() or before is not None
        if node.text in read.reserved():
            self.mistake(node, f"`{node.text}` is a word of the language", "choose another name")
        elif wrong:
            self.mistake(node, f"`{node.text}` is already a name here", "rename it: … as other")
        slot = self.slots
        self.slots += 1
        found = Name(op, type, slot, self.span(node), used=wrong)
        if before is None:
            self.names[node.text] = found
        else:  # it keeps its first meaning, so that its other uses are no mistakes
            before.used = True
        return found

    @contextmanager
    def inner(self) -> Iterator[None]:
        """A scope whose names end with it."""
        outer = dict(self.names)
        try:
            yield
        finally:
            for name, entry in self.names.items():
                if name in outer:
                    outer[name].used = outer[name].used or entry.used
            self.names.clear()
            self.names.update(outer)

    # --- expressions ---

    def condition(self, node: Node) -> Expr:
        """The condition that a node says."""
        found = self.value(node)
        if found.type.base == "any" or (found.type.base == "flag" and not found.type.many):
            return found
        return self.mistake(
            node,
            f"a condition is wanted here, not a {shown(found.type)}",
            "compare it, or ask for it: `some …`, `… is known`",
        )

    def value(self, node: Node, want: Type | None = None) -> Expr:
        """The value that a node says; `want` is the type whose words may stand bare."""
        method: Callable[..., Expr] | None = getattr(self, f"_{node.op}", None)
        if method is None:
            raise AssertionError(f"no check for {node.op}")
        if node.op in {"name", "set"}:
            return method(node, want)
        return method(node)

    def _made(self, node: Node, op: str, type: Type, *args: Any) -> Expr:
        return Expr(op, type, args, node.start, node.end)

    def made(self, node: Node, op: str, type: Type, *args: Any) -> Expr:
        """The expression for a node."""
        return Expr(op, type, args, node.start, node.end)
