"""`python -m tests.worlds NUMBER [SEED]` tries the written models and so many made at random.

Of each some facts are forgotten, one at a time; then several at once, and of what is left worlds
are made. Every law is asked of every pair. What fails is told by kind: how often, and the smallest
pair of models that fails so.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parent.parent))  # as the tests see each other

from worlds import known, models
from worlds.trial import Trial, shrunk

FORGETTINGS = 8
WORLDS = 2
TIMES = 1  # as often for the written models, which are few


def main(number: int, seed: int = 0) -> int:
    """How many kinds of failures are not known; each is told."""
    trial = Trial(Random(seed))
    for folder in [f for f in models.written() if f.name != "nav-nais"]:
        for _ in range(TIMES):
            trial.all_of(models.organisation(folder), FORGETTINGS, WORLDS)
    for one, org in enumerate(models.some(seed, number)):
        trial.all_of(org, FORGETTINGS, WORLDS)
        if one % 50 == 49:
            print(f"{one + 1} models, {len(trial.number)} kinds", file=sys.stderr, flush=True)
    print(", ".join(f"{times} {what}" for what, times in trial.tried.items()))
    for kind, times in trial.number.most_common():
        print(f"{times:5} {kind}: {trial.told[kind]} [{known.reason(kind) or 'NEW'}]", flush=True)
    for kind, times in trial.number.most_common():
        print(f"\n## {kind}\n\n{times} times; {known.reason(kind) or 'NEW'}")
        if kind in trial.examples:
            example = trial.examples[kind]
            less, more = shrunk(kind, example)
            print(f"\n```orgd\n{less}```\n\n```orgd\n{more}```", flush=True)
    return sum(1 for kind in trial.number if not known.reason(kind))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(1 if main(*map(int, sys.argv[1:])) else 0)
