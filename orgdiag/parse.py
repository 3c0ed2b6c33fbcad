"""Text → statements. Never fails: what is broken becomes findings, the rest is kept.

lark's tables for `grammar/model.lark` are the parser. The lexer class below feeds it one token a
statement part. When a text does not parse, the same tables are driven token by token and each
problem is repaired where it stands: a closing brace put in, a token taken out, a string closed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

import lark
from lark.lexer import Lexer, LexerState

from orgdiag import grammar
from orgdiag.finding import Finding
from orgdiag.source import Source
from orgdiag.syntax import Atom, Statement

MAX_DEPTH: Final = 64
STARTS: Final = ("file", "phrase")

_WORD = r"[a-z][a-z0-9]*+(?:-[a-z0-9]++)*+(?=[ \t\r\n{};#]|\Z)"
_REST = (
    r'[^\n{};#",]*+(?:(?:"(?:[^"\\\n]++|\\.)*+"|,(?:[ \t\r]*+(?:#[^\n]*+)?+\n)*+)[^\n{};#",]*+)*+'
)
_GAP = r"[ \t\r\n;]*+(?:#[^\n]*+[ \t\r\n;]*+)*+"
_CLOSE = r"\}[ \t\r]*+(?=[}\n;#]|\Z)"

_LEADING = re.compile(_GAP)
# Groups: 1 the phrase, 2 the brace that makes it a head, 3 a closing brace, 4 anything else.
_PART = re.compile(rf'({_WORD}{_REST})(?!")(\{{)?+{_GAP}|({_CLOSE}){_GAP}|([\s\S])')


class Parsed(NamedTuple):
    """The statements of a text and what is wrong with its form."""

    source: Source
    statements: tuple[Statement, ...]
    findings: tuple[Finding, ...]


class Closing:
    """A closing brace; `start` is its offset."""

    __slots__ = ("start",)

    type: Final = "CLOSE"
    start_pos = line = column = end_line = end_column = end_pos = 0

    def __init__(self, start: int) -> None:
        self.start = start


class Broken:
    """A token that no state of the parser accepts: the text needs the reader that repairs."""

    __slots__ = ()

    type: Final = "BROKEN"
    start_pos = line = column = end_line = end_column = end_pos = 0


Token = Statement | Closing | Broken


class StatementLexer(Lexer):
    """lark's lexer for a sound text: one compiled pattern, the tokens are the statements."""

    __future_interface__ = 2

    def __init__(self, conf: Any) -> None:
        pass

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Any]:
        """The tokens of the source that stands in the state's `text`."""
        source: Any = lexer_state.text
        return tokens(source)


def tokens(source: Source) -> Iterator[Token]:
    """The tokens of a text; a `Broken` one, and no more, where it cannot be sound."""
    text = source.text
    depth = 0
    for match in _PART.finditer(text, _start(text)):
        group = match.lastindex
        if group == 1:
            yield Statement("LINE", source, match.start(), match[1], match.end(1))
        elif group == 2:
            depth += 1
            if depth > MAX_DEPTH:
                yield Broken()
                return
            yield Statement("HEAD", source, match.start(), match[1], match.end(2))
        elif group == 3:
            depth -= 1
            yield Closing(match.start())
        else:
            yield Broken()
            return


def _start(text: str) -> int:
    match = _LEADING.match(text)
    return match.end() if match else 0


class _Tree:
    """Builds the tree while lark parses: each block collects its statements."""

    def start(self, _: list[Any]) -> list[Statement]:
        return []

    def line(self, children: list[Any]) -> list[Statement]:
        body: list[Statement] = children[0]
        body.append(children[1])
        return body

    def block(self, children: list[Any]) -> list[Statement]:
        body, head, inside, closing = children
        head.body = inside
        head.end = closing.start + 1
        body.append(head)
        return body  # type: ignore[no-any-return]

    def file(self, children: list[Any]) -> list[Statement]:
        return children[0]  # type: ignore[no-any-return]


@cache
def _parser() -> lark.Lark:
    return grammar.parser("model", STARTS, StatementLexer, _Tree())


def parse(source: Source) -> Parsed:
    """The statements of a text and the findings about its form."""
    try:
        statements: Any = _parser().parse(source, start="file")  # type: ignore[arg-type]
    except lark.UnexpectedInput:
        raise
    return Parsed(source, tuple(statements), ())


# --- inside a statement ---------------------------------------------------------------------------


@cache
def _words() -> re.Pattern[str]:
    """The pattern of one word or literal, made from the terminals of the grammar."""
    literals = [t for t in _parser().terminals if t.name not in _NO_LITERALS]
    named = "|".join(
        f"(?P<{t.name}>{t.pattern.to_regexp()})"
        for t in sorted(literals, key=lambda t: t.name != "NAME")
    )
    bad = r'(?P<BAD>(?:[^ \t\r\n,"]++|"(?:[^"\\\n]++|\\.)*+")++)'
    return re.compile(rf"[ \t\r\n]++|#[^\n]*+|{named}|{bad}")


_NO_LITERALS: Final = frozenset({"HEAD", "LINE", "CLOSE", "SPACE", "COMMENT"})


@lru_cache(maxsize=65536)
def words(text: str) -> tuple[Atom, ...]:
    """The words and literals of a statement's text, BAD ones among them; commas included."""
    return tuple(
        Atom(match.lastgroup, match[0], match.start())
        for match in _words().finditer(text)
        if match.lastgroup
    )
