"""One module an output format, each with `render(report)`; a file here is a format.

It gives a text in its language. The formats that terminals show take a `Look` too, give lines, and
say so with `TERMINAL = True`; one that tells causes says `DIAGNOSED = True`.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from orgdiag.escaped import Escaped
from orgdiag.excerpt import Look
from orgdiag.report import Report
from orgdiag.terminal import Screen


def names() -> tuple[str, ...]:
    """The names of all formats, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def render(name: str, report: Report, look: Look) -> Escaped:
    """The report as text in the format of that name."""
    module: Any = import_module(f"{__name__}.{name}")
    if getattr(module, "TERMINAL", False):
        return Screen.of(module.render(report, look), look.colour)
    document: Escaped = module.render(report)
    return document


def diagnosed(name: str) -> bool:
    """Whether the format tells causes and where to start."""
    return getattr(import_module(f"{__name__}.{name}"), "DIAGNOSED", False)
