"""Syntax trees of expressions to typed expressions; every mistake gets its place and the way out.

A mistake is written down and stands in the result as an expression of any type, so one mistake is
reported once and hides no other.

Operations of the typed expressions, with their arguments:

    number TEXT · text TEXT · date TEXT · word TEXT · true · false · error
    var SLOT NAME · let SLOT NAME · param NAME · organisation · all KIND · set ITEM…
    field BASE NAME · path BASE NAME · defined BASE KEY · defined-path BASE KEY
    add subtract multiply divide negate · days-between · later earlier · union without
    compare LEFT OP RIGHT · member ITEM SET · meets · like VALUE PATTERN
    not · all-of · any-of · stated BASE WORD · known · empty · of-kind BASE KIND
    flagged BASE RULE · reaches FROM TO KIND RELATION · closure BASE KIND RELATION
    depth BASE KIND RELATION · cycles KIND RELATION
    quantified WORD NUMBER BIND WHERE · every BIND WHERE CONDITION
    collect VALUE DISTINCT EACH · call NAME VALUE… · bind SLOT NAME SET · each WHERE BIND…
    template PART… · plural NUMBER ONE MANY
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from orgdiag.model.types import DATE, FLAG, TEXT, Type
from orgdiag.rule import literal, read
from orgdiag.rule.algebra import comparable
from orgdiag.rule.arithmetic import Arithmetic
from orgdiag.rule.conditions import Conditions
from orgdiag.rule.loops import Loops
from orgdiag.rule.relation import relation_named, singular
from orgdiag.rule.strings import next_mark, unescaped, unquoted
from orgdiag.rule.tree import Node
from orgdiag.rule.typed import ANY, Expr, element_of, many_of, shown
from orgdiag.text.nearest import did_you_mean

_TO_NAME: Final = "name it first: `param … = …`, `let … = …` or `each … as …`"


class Checker(Arithmetic, Conditions, Loops):
    """Checks the expressions of one item."""

    __slots__ = ()

    # --- literals and names -----------------------------------------------------------------------

    def _quantity_literal(self, node: Node) -> Expr:
        text = node.part(0).text
        type = literal.type_of(text)
        if type is None:
            return self.mistake(node, f"`{text}` is no number with a unit", "e.g. 3, 15%, 1d4h")
        return self.made(node, "number", type, text)

    def _date_literal(self, node: Node) -> Expr:
        text = node.part(0).text
        if literal.day_of(text) is None:
            return self.mistake(node, f"no calendar has the day {text}", "write it as 2026-01-31")
        return self.made(node, "date", DATE, text)

    def _text_literal(self, node: Node) -> Expr:
        return self.made(node, "text", TEXT, unquoted(node.part(0).text))

    def _true(self, node: Node) -> Expr:
        return self.made(node, "true", FLAG)

    def _false(self, node: Node) -> Expr:
        return self.made(node, "false", FLAG)

    def _name(self, node: Node, want: Type | None = None) -> Expr:
        text = node.part(0).text
        known = self.names.get(text)
        if want is not None and want.base == "word":
            fits = known is None or (known.type.base != "word" and text in want.words)
            if fits and (known is not None or text != "organisation"):
                if want.words and text not in want.words:
                    return self.mistake(
                        node,
                        f"`{text}` is none of the words that can stand here",
                        did_you_mean(text, want.words) or f"one of {', '.join(want.words)}",
                    )
                return self.made(node, "word", Type("word"), text)
        if known is not None:
            known.used = True
            if known.op == "param":
                return self.made(node, "param", known.type, text)
            return self.made(node, known.op, known.type, known.slot, text)
        if text == "organisation":
            return self.made(node, "organisation", element_of("organisation"))
        if self.forgiving or want == ANY:
            return self.made(node, "error", ANY)
        if text in self.catalogue.kinds:
            help = f"bind it first (`each {text}`), or say `all {text}s`"
        else:
            help = did_you_mean(text, [*self.names, "organisation"]) or _TO_NAME
        return self.mistake(node, f"nothing here is called `{text}`", help)

    def _set(self, node: Node, want: Type | None = None) -> Expr:
        if want is None and all(self._free(part) for part in node.parts):
            want = Type("word")
        items = [self.value(part, want) for part in node.parts]
        types = [item.type for item in items if item.type.base != "any"]
        if not types:
            return self.made(node, "error", ANY)
        for item in items:
            if item.type.many or not comparable(item.type, types[0]):
                return self.mistake(
                    node,
                    f"a set holds values of one type, not {shown(types[0])} and {shown(item.type)}",
                    "divide it into two sets",
                )
        kinds = tuple(dict.fromkeys(kind for type in types for kind in type.kinds))
        type = Type(types[0].base, (), kinds, many=True)
        return self.made(node, "set", type, *items)

    def _free(self, node: Node) -> bool:
        """Whether a node is a bare word that is no name here."""
        return node.op == "name" and node.part(0).text not in {*self.names, "organisation"}

    def _all_of_kind(self, node: Node) -> Expr:
        name = node.part(0)
        kind = relation_named(name.text, self.catalogue.kinds) or singular(name.text)
        if kind not in self.catalogue.kinds:
            return self.mistake(name, f"there is no kind `{name.text}`", self.near_kind(name.text))
        return self.made(node, "all", many_of(element_of(kind)), kind)

    # --- texts ------------------------------------------------------------------------------------

    def template(self, node: Node) -> Expr:
        """The text with its `{expressions}` checked, adjacent strings joined by a space."""
        parts: list[Any] = []
        for index, string in enumerate(node.parts):
            if index:
                parts.append(" ")
            parts.extend(self._pieces(string))
        return self.made(node, "template", TEXT, *parts)

    def _pieces(self, string: Node) -> Iterator[Any]:
        text, at = string.text[1:-1], 0
        while at < len(text):
            opened = next_mark(text, "{", at)
            if opened < 0:
                yield unescaped(text[at:])
                return
            if opened > at:
                yield unescaped(text[at:opened])
            closed = text.find("}", opened)
            offset = string.start + 1 + opened
            if closed < 0:
                node = Node("text", offset, offset + 1)
                yield self.mistake(node, "this { is never closed", "write \\{ for a plain brace")
                return
            yield self._slot(offset + 1, string.start + 1 + closed)
            at = closed + 1

    def _slot(self, start: int, end: int) -> Expr:
        """The expression between braces: `{value}` or `{number; one; many}`."""
        body = self.source.text[start:end]
        first, *forms = body.split(";")
        stop = start + len(first)
        tokens = read.lexemes(self.source.text, start, stop)
        if not tokens:
            return self.mistake(
                Node("text", start - 1, end + 1), "there is nothing between { and }", "e.g. {team}"
            )
        try:
            value = self.value(read.parse(tokens, "value"))
        except read.Broken as broken:
            self.problems.append(broken.problem(self.source))
            return Expr("error", ANY, (), start, end)
        if not forms:
            return value
        if len(forms) != 2 or value.type.base not in {"number", "any"}:
            return self.mistake(
                Node("text", start, end), "one and many are told apart for a number",
                "e.g. {count(teams); team; teams}",
            )  # fmt: skip
        one, many = (form.strip() for form in forms)
        return Expr("plural", TEXT, (value, one, many), start, end)
