"""One module an output format, each with `render(report)`; a file here is a format.

It gives a text in its language. The formats that terminals show take a `Look` too, give lines, and
say so with `TERMINAL = True`. One that says `OF_PAGE = True` is given a `Page`, the sections of the
diagnostic report, instead. What it tells was found and computed before: no format runs a stage.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, Any

from orgdiag.documents.excerpt import Look
from orgdiag.media.escaped import Escaped
from orgdiag.media.terminal import Screen
from orgdiag.report import Report

if TYPE_CHECKING:
    from orgdiag.documents.sections import Page


def names() -> tuple[str, ...]:
    """The names of all formats, sorted."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def render(name: str, content: Report | Page, look: Look) -> Escaped:
    """The report, or its page for a format `of_page`, as text in the format of that name."""
    module: Any = import_module(f"{__name__}.{name}")
    if getattr(module, "TERMINAL", False):
        return Screen.of(module.render(content, look), look.colour)
    document: Escaped = module.render(content)
    return document


def of_page(name: str) -> bool:
    """Whether the format renders the page: what `orgdiag report` tells, causes and all."""
    return getattr(import_module(f"{__name__}.{name}"), "OF_PAGE", False)
