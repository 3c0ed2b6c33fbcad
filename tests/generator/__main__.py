"""`python -m tests.generator NUMBER [SEED] [SIZE]` takes generated models every way.

Every other model is wild. Each is rendered in every format, from one report, in this one process;
every fourth is held against the laws; every twentieth goes through the command line and is held
against the published schemas. What fails is told by kind: how often, and the smallest text that
fails so.
"""

from __future__ import annotations

import gc
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random
from types import TracebackType

from orgdiag.parse import parse
from orgdiag.text.source import Source
from orgdiag.text.syntax import Statement

from .models import text
from .ways import LAWS, SLOW, WAYS, Judged, Way, judged

SIZES = (1, 2, 3)
BATCH = 40  # models


class Caught:
    """Keeps the error that ends a block; an interrupt goes on."""

    error: Exception | None = None

    def __enter__(self) -> Caught:
        return self

    def __exit__(self, _: object, error: BaseException | None, trace: TracebackType | None) -> bool:
        self.error = error if isinstance(error, Exception) else None
        return self.error is not None

    @property
    def kind(self) -> str:
        """The error, and the last place in orgdiag or the ways from which it came; "" for none."""
        if self.error is None:
            return ""
        frames = traceback.extract_tb(self.error.__traceback__)
        ours = [f for f in frames if "/orgdiag/" in f.filename or f.filename.endswith("ways.py")]
        name = ours[-1].filename.rpartition("/")[2]
        return f"{type(self.error).__name__} at {name}:{ours[-1].lineno} {ours[-1].name}"


@dataclass
class Failures:
    """What failed, by kind: how many texts, the shortest one, and what it was asked."""

    number: Counter[str] = field(default_factory=Counter)
    shortest: dict[str, str] = field(default_factory=dict)
    asked: dict[str, Way] = field(default_factory=dict)

    def take(self, text: str, ways: Sequence[Way]) -> None:
        """Take one text every way, as far as it can be judged."""
        with Caught() as caught:
            one = judged(text)
        if caught.error is not None:
            self._add(caught.kind, text, _is_judged)
            return
        for way in ways:
            with Caught() as caught:
                way(one)
            self._add(caught.kind, text, way)

    def _add(self, kind: str, text: str, way: Way) -> None:
        if kind:
            self.number[kind] += 1
            if kind not in self.shortest or len(text) < len(self.shortest[kind]):
                self.shortest[kind], self.asked[kind] = text, way


def _is_judged(_: Judged) -> None:
    """What is asked of every text before it goes any way."""


def fails(kind: str, way: Way, text: str) -> bool:
    """Whether a text fails in that way, and so."""
    with Caught() as caught:
        way(judged(text))
    return caught.kind == kind


def smallest(text: str, fails: Callable[[str], bool]) -> str:
    """The text without every statement that it does not need to fail."""
    again = True
    while again:
        again = False
        places = _places(parse(Source("m", text)).statements)
        for start, end in sorted(places, key=lambda place: place[0] - place[1]):
            shorter = text[:start] + text[end:]
            if fails(shorter):
                text, again = shorter, True
                break
    return "".join(f"{line}\n" for line in text.splitlines() if line.strip(" ;"))


def _places(statements: Sequence[Statement]) -> Iterator[tuple[int, int]]:
    for statement in statements:
        yield statement.start, statement.end
        yield from _places(statement.body or ())


def ways_of(place: int) -> tuple[Way, ...]:
    """Which ways the model at a place in the row goes."""
    laws = LAWS if place % 8 in (0, 3) else ()  # sound models and wild ones
    return (*WAYS, *laws, *(SLOW if place % 20 == 0 else ()))


def main(number: int, seed: int = 0, size: int = 0) -> int:
    """How many kinds of failures there are; each is told."""
    failures, statements = Failures(), 0
    gc.disable()  # garbage is looked for now and then: after each run it costs a third of the time
    for one in range(seed, seed + number):
        made = text(Random(one).randrange, size or SIZES[one % len(SIZES)], wild=one % 2 == 1)
        statements += sum(1 for _ in _places(parse(Source("m", made)).statements))
        failures.take(made, ways_of(one))
        if one % BATCH == BATCH - 1:
            gc.collect()
        if one % 100 == 99:
            print(f"{one + 1 - seed} models, {len(failures.number)} kinds", file=sys.stderr)
    print(f"{number} models with {statements} statements")
    for kind, times in failures.number.most_common():
        way, shortest = failures.asked[kind], failures.shortest[kind]
        print(f"\n{times} x {kind}, {way.__name__.strip('_')}:")
        shown = smallest(shortest, partial(fails, kind, way))
        print("".join(f"    {line}\n" for line in shown.splitlines()))
    return len(failures.number)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(1 if main(*map(int, sys.argv[1:])) else 0)
