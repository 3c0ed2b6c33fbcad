"""From findings to causes: which finding explains which, where to start, and what that gains."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
from reading import resolve

from orgdiag.diagnose.causes import explain
from orgdiag.diagnose.diagnosis import Diagnosis, diagnose
from orgdiag.evaluate import evaluate
from orgdiag.facts.columns import Facts
from orgdiag.finding import Finding, Status
from orgdiag.load import load
from orgdiag.parse import parse
from orgdiag.partial.quantity import Quantity
from orgdiag.rule import RuleSet, load_rules
from orgdiag.text.source import Source

ROOT = Path(__file__).parent.parent
DAY = 480

# Symptoms and broader structures, and what must be able to explain each of them.
EXPLAINED_BY = {
    "low-flow-efficiency": """shared-service-bottleneck centralised-practice platform-by-ticket
        subsystem-without-api gate-on-a-calendar manual-review-gate standing-backlog
        costly-dependency external-change-approval handoff-chain""",
    "lead-time-over-target": """shared-service-bottleneck centralised-practice platform-by-ticket
        subsystem-without-api gate-on-a-calendar manual-review-gate standing-backlog
        costly-dependency external-change-approval handoff-chain""",
    "queue-marks-constraint": """shared-service-bottleneck platform-by-ticket gate-on-a-calendar
        overloaded-resource few-hands""",
    "low-deployment-frequency": """manual-deployment tied-to-others-release
        environment-not-on-demand external-change-approval gate-on-a-calendar component-team-trap
        coordination-pile-up fragile-change""",
    "large-batch": """manual-deployment tied-to-others-release environment-not-on-demand
        external-change-approval gate-on-a-calendar component-team-trap coordination-pile-up
        fragile-change""",
    "too-many-blocking-dependencies": """owner-not-end-to-end component-team-trap
        shared-service-bottleneck centralised-practice platform-by-ticket subsystem-without-api
        gate-on-a-calendar tied-to-others-release unowned-component contended-component""",
    "coordinating-layer": """owner-not-end-to-end component-team-trap shared-service-bottleneck
        centralised-practice platform-by-ticket subsystem-without-api gate-on-a-calendar
        tied-to-others-release unowned-component contended-component""",
    "coordination-pile-up": """component-team-trap too-many-blocking-dependencies
        tied-to-others-release cross-team-component-cycle""",
    "rework-drag": """functional-silo-in-flow centralised-practice handoff-chain
        manual-review-gate""",
    "thin-handoff": """functional-silo-in-flow centralised-practice handoff-chain
        manual-review-gate""",
    "fragile-change": """large-batch project-handoff-to-run build-run-split
        centralised-practice""",
    "diffuse-accountability": """stream-without-owner stream-with-several-owners
        functional-silo-in-flow project-handoff-to-run build-run-split""",
    "too-many-domains": """many-streams-one-team scope-exceeds-one-team
        domain-split-across-teams platform-by-ticket subsystem-without-api""",
    "self-reported-overload": """many-streams-one-team scope-exceeds-one-team
        domain-split-across-teams platform-by-ticket subsystem-without-api""",
}
PAIRS = [(cause, effect) for effect, row in EXPLAINED_BY.items() for cause in row.split()]


# Two streams in which the rarer pairs meet at one step.
RARE = """
team web; team cloud { type platform }; team science { type complicated-subsystem }
team security { backlog 8w }; team arb { type governance }; team ops
capability environments { nature platform; provided-by cloud; mode ticket; used-by web }
capability scoring { nature complicated-subsystem; provided-by science; mode ticket; used-by web }
capability audit { nature practice; provided-by security; mode ticket; used-by web }
stream s {
  owner web; arrivals 4/month; target commit-to-production 2d
  step build   { kind development; by web; process 1d; lead 2d }
  step rooms   { kind provisioning; by cloud; process 1h; lead 30d; manual; wait { queue 28d } }
  step score   { kind testing; by science; process 1h; lead 9d; manual }
  step look    { kind review; by security; process 1h; lead 6d; manual; batch per-release }
  step check   { kind approval; by arb; process 1h; lead 8d; manual; every 2w }
  step deploy  { kind deployment; by ops; process 1h; lead 3d; manual; known-by 1 }
}
stream t {
  owner web; arrivals 4/month
  step make { kind development; by web; process 1d; lead 2d }
  step ship {
    kind deployment; by ops; process 1h; lead 20d; manual; known-by 1; wait { queue 19d }
  }
}
"""


@cache
def rules() -> RuleSet:
    return load_rules(())


def judged(facts: Facts) -> tuple[Finding, ...]:
    return explain(evaluate(rules(), facts).findings, facts)


def facts_at(folder: Path) -> Facts:
    return Facts(resolve(load([folder], folder).parsed).org)


def facts_of(text: str) -> Facts:
    return Facts(resolve([parse(Source("model.orgd", text))]).org)


@cache
def meridian() -> tuple[Facts, Diagnosis]:
    facts = facts_at(ROOT / "examples/meridian")
    return facts, diagnose(judged(facts), facts)


def declared() -> Iterator[tuple[str, str]]:
    """The pairs that rules say: `explains RULE`."""
    for rule in rules():
        for expr in rule.part("effects"):
            yield rule.name, str(expr.args[0])


def observed() -> Iterator[tuple[str, str]]:
    """The pairs that the waiting itself shows in the examples and the corpus."""
    folders = [*(ROOT / "examples").iterdir(), *(ROOT / "tests/corpus").iterdir()]
    for facts in (facts_of(RARE), *(facts_at(path) for path in folders if path.is_dir())):
        diagnosis = diagnose(judged(facts), facts)
        for cause in diagnosis.causes:
            for effect in cause.effects:
                yield from ((finding.rule, effect.rule) for finding in cause.findings)


def test_what_explains_what_is_what_the_design_says() -> None:
    known = {*declared(), *observed()}
    assert [pair for pair in PAIRS if pair not in known] == []


def test_the_first_root_of_the_worked_example_has_the_numbers_worked_out_by_hand() -> None:
    _, diagnosis = meridian()
    first = diagnosis.order.moves[0]
    assert first.cause.id == "qa"
    assert {f.rule for f in first.cause.findings} >= {
        "shared-service-bottleneck",
        "centralised-practice",
        "overloaded-resource",
    }
    story = next(s for s in diagnosis.stories if s.stream.id == "instant-payments")
    chapter = story.chapters[0]
    assert chapter.cause.id == "qa"
    assert [where.step.id for where in chapter.where] == ["instant-payments.test"]
    assert chapter.single == Quantity.of(Fraction(11, 2) * DAY)
    assert chapter.expected == Quantity.of(Fraction(22, 3) * DAY)
    assert [where.step.local for where in chapter.next] == ["idea", "arch-check"]
    assert [where.drag.value / DAY for where in chapter.next] == [
        Fraction(19, 2),
        Fraction(63, 8),
    ]
    assert [(f.rule, f.subject.id) for f in chapter.weighs] == [
        ("self-reported-overload", "payments")
    ]


def test_the_plan_of_the_worked_example_gains_what_was_worked_out_by_hand() -> None:
    _, diagnosis = meridian()
    story = next(s for s in diagnosis.stories if s.stream.id == "instant-payments")
    (plan,) = story.chapters[0].plans
    assert plan.change.id == "embed-testing"
    assert (plan.single.low, plan.single.high) == (3 * DAY, 5 * DAY)
    assert (plan.expected.low, plan.expected.high) == (4 * DAY, Fraction(20, 3) * DAY)
    assert (plan.monthly.low, plan.monthly.high) == (24, 40)


def test_delays_of_the_worked_example_are_arrivals_times_drag() -> None:
    facts, _ = meridian()
    delays = {(f.rule, f.subject.id): f.delay for f in judged(facts)}
    silo = delays["functional-silo-in-flow", "product-office"]
    gate = delays["gate-on-a-calendar", "instant-payments.arch-check"]
    assert silo is not None
    assert gate is not None
    assert (silo.value, gate.value) == (57, Fraction(189, 4))


PARALLEL = """
team web; team app; team qa
capability testing { nature practice; provided-by qa; mode ticket; used-by web }
capability scores { nature practice; provided-by app; mode ticket; used-by web }
stream s {
  owner web; arrivals 2/month
  step plan  { kind design; by web; process 1d; lead 1d }
  step build { kind development; by qa; process 1d; lead 5d; after plan; manual }
  step score { kind development; by app; process 1d; lead 4d; after plan; manual }
  step ship  { kind deployment; by web; process 1h; lead 1h; after build, score; automated }
}
"""


def test_gains_are_marginal_and_never_added_up() -> None:
    facts = facts_of(PARALLEL)
    moves = diagnose(judged(facts), facts).order.moves
    gains = {move.cause.id: move.gain.value for move in moves}
    # Alone qa gains 1 day an item and app none; once qa is gone app gains 3 more, 2 items a month.
    assert (gains["qa"], gains["app"]) == (2, 6)


@pytest.mark.parametrize(
    ("fact", "unknown", "where"),
    [("lead 5d", "lead unknown", "unpriced"), ("arrivals 2/month", "arrivals unknown", "per item")],
)
def test_what_is_unknown_is_never_ranked_as_free(fact: str, unknown: str, where: str) -> None:
    facts = facts_of(PARALLEL.replace(fact, unknown))
    order = diagnose(judged(facts), facts).order
    lists = {"unpriced": order.unpriced, "per item": [cause for cause, _ in order.per_item]}
    assert "qa" in {cause.id for cause in lists[where]}
    assert "qa" not in {move.cause.id for move in order.moves}


LOOP = """
team web; team qa
component app { owner web; runs-by qa; deploy independent }
stream s {
  owner web; arrivals 12/month; deployment-frequency 1/month; change-failure-rate 30%
  changes app 100%
  step build  { kind development; by web; process 1d; lead 2d }
  step deploy { kind deployment; by web; process 1h; lead 2d; manual; known-by 5 }
}
"""


def test_symptoms_that_feed_each_other_are_effects_of_one_cause() -> None:
    facts = facts_of(LOOP)
    diagnosis = diagnose(judged(facts), facts)
    deploying = next(cause for cause in diagnosis.causes if cause.main.rule == "manual-deployment")
    assert {"low-deployment-frequency", "large-batch", "fragile-change"} <= {
        effect.rule for effect in deploying.effects
    }
    assert all(cause.main.kind == "structure" for cause in diagnosis.causes)


def test_a_stream_without_times_has_a_story_without_numbers() -> None:
    facts = facts_of(
        "team a; team b\nstream s { owner a; step x { by a }; step y { by b; manual } }"
    )
    (story,) = diagnose(judged(facts), facts).stories
    assert story.lead_time.high is None
    assert all(chapter.single.high is None for chapter in story.chapters)


def test_an_accepted_finding_is_no_cause_but_still_weighs() -> None:
    facts = facts_at(ROOT / "examples/meridian")
    accepted = tuple(
        f._replace(status=Status.ACCEPTED) if f.rule == "centralised-practice" else f
        for f in judged(facts)
    )
    causes = diagnose(accepted, facts).causes
    assert "centralised-practice" not in {f.rule for cause in causes for f in cause.findings}
