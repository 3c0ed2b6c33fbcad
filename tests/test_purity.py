"""Stages leave their input as it was, and nothing behind in the process."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from orgdiag.parse import Parsed, parse
from orgdiag.resolve import resolve
from orgdiag.source import Source
from orgdiag.syntax import Statement

ROOT = Path(__file__).parent.parent


def texts(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.orgd"))]


def models() -> Iterator[Any]:
    """Every model of the examples, the corpus and the pages of the language, broken ones too."""
    for home in ("examples", "tests/corpus"):
        for folder in sorted(path for path in (ROOT / home).iterdir() if path.is_dir()):
            yield pytest.param(texts(folder), id=folder.name)
    for page in sorted((ROOT / "tests/language").glob("*.md")):
        for section in re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            title = f"{page.stem}: {section.partition(chr(10))[0]}"
            blocks = re.findall(r"^```orgd\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
            yield pytest.param(blocks, id=title)


def told(value: Any) -> Any:
    """All that a value holds, field by field."""
    if is_dataclass(value):
        return [(field.name, told(getattr(value, field.name))) for field in fields(value)]
    if isinstance(value, Mapping):
        return [(key, told(inner)) for key, inner in value.items()]
    return [told(item) for item in value] if isinstance(value, tuple) else repr(value)


def trees(statements: Sequence[Statement] | None) -> Any:
    """All that statements hold."""
    return statements and [
        (s.type, s.source, s.start, s.text, s.end, s.broken, trees(s.body)) for s in statements
    ]


def everything(files: Sequence[Parsed]) -> Any:
    return [(file.source, trees(file.statements), told(file.findings)) for file in files]


@pytest.mark.parametrize("files", list(models()))
def test_a_model_that_was_resolved_says_the_same_when_it_is_resolved_again(
    files: list[str],
) -> None:
    parsed = [parse(Source(f"{number}.orgd", text)) for number, text in enumerate(files)]
    before = everything(parsed)
    first = resolve(parsed)
    assert everything(parsed) == before, "resolving changed the statements that it was given"
    again = resolve(parsed)
    assert told(again.findings) == told(first.findings)
    assert told(again.org) == told(first.org)
