"""A table of which a plain run tries a sample, and a slow one (`-m slow`) the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def sample(
    values: Iterable[Any],
    each: int = 0,
    *,
    chosen: Iterable[str] = (),
    id: Callable[[Any], str] = str,
) -> list[Any]:
    """Parameters: the first of each so many, or those chosen by their ids, are not slow."""
    return [
        pytest.param(
            value, id=id(value),
            marks=() if (at % each == 0 if each else id(value) in chosen) else pytest.mark.slow,
        )
        for at, value in enumerate(values)
    ]  # fmt: skip
