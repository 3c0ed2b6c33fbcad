"""One module an output format, each with `render(report) -> str`; a file here is a format.

The formats that terminals show take a `Look` too, and say so with `TERMINAL = True`; one that tells
causes says `DIAGNOSED = True`.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import Any

from orgdiag.excerpt import Look
from orgdiag.report import Report


def names() -> tuple[str, ...]:
    """The names of all formats, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def render(name: str, report: Report, look: Look) -> str:
    """The report as text in the format of that name."""
    module: Any = import_module(f"{__name__}.{name}")
    call: Callable[..., str] = module.render
    return call(report, look) if getattr(module, "TERMINAL", False) else call(report)


def diagnosed(name: str) -> bool:
    """Whether the format tells causes and where to start."""
    return getattr(import_module(f"{__name__}.{name}"), "DIAGNOSED", False)
