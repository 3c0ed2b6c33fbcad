"""`orgdiag format`: models and rules, laid out as everybody's are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from orgdiag import config
from orgdiag.cli import console
from orgdiag.cli.options import Sectioned, option, put
from orgdiag.config import Given
from orgdiag.documents.summary import counted
from orgdiag.finding import Finding, OrgdiagError, Problem
from orgdiag.frozen import frozen
from orgdiag.media.escaped import Verbatim
from orgdiag.text.difference import difference

if TYPE_CHECKING:
    from orgdiag.layout import Elsewhere
    from orgdiag.load import File

_FILES: Final = "Files"
_MODE: Final = "Mode"


@frozen
class _Outcome:
    """What came of one file.

    name      as messages call it
    path      where it lies
    before    what it holds
    after     what it should hold
    problems  why it cannot be formatted
    marked    whether a byte order mark is to go
    """

    name: str
    path: Path
    before: str = ""
    after: str = ""
    problems: Sequence[Problem] = ()
    marked: bool = False

    @property
    def changes(self) -> bool:
        """Whether the file is not as it should be."""
        return self.before != self.after or self.marked


@click.command("format", cls=Sectioned)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@option(_MODE, "--check", is_flag=True, help="Write nothing; exit 1 when a file would change.")
@option(_MODE, "--diff", is_flag=True, help="Write nothing; print what would change.")
@option(_FILES, "--stdin-filename", default="stdin.orgd", metavar="NAME",
        help="The name of what `-` reads; rules end with .orgr.")  # fmt: skip
@option(_FILES, "--exclude", multiple=True, metavar="GLOB", help="Leave out files, as in "
        ".gitignore.")  # fmt: skip
@option(_FILES, "--config", "configuration", metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Use this configuration instead of the one found.")  # fmt: skip
@option(_FILES, "--isolated", is_flag=True, help="Use no configuration.")
def command(
    paths: tuple[Path, ...],
    check: bool,
    diff: bool,
    stdin_filename: str,
    exclude: tuple[str, ...],
    configuration: Path | None,
    isolated: bool,
) -> int:
    """Format models and rules: files and folders with *.orgd and *.orgr, by default the project.

    What a file says and its comments stay. A file with a syntax error is left as it is. `-` formats
    standard input to standard output. Exits 1 when a file cannot be read, or with --check when one
    would change.
    """
    given = Given(config=configuration, isolated=isolated, exclude=exclude)
    if Path("-") in paths:
        if len(paths) > 1:
            raise OrgdiagError.of("`-` stands alone: it writes to standard output")
        return _stdin(stdin_filename, config.settings(given, ()), check, diff)
    settings = config.settings(given, paths)
    with console.working("formatting"):
        outcomes = _outcomes(paths, settings)
    for outcome in outcomes:
        if diff:
            console.out(*difference(outcome.name, outcome.before, outcome.after))
        elif outcome.changes and not check:
            put(outcome.path, Verbatim(outcome.after))
    return _report(outcomes, check, diff)


def _outcomes(paths: Sequence[Path], settings: config.Settings) -> list[_Outcome]:
    from orgdiag.layout import MODELS, RULES
    from orgdiag.load import discover

    missing = [path for path in paths if not path.exists()]
    if missing:
        raise OrgdiagError([Problem(f"there is no file or folder {path}") for path in missing])
    named = [path.absolute() for path in paths] or [settings.root]
    files = discover(named, settings.root, (MODELS, RULES), tuple(settings.exclude))
    if not files:
        raise OrgdiagError.of("nothing to format: no *.orgd and no *.orgr")
    elsewhere = _elsewhere(named, settings)
    return [_outcome(file, elsewhere) for file in files]


def _outcome(file: File, elsewhere: Elsewhere) -> _Outcome:
    from orgdiag.layout import formatted
    from orgdiag.load import read_text

    path = file.root / file.inside
    source = read_text(file.inside, file.root, name=file.name)
    if isinstance(source, Finding):
        return _Outcome(file.name, path, problems=(_problem(source),))
    after = formatted(source, elsewhere)
    marked = not after.problems and path.stat().st_size != len(source.text.encode())
    return _Outcome(file.name, path, source.text, after.text, after.problems, marked)


def _elsewhere(paths: Sequence[Path], settings: config.Settings) -> Elsewhere:
    """What the models of the project say by `extend`; they are read when it is first asked."""

    @cache
    def ask() -> frozenset[str]:
        from orgdiag.layout import said_elsewhere
        from orgdiag.load import load

        found = load([settings.root, *paths], settings.root, exclude=tuple(settings.exclude))
        return said_elsewhere(found.parsed)

    return ask


def _problem(finding: Finding) -> Problem:
    """What is in the way of a file that cannot be read; one without text has no place."""
    span = finding.span if finding.span.source.text else None
    return Problem(finding.message, span, finding.help)


def _stdin(name: str, settings: config.Settings, check: bool, diff: bool) -> int:
    from orgdiag.layout import formatted
    from orgdiag.load import read_stdin

    source = read_stdin(name)
    if isinstance(source, Finding):
        return _report([_Outcome(name, Path(name), problems=(_problem(source),))], check, diff)
    after = formatted(source, _elsewhere((), settings))
    outcome = _Outcome(name, Path(name), source.text, after.text, after.problems)
    if diff:
        console.out(*difference(outcome.name, outcome.before, outcome.after))
    elif not check and not outcome.problems:
        console.show(Verbatim(outcome.after))
        return 0
    return _report([outcome], check, diff)


def _report(outcomes: Sequence[_Outcome], check: bool, diff: bool) -> int:
    """Say what was done; the exit code. Where standard output is a diff, on standard error."""
    problems = [problem for outcome in outcomes for problem in outcome.problems]
    if problems:
        console.problems(problems)
    changed = [outcome for outcome in outcomes if outcome.changes]
    say = console.err if diff else console.out
    if check and not diff:
        say(*(f"would format {outcome.name}" for outcome in changed))
    say(", ".join(_counts(outcomes, dry=check or diff)))
    return 1 if problems or (check and changed) else 0


def _counts(outcomes: Sequence[_Outcome], *, dry: bool) -> Iterator[str]:
    broken = sum(bool(outcome.problems) for outcome in outcomes)
    changed = sum(outcome.changes for outcome in outcomes)
    same = len(outcomes) - broken - changed
    if changed:
        yield f"{counted(changed, 'file')} {'would be formatted' if dry else 'formatted'}"
    if same or not (changed or broken):
        yield f"{counted(same, 'file')} left as {'it is' if same == 1 else 'they are'}"
    if broken:
        yield f"{counted(broken, 'file')} not formatted"
