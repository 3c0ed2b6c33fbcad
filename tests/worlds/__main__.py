"""`python -m tests.worlds NUMBER [SEED] [all]` tries the written models and so many made at random.

Of each some facts are forgotten, one at a time; then several at once, and of what is left worlds
are made. Every law is asked of every pair. What fails is told by kind: how often, and what was said
of the first; of what nobody expects (with `all` of every kind) the smallest pair of models.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent))  # as the tests see each other

from orgdiag.model.elements import Org
from worlds import known, models
from worlds.trial import Kind, Trial, shrunk

FORGETTINGS = 8
WORLDS = 2


def main(number: int, seed: int = 0, *, every: bool = False) -> int:
    """How many kinds of failures nobody expects."""
    trial = Trial(Random(seed))
    for one, org in enumerate(_tried(number, seed), 1):
        trial.all_of(org, FORGETTINGS, WORLDS)
        if one % 20 == 0:
            print(f"{one} models, {len(trial.number)} kinds", file=sys.stderr, flush=True)
    print(", ".join(f"{times} {what}" for what, times in trial.tried.items()))
    new = [kind for kind in trial.number if not known.reason(kind)]
    for kind, times in trial.number.most_common():
        print(f"{times:5} {kind}: {trial.told[kind]} [{known.reason(kind) or 'NEW'}]")
    for kind in trial.examples if every else new:
        _show(trial, kind)
    return len(new)


def _tried(number: int, seed: int) -> Iterator[Org]:
    """The models that are tried: those that are written, then those made at random."""
    yield from map(models.organisation, models.written())
    yield from models.some(seed, number)


def _show(trial: Trial, kind: Kind) -> None:
    """The smallest pair of models that fails so, as the page of known failures has it."""
    print(f"\n## {kind}\n\n{trial.told[kind]}")
    if kind in trial.examples:
        less, more = shrunk(kind, trial.examples[kind])
        print(f"\n```orgd\n{less}```\n\n```orgd\n{more}```", flush=True)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:] if word != "all"]
    if not numbers:
        sys.exit(__doc__)
    sys.exit(1 if main(*numbers, every="all" in sys.argv) else 0)
