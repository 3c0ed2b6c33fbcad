"""Findings → causes: where work waits, which structure makes it wait, and where to start.

Structural findings whose waiting falls at one provider are one cause, over all streams. A cause is
explained by another one that accounts for a part of its waiting in some stream, or that its rule
says brings it about; what nothing explains is a root. Symptoms are effects of causes, never causes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from orgdiag.facts.circles import circles
from orgdiag.facts.columns import Facts
from orgdiag.finding import Finding, Subject
from orgdiag.frozen import frozen
from orgdiag.metrics.delay import delay
from orgdiag.partial.quantity import Quantity

Addresses = frozenset[str]
Target = tuple[str, Subject]


@frozen
class Cause:
    """Structural findings with one origin, and what they bring about.

    id         the provider's id, or `rule subject` where the waiting falls at several providers
    provider   the team at which all of the waiting falls; None where there is no such team
    findings   the findings that make it up, the most telling first
    addresses  full ids of the steps whose waiting it explains, over all streams
    effects    symptoms and broader structures that it explains, by place
    causes     ids of the causes that explain it; none for a root
    loop       ids of the causes with which it closes a loop; () when it stands in none
    delay      item-days a month that would vanish with its waiting, at most
    """

    id: str
    provider: str | None
    findings: tuple[Finding, ...]
    addresses: Addresses
    effects: tuple[Finding, ...] = ()
    causes: tuple[str, ...] = ()
    loop: tuple[str, ...] = ()
    delay: Quantity | None = None

    @property
    def root(self) -> bool:
        """Whether nothing outside its own loop explains it."""
        return not set(self.causes) - set(self.loop)

    @property
    def main(self) -> Finding:
        """The finding that tells most."""
        return self.findings[0]


Delays = Callable[[Addresses], Quantity]


def delays_of(facts: Facts) -> Delays:
    """The delay of a set of steps, computed once for each set."""
    known: dict[Addresses, Quantity] = {}

    def lookup(addresses: Addresses) -> Quantity:
        if addresses not in known:
            known[addresses] = delay(facts, addresses)
        return known[addresses]

    return lookup


def beyond(both: Quantity, before: Quantity) -> Quantity:
    """What two overlapping sets of steps cost together beyond what the first costs alone."""
    low = max((both.low or 0) - (before.high or 0), 0)
    high = None if both.high is None else max(both.high - (before.low or 0), 0)
    return Quantity(low, high, both.missing, both.estimated)


def explain(findings: Sequence[Finding], facts: Facts) -> tuple[Finding, ...]:
    """The findings with the delay that each explains, and the findings that explain it."""
    delays = delays_of(facts)
    priced = [_priced(finding, delays) for finding in findings]
    joined = _joined(priced, facts)
    effects = _effects(joined, _links(joined), priced)
    why: dict[Target, dict[str, None]] = {}
    for cause in joined:
        if cause.id in effects:
            main = cause.main.fingerprint
            for effect in effects[cause.id]:
                why.setdefault(effect, {})[main] = None
    return tuple(
        finding._replace(causes=tuple(why[_key(finding)])) if _key(finding) in why else finding
        for finding in priced
    )


def _key(finding: Finding) -> Target:
    """What tells a finding from the others of a run; a fingerprint would do, and costs a hash."""
    return finding.rule, finding.subject


def _priced(finding: Finding, delays: Delays) -> Finding:
    """The finding with its delay: a structure makes work wait, a symptom only shows it."""
    if finding.kind != "structure" or not finding.addresses:
        return finding
    return finding._replace(delay=delays(frozenset(finding.addresses)))


# --- causes ---------------------------------------------------------------------------------------


def causes(findings: Iterable[Finding], facts: Facts, delays: Delays) -> tuple[Cause, ...]:
    """All causes, roots and others, in the order of their first finding's place."""
    known = list(findings)
    joined = _joined(known, facts)
    links = _links(joined)
    loops = _loops(joined, links)
    explained_by: dict[str, dict[str, None]] = {cause.id: {} for cause in joined}
    for explaining, explained in links:
        explained_by[explained][explaining] = None
    effects = _effects(joined, links, known)
    return tuple(
        replace(
            cause,
            effects=tuple(sorted(effects.get(cause.id, {}).values(), key=_place)),
            causes=tuple(explained_by[cause.id]),
            loop=loops.get(cause.id, ()),
            delay=delays(cause.addresses) if cause.addresses else None,
        )
        for cause in joined
    )


def _place(finding: Finding) -> tuple[str, int, str]:
    return finding.span.path, finding.span.start, finding.rule


def _joined(findings: Iterable[Finding], facts: Facts) -> list[Cause]:
    """The structures by origin: one provider, else the same waiting, else each for itself."""
    groups: dict[object, list[Finding]] = {}
    providers: dict[object, str] = {}
    for finding in findings:
        if finding.kind != "structure":
            continue
        provider = _provider(finding, facts) if finding.addresses else None
        key: object = provider or frozenset(finding.addresses) or (finding.rule, finding.subject)
        groups.setdefault(key, []).append(finding)
        if provider:
            providers[key] = provider
    result = []
    for key, group in groups.items():
        ranked = tuple(sorted(group, key=_telling) if len(group) > 1 else group)
        addresses = frozenset(step for finding in group for step in finding.addresses)
        first = ranked[0]
        name = providers.get(key) or f"{first.rule} {first.subject.id}"
        result.append(Cause(name, providers.get(key), ranked, addresses))
    return result


def _provider(finding: Finding, facts: Facts) -> str | None:
    """The team that does every step of which the finding explains the waiting."""
    found: set[object] = set()
    for address in finding.addresses:
        step = facts.org.steps.get(address)
        by = step.by if step is not None else None
        found.update(by if isinstance(by, tuple) and len(by) == 1 else [None])
    only = next(iter(found)) if len(found) == 1 else None
    return only if isinstance(only, str) else None


def _telling(finding: Finding) -> tuple[int, int, str, Subject]:
    """A finding with more of the waiting, and a more severe one, comes first."""
    return (finding.severity.rank, -len(finding.addresses), finding.rule, finding.subject)


def _links(joined: Sequence[Cause]) -> list[tuple[str, str]]:
    """The pairs (explaining, explained) of causes, each once."""
    links: dict[tuple[str, str], None] = {}
    at_step: dict[str, list[Cause]] = {}
    for cause in joined:
        for step in sorted(cause.addresses):
            at_step.setdefault(step, []).append(cause)
    for meeting in at_step.values():
        for narrow in meeting:
            for broad in meeting:
                if _accounts_for_part(narrow, broad):
                    links[narrow.id, broad.id] = None
    owner = {(f.rule, f.subject): cause.id for cause in joined for f in cause.findings}
    for cause in joined:
        for target in _declared(cause.findings):
            if target in owner and owner[target] != cause.id:
                links[cause.id, owner[target]] = None
    return list(links)


def _accounts_for_part(narrow: Cause, broad: Cause) -> bool:
    """Whether one cause accounts for a part of the other's waiting: it falls at one provider and
    the other's at several, or all of it belongs to the other's as well.
    """
    if narrow.provider is not None or broad.provider is not None:
        return narrow.provider is not None and broad.provider is None
    return narrow.addresses < broad.addresses


def _declared(findings: Iterable[Finding]) -> Iterator[Target]:
    """What the findings' rules say that they bring about."""
    for finding in findings:
        for effect in finding.effects:
            yield effect.rule, effect.subject


def _loops(
    joined: Sequence[Cause], links: Iterable[tuple[str, str]]
) -> Mapping[str, tuple[str, ...]]:
    """For each cause in a loop the loop's causes, in order."""
    onward: dict[str, list[str]] = {}
    for explaining, explained in links:
        onward.setdefault(explaining, []).append(explained)
    place = {cause.id: number for number, cause in enumerate(joined)}
    loops: dict[str, tuple[str, ...]] = {}
    for group in circles(onward):
        if len(group) > 1:
            loops.update(dict.fromkeys(group, tuple(sorted(group, key=place.__getitem__))))
    return loops


def _effects(
    joined: Sequence[Cause], links: Iterable[tuple[str, str]], findings: Iterable[Finding]
) -> Mapping[str, Mapping[Target, Finding]]:
    """The findings that each cause explains, if any: broader causes' and symptoms."""
    by_id = {cause.id: cause for cause in joined}
    found: dict[str, dict[Target, Finding]] = {}
    for explaining, explained in links:
        found.setdefault(explaining, {}).update((_key(f), f) for f in by_id[explained].findings)
    shown: dict[Target, Finding] = {}
    at_step: dict[str, list[Target]] = {}
    for finding in findings:
        if finding.kind == "symptom":
            shown[_key(finding)] = finding
            for step in finding.addresses:
                at_step.setdefault(step, []).append(_key(finding))
    for cause in joined:
        waiting = [key for step in cause.addresses for key in at_step.get(step, ())]
        mine = {key: shown[key] for key in waiting}
        waiting = list(_declared(cause.findings))
        while waiting:
            key = waiting.pop()
            if key in shown and key not in mine:
                mine[key] = shown[key]
                waiting += _declared([shown[key]])
        if mine:
            found.setdefault(cause.id, {}).update(mine)
    return found
