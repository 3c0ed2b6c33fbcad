"""Checks conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from orgdiag.model.elements import ELEMENTS
from orgdiag.model.schema import schema
from orgdiag.model.types import FLAG, Type
from orgdiag.rule.algebra import as_set, comparable, unit_help
from orgdiag.rule.paths import Paths
from orgdiag.rule.strings import unquoted
from orgdiag.rule.tree import Node
from orgdiag.rule.typed import AMOUNTS, ANY, Expr, element_of, many_of, one_of, shown
from orgdiag.text.nearest import did_you_mean

STATES: Final = ("stated", "known", "unknown", "empty")


class Conditions(Paths):
    """Checks what holds or does not hold."""

    __slots__ = ()

    def _all_of(self, node: Node) -> Expr:
        return self.made(node, "all-of", FLAG, *[self.condition(part) for part in node.parts])

    def _any_of(self, node: Node) -> Expr:
        return self.made(node, "any-of", FLAG, *[self.condition(part) for part in node.parts])

    def _not_(self, node: Node) -> Expr:
        inner = self.condition(node.part(0))
        return self.made(node, "not", FLAG, inner)

    def _pair(self, left: Node, right: Node) -> tuple[Expr, Expr]:
        """Both sides of a comparison; a bare word takes its meaning from the other side."""
        if left.op == "name" and left.part(0).text not in self.names:
            second = self.value(right)
            return self.value(left, one_of(second.type)), second
        first = self.value(left)
        return first, self.value(right, one_of(first.type))

    def _compare(self, node: Node) -> Expr:
        sign = node.part(1).text
        left, right = self._pair(node.part(0), node.part(2))
        if ANY in (left.type, right.type):
            return self.made(node, "error", ANY)
        if left.type.many or right.type.many:
            return self.mistake(
                node, "a set is not compared with `" + sign + "`",
                "count it, or say `in`, `meets`, `every … satisfies …`",
            )  # fmt: skip
        if left.type.base == "flag" or right.type.base == "flag":
            return self.mistake(node, "a yes/no is not compared", "write `x` or `not x`")
        if not comparable(left.type, right.type):
            return self.mistake(
                node, f"a {shown(left.type)} is not compared with a {shown(right.type)}",
                unit_help(left.type, right.type),
            )  # fmt: skip
        if sign not in {"=", "!="} and left.type.base not in AMOUNTS | {"date"}:
            return self.mistake(node, f"a {shown(left.type)} has no order", "use = or !=")
        return self.made(node, "compare", FLAG, left, sign, right)

    def _member(self, node: Node) -> Expr:
        left, right = self._pair(node.part(0), node.part(1))
        if ANY in (left.type, right.type):
            return self.made(node, "error", ANY)
        if left.type.many:
            help = "say `meets`, or `every x in … satisfies x in …`"
            return self.mistake(node.part(0), "`in` asks for one member, this is a set", help)
        if not right.type.many and right.type.base != "reference":
            return self.mistake(
                node.part(1),
                f"`in` wants a set, not a {shown(right.type)}",
                "e.g. in {a, b}; one value is compared with =",
            )
        if not comparable(left.type, right.type):
            return self.mistake(
                node,
                f"a {shown(left.type)} is never in a {shown(many_of(right.type))}",
                "both must be of the same kind",
            )
        return self.made(node, "member", FLAG, left, as_set(right))

    def _not_member(self, node: Node) -> Expr:
        found = self._member(node)
        return found if found.op == "error" else self.made(node, "not", FLAG, found)

    def _meets(self, node: Node) -> Expr:
        left, right = self._pair(node.part(0), node.part(1))
        if ANY in (left.type, right.type):
            return self.made(node, "error", ANY)
        if not comparable(left.type, right.type) or left.type.base in AMOUNTS | {"flag"}:
            return self.mistake(
                node,
                f"{shown(left.type)} never meets {shown(right.type)}",
                "both sets must hold the same kind",
            )
        return self.made(node, "meets", FLAG, as_set(left), as_set(right))

    def _like(self, node: Node) -> Expr:
        left, pattern = self.value(node.part(0)), node.part(1)
        if left.type.base not in {"text", "word", "any"} or left.type.many:
            return self.mistake(
                node, f"`like` wants a text, not a {shown(left.type)}", 'e.g. team.id like "ui-*"'
            )
        return self.made(node, "like", FLAG, left, unquoted(pattern.text))

    def _is_(self, node: Node) -> Expr:
        return self._state(node, node.part(0), node.part(1), negated=False)

    def _is_not(self, node: Node) -> Expr:
        return self._state(node, node.part(0), node.part(1), negated=True)

    def _state(self, node: Node, subject: Node, word: Node, negated: bool) -> Expr:
        if word.text == "stated":
            found = self._stated(node, subject)
        else:
            found = self._described(node, self.value(subject), word)
        if not negated or found.op == "error":
            return found
        return self.made(node, "not", FLAG, found)

    def _stated(self, node: Node, subject: Node) -> Expr:
        if subject.op != "field":
            return self.mistake(subject, "only a property is stated", "e.g. stream.owner is stated")
        base, name = self.value(subject.part(0)), subject.part(1)
        if base.type.base == "any":
            return base
        if base.type.base != "reference" or base.type.many:
            return self.mistake(
                subject, "only a property of one element is stated", "e.g. stream.owner is stated"
            )
        legal = [word for kind in base.type.kinds for word in _written(kind)]
        if name.text not in legal:
            return self.mistake(
                name, f"`{name.text}` is never written in a {shown(base.type)}",
                did_you_mean(name.text, legal) or f"one of {', '.join(sorted(legal))}",
            )  # fmt: skip
        return self.made(node, "stated", FLAG, base, name.text)

    def _described(self, node: Node, subject: Expr, word: Node) -> Expr:
        if subject.type.base == "any":
            return subject
        if word.text == "known":
            return self.made(node, "known", FLAG, subject)
        if word.text == "unknown":
            return self.made(node, "not", FLAG, self.made(node, "known", FLAG, subject))
        if word.text == "empty":
            if subject.type.base in AMOUNTS | {"flag"} and not subject.type.many:
                return self.mistake(
                    node, f"a {shown(subject.type)} is never empty", "= 0, is known"
                )
            return self.made(node, "empty", FLAG, subject)
        if subject.type.base != "reference" or subject.type.many:
            return self.mistake(
                node, f"a {shown(subject.type)} is not described by `{word.text}`",
                f"one of {', '.join(STATES)}; for sets: every … satisfies …",
            )  # fmt: skip
        return self._adjective(node, subject, word)

    def _adjective(self, node: Node, subject: Expr, word: Node) -> Expr:
        kinds = subject.type.kinds
        concepts = [self.concepts.get((kind, word.text)) for kind in kinds]
        keys = [found.key for found in concepts if found is not None and found.type == FLAG]
        if keys:
            self.uses.update(keys)
            return self.made(node, "defined", FLAG, subject, word.text, *keys)
        fields = [self.catalogue.find(kind, word.text) for kind in kinds]
        if any(found is not None and found.type == FLAG for found in fields):
            return self.made(node, "field", FLAG, subject, word.text)
        if word.text in self.catalogue.kinds:
            return self.made(node, "of-kind", FLAG, subject, word.text)
        legal = [*STATES, *self.catalogue.kinds, *self._adjectives(subject.type)]
        return self.mistake(
            word, f"a {shown(subject.type)} is never `{word.text}`",
            did_you_mean(word.text, legal)
            or f"define {one_of(subject.type).kinds[0]} is {word.text} when …",
        )  # fmt: skip

    def _adjectives(self, type: Type) -> Iterator[str]:
        for kind in type.kinds:
            for name in self.catalogue.names(kind):
                known = self.catalogue.find(kind, name)
                if known is not None and known.type == FLAG:
                    yield name
        yield from (word for kind, word in self.concepts if kind in type.kinds)

    def _flagged(self, node: Node) -> Expr:
        subject, rule = self.value(node.part(0)), node.part(1)
        if rule.text not in self.rules:
            return self.mistake(
                rule, f"there is no rule `{rule.text}`", did_you_mean(rule.text, self.rules)
            )
        if subject.type.base == "any":
            return subject
        if subject.type.base != "reference" or subject.type.many:
            return self.mistake(
                node, "only an element is flagged", "e.g. team is flagged by few-hands"
            )
        self.uses.add(f"rule {rule.text}")
        return self.made(node, "flagged", FLAG, subject, rule.text)

    def _not_flagged(self, node: Node) -> Expr:
        found = self._flagged(node)
        return found if found.op == "error" else self.made(node, "not", FLAG, found)

    def _reaches(self, node: Node) -> Expr:
        start, end = self.value(node.part(0)), self.value(node.part(1))
        found = self.relation(node.part(2), node.part(3))
        if found is None or ANY in (start.type, end.type):
            return Expr("error", ANY, (), node.start, node.end)
        for side in (start, end):
            if side.type != element_of(found[0]):
                return self.mistake(
                    side,
                    f"a {found[0]} is wanted here, not a {shown(side.type)}",
                    "A reaches B through KIND.RELATION",
                )
        return self.made(node, "reaches", FLAG, start, end, *found)


def _written(kind: str) -> Iterable[str]:
    """The words that can be written in an element of a kind."""
    return schema(kind) if kind in ELEMENTS else ()
