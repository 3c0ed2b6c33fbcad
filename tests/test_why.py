"""`why` and `check` say the same of every rule and every subject, whatever is selected."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

import pytest
from reading import opened
from sample import sample

from orgdiag import check_text
from orgdiag.catalogue import catalogue
from orgdiag.cli import main
from orgdiag.evaluate import Outcome, evaluate
from orgdiag.evaluate.why import Explanation, Reasons, why
from orgdiag.facts.columns import Facts
from orgdiag.finding import Subject
from orgdiag.rule import RuleSet, load_rules
from orgdiag.rule.load import check_files
from orgdiag.rule.rule import File
from orgdiag.text.source import Source

ROOT = Path(__file__).parent.parent
MODELS = [
    path.relative_to(ROOT).as_posix()
    for folder in ("examples", "tests/corpus")
    for path in sorted((ROOT / folder).iterdir())
    if path.is_dir()
]
DAY = date(2025, 3, 1)
Named = tuple[str, Subject]


def differing(facts: Facts, rules: RuleSet, names: Collection[str]) -> list[str]:
    """Where `why` says something else than a run of those rules."""
    said = Said(evaluate(rules, facts, names=names))
    told: dict[Named, str] = {}
    for name in sorted(names):
        reasons = Reasons(rules, rules.rules[name], facts, catalogue(), names)
        for subject in dict.fromkeys(hit.subject for hit in reasons.hits):
            told[name, subject] = worded(reasons.of(subject.id, subject.kind))
    wrong = [
        f"{rule} {subject.kind}:{subject.id}: why: {words}; check: {said.of(rule, subject)}"
        for (rule, subject), words in told.items()
        if words != said.of(rule, subject)
    ]
    return wrong + [f"why is not about {about}" for about in said.words.keys() - told.keys()]


class Said:
    """What a run said of each rule and subject that it spoke of."""

    def __init__(self, outcome: Outcome) -> None:
        self.words: dict[Named, str] = {}
        for finding in outcome.findings:
            by = f"{finding.rule} {finding.subject}"
            self.words[finding.rule, finding.subject] = f"{finding.severity}: {finding.message}"
            for lost in finding.superseded:
                self.words[lost.rule, lost.subject] = f"superseded by {by}: {lost.message}"
        for entry in outcome.not_assessed:
            if entry.escalation is None:
                missing = sorted(str(one[:3]) for one in entry.missing)
                self.words[entry.rule, entry.subject] = f"not assessed: {missing}"

    def of(self, rule: str, subject: Subject) -> str:
        return self.words.get((rule, subject), "nothing")


def worded(found: Explanation) -> str:
    """What `why` says, in the same words."""
    if found.outcome == "flagged" and found.finding:
        return f"{found.finding.severity}: {found.finding.message}"
    if found.outcome == "superseded" and found.finding:
        [(rule, subject)] = found.instead
        return f"superseded by {rule} {subject}: {found.finding.message}"
    if found.outcome == "not assessed":
        return f"not assessed: {sorted(str(one[:3]) for one in found.missing)}"
    assert found.outcome in ("not flagged", "not checked")
    return "nothing"


def conditions(rules: RuleSet) -> list[str]:
    return [rule.name for rule in rules if rule.checks]


@pytest.mark.parametrize("place", sample(MODELS, 4))
def test_why_and_check_say_the_same_of_every_rule_and_subject(place: str) -> None:
    facts, rules = opened(ROOT / place, isolated=True, today=DAY).facts, load_rules(())
    assert differing(facts, rules, conditions(rules)) == []


@pytest.mark.parametrize("place", sample(MODELS, 12))
@pytest.mark.parametrize("at", range(3))
def test_they_do_so_whatever_is_selected(place: str, at: int) -> None:
    facts, rules = opened(ROOT / place, isolated=True, today=DAY).facts, load_rules(())
    assert differing(facts, rules, conditions(rules)[at::3]) == []


# Who does two of the steps is left out: t3 may be a shared service, and then is no silo beside it.
SILO = """\
org a { as-of 2025-03-01 }
team t1 {}
team t3 { discipline design }
stream s1 { owner t1
  step k0 {}
  step k1 {}
  step k2 { by t3 }
}
"""


def test_why_names_what_may_stand_in_the_place_of_a_finding() -> None:
    facts, rules = check_text(SILO).facts, load_rules(())
    assert facts is not None
    assert differing(facts, rules, conditions(rules)) == []
    found = why(rules, "functional-silo-in-flow", "t3", facts)
    assert (found.outcome, found.finding) == ("not assessed", None)
    assert found.instead == (("shared-service-bottleneck", Subject("team", "t3")),)
    assert {(one.id, one.property) for one in found.missing} == {("s1.k0", "by"), ("s1.k1", "by")}
    alone = why(rules, "functional-silo-in-flow", "t3", facts, names=("functional-silo-in-flow",))
    assert (alone.outcome, alone.instead) == ("flagged", ())
    assert why(rules, "functional-silo-in-flow", "t3", facts, names=()).outcome == "flagged"


def own(*bodies: str) -> RuleSet:
    """Rules a, b, c …, each about every team."""
    head = 'severity warning kind structure why "because" check each team flag team'
    texts = {
        name: f'rule {name} {{ title "{name}" {head} {body} }}'
        for name, body in zip("abcd", bodies, strict=False)
    }
    rules, problems = check_files(
        [File(Source("<text>", text), "", "own", name) for name, text in texts.items()]
    )
    assert problems == []
    return rules


# What a supersedes, supersedes in turn.
CHAIN = own(
    'when team.size > 9 supersedes b message "a"',
    'supersedes c message "b"',
    'supersedes d message "c"',
    'message "d"',
)
# Of two rules above c one is there for certain.
FORK = own('when team.size > 9 supersedes c message "a"', 'supersedes c message "b"', 'message "c"')
RING = own(
    'when team.size > 9 supersedes b message "a"',
    'supersedes c message "b"',
    'supersedes b message "c"',
)


@pytest.mark.parametrize(
    ("rules", "size", "outcomes"),
    [
        (CHAIN, "12", ("flagged", "superseded by a", "superseded by a", "superseded by a")),
        (CHAIN, "3", ("not flagged", "flagged", "superseded by b", "superseded by b")),
        # Were the team small, b would stand; were it large, a: c and d stand in neither world.
        (CHAIN, "unknown",
         ("not assessed", "not assessed, a", "not assessed, b", "not assessed, c")),
        (FORK, "12", ("flagged", "flagged", "superseded by a")),
        (FORK, "unknown", ("not assessed", "flagged", "superseded by b")),
        (RING, "unknown", ("not assessed", "not assessed, a", "not assessed, b")),
    ],
)  # fmt: skip
def test_what_may_be_superseded_is_open_and_so_is_what_it_supersedes(
    rules: RuleSet, size: str, outcomes: tuple[str, ...]
) -> None:
    facts = check_text(f"team t {{ size {size} }}").facts
    assert facts is not None
    assert differing(facts, rules, conditions(rules)) == []
    for rule, outcome in zip("abcd", outcomes, strict=False):
        found = why(rules, rule, "t", facts)
        between = " by " if found.outcome == "superseded" else ", "
        others = [name for name, _ in found.instead]
        assert between.join([found.outcome, *others]) == outcome, rule


def test_a_rule_says_the_same_of_another_whether_that_one_is_selected_or_not() -> None:
    rules = own('when team.size > 9 message "a"', 'when team is flagged by a message "b"')
    facts = check_text("team t { size 12 }").facts
    assert facts is not None
    for names in (("a", "b"), ("b",)):
        found = evaluate(rules, facts, names=names).findings
        assert [finding.rule for finding in found] == list(names)
        assert why(rules, "b", "t", facts, names=names).outcome == "flagged"


def test_the_command_says_what_stands_or_may_stand_in_the_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.orgd"
    path.write_text(SILO)
    assert main(["why", "functional-silo-in-flow", "t3", str(path)]) == 0
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first == "functional-silo-in-flow · team t3: not assessed"
    assert second == "in its place may stand shared-service-bottleneck for team t3"
    only = ("--select", "functional-silo-in-flow")
    assert main(["why", "functional-silo-in-flow", "t3", str(path), *only]) == 0
    assert capsys.readouterr().out.startswith("functional-silo-in-flow · team t3: flagged\n")
