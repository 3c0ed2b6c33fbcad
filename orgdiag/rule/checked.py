"""All rule files together: which rules and definitions there are, and everything wrong in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from orgdiag.catalogue import Catalogue
from orgdiag.finding import OrgdiagError, Problem
from orgdiag.model.types import FLAG
from orgdiag.rule import read
from orgdiag.rule.build import Builder, concept_key, kind_problem, text_of
from orgdiag.rule.rule import SUFFIX, Definition, File, Rule, RuleSet, set_in
from orgdiag.rule.scope import Concept
from orgdiag.rule.tree import Item, Node
from orgdiag.rule.typed import ANY, Packer
from orgdiag.text.nearest import did_you_mean
from orgdiag.text.source import Span


def check(files: Sequence[File], words: Catalogue) -> tuple[RuleSet, list[Problem]]:
    """The rules of the files that are right, and every mistake of those that are not."""
    loader = _Loader(files, words)
    return loader.rules(), loader.sorted_problems()


@dataclass(slots=True, eq=False)
class _Definitions(Mapping[tuple[str, str], Concept]):
    """The definitions that one pack sees, checked when they are first asked for."""

    loader: _Loader
    pack: str

    def __getitem__(self, key: tuple[str, str]) -> Concept:
        for pack in dict.fromkeys((self.pack, "")):
            if (pack, *key) in self.loader.defining:
                return self.loader.concept(pack, *key)
        raise KeyError(key)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return (
            (kind, word) for pack, kind, word in self.loader.defining if pack in {self.pack, ""}
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(slots=True, eq=False)
class _Loader:
    """The state of reading all files: what is defined where, and what is wrong."""

    files: Sequence[File]
    catalogue: Catalogue
    problems: list[Problem] = field(default_factory=list)
    defining: dict[tuple[str, str, str], tuple[File, Node]] = field(default_factory=dict)
    concepts: dict[tuple[str, str, str], Concept | None] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    named: dict[str, tuple[File, Item]] = field(default_factory=dict)
    changes: list[tuple[File, Node]] = field(default_factory=list)
    packer: Packer = field(default_factory=Packer)

    def sorted_problems(self) -> list[Problem]:
        """The mistakes in the order of their places."""
        return sorted(
            dict.fromkeys(self.problems),
            key=lambda p: (p.span.path, p.span.start) if p.span else ("", 0),
        )

    def rules(self) -> RuleSet:
        """All rules that are right."""
        for file in self.files:
            items, problems = read.items(file.source)
            self.problems.extend(problems)
            for item in items:
                self._take(file, item)
        for key in list(self.defining):
            self.concept(*key)
        rules = {}
        for name in sorted(self.named):
            file, item = self.named[name]
            rule = self._builder(file).rule(item)
            if rule is not None:
                rules[name] = rule
        self._circles(rules)
        types = tuple(self.packer.types)
        done = {name: replace(rule, types=types) for name, rule in rules.items()}
        return self._changed(
            RuleSet(MappingProxyType(done), MappingProxyType(self.definitions), types)
        )

    def _take(self, file: File, item: Item) -> None:
        node = item.node
        if node.op == "rule":
            self._take_rule(file, item)
        elif node.op in {"define_value", "define_concept"}:
            self._take_definition(file, node)
        else:
            self.changes.append((file, node))

    def _mistake(self, file: File, node: Node, message: str, help: str = "") -> None:
        self.problems.append(Problem(message, Span(file.source, node.start, node.end), help))

    def _take_rule(self, file: File, item: Item) -> None:
        name = item.node.part(0)
        if name.text in self.named:
            other, first = self.named[name.text]
            place = Span(other.source, first.node.part(0).start, first.node.part(0).end)
            self._mistake(file, name, f"there are two rules `{name.text}`", f"the other: {place}")
            return
        if name.text != file.stem and file.stem != "<text>":
            self._mistake(
                file, name, f"rule `{name.text}` stands in {file.stem}{SUFFIX}",
                f"a file has one rule and its name: {name.text}{SUFFIX}",
            )  # fmt: skip
        self.named[name.text] = file, item

    def _take_definition(self, file: File, node: Node) -> None:
        kind, word = node.part(0), node.part(1)
        problem = kind_problem(self.catalogue, file.source, kind)
        if problem is not None:
            self.problems.append(problem)
            return
        key = file.pack, kind.text, word.text
        if self.catalogue.find(kind.text, word.text) is not None:
            self._mistake(
                file,
                word,
                f"a {kind.text} already has the field `{word.text}`",
                "choose another name",
            )
        elif key in self.defining:
            other, first = self.defining[key]
            place = Span(other.source, first.part(1).start, first.part(1).end)
            self._mistake(file, word, f"`{word.text}` is defined twice", f"the other: {place}")
        else:
            self.defining[key] = file, node

    def _builder(self, file: File) -> Builder:
        return Builder(
            file.source, file.pack, file.group, self.catalogue, _Definitions(self, file.pack),
            frozenset(self.named), self.packer, self.problems,
        )  # fmt: skip

    def concept(self, pack: str, kind: str, word: str) -> Concept:
        """The definition, checked; one that needs itself is a mistake."""
        key = pack, kind, word
        file, node = self.defining[key]
        name = concept_key(*key)
        if key in self.concepts:
            known = self.concepts[key]
            if known is not None:
                return known
            self._mistake(
                file,
                node.part(1),
                f"`{word}` is defined by itself",
                "to follow a relation on and on: transitively",
            )
            self.concepts[key] = Concept(name, ANY)
            return Concept(name, ANY)
        adjective = node.op == "define_concept"
        self.concepts[key] = None
        definition, type = self._builder(file).concept(node, FLAG if adjective else ANY)
        found = FLAG if adjective else type
        self.definitions[name] = replace(definition, type=found)
        self.concepts[key] = Concept(name, found, definition.doc)
        return Concept(name, found, definition.doc)

    def _circles(self, rules: Mapping[str, Rule]) -> None:
        """Write down rules that ask for each other in a circle."""
        for name in rules:
            seen: set[str] = set()
            waiting = list(self._asked(rules[name].uses, set()))
            while waiting:
                other = waiting.pop()
                if other == name:
                    rule = rules[name]
                    self.problems.append(
                        Problem(
                            f"rule `{name}` asks whether it has flagged itself",
                            rule.span,
                            "cut the ring of `is flagged by` at one rule",
                        )
                    )
                    break
                if other not in seen and other in rules:
                    seen.add(other)
                    waiting.extend(self._asked(rules[other].uses, set()))

    def _asked(self, uses: Iterable[str], seen: set[str]) -> Iterator[str]:
        """The rules that are asked for, definitions looked through."""
        for use in uses:
            if use.startswith("rule "):
                yield use.removeprefix("rule ")
            elif use not in seen and use in self.definitions:
                seen.add(use)
                yield from self._asked(self.definitions[use].uses, seen)

    def _changed(self, rules: RuleSet) -> RuleSet:
        """The rules after every `adjust` and `disable`."""
        for file, node in self.changes:
            name = node.part(0)
            if name.text not in self.named:
                help = did_you_mean(name.text, self.named)
                self._mistake(file, name, f"there is no rule `{name.text}`", help)
            elif (rule := rules.find(name.text)) is not None:
                if node.op == "disable":
                    rules = rules.without(name.text, text_of(node.part(1)))
                else:
                    rules = rules.with_rule(self._adjusted(file, node, rule))
        return rules

    def _adjusted(self, file: File, node: Node, rule: Rule) -> Rule:
        for part in node.parts[1:]:
            word = "severity" if part.op == "severity" else part.part(0).text
            value = part.part(0) if part.op == "severity" else part.part(1).parts[0]
            try:
                rule = set_in(
                    rule, {word: value.text}, str(Span(file.source, part.start, part.end))
                )
            except OrgdiagError as error:
                for problem in error.problems:
                    self._mistake(file, part, problem.message, problem.help)
        return rule
