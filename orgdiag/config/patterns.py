"""Patterns of files to leave out: those that can be used, and in bounded time."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from typing import Final

from orgdiag.finding import Problem
from orgdiag.text.source import Span

_LENGTH: Final = 1000
_STARS: Final = 2  # a name costs its length to the power of their number


def unusable(patterns: Iterable[str], origin: str, span: Span | None = None) -> Iterator[Problem]:
    """What is wrong with patterns as in `.gitignore`.

    Args:
        patterns: as they were written.
        origin: the option or the key that gave them.
        span: where it stands, if in a file.
    """
    for pattern in patterns:
        reason = _reason(pattern)
        if reason:
            yield Problem(f"{origin} `{pattern}`: {reason}", span)


def _reason(pattern: str) -> str:
    """Why a pattern cannot be used; "" when it can."""
    if len(pattern) > _LENGTH:
        return f"a pattern has at most {_LENGTH} characters"
    parts = re.sub(r"\\.", "", pattern, flags=re.DOTALL).split("/")
    if parts.count("**") > _STARS or any(p.count("*") > _STARS for p in parts):
        return f"a pattern has at most {_STARS} `**`, and each part of it at most {_STARS} `*`"
    from pathspec import GitIgnoreSpec

    try:
        with warnings.catch_warnings(action="error"):  # Python's, about what may change its meaning
            GitIgnoreSpec.from_lines([pattern])
    except Exception:  # noqa: BLE001 - of pathspec, of re, and warnings
        return "not a pattern as in .gitignore"
    return ""
