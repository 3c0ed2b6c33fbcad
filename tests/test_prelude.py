"""Relations that are one sentence of the prelude, against a statement of each in Python.

Both read the same organisations: the examples, the corpus as it is and with facts written as
`unknown` at random, and made models, in which much is unknown. They find the same members, certain
and possible, leave the same sets open, and miss the same inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from random import Random
from typing import Any, Final, NamedTuple

import labels
import pytest
from generator.__main__ import SIZES
from generator.models import text
from golden import EXAMPLES, ROOT
from prelude import WORDS, Prelude
from reading import resolve

from orgdiag.facts.borders import handoffs
from orgdiag.facts.columns import Facts
from orgdiag.facts.components import answered_components, builders, runners
from orgdiag.facts.dependencies import blockers, dependencies, sources
from orgdiag.facts.properties import missing
from orgdiag.facts.steps import gating, hands_off, on_main
from orgdiag.facts.streams import (
    critical_steps_in_order,
    main_steps,
    owner_does_it,
    owners,
    performers,
)
from orgdiag.facts.teams import groups, steps
from orgdiag.facts.touches import components_of, routinely_changed
from orgdiag.load import load
from orgdiag.model.elements import Component, Step, Stream, Team
from orgdiag.parse import Parsed, parse
from orgdiag.partial.members import Members
from orgdiag.partial.sets import contains, each, exists, meets, such_that, union
from orgdiag.partial.truth import NAMED_GAPS, Truth, every, negation
from orgdiag.partial.unknown import Unknown
from orgdiag.text.source import Source

SEEDS: Final = range(60)
MORE: Final = range(60, 400)  # for a slow run
# What tells which steps and components are looked at.
LOOKED_AT: Final = frozenset({"after", "changes", "dead-end", "kind"})


# --- the statements -------------------------------------------------------------------------------


def doers(*kinds: str) -> Callable[[Facts, Stream], Members]:
    def of_kind(step: Step) -> Truth:
        return step.type in kinds if isinstance(step.type, str) else Unknown(missing(step, "kind"))

    return lambda facts, stream: each(
        such_that(main_steps(facts, stream), of_kind), lambda step: performers(facts, step)
    )


specifiers = doers("idea", "refinement", "design")
building = doers("development")
checkers = doers("testing")
deployers = doers("deployment", "release")


def operators(facts: Facts, stream: Stream) -> Members:
    return each(components_of(facts, stream), lambda component: runners(facts, component))


def role_teams(facts: Facts, stream: Stream) -> Members:
    roles = (specifiers, building, checkers, deployers, operators)
    return union(role(facts, stream) for role in roles)


def run_by_others(facts: Facts, stream: Stream) -> Members:
    def foreign(component: Component) -> Truth:
        return negation(meets(runners(facts, component), owners(facts, stream)))

    return such_that(routinely_changed(facts, stream), foreign)


def gating_steps(facts: Facts, stream: Stream) -> Members:
    def judges(step: Step) -> Truth:
        return every((gating(facts, step), negation(owner_does_it(facts, step))))

    return such_that(main_steps(facts, stream), judges)


def providers(facts: Facts, stream: Stream) -> Members:
    return each(owners(facts, stream), lambda owner: blockers(facts, owner))


def critical_teams(facts: Facts, stream: Stream) -> Members:
    return each(critical_steps_in_order(facts, stream), lambda step: performers(facts, step))


def critical_groups(facts: Facts, stream: Stream) -> Members:
    return each(critical_teams(facts, stream), lambda team: groups(facts, team))


def critical_handoffs(facts: Facts, stream: Stream) -> Members:
    return such_that(handoffs(facts, stream), lambda border: border.on_critical_path)


def steps_on_main(facts: Facts, team: Team) -> Members:
    return such_that(steps(facts, team), lambda step: on_main(facts, step))


def foreign_steps(facts: Facts, team: Team) -> Members:
    def foreign(step: Step) -> Truth:
        own = contains(owners(facts, facts.org.streams[step.stream]), team)
        return every((hands_off(facts, step), negation(own)))

    return such_that(steps_on_main(facts, team), foreign)


def inherited_components(facts: Facts, team: Team) -> Members:
    def built_by_others(component: Component) -> Truth:
        built_by = builders(facts, component)
        return every((exists(built_by), negation(contains(built_by, team))))

    return such_that(answered_components(facts, team), built_by_others)


def provenance(facts: Facts, dependency: Any) -> Members:
    return each(sources(facts, dependency), lambda ground: Members((ground.provenance,)))


STATEMENTS: Final[dict[str, Callable[[Facts, Any], Members]]] = {
    "stream.specifiers": specifiers,
    "stream.builders": building,
    "stream.testers": checkers,
    "stream.deployers": deployers,
    "stream.operators": operators,
    "stream.role-teams": role_teams,
    "stream.components-run-by-others": run_by_others,
    "stream.gating-steps": gating_steps,
    "stream.providers": providers,
    "stream.critical-teams": critical_teams,
    "stream.critical-groups": critical_groups,
    "stream.critical-handoffs": critical_handoffs,
    "team.main-steps": steps_on_main,
    "team.foreign-steps": foreign_steps,
    "team.inherited-components": inherited_components,
    "dependency.provenance": provenance,
}


# --- the organisations ----------------------------------------------------------------------------


def clouded(name: str, seed: int) -> Iterator[Parsed]:
    """An organisation of the corpus with some of its facts, here a few, there many, unknown."""
    chance = Random(seed)
    share = chance.random() / 3
    sites = [site for site in labels.sites(name) if chance.random() < share]
    for number, file in enumerate(labels.parsed(name)[0]):
        said = file.source.text
        for site in sorted((s for s in sites if s.file == number), key=lambda s: -s.start):
            said = f"{said[: site.start]} unknown{said[site.end :]}"
        yield parse(Source(file.source.path, said))


def written() -> Iterator[tuple[str, Iterable[Parsed]]]:
    for example in EXAMPLES:
        folder = ROOT / "examples" / example
        yield example, load([folder], folder).parsed
    for name in labels.NAMES:
        yield name, labels.parsed(name)[0]


def made(seeds: Iterable[int]) -> Iterator[tuple[str, Iterable[Parsed]]]:
    for seed in seeds:
        model = text(Random(seed).randrange, SIZES[seed % len(SIZES)])
        yield f"made {seed}", [parse(Source("m", model))]
        if seed % 4 == 0:
            name = labels.NAMES[seed // 4 % len(labels.NAMES)]
            yield f"{name} {seed}", clouded(name, seed)


def elements(facts: Facts, kind: str) -> Iterable[Any]:
    if kind != "dependency":
        return facts.org.of_kind(kind).values()
    return [d for team in facts.org.teams.values() for d in dependencies(facts, team).every()]


class Seen(NamedTuple):
    """What is found for one word and element: by the statement, the definition, and at speed."""

    word: str
    about: str
    stated: Members
    defined: Members
    judged: Members

    def agree(self) -> bool:
        """Whether the same members are found, and the same sets are open."""
        found = (self.stated, self.defined, self.judged)
        return all(_extent(members) == _extent(self.stated) for members in found)

    def same_inputs(self) -> bool:
        """Whether the same inputs are missed; of a set that is known nobody asks.

        One of the two may leave out what tells of steps and components that add nothing to the
        set, and the statement stops after so many.
        """
        stated, defined = set(self.stated.missing), set(self.defined.missing)
        if self.stated.known or (len(stated) == NAMED_GAPS and stated <= defined):
            return True
        differing = {gap.property for gap in stated ^ defined}
        return bool(stated) == bool(defined) and differing <= LOOKED_AT


def _extent(members: Members) -> tuple[Any, ...]:
    return members.certain, frozenset(members.possible), members.open


def seen_in(organisations: Iterable[tuple[str, Iterable[Parsed]]]) -> Iterator[Seen]:
    for name, parsed in organisations:
        facts = Facts(resolve(list(parsed))[0])
        prelude = Prelude(facts)
        for word, statement in STATEMENTS.items():
            for element in elements(facts, word.partition(".")[0]):
                yield Seen(
                    word, f"{name}: {element.id}", statement(facts, element),
                    prelude.says(element, word), prelude.judges_by(element, word),
                )  # fmt: skip


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    return list(seen_in(chain(written(), made(SEEDS))))


def differing(seen: Iterable[Seen]) -> list[tuple[str, str]]:
    return [(one.word, one.about) for one in seen if not (one.agree() and one.same_inputs())]


def test_a_definition_says_what_the_statement_in_python_says(seen: list[Seen]) -> None:
    assert differing(seen) == []


@pytest.mark.slow
@pytest.mark.parametrize("first", MORE[::20])
def test_a_definition_says_so_of_many_more_organisations(first: int) -> None:
    assert differing(seen_in(made(range(first, first + 20)))) == []


@pytest.mark.parametrize("word", STATEMENTS)
def test_what_is_compared_has_members_and_is_often_known_only_in_part(
    word: str, seen: list[Seen]
) -> None:
    stated = [one.stated for one in seen if one.word == word]
    assert sum(bool(members.certain) for members in stated) > 5
    assert sum(not members.known for members in stated) > 20


def test_every_word_that_was_a_relation_in_python_is_compared() -> None:
    never = {"team.regular-partners", "team.worked-streams"}
    assert WORDS.keys() == STATEMENTS.keys() | never
