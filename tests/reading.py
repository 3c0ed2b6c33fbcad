"""The reader of models, with the words of all planned changes; models of the disk, opened."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import orgdiag.resolve
from orgdiag import Workspace, config
from orgdiag.config import Given
from orgdiag.whatif import operations

resolve = partial(orgdiag.resolve.resolve, operations=operations.forms())


def opened(*paths: Path, isolated: bool = False, today: date = date(2026, 1, 31)) -> Workspace:
    """The models at these places, as a command opens them on a day."""
    settings = config.settings(Given(isolated=isolated), paths)
    return Workspace(settings.root, settings, paths=paths, today=lambda: today, once=True)
