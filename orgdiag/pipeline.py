"""Every stage in order: texts, organisation, facts, findings, report."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from orgdiag import __version__, acceptance, baseline, gates
from orgdiag.config import Said, Settings, in_force, overruled, selected
from orgdiag.diagnose.causes import explain
from orgdiag.evaluate import evaluating, finished
from orgdiag.facts.columns import Facts
from orgdiag.files.reading import DISK, Files
from orgdiag.finding import Finding, OrgdiagError, Problem
from orgdiag.frozen import frozen
from orgdiag.load import Limits, Loaded, load
from orgdiag.model.elements import PLURALS, Org
from orgdiag.parse import Parsed, parse
from orgdiag.report import Calendar, Checked, Report, in_order
from orgdiag.resolve import resolve
from orgdiag.rule import RuleSet, load_rules
from orgdiag.text.nearest import did_you_mean
from orgdiag.text.source import Source
from orgdiag.whatif import operations

Clock = Callable[[], float]


class Input(NamedTuple):
    """Which models to read.

    paths  files and folders; none = the project
    stdin  the text on standard input, or why it cannot be read; None where nobody asks for it
    today  the day that counts when nothing else says so
    files  where they are read
    parse  how a text becomes statements
    """

    paths: tuple[Path, ...]
    stdin: Source | Finding | None
    today: date
    files: Files = DISK
    parse: Callable[[Source], Parsed] = parse


@frozen
class Model:
    """A model that was read: how many files, what was left out, what it says, what is wrong.

    The statements are not kept: they take as much memory as the organisation made from them.
    """

    files: int
    notices: tuple[str, ...]
    facts: Facts
    findings: tuple[Finding, ...]
    as_of_origin: str

    @property
    def org(self) -> Org:
        """The organisation."""
        return self.facts.org


@dataclass(slots=True)
class Stopwatch:
    """How long each stage took, by a clock that the caller brings; without one, nothing."""

    clock: Clock | None = None
    times: list[tuple[str, float]] = field(default_factory=list)
    last: float = 0.0

    def start(self) -> None:
        """Begin to count."""
        self.last = self.clock() if self.clock else 0.0

    def lap(self, stage: str) -> None:
        """The stage of that name is done."""
        if self.clock:
            now = self.clock()
            self.times.append((stage, now - self.last))
            self.last = now


def with_diagnosis(report: Report, facts: Facts) -> Report:
    """The report with causes, where to start, and the vital signs of the organisation."""
    from orgdiag.diagnose.diagnosis import diagnose
    from orgdiag.diagnose.vitals import vital_signs
    from orgdiag.documents.sections.coverage import coverage

    known, findings = coverage(report), report.findings
    return replace(
        report,
        diagnosis=diagnose(findings, facts),
        signs=vital_signs(facts, findings, known.assessed, known.applicable),
    )


def rules_in_force(settings: Settings) -> RuleSet:
    """All rules with the severities and parameters that are set.

    Raises:
        OrgdiagError: a rule text is wrong, or a setting fits no rule; each at its place.
    """
    rules = load_rules(tuple(settings.rule_folders), settings.root)
    problems: dict[str, Problem] = {}  # each once: an unknown rule where its table begins
    for name, word, said in _settings_of_rules(settings):
        try:
            rules = rules.adjusted(name, {word: said.text} if word else {}, said.origin)
        except OrgdiagError as error:
            for problem in error.problems:
                problems.setdefault(problem.message, replace_place(problem, said))
    if problems:
        raise OrgdiagError(list(problems.values()))
    return rules


def replace_place(problem: Problem, said: Said) -> Problem:
    """A problem at the place where the setting stands that caused it."""
    return problem._replace(span=problem.span or said.span)


def _settings_of_rules(settings: Settings) -> Iterator[tuple[str, str, Said]]:
    for name, said in settings.tables.items():
        yield name, "", said
    for name, said in settings.severity.items():
        yield name, "severity", said
    for name, params in settings.params.items():
        for param, said in params.items():
            yield name, param, said


def texts(settings: Settings, input: Input) -> Loaded:
    """The texts of the files, parsed, and what could not be read.

    Raises:
        OrgdiagError: a path is missing.
    """
    missing = [path for path in input.paths if not input.files.kind(path.absolute())]
    if missing:
        raise OrgdiagError([Problem(f"there is no file or folder {path}") for path in missing])
    paths = input.paths or (() if input.stdin else (settings.root,))
    return load(
        [path.absolute() for path in paths],
        settings.root,
        limits(settings),
        stdin=input.stdin if isinstance(input.stdin, Source) else None,
        exclude=tuple(settings.exclude),
        files=input.files,
        parse=input.parse,
    )


def read(settings: Settings, input: Input) -> Model:
    """The model that the files describe, and what the reader found in them.

    Raises:
        OrgdiagError: a path is missing.
    """
    loaded = texts(settings, input)
    unread = (input.stdin,) if isinstance(input.stdin, Finding) else ()
    org, findings = resolve(
        loaded.parsed,
        settings.as_of,
        operations=operations.forms(),
        before=(*unread, *loaded.findings),
        incomplete=loaded.incomplete or bool(unread),
    )
    origin = settings.as_of_origin or ("model" if org.as_of else "today")
    if org.as_of is None:
        org = replace(org, as_of=input.today)
    notices = tuple(_notices(loaded))
    return Model(len(loaded.parsed), notices, Facts(org), findings, origin)


def limits(settings: Settings) -> Limits:
    """How much is read: the limits that are set, the others as they are.

    Raises:
        OrgdiagError: a limit is set that does not exist.
    """
    known = [item.name for item in fields(Limits)]
    for name in settings.limits:
        if name not in known:
            word = name.replace("_", "-")
            legal = [other.replace("_", "-") for other in known]
            raise OrgdiagError.of(f"no limit `{word}`", help=did_you_mean(word, legal))
    return replace(Limits(), **settings.limits)


def judge(settings: Settings, model: Model, rules: RuleSet, clock: Clock | None = None) -> Report:
    """The report about a model that was read, by rules in force."""
    return finished(judging(settings, model, rules, clock))


def judging(
    settings: Settings, model: Model, rules: RuleSet, clock: Clock | None = None
) -> Generator[str, None, Report]:
    """As `judge`, with the name of each rule as soon as it has run; it may be left off there."""
    org, as_of = model.org, model.org.as_of or date.min
    groups = {rule.name: rule.group for rule in rules}
    names = selected(settings, groups)
    outcome = yield from evaluating(rules, model.facts, clock=clock, names=names)
    gated = gates.judge(settings.gates if gates.RULE in names else (), model.facts)
    ran = names.difference(rule.rule for rule in outcome.given_up)  # of others nothing can be said
    found = (
        *model.findings,
        *explain(outcome.findings, model.facts),
        *gated.findings,
    )
    not_assessed = (*outcome.not_assessed, *gated.not_assessed)
    if settings.accepts:
        found = acceptance.accept(org, found, acceptance.Ran(as_of, rules.rules, ran, not_assessed))
    found = tuple(in_force(settings, found, names))
    known = baseline.read(settings.baseline, settings.root) if settings.use_baseline else {}
    found = baseline.mark(found, known)
    return Report(
        version=__version__,
        title=org.name or org.id,
        as_of=as_of,
        as_of_origin=model.as_of_origin,
        calendar=_calendar(org),
        findings=in_order(found),
        not_assessed=not_assessed,
        rules={rule.name: rule for rule in rules if rule.name in names},
        checked=_checked(model, len(names), outcome.pairs),
        stale=baseline.stale(found, known, baseline.Ran(rules.rules, ran, not_assessed)),
        notices=(
            *model.notices,
            *overruled(settings, model.findings, groups),
            *(rule.problem.message for rule in outcome.given_up),
        ),
        given_up=outcome.given_up,
        timings=tuple(sorted(outcome.timings, key=lambda timing: -timing[1])),
        facts=model.facts,
    )


def _checked(model: Model, rules: int, pairs: int) -> Checked:
    return Checked(
        files=model.files,
        elements={kind: len(model.org.of_kind(kind)) for kind in PLURALS},
        rules=rules,
        pairs=pairs,
    )


def _calendar(org: Org) -> Calendar:
    day, week = org.calendar.day.value, org.calendar.week.value
    return Calendar(float(day / 60), float(week / day))


def _notices(loaded: Loaded) -> Iterator[str]:
    for why, number in loaded.skipped:
        noun = "file or folder was" if number == 1 else "files and folders were"
        yield f"{number} {noun} left out ({why})."
