"""Text → statements. Never fails: what is broken becomes findings, the rest is kept.

lark's tables for `grammar/model.lark` are the parser, fed with `tokens` on the fast path. A text
that does not parse is read again by `repair`, which feeds the same tables token by token.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from orgdiag.finding import Finding, misread
from orgdiag.frozen import made
from orgdiag.text import grammar
from orgdiag.text.grammar import Automaton, Parser, Tables, Unexpected
from orgdiag.text.lexer import tokens
from orgdiag.text.printable import HIDDEN, SUSPECT
from orgdiag.text.source import Source, Span
from orgdiag.text.syntax import Atom, Statement

__all__ = ["STARTS", "Parsed", "parse", "words"]

STARTS: Final = ("file", "phrase")
_ENOUGH: Final = 1000  # findings of one kind in one text; more are never shown


class Parsed(NamedTuple):
    """The statements of a text and what is wrong with its form."""

    source: Source
    statements: tuple[Statement, ...]
    findings: tuple[Finding, ...] = ()


class _Tree:
    """Builds the tree while a text is read: each block collects its statements."""

    def start(self, _: list[Any]) -> list[Statement]:
        return []

    def line(self, children: list[Any]) -> list[Statement]:
        body: list[Statement] = children[0]
        body.append(children[1])
        return body

    def block(self, children: list[Any]) -> list[Statement]:
        body: list[Statement] = children[0]
        head, head.body, closing = children[1:]
        head.end = closing.start + 1
        body.append(head)
        return body

    def file(self, children: list[Any]) -> list[Statement]:
        body: list[Statement] = children[0]
        return body


@cache
def _tables() -> Tables:
    return grammar.tables("model", STARTS)


@cache
def _parser() -> Parser:
    return Parser(_tables(), "file", _Tree())


def parse(source: Source) -> Parsed:
    """The statements of a text and the findings about its form."""
    statements: Any
    findings: tuple[Finding, ...] = ()
    try:
        statements = _parser().parse(tokens(source))
    except Unexpected:
        from orgdiag.parse.repair import repair  # nearly all texts are sound

        statements, findings = repair(source, Automaton(_parser()))
    text = source.text
    places = [m.start() for m in re.finditer(HIDDEN, text)] if SUSPECT.search(text) else []
    if places:
        _break(statements, places)
        hidden = set(places)
        findings = tuple(f for f in findings if f.span.start not in hidden)
        findings += tuple(_unprintable(source, places[:_ENOUGH]))
    return Parsed(source, tuple(statements), findings)


# --- characters that hide what a text says --------------------------------------------------------


def _unprintable(source: Source, places: Iterable[int]) -> Iterator[Finding]:
    """One finding for each run of control or direction characters, in comments too."""
    for at in places:
        match = re.compile(HIDDEN).match(source.text, at)
        end = match.end() if match else at + 1
        code = ord(source.text[at])
        what = "direction character" if code >= 0x2000 else "control character"
        yield misread(
            "unreadable-text",
            f"the {what} U+{code:04X} is not allowed",
            Span(source, at, end),
            label="cannot be seen",
            help="end lines with LF or CRLF" if code == 13 else "remove it",
        )


def _break(statements: Iterable[Statement], places: Sequence[int]) -> None:
    """Mark the statements in whose words the places lie."""
    waiting = [iter(statements)]
    at = 0
    while waiting and at < len(places):
        statement = next(waiting[-1], None)
        if statement is None:
            waiting.pop()
            continue
        while at < len(places) and places[at] < statement.start:
            at += 1
        while at < len(places) and places[at] < statement.start + len(statement.text):
            statement.broken = True
            at += 1
        if statement.body:
            waiting.append(iter(statement.body))


# --- inside a statement ---------------------------------------------------------------------------

_NO_LITERALS: Final = frozenset({"HEAD", "LINE", "CLOSE", "SPACE", "COMMENT"})


@cache
def _words() -> tuple[re.Pattern[str], tuple[str, ...]]:
    """The pattern of one word or literal and the gap before it, and the kind of each group.

    It is made from the terminals of the grammar. It matches anywhere, so that no part of a text is
    tried twice: without a group where there is nothing but a gap, or what is no word at all.
    """
    patterns = _tables().terminals
    literals = sorted(patterns.keys() - _NO_LITERALS, key=lambda name: (name != "NAME", name))
    grouped = "|".join(f"({patterns[name]})" for name in literals)
    bad = r'((?>[^ \t\r\n,"]++|"(?>[^"\\\n]++|\\.)*+")++)'
    pattern = re.compile(rf"[ \t\r\n]*+(?>#[^\n]*+[ \t\r\n]*+)*+(?:{grouped}|{bad}|[\s\S]|\Z)")
    return pattern, ("", *literals, "BAD")


def words(text: str) -> tuple[Atom, ...]:
    """The words and literals of a statement's text, commas and BAD ones included."""
    pattern, kinds = _words()
    atoms = []
    for match in pattern.finditer(text):
        group = match.lastindex
        if group:
            atoms.append(made(Atom, (kinds[group], match[group], match.start(group))))
    return tuple(atoms)
