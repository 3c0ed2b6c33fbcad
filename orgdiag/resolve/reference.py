"""The vocabulary of the model language as Markdown, made from the schema that also reads models."""

from __future__ import annotations

from typing import Final

from orgdiag.docstring import docstring
from orgdiag.model.elements import ELEMENTS
from orgdiag.model.form import Form
from orgdiag.model.schema import Property, schema
from orgdiag.model.values import LOOKS
from orgdiag.resolve.elements import Operations
from orgdiag.resolve.shown import syntax


def markdown(operations: Operations) -> str:
    """One table for each kind of element, and one for what every element may carry."""
    every = [row for row in _rows("", ()) if row[0] in _COMMON]
    parts = [_section("Every element", every)]
    for kind, cls in ELEMENTS.items():
        doc = docstring(cls).split("\n")[0].split("; `")[0].split(". `")[0].rstrip(".")
        rows = [row for row in _rows(kind, operations) if row[0] not in _COMMON]
        parts.append(_section(f"`{kind}`: {doc[:1].lower()}{doc[1:]}", rows))
    return "\n".join(parts)


_COMMON: Final = ("accept", "link", "note", "tag")


def _rows(kind: str, operations: Operations) -> list[tuple[str, str, str]]:
    """Word, value and meaning of every statement that an element of the kind may hold."""
    rows = [("step", 'ID "name" { … }', "a step of the stream")] if kind == "stream" else []
    formed: dict[str, list[Property]] = {}
    for name, prop in schema(kind).items():
        if prop.form is not None:
            formed.setdefault(prop.form.word, []).append(prop)
            continue
        rows.append((name, _value(prop), prop.doc))
        if prop.denial:
            rows.append((prop.denial, "the word alone", f"says no to `{name}`"))
    for name, props in formed.items():
        forms = [prop.form for prop in props if prop.form is not None]
        docs = dict.fromkeys(prop.doc for prop in props)
        rows.append((name, syntax(forms), "; ".join(docs)))
    if kind == "change":
        words: dict[str, list[Form]] = {}
        for form in operations:
            words.setdefault(form.word, []).append(form)
        rows += [(name, syntax(forms), "an operation") for name, forms in words.items()]
    return sorted(rows, key=lambda row: row[0])


def _value(prop: Property) -> str:
    if prop.type.base == "flag":
        return "the word alone; `no` or `unknown` after it"
    if prop.type.base == "reference":
        ids = " or ".join(kind.upper() for kind in prop.type.kinds)
        return f"{ids}, …" if prop.type.many else ids
    if prop.type.base == "word":
        legal = ", ".join([*prop.type.words, *["none"] * prop.nothing]) or "WORD"
        return f"{legal}, …" if prop.type.many else legal
    looks = LOOKS[prop.type.base]
    return ", ".join([looks, *prop.type.words])


def _section(title: str, rows: list[tuple[str, str, str]]) -> str:
    lines = [f"### {title}\n", "| word | value | meaning |", "|---|---|---|"]
    for word, value, meaning in rows:
        lines.append(f"| `{word}` | {value} | {meaning} |")
    return "\n".join(lines) + "\n"


def page(text: str, operations: Operations) -> str:
    """The page with its vocabulary as the schema has it: all that follows the mark."""
    mark = "<!-- vocabulary -->\n"
    return text.partition(mark)[0] + mark + markdown(operations)
