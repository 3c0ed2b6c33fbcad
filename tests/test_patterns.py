"""Every regular expression of the package and its grammars means the same on every Python.

Before 3.11.5 `re` loses its place when a group is repeated possessively and the last, failed try
had moved on: `(?:-[a-z]++)*+` takes the "-" of "- ". An atomic group puts the place back, so
`(?>-[a-z]++)*+` is right everywhere. Captures in such a group are wrong in later versions too.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest
from lark import Lark

from orgdiag import parse
from orgdiag.rule import read

ROOT = Path(__file__).parent.parent
STARTS = {"model": list(parse.STARTS), "rules": list(read.STARTS)}
# What a function puts together at run time, by its module.
BUILT = {"orgdiag/parse/__init__.py": parse._words()[0]}


def uses(path: Path) -> Iterator[tuple[str, re.Pattern[str] | None]]:
    """Where a module uses `re`, and the pattern; None where it is no constant of the module."""
    place = path.relative_to(ROOT).as_posix()
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        for node in ast.walk(statement):
            match node:
                case ast.ImportFrom(module="re"):
                    yield f"{place}:{node.lineno}", None
                case ast.Call(ast.Attribute(ast.Name("re"), called), [what, *_]):
                    if called != "escape":
                        yield f"{place}:{node.lineno}", pattern(place, statement, what)


def pattern(place: str, statement: ast.stmt, what: ast.expr) -> re.Pattern[str] | None:
    """The pattern that a statement of a module names, or that it hands to `re`."""
    values = vars(
        import_module(place.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    )
    match statement, what:
        case ((ast.Assign([ast.Name(name)]) | ast.AnnAssign(ast.Name(name))), _) if not isinstance(
            values[name], dict
        ):
            found = getattr(values[name], "__self__", values[name])  # `re.compile(…).match`
        case _, ast.Name(name):
            found = values.get(name)
        case _, ast.Constant(text):
            found = text
        case _:
            return None
    return re.compile(found) if isinstance(found, str) else found


@cache
def patterns() -> dict[str, re.Pattern[str] | None]:
    """Every pattern of the package and its grammars, by place."""
    found = dict(BUILT.items())
    for path in sorted((ROOT / "orgdiag").rglob("*.py")):
        found.update(uses(path))
    for name, starts in STARTS.items():
        text = (ROOT / f"grammar/{name}.lark").read_text(encoding="utf-8")
        for terminal in Lark(text, parser="lalr", start=starts).terminals:
            found[f"grammar/{name}.lark: {terminal.name}"] = re.compile(
                terminal.pattern.to_regexp()
            )
    return found


def test_every_pattern_is_looked_at() -> None:
    """To pass: make the pattern a constant of its module, or name what builds it in `BUILT`."""
    unseen = {place.rpartition(":")[0] for place, found in patterns().items() if found is None}
    assert unseen == BUILT.keys()


# --- the form -------------------------------------------------------------------------------------


def parts(op: Any, about: Any) -> list[Any]:
    """The parts of an item of a parsed pattern that are patterns themselves."""
    if op is _constants.BRANCH:
        return list(about[1])
    if op is _constants.ATOMIC_GROUP:
        return [about]
    return (
        [part for part in about if isinstance(part, _parser.SubPattern)]
        if isinstance(about, tuple)
        else []
    )


def repeated(items: Any) -> Iterator[Any]:
    """Each group that is repeated possessively, outer ones first."""
    for op, about in items:
        if op is _constants.POSSESSIVE_REPEAT and not _compiler._simple(about[2]):
            yield about[2]
        for part in parts(op, about):
            yield from repeated(part)


def captures(items: Any) -> bool:
    return any(
        (op is _constants.SUBPATTERN and about[0] is not None)
        or any(map(captures, parts(op, about)))
        for op, about in items
    )


def sound(pattern: re.Pattern[str]) -> bool:
    """Whether each group that is repeated possessively is atomic and captures nothing."""
    tree = _parser.parse(pattern.pattern, pattern.flags)
    return all(
        [op for op, _ in group] == [_constants.ATOMIC_GROUP] and not captures(group)
        for group in repeated(tree)
    )


def test_a_group_that_is_repeated_possessively_is_atomic_and_captures_nothing() -> None:
    """Write `(?>…)*+`, not `(?:…)*+`; a group that captures cannot be possessive."""
    wrong = [
        f"{place} {found.pattern}"
        for place, found in patterns().items()
        if found and not sound(found)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a-z]++x*+", True), ("(?:ab)*", True), ("(?>ab)*+", True), ("(?>a(?>bc)?+)*+", True),
        ("(?:ab)*+", False), ("(?>a(?:bc)?+)*+", False), ("(?=(?:ab)++)", False),
        ("(a|(?:bc){2,3}+)", False), ("(a)?+", False), ("(?>(a)|b)*+", False),
        ("(?>(?=(a))a)*+", False), ("(?:(?>a)b)*+", False), ("(?P<x>a)(?(x)(?:ab)*+)", False),
    ],
)  # fmt: skip
def test_the_form_is_told_from_what_is_wrong_on_some_python(text: str, expected: bool) -> None:
    assert sound(re.compile(text)) is expected


# --- the meaning ----------------------------------------------------------------------------------


def plain(items: Any) -> Any:
    """The parsed pattern with its possessive groups spelled out: greedy, in an atomic group."""
    for at, (op, about) in enumerate(items):
        for part in parts(op, about):
            plain(part)
        if op is _constants.POSSESSIVE_REPEAT and not _compiler._simple(about[2]):
            low, high, group = about
            once = _parser.SubPattern(items.state, [(_constants.ATOMIC_GROUP, group)])
            greedy = (_constants.MAX_REPEAT, (low, high, once))
            items[at] = (_constants.ATOMIC_GROUP, _parser.SubPattern(items.state, [greedy]))
    return items


def stretches(seed: int, number: int) -> Iterator[str]:
    """Stretches of real texts, each with one character lost or put in."""
    chance = random.Random(seed)
    files: Iterable[Path] = (*ROOT.glob("examples/*/*.orgd"), *ROOT.glob("rules/*/*.orgr"))
    texts = [path.read_text(encoding="utf-8") for path in sorted(files)]
    for _ in range(number):
        text = chance.choice(texts)
        start = chance.randrange(len(text))
        text = text[start : start + chance.randrange(1, 80)]
        at = chance.randrange(len(text))
        yield text[:at] + chance.choice(["", *"\"'-.,;:#{}[]\\\n 07%aZ"]) + text[at + 1 :]


def test_every_pattern_matches_as_it_does_with_its_possessive_groups_spelled_out() -> None:
    texts = list(stretches(1, 400))
    for place, found in patterns().items():
        if found is not None:
            tree = _parser.parse(found.pattern, found.flags)
            spelled = _compiler.compile(plain(tree), found.flags)
            for text in texts:
                matches = [match.regs for match in found.finditer(text)]
                assert matches == [match.regs for match in spelled.finditer(text)], (place, text)
