"""The diagnostic report in Markdown, for a wiki or a mail: the same sections as the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from orgdiag.documents.sections import Page, SignRow
from orgdiag.documents.sections.dependencies import KINDS, Dependencies
from orgdiag.documents.sections.findings import Entry, Group
from orgdiag.documents.sections.method import RuleNote
from orgdiag.documents.sections.roots import Plan, Root, Waiting
from orgdiag.documents.sections.streams import StreamSection
from orgdiag.documents.sections.teams import Teams
from orgdiag.documents.summary import counted
from orgdiag.finding import Finding
from orgdiag.media.markup import Markdown

Row = Sequence[str]


def render(whole: Page) -> Markdown:
    """The whole diagnostic report in Markdown."""
    parts = (
        _head(whole), _roots(whole), _signs(whole), _streams(whole), _findings(whole),
        _dependencies(whole.dependencies), _teams(whole.teams), _aside(whole), _method(whole),
    )  # fmt: skip
    return Markdown("\n").join([*chain.from_iterable(parts), Markdown()])


# --- what holds us back ---------------------------------------------------------------------------


def _head(whole: Page) -> Iterator[Markdown]:
    yield Markdown("# {}: what holds it back").format(whole.title or "Organisation")
    yield Markdown()
    facts = whole.as_of, whole.verdict, whole.checked
    yield Markdown("As of {}. {}. It {}.").format(*facts)
    known = whole.coverage
    yield from _section("First: what we do not know")
    counts = f"{known.assessed:,} of {known.applicable:,}"
    yield Markdown("{} checks could be made ({} %).").format(counts, known.percent)
    if not known.enough:
        yield Markdown("**That is not enough evidence for an overall statement.**")
    if known.wanted:
        yield Markdown("These inputs would settle most:\n")
    for want in known.wanted:
        missing = want.missing
        place = Markdown(" {}").format(Markdown.code(want.place)) if want.place else Markdown()
        number = counted(want.checks, "check")
        row = Markdown("- **{}** of {} {}{}: {}")
        yield row.format(missing.property, missing.kind, missing.id, place, number)


def _roots(whole: Page) -> Iterator[Markdown]:
    yield from _section("What holds us back")
    roots = whole.roots
    if roots.errors:
        yield Markdown("Correct the model first: these errors change every result.\n")
        yield from _listed(finding.message for finding in roots.errors)
        yield Markdown()
    if not roots.first:
        yield Markdown("No structure was found that holds work back.")
        return
    yield Markdown(
        "Each effect is an upper bound: it assumes that the waiting vanishes. The order is greedy, "
        "a heuristic and no optimum."
    )
    for root in roots.first:
        yield from _root(root)
    if roots.others:
        yield Markdown("\n### The other causes, in order\n")
        rows = [
            (
                str(o.number),
                o.title,
                f"{o.gain} {o.unit}" if o.gain else "not priced",
                o.main.message,
            )
            for o in roots.others
        ]
        yield from _table(("#", "Cause", "Effect", "Where it shows"), rows)
    if roots.risks:
        yield Markdown("\n### Risks: no delay until something happens\n")
        yield from _listed(finding.message for finding in roots.risks)


def _root(root: Root) -> Iterator[Markdown]:
    gain = Markdown(" – {} {}").format(root.gain, root.unit) if root.gain else Markdown()
    yield Markdown("\n### {}. {}{}\n").format(root.number, root.title, gain)
    yield Markdown("**Where work waits**\n")
    yield from _listed(map(_where, root.waiting), "At no step of a mapped stream that is known.")
    yield Markdown("\n**Why**\n")
    yield from _listed(finding.message for finding in root.why)
    yield Markdown("\n**What the structure should be**\n")
    yield from _listed(root.remedies, "The findings name no remedy.")
    yield Markdown("\n**Expected effect**\n")
    effects = chain(map(_effect, root.waiting), map(_planned, root.plans))
    yield from _listed(effects, "Not known: nothing that waits has a price yet.")
    yield Markdown("\n**What gets worse, what must be true**\n")
    weighs = (f"{finding.message} ({finding.rule})" for finding in root.weighs)
    yield from _listed(chain(root.burdens, weighs), "Nothing is known that speaks against it.")
    yield Markdown("\n**Where most would wait next**\n")
    yield from _listed((f"{step}: {time}" for step, time in root.next), "Nowhere that is known.")


def _where(wait: Waiting) -> str:
    return f"{wait.name}: " + ", ".join(f"{step} {time}" for step, time in wait.steps)


def _effect(wait: Waiting) -> str:
    again = f"; with rework 0 to {wait.saved_mean} of {wait.of_mean}"
    return f"{wait.name}: 0 to {wait.saved} of {wait.of}" + (
        again if wait.saved_mean != wait.saved else ""
    )


def _planned(plan: Plan) -> str:
    again = f", with rework {plan.saved_mean}" if plan.saved_mean != plan.saved else ""
    return f"Planned: {plan.change} saves {plan.saved}{again} in {plan.stream}"


# --- signs and streams ----------------------------------------------------------------------------


def _signs(whole: Page) -> Iterator[Markdown]:
    yield from _section("Vital signs")
    yield Markdown("No score: it would need weights that nobody can defend.\n")
    rows = [(s.title, _readings(s), s.reference, s.basis) for s in whole.signs]
    yield from _table(("Sign", "Value", "Held against", "Source"), rows)


def _readings(sign: SignRow) -> str:
    parts = [
        " ".join(part for part in (reading.value, reading.of, reading.target) if part)
        for reading in sign.readings
    ]
    more = [f"and {sign.more} more"] if sign.more else []
    return "; ".join([*parts, *more]) or "nothing to measure"


def _streams(whole: Page) -> Iterator[Markdown]:
    yield from _section("Value streams")
    if not whole.streams.drawn:
        yield Markdown("No stream with a step is modelled: nothing is known of how work flows.")
    for stream in whole.streams.drawn:
        yield from _stream(stream)
    if whole.streams.undrawn:
        yield Markdown("\n### Further streams, with less waiting\n")
        yield from _table(("Stream", "Lead time", "Flow efficiency"), whole.streams.undrawn)
    if whole.streams.empty:
        yield Markdown("\nWithout a step: {}.").format(", ".join(whole.streams.empty))


def _stream(stream: StreamSection) -> Iterator[Markdown]:
    yield Markdown("\n### {}\n").format(stream.name)
    yield from _listed(f"{label}: {value}" for label, value in stream.facts)
    yield Markdown()
    figures = [(figure.label, figure.value, figure.note) for figure in stream.figures]
    yield from _table(("Number", "Value", ""), figures)
    yield Markdown("\n**Constraint.** {}\n").format(stream.constraint)
    steps = [
        (
            str(row.number), row.step, row.team, row.process, row.lead, row.wait, row.reasons,
            row.accurate, row.rework, "critical" if row.on_path else "beside",
        )
        for row in stream.rows
    ]  # fmt: skip
    yield from _table(
        ("#", "Step", "Team", "Work", "Lead time", "Waiting", "Reasons", "%C&A", "Rework", "Path"),
        steps,
    )
    yield Markdown("\nEvery hour of the mean lead time, by reason:\n")
    reasons = [(row.title, *row.cells, row.share) for row in stream.reasons]
    yield from _table(("Reason", "Time", "Share"), reasons)
    yield Markdown("\nThe same hours by team:\n")
    teams = [(row.title, *row.cells, row.share) for row in stream.teams]
    yield from _table(("Team", "Work", "Waiting", "Rework", "Share"), teams)


# --- findings -------------------------------------------------------------------------------------


def _findings(whole: Page) -> Iterator[Markdown]:
    yield from _section("Findings")
    found = whole.findings
    if not found.total:
        yield Markdown("No finding counts.")
    if found.total > found.shown:
        yield Markdown("The {} most severe of {} findings.").format(found.shown, found.total)
    for group in found.groups:
        yield from _group(group)


def _group(group: Group) -> Iterator[Markdown]:
    delay = Markdown(" – {}").format(group.delay) if group.delay else Markdown()
    yield Markdown("\n### {}{}\n").format(group.title, delay)
    for entry in group.entries:
        yield from _entry(entry)


def _entry(entry: Entry) -> Iterator[Markdown]:
    finding = entry.finding
    place = Markdown.code(entry.at.place)
    said = finding.severity, finding.message, place, finding.rule
    yield Markdown("- {}: **{}** {} ({})").format(*said)
    for fact in entry.facts:
        where = Markdown(" {}").format(Markdown.code(fact.at.text)) if fact.at.text else Markdown()
        yield Markdown("  - {}{}").format(fact.message, where)
    for fix in (*finding.fixes, finding.help):
        if fix:
            yield Markdown("  - → {}").format(fix)


# --- dependencies and teams -----------------------------------------------------------------------


def _dependencies(deps: Dependencies | None) -> Iterator[Markdown]:
    yield from _section("Dependencies")
    if deps is None or not deps.rows:
        yield Markdown("No team is known to need another one.")
        return
    letters = ", ".join(f"{letter} {meaning}" for letter, meaning in KINDS.values())
    yield Markdown("Each row needs the columns: {}.\n").format(letters)
    names = [row.name for row in deps.rows]
    rows = [
        (row.name, *(cell.letter if cell else "" for cell in row.cells), str(row.blocking))
        for row in deps.rows
    ]
    yield from _table(("", *names, "waits for"), rows)
    if deps.edges:
        yield Markdown()
        edges = [
            (e.consumer, e.provider, e.kind, e.frequency, e.wait, e.because) for e in deps.edges
        ]
        yield from _table(("Needs", "From", "Kind", "How often", "Wait", "Because"), edges)


def _teams(teams: Teams | None) -> Iterator[Markdown]:
    yield from _section("Cognitive load")
    if teams is None or not teams.rows:
        yield Markdown("There is no team.")
        return
    yield Markdown("Counts, not a score: nobody has a formula for what a team can hold in mind.\n")
    loads = [
        (
            load.team, load.domains, load.hard, load.components, load.streams, load.blockers,
            load.collaborations, load.skills, load.reported,
        )
        for load in teams.loads
    ]  # fmt: skip
    yield from _table(
        ("Team", "Domains", "Hard ones", "Live components", "Streams", "Waits for",
         "Collaborations", "Skills its streams lack", "Says itself"),
        loads,
    )  # fmt: skip
    yield from _section("Teams")
    rows = [
        (
            row.team, row.groups, row.size, row.declared,
            f"≠ {row.observed}" if row.differs else row.observed, row.waits_for, row.waited_for,
            row.utilisation, str(row.findings),
        )
        for row in teams.rows
    ]  # fmt: skip
    yield from _table(
        ("Team", "Group", "People", "Declared", "Observed", "Waits for", "Waited for by", "Used",
         "Findings"),
        rows,
    )  # fmt: skip


# --- aside and method -----------------------------------------------------------------------------


def _aside(whole: Page) -> Iterator[Markdown]:
    yield from _section("Accepted, known, and open")
    aside = whole.aside
    yield from _listed(map(_accepted, aside.accepted), "Nothing is accepted.")
    if aside.baselined:
        known = len(aside.baselined)
        yield Markdown("\n{} findings are known since the baseline.").format(known)
    yield Markdown("\n### Not assessed ({})\n").format(whole.counts["not_assessed"])
    open = [(entry.rule, entry.subject, entry.needs) for entry in aside.open]
    yield from _table(("Rule", "About", "Needs"), open)
    if aside.more:
        yield Markdown("\nand {} more.").format(aside.more)


def _accepted(finding: Finding) -> str:
    until, reason = finding.accepted or ("", "")
    return f"{finding.message} (until {until}: {reason})"


def _method(whole: Page) -> Iterator[Markdown]:
    yield from _section("Method")
    method = whole.method
    yield Markdown("{} The day that counts is {}.").format(method.calendar, method.as_of)
    yield from (Markdown("\n{}").format(notice) for notice in method.notices)
    yield Markdown("\n### Numbers in force\n")
    rows = list(chain.from_iterable(map(_parameters, whole.method.rules)))
    yield from _table(("Rule", "Number", "Value", "Meaning", "Basis"), rows)


def _parameters(rule: RuleNote) -> Iterator[Row]:
    for param in rule.parameters:
        yield rule.name, param.name, param.value, param.meaning, param.basis


# --- Markdown -------------------------------------------------------------------------------------


def _section(title: str) -> Iterator[Markdown]:
    yield Markdown("\n## {}\n").format(title)


def _listed(items: Iterable[str], nothing: str = "") -> Iterator[Markdown]:
    """Foreign texts as a list, or a sentence when there are none."""
    lines = [Markdown("- {}").format(item) for item in items]
    yield from lines or ([Markdown.escape(nothing)] if nothing else [])


def _table(head: Row, rows: Iterable[Row]) -> Iterator[Markdown]:
    """Foreign texts as a table; nothing when it would have no row."""
    lines = [_cells(row) for row in rows]
    if lines:
        yield _cells(head)
        yield Markdown("|{}").format(Markdown().join([Markdown(" --- |")] * len(head)))
        yield from lines


def _cells(row: Row) -> Markdown:
    return Markdown("| {} |").format(Markdown(" | ").join(row))
