"""What holds the organisation back: its root causes, in the order in which to take them on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from orgdiag.documents.sections.words import Words, name_of
from orgdiag.evaluate.wording import listed
from orgdiag.facts.columns import Facts
from orgdiag.facts.properties import quantity_of
from orgdiag.facts.streams import owner_does_it, owners
from orgdiag.finding import Evidence, Finding, Severity
from orgdiag.frozen import frozen
from orgdiag.metrics.flow import expected_lead_time
from orgdiag.metrics.load import utilisation
from orgdiag.metrics.routes import passes
from orgdiag.metrics.step import effort
from orgdiag.model.elements import Step, Stream
from orgdiag.partial.quantity import Quantity, total
from orgdiag.whatif.apply import applied
from orgdiag.whatif.effect import effect, touched
from orgdiag.whatif.plans import planned_changes

if TYPE_CHECKING:
    from orgdiag.diagnose.causes import Cause
    from orgdiag.diagnose.diagnosis import Diagnosis
    from orgdiag.diagnose.story import Chapter, Story, Where

CARDS: Final = 3
OTHERS: Final = 20


@frozen
class Waiting:
    """Where work of one stream waits because of a cause.

    stream          its id and `name`
    steps           each step with how long an item waits there
    saved, of       what a single pass would save at most, of which lead time; in words
    saved_mean, of_mean   the same for the mean item, its rework included
    part            the share of the lead time that would be saved, from and to, for a picture
    """

    stream: str
    name: str
    steps: tuple[tuple[str, str], ...]
    saved: str
    of: str
    saved_mean: str
    of_mean: str
    part: tuple[float, float] | None


@frozen
class Plan:
    """What a planned change that speaks of a cause would do to one stream.

    change, stream   their names
    saved, saved_mean   lead time that a single pass and the mean item would lose, in words
    part             the share of the mean lead time that would be saved, from and to
    assumptions      what the numbers take for granted
    """

    change: str
    stream: str
    saved: str
    saved_mean: str
    part: tuple[float, float] | None
    assumptions: tuple[str, ...]


@frozen
class Root:
    """One root cause as people read it.

    id        of the cause, `number` its place in the order, from 1
    title     where it lies; `rule` what its main finding is about
    gain      how much waiting would vanish with it at most, and its `unit`; "" without waiting
    standing  why it stands where it stands: constraint, delay, days an item, unpriced, other
    waiting   where work waits because of it, by stream
    why       its findings, the most telling first; `facts` their evidence
    remedies  what the structure should be
    plans     what planned changes would do about it
    burdens   the work that the owners would have if they took the steps over
    weighs    what already weighs on them
    next      where most would wait once it is gone, each with its wait
    brings    findings that it explains
    loop      the other causes with which it closes a loop
    shares    causes before it that share a part of its waiting
    """

    id: str
    number: int
    title: str
    rule: str
    severity: str
    gain: str
    unit: str
    standing: str
    waiting: tuple[Waiting, ...]
    why: tuple[Finding, ...]
    facts: tuple[Evidence, ...]
    remedies: tuple[str, ...]
    plans: tuple[Plan, ...]
    burdens: tuple[str, ...]
    weighs: tuple[Finding, ...]
    next: tuple[tuple[str, str], ...]
    brings: tuple[Finding, ...]
    loop: tuple[str, ...]
    shares: tuple[str, ...]


@frozen
class Further:
    """A root cause that is not among the first: its place, its gain, its main finding."""

    number: int
    title: str
    gain: str
    unit: str
    main: Finding


@frozen
class Roots:
    """The root causes.

    first    the few that matter most, as cards; `others` those that come next, `more` how many
             further ones there are
    errors   findings about the model itself: they change every result
    risks    the first of those that cost nothing until something happens
    """

    first: tuple[Root, ...]
    others: tuple[Further, ...]
    more: int
    errors: tuple[Finding, ...]
    risks: tuple[Finding, ...]


NONE: Final = Roots((), (), 0, (), ())


def roots(diagnosis: Diagnosis, facts: Facts, words: Words) -> Roots:
    """The root causes of a diagnosis, the few that matter most first."""
    titles = {cause.id: title_of(cause, facts) for cause in diagnosis.causes}
    ranked = [rank for rank in _ranked(diagnosis, words) if not of_model(rank.cause.main)]
    shares = {move.cause.id: move.shares_with for move in diagnosis.order.moves}
    first = tuple(
        _root(number, rank, shares.get(rank.cause.id, ()), titles, facts, diagnosis, words)
        for number, rank in enumerate(ranked[:CARDS], start=1)
    )
    others = tuple(
        Further(number, titles[rank.cause.id], rank.gain, rank.unit, rank.cause.main)
        for number, rank in enumerate(ranked[CARDS : CARDS + OTHERS], start=CARDS + 1)
    )
    more = max(len(ranked) - CARDS - OTHERS, 0)
    return Roots(first, others, more, diagnosis.order.first, diagnosis.order.risks[:OTHERS])


def of_model(finding: Finding) -> bool:
    """Whether it is an error of the model itself, which causes nothing in the real world."""
    return finding.group == "model" and finding.severity is Severity.ERROR


def title_of(cause: Cause, facts: Facts) -> str:
    """Where a cause lies: at a team, or at what its main finding is about."""
    if cause.provider is not None:
        team = facts.org.teams.get(cause.provider)
        return f"Work waits at {name_of(team) if team else cause.provider}"
    rule, subject = cause.main.rule, cause.main.subject
    element = facts.org.find(subject.kind, subject.id) if subject.kind in _NAMED else None
    return f"{rule.replace('-', ' ').capitalize()}: {name_of(element) if element else subject.id}"


_NAMED: Final = frozenset(
    {"team", "stream", "step", "capability", "component", "domain", "product", "group"}
)


class _Rank(NamedTuple):
    """A root cause with what it would gain at most and why it stands where it stands."""

    cause: Cause
    gain: str
    unit: str
    standing: str


def _ranked(diagnosis: Diagnosis, words: Words) -> Iterator[_Rank]:
    for move in diagnosis.order.moves:
        standing = "constraint" if move.at_constraint else "delay"
        yield _Rank(move.cause, _at_most(move.gain, words.number), "item-days a month", standing)
    for cause, days in diagnosis.order.per_item:
        yield _Rank(cause, _at_most(days, words.days), "an item", "days-an-item")
    for cause in diagnosis.order.unpriced:
        yield _Rank(cause, "", "", "unpriced")
    for cause in diagnosis.order.others:
        yield _Rank(cause, "", "", "other")


def _at_most(gain: Quantity, say: Callable[[Quantity], str]) -> str:
    """The gain as an upper bound: nobody knows that the wait vanishes entirely."""
    return "" if gain.high is None else f"up to {say(Quantity.of(gain.high))}"


def _root(
    number: int,
    rank: _Rank,
    shares: tuple[str, ...],
    titles: Mapping[str, str],
    facts: Facts,
    diagnosis: Diagnosis,
    words: Words,
) -> Root:
    cause = rank.cause
    told = [
        (story, chapter)
        for story in diagnosis.stories
        for chapter in story.chapters
        if chapter.cause.id == cause.id
    ]
    chapters = [chapter for _, chapter in told]
    return Root(
        id=cause.id,
        number=number,
        title=titles[cause.id],
        rule=cause.main.rule,
        severity=min(cause.findings, key=lambda f: f.severity.rank).severity.value,
        gain=rank.gain,
        unit=rank.unit,
        standing=rank.standing,
        waiting=tuple(_waiting(story, chapter, words) for story, chapter in told),
        why=cause.findings,
        facts=_unique(fact for finding in cause.findings for fact in finding.evidence),
        remedies=_unique(fix for finding in cause.findings for fix in finding.fixes),
        plans=tuple(_plans(cause, facts, words)),
        burdens=tuple(_burdens(cause, facts, words)),
        weighs=_unique(finding for chapter in chapters for finding in chapter.weighs),
        next=tuple(_next(chapters, words)),
        brings=cause.effects,
        loop=tuple(titles[id] for id in cause.loop if id != cause.id),
        shares=tuple(titles[id] for id in shares),
    )


def _plans(cause: Cause, facts: Facts, words: Words) -> Iterator[Plan]:
    """What the changes would do that speak of the cause's team or of one of its steps."""
    team = facts.org.teams.get(cause.provider or "")
    spoken = planned_changes(facts, team).certain if team is not None else ()
    for change in facts.org.changes.values():
        steps = {getattr(operation, "step", None) for operation in change.operations}
        if change not in spoken and not steps & cause.addresses:
            continue
        for stream in touched(facts, change):
            found = effect(facts, change, stream)
            yield Plan(
                name_of(change),
                name_of(stream),
                words.time(found.gained),
                words.time(found.expected),
                _part(found.expected, expected_lead_time(facts, stream)),
                applied(facts, change).assumptions,
            )


def _burdens(cause: Cause, facts: Facts, words: Words) -> Iterator[str]:
    """What the owners of each stream would have to work if they took the steps over."""
    by_stream: dict[str, list[Step]] = {}
    for id in sorted(cause.addresses):
        step = facts.org.steps[id]
        by_stream.setdefault(step.stream, []).append(step)
    for id, steps in by_stream.items():
        stream = facts.org.streams[id]
        owning = owners(facts, stream).certain
        if not owning:
            yield f"Nobody is known to own {name_of(stream)}, so nobody can take these steps over."
            continue
        foreign = [step for step in steps if owner_does_it(facts, step) is not True]
        if foreign:
            hours = words.time(total(_work(facts, stream, step) for step in foreign))
            used = words.share(utilisation(facts, owning[0]))
            what = f"{listed(map(name_of, foreign))} of {name_of(stream)}"
            yield (
                f"If {name_of(owning[0])} takes over {what}: {hours} more work a month; "
                f"used today: {used}."
            )


def _work(facts: Facts, stream: Stream, step: Step) -> Quantity:
    """The hands-on time that a step takes in a month, rework included."""
    return quantity_of(stream, "arrivals") * passes(facts, step) * effort(facts, step)


def _waiting(story: Story, chapter: Chapter, words: Words) -> Waiting:
    return Waiting(
        stream=story.stream.id,
        name=name_of(story.stream),
        steps=tuple((name_of(where.step), words.time(where.wait)) for where in chapter.where),
        saved=words.time(chapter.single),
        of=words.time(story.lead_time),
        saved_mean=words.time(chapter.expected),
        of_mean=words.time(story.expected_lead_time),
        part=_part(chapter.expected, story.expected_lead_time),
    )


def _part(saved: Quantity, whole: Quantity) -> tuple[float, float] | None:
    if saved.high is None or not whole.high:
        return None
    return float((saved.low or 0) / whole.high), float(min(saved.high / whole.high, 1))


def _next(chapters: Iterable[Chapter], words: Words) -> Iterator[tuple[str, str]]:
    seen: dict[str, Where] = {}
    for chapter in chapters:
        for where in chapter.next:
            seen.setdefault(where.step.id, where)
    for where in list(seen.values())[:CARDS]:
        yield f"{name_of(where.step)} ({where.step.stream})", words.time(where.wait)


def _unique(items: Iterable[object]) -> tuple:  # type: ignore[type-arg]
    """The items, each once, in order; findings are the same when rule and subject are."""
    kept: dict[object, object] = {}
    for item in items:
        key = (item.rule, item.subject) if isinstance(item, Finding) else item
        kept.setdefault(key, item)
    return tuple(kept.values())
