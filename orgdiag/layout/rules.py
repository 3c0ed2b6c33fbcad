"""Rules, laid out: one clause a line. Where a clause goes on the author says, how far in we do.

Clauses that are read as a table (title, severity, message, …) have their values in one column, and
what goes on stands below the value. Example models are laid out as models.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Final

from orgdiag.layout.models import STEP, WIDTH, Laid, model
from orgdiag.rule import read
from orgdiag.rule.read import Lexeme
from orgdiag.rule.tree import Item
from orgdiag.text.source import Source

_TABLE: Final = frozenset(
    {"title", "severity", "kind", "param", "tags", "message", "why", "fix", "except", "see"}
)
_COLUMN: Final = len("severity ")
_REMARK: Final = re.compile(r"#[^\n]*+")


class Role(Enum):
    """What a token is to the layout; one that goes on with a clause has none."""

    ITEM = "begins an item"
    OPEN = "opens its block"
    CLAUSE = "begins a clause, on a line of its own"
    END = "ends an item, on a line of its own"
    FIRST = "begins the first clause of an item that stays on one line"
    NEXT = "begins another clause of it"
    LAST = "ends it"


_OWN_LINE: Final = frozenset({Role.ITEM, Role.CLAUSE, Role.END})
_BEFORE: Final[Mapping[Role, str]] = {
    Role.OPEN: " ", Role.FIRST: " ", Role.NEXT: "; ", Role.LAST: " ",
}  # fmt: skip


def rules(source: Source) -> Laid:
    """The rules laid out; problems and no text when they cannot be read.

    Args:
        source: their text, lines ending with LF.
    """
    items, problems = read.items(source)
    if problems:
        return Laid("", (), (), (), tuple(problems))
    tokens = read.lexemes(source.text)
    laying = _Laying(source.text, _roles(source.text, items, tokens))
    for token in tokens:
        laying.take(token)
    laying.finish()
    text = "".join(f"{line}\n" for line in laying.lines)
    says, means = (tuple(_said(token, which) for token in tokens) for which in ("says", "means"))
    return Laid(text, says, means, _remarks(source.text, tokens))


def _roles(text: str, items: Sequence[Item], tokens: Sequence[Lexeme]) -> Mapping[int, Role]:
    """The roles of tokens by their offsets."""
    braces = [token.start for token in tokens if token.text == "{"]
    roles = {}
    for item in items:
        node = item.node
        roles[node.start] = Role.ITEM
        if node.op not in ("rule", "adjust"):
            continue
        written = text[node.start : node.end]
        short = node.op == "adjust" and "\n" not in written and len(written) <= WIDTH
        roles[braces[bisect_left(braces, node.start)]] = Role.OPEN
        for number, part in enumerate(node.parts[1:]):
            inline = Role.NEXT if number else Role.FIRST
            roles[part.start] = inline if short else Role.CLAUSE
        roles[node.end - 1] = Role.LAST if short else Role.END
    return roles


def _said(token: Lexeme, which: str) -> Any:
    """What a token says, however it is spaced; of an example what it `says` or then `means`."""
    if token.type == "MODEL":
        laid = _example(token)
        return token.text if laid.problems else getattr(laid, which)
    return token.type, _text(token)


def _text(token: Lexeme) -> str:
    return " ".join(token.text.split()) if token.type == "QUANTITY" else token.text


def _example(token: Lexeme) -> Laid:
    return model(Source("", token.text[3:-3]), frozenset, 2 * STEP)


def _remarks(text: str, tokens: Sequence[Lexeme]) -> tuple[str, ...]:
    """Every comment, those of example models too."""
    found: list[str] = []
    at = 0
    for token in tokens:
        found += _REMARK.findall(text, at, token.start)
        if token.type == "MODEL":
            found += _example(token).comments
        at = token.end
    found += _REMARK.findall(text, at)
    return tuple(remark.rstrip() for remark in found)


class _Laying:
    """Makes lines of tokens, in the order of the text.

    line     what stands on the line that is being made
    at       the offset just after the last token or comment
    fresh    whether nothing stands yet in the file or block: no empty line may
    goes_on  how far in the lines stand on which the clause goes on
    level    how much deeper the line stands than that, for brackets that are open
    open     for each open bracket the level of the lines after it
    """

    def __init__(self, text: str, roles: Mapping[int, Role]) -> None:
        self.text = text
        self.roles = roles
        self.lines: list[str] = []
        self.line = ""
        self.before: Lexeme | None = None
        self.at = 0
        self.fresh = True
        self.goes_on = 0
        self.level = 0
        self.open: list[int] = []

    def take(self, token: Lexeme) -> None:
        """Put the next token where it belongs."""
        role = self.roles.get(token.start)
        breaks = self._gap(token.start, role)
        if role in _OWN_LINE:
            self._flush()
            if role is not Role.END:
                self._blank(breaks)
            self._begin(token, role)
        elif self.line and (role or token.type == "MODEL" or not breaks):
            self.line += _BEFORE[role] if role else self._space(token)
        else:
            self._flush()
            closing = token.type == "PUNCTUATION" and token.text in (")", "}")
            self.level = max(0, self._inner() - closing)
            self.line = " " * (self.goes_on + STEP * self.level)
        self._put(token, role)
        self.before, self.at = token, token.end
        self.fresh = role is Role.OPEN

    def finish(self) -> None:
        """Take the comments at the end of the text."""
        self._gap(len(self.text), Role.ITEM)
        self._flush()

    def _begin(self, token: Lexeme, role: Role | None) -> None:
        self.level, self.open = 0, []
        self.goes_on = STEP
        if role is Role.CLAUSE:
            self.line = " " * STEP
            self.goes_on += _COLUMN if token.text in _TABLE else STEP

    def _put(self, token: Lexeme, role: Role | None) -> None:
        if token.type == "MODEL":
            self._put_example(token)
            return
        self.line += _text(token)
        if role is Role.CLAUSE and token.text in _TABLE:
            self.line = self.line.ljust(STEP + _COLUMN - 1)
        if token.type == "PUNCTUATION" and role is None:
            if token.text in ("(", "{"):
                self.open.append(self.level + 1)
            elif token.text in (")", "}"):
                del self.open[-1:]

    def _inner(self) -> int:
        """The level at which the clause goes on: one deeper for each line that opens brackets."""
        return self.open[-1] if self.open else 0

    def _put_example(self, token: Lexeme) -> None:
        """Put an example model; one that is broken, on purpose, as it is."""
        laid = _example(token)
        shown = token.text if laid.problems else f'"""\n{laid.text}{" " * STEP}"""'
        *whole, self.line = f"{self.line}{shown}".split("\n")
        self.lines += whole

    def _space(self, token: Lexeme) -> str:
        """What separates a token from the one before it, both of one clause."""
        before = self.before
        if before is None:
            return ""
        left = before.text if before.type == "PUNCTUATION" else before.type
        right = token.text if token.type == "PUNCTUATION" else token.type
        if right in (",", ")", "}", ".") or left in ("(", "{", "."):
            return ""
        if right == "(" or left == "-":
            return " " if before.end < token.start else ""
        return " "

    # --- comments and empty lines ---

    def _gap(self, stop: int, role: Role | None) -> int:
        """Take the comments before a token; the number of line breaks after the last."""
        for remark in _REMARK.finditer(self.text, self.at, stop):
            breaks = self.text.count("\n", self.at, remark.start())
            comment = remark[0].rstrip()
            if self.line and not breaks:
                self.line += f"  {comment}"
                self._flush()
            else:
                self._flush()
                if role in _OWN_LINE:
                    self._blank(breaks)
                self.lines.append(" " * self._remark_indent(role) + comment)
                self.fresh = False
            self.at = remark.end()
        return self.text.count("\n", self.at, stop)

    def _remark_indent(self, role: Role | None) -> int:
        if role is Role.ITEM:
            return 0
        return STEP if role in _OWN_LINE else self.goes_on + STEP * self._inner()

    def _blank(self, breaks: int) -> None:
        """Keep an empty line, but none at the beginning."""
        if breaks > 1 and not self.fresh:
            self.lines.append("")

    def _flush(self) -> None:
        if self.line.strip():
            self.lines.append(self.line)
        self.line = ""
