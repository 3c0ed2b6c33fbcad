"""Puts the rules into a wheel checked and prepared, so that no first run has to do it.

They are kept under a key made of their texts and of the code that checks them, so a run uses them
only if they are what it would make itself.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Prepared(BuildHookInterface[Any]):
    """The hook of a wheel; an editable installation prepares its rules in the user's folder."""

    folder: TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add `prepared.json` beside the rules."""
        if version == "editable":
            return
        sys.dont_write_bytecode = True
        sys.path.insert(0, self.root)
        from orgdiag.rule.load import to_ship
        from orgdiag.rule.prepare import NAME

        self.folder = TemporaryDirectory()
        made = Path(self.folder.name) / NAME
        made.write_text(to_ship(), encoding="utf-8", newline="\n")
        build_data["force_include"][str(made)] = f"orgdiag/_data/rules/{NAME}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was made."""
        if self.folder is not None:
            self.folder.cleanup()
