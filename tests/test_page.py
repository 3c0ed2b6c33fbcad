"""What the page of each example is given and draws; rewritten by `python -m tests.golden`."""

from __future__ import annotations

import json
from difflib import unified_diff

import pytest
from golden import EXAMPLES, pages, path, rendered, report_on

from orgdiag.documents.sections import page

MOST = 60  # lines of a difference that are told


@pytest.mark.parametrize(("example", "name"), list(pages()))
def test_the_page_is_as_it_was(example: str, name: str) -> None:
    kept = path(example, name).read_text(encoding="utf-8").splitlines()
    changes = [*unified_diff(kept, rendered(example, name).decode().splitlines(), n=1)]
    if changes:
        pytest.fail("\n".join(changes[:MOST]), pytrace=False)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_page_carries_the_json_of_the_check(example: str) -> None:
    kept = json.loads(path(example, "json").read_text(encoding="utf-8"))
    assert dict(page(report_on(example)).data) == kept
