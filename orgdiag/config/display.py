"""The settings in force, for people: `--show-settings`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from orgdiag.config.values import Settings


def shown(path: Path) -> str:
    """A path as messages show it: relative to the working folder when it lies below it."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def lines(settings: Settings) -> Iterator[str]:
    """What is in force and who set it, a line each: `--show-settings`."""
    origins = settings.origins
    file = shown(settings.file) if settings.file else "none"
    yield f"root = {shown(settings.root)}"
    yield f"configuration = {file}"
    rows: list[tuple[str, object, str]] = [
        (f"select = {word.text}", "", word.origin) for word in settings.select
    ]
    rows += [(f"ignore = {word.text}", "", word.origin) for word in settings.ignore]
    rows += [
        ("fail-level = ", settings.fail_level, origins.get("fail-level", "default")),
        (
            "max-warnings = ",
            _or_none(settings.max_warnings),
            origins.get("max-warnings", "default"),
        ),
        ("as-of = ", _or_none(settings.as_of), origins.get("as-of", "default")),
        ("baseline = ", shown(settings.baseline), origins.get("baseline", "default")),
    ]
    rows += [("baseline counts = ", "no", "--no-baseline")] * (not settings.use_baseline)
    rows += [("accept counts = ", "no", "--no-accept")] * (not settings.accepts)
    rows += [("rules-dir = ", shown(folder), by) for folder, by in settings.rule_folders.items()]
    rows += [("exclude = ", pattern, by) for pattern, by in settings.exclude.items()]
    rows += [
        (f"limit.{name.replace('_', '-')} = ", n, "--limit") for name, n in settings.limits.items()
    ]
    rows += [
        (f"rules.{rule}.severity = ", s.text, s.origin) for rule, s in settings.severity.items()
    ]
    for rule, params in settings.params.items():
        rows += [
            (f"rules.{rule}.{name} = ", said.text, said.origin) for name, said in params.items()
        ]
    rows += [(f"gates.{g.target} ", g.condition.text, g.condition.origin) for g in settings.gates]
    for head, value, origin in rows:
        yield f"{head}{value}" + (f"    ({origin})" if origin else "")


def _or_none(value: object) -> object:
    return "none" if value is None else value
