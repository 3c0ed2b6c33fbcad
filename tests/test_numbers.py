"""Every metric meets a number that was worked out without orgdiag: `tests/numbers/*.md`.

Each file has models, and behind each a table: of which element, which metric, what number, and
how it comes about. A metric that has no row there is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import NamedTuple

import pytest
from reading import resolve

from orgdiag import metrics
from orgdiag.catalogue import catalogue
from orgdiag.facts.columns import Facts
from orgdiag.finding import Finding
from orgdiag.model.fields import Field
from orgdiag.parse import parse
from orgdiag.partial.quantity import Quantity
from orgdiag.text.source import Source

FOLDER = Path(__file__).parent / "numbers"
MODEL = re.compile(r"^```orgd\n(.*?)^```\n(.*?)(?=^```orgd|\Z)", re.DOTALL | re.MULTILINE)
UNITS = {"": 1, "%": Fraction(1, 100), "min": 1, "h": 60, "d": 480}
Bounds = tuple[Fraction | None, Fraction | None]


class Number(NamedTuple):
    """A row: in which file and model, of which element, which metric, what it is."""

    file: str
    model: str
    kind: str
    id: str
    metric: str
    written: str

    def __str__(self) -> str:
        return f"{self.file}: {self.metric} of {self.kind} {self.id}".strip()


def rows(path: Path) -> Iterator[Number]:
    """The rows of every table of a file, each with the model before it."""
    for model, behind in MODEL.findall(path.read_text(encoding="utf-8")):
        lines = [line for line in behind.splitlines() if line.startswith("| ")]
        for line in lines[1:]:
            of, metric, written, because = (cell.strip() for cell in line.strip("|").split("|"))
            assert because, f"{path.name} does not say how {metric} of {of} comes about"
            kind, _, id = of.partition(" ")
            yield Number(path.stem, model, kind, id, metric, written)


NUMBERS = [row for path in sorted(FOLDER.glob("*.md")) for row in rows(path)]


def bounds(written: str) -> Bounds:
    """What a cell says: `54 %`, `12h`, `1h to 2d`, `at least 1d`, `at most 1/2`, `unknown`."""
    if written == "unknown":
        return None, None
    if written.startswith("at least "):
        return exact(written.removeprefix("at least ")), None
    if written.startswith("at most "):
        return Fraction(0), exact(written.removeprefix("at most "))
    low, _, high = written.partition(" to ")
    return exact(low), exact(high or low)


def exact(written: str) -> Fraction:
    found = re.fullmatch(r"(-?[\d./]+) ?(%|min|h|d|)", written)
    assert found, f"no number: {written}"
    above, _, below = found[1].partition("/")
    return Fraction(above) / Fraction(below or 1) * UNITS[found[2]]


@cache
def read(model: str) -> tuple[Facts, tuple[Finding, ...]]:
    org, findings = resolve([parse(Source("model.orgd", model))])
    return Facts(org), findings


@pytest.mark.parametrize("model", dict.fromkeys(row.model for row in NUMBERS))
def test_every_model_is_sound(model: str) -> None:
    assert [finding.message for finding in read(model)[1]] == []


@pytest.mark.parametrize("row", NUMBERS, ids=str)
def test_a_metric_is_the_number_that_was_worked_out(row: Number) -> None:
    facts, _ = read(row.model)
    element = facts.org if row.kind == "organisation" else facts.org.find(row.kind, row.id)
    found: Quantity = every_metric()[row.kind, row.metric].read(facts, element)
    assert (found.low, found.high) == bounds(row.written)


def test_every_metric_has_a_number_that_was_worked_out() -> None:
    without = every_metric().keys() - {(row.kind, row.metric) for row in NUMBERS}
    assert not without, f"give each a row in {FOLDER}: {sorted(without)}"


@cache
def every_metric() -> dict[tuple[str, str], Field]:
    """The metrics of every module of the package, by kind and name."""
    for module in iter_modules(metrics.__path__):
        import_module(f"{metrics.__name__}.{module.name}")
    return {
        (kind, name): field
        for kind, known in catalogue().metrics.items()
        for name, field in known.items()
    }
