"""The options that commands share: which model, which rules, which settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from orgdiag.cli import console
from orgdiag.config import Given
from orgdiag.docstring import docstring
from orgdiag.files.opening import anchored
from orgdiag.files.writing import write_whole
from orgdiag.finding import OrgdiagError, Severity
from orgdiag.frozen import frozen
from orgdiag.media.escaped import Escaped
from orgdiag.text.nearest import did_you_mean

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


@frozen
class Models:
    """The models that a command reads, and what its options say.

    paths  files and folders; empty stands for the project
    stdin  the name under which standard input is read, when `-` was given
    given  what the options say about settings
    """

    paths: tuple[Path, ...]
    stdin: str | None
    given: Given


class Day(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A day as 2026-01-31."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day; a usage error when it is none."""
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date such as 2026-01-31", param, ctx)


class Words(click.Choice):  # type: ignore[type-arg,unused-ignore]
    """One of a few words; another one is answered with the nearest."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The word; a usage error when it is not legal."""
        if value not in self.choices:
            hint = did_you_mean(str(value), self.choices)
            legal = f"`{value}` is none of {', '.join(self.choices)}"
            self.fail(f"{legal}; {hint}" if hint else legal, param, ctx)
        return super().convert(value, param, ctx)


class RuleName(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """The name of a rule, which a shell completes."""

    name = "rule"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The rules that ship with orgdiag and begin so."""
        from click.shell_completion import CompletionItem

        from orgdiag.rule import load_rules

        names = sorted(load_rules().rules)
        return [CompletionItem(name) for name in names if name.startswith(incomplete)]


LEVELS: Final = Words([severity.value for severity in Severity])
COLOURS: Final = Words(["auto", "always", "never"])


class Sectioned(click.Command):
    """A command whose help groups its options by the section that each names."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does: the docstring of its function."""
        self.help = docstring(self.callback)
        super().format_help_text(ctx, formatter)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, section by section, in the order in which they are declared."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            row = param.get_help_record(ctx)
            if row is not None and isinstance(param, click.Option):
                sections.setdefault(getattr(param, "section", "Options"), []).append(row)
        for title, rows in sections.items():
            with formatter.section(title):
                formatter.write_dl(rows)


class Option(click.Option):
    """An option of a section of the help."""

    def __init__(self, *args: Any, section: str = "Options", **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.section = section


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def option(section: str, *names: str, **rest: Any) -> Decorator:
    """A decorator that adds an option of a section."""
    return click.option(*names, cls=Option, section=section, **rest)


_PATH: Final = click.Path(path_type=Path)
_MODEL: Final = "Model"
_RULES: Final = "Rules"
_SETTINGS: Final = "Settings"

_PATHS: Final = click.argument("paths", nargs=-1, type=_PATH, metavar="[PATH]...")
_STDIN: Final = option(
    _MODEL, "--stdin-filename", default="stdin.orgd", metavar="NAME",
    help="How messages call the model that `-` reads from standard input.",
)  # fmt: skip
_FILE_OPTIONS: Final[tuple[Decorator, ...]] = (
    option(_MODEL, "--exclude", multiple=True, metavar="GLOB",
           help="Leave out model files, as in .gitignore."),
    option(_MODEL, "--limit", "limits", multiple=True, metavar="NAME=NUMBER",
           help="How much is read: file-bytes, model-bytes, files, include-depth."),
)  # fmt: skip
_MODEL_OPTIONS: Final[tuple[Decorator, ...]] = (
    *_FILE_OPTIONS,
    option(_MODEL, "--as-of", type=Day(), help="The day that rules about time use."),
)
_RULE_OPTIONS: Final[tuple[Decorator, ...]] = (
    option(_RULES, "--rules", multiple=True, metavar="DIR", help="Add a folder of rules.",
           type=click.Path(exists=True, file_okay=False, path_type=Path)),
    option(_RULES, "--select", multiple=True, metavar="RULE", type=RuleName(),
           help="Run only these: names, groups, globs, ALL; replaces the configuration."),
    option(_RULES, "--extend-select", multiple=True, metavar="RULE", type=RuleName(),
           help="Run these too."),
    option(_RULES, "--ignore", multiple=True, metavar="RULE", type=RuleName(),
           help="Leave these out."),
    option(_RULES, "--severity", multiple=True, metavar="RULE=LEVEL",
           help="Replace the severity of a rule: error, warning, info."),
    option(_RULES, "--set", multiple=True, metavar="RULE.PARAM=VALUE",
           help="Set a parameter of a rule."),
)  # fmt: skip
_SETTINGS_OPTIONS: Final[tuple[Decorator, ...]] = (
    option(_SETTINGS, "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path),
           metavar="FILE", help="Use this configuration instead of the one found."),
    option(_SETTINGS, "--isolated", is_flag=True, help="Use no configuration."),
)  # fmt: skip


def reads_models(function: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator: the command takes PATH… and the options about models, as a `Models`."""
    return _with((_PATHS, _STDIN, *_MODEL_OPTIONS, *_SETTINGS_OPTIONS), function)


def judges_models(function: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator: as `reads_models`, with the options about rules."""
    return _with((_PATHS, _STDIN, *_MODEL_OPTIONS, *_RULE_OPTIONS, *_SETTINGS_OPTIONS), function)


def compares_models(function: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator: as `judges_models`, of files and folders only."""
    return _with((_PATHS, *_MODEL_OPTIONS, *_RULE_OPTIONS, *_SETTINGS_OPTIONS), function)


def edits_models(function: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator: the command takes PATH… whose files it writes, and which of them to read."""
    return _with((_PATHS, *_FILE_OPTIONS, *_SETTINGS_OPTIONS), function)


def _with(options: tuple[Decorator, ...], function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def command(paths: tuple[Path, ...], stdin_filename: str | None = None, **options: Any) -> Any:
        given = {name: options.pop(name) for name in _GIVEN if name in options}
        piped = stdin_filename is not None and Path("-") in paths
        files = tuple(path for path in paths if not (piped and str(path) == "-"))
        return function(Models(files, stdin_filename if piped else None, _given(given)), **options)

    decorated: Callable[..., Any] = command
    for decorate in reversed(options):
        decorated = decorate(decorated)
    return decorated


_GIVEN: Final = frozenset(field.name for field in fields(Given))


def _given(options: Mapping[str, Any]) -> Given:
    split = {
        name: tuple(word.strip() for text in options[name] for word in text.split(",") if word)
        for name in ("select", "extend_select", "ignore")
        if name in options
    }
    level = options.get("fail_level")
    return Given(**{**options, **split, "fail_level": Severity(level) if level else None})


def deliver(document: Escaped, path: Path | None) -> None:
    """Write a document to the file that was named, or else print it.

    Raises:
        OrgdiagError: it cannot be written; what was there is still there.
    """
    if path is None:
        console.show(document)
    else:
        put(path, document)


def put(path: Path, text: Escaped) -> None:
    """Write a file whole.

    Raises:
        OrgdiagError: it cannot be written; what was there is still there.
    """
    try:
        write_whole(anchored(path, Path.cwd()), text)
    except OSError as error:
        raise OrgdiagError.of(f"cannot write {path}: {error.strerror}") from None
