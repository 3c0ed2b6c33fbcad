"""TOML for tests: data of every kind, written in any of the ways in which TOML can say it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from random import Random
from typing import Any

from hypothesis import strategies as st

BARE = re.compile(r"[A-Za-z0-9_-]+")
PLAIN = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f']*")
SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
COMMENTS = ("", " ", "# a = 1", ' # [x] = "', "\t# '''")
Path = tuple[str, ...]


class Huge(int):
    """A number that Python reads, as it is written, and does not print in decimal digits."""

    def __repr__(self) -> str:
        return hex(self)


HUGE = Huge(16**3900)
NAMES = st.one_of(
    st.sampled_from(
        ("a", "b", "rules", "1", "-", "a-b", "", "a b", "a.b", "=", "#", "]", "[", "{")
    ),
    st.text(st.characters(codec="utf-8"), max_size=4),
)
TEXTS = st.one_of(
    st.sampled_from(('"', "'", '""', "\\", "a = 1\n[b]\n", "# no", "''", "\n", "}\n]", '\\"')),
    st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=8),
)
SCALARS = st.one_of(
    TEXTS, st.booleans(), st.integers(-(10**15), 10**15), st.dates(), st.times(), st.datetimes(),
    st.floats(allow_nan=False), st.just(HUGE),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(NAMES, inner, max_size=3),
        st.lists(st.dictionaries(NAMES, inner, max_size=2), min_size=1, max_size=3),
    ),
    max_leaves=12,
)


def written(data: Mapping[str, Any], chance: Random) -> str:
    """The data as a TOML text."""
    root, sections = _table(data, (), chance)
    lines = [*root, *(line for section in sections for line in section)]
    end = chance.choice(("\n", "\r\n"))
    text = "\n".join(lines) + chance.choice(("", "\n"))
    return text.replace("\n", end)


def _table(
    data: Mapping[str, Any], path: Path, chance: Random
) -> tuple[list[str], list[list[str]]]:
    """The lines of a table's own entries, and the sections of the tables below it in any order."""
    lines, blocks = list[str](), list[list[list[str]]]()
    for key, value in data.items():
        below = (*path, key)
        if isinstance(value, dict) and chance.random() < 0.5:
            own, sections = _table(value, below, chance)
            if own or not sections or chance.random() < 0.5:
                own = [_header("[", below, "]", chance), *own]
                sections = [own, *sections] if chance.random() < 0.7 else [*sections, own]
            blocks.append(sections)
        elif _tables(value) and chance.random() < 0.5:
            blocks.append([])
            for each in value:
                own, sections = _table(each, below, chance)
                blocks[-1] += [[_header("[[", below, "]]", chance), *own], *sections]
        else:
            lines += _entry((key,), value, chance)
        lines += _blank(chance)
    chance.shuffle(blocks)
    return lines, [section for block in blocks for section in block]


def _tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _header(opens: str, path: Path, closes: str, chance: Random) -> str:
    space, comment = _space(chance), chance.choice(COMMENTS)
    return f"{space}{opens}{space}{_key(path, chance)}{_space(chance)}{closes}{comment}"


def _entry(key: Path, value: Any, chance: Random) -> Iterator[str]:
    """A key and its value; of a table each entry may stand for itself, with a key of more parts."""
    if isinstance(value, dict) and value and chance.random() < 0.5:
        for name, inner in value.items():
            yield from _entry((*key, name), inner, chance)
        return
    said = f"{_key(key, chance)}{_space(chance)}={_space(chance)}{_value(value, chance)}"
    yield f"{_space(chance)}{said}{chance.choice(COMMENTS)}"


def _blank(chance: Random) -> list[str]:
    return [chance.choice(COMMENTS)] if chance.random() < 0.3 else []


def _space(chance: Random) -> str:
    return chance.choice(("", "", " ", "\t "))


def _key(path: Path, chance: Random) -> str:
    dot = f"{_space(chance)}.{_space(chance)}"
    return dot.join(_part(part, chance) for part in path)


def _part(name: str, chance: Random) -> str:
    """A name, bare, in single or in double quotes."""
    way = chance.random()
    if way < 0.5 and BARE.fullmatch(name):
        return name
    if way < 0.7 and PLAIN.fullmatch(name):
        return f"'{name}'"
    return f'"{_escaped(name, chance)}"'


def _escaped(text: str, chance: Random, keep: str = "") -> str:
    """A text for double quotes: what must be escaped, and now and then what need not be."""
    return "".join(_escape(each, chance, keep) for each in text)


def _escape(each: str, chance: Random, keep: str) -> str:
    if each in keep or (each >= " " and each not in '"\\\x7f' and chance.random() < 0.8):
        return each
    if each in SHORT and chance.random() < 0.7:
        return SHORT[each]
    form = "\\u%04x" if ord(each) < 1 << 16 and chance.random() < 0.7 else "\\U%08X"
    return form % ord(each)


def _value(value: Any, chance: Random) -> str:
    if isinstance(value, str):
        return _text(value, chance)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return (
            repr(value) if isinstance(value, Huge) else chance.choice((str, "{:_}".format))(value)
        )
    if isinstance(value, (date, datetime, time)):
        return value.isoformat()
    if isinstance(value, list):
        return _list(value, chance)
    if isinstance(value, dict):
        inner = [f"{_space(chance)}{text}{_space(chance)}" for text in _inline(value, chance)]
        return "{" + ",".join(inner) + "}"
    return repr(value)


def _inline(value: Mapping[str, Any], chance: Random) -> Iterator[str]:
    for name, inner in value.items():
        key, value = _dotted((name,), inner, chance)
        yield f"{_key(key, chance)}{_space(chance)}={_space(chance)}{_value(value, chance)}"


def _dotted(key: Path, value: Any, chance: Random) -> tuple[Path, Any]:
    """A table of one entry may be written into the key."""
    if isinstance(value, dict) and len(value) == 1 and chance.random() < 0.5:
        ((name, inner),) = value.items()
        return _dotted((*key, name), inner, chance)
    return key, value


def _list(value: Sequence[Any], chance: Random) -> str:
    """On one line, or on several with comments between."""
    gaps = ("", " ", "\n", " # ] = x\n", "\n\t# [a]\n\n")
    inner = "".join(
        f"{chance.choice(gaps)}{_value(each, chance)}{chance.choice(gaps)}," for each in value
    )
    last = inner if chance.random() < 0.5 else inner.removesuffix(",")
    return f"[{last}{chance.choice(gaps)}]"


def _text(text: str, chance: Random) -> str:
    """In single or double quotes, on one line or several."""
    way = chance.random()
    if way < 0.25 and PLAIN.fullmatch(text):
        return f"'{text}'"
    if way < 0.5 and PLAIN.fullmatch(text.replace("\n", "")):
        return f"'''\n{text}'''"
    if way < 0.75:
        keep = "\n" if '""' in text else '\n"'
        fold = "\\\n  " if chance.random() < 0.3 and not text[:1].isspace() else ""
        return f'"""\n{fold}{_escaped(text, chance, keep)}"""'
    return f'"{_escaped(text, chance)}"'
