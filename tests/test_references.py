"""Every name of another element is found, and follows when the element is called otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from reading import resolve

from orgdiag.facts.columns import Facts
from orgdiag.facts.organisation import orphans
from orgdiag.model import parts
from orgdiag.model.elements import PLURALS, Org
from orgdiag.model.references import map_references, names_of, references
from orgdiag.model.types import Ref
from orgdiag.parse import parse
from orgdiag.partial.unknown import UNKNOWN
from orgdiag.text.source import Source, Span
from orgdiag.whatif.apply import applied
from orgdiag.whatif.operations import verbs

ROOT = Path(__file__).parent.parent
MODELS = [*sorted(ROOT.glob("examples/*/")), *sorted(ROOT.glob("tests/corpus/*/"))]
# A team `zed` wherever a team may be named.
EVERYWHERE = """
team zed { size 4 }
team one {
  continues-as zed
  hands-over-to zed
  on-call shared-with zed
  members-shared-with zed 20%
  role lead "Lead" shared-with zed, two
  needs decision from zed { via ticket }
  needs capability ask from zed { via ticket }
}
team two { on-call other zed }
team three { needs decision from unknown }
group unit { kind tribe }
product good { owner zed }
stream s {
  product good
  owner zed
  owner two from 2026-01-01
  changes kern 50%
  step build { kind development; by zed, two; rework 10% to build }
  step ship { by zed; after build }
  handoff build -> ship { wait 1d }
}
capability ask { provided-by zed; used-by zed, stream s }
component kern { owner zed; built-by zed; runs-by zed; deploy train beat }
component edge { owner two; deploy with kern; depends-on kern }
domain land { owned-by zed }
interaction zed with two { mode collaboration }
interaction zed with three { mode collaboration }
coordination beat { kind release-train; members zed, two; gates stream s }
change later { move step s.build to zed; owner of component kern becomes zed; add 1 people to zed }
"""


def org_of(text: str) -> Org:
    return resolve([parse(Source("m.orgd", text))]).org


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, found without knowing what it means."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            if item.name not in ("span", "places"):
                yield from texts(getattr(value, item.name))
    elif isinstance(value, dict):
        yield from texts(tuple(value.values()))
    elif isinstance(value, tuple) and not isinstance(value, Span):
        for item in value:
            yield from texts(item)


def elements(org: Org) -> Iterator[Any]:
    for kind in PLURALS:
        yield from org.of_kind(kind).values()


def test_the_model_of_every_reference_is_sound() -> None:
    assert [f.message for f in resolve([parse(Source("m.orgd", EVERYWHERE))]).findings] == []


def test_a_merged_team_is_named_nowhere_any_more() -> None:
    org = org_of(f"{EVERYWHERE}change try {{ merge zed, three into all }}")
    merged = applied(Facts(org), org.changes["try"]).facts.org
    left = [one for one in elements(merged) if any("zed" in text.split() for text in texts(one))]
    assert left == []
    assert set(merged.interactions) == {"all with two"}
    assert [need.id for need in merged.teams["one"].needs] == [
        "one needs decision from all", "one needs ask from all"
    ]  # fmt: skip
    assert {need.team for need in merged.teams["all"].needs} == {"all"}


def test_a_split_team_is_named_only_where_plans_and_ids_speak_of_it() -> None:
    org = org_of(f"{EVERYWHERE}change try {{ split zed into left, right }}")
    split = applied(Facts(org), org.changes["try"]).facts.org
    names = {ref for one in elements(split) if one.kind != "change" for ref in references(one)}
    assert Ref("team", "zed") not in names
    assert UNKNOWN in names


def test_a_team_that_joins_its_partner_does_not_share_with_itself() -> None:
    org = org_of(f"{EVERYWHERE}change try {{ merge zed, one into one }}")
    one = applied(Facts(org), org.changes["try"]).facts.org.teams["one"]
    assert one.needs == ()
    assert one.members_shared_with == ()
    assert one.on_call.how == "self"


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("team a; team b", {"a", "b"}),
        ('team a { role lead "Lead" shared-with b }; team b', set()),
        ("team a; team b; change try { merge a, b into b }", set()),
        ("team a; team b; team c; change try { split a into b, c }", set()),
        ("team a; team b { needs unknown }", {"a"}),
    ],
    ids=["silence", "role", "merge", "split", "unknown"],
)
def test_an_orphan_names_nobody_and_is_named_by_nobody(text: str, alone: set[str]) -> None:
    facts = Facts(org_of(text))
    assert {team.id for team in orphans(facts, facts.org).certain} == alone


@pytest.mark.parametrize("folder", MODELS, ids=lambda folder: folder.name)
def test_every_reference_is_there_and_nothing_else_changes(folder: Path) -> None:
    files = [parse(Source(p.name, p.read_text())) for p in sorted(folder.glob("**/*.orgd"))]
    org = resolve(files).org
    for element in elements(org):
        assert map_references(element, lambda ref: ref) is element
        for ref in references(element):
            if isinstance(ref, Ref) and not (element.kind == "change" and ref.kind == "team"):
                assert org.find(ref.kind, ref.id) is not None, (element, ref)


@pytest.mark.parametrize("kind", PLURALS)
def test_an_element_is_named_by_what_the_text_says_of_it(kind: str) -> None:
    """Called otherwise, no text in an element is the old name but where it is no reference."""
    org = org_of(EVERYWHERE)
    for named in org.of_kind(kind):

        def other(ref: Ref, named: str = named) -> Ref:
            return Ref(kind, "new-name") if ref == Ref(kind, named) else ref

        for element in elements(org):
            if (element.kind, element.id) != (kind, named):
                left = [text for text in texts(map_references(element, other)) if text == named]
                assert left == [], (element, named)


OTHERS = {"orgdiag.model.form", "orgdiag.model.types"}
# Texts in parts that name no element.
PLAIN = {
    "Accept": {"rule", "subject", "because", "subject_kind"}, "AddSkill": {"skill"},
    "Deploy": {"how", "target"},  # what `how` says decides what `target` names
    "Link": {"label", "url"}, "Load": {"level", "evidence"}, "MakeSelfService": {"mode"},
    "Money": {"currency"}, "Note": {"word", "text"}, "Observation": {"by", "roles"},
    "OnCall": {"how"}, "Origin": {"how", "text"}, "Role": {"id", "name"},
    "TeamApi": {"docs", "contact", "hours", "support"}, "WaitPart": {"reason"},
}  # fmt: skip


def test_every_text_of_a_part_is_a_name_or_said_to_be_none() -> None:
    """A new part that names an element cannot be forgotten by the walk."""
    undecided = {
        f"{cls.__name__}.{name}"
        for cls in (*vars(parts).values(), *(verb.form.makes for verb in verbs().values()))
        if isinstance(cls, type) and hasattr(cls, "_fields") and cls.__module__ not in OTHERS
        for name, hint in get_type_hints(cls).items()
        if is_text(hint) and name not in {*PLAIN.get(cls.__name__, ()), *names_of(cls)}
    }
    assert undecided == set()


def is_text(hint: Any) -> bool:
    """Whether a value of the type may be a text or a reference, alone or in a tuple."""
    return hint in (str, Ref) or any(map(is_text, get_args(hint)))
