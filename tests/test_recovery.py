"""After a break the reader finds its way back: near, without noise, without loss."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import resolve
from recovery import measured, told
from sample import sample

from orgdiag.evaluate import evaluate
from orgdiag.facts.columns import Facts
from orgdiag.measure import measure
from orgdiag.parse import parse
from orgdiag.rule import load_rules, read
from orgdiag.text.source import Source, Span


def test_a_break_is_found_near_with_little_noise_and_costs_no_other_block() -> None:
    score = measured(20, seed=3)
    assert score.breaks > 150
    assert score.found >= 0.99 * score.breaks, list(told(score))
    assert score.spurious <= 0.3 * score.breaks, list(told(score))  # 0.2 over many: docs/quality.md
    assert score.kept >= 0.999 * score.blocks, list(told(score))


MODEL_TOKENS = (
    'team stream step { } ; , -> " # a b qa after by lead process 5d 2d..4d p50 75% 6/month none '
    "unknown needs from kind wait rework to include extend change accept until because \n \t \\ "
    '" "x" : = ( ) [ ] 2025-03-01 900 EUR/d \ufeff \u202e \x00 \r \x1b \ud800 é 支'
).split(" ")  # fmt: skip
RULE_TOKENS = (
    "rule define adjust disable { } ( ) , . = != < > >= + - * / \" \"\"\" # a team stream check each "
    "where flag when unless let message why fix evidence explains for some no every at least most "
    "satisfies and or not in is transitively count sum 5d 15% 2025-01-01 3 true false all distinct "
    "\n \t ; \\ \x00 \u202e é title severity info kind symptom example flags passes"
).split(" ")  # fmt: skip


def inside(span: Span) -> bool:
    return 0 <= span.start <= span.end <= len(span.source.text) and span.line >= 1 <= span.column


@given(st.lists(st.sampled_from(MODEL_TOKENS), max_size=60))
def test_a_soup_of_model_tokens_breaks_nothing(tokens: list[str]) -> None:
    text = " ".join(tokens).encode("utf-8", "replace").decode()
    parsed = parse(Source("m.orgd", text))
    for finding in resolve((parsed,)).findings:
        assert inside(finding.span)


def test_a_block_that_a_text_leaves_open_ends_where_the_text_does() -> None:
    text = '{{}}team a { type "" { stream s "'
    findings = resolve((parse(Source("m.orgd", text)),)).findings
    assert any("takes no block" in finding.message for finding in findings)
    assert all(inside(finding.span) for finding in findings)


@given(st.lists(st.sampled_from(RULE_TOKENS), max_size=60))
def test_a_soup_of_rule_tokens_breaks_nothing(tokens: list[str]) -> None:
    _, problems = read.items(Source("x.orgr", " ".join(tokens)))
    for problem in problems:
        assert problem.span is None or inside(problem.span)


@pytest.mark.parametrize("seed", range(5))
def test_random_bytes_break_neither_reader(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        text = "".join(
            chr(chance.choice((chance.randrange(128), chance.randrange(0xD7FF))))
            for _ in range(200)
        )
        assert all(inside(f.span) for f in resolve((parse(Source("m.orgd", text)),)).findings)
        assert all(p.span is None or inside(p.span) for p in read.items(Source("x.orgr", text))[1])


LINES = Path(__file__).with_name("identity.orgd").read_text("utf-8").split("\n")
WORDS = [at for at, line in enumerate(LINES) if re.match(r" +[a-z][a-z-]{3}", line)]


@pytest.mark.parametrize(
    "at", sample(WORDS, 12, id=lambda at: f"{at + 1} {LINES[at].strip()[:20]}")
)
def test_a_misspelt_word_is_unknown_to_every_stage(at: int) -> None:
    broken = re.sub("([a-z])([a-z])", r"\2\1", LINES[at], count=1)
    text = "\n".join([*LINES[:at], broken, *LINES[at + 1 :]])
    org, _ = resolve((parse(Source("m.orgd", text)),))
    facts = Facts(org)
    assert evaluate(load_rules(()), facts).given_up == ()
    assert measure(facts)
