"""A model that is written reads back as the same organisation, and so does every changed one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from generator.models import text
from reading import resolve

from orgdiag.facts.columns import Facts
from orgdiag.finding import Finding
from orgdiag.layout import formatted
from orgdiag.model.elements import PLURALS, Org
from orgdiag.model.references import references
from orgdiag.model.types import Ref
from orgdiag.parse import parse
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import UNKNOWN
from orgdiag.text.source import Source, Span
from orgdiag.whatif import operations
from orgdiag.whatif.apply import applied
from orgdiag.write import write

ROOT: Final = Path(__file__).parent.parent
FOLDERS: Final = [*sorted(ROOT.glob("examples/*/")), *sorted(ROOT.glob("tests/corpus/*/"))]
FEW: Final = range(40)
MANY: Final = range(40, 1040)  # for a slow run
SIZES: Final = (1, 2, 4)


def read(*texts: str) -> tuple[Org, tuple[Finding, ...]]:
    return resolve([parse(Source(f"{at}.orgd", each)) for at, each in enumerate(texts)])


def texts_of(folder: Path) -> list[str]:
    return [path.read_text("utf-8") for path in sorted(folder.glob("**/*.orgd"))]


def generated(seed: int, *, wild: bool = False) -> str:
    return text(Random(seed).randrange, SIZES[seed % len(SIZES)], wild=wild)


def plain(value: Any) -> Any:
    """A value to compare: all that it says, but where that stands and what would narrow it."""
    if isinstance(value, Quantity):
        return value.low, value.high, value.estimated
    if value == (UNKNOWN,):  # a list of which all that was said was misread
        return UNKNOWN
    if isinstance(value, Span):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        names = [item.name for item in fields(value)]
        said = {n: plain(getattr(value, n)) for n in names if n not in ("places", "as_of_span")}
        return type(value).__name__, said
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return type(value).__name__, *map(plain, value)
    return value


def read_back(org: Org) -> tuple[Org, tuple[Finding, ...]]:
    """What the organisation is when it has been written; its text is laid out already."""
    written = write(org, operations.forms())
    assert formatted(Source("m.orgd", written)).text == written
    return read(written)


def same(org: Org) -> None:
    again, findings = read_back(org)
    assert plain(again) == plain(org)
    assert [str(finding.message) for finding in findings] == []


def changed(org: Org) -> Iterator[Org]:
    for change in org.changes.values():
        yield applied(Facts(org), change).facts.org


def dangling(org: Org) -> list[Ref]:
    """What is named and is not there; what plans would found is not there yet."""
    return [
        ref
        for kind in PLURALS
        for element in (org.of_kind(kind).values() if kind != "change" else ())
        for ref in references(element)
        if isinstance(ref, Ref) and org.find(ref.kind, ref.id) is None
    ]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_model_reads_back_as_it_was_written(folder: Path) -> None:
    org, _ = read(*texts_of(folder))
    again, _ = read_back(org)
    assert plain(again) == plain(org)
    for one in changed(org):
        same(one)
        assert dangling(one) == []


def test_a_model_with_every_construct_reads_back_as_it_was_written() -> None:
    org, _ = read((ROOT / "tests/identity.orgd").read_text("utf-8"))
    same(org)
    for one in changed(org):
        same(one)
        assert dangling(one) == []


def written_and_changed(seeds: range) -> None:
    for seed in seeds:
        org, findings = read(generated(seed))
        assert findings == ()
        same(org)
        for one in changed(org):
            same(one)
            assert dangling(one) == [], seed


def test_a_generated_model_reads_back_as_it_was_written_and_so_does_a_changed_one() -> None:
    written_and_changed(FEW)


@pytest.mark.slow
def test_a_thousand_generated_models_read_back_as_they_were_written() -> None:
    written_and_changed(MANY)


def misread(seeds: range) -> None:
    """What was misread is written as unknown: read once more, it says the same for good."""
    for seed in seeds:
        org, _ = read(generated(seed, wild=True))
        first, _ = read(write(org, operations.forms()))
        same(first)


def test_what_was_misread_is_written_as_unknown() -> None:
    misread(FEW)


@pytest.mark.slow
def test_a_thousand_models_that_were_misread_are_written_as_unknown() -> None:
    misread(MANY)


def test_an_organisation_with_its_own_calendar_reads_back() -> None:
    for calendar in ("day 7.5h; week 4d", "day 450min", "day 8eh; week 33.3h", "week 5d"):
        same(read(f"org o {{ calendar {{ {calendar} }} }}\nteam a {{ backlog 2d; meets 1mo }}")[0])


def test_a_number_without_a_literal_is_refused() -> None:
    org, _ = read("team a { size 3 }")
    strange = replace(org.teams["a"], size=Quantity(1, None))
    with pytest.raises(ValueError, match="no bound"):
        write(replace(org, teams={"a": strange}))
