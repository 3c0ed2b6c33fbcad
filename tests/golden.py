"""Rewrites the golden files: `python -m tests.golden`. Read the difference before you commit it.

Each example in the formats that are kept for it, the data of its page as JSON, and for some of
them the drawings of the page; the same of the models in `tests/pages/`, which have what no example
has. In the JSON stand dataclasses and named tuples by the names of their
fields, enumerations by value, exact fractions as `11/2` and places as `path:line:column`. A finding
is told by its rule and subject, since `json.txt` has all of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import chdir
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from functools import cache
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from orgdiag import Workspace
from orgdiag.cli import main
from orgdiag.documents.contract import Document
from orgdiag.documents.sections import page
from orgdiag.finding import Finding
from orgdiag.formats import html
from orgdiag.report import Report
from orgdiag.text.source import Span

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "tests/golden"
EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir() if path.is_dir())
# Every format on the worked example; on the others what people and machines read.
WORKED = "meridian"
FORMATS = ("full", "json", "concise", "jsonl", "sarif", "github", "gitlab", "junit", "markdown")
SHORT = ("concise", "json")
# Models that have what no example has, with the sections of their pages that are kept.
MODELS = {"winding": None, "dense": ("dependencies",), "crowd": ("dependencies",)}
DRAWN = (WORKED, "article", "component-team-trap", *MODELS)
WIDTH = 140


def formats() -> Iterator[tuple[str, str]]:
    """Each example with each format that is kept for it."""
    for example in EXAMPLES:
        for name in FORMATS if example == WORKED else SHORT:
            yield example, name


def pages() -> Iterator[tuple[str, str]]:
    """Each example and model with what is kept of its page."""
    for example in (*EXAMPLES, *MODELS):
        yield example, "page"
        if example in DRAWN:
            yield example, "drawings"


def rendered(example: str, name: str) -> bytes:
    """An output about an example or model: `page`, `drawings`, or a format of `orgdiag check`."""
    if name == "page":
        return f"{laid_out(page_data(example))}\n".encode()
    if name == "drawings":
        return "\n".join(drawings(html.render(page(report_on(example))))).encode()
    return written(example)[name]


@cache
def written(example: str) -> Mapping[str, bytes]:
    """What one `orgdiag check` writes about an example, by format."""
    with TemporaryDirectory() as folder:
        files = {name: Path(folder, name) for each, name in formats() if each == example}
        outputs = [f"--output={name}={file}" for name, file in files.items()]
        with chdir(ROOT):
            assert main(["check", f"examples/{example}", *outputs]) in (0, 1)
        return {name: file.read_bytes() for name, file in files.items()}


def path(example: str, name: str) -> Path:
    """Where the golden file of an example or model and output lies."""
    return FOLDER / example / f"{name}.{'json' if name == 'page' else 'txt'}"


# --- the data of a page ---------------------------------------------------------------------------


@cache
def report_on(example: str) -> Report:
    """The diagnosed report on an example or model."""
    path = f"tests/pages/{example}.orgd" if example in MODELS else f"examples/{example}"
    with chdir(ROOT):
        return Workspace(path, today=lambda: date(2026, 1, 31)).report(diagnosed=True)


def page_data(example: str) -> Any:
    """What the templates of the page receive, as JSON.

    What the rules say of themselves is told with the worked example only: it is always the same.
    """
    data = plain(page(report_on(example)))
    if example != WORKED:
        rules = data["method"]["rules"]
        data["method"]["rules"] = [f"{rule['anchor']} {rule['name']}" for rule in rules]
    kept = MODELS.get(example)
    return {name: data[name] for name in kept} if kept else data


def plain(value: Any) -> Any:
    """The value as JSON has it.

    Raises:
        TypeError: it holds something of which nobody has decided how to write it.
    """
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case Fraction() | Span():
            return str(value)
        case Finding():
            return f"{value.rule}: {value.subject.kind} {value.subject.id}"
        case tuple() if hasattr(value, "_fields"):
            return {name: plain(getattr(value, name)) for name in value._fields}
        case tuple() | list():
            return [plain(item) for item in value]
        case Mapping():
            return {name: plain(item) for name, item in value.items()}
        case _ if is_dataclass(value):
            return {name: plain(getattr(value, name)) for name in _names(value)}
    raise TypeError(f"no way to write {value!r}")


def _names(value: Any) -> Iterator[str]:
    """What templates can ask a dataclass: its fields but the check JSON, and its properties."""
    for field in fields(value):
        if not isinstance(getattr(value, field.name), Document):
            yield field.name
    for name, member in vars(type(value)).items():
        if isinstance(member, property):
            yield name


def laid_out(value: Any, indent: str = "", before: int = 0) -> str:
    """Plain data as JSON, on one line what fits there; so many characters stand before it."""
    line = json.dumps(value, ensure_ascii=False)
    if before + len(line) <= WIDTH or not value or not isinstance(value, dict | list):
        return line
    inner = indent + " "
    if isinstance(value, list):
        rows = [inner + laid_out(item, inner, len(inner)) for item in value]
        return "\n".join(("[", ",\n".join(rows), indent + "]"))
    rows = []
    for name, item in value.items():
        key = f"{inner}{json.dumps(name)}: "
        rows.append(key + laid_out(item, inner, len(key)))
    return "\n".join(("{", ",\n".join(rows), indent + "}"))


# --- its drawings ---------------------------------------------------------------------------------


def drawings(text: str) -> Iterator[str]:
    """The drawings of a page, keys of legends left out, one after the other, an element a line."""
    for drawing in re.findall(r"<svg\b.*?</svg>", text, re.DOTALL):
        if 'class="key"' not in drawing:
            yield drawing.replace("><", ">\n<") + "\n"


if __name__ == "__main__":
    for example, name in chain(formats(), pages()):
        file = path(example, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(rendered(example, name))
