"""The grammars of both languages as parsers, without paying for their tables at start-up.

Tables are prepared as JSON of lark's own `serialize()` and shipped beside the grammar. They are
used only when this version of lark made them from this grammar text; else they are computed.
JSON, because the pickles that lark caches would run whatever a stranger put in their place.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import lark
from lark.common import LexerConf
from lark.grammar import Rule
from lark.lexer import Lexer, TerminalDef

from orgdiag.source import shipped


def parser(name: str, starts: tuple[str, ...], lexer: type[Lexer], transformer: Any) -> lark.Lark:
    """The parser of a grammar, reading with a lexer class and building with a transformer.

    Args:
        name: the grammar's file without its ending, `model` or `rules`.
        starts: the rules at which a text may start.
        lexer: makes tokens of whatever the parser is given.
        transformer: has a method for each rule; builds while the parser runs.
    """
    text = (shipped("grammar") / f"{name}.lark").read_text(encoding="utf-8")
    tables = _prepared(name, text)
    if tables is None:
        return lark.Lark(
            text, parser="lalr", lexer=lexer, start=list(starts), transformer=transformer
        )
    tables["data"]["options"] |= {"lexer": lexer, "transformer": transformer}
    tables["data"]["parser"]["lexer_conf"]["lexer_type"] = lexer
    return lark.Lark.load(tables)


def tables(name: str, starts: tuple[str, ...]) -> str:
    """The prepared tables of a grammar as JSON text: what stands in `grammar/NAME.tables.json`."""
    text = (shipped("grammar") / f"{name}.lark").read_text(encoding="utf-8")
    built = lark.Lark(text, parser="lalr", lexer="basic", start=list(starts))
    data, memo = built.memo_serialize([TerminalDef, Rule])
    data["options"] = {"parser": "lalr", "start": list(starts), "maybe_placeholders": True}
    content = {"key": _key(text), "data": _to_json(data), "memo": _to_json(memo)}
    return json.dumps(content, separators=(",", ":"), sort_keys=True) + "\n"


def _prepared(name: str, text: str) -> dict[str, Any] | None:
    try:
        content = json.loads((shipped("grammar") / f"{name}.tables.json").read_bytes())
    except (OSError, ValueError):
        return None
    if content.get("key") != _key(text):
        return None
    return {"data": _from_json(content["data"]), "memo": _from_json(content["memo"])}


def _key(text: str) -> str:
    return f"lark {lark.__version__} {sha256(text.encode()).hexdigest()}"


def _to_json(value: Any) -> Any:
    """The value with every dictionary that has numbers for keys written as a list of pairs."""
    if isinstance(value, dict):
        pairs = [(key, _to_json(item)) for key, item in value.items()]
        return dict(pairs) if all(isinstance(key, str) for key in value) else {"#": pairs}
    if isinstance(value, list | tuple):
        return [_to_json(item) for item in value]
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        if len(value) == 1 and "#" in value:
            return {key: _from_json(item) for key, item in value["#"]}
        return {key: _from_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_from_json(item) for item in value]
    return value


__all__ = ["Lexer", "LexerConf", "parser", "tables"]
