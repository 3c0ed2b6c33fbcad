"""The command line: the only part that prints, asks the environment and exits.

Each command is a module of this folder with a click command called `command`; it is imported only
when it is asked for, so that `--help` and `--version` are as fast as the interpreter allows.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Final

import click

from orgdiag import __version__
from orgdiag.cli import console
from orgdiag.text.nearest import did_you_mean

SECTIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "Judge": {
        "check": "Lint a model: findings with their place, facts and fixes.",
        "why": "Show the facts behind a finding, or behind its absence.",
        "diagnose": "Tell per stream where work waits, why, and what to change.",
        "diff": "Compare two models: findings, numbers, the constraint.",
    },
    "Show": {
        "report": "Write the diagnostic report as one HTML page.",
        "metrics": "Print the numbers of streams, steps, teams, organisation.",
        "graph": "Export teams, a stream or components as a graph.",
    },
    "Write": {
        "init": "Start a model: a commented example, config, pre-commit entry.",
        "format": "Format models and rules.",
        "rename": "Give an element another id in all files.",
    },
    "Rules": {
        "rule": "Explain a rule, or list the rules.",
        "fields": "List the words of the rules language.",
        "test": "Run the examples inside rules.",
        "config": "Print the JSON schema of the configuration.",
    },
}
COMMANDS: Final = {name: text for group in SECTIONS.values() for name, text in group.items()}


class Commands(click.Group):
    """The commands by name, each imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"orgdiag.cli.{cmd_name}").command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the arguments begin with; unknown ones get the nearest."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            hint = did_you_mean(args[0], COMMANDS) or f"commands: {', '.join(COMMANDS)}"
            ctx.fail(f"no command `{args[0]}`; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands in their groups, without importing any."""
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(list(commands.items()))


@click.group(
    cls=Commands,
    help="Lint an organisation: teams, ownership and value streams as text, judged by rules.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=True,
    epilog="Exit: 0 clean, 1 findings, 2 usage or configuration. Manual: `orgdiag COMMAND --help`.",
)
@click.version_option(__version__, prog_name="orgdiag", message="%(prog)s %(version)s")
@click.option("--debug", is_flag=True, help="Show the traceback of an internal error.")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> None:
    """Print the help where no command is named."""
    if ctx.invoked_subcommand is None:
        console.out(*ctx.get_help().split("\n"))


def main(argv: Sequence[str] | None = None) -> int:
    """The exit code of one run: 0, 1, 2, 70 (internal error) or 130 (interrupted)."""
    args = list(sys.argv[1:] if argv is None else argv)
    console.prepare()
    was_on = gc.isenabled()
    gc.disable()  # a run ends before it makes garbage worth looking for; looking costs a fifth
    try:
        return _run(args)
    except (KeyboardInterrupt, click.Abort):
        return 130
    except BrokenPipeError:
        console.drop()
        return 0
    except Exception as error:  # noqa: BLE001 - the one guard: no traceback reaches a user
        return _failed(error, "--debug" in args)
    finally:
        if was_on:
            gc.enable()


def _run(args: list[str]) -> int:
    if any("\0" in arg for arg in args):  # no shell can say it, and no path or text can hold it
        console.err("error: an argument holds a NUL character\n")
        return 2
    try:
        result = cli.main(args, prog_name="orgdiag", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        console.err(*_usage(error))
        return 2
    except BrokenPipeError:
        raise
    except OSError as error:
        where = error.filename or "a file"
        console.err(f"error: cannot use {where}: {error.strerror or 'it fails'}")
        return 2


def _usage(error: click.ClickException) -> Iterator[str]:
    context = getattr(error, "ctx", None)
    if isinstance(error, click.NoSuchOption) and context is not None:
        legal = [name for param in context.command.params for name in param.opts]
        hint = did_you_mean(error.option_name, legal)
        yield f"error: no option `{error.option_name}`" + (f"; {hint}" if hint else "")
    else:
        yield f"error: {error.format_message()}"
    if context is not None:
        yield f"try `{context.command_path} --help`"


def _failed(error: Exception, debug: bool) -> int:
    from orgdiag.finding import OrgdiagError  # whoever raised it has loaded it

    if isinstance(error, OrgdiagError):
        console.problems(error.problems)
        return 2
    if debug:
        import traceback

        console.err(*"".join(traceback.format_exception(error)).rstrip("\n").split("\n"))
    console.err(
        "error: orgdiag failed inside; this is a defect of orgdiag: please report it with the "
        "output of the same command with --debug"
    )
    return 70
