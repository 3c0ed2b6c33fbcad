"""How well the reader recovers from a break: `python tests/recovery.py [NUMBER] [SEED]`.

A sound text is broken at one place (a token deleted, doubled, replaced, inserted, or a string left
open). Counted are the breaks that are found within a line of the place, the findings beyond the
first (spurious), and the other top-level blocks that are kept unchanged.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orgdiag.parse import parse
from orgdiag.resolve import resolve
from orgdiag.text.source import Source
from orgdiag.whatif import operations

ROOT = Path(__file__).parent.parent
TEXTS = (ROOT / "tests/identity.orgd", ROOT / "examples/meridian/meridian.orgd")
TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|[{}]|[^\s{}"#,;]+|[,;]')
WAYS = ("delete", "double", "replace", "insert", "unquote")


@dataclass
class Score:
    """What was counted over a number of breaks.

    breaks    how many broken texts have a finding that the sound text has not
    found     in how many of them one lies within a line of the break
    spurious  findings of the reader beyond the first, over all of them
    blocks    untouched top-level blocks, and how many of them are `kept`
    """

    breaks: int = 0
    found: int = 0
    spurious: int = 0
    blocks: int = 0
    kept: int = 0


def broken(text: str, chance: random.Random, way: str) -> tuple[str, int]:
    """The text with one break, and the offset of the break."""
    tokens = [m for m in TOKEN.finditer(text) if not m[0].startswith("#")]
    if way == "unquote":
        tokens = [m for m in tokens if m[0].startswith('"')]
    at = chance.choice(tokens)
    start, end, old = at.start(), at.end(), at[0]
    new = {
        "delete": "", "double": f"{old} {old}", "replace": chance.choice("{}@=:"),
        "insert": f"{chance.choice('{}@')} {old}", "unquote": old[:-1],
    }[way]  # fmt: skip
    return text[:start] + new + text[end:], start


def blocks(text: str) -> dict[str, str]:
    """Each top-level block of a text by its first line."""
    found = {}
    for statement in parse(Source("m.orgd", text)).statements:
        found[" ".join(statement.text.split()[:3])] = _shape(statement)
    return found


def _shape(statement: object) -> str:
    inner = "".join(map(_shape, statement.body or ()))  # type: ignore[attr-defined]
    return f"({' '.join(statement.text.split())}{inner})"  # type: ignore[attr-defined]


def lines_of(text: str) -> list[int]:
    """The lines of the findings of the reader."""
    parsed = parse(Source("m.orgd", text))
    return [
        f.span.line
        for f in resolve((parsed,), operations=operations.forms()).findings
        if f.rule != "unresolved-reference"
    ]


def measured(number: int, seed: int) -> Score:
    """The score over so many breaks of each kind and text."""
    chance, score = random.Random(seed), Score()
    for path in TEXTS:
        text = path.read_text(encoding="utf-8")
        sound = blocks(text)
        known = len(lines_of(text))
        for way in WAYS:
            for _ in range(number):
                _count(score, text, sound, known, *broken(text, chance, way))
    return score


def _count(score: Score, text: str, sound: dict[str, str], known: int, now: str, at: int) -> None:
    lines = lines_of(now)
    line = now.count("\n", 0, at) + 1
    new = len(lines) - known
    if new <= 0:
        return
    score.breaks += 1
    score.found += any(abs(found - line) <= 1 for found in lines)
    score.spurious += new - 1
    kept, touched = blocks(now), _block_at(text, at)
    for head, shape in sound.items():
        if head != touched:
            score.blocks += 1
            score.kept += kept.get(head) == shape


def _block_at(text: str, at: int) -> str:
    """The head of the top-level block that holds a place."""
    head = ""
    for statement in parse(Source("m.orgd", text)).statements:
        if statement.start <= at:
            head = " ".join(statement.text.split()[:3])
    return head


def told(score: Score) -> Iterator[str]:
    """The score in lines."""
    yield f"{score.breaks} breaks with a finding"
    yield f"found within a line: {100 * score.found / score.breaks:.1f} %"
    yield f"spurious findings a break: {score.spurious / score.breaks:.2f}"
    yield f"untouched blocks kept: {100 * score.kept / score.blocks:.2f} %"


if __name__ == "__main__":
    number, seed = int((sys.argv[1:2] or ["200"])[0]), int((sys.argv[2:3] or ["1"])[0])
    print("\n".join(told(measured(number, seed))))
