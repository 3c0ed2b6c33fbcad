"""The rules that ship: each holds its own examples, and notices when a threshold moves."""

from __future__ import annotations

from functools import cache

import pytest

from orgdiag.evaluate.examples import run_examples
from orgdiag.rule import RuleSet, load_rules


@cache
def rules() -> RuleSet:
    return load_rules(())


NAMES = sorted(rule.name for rule in rules())


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_the_rule_hold(name: str) -> None:
    outcome = run_examples(rules(), [name])
    assert [(f.message, *f.details) for f in outcome.failures] == []


@pytest.mark.parametrize("name", [name for name in NAMES if rules().rules[name].checks])
def test_the_rule_shows_what_it_flags_what_it_passes_and_what_it_leaves_open(name: str) -> None:
    outcomes = {example.outcome for example in rules().rules[name].examples}
    assert outcomes == {"flags", "passes", "not-assessed"}
