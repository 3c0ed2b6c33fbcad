"""What must not matter changes nothing, and what is not known makes nothing certain."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

import pytest
from reading import resolve
from sample import sample

from orgdiag.evaluate import evaluate
from orgdiag.facts.columns import Facts
from orgdiag.finding import Finding
from orgdiag.metrics.flow import flow_efficiency, lead_time, process_time
from orgdiag.parse import parse
from orgdiag.partial.quantity import Quantity
from orgdiag.rule import RuleSet, load_rules
from orgdiag.text.source import Source
from orgdiag.text.syntax import Statement

ROOT = Path(__file__).parent.parent
NAMES = ("meridian", "component-team-trap", "shared-service")
Key = tuple[str, str, str, str, str]
DURATION = re.compile(r"(\d+(?:\.\d+)?)(min|mo|[hdwqy])(?![/a-z])")


@cache
def rules() -> RuleSet:
    return load_rules()


@cache
def example(name: str) -> str:
    """All files of an example as one text."""
    paths = sorted((ROOT / "examples" / name).glob("*.orgd"))
    return "".join(path.read_text(encoding="utf-8") for path in paths)


def facts_of(*texts: str) -> Facts:
    parsed = [parse(Source(f"{number}.orgd", text)) for number, text in enumerate(texts)]
    org, findings = resolve(parsed)
    assert not [f for f in findings if f.rule == "syntax-error"], findings[:3]
    return Facts(org)


def findings(*texts: str) -> tuple[Finding, ...]:
    return evaluate(rules(), facts_of(*texts)).findings


def keys(found: tuple[Finding, ...]) -> set[Key]:
    """What a finding says, without its places."""
    return {(f.rule, f.severity.value, f.subject.kind, f.subject.id, f.message) for f in found}


@cache
def known(name: str) -> frozenset[Key]:
    return frozenset(keys(findings(example(name))))


def statements(text: str) -> list[str]:
    """The top-level statements of a text, comments left out."""
    return [printed(statement) for statement in parse(Source("m", text)).statements]


def printed(statement: Statement, gap: str = "\n") -> str:
    """A statement, its own line breaks made spaces, its block laid out by a gap."""
    words = re.sub(r",\s*(?:#[^\n]*)?\n\s*", ", ", statement.text)
    if statement.body is None:
        return words
    return (
        f"{words} {{{gap}" + gap.join(printed(inner, gap) for inner in statement.body) + f"{gap}}}"
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_statements_and_their_files_change_nothing(name: str, seed: int) -> None:
    chance = random.Random(seed)
    parts = statements(example(name))
    chance.shuffle(parts)
    files: list[list[str]] = [[] for _ in range(4)]
    for part in parts:
        chance.choice(files).append(part)
    assert keys(findings(*("\n".join(file) for file in files))) == known(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_layout_changes_nothing(name: str) -> None:
    trees = parse(Source("m", example(name))).statements
    for gap in ("\n", " ; ", "\r\n\t", "\n# a comment }\n"):
        assert keys(findings("\n".join(printed(tree, gap) for tree in trees))) == known(name)


@pytest.mark.parametrize("name", NAMES)
def test_an_unrelated_team_changes_nothing_for_the_others(name: str) -> None:
    added = example(name) + '\nteam zz-bystanders "Bystanders" { size 5 }\n'
    mine = {key for key in keys(findings(added)) if "zz-bystanders" not in key[3]}
    about = {key for key in known(name) if key[2] != "organisation"}
    assert {key for key in mine if key[2] != "organisation"} == about


@pytest.mark.parametrize("name", NAMES)
def test_a_new_name_for_everybody_changes_nothing_but_names(name: str) -> None:
    """Display names go, ids get a prefix that keeps their order."""
    text = example(name)
    words = {"operations", "platform", "pipeline", "testing", "release"}
    ids = set(re.findall(r"^(?:extend )?team ([a-z0-9-]+)", text, re.MULTILINE)) - words

    def renamed(match: re.Match[str]) -> str:
        return f"q-{match[0]}" if match[0] in ids else match[0]

    pieces = re.split(r'("(?:[^"\\\n]|\\.)*"|#[^\n]*)', text)
    other = "".join(
        piece if number % 2 else re.sub(r"(?<![\w.-])[a-z][a-z0-9-]*(?![\w-])", renamed, piece)
        for number, piece in enumerate(pieces)
    )

    def anonymous(found: tuple[Finding, ...]) -> set[tuple[str, str, str, frozenset[str]]]:
        return {
            (f.rule, f.severity.value, f.subject.kind,
             frozenset(part.removeprefix("q-") for part in re.split(" with |[.]", f.subject.id)))
            for f in found
        }  # fmt: skip

    assert anonymous(findings(other)) == anonymous(findings(text))


@pytest.mark.parametrize("name", NAMES)
def test_all_times_scaled_scale_lead_times_and_leave_ratios(name: str) -> None:
    text = re.sub(r"(?m)^\s*calendar .*$", "", example(name))

    def scaled(match: re.Match[str]) -> str:
        return f"{float(match[1]) * 3:g}{match[2]}"

    pieces = re.split(r'("(?:[^"\\\n]|\\.)*"|#[^\n]*)', text)
    other = "".join(
        piece if number % 2 else DURATION.sub(scaled, piece) for number, piece in enumerate(pieces)
    )
    before, after = facts_of(text), facts_of(other)
    for id, stream in before.org.streams.items():
        twin = after.org.streams[id]
        for metric in (lead_time, process_time):
            small, large = metric(before, stream), metric(after, twin)
            assert isinstance(small, Quantity)
            # Expected values of percentiles are rounded to a thousandth of a minute.
            assert float(large.low) == pytest.approx(float(small.low) * 3, rel=1e-6)
            assert (large.high is None) == (small.high is None)
            if small.high is not None:
                assert float(large.high) == pytest.approx(float(small.high) * 3, rel=1e-6)
        one, other_ = flow_efficiency(before, stream), flow_efficiency(after, twin)
        for old, new in ((one.low, other_.low), (one.high, other_.high)):
            assert float(new) == pytest.approx(float(old), rel=1e-6)


# Rules that look for what is missing itself.
ABOUT_GAPS = {"stream-without-owner", "queue-marks-constraint"}
PROPERTY = re.compile(
    r"\b(size|capacity|process|lead|backlog|arrivals|complete-accurate|known-by|type|owner|by|layer|"
    r"deploy|on-call|every|wait|share) ([^\s{};,]+)(?=\s*[;\n}])"
)


@pytest.mark.parametrize("name", sample(NAMES, chosen=NAMES[1:2]))
def test_a_fact_that_is_forgotten_makes_nothing_certain_that_was_not(name: str) -> None:
    text = example(name)
    chance = random.Random(11)
    places = list(PROPERTY.finditer(text))
    full = {(rule, kind, id) for rule, _, kind, id, _ in known(name)}
    for place in chance.sample(places, min(20, len(places))):
        forgotten = text[: place.start(2)] + "unknown" + text[place.end(2) :]
        new = {
            (f.rule, f.subject.kind, f.subject.id)
            for f in findings(forgotten)
            if f.kind != "evidence" and f.rule not in ABOUT_GAPS
        }
        line = text.count("\n", 0, place.start()) + 1
        assert new <= full, f"{place[0]} on line {line}: {sorted(new - full)}"
