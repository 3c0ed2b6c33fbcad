"""Rewrites `docs/rules.md` from the rules and the labelled corpus: `python -m tests.pages`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests import labels

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/rules.md"

HEAD = """\
# The rules

Written by `python -m tests.pages` from `rules/` and the labelled corpus; do not edit. `orgdiag rule
NAME` says the same on a terminal, with the examples. A parameter whose basis is *convention* is our
choice and no result of research; *article* and *literature* say where a number comes from.

## How sharp they are

Fifteen organisations of `tests/corpus/`, labelled by hand from the article and the conditions
(`python -m tests.labels` prints this table). *Precision*: of the labelled findings that were made,
the share that should have been. *Recall*: of those that should have been made, the share that was.
The labels were written by the authors of the rules, so the table shows that the rules do what they
say, not what strangers would say of strangers' organisations.
"""


def page() -> str:
    """The page as it should be."""
    command = [sys.executable, "-m", "orgdiag", "rule", "--format", "markdown"]
    rules = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return f"{HEAD}\n" + "\n".join(labels.table()) + "\n\n" + rules.rstrip("\n") + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
