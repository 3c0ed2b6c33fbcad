"""What is known in part against every world that the missing inputs allow.

Values are made at random, each with an input of its own that may be missing, and with all that it
can turn out to be. A law says what holds in every world; an input is named as missing if and only
if another value of it may give another answer.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, combinations, product
from math import ceil
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from orgdiag.partial import amounts, comparison, sets, truth
from orgdiag.partial.certainty import MAYBE, NO, SURE, certainty
from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import NONE, Gaps, Missing, Unknown

UNSEEN = "z"  # what no set names, but an open one may have


@dataclass(frozen=True)
class Part:
    """A value that may be known in part, the name of its input, and what it can turn out to be."""

    name: str
    value: Any
    worlds: tuple[Any, ...]


def gap(name: str) -> Gaps:
    return (Missing("team", name, "input"),)


def names(gaps: Gaps) -> set[str]:
    return {missing.id for missing in gaps}


def outcomes(parts: Iterable[Part], compute: Callable[..., Hashable]) -> dict[tuple[int, ...], Any]:
    """What comes out in every world, by which value of each part it is."""
    places = [range(len(part.worlds)) for part in parts]
    return {
        at: compute(*[part.worlds[place] for part, place in zip(parts, at, strict=True)])
        for at in product(*places)
    }


def settling(parts: list[Part], found: dict[tuple[int, ...], Any]) -> set[str]:
    """The inputs of which another value may give another answer."""
    names = set()
    for number, part in enumerate(parts):
        seen: dict[tuple[int, ...], Any] = {}
        for at, outcome in found.items():
            if seen.setdefault((*at[:number], *at[number + 1 :]), outcome) != outcome:
                names.add(part.name)
                break
    return names


# --- values at random -----------------------------------------------------------------------------


def subsets(items: Iterable[str]) -> list[frozenset[str]]:
    every = list(items)
    sizes = range(len(every) + 1)
    return [
        frozenset(some) for some in chain.from_iterable(combinations(every, size) for size in sizes)
    ]


@st.composite
def members(draw: st.DrawFn, name: str, universe: str = "abc") -> Part:
    """A set of some of the universe, of which the rest may be members, or anybody."""
    state = {item: draw(st.sampled_from(("in", "out", "maybe"))) for item in universe}
    certain = tuple(item for item in universe if state[item] == "in")
    possible = tuple(item for item in universe if state[item] == "maybe")
    open = draw(st.integers(0, 4)) == 0
    free = [*universe, UNSEEN] if open else possible
    worlds = tuple(some.union(certain) for some in subsets(set(free) - set(certain)))
    missing = gap(name) if possible or open else ()
    return Part(name, Members(certain, possible, missing, open), worlds)


@st.composite
def truths(draw: st.DrawFn, name: str) -> Part:
    value = draw(st.sampled_from((True, False, Unknown(gap(name)))))
    return Part(name, value, (True, False) if isinstance(value, Unknown) else (value,))


@st.composite
def quantities(draw: st.DrawFn, name: str, least: int = -2) -> Part:
    """A whole number between two bounds; where the upper one is missing, some beyond the lower."""
    low, more = draw(st.integers(least, 4)), draw(st.sampled_from((0, 0, 1, 3, None)))
    high = None if more is None else low + more
    worlds = tuple(range(low, low + (8 if more is None else more) + 1))
    return Part(name, Quantity(low, high, gap(name) if more != 0 else ()), worlds)


A, B = members("A"), members("B")
SETS = st.tuples(A, B).map(list)


# --- sets -----------------------------------------------------------------------------------------


def holds_in_worlds(found: Members, parts: list[Part], compute: Callable[..., Any]) -> None:
    """A set is what all worlds have, what some have, and whether any may have more."""
    every = outcomes(parts, compute)
    sure = frozenset.intersection(*every.values())
    some = frozenset.union(*every.values())
    assert set(found.certain) == sure
    assert len(set(found.certain)) == len(found.certain)
    assert set(found.possible) <= some - sure
    assert found.open or set(found.possible) == some - sure
    assert found.known == (len(set(every.values())) == 1)
    assert names(found.missing) == settling(parts, every)


@given(SETS)
def test_a_union_has_the_members_of_either(parts: list[Part]) -> None:
    found = sets.union([part.value for part in parts])
    holds_in_worlds(found, parts, frozenset.union)


@given(SETS)
def test_a_difference_has_the_members_of_the_first_alone(parts: list[Part]) -> None:
    a, b = [part.value for part in parts]
    found = sets.difference(a, b)
    holds_in_worlds(found, parts, frozenset.difference)
    assert set(found.every()).isdisjoint(b.certain)


@given(A, st.sampled_from("abc"))
def test_without_is_the_difference_with_what_is_known(part: Part, item: str) -> None:
    assert sets.without(part.value, item) == sets.difference(part.value, Members((item,)))


def same(a: Members, b: Members) -> bool:
    """Whether two sets say the same, in whatever order."""
    return [set(part) for part in a[:3]] == [set(part) for part in b[:3]] and a.open == b.open


@given(A, B, members("C"))
def test_the_order_of_a_union_matters_to_nobody(a: Part, b: Part, c: Part) -> None:
    x, y, z = a.value, b.value, c.value
    assert same(sets.union([x, y]), sets.union([y, x]))
    assert sets.union([x, x]) == sets.union([x]) == sets.union([x, NOBODY]) == x
    one, other = sets.union([sets.union([x, y]), z]), sets.union([x, sets.union([y, z])])
    assert one[:2] == other[:2]
    assert one.open == other.open
    # A union no longer knows whose gap is whose, so it may name more than all at once.
    assert names(sets.union([x, y, z]).missing) <= names(one.missing) & names(other.missing)


@given(members("A", "ab"), st.tuples(*[members(f"of {x}", "ab") for x in "ab"]))
def test_each_has_what_the_members_lead_to(part: Part, images: tuple[Part, ...]) -> None:
    leads = dict(zip("ab", images, strict=True))
    found = sets.each(part.value, lambda item: leads[item].value)

    def compute(world: frozenset[str], *led: frozenset[str]) -> frozenset[str]:
        # What an unseen member leads to, nobody knows; this one to what nobody has named either.
        to = {**dict(zip("ab", led, strict=True)), UNSEEN: frozenset("y")}
        return frozenset().union(*[to[item] for item in world if item not in hidden])

    # An open set may also have what it does not name, but a member that has an image of its own.
    hidden = set("ab") - set(part.value.every())
    holds_in_worlds(found, [part, *images], compute)


@given(A, st.dictionaries(st.sampled_from("abc"), st.sampled_from("xy")))
def test_the_images_of_members_are_each_once(part: Part, image: dict[str, str]) -> None:
    to = image | dict.fromkeys(set("abc") - set(image), "w") | {UNSEEN: UNSEEN}
    found = sets.mapped(part.value, to.__getitem__)
    holds_in_worlds(found, [part], lambda world: frozenset(to[item] for item in world))


@given(A, st.tuples(*[truths(f"of {x}") for x in "abc"]))
def test_a_condition_leaves_those_for_which_it_holds(part: Part, asked: tuple[Part, ...]) -> None:
    told = {item: each.value for item, each in zip("abc", asked, strict=True)}
    found = sets.such_that(part.value, told.__getitem__)
    hidden = set("abc") - set(part.value.every())

    def compute(world: frozenset[str], *holds: bool) -> frozenset[str]:
        by = {**dict(zip("abc", holds, strict=True)), UNSEEN: True}
        return frozenset(item for item in world - hidden if by[item])

    holds_in_worlds(found, [part, *asked], compute)


# --- what is asked --------------------------------------------------------------------------------


def agrees(verdict: int, missing: Gaps, parts: list[Part], compute: Callable[..., bool]) -> None:
    """A settled answer is that of every world, an open one is not; it names what may settle it."""
    every = outcomes(parts, compute)
    assert {SURE: {True}, NO: {False}, MAYBE: {True, False}}[verdict] == set(every.values())
    if verdict == MAYBE:
        assert names(missing) == settling(parts, every)


def agrees_as_truth(answer: truth.Truth, parts: list[Part], compute: Callable[..., bool]) -> None:
    agrees(certainty(answer), truth.gaps_of(answer), parts, compute)


@given(SETS)
def test_sets_meet_where_they_share_a_member(parts: list[Part]) -> None:
    a, b = [part.value for part in parts]

    def meets(x: frozenset[str], y: frozenset[str]) -> bool:
        return not x.isdisjoint(y)

    agrees(sets.meeting(a, b), sets.meeting_gaps(a, b), parts, meets)
    agrees_as_truth(sets.meets(a, b), parts, meets)


@given(A, st.sampled_from("abc"))
def test_a_set_has_a_member_or_not(part: Part, item: str) -> None:
    agrees_as_truth(sets.contains(part.value, item), [part], lambda world: item in world)
    agrees_as_truth(sets.exists(part.value), [part], bool)
    size = part.value.size
    for world in part.worlds:
        assert size.low <= len(world)
        assert size.high is None or len(world) <= size.high
    assert names(size.missing) == settling([part], outcomes([part], len))


@given(A)
def test_nothing_is_in_no_set_and_the_unknown_may_be_in_any(part: Part) -> None:
    assert sets.membership(NONE, part.value) == NO
    who = Part("who", Unknown(gap("who")), ("a", "b", "c", UNSEEN, "nobody else"))
    found = sets.membership(who.value, part.value)
    agrees(
        found,
        sets.membership_gaps(who.value, part.value),
        [who, part],
        lambda item, world: item in world,
    )
    assert sets.single(NONE) == NOBODY
    assert sets.single("a") == Members(("a",))
    assert sets.single(who.value) == Members((), (), gap("who"), open=True)


@given(quantities("it"), st.lists(st.booleans(), max_size=2), st.data())
def test_an_amount_is_in_a_list_where_it_equals_one(
    part: Part, sure: list[bool], data: st.DataObject
) -> None:
    listed = [data.draw(quantities(f"q{at}")) for at in range(len(sure))]
    certain = tuple(q.value for q, there in zip(listed, sure, strict=True) if there)
    possible = tuple(q.value for q, there in zip(listed, sure, strict=True) if not there)
    found = Members(certain, possible, gap("list") if possible else ())
    extras = Part("list", None, tuple(product((True, False), repeat=len(possible))))

    def compute(item: int, there: tuple[bool, ...], *others: int) -> bool:
        maybe = iter(there)
        return any(
            item == other and (is_sure or there_is)
            for other, is_sure in zip(others, sure, strict=True)
            for there_is in [is_sure or next(maybe)]
        )

    verdict = sets.membership(part.value, found)
    parts = [part, extras, *listed]
    every = outcomes(parts, compute)
    assert {SURE: {True}, NO: {False}, MAYBE: {True, False}}[verdict] == set(every.values())
    if verdict == MAYBE:
        assert settling(parts, every) <= names(sets.membership_gaps(part.value, found))


# --- truths ---------------------------------------------------------------------------------------

THREE = st.tuples(truths("A"), truths("B"), truths("C")).map(list)


@given(THREE)
def test_every_and_some_are_settled_by_what_they_name(parts: list[Part]) -> None:
    values = [part.value for part in parts]
    agrees_as_truth(truth.every(values), parts, lambda *world: all(world))
    agrees_as_truth(truth.some(values), parts, lambda *world: any(world))


def level(value: truth.Truth) -> tuple[int, set[str]]:
    return certainty(value), names(truth.gaps_of(value))


@given(THREE)
def test_the_laws_of_and_or_and_not(parts: list[Part]) -> None:
    a, b, c = [part.value for part in parts]
    no = truth.negation
    for join, dual in (truth.every, truth.some), (truth.some, truth.every):
        assert level(join((a, b))) == level(join((b, a)))
        assert level(join((join((a, b)), c))) == level(join((a, join((b, c)))))
        assert level(join((a, a))) == level(join((a,))) == level(a)
        assert level(no(join((a, b)))) == level(dual((no(a), no(b))))
    assert truth.every(()) is True
    assert truth.some(()) is False
    assert level(no(no(a))) == level(a)
    # As a number `and` is the smaller, `or` the larger, `not` the rest.
    assert certainty(truth.every((a, b))) == min(certainty(a), certainty(b))
    assert certainty(truth.some((a, b))) == max(certainty(a), certainty(b))
    assert certainty(no(a)) == SURE - certainty(a)


# --- amounts --------------------------------------------------------------------------------------

SIGNS = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq,
    "!=": operator.ne,
}  # fmt: skip


@given(quantities("A"), quantities("B"), st.sampled_from(sorted(SIGNS)))
def test_amounts_compare_as_in_every_world(a: Part, b: Part, sign: str) -> None:
    verdict = comparison.AMOUNTS[sign](a.value, b.value)
    agrees(verdict, comparison.comparison_gaps(a.value, b.value), [a, b], SIGNS[sign])
    assert comparison.AMOUNTS[sign](a.value, NONE) == (SURE if sign == "!=" else NO)


@given(quantities("A"), st.integers(-2, 6))
def test_an_amount_reaches_a_limit(part: Part, limit: int) -> None:
    agrees_as_truth(truth.at_least(part.value, limit), [part], lambda world: world >= limit)


def within(found: Quantity, value: Any) -> bool:
    above = found.low is None or found.low <= value
    return above and (found.high is None or value <= found.high)


OPERATIONS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}


@given(quantities("A"), quantities("B"), st.sampled_from(sorted(OPERATIONS)))
def test_arithmetic_contains_the_number_of_every_world(a: Part, b: Part, sign: str) -> None:
    found = OPERATIONS[sign](a.value, b.value)
    apply = Fraction if sign == "/" else OPERATIONS[sign]
    if sign == "/" and 0 in b.worlds:  # there it is no number
        assert found.high is None
        b = Part(b.name, b.value, tuple(world for world in b.worlds if world))
    every = outcomes([a, b], apply) if b.worlds else {}
    assert all(within(found, value) for value in every.values())
    assert settling([a, b], every) <= names(found.missing)
    if sign != "/":
        assert names(found.missing) == settling([a, b], every)


@st.composite
def lists(
    draw: st.DrawFn, unseen: Iterable[int]
) -> tuple[Members, list[Part], Callable[..., list[int]]]:
    """A list of amounts, what it depends on, and what is on it in a world."""
    sure = draw(st.lists(st.booleans(), max_size=3))
    listed = [draw(quantities(f"q{at}", 0)) for at in range(len(sure))]
    certain = tuple(q.value for q, there in zip(listed, sure, strict=True) if there)
    possible = tuple(q.value for q, there in zip(listed, sure, strict=True) if not there)
    open = draw(st.integers(0, 4)) == 0
    beyond = [(), *[(value,) for value in unseen]] if open else [()]
    choices = product(product((True, False), repeat=len(possible)), beyond)
    whole = Part("list", None, tuple(choices))
    missing = gap("list") if possible or open else ()

    def on_it(choice: tuple[tuple[bool, ...], tuple[int, ...]], *values: int) -> list[int]:
        there, further = iter(choice[0]), choice[1]
        named = [v for v, is_sure in zip(values, sure, strict=True) if is_sure or next(there)]
        return [*named, *further]

    return Members(certain, possible, missing, open), [whole, *listed], on_it


def percentile(share: Fraction, values: list[int]) -> int:
    return sorted(values)[max(1, ceil(share * len(values))) - 1]


def median(values: list[int]) -> Fraction:
    half = len(values) // 2
    ordered = sorted(values)
    return Fraction(ordered[half] + ordered[-half - 1], 2)


SHARE = Fraction(3, 4)
# Each with what it is in a world, and whether its interval is never wider than the worlds.
NUMBERS: dict[str, tuple[Callable[[Members], Quantity], Callable[[list[int]], Any], bool]] = {
    "sum": (amounts.total, sum, True),
    "max": (amounts.largest, max, True),
    "min": (amounts.smallest, min, True),
    "average": (amounts.average, lambda v: Fraction(sum(v), len(v)), False),
    "median": (amounts.median, median, False),
    "percentile": (
        lambda m: amounts.percentile(Quantity.of(SHARE), m), lambda v: percentile(SHARE, v), False,
    ),
}  # fmt: skip


@given(st.sampled_from(sorted(NUMBERS)), st.data())
def test_a_number_of_a_list_contains_that_of_every_world(word: str, data: st.DataObject) -> None:
    # In a sum nothing unseen is taken to be less than zero.
    members, parts, on_it = data.draw(lists((0, 9) if word == "sum" else (-9, 9)))
    compute, obvious, tight = NUMBERS[word]
    found = compute(members)

    def in_world(*world: Any) -> Any:
        values = on_it(*world)
        return obvious(values) if values or word == "sum" else None

    every = outcomes(parts, in_world)
    assert all(value is None or within(found, value) for value in every.values())
    assert settling(parts, every) <= names(found.missing)
    if tight or (not members.possible and not members.open and word == "percentile"):
        assert names(found.missing) == settling(parts, every)


def test_what_is_known_for_sure_misses_nothing() -> None:
    a, x = Members(("a",)), Members((), ("a",), gap("x"))
    assert sets.union([a, x]) == a
    assert sets.difference(x, a) == NOBODY
    assert sets.such_that(x, lambda _: False) == NOBODY
    assert sets.each(x, lambda _: NOBODY) == NOBODY
    assert sets.mapped(Members(("a",), ("b",), gap("x")), lambda _: "c") == Members(("c",))
    nothing, unbounded = Quantity(0, 0), Quantity(None, None, gap("x"))
    assert nothing * unbounded == unbounded * nothing == nothing
