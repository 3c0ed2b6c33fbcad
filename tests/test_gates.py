"""Gates on every word of the rules language: judged, or refused at their place."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest
from reading import resolve

from orgdiag import gates
from orgdiag.catalogue import catalogue
from orgdiag.config import Gate, Said
from orgdiag.facts.columns import Facts
from orgdiag.finding import OrgdiagError, Problem
from orgdiag.gates import Judged
from orgdiag.model.elements import PLURALS
from orgdiag.parse import parse
from orgdiag.text.source import Source, Span

MODEL = """
org shop "Shop" { as-of 2025-03-01 }
group sales
team checkout { type stream-aligned; size 7; backlog 3w; needs data from platform { routine } }
team platform { type platform }
product web
domain payments
component api { owner checkout; layer service }
capability pipeline { provided-by platform; used-by checkout; mode self-service }
interaction checkout with platform { mode x-as-a-service; since 2025-01-01 }
coordination release { kind release-train; every 1q; members checkout; gates order.build }
stream order {
  owner checkout; arrivals 6/month; cost-of-delay 900 EUR/d
  step build { kind development; by checkout; process 4h; lead 3d; every 2w }
  step test { kind testing; by unknown; process 1h }
}
stream returns { arrivals unknown; cost-of-delay unknown }
change hire { add 2 people to checkout }
"""
NUMBERS = {
    "number": "3", "share": "15%", "duration": "2d", "cadence": "2w", "rate": "2 per month",
    "effort": "3h per week",
}  # fmt: skip
AMOUNTS = (
    *NUMBERS.values(), "0", "100%", "0.5", "5min", "999999999999999", "1d4h", "1ew", "3 per hour",
    "999999999999999h per hour", "3\n",
)  # fmt: skip
NONSENSE = (
    "", " ", ">=", ">= ", ">= x", "15%", "=> 3", "== 3", "≥ 3", "!= 3", ">= -1", ">= 1e3", ">= nan",
    ">= inf", ">= ٣", ">= 3\n4", ">= 3 4", ">= 15 %", ">= 1d 4h", ">= 5 EUR per day",
    ">= 5 EUR", ">= 2026-01-01", ">= 1234567890123456", ">= 3 per decade", ">= <= 3", "\0",
    "\ud800",
)  # fmt: skip
DERIVED = sorted({*catalogue().kinds, "pair", "cycle", "cycle:team", "place"} - {*PLURALS})
NO_KIND = ("", " ", "Team", "teams", "tem", "team ", "__class__", "\0", "\ud800")


@cache
def facts() -> Facts:
    org, findings = resolve([parse(Source("m.orgd", MODEL))])
    assert [f.message for f in findings] == []
    assert [kind for kind in PLURALS if not org.of_kind(kind)] == []
    return Facts(org)


def ids(kind: str) -> list[str]:
    return [""] if kind == "organisation" else list(facts().org.of_kind(kind))


def outcome(target: str, condition: str) -> Judged | Problem:
    """What the gate says, or what is wrong with it, which has the gate's place."""
    text = f"{target} {condition}"
    span = Span(Source("orgdiag.toml", text), 0, len(text))
    try:
        return gates.judge([Gate(target, Said(condition, "orgdiag.toml:1:1", span))], facts())
    except OrgdiagError as error:
        (problem,) = error.problems
        assert problem.span == span
        assert problem.message
        return problem


def legal(kind: str) -> list[tuple[str, str]]:
    """The numbers of a kind, each with an amount of its type."""
    fields = catalogue().fields[kind].values()
    return [(f.name, NUMBERS[f.type.base]) for f in fields if f.type.base in NUMBERS]


@pytest.mark.parametrize("kind", ["organisation", *PLURALS])
def test_every_number_of_an_element_can_be_held_by_a_gate(kind: str) -> None:
    refused = {}
    for id, (name, amount), sign in product(ids(kind), legal(kind), (">=", "<=", ">", "<", "=")):
        target = f"{kind}.{id}.{name}" if id else f"{kind}.{name}"
        found = outcome(target, f"{sign} {amount}")
        if isinstance(found, Problem):
            refused[f"{target} {sign} {amount}"] = found.message
        else:
            assert len(found.findings) + len(found.not_assessed) <= 1
            assert all(f"the gate wants {sign} {amount}" in f.message for f in found.findings)
    assert refused == {}


@pytest.mark.parametrize("kind", ["organisation", *PLURALS])
def test_any_word_of_a_kind_with_any_condition_is_judged_or_refused_at_its_place(kind: str) -> None:
    names = (*catalogue().names(kind), "", "nope", "__class__", "\0", "\ud800", "a.b")
    conditions = (*(f">= {amount}" for amount in AMOUNTS), *NONSENSE)
    for id, name, condition in product((*ids(kind)[:1], "", "nope", "\0"), names, conditions):
        found = outcome(f"{kind}.{id}.{name}", condition)
        if condition in NONSENSE or name not in dict(legal(kind)) or id not in ids(kind):
            assert isinstance(found, Problem), f"{kind}.{id}.{name} {condition!r} is judged"


@pytest.mark.parametrize("kind", [*DERIVED, *NO_KIND])
def test_a_gate_on_what_no_model_names_is_refused_with_the_kinds_that_can_be(kind: str) -> None:
    for id, name in product(("", "x", "checkout"), (*catalogue().names(kind), "share", "")):
        if kind == "organisation":
            continue
        found = outcome(f"{kind}.{id}.{name}", ">= 15%")
        assert isinstance(found, Problem)
        assert found.help.startswith(("did you mean", "kinds: organisation, group, team"))


@pytest.mark.parametrize(
    ("target", "message", "help"),
    [
        ("dependency.x.share", "a gate cannot be about a dependency", "kinds: organisation, group"),
        ("tem.checkout.size", "no kind `tem`", "did you mean `team`?"),
        ("team.size", "no team ``", "write team.ID.METRIC"),
        ("team.chekout.size", "no team `chekout`", "did you mean `checkout`?"),
        ("organisation.shop.fan-out", "no organisation `shop`", "write organisation.METRIC"),
        ("team.checkout.typ", "no typ of a team", "did you mean `type`?"),
        ("team.checkout.type", "type of a team is no number", ""),
        ("stream.order.steps", "steps of a stream is no number", ""),
        ("stream.order.cost-of-delay", "cost-of-delay of a stream is no number", ""),
    ],
)
def test_a_target_that_makes_no_sense_is_told_in_the_words_of_gates(
    target: str, message: str, help: str
) -> None:
    found = outcome(target, ">= 3")
    assert isinstance(found, Problem)
    assert (found.message, found.help[: len(help) or None]) == (message, help)


def test_an_unknown_number_breaks_no_gate_and_says_what_it_lacks() -> None:
    found = outcome("stream.returns.arrivals", ">= 2 per month")
    assert isinstance(found, Judged)
    assert found.findings == ()
    assert [entry.missing[0].property for entry in found.not_assessed] == ["arrivals"]
