"""Published numbers are met, and the table in the documentation says so."""

from __future__ import annotations

import pytest
from published import DOCUMENT, PQ, ROWS, Row, facts_of, written

from orgdiag.metrics.constraint import constraint
from orgdiag.metrics.queueing import exact_queue_wait, queue_wait


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.source}: {row.what}")
def test_a_published_number_is_met(row: Row) -> None:
    assert row.computed == pytest.approx(row.published, abs=row.tolerance or 1e-12)


def test_the_table_in_the_documentation_is_the_one_computed() -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    assert document == written(document), "run python tests/published.py"


def test_a_full_resource_has_no_steady_state() -> None:
    assert queue_wait(1) is None
    assert exact_queue_wait(2, 2) is None


def test_many_servers_overflow_nothing() -> None:
    assert 0 < (exact_queue_wait(480, 500) or 0) < 1


def test_the_resource_beyond_its_capacity_is_the_constraint_of_both_products() -> None:
    facts = facts_of(PQ)
    for stream in facts.org.streams.values():
        found = constraint(facts, stream)
        assert found.method == "capacity"
        assert found.team is facts.org.teams["b"]
