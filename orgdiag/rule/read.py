"""Text of the rules language to syntax trees.

Every top-level item is parsed by itself, and in an item that is broken every clause, so that one
mistake hides no other. The lexer is total: what it does not know becomes a token that no rule of
the grammar accepts, with a message of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from lark import Lark, Token
from lark.exceptions import UnexpectedToken

from orgdiag.finding import Problem
from orgdiag.rule.tree import Clause, Item, Node
from orgdiag.text.printable import HIDDEN, shortened
from orgdiag.text.source import Source, Span, shipped

STARTS: Final = ("item", "clause", "value", "condition")
NESTING: Final = 64
DEPTH: Final = 100
TOKENS: Final = 20_000
ITEM_WORDS: Final = frozenset({"rule", "adjust", "disable", "define"})
CLAUSE_WORDS: Final = frozenset(
    {
        "title", "severity", "kind", "param", "check", "let", "flag", "escalate", "soften",
        "evidence", "explains", "supersedes", "message", "why", "fix", "except", "see", "tags",
        "example",
    }
)  # fmt: skip

_LEXEMES: Final = re.compile(
    r"(?P<SPACE>(?>[ \t\r\n;]++|\#[^\n]*+)++)"
    r'|(?P<MODEL>"""(?>[^"]++|"(?!""))*+""")'
    r'|(?P<OPEN_MODEL>""".*+)'
    r'|(?P<STRING>"(?>[^"\\\n]++|\\[^\n])*+")'
    r'|(?P<OPEN_STRING>"[^\n]*+)'
    r"|(?P<DATE>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![A-Za-z0-9_-]))"
    r"|(?P<QUANTITY>[0-9]++(?>\.[0-9]++)?+"
    r"(?:%|(?>e?(?:min|mo|h|d|w|q|y)(?>[0-9]++(?>\.[0-9]++)?+e?(?:min|mo|h|d|w|q|y))*+)?+)"
    r"(?>\s++[A-Z]{3}\b)?+(?>\s++per\s++(?:hour|day|week|month|quarter|year)\b)?+"
    r"(?![A-Za-z0-9_%]))"
    r"|(?P<BAD_NUMBER>[0-9][A-Za-z0-9_.%]*+)"
    r"|(?P<NAME>[A-Za-z][A-Za-z0-9_]*+(?>-[A-Za-z0-9_]++)*+)"
    r"|(?P<CMP>>=|<=|!=|=|>|<)"
    r"|(?P<PUNCTUATION>[{}().,+*/-])"
    r"|(?P<BAD>.)",
    re.DOTALL,
)

_BAD: Final = {
    "OPEN_MODEL": ("this text is never closed", 'close it with """'),
    "OPEN_STRING": ("this text is not closed on its line", 'write adjacent texts: "…" "…"'),
    "BAD_NUMBER": ("this is no number, share, duration or rate", "e.g. 3, 15%, 1d4h, 2 per month"),
    "BAD": ("this character means nothing here", "remove it; prose stands in quotes"),
}


class Lexeme(NamedTuple):
    """A token before its terminal is known: `type` is a group of the lexer."""

    type: str
    text: str
    start: int
    end: int


class Broken(Exception):
    """A text that does not follow the grammar: what, and where.

    `whole` is how many tokens before the place make up a whole text, or 0.
    """

    def __init__(self, message: str, start: int, end: int, help: str = "", whole: int = 0) -> None:
        super().__init__(message)
        self.message, self.start, self.end, self.help = message, start, end, help
        self.whole = whole

    def problem(self, source: Source) -> Problem:
        """The problem in that source."""
        return Problem(self.message, Span(source, self.start, self.end), self.help)


@cache
def parser() -> Lark:
    """The LALR parser of the rules language."""
    text = (shipped("grammar") / "rules.lark").read_text(encoding="utf-8")
    return Lark(
        text, parser="lalr", start=list(STARTS), propagate_positions=True, maybe_placeholders=True
    )


@cache
def _terminals() -> dict[str, str]:
    """The terminal of every fixed text of the grammar."""
    return {t.pattern.value: t.name for t in parser().terminals if t.pattern.type == "str"}


@cache
def reserved() -> frozenset[str]:
    """The words of the grammar that mean something where a value may begin: no name may be one."""
    table: Any = parser().parse_interactive(start="value").parser_state.parse_conf.parse_table
    words = {terminal: text for text, terminal in _terminals().items() if text[0].isalpha()}
    begins = [row for row in table.states.values() if {"NAME", "LPAR", "QUANTITY"} <= row.keys()]
    return frozenset(words[terminal] for row in begins for terminal in row if terminal in words)


def lexemes(text: str, start: int = 0, end: int | None = None) -> list[Lexeme]:
    """The tokens of a stretch of text, spaces and comments left out."""
    stop = len(text) if end is None else end
    return [
        Lexeme(match.lastgroup or "BAD", match.group(), match.start(), match.end())
        for match in _LEXEMES.finditer(text, start, stop)
        if match.lastgroup != "SPACE"
    ]


def items(source: Source) -> tuple[list[Item], list[Problem]]:
    """The top-level items of a rule file, and everything in it that cannot be read."""
    found: list[Item] = []
    problems = list(_hidden(source))
    for tokens in _split(lexemes(source.text)):
        if tokens[0].text not in ITEM_WORDS or tokens[0].type != "NAME":
            problems.append(_stray(source, tokens[0]))
            continue
        try:
            found.append(Item(parse(tokens, "item")))
        except Broken as broken:
            if tokens[0].text == "rule":
                item = _salvage(source, tokens, problems)
                if item is not None:
                    found.append(item)
            else:
                problems.append(broken.problem(source))
    return found, problems


def _hidden(source: Source) -> Iterator[Problem]:
    """One problem for each run of control or direction characters comments included."""
    for match in re.finditer(HIDDEN, source.text):
        span = Span(source, match.start(), match.end())
        yield Problem(f"the character U+{ord(match[0][0]):04X} is not allowed", span, "remove it")


def _stray(source: Source, token: Lexeme) -> Problem:
    """What to say about a token at the top of a file that begins no item."""
    span = Span(source, token.start, token.end)
    if token.type in _BAD:
        message, help = _BAD[token.type]
        return Problem(message, span, help)
    help = "a rule file holds: rule NAME { … }, define …, adjust NAME { … }, disable NAME …"
    return Problem(f"expected rule, define, adjust or disable, not `{token.text}`", span, help)


def _split(tokens: Sequence[Lexeme]) -> Iterator[list[Lexeme]]:
    """The tokens of each top-level item: an item word outside all braces begins one.

    `rule NAME {` begins one everywhere, so that a brace left open swallows no other rule.
    """
    current: list[Lexeme] = []
    depth = 0
    for index, token in enumerate(tokens):
        starts = token.type == "NAME" and token.text in ITEM_WORDS
        if starts and depth > 0:
            starts = token.text == "rule" and _opens(tokens[index + 1 : index + 3])
        if starts and current and not (depth == 0 and current[-1].text == "."):
            yield current
            current, depth = [], 0
        current.append(token)
        if token.type == "PUNCTUATION":
            depth = max(0, depth + {"{": 1, "}": -1}.get(token.text, 0))
            if token.text == "}" and depth == 0 and current[0].text in {"rule", "adjust"}:
                yield current
                current = []
    if current:
        yield current


def _opens(following: Sequence[Lexeme]) -> bool:
    """Whether `NAME {` follows."""
    return len(following) == 2 and following[0].type == "NAME" and following[1].text == "{"


def _salvage(source: Source, tokens: list[Lexeme], problems: list[Problem]) -> Item | None:
    """The rule made of those clauses that can be read; what cannot goes to `problems`."""
    at = next((i for i, token in enumerate(tokens[:6]) if token.text == "{"), None)
    if at != 2 or tokens[1].type != "NAME":
        try:
            parse(tokens, "item")
        except Broken as broken:
            problems.append(broken.problem(source))
        return None
    body = tokens[at + 1 :]
    if body and body[-1].text == "}":
        body = body[:-1]
    elif not any(token.type in {"OPEN_STRING", "OPEN_MODEL"} for token in body):
        problems.append(
            Problem("this rule is never closed", Span(source, *tokens[1][2:]), "end it with }")
        )
    name = _leaf(tokens[1])
    clauses: list[Node | None] = []
    broken_clauses: list[Clause] = []
    waiting = list(reversed(list(_clauses(source.text, body))))
    while waiting:
        clause = waiting.pop()
        try:
            clauses.append(parse(clause, "clause"))
        except Broken as broken:
            if broken.whole and clause[broken.whole].text in CLAUSE_WORDS:
                waiting += [clause[broken.whole :], clause[: broken.whole]]
                continue
            problems.append(broken.problem(source))
            names = clause[1].text if len(clause) > 1 else None
            defines = names if clause[0].text in {"let", "param"} else None
            broken_clauses.append(Clause(clause[0].text, defines))
    node = Node("rule", tokens[0].start, tokens[-1].end, (name, *clauses))
    return Item(node, tuple(broken_clauses))


def _clauses(text: str, tokens: Sequence[Lexeme]) -> Iterator[list[Lexeme]]:
    """The tokens of each clause: a clause word that is the first of its line begins one."""
    current: list[Lexeme] = []
    for token in tokens:
        if token.type == "NAME" and token.text in CLAUSE_WORDS and current:
            gap = text[current[-1].end : token.start]
            if "\n" in gap or ";" in gap:
                yield current
                current = []
        current.append(token)
    if current:
        yield current


def _leaf(token: Lexeme) -> Node:
    return Node(token.type, token.start, token.end, (), token.text)


def parse(tokens: Sequence[Lexeme], start: str) -> Node:
    """The tree of the tokens, read as one of `STARTS`.

    Raises:
        Broken: the tokens do not follow the grammar.
    """
    if len(tokens) > TOKENS:
        raise Broken(f"more than {TOKENS:,} words in one item", tokens[0].start, tokens[0].end)
    machine = parser().parse_interactive(start=start)
    state: Any = machine.parser_state
    states: Any = state.parse_conf.parse_table.states
    nesting = 0
    for index, token in enumerate(tokens):
        nesting += {"(": 1, "{": 1, ")": -1, "}": -1}.get(token.text, 0)
        if nesting > NESTING:
            raise Broken("nested too deeply", token.start, token.end)
        accepted = states[state.position]
        terminal = _terminal(token, accepted)
        if terminal is None:
            raise _unexpected(tokens, index, accepted)
        try:
            machine.feed_token(Token(terminal, token.text, token.start, end_pos=token.end))
        except UnexpectedToken:
            raise _unexpected(tokens, index, states[state.position]) from None
    end = Token("$END", "", tokens[-1].end, end_pos=tokens[-1].end)
    try:
        return _node(machine.feed_eof(end))  # type: ignore[no-untyped-call]
    except UnexpectedToken:
        last = tokens[-1]
        expected = _expected(states[state.position])
        help = expected or "finish it"
        raise Broken("this ends too early", last.start, last.end, help) from None


def _terminal(token: Lexeme, accepted: Any) -> str | None:
    """The terminal as which a token can be read in a state; a word of the grammar first."""
    fixed = _terminals().get(token.text)
    if fixed in accepted:
        return fixed
    if "LPAR" in accepted and token.text in reserved():
        return None
    return token.type if token.type in accepted else None


def _unexpected(tokens: Sequence[Lexeme], index: int, accepted: Any) -> Broken:
    """What to say about a token that cannot stand where it stands."""
    token = tokens[index]
    if token.type in _BAD:
        return Broken(_BAD[token.type][0], token.start, token.end, _BAD[token.type][1])
    if token.text in {"and", "or"} and _mixed(tokens, index):
        return Broken(
            "`and` and `or` may not be mixed without parentheses",
            token.start,
            token.end,
            "write (a and b) or c, or a and (b or c)",
        )
    if token.text in {"where", "every"}:
        return Broken(
            f"a phrase with `{token.text}` must stand in parentheses beside `and`, `or` and `not`",
            token.start,
            token.end,
            "write … and (some step of stream where step.kind = testing)",
        )
    whole = index if "$END" in accepted or not accepted else 0
    message = f"`{shortened(token.text, 40)}` cannot stand here"
    return Broken(message, token.start, token.end, _expected(accepted), whole)


def _mixed(tokens: Sequence[Lexeme], index: int) -> bool:
    """Whether the other connective joins conditions at the same level before a token."""
    other = {"and": "or", "or": "and"}[tokens[index].text]
    depth = 0
    for token in reversed(tokens[:index]):
        depth += {")": 1, "(": -1}.get(token.text, 0)
        if depth < 0 or (depth == 0 and token.text in {"when", "unless", "="} | CLAUSE_WORDS):
            return False
        if depth == 0 and token.text == other:
            return True
    return False


_SHOWN: Final = {
    "NAME": "a name", "STRING": "a text", "MODEL": 'a model in """…"""', "QUANTITY": "a number",
    "DATE": "a date", "CMP": "a comparison", "$END": "the end",
}  # fmt: skip


def _expected(accepted: Any) -> str:
    """The words that a state accepts, as a sentence part."""
    texts = {terminal: text for text, terminal in _terminals().items()}
    shown = sorted({_SHOWN.get(name) or texts.get(name, "") for name in accepted} - {""})
    if not shown or len(shown) > 8:
        return ""
    return "expected " + (", ".join(shown[:-1]) + " or " if len(shown) > 1 else "") + shown[-1]


def _node(tree: Any, depth: int = 0) -> Node:
    """The same tree as nodes.

    Raises:
        Broken: the tree is deeper than any sensible rule.
    """
    if isinstance(tree, Token):
        return Node(tree.type, tree.start_pos or 0, tree.end_pos or 0, (), str(tree))
    start, end = (0, 0) if tree.meta.empty else (tree.meta.start_pos, tree.meta.end_pos)
    if depth > DEPTH:
        raise Broken("nested too deeply", start, end)
    children = tuple(None if c is None else _node(c, depth + 1) for c in tree.children)
    return Node(str(tree.data), start, end, children)
