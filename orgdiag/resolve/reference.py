"""The vocabulary of the model language as Markdown, made from the schema that also reads models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from orgdiag.docstring import docstring
from orgdiag.model.elements import ELEMENTS
from orgdiag.model.schema import Property, schema
from orgdiag.model.vocabularies import NEED_KINDS, OBSERVATION_WAYS, WAIT_REASONS
from orgdiag.resolve.changes import ChangeWords
from orgdiag.resolve.elements import table
from orgdiag.resolve.values import LOOKS

# How statements with a syntax of their own are written.
FORMS: Final[Mapping[str, str]] = {
    "accept": 'RULE until DATE because "…"',
    "after": "STEP, STEP; `none` makes a start",
    "api": '{ docs "…"; contact "…"; hours "…"; support "…" }',
    "changes": "COMPONENT SHARE, COMPONENT SHARE",
    "cognitive-load": 'low, ok or high, and "what says so"',
    "deploy": "independent, with COMPONENT or train COORDINATION",
    "handoff": "STEP -> STEP { artefact …; wait … }",
    "lead-time": "request-to-delivery or commit-to-production, and a duration",
    "link": 'WORD "address"',
    "members-shared-with": "TEAM SHARE, TEAM SHARE",
    "needs": f"KIND from TEAM {{ … }}; KIND is {', '.join(NEED_KINDS)}, or a capability's id",
    "note": '"…"',
    "observed": f"DATE by WAY, WAY with ROLE, ROLE; ways: {', '.join(OBSERVATION_WAYS)}",
    "on-call": "self, none, shared-with TEAM or other TEAM",
    "rework": "SHARE to STEP",
    "role": 'WORD "name of the role"',
    "source": 'measured, interview, estimate or design, and "…"',
    "step": 'ID "name" { … }',
    "tag": "WORD, WORD",
    "target": "request-to-delivery or commit-to-production, and a duration",
    "wait": f"{{ REASON DURATION; … }}; reasons: {', '.join(WAIT_REASONS)}",
}
_ALL: Final = ("accept", "link", "note", "tag")
_MEANS: Final[Mapping[str, str]] = {
    "manual": "says no to `automated`",
    "occasional": "says no to `routine`",
    "step": "a step of the stream",
    "handoff": "annotates the border between two steps",
    "lead-time": "one of the two clocks",
    "target": "what is aimed at",
    "role": "a role in the team, never a person",
}


def markdown(operations: ChangeWords) -> str:
    """One table for each kind of element, and one for what every element may carry."""
    parts = [_section("Every element", [(word, FORMS[word], _EVERY[word]) for word in _ALL])]
    for kind, cls in ELEMENTS.items():
        doc = docstring(cls).split("\n")[0].split("; `")[0].split(". `")[0].rstrip(".")
        parts.append(_section(f"`{kind}`: {doc[:1].lower()}{doc[1:]}", _rows(kind, operations)))
    return "\n".join(parts)


_EVERY: Final[Mapping[str, str]] = {
    "accept": "accepts a finding about the element until a day, for a reason",
    "link": "a labelled address",
    "note": "a sentence; `x-anything …` is kept and shown in the same way",
    "tag": "words that rules can read, and that mean nothing else",
}


def _rows(kind: str, operations: ChangeWords) -> list[tuple[str, str, str]]:
    known = schema(kind)
    rows = [
        (word, _value(word, known.get(word)), _meaning(kind, word, known.get(word)))
        for word in {*table(kind), *(["occasional"] if kind == "need" else [])}
        if word not in _ALL
    ]
    if kind == "change":
        rows += [(word, form, "an operation") for word, _, form in operations]
    return sorted(rows)


def _value(word: str, prop: Property | None) -> str:
    if word in ("manual", "occasional"):
        return "the word alone"
    if prop is None:
        return FORMS.get(word, "")
    if prop.type.base == "flag":
        return "the word alone; `no` or `unknown` after it"
    if prop.type.base == "form" or word == "after":
        return FORMS.get(word, "")
    if prop.type.base == "reference":
        ids = " or ".join(kind.upper() for kind in prop.type.kinds)
        return f"{ids}, …" if prop.type.many else ids
    if prop.type.base == "word":
        legal = ", ".join([*prop.type.words, *["none"] * prop.nothing]) or "WORD"
        return f"{legal}, …" if prop.type.many else legal
    looks = LOOKS[prop.type.base]
    return ", ".join([looks, *prop.type.words])


def _meaning(kind: str, word: str, prop: Property | None) -> str:
    if prop is None:
        return _MEANS.get(word, "")
    owner = "; `ID from DATE` names a later one" if "successors" in schema(kind) else ""
    return prop.doc + (owner if word == "owner" else "")


def _section(title: str, rows: list[tuple[str, str, str]]) -> str:
    lines = [f"### {title}\n", "| word | value | meaning |", "|---|---|---|"]
    for word, value, meaning in rows:
        lines.append(f"| `{word}` | {value} | {meaning} |")
    return "\n".join(lines) + "\n"


def page(text: str, operations: ChangeWords) -> str:
    """The page with its vocabulary as the schema has it: all that follows the mark."""
    mark = "<!-- vocabulary -->\n"
    return text.partition(mark)[0] + mark + markdown(operations)
