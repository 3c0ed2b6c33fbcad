"""What orgdiag says of each example, byte for byte; rewritten by `python -m tests.golden`."""

from __future__ import annotations

import json

import jsonschema
import pytest
from golden import EXAMPLES, ROOT, path, written
from inside import run


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_output_is_as_it_was(example: str) -> None:
    for name, data in written(example).items():
        assert data.decode() == path(example, name).read_bytes().decode(), name


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_json_of_every_example_keeps_the_contract(example: str) -> None:
    schema = json.loads((ROOT / "schemas/check.schema.json").read_text())
    jsonschema.validate(json.loads(path(example, "json").read_text()), schema)


NAMES = {
    "stream": "lead-time expected-lead-time process-time total-touch-time flow-efficiency "
    "expected-flow-efficiency rolled-complete-accurate wait handoffs handoffs-main ping-pongs "
    "throughput-ceiling wip-by-little waiting-inventory labour unmapped-lead-time owner-coverage "
    "owner-coverage-lead-time owner-coverage-process-time external-wait-share wait-before-build "
    "batch-size deploy-interval-wait",
    "step": "wait efficiency queue-time expected-visits cadence-wait drag",
    "team": "utilisation blocking-fan-out fan-in fan-in-manual fan-in-blocking dependency-delay "
    "on-time-probability communication-paths bus-factor betweenness chain-depth",
    "organisation": "propagation-cost component-propagation-cost congruence cross-group-share "
    "modularity coverage",
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_metrics_of_every_example_keep_the_contract(example: str) -> None:
    data = json.loads(run("metrics", f"examples/{example}", "--output-format", "json").out)
    jsonschema.validate(data, json.loads((ROOT / "schemas/metrics.schema.json").read_text()))
    assert set(NAMES["organisation"].split()) <= data["organisation"].keys()
    for team in data["teams"].values():
        assert set(NAMES["team"].split()) <= team.keys()
    for stream in data["streams"].values():
        assert set(NAMES["stream"].split()) <= stream.keys()
        for step in stream["steps"].values():
            assert set(NAMES["step"].split()) <= step.keys()
