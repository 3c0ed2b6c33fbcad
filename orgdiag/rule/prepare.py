"""Checked rules as JSON, so that a run neither parses nor checks what was checked before.

The key is made of everything that the result depends on: the texts, the words of the catalogue and
the code that checks. A wheel carries its rules prepared (see `hatch_build.py`); anything else is
kept in a private folder of the user. JSON holds data only: nothing in it is ever run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from orgdiag.catalogue import Catalogue
from orgdiag.files.opening import Anchored, is_private
from orgdiag.files.reading import plain_bytes, shipped_bytes
from orgdiag.files.writing import leave_newest, write_whole
from orgdiag.finding import Severity
from orgdiag.media.indented import Json, compact
from orgdiag.model.types import Type
from orgdiag.rule.rule import Definition, Example, Param, Rule, RuleSet
from orgdiag.text.source import Source, shipped

NAME: Final = "prepared.json"
_KEPT: Final = 20
_LIMIT: Final = 64 << 20  # bytes
_SIMPLE: Final = ("name", "group", "title", "kind", "start", "why", "slots", "pack")
_LISTS: Final = ("see", "tags", "cautions", "uses")


def key_of(texts: Iterable[tuple[str, str, str]], words: Catalogue) -> str:
    """The key of a set of rule files: pack, path and text of each."""
    digest = sha256()
    for code in _code():
        digest.update(code)
    for word in _words(words):
        digest.update(word.encode())
    for entry in texts:
        for part in entry:
            digest.update(f"{len(part)}:{part}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _code() -> Iterator[bytes]:
    """The grammar and the code that parses and checks."""
    yield shipped_bytes(f"{shipped('grammar')}/rules.lark")
    with os.scandir(Path(__file__).parent) as entries:
        for path in sorted(entry.path for entry in entries if entry.name.endswith(".py")):
            yield shipped_bytes(path)


def _words(words: Catalogue) -> Iterable[str]:
    for kind, known in words.fields.items():
        for name, field in known.items():
            type = field.type
            yield f"{kind}.{name} {type.base} {type.words} {type.kinds} {type.many}\n"


def prepared(rules: RuleSet, key: str) -> Json:
    """The rules as JSON text."""
    content = {
        "key": key,
        "types": [[t.base, t.words, t.kinds, t.many] for t in rules.types],
        "rules": [_rule_data(rule) for rule in rules],
        "definitions": [
            [d.key, d.kind, d.word, [d.type.base, d.type.words, d.type.kinds, d.type.many], d.doc,
             d.slots, d.body, d.uses]
            for d in rules.definitions.values()
        ],
        "disabled": dict(rules.disabled),
    }  # fmt: skip
    return Json("\n").join([compact(content, separators=(",", ":")), Json()])


def _rule_data(rule: Rule) -> dict[str, Any]:
    data: dict[str, Any] = {word: getattr(rule, word) for word in (*_SIMPLE, *_LISTS)}
    data["severity"] = rule.severity.value
    data["path"] = rule.source.path
    data["params"] = [
        [p.name, p.value, p.base, p.low, p.high, p.step, p.doc, p.basis, p.origin]
        for p in rule.params.values()
    ]
    data["examples"] = [
        [e.outcome, e.subjects, e.severity, e.saying, e.needs, e.start, e.end]
        for e in rule.examples
    ]
    data["clauses"] = rule.clauses
    return data


def unprepared(text: bytes, key: str, sources: Sequence[Source]) -> RuleSet | None:
    """The rules of a JSON text, or None when it was made for something else."""
    if not text.startswith(f'{{"key":"{key}",'.encode()):
        return None
    try:
        content = json.loads(text)
        types = tuple(_type(data) for data in content["types"])
        texts = {source.path: source for source in sources}
        rules = {data["name"]: _rule(data, texts, types) for data in content["rules"]}
        definitions = {
            key: Definition(key, kind, word, _type(type), doc, slots, body, tuple(uses))
            for key, kind, word, type, doc, slots, body, uses in content["definitions"]
        }
        disabled = {str(name): str(why) for name, why in content["disabled"].items()}
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None
    return RuleSet(
        MappingProxyType(rules), MappingProxyType(definitions), types, MappingProxyType(disabled)
    )


def _type(data: list[Any]) -> Type:
    base, words, kinds, many = data
    return Type(base, tuple(words), tuple(kinds), many)


def _rule(data: dict[str, Any], texts: dict[str, Source], types: tuple[Type, ...]) -> Rule:
    plain: dict[str, Any] = {word: data[word] for word in _SIMPLE}
    plain |= {word: tuple(data[word]) for word in _LISTS}
    return Rule(
        **plain,
        severity=Severity(data["severity"]),
        source=texts[data["path"]],
        params=MappingProxyType({p[0]: Param(*p) for p in data["params"]}),
        examples=tuple(
            Example(e[0], tuple(e[1]), e[2], e[3], tuple(e[4]), e[5], e[6])
            for e in data["examples"]
        ),
        clauses=data["clauses"],
        types=types,
    )


# --- where it is kept -----------------------------------------------------------------------------


def kept(key: str, sources: Sequence[Source], project: Path) -> RuleSet | None:
    """The rules that were prepared under the key: shipped, or in the user's folder."""
    for text in _texts(key, project):
        rules = unprepared(text, key, sources)
        if rules is not None:
            return rules
    return None


def _texts(key: str, project: Path) -> Iterator[bytes]:
    with suppress(OSError):
        yield (shipped("rules") / NAME).read_bytes()
    at = _own(key, project)
    if at is not None:
        with suppress(OSError):
            yield plain_bytes(at, _LIMIT)


def keep(rules: RuleSet, key: str, project: Path) -> None:
    """Keep the rules for the next run, if there is a folder that only the user can write."""
    at = _own(key, project)
    if at is None:
        return
    with suppress(OSError):
        write_whole(at, prepared(rules, key))
        # Whoever writes rules makes new ones with every change.
        leave_newest(at.root, "rules-*.json", _KEPT)


def _own(key: str, project: Path) -> Anchored | None:
    """Where rules are kept for the user; nowhere without a folder that is the user's alone.

    What somebody else could have written, or what came with the project, might say that all is
    well.
    """
    named = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    home = os.environ.get("HOME")
    folder = Path(named) if named else Path(home) / ".cache" if home else None
    if folder is None or not folder.is_absolute():
        return None
    folder = Path(os.path.realpath(folder / "orgdiag"))
    if any(folder.is_relative_to(os.path.realpath(place)) for place in (project, Path.cwd())):
        return None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        private = is_private(folder)
    except (OSError, ValueError):
        return None
    return Anchored(folder, Path(f"rules-{key[:16]}.json")) if private else None
