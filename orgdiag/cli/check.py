"""`orgdiag check`: lint a model."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import click

from orgdiag import baseline, config, formats
from orgdiag.cli import console
from orgdiag.cli.models import judged
from orgdiag.cli.options import (
    COLOURS,
    LEVELS,
    Models,
    Sectioned,
    Words,
    judges_models,
    option,
    put,
)
from orgdiag.documents.excerpt import PLAIN
from orgdiag.documents.summary import counted
from orgdiag.files.opening import anchored
from orgdiag.files.reading import DISK
from orgdiag.files.writing import append
from orgdiag.finding import OrgdiagError
from orgdiag.report import Report
from orgdiag.text.nearest import did_you_mean

if TYPE_CHECKING:
    from orgdiag.documents.sections import Page

_OUTPUT: Final = "Output"
_VERDICT: Final = "Verdict"
_SHOWN: Final = ("not-assessed",)


@click.command("check", cls=Sectioned, short_help="Lint a model.")
@judges_models
@option(_VERDICT, "--fail-level", type=LEVELS, help="Findings from here on fail the run (warning).")
@option(_VERDICT, "--max-warnings", type=click.IntRange(min=0), help="More warnings fail the run.")
@option(_VERDICT, "--exit-zero", is_flag=True, help="Exit 0 whatever is found.")
@option(_VERDICT, "--allow-empty", is_flag=True, help="An empty model is no error.")
@option(_VERDICT, "--accept/--no-accept", "accepts", default=True,
        help="Whether `accept` in the model counts.")  # fmt: skip
@option(_VERDICT, "--baseline", type=click.Path(path_type=Path), metavar="FILE",
        help="The file of known findings (orgdiag.baseline.json).")  # fmt: skip
@option(_VERDICT, "--no-baseline", "use_baseline", flag_value=False, default=True,
        help="Count the findings of the baseline too.")  # fmt: skip
@option(_VERDICT, "--write-baseline", is_flag=True, help="Make today's findings the baseline.")
@option(_VERDICT, "--prune-baseline", is_flag=True, help="Drop baseline entries that are gone.")
@option(_OUTPUT, "--output-format", "--format", "output_format", default="full", metavar="FORMAT",
        type=Words(formats.names()),
        help="How to print: " + ", ".join(formats.names()) + ".")  # fmt: skip
@option(_OUTPUT, "--output", "outputs", multiple=True, metavar="FORMAT=PATH",
        help="Write a file too; may be repeated.")  # fmt: skip
@option(_OUTPUT, "--color", "--colour", "colour", default="auto",
        type=COLOURS, help="Colours (auto).")  # fmt: skip
@option(_OUTPUT, "--show", multiple=True, type=Words(_SHOWN), help="List these too.")
@option(_OUTPUT, "--statistics", is_flag=True, help="Count the findings by rule.")
@option(_OUTPUT, "--timings", is_flag=True, help="Show how long stages and rules took.")
@option(_OUTPUT, "--show-settings", is_flag=True, help="Print what is in force, and who set it.")
def command(models: Models, **options: Any) -> int:
    """Lint a model: files and folders with *.orgd, by default the whole project.

    `-` reads standard input. Exits 0 when clean, 1 on findings at or above the fail level, 2 when
    something around the model is wrong.
    """
    settings = config.settings(models.given, models.paths)
    if options["show_settings"]:
        _known(settings)
        console.out(*config.lines(settings))
        return 0
    name = options["output_format"]
    _baseline_makes_sense(models.given.baseline, options)
    targets = [_target(text) for text in options["outputs"]]
    paged = {form for form in (name, *(form for form, _ in targets)) if formats.of_page(form)}
    report = judged(models, settings, perf_counter if options["timings"] else None, bool(paged))
    if not options["allow_empty"]:
        _not_empty(report)
    if options["write_baseline"] or options["prune_baseline"]:
        report = _keep_baseline(report, settings, prune=options["prune_baseline"])
    look = console.look(options["colour"], "not-assessed" in options["show"])
    told = dict.fromkeys(paged, _page(report)) if paged else {}
    for form, path in targets:
        put(path, formats.render(form, told.get(form, report), PLAIN))
    console.show(formats.render(name, told.get(name, report), look))
    if name == "github":
        _step_summary(report)
    if options["statistics"]:
        console.out(*_statistics(report))
    if options["timings"]:
        console.err(*(f"{1000 * time:9.1f} ms  {what}" for what, time in report.timings))
    if report.given_up:
        console.problems([rule.problem for rule in report.given_up])
        return 2
    return 0 if options["exit_zero"] else _code(report, settings)


def _page(report: Report) -> Page:
    """What the diagnostic report shows of a diagnosed report."""
    from orgdiag.documents.sections import page

    return page(report)


def _baseline_makes_sense(given: Path | None, options: dict[str, Any]) -> None:
    """Nothing, where what is asked of the baseline can be done.

    Raises:
        OrgdiagError: the file that was named is not there, or both writing and pruning were asked.
    """
    if options["write_baseline"] and options["prune_baseline"]:
        raise OrgdiagError.of("--write-baseline and --prune-baseline exclude each other")
    if given is not None and not options["write_baseline"] and not DISK.kind(given):
        raise OrgdiagError.of(f"there is no baseline {given}", help="write it: --write-baseline")


def _known(settings: config.Settings) -> None:
    """Nothing, where every rule, group and parameter that the settings name is known.

    Raises:
        OrgdiagError: one is not.
    """
    from orgdiag.pipeline import rules_in_force

    rules = rules_in_force(settings)
    config.selected(settings, {rule.name: rule.group for rule in rules})


def _format(name: str) -> str:
    if name not in formats.names():
        hint = did_you_mean(name, formats.names())
        raise OrgdiagError.of(f"no output format `{name}`", help=hint or _legal())
    return name


def _legal() -> str:
    return f"formats: {', '.join(formats.names())}"


def _target(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not (equals and path):
        raise OrgdiagError.of(f"--output {text}: not of the form FORMAT=PATH", help=_legal())
    return _format(name), Path(path)


def _not_empty(report: Report) -> None:
    if not report.findings and not any(report.checked.elements.values()):
        files = counted(report.checked.files, "file")
        notices = "".join(f"; {notice.removesuffix('.')}" for notice in report.notices)
        raise OrgdiagError.of(
            f"nothing to check: no element in {files}{notices}", help="allow it with --allow-empty"
        )


def _keep_baseline(report: Report, settings: config.Settings, prune: bool) -> Report:
    """The report against the baseline that was just written; the old one where CI is true."""
    if os.environ.get("CI", "").lower() in ("1", "true"):
        console.err("note: CI is true, so the baseline is not written")
        return report
    path = settings.baseline
    known = baseline.read(path, settings.root) if settings.use_baseline else {}
    write = baseline.pruned if prune else baseline.text
    put(path, write(report, known))
    console.err(f"note: wrote {config.shown(path)}")
    return replace(
        report,
        findings=baseline.mark(report.findings, baseline.read(path, settings.root)),
        stale=(),
    )


def _step_summary(report: Report) -> None:
    """Append the summary in Markdown to the page of a GitHub job, where there is one."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        append(anchored(Path(path), Path.cwd()), formats.render("markdown", report, PLAIN))


def _statistics(report: Report) -> list[str]:
    counts = Counter(finding.rule for finding in report.new)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return [f"{number:6}  {rule}" for rule, number in rows]


def _code(report: Report, settings: config.Settings) -> int:
    limit = settings.max_warnings
    too_many = limit is not None and report.counts["warning"] > limit
    return 1 if too_many or report.at_least(settings.fail_level) else 0
