"""The labelled corpus: every must is found, no must-not is flagged, unknown facts flag nothing."""

from __future__ import annotations

import labels
import pytest
from sample import sample

# Labels that wait: whoever may own a stream whose owner is unknown may wait for more teams, and a
# certain finding is not shown yet while a stronger one in its place is open.
WAITING = {
    "civic-permits": [
        "civic-permits: must warning costly-dependency waste-digital",
        "civic-permits: must warning costly-dependency planning-office",
    ]
}


@pytest.mark.parametrize("name", labels.NAMES)
def test_the_labels_hold(name: str) -> None:
    assert labels.broken(name) == WAITING.get(name, [])


def test_every_rule_has_labels_of_both_kinds() -> None:
    # A broken gate is a finding about the configuration of a run, not about an organisation.
    rules = {rule.name for rule in labels.rules()} - {"gate-broken"}
    kinds = {(label.kind, label.rule) for name in labels.NAMES for label in labels.labels(name)}
    assert rules - {rule for kind, rule in kinds if kind == "must"} == set()
    assert rules - {rule for kind, rule in kinds if kind == "must-not"} == set()


def test_a_label_that_does_not_hold_is_named() -> None:
    assert not labels._holds(labels.Label("must", "error", "few-hands", "s"), set())
    assert not labels._holds(
        labels.Label("must-not", "", "few-hands", "*"), {("info", "few-hands", "s")}
    )


@pytest.mark.parametrize(
    "site", sample(labels.sample(40), 8, id=lambda s: f"{s.name}:{s.text[:40]}")
)
def test_a_fact_written_as_unknown_flags_nothing_new(site: labels.Site) -> None:
    assert labels.flagged_anew(site) == set()


@pytest.mark.parametrize(
    ("name", "fact"),
    [("corvid-rail", "kind location"), ("stackyard", "significance supporting")],
)
def test_what_may_be_no_part_of_the_chart_or_no_core_stream_stays_open(
    name: str, fact: str
) -> None:
    site = next(site for site in labels.sites(name) if site.text == fact)
    assert labels.flagged_anew(site) == set()


def test_the_page_of_the_rules_is_up_to_date() -> None:
    written = labels.PAGE.read_text(encoding="utf-8")
    assert written == labels.page(), "run `python -m tests.labels --page`"
