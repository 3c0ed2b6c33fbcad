"""Checks fields, relations and what follows them on and on."""

from __future__ import annotations

from orgdiag.model.types import Type
from orgdiag.rule.algebra import comparable
from orgdiag.rule.relation import singular
from orgdiag.rule.scope import Scope
from orgdiag.rule.tree import Node
from orgdiag.rule.typed import ANY, Expr, element_of, is_set, many_of, one_of, shown
from orgdiag.text.nearest import did_you_mean


class Paths(Scope):
    """Checks what is read from elements."""

    __slots__ = ()

    def _field(self, node: Node) -> Expr:
        base, name = self.value(node.part(0)), node.part(1)
        if base.type.base == "any":
            return self.made(node, "error", ANY)
        if base.type.base != "reference":
            return self.mistake(
                name,
                f"a {shown(base.type)} has no fields",
                "fields belong to elements: `team.size`, not `team.size.…`",
            )
        return self.field(node, base, name)

    def field(self, node: Node, base: Expr, name: Node) -> Expr:
        """The field of an element, or of every element of a set."""
        found: list[Type] = []
        keys: list[str] = []
        for kind in base.type.kinds:
            known = self.catalogue.find(kind, name.text)
            concept = self.concepts.get((kind, name.text)) if known is None else None
            if concept is not None:
                found.append(concept.type)
                keys.append(concept.key)
            elif known is not None:
                found.append(known.type)
        self.uses.update(keys)
        if not found:
            return self.no_field(name, base.type)
        type = found[0]
        if any(other != type for other in found):
            if any(not comparable(other, type) or other.many != type.many for other in found):
                return self.mistake(
                    name,
                    f"`{name.text}` differs between {shown(base.type)}",
                    "ask for one kind at a time",
                )
            kinds = tuple(dict.fromkeys(kind for other in found for kind in other.kinds))
            words = tuple(dict.fromkeys(word for other in found for word in other.words))
            type = Type(type.base, words, kinds, type.many)
        many = is_set(base.type)
        if keys:
            op = "defined-path" if many else "defined"
        else:
            op = "path" if many else "field"
        return self.made(node, op, many_of(type) if many else type, base, name.text, *keys)

    def no_field(self, name: Node, type: Type) -> Expr:
        """The mistake that a type has no such field."""
        names = [known for kind in type.kinds for known in self.catalogue.names(kind)]
        names += [word for kind, word in self.concepts if kind in type.kinds]
        help = did_you_mean(name.text, names) or f"orgdiag fields {type.kinds[0]} lists them"
        field, _, rest = name.text.partition("-")
        if rest[:1].isdigit() and field in names:
            help = f"a hyphen belongs to the name; to subtract write {field} - {rest}"
        return self.mistake(name, f"a {shown(one_of(type))} has no field `{name.text}`", help)

    def _closure(self, node: Node) -> Expr:
        base = self.value(node.part(0))
        if base.type.base == "any":
            return base
        if base.op not in {"field", "path"} or not base.type.many:
            return self.mistake(
                node, "`transitively` follows a relation", "e.g. team.blockers transitively"
            )
        start, relation = base.expr(0), base.args[1]
        kind = self.staying(node, start.type, base.type, relation)
        if kind is None:
            return Expr("error", ANY, (), node.start, node.end)
        return self.made(node, "closure", base.type, start, kind, relation)

    def staying(self, node: Node, start: Type, end: Type, relation: str) -> str | None:
        """The kind in which a relation stays; leaving it is a mistake."""
        if len(start.kinds) == 1 and start.kinds == end.kinds and end.base == "reference":
            return start.kinds[0]
        self.mistake(
            node, f"`{relation}` leads from {shown(one_of(start))} to {shown(one_of(end))}",
            "only a relation that stays in its kind can be followed on and on",
        )  # fmt: skip
        return None

    def relation(self, kind_node: Node, relation_node: Node) -> tuple[str, str] | None:
        """The kind and relation of `KIND.RELATION` after `through`."""
        kind, name = kind_node.text, relation_node.text
        if kind not in self.catalogue.kinds:
            self.mistake(kind_node, f"there is no kind `{kind}`", self.near_kind(kind))
            return None
        known = self.catalogue.find(kind, name)
        if known is None:
            self.no_field(relation_node, element_of(kind))
            return None
        if known.type.base != "reference":
            self.mistake(
                relation_node,
                f"`{kind}.{name}` is no relation",
                f"orgdiag fields {kind} lists them",
            )
            return None
        return (kind, name) if self.staying(
            relation_node, element_of(kind), known.type, name
        ) else None  # fmt: skip

    def near_kind(self, text: str) -> str:
        """The help that offers the nearest kind."""
        return did_you_mean(singular(text), self.catalogue.kinds)
