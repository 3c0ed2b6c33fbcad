"""What orgdiag says of each example, byte for byte; rewritten by `python -m tests.golden`."""

from __future__ import annotations

import json

import jsonschema
import pytest
from golden import EXAMPLES, ROOT, cases, path, rendered


@pytest.mark.parametrize(("example", "name"), list(cases()))
def test_the_output_is_as_it_was(example: str, name: str) -> None:
    assert rendered(example, name).decode() == path(example, name).read_text(encoding="utf-8")


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_json_of_every_example_keeps_the_contract(example: str) -> None:
    schema = json.loads((ROOT / "schemas/check.schema.json").read_text())
    jsonschema.validate(json.loads(path(example, "json").read_text()), schema)
