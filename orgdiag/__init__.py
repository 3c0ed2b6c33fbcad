"""orgdiag: the linter for organisations.

The names in `__all__` are public and stay (docs/api.md); each is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from orgdiag.finding import Finding, OrgdiagError
    from orgdiag.report import Report
    from orgdiag.text.edit import Edit
    from orgdiag.workspace import Workspace, check_paths, check_text

__version__ = "0.1.0"
__all__ = [
    "Edit", "Finding", "OrgdiagError", "Report", "Workspace", "__version__", "check_paths",
    "check_text",
]  # fmt: skip

_HOMES: Final = {
    "Edit": "text.edit", "Finding": "finding", "OrgdiagError": "finding", "Report": "report",
    "Workspace": "workspace", "check_paths": "workspace", "check_text": "workspace",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """A public name, out of the module in which it lives."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
