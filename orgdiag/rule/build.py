"""Syntax trees of items to checked rules and definitions, and every mistake in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from orgdiag.catalogue import Catalogue
from orgdiag.finding import Problem, Severity
from orgdiag.model.types import Type
from orgdiag.resolve import UNNAMED
from orgdiag.rule import literal
from orgdiag.rule.algebra import slots_of
from orgdiag.rule.check import Checker
from orgdiag.rule.rule import BASES, KINDS, Definition, Example, Param, Rule
from orgdiag.rule.scope import Concept
from orgdiag.rule.strings import unquoted
from orgdiag.rule.tree import Item, Node
from orgdiag.rule.typed import ANY, Expr, Packer, element_of
from orgdiag.text.nearest import did_you_mean
from orgdiag.text.source import Source, Span

ONCE: Final = frozenset({"title", "severity", "kind", "check", "flag", "why", "tags"})
NEEDED: Final = ("title", "severity", "kind", "why")
_FORMS: Final = {
    "title": 'write: title "…"',
    "severity": "write: severity error, warning or info",
    "kind": "write: kind symptom, structure or evidence",
    "why": 'write: why "…"',
    "flag": "write: flag team when …",
    "message": 'write: message "{team} …"',
}
ONLY_WITH_CHECK: Final = (
    "let",
    "escalate",
    "soften",
    "evidence",
    "explains",
    "supersedes",
    "message",
)

_NAME: Final = re.compile(r"[a-z][a-z0-9]*+(?>-[a-z0-9]++)*+")


def text_of(node: Node) -> str:
    """Adjacent strings as one text, joined by spaces."""
    return " ".join(unquoted(part.text) for part in node.parts)


@dataclass(slots=True, eq=False)
class Builder:
    """Builds the rules and definitions of one file.

    pack       "" for what ships with orgdiag
    group      the folder
    packer     collects the types of all files
    """

    source: Source
    pack: str
    group: str
    catalogue: Catalogue
    concepts: Mapping[tuple[str, str], Concept]
    rules: frozenset[str]
    packer: Packer
    problems: list[Problem] = field(default_factory=list)

    def checker(self, forgiving: bool = False) -> Checker:
        """A checker for one item of the file."""
        return Checker(
            self.source, self.catalogue, self.concepts, self.rules,
            forgiving=forgiving, problems=self.problems,
        )  # fmt: skip

    def _mistake(self, node: Node, message: str, help: str = "") -> None:
        self.problems.append(Problem(message, Span(self.source, node.start, node.end), help))

    # --- definitions ------------------------------------------------------------------------------

    def concept(self, node: Node, type: Type) -> tuple[Definition, Type]:
        """The checked definition of a field or adjective, and the type of its body."""
        kind, word, doc, body = node.part(0), node.part(1), node.args[2], node.part(3)
        checker = self.checker()
        element = checker.declare(kind, "var", element_of(kind.text))
        adjective = node.op == "define_concept"
        found = checker.condition(body) if adjective else checker.value(body)
        if not element.used:
            self._mistake(body, f"this says nothing about the {kind.text}", f"e.g. {kind.text}.…")
        key = concept_key(self.pack, kind.text, word.text)
        packed = self.packer.expr(found)
        meaning = "" if doc is None else text_of(doc)
        definition = Definition(
            key, kind.text, word.text, type, meaning, checker.slots, packed,
            tuple(sorted(checker.uses)),
        )  # fmt: skip
        return definition, found.type

    # --- rules ------------------------------------------------------------------------------------

    def rule(self, item: Item) -> Rule | None:
        """The checked rule, or None when something in it is wrong."""
        before = len(self.problems)
        clauses: dict[str, list[Node]] = {}
        for clause in item.node.parts[1:]:
            word = clause.op.partition("_")[0] if clause.op.startswith("example") else clause.op
            clauses.setdefault(word, []).append(clause)
        broken = {clause.keyword for clause in item.broken}
        self._shape(item.node, clauses, broken)
        body = _Body(self, clauses, item, broken)
        name = item.node.part(0)
        rule = Rule(
            name=name.text,
            group=self.group,
            title=self._text(clauses, "title"),
            severity=self._severity(clauses),
            kind=self._word(clauses, "kind", KINDS),
            source=self.source,
            start=name.start,
            why=self._text(clauses, "why"),
            see=tuple(
                unquoted(part.text) for node in clauses.get("see", ()) for part in node.parts
            ),
            tags=tuple(
                part.text for node in clauses.get("tags", ()) for part in node.part(0).parts
            ),
            params=body.params,
            cautions=tuple(text_of(node.part(0)) for node in clauses.get("except", ())),
            examples=tuple(self._example(node) for node in clauses.get("example", ())),
            clauses=body.packed,
            slots=body.checker.slots,
            uses=tuple(sorted(body.checker.uses)),
            pack=self.pack,
        )
        return rule if len(self.problems) == before and not broken else None

    def _shape(self, node: Node, clauses: Mapping[str, list[Node]], broken: set[str]) -> None:
        """Write down clauses that are missing, doubled or out of place."""
        name = node.part(0)
        for word in NEEDED:
            if word not in clauses and word not in broken:
                self._mistake(name, f"rule `{name.text}` has no `{word}`", _FORMS[word])
        for word in ONCE:
            for extra in clauses.get(word, [])[1:]:
                self._mistake(extra, f"`{word}` stands here twice", "keep one of them")
        if "check" in clauses or "check" in broken:
            for word in ("flag", "message"):
                if word not in clauses and word not in broken:
                    self._mistake(name, f"rule `{name.text}` has no `{word}`", _FORMS[word])
        elif "flag" in clauses:
            self._mistake(
                clauses["flag"][0], "nothing is flagged without `check each …`", "check each team"
            )
        else:
            for word in ONLY_WITH_CHECK:
                for extra in clauses.get(word, ()):
                    self._mistake(extra, f"`{word}` needs `check each …`", "check each team")

    def _text(self, clauses: Mapping[str, list[Node]], word: str) -> str:
        return text_of(clauses[word][0].part(0)) if word in clauses else ""

    def _word(self, clauses: Mapping[str, list[Node]], word: str, legal: Iterable[str]) -> str:
        if word not in clauses:
            return ""
        node = clauses[word][0].part(0)
        return self.legal(node, word, tuple(legal))

    def legal(self, node: Node, word: str, legal: tuple[str, ...]) -> str:
        """The word of a node; one that is not legal is a mistake."""
        if node.text not in legal:
            self._mistake(
                node, f"`{node.text}` is no {word}",
                did_you_mean(node.text, legal) or f"one of {', '.join(legal)}",
            )  # fmt: skip
        return node.text

    def _severity(self, clauses: Mapping[str, list[Node]]) -> Severity:
        word = self._word(clauses, "severity", [severity.value for severity in Severity])
        return Severity(word) if word in set(Severity) else Severity.INFO

    def _example(self, node: Node) -> Example:
        model, subjects = node.part(-1), node.args[0]
        severity, saying = None, ""
        needs: tuple[str, ...] = ()
        if node.op == "example_flags":
            _, as_severity, said, _ = node.args
            if as_severity is not None:
                severity = self.legal(as_severity, "severity", tuple(s.value for s in Severity))
            saying = "" if said is None else text_of(said)
        elif node.op == "example_not_assessed":
            needs = tuple(part.text for part in node.part(1).parts)
        named = () if subjects is None else tuple(_subject(part) for part in subjects.parts)
        self._present(model, subjects)
        outcome = node.op.removeprefix("example_").replace("_", "-")
        return Example(outcome, named, severity, saying, needs, model.start + 3, model.end - 3)

    def _present(self, model: Node, subjects: Node | None) -> None:
        """Complain about the subjects of an example that its model never names."""
        if subjects is None:
            return
        names = set(_NAME.findall(self.source.text[model.start : model.end]))
        for part in subjects.parts:
            for word in _subject(part).replace(" with ", ".").split("."):
                if _NAME.fullmatch(word) and word not in names and word != UNNAMED:
                    help = did_you_mean(word, names) or "name what the rule is about"
                    self._mistake(part, f"the model of this example has no `{word}`", help)


def _subject(node: Node) -> str:
    parts = []
    for part in node.parts:
        if part.op == "STRING":
            parts.append(unquoted(part.text))
        else:
            parts.append(".".join(name.text for name in part.parts))
    return " with ".join(parts)


def concept_key(pack: str, kind: str, word: str) -> str:
    """The key of a definition: those of a pack are its own."""
    return f"{pack}:{kind}.{word}"


class _Body:
    """The clauses of one rule that hold expressions, checked in the order of their meaning."""

    def __init__(
        self, builder: Builder, clauses: Mapping[str, list[Node]], item: Item, broken: set[str]
    ) -> None:
        self._builder = builder
        self._clauses = clauses
        self.checker = builder.checker(forgiving="check" in broken or "param" in broken)
        self.packed: dict[str, list[list[Any]]] = {}
        self.params: dict[str, Param] = {}
        self._named: list[Node] = []
        self._subjects: set[int] = set()
        for clause in item.broken:
            if clause.defines is not None:
                node = Node("NAME", item.node.start, item.node.end, (), clause.defines)
                self.checker.declare(node, "error", ANY).used = True
        self._read()
        if not broken:
            self._unused()

    def _keep(self, word: str, node: Node, *args: Any) -> None:
        expr = Expr(word, ANY, args, node.start, node.end)
        self.packed.setdefault(word, []).append(self._builder.packer.expr(expr))

    def _read(self) -> None:
        for word in (
            "param", "check", "let", "flag", "escalate", "soften", "evidence", "explains",
            "supersedes", "message", "fix",
        ):  # fmt: skip
            for node in self._clauses.get(word, ()):
                getattr(self, f"_{word}")(node)

    def _unused(self) -> None:
        for node in self._named:
            known = self.checker.names.get(node.text)
            if known is not None and not known.used:
                self.checker.mistake(node, f"`{node.text}` is never used", "use it, or remove it")

    def _param(self, node: Node) -> None:
        name, value = node.part(0), node.part(1)
        low, high, step, doc, basis = node.args[2:]
        known = self.checker.declare(name, "param", ANY)
        self._named.append(name)
        text = self._number(value)
        if text is None:
            return
        type = literal.type_of(text) or ANY
        known.type = type
        bounds = [None if part is None else self._number(part) for part in (low, high, step)]
        for part, bound in zip((low, high, step), bounds, strict=True):
            if part is not None and bound is not None and literal.type_of(bound) != type:
                self.checker.mistake(part, f"a {type.base} is wanted here", f"such as {text}")
                return
        if basis is None:
            self.checker.mistake(name, f"`{name.text}` does not say its basis", "basis article")
        origin = "" if basis is None else self._builder.legal(basis, "basis", BASES)
        meaning = "" if doc is None else text_of(doc)
        param = Param(name.text, text, type.base, bounds[0], bounds[1], bounds[2], meaning, origin)
        reason = param.refuses(text)
        if reason is not None:
            self.checker.mistake(value, "the default is outside its bounds", reason)
        self.params[name.text] = param

    def _number(self, node: Node) -> str | None:
        """The number that a parameter is set to, as it is written; anything else is a mistake."""
        if node.op == "quantity_literal" and literal.type_of(node.part(0).text) is not None:
            return node.part(0).text
        self.checker.mistake(
            node, "a parameter is a number, share, duration or rate", "e.g. 3, 15%, 4w"
        )
        return None

    def _check(self, node: Node) -> None:
        binds = self.checker.bindings(node.part(0))
        where = None if node.args[1] is None else self.checker.condition(node.part(1))
        self._subjects = {bind.args[0] for bind in binds}
        flags = self._clauses.get("flag")
        pair = flags is not None and flags[0].args[1] is not None
        if not pair:
            self.checker.connected(binds)
        self._keep("check", node, where, *binds)

    def _let(self, node: Node) -> None:
        name = node.part(0)
        value = self.checker.value(node.part(1))
        known = self.checker.declare(name, "let", value.type)
        self._named.append(name)
        self._keep("let", node, known.slot, name.text, value)

    def _optional(self, node: Node | None) -> Expr | None:
        return None if node is None else self.checker.condition(node)

    def _flag(self, node: Node) -> None:
        subject = self._subject(node.part(0))
        other = None if node.args[1] is None else self._subject(node.part(1))
        when, unless = self._optional(node.args[2]), self._optional(node.args[3])
        self._keep("flag", node, subject, other, when, unless)

    def _subject(self, node: Node) -> Expr:
        found = self.checker.value(node)
        if found.type.base == "any":
            return found
        if found.type.base != "reference" or found.type.many:
            return self.checker.mistake(
                node, "only one element is flagged", "flag what `check each` binds"
            )
        if not self._subjects & set(slots_of(found)):
            return self.checker.mistake(
                node, "only what `check each` binds is flagged", "check each … in …"
            )
        return found

    def _escalate(self, node: Node) -> None:
        self._severity_when("escalate", node)

    def _soften(self, node: Node) -> None:
        self._severity_when("soften", node)

    def _severity_when(self, word: str, node: Node) -> None:
        legal = tuple(severity.value for severity in Severity)
        severity = self._builder.legal(node.part(0), "severity", legal)
        self._keep(word, node, severity, self.checker.condition(node.part(1)))

    def _evidence(self, node: Node) -> None:
        with self.checker.inner():
            each = None if node.args[2] is None else self.checker.each(node.part(2))
            value = self.checker.value(node.part(0))
            text = None if node.args[1] is None else self.checker.template(node.part(1))
        self._keep("evidence", node, value, text, each)

    def _explains(self, node: Node) -> None:
        each_node = node.args[-1]
        values = [part for part in node.args[:-1] if part is not None]
        with self.checker.inner():
            each = None if each_node is None else self.checker.each(each_node)
            for value in values:
                name = value.part(0).text if value.op == "name" else ""
                if name in self.checker.rules and name not in self.checker.names:
                    self._keep("effects", node, name, each)
                    continue
                found = self.checker.value(value)
                kinds = set(found.type.kinds)
                if found.type.base != "any" and not (kinds and kinds <= {"step", "stream", "team"}):
                    self.checker.mistake(
                        value,
                        "steps, streams, teams or rules are explained",
                        "step for each step of …",
                    )
                self._keep("explains", node, found, each)

    def _supersedes(self, node: Node) -> None:
        for name in node.part(0).parts:
            if name.text not in self.checker.rules:
                help = did_you_mean(name.text, self.checker.rules)
                self.checker.mistake(name, f"there is no rule `{name.text}`", help)
        with self.checker.inner():
            each = None if node.args[1] is None else self.checker.each(node.part(1))
        for name in node.part(0).parts:
            self._keep("supersedes", node, name.text, each)

    def _message(self, node: Node) -> None:
        when = self._optional(node.args[1])
        self._keep("message", node, self.checker.template(node.part(0)), when)

    def _fix(self, node: Node) -> None:
        with self.checker.inner():
            each = None if node.args[1] is None else self.checker.each(node.part(1))
            when = self._optional(node.args[2])
            text = self.checker.template(node.part(0))
        self._keep("fix", node, text, each, when)


def kind_problem(catalogue: Catalogue, source: Source, kind: Node) -> Problem | None:
    """What is wrong with the kind of a definition, or None."""
    if kind.text in catalogue.kinds:
        return None
    help = did_you_mean(kind.text, catalogue.kinds)
    return Problem(f"there is no kind `{kind.text}`", Span(source, kind.start, kind.end), help)
