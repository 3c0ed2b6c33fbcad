"""Models to try: the examples, the corpus, real organisations, and those made at random."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from generator.models import text
from reading import resolve

from orgdiag.load import load
from orgdiag.model.elements import Org, Step
from orgdiag.partial.quantity import Quantity

from .worlds import Misread, again, read

ROOT: Final = Path(__file__).parent.parent.parent
# Organisations as they were published, where they lie beside the checkout.
REAL: Final = ROOT.parent / "shared/data/real"


# A text of it holds a character that the language refuses, and no model can be written with it.
UNWRITABLE: Final = frozenset({"porter-hotels"})


@cache
def written() -> tuple[Path, ...]:
    """The folders of the examples, of the corpus and of real organisations."""
    folders = (ROOT / "examples", ROOT / "tests/corpus", REAL)
    return tuple(
        path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())
        if path.is_dir() and path.name not in UNWRITABLE and any(path.rglob("*.orgd"))
    )  # fmt: skip


def organisation(folder: Path) -> Org:
    """What the files of a folder describe, without what the reader complains of."""
    loaded = load([folder], folder)
    org, _ = resolve(loaded.parsed, incomplete=loaded.incomplete)
    return again(in_time(org))


def made(seed: int, size: int) -> Org | None:
    """A model made at random from the schema; None where it is not legal once it is written."""
    try:
        return again(in_time(read(text(Random(seed).randrange, size))))
    except (Misread, ValueError):
        return None


def in_time(org: Org) -> Org:
    """The organisation without what contradicts itself: there is no such world."""
    return replace(org, steps={id: _in_team(org, _in_time(s)) for id, s in org.steps.items()})


def _in_team(org: Org, step: Step) -> Step:
    """The step without an effort below its work, and without more who know it than there are."""
    process, effort, known = step.process, step.effort, step.known_by
    if isinstance(process, Quantity) and isinstance(effort, Quantity):
        if process.high is None or (effort.low or 0) < process.high:
            step = replace(step, effort=None)
    teams = [org.teams.get(id) for id in step.by or ()] if isinstance(step.by, tuple) else []
    sizes = [team.size.low for team in teams if team and isinstance(team.size, Quantity)]
    if isinstance(known, Quantity) and len(sizes) == len(teams):
        if known.high is None or known.high > sum(size or 0 for size in sizes):
            step = replace(step, known_by=None)
    return step


def _in_time(step: Step) -> Step:
    """The step without lead and reasons of its wait, where these and its work take longer."""
    parts = step.wait if isinstance(step.wait, tuple) else ()
    spent = [step.process, *(part.time for part in parts)]
    least = sum(time.low or 0 for time in spent if isinstance(time, Quantity))
    whole = step.lead.high if isinstance(step.lead, Quantity) else None
    if whole is None or least <= whole:
        return step
    return replace(step, lead=None, wait=None)


def some(first: int, number: int, sizes: tuple[int, ...] = (1, 2, 3)) -> Iterator[Org]:
    """So many models made at random."""
    for seed in range(first, first + number):
        org = made(seed, sizes[seed % len(sizes)])
        if org is not None:
            yield org
