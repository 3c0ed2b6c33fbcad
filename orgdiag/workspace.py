"""A model while somebody works on it: the one owner of what changes.

Texts on the disk and unsaved ones → statements for each file → organisation → facts → report. Each
is made when it is first asked for and kept until a text changes; of the files that stayed as they
were the statements are kept longer. All stages are pure, so what was left off leaves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orgdiag import config, pipeline
from orgdiag.config import Given, Settings
from orgdiag.evaluate import finished
from orgdiag.files.buffers import Buffers
from orgdiag.files.opening import below
from orgdiag.files.reading import DISK, Files
from orgdiag.finding import Finding
from orgdiag.load import Loaded, settled
from orgdiag.parse import Parsed, parse
from orgdiag.pipeline import Clock, Input, Model, Stopwatch
from orgdiag.report import Report
from orgdiag.text.source import Source

if TYPE_CHECKING:
    import networkx as nx

    from orgdiag.facts.columns import Facts
    from orgdiag.model.elements import Org
    from orgdiag.resolve import Occurrence
    from orgdiag.rule import RuleSet


def check_text(text: str, path: str | Path = "<text>") -> Report:
    """The report about a text, as `orgdiag check --isolated -` gives it.

    Args:
        text: the model.
        path: how findings call it; what it includes is looked for from there.
    """
    settings = Settings(Path.cwd(), use_baseline=False)
    source = Source(Path(path).as_posix(), text)
    return Workspace(settings.root, settings, paths=(), stdin=source, once=True).report()


def check_paths(paths: Iterable[str | Path] = ()) -> Report:
    """The report about files and folders, as `orgdiag check PATH…` gives it.

    The configuration above them counts, and so does its baseline. No path stands for the project
    around the working folder.

    Raises:
        OrgdiagError: a path is missing; a configuration or a rule text is wrong.
    """
    places = tuple(map(Path, [paths] if isinstance(paths, str | Path) else paths))
    settings = config.settings(Given(), places)
    return Workspace(settings.root, settings, paths=places, once=True).report()


class _State:
    """What is known of the texts as they are now; made anew when one of them changes."""

    def __init__(self, settings: Settings, input: Input) -> None:
        self.settings = settings
        self.input = input
        self._report: Report | None = None
        self._diagnosed: Report | None = None

    @cached_property
    def model(self) -> Model:
        return pipeline.read(self.settings, self.input)

    def judging(self, rules: RuleSet, clock: Clock | None) -> Generator[str, None, Report]:
        if self._report is None:
            self._report = yield from pipeline.judging(self.settings, self.model, rules, clock)
        return self._report

    def diagnosed(self, report: Report) -> Report:
        if self._diagnosed is None:
            self._diagnosed = pipeline.with_diagnosis(report, self.model.facts)
        return self._diagnosed


class Workspace:
    """A model of files and unsaved texts, read and judged as often as somebody asks.

    It is for one thread. Files are read when something is first asked for, after a text was set and
    after `refresh`; whoever watches the disk calls that.
    """

    def __init__(
        self,
        root: str | Path = ".",
        settings: Settings | None = None,
        *,
        paths: Iterable[Path] | None = None,
        stdin: Source | Finding | None = None,
        files: Files = DISK,
        today: Callable[[], date] = date.today,
        once: bool = False,
    ) -> None:
        """Open the models of a folder; nothing is read yet.

        Args:
            root: the folder; paths of unsaved texts start there.
            settings: what is in force; by default what the configuration above the folder says.
            paths: the files and folders to read, by default all of the folder.
            stdin: a text to read beside them, or why it could not be read.
            files: where they are read.
            today: the day that counts where neither settings nor model name one.
            once: whether one question is all: then no statements are kept for the next.

        Raises:
            OrgdiagError: the configuration is wrong.
        """
        self.root = settled(Path(root).absolute())
        places = (self.root,) if paths is None else tuple(paths)
        self.settings = settings or config.settings(Given(), places)
        self._paths = places
        self._stdin = stdin
        self._files = files
        self._today = today
        self._once = once
        self._texts: dict[Path, str] = {}
        self._parsed: dict[str, Parsed] = {}
        self._rules: RuleSet | None = None
        self._state: _State | None = None

    # --- texts ------------------------------------------------------------------------------------

    def set_text(self, path: str | Path, text: str) -> None:
        """Let a file say this, whether it is saved or not, and whether there is one yet."""
        self._texts[self._place(path)] = text
        self._state = None

    def close(self, path: str | Path) -> None:
        """Let a file say again what the disk says."""
        self._texts.pop(self._place(path), None)
        self._state = None

    def copy(self, settings: Settings | None = None) -> Workspace:
        """Another workspace of the same texts, in which something can be tried.

        Args:
            settings: what is in force there, if it is something else.
        """
        other = Workspace(
            self.root, settings or self.settings, paths=self._paths, stdin=self._stdin,
            files=self._files, today=self._today, once=self._once,
        )  # fmt: skip
        other._texts = dict(self._texts)
        other._parsed = dict(self._parsed)
        other._rules = None if settings else self._rules
        return other

    def refresh(self) -> None:
        """Read everything again, rules included: the disk may say something else by now."""
        self._rules = self._state = None

    # --- what is asked ----------------------------------------------------------------------------

    @property
    def rules(self) -> RuleSet:
        """All rules, with the severities and parameters that are set.

        Raises:
            OrgdiagError: a rule text is wrong, or a setting fits no rule.
        """
        if self._rules is None:
            self._rules = pipeline.rules_in_force(self.settings)
        return self._rules

    @property
    def model(self) -> Model:
        """The model that was read, with what the reader found in it; nothing is judged for it.

        Raises:
            OrgdiagError: a path is missing.
        """
        return self._now.model

    @property
    def org(self) -> Org:
        """The organisation."""
        return self.model.org

    @property
    def facts(self) -> Facts:
        """The organisation with everything that can be derived from it."""
        return self.model.facts

    @property
    def texts(self) -> Loaded:
        """The texts that are read, parsed."""
        return pipeline.texts(self.settings, self._now.input)

    @property
    def occurrences(self) -> tuple[Occurrence, ...]:
        """Every place where an element is defined or named, by place."""
        from orgdiag.resolve import occurrences
        from orgdiag.whatif import operations

        return occurrences(self.texts.parsed, operations.forms())

    def graph(self, of: str = "teams") -> nx.MultiDiGraph[str]:
        """Teams, use, a stream or components as a graph of networkx, made anew: `graphs.graph`."""
        from orgdiag.graphs import graph

        return graph(self.facts, of)

    def problems(self, path: str | Path, *, judged: bool = True) -> tuple[Finding, ...]:
        """The findings that stand in one file.

        Args:
            path: the file.
            judged: whether the rules are asked; without them only what the reader found is told,
                which is there sooner.
        """
        found = self.report().findings if judged else self.model.findings
        name = self.name(path)
        return tuple(finding for finding in found if finding.span.path == name)

    def judging(self, clock: Clock | None = None) -> Iterator[str]:
        """Judge rule by rule: the name of each rule as soon as it has run.

        At the end the report is there. It can be left off at any rule, and then nothing is kept; of
        texts that were set meanwhile it knows nothing.
        """
        yield from self._now.judging(self.rules, clock)

    def report(self, *, diagnosed: bool = False, clock: Clock | None = None) -> Report:
        """The report about the model as it is now.

        Args:
            diagnosed: whether it tells causes, where to start, and the vital signs.
            clock: asked between stages when timings are wanted.

        Raises:
            OrgdiagError: a path is missing, a rule text is wrong, a setting fits no rule.
        """
        watch, state = Stopwatch(clock), self._now
        watch.start()
        rules = self.rules
        watch.lap("rules")
        state.model  # noqa: B018 - read now, so that its time is told apart
        watch.lap("read")
        report = finished(state.judging(rules, clock))
        watch.lap("judge")
        if diagnosed:
            report = state.diagnosed(report)
            watch.lap("diagnose")
        return replace(report, timings=(*watch.times, *report.timings)) if clock else report

    # --- inside -----------------------------------------------------------------------------------

    def name(self, path: str | Path) -> str:
        """How findings call a file."""
        place = self._place(path)
        return (below(place, self.settings.root) or place).as_posix()

    def _place(self, path: str | Path) -> Path:
        return settled(self.root / path)

    @property
    def _now(self) -> _State:
        if self._state is None:
            files = Buffers(self._files, dict(self._texts)) if self._texts else self._files
            read: Any = parse if self._once else self._parser()
            input = Input(self._paths, self._stdin, self._today(), files, read)
            self._state = _State(self.settings, input)
        return self._state

    def _parser(self) -> Callable[[Source], Parsed]:
        """Reads a text unless it is as it was; what is not asked for again is forgotten."""
        before, self._parsed = self._parsed, {}

        def read(source: Source) -> Parsed:
            known = self._parsed.get(source.path) or before.get(source.path)
            if known is None or known.source.text != source.text:
                known = parse(source)
            self._parsed[source.path] = known
            return known

        return read
