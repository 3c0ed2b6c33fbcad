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

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from orgdiag.finding import Problem
from orgdiag.model import DATE, DURATION, ELEMENTS, FLAG, NUMBER, TEXT, Type, schema
from orgdiag.nearest import did_you_mean
from orgdiag.rule import literal, read
from orgdiag.rule.catalogue import Catalogue, relation_named, singular
from orgdiag.rule.tree import Node
from orgdiag.rule.typed import AMOUNTS, ANY, RATIO, Expr, element_of, is_set, many_of, one_of, shown
from orgdiag.source import Source, Span

AGGREGATES: Final = frozenset({"sum", "min", "max", "average", "median"})
FUNCTIONS: Final = (*sorted(AGGREGATES), "certain", "count", "depth", "percentile")
STATES: Final = ("stated", "known", "unknown", "empty")


@dataclass(slots=True)
class Name:
    """A name in scope: a bound element, a `let` or a parameter."""

    op: str
    type: Type
    slot: int = 0
    span: Span | None = None
    used: bool = False


@dataclass(frozen=True, slots=True)
class Concept:
    """What a `define` adds to a kind: `key` finds its body, a flag is an adjective."""

    key: str
    type: Type
    doc: str = ""


@dataclass(slots=True, eq=False)
class Checker:
    """Checks the expressions of one item.

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
        wrong = node.text in read.reserved() or node.text in self.names
        if node.text in read.reserved():
            self.mistake(node, f"`{node.text}` is a word of the language", "choose another name")
        elif wrong:
            self.mistake(node, f"`{node.text}` is already a name here", "rename it: … as other")
        slot = self.slots
        self.slots += 1
        found = Name(op, type, slot, self.span(node), used=wrong)
        self.names[node.text] = found
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

    # --- expressions ------------------------------------------------------------------------------

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

    def _quantity_literal(self, node: Node) -> Expr:
        text = node.part(0).text
        type = literal.type_of(text)
        if type is None:
            return self.mistake(node, f"`{text}` is no number with a unit", "e.g. 3, 15%, 1d4h")
        return self._made(node, "number", type, text)

    def _date_literal(self, node: Node) -> Expr:
        text = node.part(0).text
        if literal.day_of(text) is None:
            return self.mistake(node, f"no calendar has the day {text}")
        return self._made(node, "date", DATE, text)

    def _text_literal(self, node: Node) -> Expr:
        return self._made(node, "text", TEXT, unquoted(node.part(0).text))

    def _true(self, node: Node) -> Expr:
        return self._made(node, "true", FLAG)

    def _false(self, node: Node) -> Expr:
        return self._made(node, "false", FLAG)

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
                return self._made(node, "word", Type("word"), text)
        if known is not None:
            known.used = True
            if known.op == "param":
                return self._made(node, "param", known.type, text)
            return self._made(node, known.op, known.type, known.slot, text)
        if text == "organisation":
            return self._made(node, "organisation", element_of("organisation"))
        if self.forgiving or want == ANY:
            return self._made(node, "error", ANY)
        if text in self.catalogue.kinds:
            help = f"bind it first (`each {text}`), or say `all {text}s`"
        else:
            help = did_you_mean(text, [*self.names, "organisation"])
        return self.mistake(node, f"nothing here is called `{text}`", help)

    def _set(self, node: Node, want: Type | None = None) -> Expr:
        if want is None and all(self._free(part) for part in node.parts):
            want = Type("word")
        items = [self.value(part, want) for part in node.parts]
        types = [item.type for item in items if item.type.base != "any"]
        if not types:
            return self._made(node, "error", ANY)
        for item in items:
            if item.type.many or not comparable(item.type, types[0]):
                return self.mistake(
                    node,
                    f"a set holds values of one type, not {shown(types[0])} and {shown(item.type)}",
                )
        kinds = tuple(dict.fromkeys(kind for type in types for kind in type.kinds))
        type = Type(types[0].base, (), kinds, many=True)
        return self._made(node, "set", type, *items)

    def _free(self, node: Node) -> bool:
        """Whether a node is a bare word that is no name here."""
        return node.op == "name" and node.part(0).text not in {*self.names, "organisation"}

    def _all_of_kind(self, node: Node) -> Expr:
        name = node.part(0)
        kind = relation_named(name.text, self.catalogue.kinds) or singular(name.text)
        if kind not in self.catalogue.kinds:
            return self.mistake(name, f"there is no kind `{name.text}`", self._near_kind(name.text))
        return self._made(node, "all", many_of(element_of(kind)), kind)

    def _near_kind(self, text: str) -> str:
        return did_you_mean(singular(text), self.catalogue.kinds)

    # --- fields -----------------------------------------------------------------------------------

    def _field(self, node: Node) -> Expr:
        base, name = self.value(node.part(0)), node.part(1)
        if base.type.base == "any":
            return self._made(node, "error", ANY)
        if base.type.base != "reference":
            return self.mistake(name, f"a {shown(base.type)} has no fields")
        return self.field(node, base, name)

    def field(self, node: Node, base: Expr, name: Node) -> Expr:
        """The field of an element, or of every element of a set."""
        found: list[Type] = []
        concept: Concept | None = None
        for kind in base.type.kinds:
            concept = self.concepts.get((kind, name.text))
            known = self.catalogue.find(kind, name.text)
            if concept is not None and known is None:
                found.append(concept.type)
                self.uses.add(concept.key)
            elif known is not None:
                concept = None
                found.append(known.type)
        if not found:
            return self._no_field(name, base.type)
        type = found[0]
        if any(other != type for other in found):
            if any(not comparable(other, type) or other.many != type.many for other in found):
                return self.mistake(name, f"`{name.text}` differs between {shown(base.type)}")
            kinds = tuple(dict.fromkeys(kind for other in found for kind in other.kinds))
            words = tuple(dict.fromkeys(word for other in found for word in other.words))
            type = Type(type.base, words, kinds, type.many)
        op, what = ("defined", concept.key) if concept else ("field", name.text)
        if is_set(base.type):
            return self._made(
                node, "defined-path" if concept else "path", many_of(type), base, what
            )
        return self._made(node, op, type, base, what)

    def _no_field(self, name: Node, type: Type) -> Expr:
        names = [known for kind in type.kinds for known in self.catalogue.names(kind)]
        names += [word for kind, word in self.concepts if kind in type.kinds]
        help = did_you_mean(name.text, names) or f"orgdiag fields {type.kinds[0]} lists them"
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
        kind = self._staying(node, start.type, base.type, relation)
        if kind is None:
            return Expr("error", ANY, (), node.start, node.end)
        return self._made(node, "closure", base.type, start, kind, relation)

    def _staying(self, node: Node, start: Type, end: Type, relation: str) -> str | None:
        """The kind in which a relation stays; leaving it is a mistake."""
        if len(start.kinds) == 1 and start.kinds == end.kinds and end.base == "reference":
            return start.kinds[0]
        self.mistake(
            node, f"`{relation}` leads from {shown(one_of(start))} to {shown(one_of(end))}",
            "only a relation that stays in its kind can be followed on and on",
        )  # fmt: skip
        return None

    def _relation(self, kind_node: Node, relation_node: Node) -> tuple[str, str] | None:
        """The kind and relation of `KIND.RELATION` after `through`."""
        kind, name = kind_node.text, relation_node.text
        if kind not in self.catalogue.kinds:
            self.mistake(kind_node, f"there is no kind `{kind}`", self._near_kind(kind))
            return None
        known = self.catalogue.find(kind, name)
        if known is None:
            self._no_field(relation_node, element_of(kind))
            return None
        if known.type.base != "reference":
            self.mistake(relation_node, f"`{kind}.{name}` is no relation")
            return None
        return (kind, name) if self._staying(
            relation_node, element_of(kind), known.type, name
        ) else None  # fmt: skip

    # --- arithmetic -------------------------------------------------------------------------------

    def _add(self, node: Node) -> Expr:
        return self._sum(node, "add")

    def _subtract(self, node: Node) -> Expr:
        return self._sum(node, "subtract")

    def _sum(self, node: Node, op: str) -> Expr:
        left, right = self.value(node.part(0)), self.value(node.part(1))
        if ANY in (left.type, right.type):
            return self._made(node, "error", ANY)
        a, b = plain(left.type.base), plain(right.type.base)
        if left.type.many or right.type.many:
            help = "join sets with `union`, take away with `without`"
            return self.mistake(node, "sets are not added or subtracted", help)
        if a == b == "date" and op == "subtract":
            return self._made(node, "days-between", DURATION, left, right)
        if a == "date" and b == "duration":
            return self._made(node, "later" if op == "add" else "earlier", DATE, left, right)
        if a in AMOUNTS and comparable(left.type, right.type):
            return self._made(node, op, left.type, left, right)
        sign = "+" if op == "add" else "-"
        return self.mistake(
            node, f"{shown(left.type)} {sign} {shown(right.type)} means nothing",
            "both sides must measure the same",
        )  # fmt: skip

    def _multiply(self, node: Node) -> Expr:
        return self._product(node, "multiply", _PRODUCTS, "*")

    def _divide(self, node: Node) -> Expr:
        return self._product(node, "divide", _QUOTIENTS, "/")

    def _product(
        self, node: Node, op: str, table: Mapping[tuple[str, str], Type], sign: str
    ) -> Expr:
        left, right = self.value(node.part(0)), self.value(node.part(1))
        if ANY in (left.type, right.type):
            return self._made(node, "error", ANY)
        type = table.get((plain(left.type.base), plain(right.type.base)))
        if type is None or left.type.many or right.type.many:
            return self.mistake(
                node, f"{shown(left.type)} {sign} {shown(right.type)} means nothing",
                "legal: share * x, number * x, rate * duration, duration / duration, x / number",
            )  # fmt: skip
        return self._made(node, op, type, left, right)

    def _negate(self, node: Node) -> Expr:
        inner = self.value(node.part(0))
        if inner.type.base in AMOUNTS and not inner.type.many:
            return self._made(node, "negate", inner.type, inner)
        if inner.type.base == "any":
            return inner
        return self.mistake(node, f"a {shown(inner.type)} has no negative")

    def _union(self, node: Node) -> Expr:
        return self._joined(node, "union")

    def _without(self, node: Node) -> Expr:
        return self._joined(node, "without")

    def _joined(self, node: Node, op: str) -> Expr:
        left = self.value(node.part(0))
        right = self.value(node.part(1), left.type)
        if ANY in (left.type, right.type):
            return self._made(node, "error", ANY)
        for side, part in ((left, node.part(0)), (right, node.part(1))):
            if side.type.base not in {"reference", "word", "text"}:
                return self.mistake(part, f"`{op}` joins sets, not a {shown(side.type)}")
        mixing = op == "union" and left.type.base == right.type.base == "reference"
        if not mixing and not comparable(left.type, right.type):
            return self.mistake(node, f"{shown(left.type)} and {shown(right.type)} share nothing")
        kinds = tuple(dict.fromkeys((*left.type.kinds, *right.type.kinds)))
        type = Type(left.type.base, left.type.words, kinds, many=True)
        return self._made(node, op, type, as_set(left), as_set(right))

    # --- conditions -------------------------------------------------------------------------------

    def _all_of(self, node: Node) -> Expr:
        return self._made(node, "all-of", FLAG, *[self.condition(part) for part in node.parts])

    def _any_of(self, node: Node) -> Expr:
        return self._made(node, "any-of", FLAG, *[self.condition(part) for part in node.parts])

    def _not_(self, node: Node) -> Expr:
        inner = self.condition(node.part(0))
        return self._made(node, "not", FLAG, inner)

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
            return self._made(node, "error", ANY)
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
                _unit_help(left.type, right.type),
            )  # fmt: skip
        if sign not in {"=", "!="} and left.type.base not in AMOUNTS | {"date"}:
            return self.mistake(node, f"a {shown(left.type)} has no order", "use = or !=")
        return self._made(node, "compare", FLAG, left, sign, right)

    def _member(self, node: Node) -> Expr:
        left, right = self._pair(node.part(0), node.part(1))
        if ANY in (left.type, right.type):
            return self._made(node, "error", ANY)
        if left.type.many:
            help = "say `meets`, or `every x in … satisfies x in …`"
            return self.mistake(node.part(0), "`in` asks for one member, this is a set", help)
        if not right.type.many and right.type.base != "reference":
            return self.mistake(node.part(1), f"`in` wants a set, not a {shown(right.type)}")
        if not comparable(left.type, right.type):
            return self.mistake(
                node, f"a {shown(left.type)} is never in a {shown(many_of(right.type))}"
            )
        return self._made(node, "member", FLAG, left, as_set(right))

    def _not_member(self, node: Node) -> Expr:
        found = self._member(node)
        return found if found.op == "error" else self._made(node, "not", FLAG, found)

    def _meets(self, node: Node) -> Expr:
        left, right = self._pair(node.part(0), node.part(1))
        if ANY in (left.type, right.type):
            return self._made(node, "error", ANY)
        if not comparable(left.type, right.type) or left.type.base in AMOUNTS | {"flag"}:
            return self.mistake(node, f"{shown(left.type)} never meets {shown(right.type)}")
        return self._made(node, "meets", FLAG, as_set(left), as_set(right))

    def _like(self, node: Node) -> Expr:
        left, pattern = self.value(node.part(0)), node.part(1)
        if left.type.base not in {"text", "word", "any"} or left.type.many:
            return self.mistake(node, f"`like` wants a text, not a {shown(left.type)}")
        return self._made(node, "like", FLAG, left, unquoted(pattern.text))

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
        return self._made(node, "not", FLAG, found)

    def _stated(self, node: Node, subject: Node) -> Expr:
        if subject.op != "field":
            return self.mistake(subject, "only a property is stated", "e.g. stream.owner is stated")
        base, name = self.value(subject.part(0)), subject.part(1)
        if base.type.base == "any":
            return base
        if base.type.base != "reference" or base.type.many:
            return self.mistake(subject, "only a property of one element is stated")
        legal = [word for kind in base.type.kinds for word in _written(kind)]
        if name.text not in legal:
            return self.mistake(
                name, f"`{name.text}` is never written in a {shown(base.type)}",
                did_you_mean(name.text, legal),
            )  # fmt: skip
        return self._made(node, "stated", FLAG, base, name.text)

    def _described(self, node: Node, subject: Expr, word: Node) -> Expr:
        if subject.type.base == "any":
            return subject
        if word.text == "known":
            return self._made(node, "known", FLAG, subject)
        if word.text == "unknown":
            return self._made(node, "not", FLAG, self._made(node, "known", FLAG, subject))
        if word.text == "empty":
            if subject.type.base in AMOUNTS | {"flag"} and not subject.type.many:
                return self.mistake(
                    node, f"a {shown(subject.type)} is never empty", "= 0, is known"
                )
            return self._made(node, "empty", FLAG, subject)
        if subject.type.base != "reference" or subject.type.many:
            return self.mistake(
                node, f"a {shown(subject.type)} is not described by `{word.text}`",
                f"one of {', '.join(STATES)}; for sets: every … satisfies …",
            )  # fmt: skip
        return self._adjective(node, subject, word)

    def _adjective(self, node: Node, subject: Expr, word: Node) -> Expr:
        for kind in subject.type.kinds:
            concept = self.concepts.get((kind, word.text))
            if concept is not None and concept.type == FLAG:
                self.uses.add(concept.key)
                return self._made(node, "defined", FLAG, subject, concept.key)
            known = self.catalogue.find(kind, word.text)
            if known is not None and known.type == FLAG:
                return self._made(node, "field", FLAG, subject, word.text)
        if word.text in self.catalogue.kinds:
            return self._made(node, "of-kind", FLAG, subject, word.text)
        legal = [*STATES, *self.catalogue.kinds, *self._adjectives(subject.type)]
        return self.mistake(
            word, f"a {shown(subject.type)} is never `{word.text}`", did_you_mean(word.text, legal)
        )

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
            return self.mistake(node, "only an element is flagged")
        self.uses.add(f"rule {rule.text}")
        return self._made(node, "flagged", FLAG, subject, rule.text)

    def _not_flagged(self, node: Node) -> Expr:
        found = self._flagged(node)
        return found if found.op == "error" else self._made(node, "not", FLAG, found)

    def _reaches(self, node: Node) -> Expr:
        start, end = self.value(node.part(0)), self.value(node.part(1))
        found = self._relation(node.part(2), node.part(3))
        if found is None or ANY in (start.type, end.type):
            return Expr("error", ANY, (), node.start, node.end)
        for side in (start, end):
            if side.type != element_of(found[0]):
                return self.mistake(side, f"a {found[0]} is wanted here, not a {shown(side.type)}")
        return self._made(node, "reaches", FLAG, start, end, *found)

    # --- quantifiers, comprehensions, calls -------------------------------------------------------

    def _quantified(self, node: Node) -> Expr:
        quantity = node.part(0)
        number = self.value(quantity.part(0)) if quantity.args else None
        if number is not None and (
            number.type.base not in {"number", "ratio", "any"} or number.type.many
        ):
            return self.mistake(quantity, f"a number is wanted here, not a {shown(number.type)}")
        with self.inner():
            bind = self.binding(node.part(1))
            where = self.condition(node.part(2)) if len(node.args) > 2 else None
        word = quantity.op.removeprefix("q_").replace("_", "-")
        return self._made(node, "quantified", FLAG, word, number, bind, where)

    def _every(self, node: Node) -> Expr:
        with self.inner():
            bind = self.binding(node.part(0))
            where = None if node.args[1] is None else self.condition(node.part(1))
            holds = self.condition(node.part(2))
        return self._made(node, "every", FLAG, bind, where, holds)

    def each(self, node: Node) -> Expr:
        """The bindings of `for each …`, brought into scope, and their `where`."""
        binds = self.bindings(node.part(0))
        where = None if node.args[1] is None else self.condition(node.part(1))
        self.connected(binds)
        return self._made(node, "each", ANY, where, *binds)

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
            return self._made(node, "error", ANY)
        merged = distinct or value.type.base == "reference"
        return self._made(node, "collect", many_of(value.type), value, int(merged), each)

    def _call(self, node: Node) -> Expr:
        name, arguments = node.part(0), node.parts[1:]
        if name.text not in FUNCTIONS:
            return self.mistake(
                name, f"there is no function `{name.text}`",
                did_you_mean(name.text, FUNCTIONS) or f"one of {', '.join(FUNCTIONS)}",
            )  # fmt: skip
        values = [self.value(argument) for argument in arguments]
        if any(value.type.base == "any" for value in values):
            return self._made(node, "error", ANY)
        if name.text == "depth":
            return self._depth(node, values)
        several = name.text in {"min", "max", "sum"} and len(values) > 1
        wanted = 2 if name.text == "percentile" else 1
        if len(values) != wanted and not several:
            word = "value" if wanted == 1 else "values"
            return self.mistake(node, f"{name.text} takes {wanted} {word}, not {len(values)}")
        return self._aggregate(node, name.text, values, several)

    def _depth(self, node: Node, values: list[Expr]) -> Expr:
        if len(values) != 1 or values[0].op != "field":
            return self.mistake(node, "depth takes one relation", "e.g. depth(team.blockers)")
        start, relation = values[0].expr(0), values[0].args[1]
        kind = self._staying(node, start.type, values[0].type, relation)
        if kind is None:
            return Expr("error", ANY, (), node.start, node.end)
        return self._made(node, "depth", NUMBER, start, kind, relation)

    def _aggregate(self, node: Node, name: str, values: list[Expr], several: bool) -> Expr:
        last = values[-1]
        if name == "certain":
            if not last.type.many:
                return self.mistake(node, f"certain wants a set, not a {shown(last.type)}")
            return self._made(node, "call", last.type, name, last)
        if name == "count":
            if not last.type.many and last.type.base != "reference":
                return self.mistake(node, f"a set is counted, not a {shown(last.type)}")
            return self._made(node, "call", NUMBER, name, as_set(last))
        if several:
            if any(v.type.many or not comparable(v.type, values[0].type) for v in values):
                return self.mistake(node, f"{name} wants values of one type")
        elif not last.type.many:
            return self.mistake(node, f"{name} wants a set, not a {shown(last.type)}")
        if last.type.base not in AMOUNTS:
            return self.mistake(node, f"{name} wants numbers, not a {shown(last.type)}")
        if name == "percentile" and values[0].type.base not in {"share", "ratio"}:
            return self.mistake(node, "percentile wants a share first", "percentile(85%, …)")
        return self._made(node, "call", one_of(values[0 if several else -1].type), name, *values)

    # --- bindings ---------------------------------------------------------------------------------

    def bindings(self, node: Node) -> list[Expr]:
        """The bindings of a node, each in scope for the next."""
        return [self.binding(part) for part in node.parts]

    def binding(self, node: Node) -> Expr:
        """One binding, in scope from now on."""
        source, name = self._source(node)
        found = self.declare(name, "var", one_of(source.type))
        return self._made(node, "bind", found.type, found.slot, name.text, source)

    def _source(self, node: Node) -> tuple[Expr, Node]:
        """The set that a binding ranges over, and the node that names its member."""
        alias = node.args[-1]
        if node.op == "bind_kind":
            return self._of_kind(node), alias or _singular(node.part(0))
        if node.op == "bind_of":
            return self._of(node), alias or _singular(node.part(0))
        if node.op == "bind_in":
            return as_set(self.value(node.part(1))), alias or _singular(node.part(0))
        if node.op == "bind_distinct":
            return self._distinct(node), node.part(1)
        found = self._relation(node.part(0), node.part(1))
        named = alias or Node("NAME", node.start, node.start + len("cycle"), (), "cycle")
        if found is None:
            return Expr("error", ANY, (), node.start, node.end), named
        type = many_of(element_of(f"cycle:{found[0]}"))
        return Expr("cycles", type, found, node.start, node.end), named

    def _of_kind(self, node: Node) -> Expr:
        name = node.part(0)
        kind = relation_named(name.text, self.catalogue.kinds) or singular(name.text)
        if kind not in self.catalogue.kinds:
            help = self._near_kind(name.text) or f"say of what: `{name.text} of stream`"
            return self.mistake(name, f"there is no kind `{name.text}`", help)
        return Expr("all", many_of(element_of(kind)), (kind,), name.start, name.end)

    def _of(self, node: Node) -> Expr:
        name, base = node.part(0), self.value(node.part(1))
        if base.type.base == "any":
            return base
        if base.type.base != "reference":
            return self.mistake(node.part(1), f"a {shown(base.type)} has no relations")
        known = relation_named(name.text, self._relations(base.type))
        if known is None and base.type.many and singular(name.text) in base.type.kinds:
            return base
        word = known or name.text
        found = self.field(node, base, name._replace(text=word))
        if not found.type.many and found.type.base != "reference":
            return self.mistake(name, f"`{word}` is a {shown(found.type)}, not a relation")
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
            return self._made(node, "collect", many_of(value.type), value, 1, each)
        value = self.value(inner)
        return value if value.type.base == "any" else as_set(value)

    # --- texts ------------------------------------------------------------------------------------

    def template(self, node: Node) -> Expr:
        """The text with its `{expressions}` checked, adjacent strings joined by a space."""
        parts: list[Any] = []
        for index, string in enumerate(node.parts):
            if index:
                parts.append(" ")
            parts.extend(self._pieces(string))
        return self._made(node, "template", TEXT, *parts)

    def _pieces(self, string: Node) -> Iterator[Any]:
        text, at = string.text[1:-1], 0
        while at < len(text):
            opened = _unescaped(text, "{", at)
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
                Node("text", start - 1, end + 1), "there is nothing between { and }"
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


def slots_of(expr: Expr) -> Iterator[int]:
    """The places of the names that an expression mentions."""
    if expr.op in {"var", "let"}:
        yield expr.args[0]
    for arg in expr.args:
        if isinstance(arg, Expr):
            yield from slots_of(arg)


def plain(base: str) -> str:
    """What a type measures: a cadence is a duration that is told in weeks."""
    return "duration" if base == "cadence" else base


def comparable(a: Type, b: Type) -> bool:
    """Whether values (or members) of the two types can be the same."""
    if "any" in (a.base, b.base):
        return True
    if a.base == "reference" and b.base == "reference":
        return bool(set(a.kinds) & set(b.kinds))
    if "ratio" in (a.base, b.base):
        return {a.base, b.base} <= {"ratio", "number", "share"}
    return plain(a.base) == plain(b.base)


def as_set(expr: Expr) -> Expr:
    """The expression as a set: a single reference becomes a set of at most one."""
    if expr.type.many or expr.type.base == "any":
        return expr
    return Expr("single", many_of(expr.type), (expr,), expr.start, expr.end)


def _written(kind: str) -> Iterable[str]:
    """The words that can be written in an element of a kind."""
    return schema(kind) if kind in ELEMENTS else ()


def _singular(node: Node) -> Node:
    return node._replace(text=singular(node.text))


def unescaped(text: str) -> str:
    r"""The text with `\"`, `\\`, `\{`, `\}` and `\n` resolved."""
    if "\\" not in text:
        return text
    parts = text.split("\\\\")
    for at, part in enumerate(parts):
        for raw, plain in (('\\"', '"'), ("\\{", "{"), ("\\}", "}"), ("\\n", "\n")):
            part = part.replace(raw, plain)
        parts[at] = part
    return "\\".join(parts)


def unquoted(text: str) -> str:
    """What stands between the quotes of a string."""
    return unescaped(text[1:-1])


def _unescaped(text: str, mark: str, start: int) -> int:
    """The offset of the first mark that no backslash stands before, or -1."""
    at = text.find(mark, start)
    while at > 0 and text[at - 1] == "\\":
        at = text.find(mark, at + 1)
    return at


def _unit_help(a: Type, b: Type) -> str:
    bases = {plain(a.base), plain(b.base)}
    if bases == {"share", "number"}:
        return "write a share with a percent sign: 15%"
    if bases == {"duration", "number"}:
        return "write a duration with a unit: 3d, 4w"
    if bases == {"rate", "number"}:
        return "write a rate with its period: 2 per month"
    if bases == {"word", "text"}:
        return "write the word without quotes"
    return ""


def _tables() -> tuple[dict[tuple[str, str], Type], dict[tuple[str, str], Type]]:
    products: dict[tuple[str, str], Type] = {}
    quotients: dict[tuple[str, str], Type] = {}
    for base in AMOUNTS:
        for plain in ("number", "ratio", "share"):
            products[plain, base] = products[base, plain] = Type(base)
        for plain in ("number", "ratio", "share"):
            quotients[base, plain] = Type(base)
    for plain in ("number", "ratio"):
        products["share", plain] = products[plain, "share"] = RATIO
        products[plain, "number"] = Type(plain)
        products["number", plain] = Type(plain)
    products["share", "share"] = Type("share")
    products["rate", "duration"] = products["duration", "rate"] = Type("effort")
    for base in ("duration", "effort"):
        quotients[base, base] = Type("share")
    for base in ("number", "rate", "share"):
        quotients[base, base] = RATIO
    quotients["effort", "rate"] = DURATION
    quotients["effort", "duration"] = Type("rate")
    return products, quotients


_PRODUCTS, _QUOTIENTS = _tables()
