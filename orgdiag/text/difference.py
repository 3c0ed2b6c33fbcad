"""What is different between two states of a text, as `diff -u` shows it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff


def difference(name: str, before: str, after: str) -> Iterator[str]:
    r"""The lines of a unified diff, without their ends; none where nothing differs.

    >>> print(*difference("m.orgd", "team a\nteam b", "team a\nteam c"), sep="|")
    --- a/m.orgd|+++ b/m.orgd|@@ -1,2 +1,2 @@| team a|-team b|+team c
    """
    lines = before.split("\n"), after.split("\n")
    for line in unified_diff(*lines, f"a/{name}", f"b/{name}", lineterm=""):
        yield line.removesuffix("\r")
