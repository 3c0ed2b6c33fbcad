"""The grammar of models as a parser: lark's tables, run by a loop of ours.

lark reads the grammar and computes its LALR tables. They are prepared as JSON and shipped beside
the grammar, so a run neither computes them nor loads lark; they are used only when they were made
from this grammar text. JSON, because the pickles that lark caches would run whatever a stranger
put in their place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple, Protocol

from orgdiag.text.source import shipped

END: Final = "$END"


class Token(Protocol):
    """What a parser reads: something of a terminal."""

    @property
    def type(self) -> str:
        """The name of the terminal."""


class Unexpected(Exception):
    """A token with which no rule goes on."""


class Reduce(NamedTuple):
    """What to do where a rule ends: build one value from the last ones.

    build    the name of what the builder does
    size     from how many values
    origin   what the rule makes, as the tables call it
    """

    build: str
    size: int
    origin: str


Row = Mapping[str, int | Reduce]


class Tables(NamedTuple):
    """The tables of a grammar.

    terminals   the pattern of each terminal
    starts      for each rule at which a text may start: the first and the last state
    states      by number: which state follows on which symbol, or which rule ends
    """

    terminals: Mapping[str, str]
    starts: Mapping[str, tuple[int, int]]
    states: Sequence[Row]


Action = int | tuple[Callable[[list[Any]], Any], int, str]


class Parser:
    """The tables of a grammar for one start, with what builds values while a text is read.

    The builder has a method for each rule, which gets the values of its parts; a rule for which it
    has none makes a list of them.
    """

    def __init__(self, tables: Tables, start: str, builder: object) -> None:
        self.first, self.last = tables.starts[start]
        self.rows = [
            {symbol: _action(what, builder) for symbol, what in row.items()}
            for row in tables.states
        ]

    def parse(self, tokens: Iterable[Token]) -> Any:
        """The value of a whole text.

        Raises:
            Unexpected: no rule goes on with one of the tokens.
        """
        reading = Automaton(self)
        reading.feed(tokens)
        return reading.result()


def _action(what: int | Reduce, builder: object) -> Action:
    if isinstance(what, int):
        return what
    return getattr(builder, what.build, list), what.size, what.origin


class Automaton:
    """One text that is being read."""

    __slots__ = ("_last", "_rows", "_states", "_values")

    def __init__(self, parser: Parser) -> None:
        self._rows = parser.rows
        self._last = parser.last
        self._states = [parser.first]
        self._values: list[Any] = []

    def feed(self, tokens: Iterable[Token]) -> None:
        """Go on with tokens.

        Raises:
            Unexpected: no rule goes on with one of them.
        """
        rows, states, values = self._rows, self._states, self._values
        for token in tokens:
            symbol = token.type
            action = rows[states[-1]].get(symbol)
            while action.__class__ is tuple:
                self._reduce(*action)
                action = rows[states[-1]].get(symbol)
            if action is None:
                raise Unexpected(symbol)
            states.append(action)  # type: ignore[arg-type]
            values.append(token)

    def result(self) -> Any:
        """The value of the text, which is over.

        Raises:
            Unexpected: it cannot be over here.
        """
        while self._states[-1] != self._last:
            action = self._rows[self._states[-1]].get(END)
            if not isinstance(action, tuple):
                raise Unexpected(END)
            self._reduce(*action)
        return self._values[-1]

    def accepted(self) -> Iterable[str]:
        """The symbols that may come next."""
        return self._rows[self._states[-1]]

    def _reduce(self, build: Callable[[list[Any]], Any], size: int, origin: str) -> None:
        states, values = self._states, self._values
        parts: list[Any] = []
        if size:
            parts = values[-size:]
            del values[-size:], states[-size:]
        values.append(build(parts))
        states.append(self._rows[states[-1]][origin])  # type: ignore[arg-type]


# --- where the tables come from -------------------------------------------------------------------


def tables(name: str, starts: tuple[str, ...]) -> Tables:
    """The tables of a grammar: those that ship, if they were made from it, else computed.

    Args:
        name: the grammar's file without its ending.
        starts: the rules at which a text may start.
    """
    text = (shipped("grammar") / f"{name}.lark").read_text(encoding="utf-8")
    return _prepared(name, text) or _computed(text, starts)


def prepared(name: str, starts: tuple[str, ...]) -> str:
    """The tables of a grammar as JSON text: what stands in `grammar/NAME.tables.json`."""
    text = (shipped("grammar") / f"{name}.lark").read_text(encoding="utf-8")
    content = {"grammar": _key(text), **_computed(text, starts)._asdict()}
    return json.dumps(content, separators=(",", ":")) + "\n"


def _key(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _prepared(name: str, text: str) -> Tables | None:
    try:
        content = json.loads((shipped("grammar") / f"{name}.tables.json").read_bytes())
    except (OSError, ValueError):
        return None
    if content.get("grammar") != _key(text):
        return None
    states = [
        {symbol: Reduce(*what) if isinstance(what, list) else what for symbol, what in row.items()}
        for row in content["states"]
    ]
    return Tables(content["terminals"], content["starts"], states)


def _computed(text: str, starts: tuple[str, ...]) -> Tables:
    import lark

    built = lark.Lark(text, parser="lalr", lexer="basic", start=list(starts))
    table = built.parse_interactive("", start=starts[0]).parser_state.parse_conf.parse_table
    return Tables(
        {terminal.name: terminal.pattern.to_regexp() for terminal in built.terminals},
        {start: (table.start_states[start], table.end_states[start]) for start in starts},
        [
            {symbol: _follows(what) for symbol, (_, what) in table.states[number].items()}
            for number in sorted(table.states)
        ],
    )


def _follows(what: Any) -> int | Reduce:
    """A state, or what to do at the end of one of lark's rules."""
    if isinstance(what, int):
        return what
    return Reduce(what.alias or what.origin.name, len(what.expansion), what.origin.name)
