"""Rules over facts: what is flagged, what stays open, and why."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import resolve

from orgdiag.evaluate import Outcome, evaluate
from orgdiag.evaluate import run as running
from orgdiag.evaluate.examples import run_examples
from orgdiag.evaluate.why import why
from orgdiag.facts.columns import Facts
from orgdiag.finding import Finding, OrgdiagError, Subject
from orgdiag.parse import parse
from orgdiag.partial.unknown import Missing
from orgdiag.rule.load import check_files
from orgdiag.rule.rule import File, RuleSet
from orgdiag.text.source import Source

HEAD = 'severity warning kind structure why "because"'


def rules_of(*texts: str) -> RuleSet:
    rules, problems = check_files(
        [File(Source("<text>", text), "", "own", "<text>") for text in texts]
    )
    assert problems == []
    return rules


def rule(body: str, name: str = "a") -> str:
    return f'rule {name} {{ title "{name}" {HEAD} {body} }}\n'


def facts_of(model: str) -> Facts:
    org, findings = resolve([parse(Source("m.orgd", model))], None)
    assert [finding.message for finding in findings] == []
    return Facts(org)


def judged(text: str, model: str) -> Outcome:
    return evaluate(rules_of(text), facts_of(model))


def said(outcome: Outcome) -> list[str]:
    lines = [f"{f.severity} {f.subject}: {f.message}" for f in outcome.findings]
    for open in outcome.not_assessed:
        needs = ", ".join(f"{gap.property} of {gap.id}" for gap in open.missing)
        worse = f" ({open.escalation})" if open.escalation else ""
        lines.append(f"open{worse} {open.subject}: {needs}")
    return sorted(lines)


LARGE = rule('check each team flag team when team.size > 9 message "{team} has {team.size}"')


def test_what_is_certain_is_flagged_and_what_is_possible_stays_open() -> None:
    outcome = judged(LARGE, "team a { size 10 }; team b { size 9 }; team c; team d { size 10..12 }")
    assert said(outcome) == [
        "open c: size of c",
        "warning a: a has 10",
        "warning d: d has 10 to 12",
    ]
    count = outcome.counts["a"]
    assert (count.checked, count.flagged, count.not_assessed) == (4, 2, 1)
    assert outcome.pairs == 4


def test_an_interval_across_the_threshold_stays_open() -> None:
    outcome = judged(LARGE, "team a { size 5..12 }")
    [open] = outcome.not_assessed
    assert open.subject == Subject("team", "a")
    assert [(gap.property, gap.id) for gap in open.missing] == [("size", "a")]


def test_where_unless_and_when_each_keep_what_is_unknown_open() -> None:
    text = rule(
        "check each team where team.type = platform flag team when team.size > 9 "
        'unless team.durable message "{team}"'
    )
    outcome = judged(
        text,
        "team a { type platform; size 10 }\n"
        "team b { type platform; size 10; durable }\n"
        "team c { type unknown; size 10; until 2025-01-01 }\n"
        "team d { type enabling; size 10 }\n",
    )
    assert said(outcome)[:1] == ["open a: durable of a"]
    assert [line.split(":")[0] for line in said(outcome)] == ["open a", "open c"]


def test_severity_follows_the_highest_certain_escalation_then_softening() -> None:
    text = rule(
        "check each team flag team when team.size > 9 escalate to error when team.size > 15 "
        'soften to info when team.durable message "{team}"'
    )
    outcome = judged(
        text,
        "team a { size 16 }; team b { size 16; durable }; team c { size 12 }\n"
        "team d { size 12..20 }",
    )
    assert said(outcome) == [
        "error a: a",
        "info b: b",
        "open (error) d: size of d",
        "warning c: c",
        "warning d: d",
    ]


def test_the_first_message_that_certainly_holds_is_said() -> None:
    text = rule(
        'check each team flag team when team.size > 1 message "huge" when team.size > 20 '
        'message "{count(team.steps); step; steps}"'
    )
    model = "team a { size 30 }; team b { size 2 }\nstream s { step x { by b } }"
    assert said(judged(text, model)) == ["warning a: huge", "warning b: 1 step"]


def test_a_pair_is_reported_once_whichever_comes_first() -> None:
    text = rule(
        "check each stream and each a in stream.teams and each b in stream.teams "
        'flag a with b when a.size > b.size message "{a} over {b}"'
    )
    model = "team z { size 3 }; team y { size 2 }\nstream s { step x { by z, y } }"
    [finding] = judged(text, model).findings
    assert finding.subject == Subject("pair", "y with z")
    assert finding.message == "z over y"


def test_a_cycle_is_one_finding_with_its_shortest_ring() -> None:
    text = rule(
        "check each cycle through component.depends-on "
        'flag cycle message "{cycle.length}: {cycle.shortest}"'
    )
    model = (
        "component a { depends-on b }; component b { depends-on c, a }\n"
        "component c { depends-on a }; component d { depends-on a }\n"
    )
    [finding] = judged(text, model).findings
    assert finding.subject == Subject("cycle", "a with b with c")
    assert finding.message == "3: a and b"


SMALL = rule('check each team flag team when team.size < 3 message "{team} is small"', "small")


def test_a_superseded_finding_stands_beside_the_one_that_explains_it() -> None:
    text = SMALL + rule(
        'check each team flag team when team.size < 2 supersedes small message "{team}"', "tiny"
    )
    outcome = judged(text, "team a { size 1 }; team b { size 2 }")
    found = {(f.rule, f.subject.id): f for f in outcome.findings}
    assert set(found) == {("tiny", "a"), ("small", "b")}
    [line] = found["tiny", "a"].superseded
    assert (line.rule, line.message) == ("small", "a is small")


def test_supersedes_reaches_findings_about_other_subjects() -> None:
    text = SMALL + rule(
        'check each stream flag stream supersedes small for each team of stream message "{stream}"',
        "s",
    )
    outcome = judged(text, "team a { size 1 }; team b { size 1 }\nstream x { step k { by a } }")
    assert {(f.rule, f.subject.id) for f in outcome.findings} == {("s", "x"), ("small", "b")}


def test_rules_that_supersede_each_other_leave_one() -> None:
    text = rule('check each team flag team supersedes b message "a"', "a")
    text += rule('check each team flag team supersedes a message "b"', "b")
    assert len(judged(text, "team t").findings) == 1


def test_a_rule_may_ask_what_another_has_flagged_before_superseding() -> None:
    text = SMALL + rule(
        'check each team flag team when team is flagged by small supersedes small message "x"', "b"
    )
    outcome = judged(text, "team a { size 1 }; team c; team d { size 9 }")
    assert [f.rule for f in outcome.findings] == ["b"]
    assert {(o.rule, o.subject.id) for o in outcome.not_assessed} == {("small", "c"), ("b", "c")}
    assert all(o.missing[0].property == "size" for o in outcome.not_assessed)


def test_evidence_explains_and_fixes_come_from_the_facts() -> None:
    text = rule(
        "check each stream flag stream when stream.wip > 3 "
        "evidence stream.wip "
        'evidence step "{step} by {step.by}" for each step of stream where step.kind = testing '
        "explains step for each step of stream where step.kind = testing "
        "explains small for each team of stream "
        'fix "Ask {team}." for each team of stream '
        'fix "Never." when stream.wip > 99 '
        'message "{stream}"'
    )
    model = (
        "team a\nstream s {\n  wip 4\n  step x { kind development; by a }\n"
        "  step y { kind testing; by a }\n}\n"
    )
    [finding] = judged(text + SMALL, model).findings
    assert [(e.message, e.span.line if e.span else 0) for e in finding.evidence] == [
        ("wip 4", 3),
        ("s.y by a", 5),
    ]
    assert finding.addresses == ("s.y",)
    assert [(e.rule, e.subject.id) for e in finding.effects] == [("small", "a")]
    assert finding.fixes == ("Ask a.",)


def test_a_definition_is_a_field_like_any_other() -> None:
    text = 'define team is big "x" when team.size > 9\n'
    text += 'define team.double "x" = team.size * 2\n'
    text += rule('check each team flag team when team is big message "{team.double}"')
    assert said(judged(text, "team a { size 10 }; team b; team c { size 1 }")) == [
        "open b: size of b",
        "warning a: 20",
    ]


def test_a_definition_says_nothing_of_the_other_kinds_of_a_mixed_set() -> None:
    text = 'define component.watched "x" = component.streams\n'
    text += 'define component is end-unreachable "x" when component.layer = data\n'
    text += rule(
        "check each team and each item in team.leaves-behind "
        "flag item when item is end-unreachable or item.watched is not empty "
        'message "{item}: {item.watched}, {item.watched.main-steps}"'
    )
    model = """
        team a { until 2025-01-01 }
        component c { owner a; layer data }
        component d { owner a; layer api }
        component e { owner a; layer api }
        component f { owner a; layer unknown }
        stream s { owner a; changes e; step x { by a; dead-end } }
        stream t { owner a; step y { by a } }
        """
    assert said(judged(text, model)) == [
        "open f: layer of f",
        "warning c: c: none, none",
        "warning e: e: s, none",
        "warning s: s: none, none",
    ]


def test_days_and_durations_are_held_against_each_other() -> None:
    text = rule(
        "check each team let left = team.until - organisation.as-of "
        'flag team when left < 26w message "{left}, {team.until - 4w}"'
    )
    model = "org o { as-of 2025-03-01 }\nteam a { until 2025-06-30 }; team b { until 2025-12-31 }"
    assert said(judged(text, model)) == ["warning a: 86.4d, 2025-06-02"]


def test_a_runaway_rule_is_named_and_the_others_still_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orgdiag.evaluate.engine.BUDGET", 2000)
    monkeypatch.setattr(running, "BUDGET", 2000)
    text = SMALL + rule(
        "check each team flag team when (some x in all teams where "
        "(some y in all teams where x.size > y.size and y.size > team.size)) "
        'message "x"',
        "runaway",
    )
    model = "\n".join(f"team t{n} {{ size 3 }}" for n in range(100)) + "\nteam a { size 1 }"
    outcome = evaluate(rules_of(text), facts_of(model))
    [gave_up] = outcome.given_up
    assert "runaway" in gave_up.problem.message
    assert [f.subject.id for f in outcome.findings] == ["a"]


# Asks of each team all others; what is large comes first.
MANY = "".join(f"team a{n:02} {{ size 9 }}\n" for n in range(50)) + "team b { size 1 }\n"
SMALLER = "(some x in all teams where x.size < team.size and x.size < 9)"


def test_a_rule_that_is_given_up_says_whom_it_judged_and_whom_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("orgdiag.evaluate.engine.BUDGET", 1000)
    text = rule(f'check each team flag team when {SMALLER} supersedes small message "x"', "runaway")
    everybody = rule('check each team flag team message "x"', "small")
    outcome = evaluate(rules_of(text, everybody), facts_of(MANY))
    [gave_up] = outcome.given_up
    judged = gave_up.judged
    assert 10 < judged < 30
    assert (gave_up.not_judged, gave_up.more) == (51 - judged, False)
    assert [subject.id for subject in gave_up.first] == [f"a{judged + n}" for n in range(10)]
    assert gave_up.problem.message == (
        f"rule `runaway` was given up after 1,000 steps: subjects judged: {judged}, "
        f"not judged: {51 - judged} (team a{judged}, "
        + "".join(f"team a{judged + n}, " for n in range(1, 10))
        + "…)"
    )
    found = [finding.subject.id for finding in outcome.findings if finding.rule == "runaway"]
    assert found == [f"a{n:02}" for n in range(judged)], "what is certain is shown"
    assert len(outcome.findings) == judged + 51, "and makes nothing superfluous"


def test_of_a_subject_with_several_ways_a_rule_that_is_given_up_knows_only_what_is_certain(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("orgdiag.evaluate.engine.BUDGET", 1000)
    text = rule(
        f"check each team and each component of team.components flag team when {SMALLER} "
        'message "{component}"',
        "runaway",
    )
    owned = "".join(f"component c{n} {{ owner a{n // 2:02} }}\n" for n in range(100))
    outcome = evaluate(rules_of(text), facts_of(f"{MANY}{owned}component d {{ owner b }}\n"))
    [gave_up] = outcome.given_up
    assert 0 < gave_up.judged == len(outcome.findings) < 30
    assert gave_up.judged + gave_up.not_judged == 51
    assert outcome.not_assessed == ()


def test_a_name_in_a_model_is_data(monkeypatch: pytest.MonkeyPatch) -> None:
    text = rule('check each team flag team message "{team.name}"')
    [finding] = judged(text, 'team a "{team.size} __import__"').findings
    assert finding.message == "{team.size} __import__"


# --- why ------------------------------------------------------------------------------------------

WAITS = rule(
    "param limit = 2 between 1 and 9 basis article check each team where team.type != governance "
    "let others = team.blockers flag team when at least limit blockers of team "
    'message "{others}"'
)
NEEDS = """
team a {
  needs decision from b { via ticket; effect blocking; routine }
  needs decision from c { via ticket; effect blocking; routine }
}
team b { needs decision from c { via ticket; effect blocking; routine } }
team c { needs decision from b { via ticket; effect blocking; routine }
         needs approval from a { via ticket; routine } }
team d { type governance }
"""


def explained(subject: str) -> tuple[str, list[str]]:
    found = why(rules_of(WAITS), "a", subject, facts_of(NEEDS))
    return found.outcome, [f"{line.text} {line.mark}".strip() for line in found.lines]


def test_why_counts_for_the_flagged_and_for_the_others() -> None:
    outcome, lines = explained("a")
    assert outcome == "flagged"
    assert "limit = 2 (default, article)" in lines
    assert "others = b and c" in lines
    outcome, lines = explained("b")
    assert outcome == "not flagged"
    assert lines[-2].endswith("(counted: 1; limit is 2) does not hold")
    assert explained("d")[0] == "not checked"


def test_why_names_what_is_missing() -> None:
    found = why(rules_of(WAITS), "a", "c", facts_of(NEEDS))
    assert found.outcome == "not assessed"
    assert {gap.property for gap in found.missing} == {"effect"}


def test_why_offers_the_nearest_rule_and_subject() -> None:
    with pytest.raises(OrgdiagError, match="no rule") as unknown_rule:
        why(rules_of(LARGE), "aa", "a", facts_of("team a"))
    assert unknown_rule.value.problems[0].help == "did you mean `a`?"
    with pytest.raises(OrgdiagError, match="nothing called") as unknown_subject:
        why(rules_of(LARGE), "a", "chekout", facts_of("team checkout"))
    assert unknown_subject.value.problems[0].help == "did you mean `checkout`?"


ORPHANS = 'check each element in organisation.orphans flag element message "{element}"'
PAIRS = """check each interaction flag interaction when interaction.mode = facilitating
    message "{interaction}" """


def test_why_explains_the_element_of_the_kind_where_two_kinds_have_the_id() -> None:
    facts = facts_of("team a; capability a; capability b")
    for kind in ("team", "capability"):
        assert why(rules_of(rule(ORPHANS)), "a", "a", facts, kind=kind).subject == (kind, "a")
    with pytest.raises(OrgdiagError, match="is about the capability `b`, not about a team"):
        why(rules_of(rule(ORPHANS)), "a", "b", facts, kind="team")


def test_why_explains_the_pair_as_it_is_named_and_else_in_any_order() -> None:
    both = facts_of("""team a; team b
        interaction a with b { mode unknown }
        interaction b with a { mode facilitating }""")
    assert why(rules_of(rule(PAIRS)), "a", "a with b", both).outcome == "not assessed"
    assert why(rules_of(rule(PAIRS)), "a", "b with a", both).outcome == "flagged"
    one = facts_of("team a; team b; interaction a with b { mode facilitating }")
    assert why(rules_of(rule(PAIRS)), "a", "b with a", one).outcome == "flagged"


# --- examples -------------------------------------------------------------------------------------

BODY = (
    "param limit = 9 between 1 and 20 basis literature check each team "
    'flag team when team.size > limit message "{team} has {team.size}" '
)


def failures(*examples: str) -> list[tuple[str, ...]]:
    rules = rules_of(rule(BODY + " ".join(examples)))
    return [(failure.message, *failure.details) for failure in run_examples(rules).failures]


AT_LIMIT = (
    'example flags t saying "has 10" """team t { size 10 }"""',
    'example passes """team t { size 9 }"""',
    'example not-assessed t needs size """team t"""',
)


def test_examples_that_hold_are_silent() -> None:
    assert failures(*AT_LIMIT) == []


def test_a_threshold_that_no_example_notices_is_reported() -> None:
    found = failures('example flags t """team t { size 30 }"""')
    assert [line[0] for line in found] == [
        "no example notices limit = 10 instead of 9",
        "no example notices limit = 8 instead of 9",
    ]


@pytest.mark.parametrize(
    ("example", "wanted"),
    [
        ('example flags t """team t { size 9 }"""', "wanted: t flagged"),
        ('example flags t saying "12" """team t { size 10 }"""', 'wanted in the message: "12"'),
        ('example flags t as error """team t { size 10 }"""', "wanted: error, not warning"),
        ('example passes """team t { size 10 }"""', "not wanted: t flagged"),
        ('example passes """team t"""', "not wanted: t not assessed"),
        ('example not-assessed t needs skills """team t"""', "wanted: t needs skills"),
        ('example not-assessed t needs size """team t { size 3 }"""', "wanted: t not assessed"),
    ],
)
def test_a_wrong_example_says_what_was_wanted_and_what_was_said(example: str, wanted: str) -> None:
    found = failures(example, *AT_LIMIT)
    assert len(found) == 1
    assert wanted in found[0]
    assert any(line.startswith("said: ") for line in found[0])


def test_an_example_with_a_broken_model_says_where() -> None:
    [found] = failures('example flags t """team t { sze 10 }"""', *AT_LIMIT)
    assert found[0] == "the model of this example is broken"
    assert found[1].startswith("<text>:1:")


def test_findings_carry_what_their_rule_says() -> None:
    [finding] = judged(rule(BODY), "team t { size 10 }").findings
    assert isinstance(finding, Finding)
    assert finding.params == (("limit", "9"),)
    assert (finding.kind, finding.group, finding.why) == ("structure", "own", "because")


def test_the_same_organisation_gives_the_same_outcome_twice() -> None:
    model = "team b { size 10 }\nteam a { size 11 }"
    first, second = judged(LARGE, model), judged(LARGE, model)
    assert said(first) == said(second)


def test_as_of_decides_what_is_active() -> None:
    text = rule('check each interaction flag interaction when interaction.active message "x"')
    model = (
        "team a; team b\ninteraction a with b { mode collaboration; since 2025-01-13; expected 8w }"
    )

    def on(day: date) -> int:
        org, _ = resolve([parse(Source("m.orgd", model))], day)
        return len(evaluate(rules_of(text), Facts(org)).findings)

    assert (on(date(2025, 3, 1)), on(date(2025, 4, 1))) == (1, 0)


def test_a_finding_that_another_may_take_over_stays_open() -> None:
    text = SMALL + rule(
        'check each team flag team when team.type = platform supersedes small message "x"', "kept"
    )
    known = judged(text, "team a { size 1; type platform }; team b { size 1 }")
    assert {(f.rule, f.subject.id) for f in known.findings} == {("kept", "a"), ("small", "b")}
    unknown = judged(text, "team a { size 1; type unknown }")
    assert unknown.findings == ()
    assert {(o.rule, o.subject.id) for o in unknown.not_assessed} == {("kept", "a"), ("small", "a")}


@pytest.mark.parametrize("depth", [90, 98, 200])
def test_the_deepest_rule_that_is_read_can_be_evaluated_and_explained(depth: int) -> None:
    text = rule(f'check each team flag team when {"not " * depth} team.size > 3 message "{{team}}"')
    rules, problems = check_files([File(Source("<text>", text), "", "own", "<text>")])
    if problems:
        assert [problem.message for problem in problems] == ["nested too deeply"]
        return
    facts = facts_of("team a { size 9 }; team b")
    assert [f.subject.id for f in evaluate(rules, facts).findings] == ["a"]
    assert why(rules, "a", "b", facts).missing[0].property == "size"


def test_depth_takes_a_ring_as_one_and_leaves_open_what_may_go_on() -> None:
    text = rule(
        "check each component flag component when depth(component.depends-on) >= 2 "
        'message "{depth(component.depends-on)}"'
    )
    model = (
        "component a { depends-on b }; component b { depends-on c }\n"
        "component c { depends-on b, d }; component d\n"
        "component e { depends-on f }; component f { depends-on unknown }\n"
    )
    assert said(judged(text, model)) == [
        "open e: depends-on of f",
        "open f: depends-on of f",
        "warning a: 2",
    ]


def test_a_ring_that_missing_data_could_widen_stays_open() -> None:
    text = rule('check each cycle through team.blockers flag cycle message "{cycle.members}"')
    need = "needs decision from {} {{ via ticket; effect {}; routine }}"
    model = (
        f"team a {{ {need.format('b', 'blocking')} }}\n"
        f"team b {{ {need.format('a', 'blocking')}; {need.format('c', 'unknown')} }}\n"
        f"team c {{ {need.format('a', 'blocking')} }}\n"
    )
    assert said(judged(text, model)) == ["open a with b with c: effect of b needs decision from c"]
    known = model.replace("unknown", "blocking")
    assert said(judged(text, known)) == ["warning a with b with c: a, b and c"]


# --- conditions of comprehensions are asked as soon as their names are bound ----------------------

BUILDERS = rule(
    "check each stream let builders = distinct team for each step of stream and each team of step "
    "where team.size > 3 and step.kind = development "
    'flag stream when count(builders) >= 2 message "{builders}"'
)
# The same, with each condition at its name by hand.
BY_HAND = rule(
    "check each stream let work = step for each step of stream where step.kind = development "
    "let builders = distinct team for each step in work and each team of step where team.size > 3 "
    'flag stream when count(builders) >= 2 message "{builders}"'
)
TEAMS = "team a { size 4 }; team b { size 5 }; team c { size 2 }; team d { size unknown }\n"


def told(text: str, model: str) -> tuple[set[str], set[Missing]]:
    outcome = judged(text, model)
    needs = {gap for entry in outcome.not_assessed for gap in entry.missing}
    return {finding.message for finding in outcome.findings}, {g._replace(span=None) for g in needs}


KINDS = st.sampled_from(["kind development", "kind testing", "kind unknown", "manual"])
BYS = st.sampled_from(["by a", "by b, c", "by a, d", "by unknown", "dead-end"])


@given(st.lists(st.tuples(KINDS, BYS), max_size=3))
def test_a_condition_is_asked_where_it_would_be_written_by_hand(steps: list[Any]) -> None:
    inside = "".join(f"step x{at} {{ {kind}; {by} }}; " for at, (kind, by) in enumerate(steps))
    model = f"{TEAMS}stream s {{ {inside} }}"
    assert told(BUILDERS, model) == told(BY_HAND, model)


def test_what_a_condition_leaves_out_leaves_nothing_open() -> None:
    model = TEAMS + (
        "stream s { step x { kind development; by a }; step y { kind testing; by unknown } }\n"
        "stream t { step x { kind development; by a }; step y { kind unknown; by b } }\n"
        "stream u { step x { kind development; by a }; step y { kind unknown; by c } }\n"
        "stream v { step x { kind development; by a }; step y { kind unknown; by unknown } }\n"
        "stream w { step x { kind development; by a }; step y { kind development; by unknown } }\n"
    )
    assert said(judged(BUILDERS, model)) == [
        "open t: kind of t.y",
        "open v: kind of v.y, by of v.y",
        "open w: by of w.y",
    ]
