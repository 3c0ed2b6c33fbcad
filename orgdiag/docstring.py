"""Docstrings that users read, also where Python was told to keep none (`-OO`)."""

from __future__ import annotations

import ast
import inspect
from typing import Any


def docstring(of: Any) -> str:
    """The docstring of a function or class; out of its source if Python keeps none, else ""."""
    if of.__doc__ is not None:
        return inspect.cleandoc(of.__doc__)
    from textwrap import dedent  # few runs have lost their docstrings

    try:
        definition = ast.parse(dedent(inspect.getsource(of))).body[0]
    except OSError:  # there is no source
        return ""
    if not isinstance(definition, ast.FunctionDef | ast.ClassDef):
        return ""
    return ast.get_docstring(definition) or ""
