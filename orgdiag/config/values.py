"""What the command line and the configuration can say, and the settings that come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from pathlib import Path
from typing import Final, NamedTuple

from orgdiag.finding import Severity
from orgdiag.frozen import frozen
from orgdiag.text.source import Span

BASELINE: Final = "orgdiag.baseline.json"


@frozen
class Given:
    """What the command line says; None or () where it says nothing.

    config         the configuration to use instead of the one found
    isolated       use no configuration at all
    limits         `NAME=NUMBER`: how much is read
    severity, set  `RULE=LEVEL` and `RULE.PARAM=VALUE`, as they were typed
    accepts        whether `accept` in the model counts
    use_baseline   whether the baseline counts
    """

    config: Path | None = None
    isolated: bool = False
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    set: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    exclude: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    fail_level: Severity | None = None
    max_warnings: int | None = None
    as_of: date | None = None
    baseline: Path | None = None
    accepts: bool = True
    use_baseline: bool = True


class Said(NamedTuple):
    """A word or value that somebody set: the text, who said so, and where when in a file."""

    text: str
    origin: str
    span: Span | None = None


class Gate(NamedTuple):
    """A quality gate: the subject and metric as written, and the condition."""

    target: str
    condition: Said


@frozen
class Settings:
    """What is in force.

    root        the folder of the project: includes stay inside it
    file        the configuration that was read, or None
    tables      where the configuration begins to speak of a rule
    params      for each rule its parameters as rules write them
    rule_folders, exclude  each with who set it
    origins     who set each key: default, the file with its line, or the option
    """

    root: Path
    file: Path | None = None
    select: tuple[Said, ...] = (Said("ALL", "default"),)
    ignore: tuple[Said, ...] = ()
    tables: Mapping[str, Said] = field(default_factory=dict)
    severity: Mapping[str, Said] = field(default_factory=dict)
    params: Mapping[str, Mapping[str, Said]] = field(default_factory=dict)
    rule_folders: Mapping[Path, str] = field(default_factory=dict)
    exclude: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    fail_level: Severity = Severity.WARNING
    max_warnings: int | None = None
    as_of: date | None = None
    as_of_origin: str = ""
    baseline: Path = Path(BASELINE)
    use_baseline: bool = True
    accepts: bool = True
    gates: tuple[Gate, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
