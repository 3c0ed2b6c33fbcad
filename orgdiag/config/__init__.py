"""The settings in force: what the command line and the configuration say, and who said it."""

from orgdiag.config.display import lines, shown
from orgdiag.config.find import settings
from orgdiag.config.selection import in_force, overruled, selected
from orgdiag.config.values import BASELINE, Gate, Given, Said, Settings

__all__ = [
    "BASELINE",
    "Gate",
    "Given",
    "Said",
    "Settings",
    "in_force",
    "lines",
    "overruled",
    "selected",
    "settings",
    "shown",
]
