"""The settings found: defaults, then the configuration above the model, then the options."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from orgdiag.config.display import shown
from orgdiag.config.patterns import unusable
from orgdiag.config.values import BASELINE, Gate, Given, Said, Settings
from orgdiag.files.opening import anchored, below
from orgdiag.files.reading import DISK, plain_bytes
from orgdiag.finding import OrgdiagError, Problem, Severity
from orgdiag.text.nearest import did_you_mean
from orgdiag.text.source import Source, Span

if TYPE_CHECKING:
    from orgdiag.config.file import ConfigFile

FILE: Final = "orgdiag.toml"
PYPROJECT: Final = "pyproject.toml"
_TABLE: Final = ("tool", "orgdiag")
_LIMIT: Final = 1 << 20
_DIGITS: Final = 15


def settings(given: Given, models: Iterable[Path]) -> Settings:
    """The settings for models that lie at these places.

    Raises:
        OrgdiagError: a configuration or option is wrong; every problem is in it.
    """
    start = common_folder(models)
    found = None if given.isolated else given.config or nearest_config(start)
    root = project_root(start) if found is None or given.config else found.parent
    base = Settings(root, baseline=root / BASELINE)
    read = base if found is None else _from_file(base, found)
    return _with_options(read, given)


def common_folder(models: Iterable[Path]) -> Path:
    """The deepest folder that holds all the models; the working folder when there are none."""
    # By their names: where a link leads decides nothing.
    places = [Path(os.path.abspath(path)) for path in models]  # noqa: PTH100
    folders = [path if DISK.kind(path) == "folder" else path.parent for path in places]
    if not folders:
        return Path.cwd()
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:
        return Path.cwd()


def nearest_config(folder: Path) -> Path | None:
    """The configuration in the folder or the nearest above it."""
    found = (config_in(place) for place in (folder, *folder.parents))
    return next((path for path in found if path), None)


def config_in(folder: Path) -> Path | None:
    """The configuration in the folder itself: orgdiag.toml, or pyproject.toml when it speaks.

    Raises:
        OrgdiagError: something of that name cannot be read, so that nobody knows what it says.
    """
    if os.path.lexists(folder / FILE):
        return folder / FILE
    pyproject = folder / PYPROJECT
    speaks = os.path.lexists(pyproject) and _speaks(_bytes(pyproject, folder))
    return pyproject if speaks else None


def _speaks(data: bytes) -> bool:
    """Whether a pyproject.toml has a table for orgdiag, however that is written."""
    if b"orgdiag" not in data and b"\\" not in data:
        return False
    from orgdiag.config.toml import content

    try:
        tool = content(Source(PYPROJECT, data.decode("utf-8-sig"))).get("tool")
    except (OrgdiagError, UnicodeDecodeError):  # told when it is meant for orgdiag
        return b"[tool.orgdiag" in data
    return isinstance(tool, dict) and "orgdiag" in tool


def project_root(folder: Path) -> Path:
    """The root without a configuration: the working folder if the models lie there, else theirs."""
    here = Path.cwd()
    return here if folder.is_relative_to(here) else folder


def _from_file(base: Settings, path: Path) -> Settings:
    source = _text(path, base.root)
    from orgdiag.config.file import read

    data, place = read(source, *(_TABLE if path.name == PYPROJECT else ()))

    def said(text: str, *key: str) -> Said:
        found = place.find(*key)
        return Said(text, origin(*key), found.span if found else None)

    def origin(*key: str) -> str:
        found = place.find(*key)
        return str(found.span) if found else "default"

    refused = tuple(unusable(data.exclude, "exclude", place.nearest("exclude").span))
    if refused:
        raise OrgdiagError(refused)
    rules = data.rules.items()
    keys = ("select", "ignore", "extend-select", "rules-dir", "exclude", "fail-level",
            "max-warnings", "as-of", "baseline")  # fmt: skip
    return Settings(
        root=base.root,
        file=path,
        select=(
            *(said(name, "select") for name in data.select),
            *(said(name, "extend-select") for name in data.extend_select),
        ),
        ignore=tuple(said(name, "ignore") for name in data.ignore),
        tables={name: said(name, "rules", name) for name in data.rules},
        severity={
            name: said(entry.severity, "rules", name, "severity")
            for name, entry in rules
            if entry.severity
        },
        params={
            name: {
                param: said(str(value), "rules", name, param)
                for param, value in (entry.__pydantic_extra__ or {}).items()
            }
            for name, entry in rules
        },
        rule_folders=dict.fromkeys(
            _folders(data, path, place.nearest("rules-dir").span), origin("rules-dir")
        ),
        exclude=dict.fromkeys(data.exclude, origin("exclude")),
        fail_level=Severity(data.fail_level),
        max_warnings=data.max_warnings,
        as_of=data.as_of,
        as_of_origin="configuration" if data.as_of else "",
        baseline=_below(path, "baseline", data.baseline, place.nearest("baseline").span),
        gates=tuple(
            Gate(target, said(text, "gates", target)) for target, text in data.gates.items()
        ),
        origins={key: origin(key) for key in keys},
    )


def _folders(data: ConfigFile, path: Path, span: Span | None) -> tuple[Path, ...]:
    """The rule folders that a configuration names, which must lie below it."""
    folders = []
    for name in data.rules_dir:
        folder = _below(path, "rules-dir", name, span)
        if DISK.kind(folder) != "folder":
            raise OrgdiagError.of(f"rules-dir `{name}` is no folder", span)
        folders.append(folder)
    return tuple(folders)


def _below(path: Path, key: str, name: str, span: Span | None) -> Path:
    """What a configuration names, which must lie below it."""
    inside = below(Path(name), path.parent)
    if inside is None:
        raise OrgdiagError.of(f"{key} `{name}` leaves the project", span)
    return path.parent / inside


def _text(path: Path, root: Path) -> Source:
    """A configuration's text.

    Raises:
        OrgdiagError: it cannot be read, is too large, or is not UTF-8.
    """
    try:
        return Source(shown(path), _bytes(path, root).decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise OrgdiagError.of(f"{shown(path)} is not UTF-8") from None


def _bytes(path: Path, root: Path) -> bytes:
    try:
        return plain_bytes(anchored(path.absolute(), root), _LIMIT)
    except OSError as error:
        raise OrgdiagError.of(f"cannot read {shown(path)}: {error.strerror}") from None


def _with_options(base: Settings, given: Given) -> Settings:
    """The settings after what the command line says, which wins."""
    severity, params, problems = dict(base.severity), {**base.params}, list[Problem]()
    for text in given.severity:
        rule, equals, level = text.partition("=")
        if not (rule and equals and level in tuple(Severity)):
            wrong = _not("--severity", text, "RULE=error, RULE=warning or RULE=info")
            problems.append(wrong._replace(help=did_you_mean(level, tuple(Severity))))
            continue
        severity[rule] = Said(level, "--severity")
    for text in given.set:
        target, equals, value = text.partition("=")
        rule, dot, param = target.partition(".")
        if not (rule and equals and dot and param and value):
            problems.append(_not("--set", text, "RULE.PARAM=VALUE"))
            continue
        params[rule] = {**params.get(rule, {}), param: Said(value, "--set")}
    limits = {}
    for text in given.limits:
        name, _, number = text.partition("=")
        if not (name and number.isdecimal() and len(number) <= _DIGITS):
            problems.append(_not("--limit", text, "NAME=NUMBER"))
            continue
        limits[name.replace("-", "_")] = int(number)
    problems += unusable(given.exclude, "--exclude")
    if problems:
        raise OrgdiagError(problems)
    select = tuple(Said(name, "--select") for name in given.select) or base.select
    extended = tuple(Said(name, "--extend-select") for name in given.extend_select)
    origins = dict(base.origins)
    origins.update((key, f"--{key}") for key in _given_keys(given))
    return Settings(
        root=base.root,
        file=base.file,
        select=select + extended,
        ignore=tuple(Said(name, "--ignore") for name in given.ignore) or base.ignore,
        severity=severity,
        params=params,
        tables=base.tables,
        rule_folders={**base.rule_folders, **dict.fromkeys(given.rules, "--rules")},
        exclude={**base.exclude, **dict.fromkeys(given.exclude, "--exclude")},
        limits=limits,
        fail_level=given.fail_level or base.fail_level,
        max_warnings=base.max_warnings if given.max_warnings is None else given.max_warnings,
        as_of=given.as_of or base.as_of,
        as_of_origin="option" if given.as_of else base.as_of_origin,
        baseline=given.baseline or base.baseline,
        use_baseline=given.use_baseline,
        accepts=given.accepts,
        gates=base.gates,
        origins=origins,
    )


def _given_keys(given: Given) -> Iterator[str]:
    for name in ("select", "ignore", "fail_level", "max_warnings", "as_of", "baseline"):
        if getattr(given, name) not in (None, ()):
            yield name.replace("_", "-")


def _not(option: str, text: str, form: str) -> Problem:
    return Problem(f"{option} {text}: not of the form {form}")
