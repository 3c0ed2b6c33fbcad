"""Checks quantifiers, comprehensions, functions, and the names that they bind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from orgdiag.model.types import FLAG, NUMBER, Type
from orgdiag.rule.algebra import as_set, comparable, slots_of
from orgdiag.rule.paths import Paths
from orgdiag.rule.relation import relation_named, singular
from orgdiag.rule.tree import Node
from orgdiag.rule.typed import AMOUNTS, ANY, Expr, element_of, many_of, one_of, shown
from orgdiag.text.nearest import did_you_mean

AGGREGATES: Final = frozenset({"sum", "min", "max", "average", "median"})
FUNCTIONS: Final = (*sorted(AGGREGATES), "certain", "count", "depth", "percentile")
_USES: Final = {
    **{name: f"e.g. {name}(step.wait for each step of stream)" for name in AGGREGATES},
    "certain": "e.g. certain(team.blockers)",
    "count": "e.g. count(team.blockers)",
    "percentile": "e.g. percentile(85%, step.lead for each step of stream)",
}


class Loops(Paths):
    """Checks what ranges over the members of sets."""

    __slots__ = ()

    def _quantified(self, node: Node) -> Expr:
        quantity = node.part(0)
        number = self.value(quantity.part(0)) if quantity.args else None
        if number is not None and (
            number.type.base not in {"number", "ratio", "any"} or number.type.many
        ):
            return self.mistake(
                quantity,
                f"a number is wanted here, not a {shown(number.type)}",
                "e.g. at least 3 …",
            )
        with self.inner():
            bind = self.binding(node.part(1))
            where = self.condition(node.part(2)) if len(node.args) > 2 else None
        word = quantity.op.removeprefix("q_").replace("_", "-")
        return self.made(node, "quantified", FLAG, word, number, bind, where)

    def _every(self, node: Node) -> Expr:
        with self.inner():
            bind = self.binding(node.part(0))
            where = None if node.args[1] is None else self.condition(node.part(1))
            holds = self.condition(node.part(2))
        return self.made(node, "every", FLAG, bind, where, holds)

    def each(self, node: Node) -> Expr:
        """The bindings of `for each …`, brought into scope, and their `where`."""
        binds = self.bindings(node.part(0))
        where = None if node.args[1] is None else self.condition(node.part(1))
        self.connected(binds)
        return self.made(node, "each", ANY, where, *binds)

    def connected(self, binds: list[Expr]) -> None:
        """Write down a binding that has nothing to do with those before it: a product."""
        slots = {binds[0].args[0]} if binds else set()
        for bind in binds[1:]:
            source = bind.expr(2)
            if source.op != "error" and not slots & set(slots_of(source)):
                self.mistake(
                    bind, f"`each {bind.args[1]}` has nothing to do with the one before it",
                    "range over a relation: each step of stream and each team of step",
                )  # fmt: skip
            slots.add(bind.args[0])

    def _collect(self, node: Node) -> Expr:
        return self._collected(node, distinct=False)

    def _collect_distinct(self, node: Node) -> Expr:
        return self._collected(node, distinct=True)

    def _collected(self, node: Node, distinct: bool) -> Expr:
        with self.inner():
            each = self.each(node.part(1))
            value = self.value(node.part(0))
        if value.type.base == "any":
            return self.made(node, "error", ANY)
        merged = distinct or value.type.base == "reference"
        return self.made(node, "collect", many_of(value.type), value, int(merged), each)

    def _call(self, node: Node) -> Expr:
        name, arguments = node.part(0), node.parts[1:]
        if name.text not in FUNCTIONS:
            return self.mistake(
                name, f"there is no function `{name.text}`",
                did_you_mean(name.text, FUNCTIONS) or f"one of {', '.join(FUNCTIONS)}",
            )  # fmt: skip
        values = [self.value(argument) for argument in arguments]
        if any(value.type.base == "any" for value in values):
            return self.made(node, "error", ANY)
        if name.text == "depth":
            return self._depth(node, values)
        several = name.text in {"min", "max", "sum"} and len(values) > 1
        wanted = 2 if name.text == "percentile" else 1
        if len(values) != wanted and not several:
            word = "value" if wanted == 1 else "values"
            return self.mistake(
                node, f"{name.text} takes {wanted} {word}, not {len(values)}", _USES[name.text]
            )
        return self._aggregate(node, name.text, values, several)

    def _depth(self, node: Node, values: list[Expr]) -> Expr:
        if len(values) != 1 or values[0].op != "field":
            return self.mistake(node, "depth takes one relation", "e.g. depth(team.blockers)")
        start, relation = values[0].expr(0), values[0].args[1]
        kind = self.staying(node, start.type, values[0].type, relation)
        if kind is None:
            return Expr("error", ANY, (), node.start, node.end)
        return self.made(node, "depth", NUMBER, start, kind, relation)

    def _aggregate(self, node: Node, name: str, values: list[Expr], several: bool) -> Expr:
        last = values[-1]
        if name == "certain":
            if not last.type.many:
                return self.mistake(
                    node, f"certain wants a set, not a {shown(last.type)}", _USES[name]
                )
            return self.made(node, "call", last.type, name, last)
        if name == "count":
            if not last.type.many and last.type.base != "reference":
                return self.mistake(
                    node, f"a set is counted, not a {shown(last.type)}", _USES[name]
                )
            return self.made(node, "call", NUMBER, name, as_set(last))
        if several:
            if any(v.type.many or not comparable(v.type, values[0].type) for v in values):
                return self.mistake(node, f"{name} wants values of one type", _USES[name])
        elif not last.type.many:
            return self.mistake(node, f"{name} wants a set, not a {shown(last.type)}", _USES[name])
        if last.type.base not in AMOUNTS:
            return self.mistake(
                node, f"{name} wants numbers, not a {shown(last.type)}", _USES[name]
            )
        if name == "percentile" and values[0].type.base not in {"share", "ratio"}:
            return self.mistake(node, "percentile wants a share first", "percentile(85%, …)")
        return self.made(node, "call", one_of(values[0 if several else -1].type), name, *values)

    def bindings(self, node: Node) -> list[Expr]:
        """The bindings of a node, each in scope for the next."""
        return [self.binding(part) for part in node.parts]

    def binding(self, node: Node) -> Expr:
        """One binding, in scope from now on."""
        source, name = self._source(node)
        found = self.declare(name, "var", one_of(source.type))
        return self.made(node, "bind", found.type, found.slot, name.text, source)

    def _source(self, node: Node) -> tuple[Expr, Node]:
        """The set that a binding ranges over, and the node that names its member."""
        alias = node.args[-1]
        if node.op == "bind_kind":
            return self._of_kind(node), alias or _singular(node.part(0))
        if node.op == "bind_of":
            return self._of(node), alias or _singular(node.part(0))
        if node.op == "bind_in":
            return as_set(self.value(node.part(1))), alias or self._member_of(node.part(0))
        if node.op == "bind_distinct":
            return self._distinct(node), node.part(1)
        found = self.relation(node.part(0), node.part(1))
        named = alias or Node("NAME", node.start, node.start + len("cycle"), (), "cycle")
        if found is None:
            return Expr("error", ANY, (), node.start, node.end), named
        type = many_of(element_of(f"cycle:{found[0]}"))
        return Expr("cycles", type, found, node.start, node.end), named

    def _member_of(self, name: Node) -> Node:
        """The name that `each NAME in …` binds: `steps` binds a step, any other name itself."""
        named = _singular(name)
        return named if named.text in self.catalogue.kinds else name

    def _of_kind(self, node: Node) -> Expr:
        name = node.part(0)
        kind = relation_named(name.text, self.catalogue.kinds) or singular(name.text)
        if kind not in self.catalogue.kinds:
            help = self.near_kind(name.text) or f"say of what: `{name.text} of stream`"
            return self.mistake(name, f"there is no kind `{name.text}`", help)
        return Expr("all", many_of(element_of(kind)), (kind,), name.start, name.end)

    def _of(self, node: Node) -> Expr:
        name, base = node.part(0), self.value(node.part(1))
        if base.type.base == "any":
            return base
        if base.type.base != "reference":
            return self.mistake(
                node.part(1),
                f"a {shown(base.type)} has no relations",
                "name an element: each step of stream",
            )
        known = relation_named(name.text, self._relations(base.type))
        if known is None and base.type.many and singular(name.text) in base.type.kinds:
            return base
        word = known or name.text
        found = self.field(node, base, name._replace(text=word))
        if not found.type.many and found.type.base != "reference":
            return self.mistake(
                name, f"`{word}` is a {shown(found.type)}, not a relation", "each step of stream"
            )
        return as_set(found)

    def _relations(self, type: Type) -> Iterator[str]:
        """The names of what leads from an element of the type to others, or lists words."""
        for kind in type.kinds:
            for name in self.catalogue.names(kind):
                known = self.catalogue.find(kind, name)
                if known is not None and (known.type.many or known.type.base == "reference"):
                    yield name
        yield from (word for kind, word in self.concepts if kind in type.kinds)

    def _distinct(self, node: Node) -> Expr:
        """The distinct values of a field over a kind (`distinct team.discipline`)."""
        inner = node.part(0)
        root = inner
        while root.op in {"field", "closure"}:
            root = root.part(0)
        name = root.part(0) if root.op == "name" else root
        if name.text in self.catalogue.kinds and name.text not in self.names:
            with self.inner():
                kind = Expr(
                    "all", many_of(element_of(name.text)), (name.text,), root.start, root.end
                )
                slot = self.declare(name, "var", element_of(name.text)).slot
                value = self.value(inner)
                bind = Expr(
                    "bind", one_of(kind.type), (slot, name.text, kind), root.start, root.end
                )
            if value.type.base == "any":
                return value
            each = Expr("each", ANY, (None, bind), root.start, root.end)
            return self.made(node, "collect", many_of(value.type), value, 1, each)
        value = self.value(inner)
        return value if value.type.base == "any" else as_set(value)


def _singular(node: Node) -> Node:
    return node._replace(text=singular(node.text))
