"""What is wrong with the way an attack was taken: nothing, when orgdiag kept its word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from .small import MODEL, Attack

RAW: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
CRASHED: Final = re.compile(
    r"Traceback \(most recent|RecursionError|MemoryError|^\w*Error:|Unexpected(?:Token|Characters)"
    r'|File "/.*line \d|object at 0x|failed inside',
    re.MULTILINE,
)
PLACE: Final = re.compile(r"--> (.+):(\d+):(\d+)$", re.MULTILINE)
HEADLINE: Final = re.compile(
    r"^(error|warning|info)\[([a-z-]+)\]: .*\n +--> (.+):(\d+):(\d+)$", re.MULTILINE
)
# What the reader says when a text has a wrong form.
FORM: Final = frozenset({"syntax-error", "unreadable-text", "too-large", "unknown-word"})
READER: Final = FORM | {
    "invalid-value", "unresolved-reference", "duplicate-definition", "invalid-include",
    "lead-below-process", "broken-stream-graph", "blocking-cycle",
}  # fmt: skip
LEAK: Final = "root:x:0:0"
MUCH: Final = 512 << 10  # bytes of output
LONG: Final = 2.0  # seconds of CPU


def faults(attack: Attack, result: dict[str, object], slack: float = 1) -> Iterator[str]:
    """Each promise that was broken; with slack, that of time by more than that factor."""
    code, both = result["code"], f"{result['out']}\n{result['err']}"
    yield from manners(both, float(str(result["seconds"])), LONG * slack)
    for path, line, column in PLACE.findall(both):
        if int(line) < 1 or int(column) < 1:
            yield f"the place {path}:{line}:{column}"
    if attack.says not in both:
        yield f"does not say {attack.says!r}"
    if attack.where == MODEL:
        yield from _of_model(attack, code, both)
    elif attack.expect == "refused" and code != 2:
        yield f"exit {code}, not 2"
    elif code not in (0, 1, 2):
        yield f"exit {code}"


def manners(both: str, seconds: float, long: float = LONG, much: int = MUCH) -> Iterator[str]:
    """What no output may hold, and no run may take."""
    if CRASHED.search(both):
        yield "shows a traceback or an internal name"
    if RAW.search(both):
        yield f"prints {RAW.search(both)!r} raw"
    if LEAK in both:
        yield "shows a file from outside"
    if len(both) > much:
        yield f"{len(both)} bytes of output"
    if seconds > long:
        yield f"{seconds:.1f} s"


def _of_model(attack: Attack, code: object, both: str) -> Iterator[str]:
    if code not in (0, 1):
        yield f"exit {code}"
    found = [(rule, int(line)) for _, rule, _, line, _ in HEADLINE.findall(both) if rule in READER]
    if attack.expect == "sound" and any(rule in FORM for rule, _ in found):
        yield f"is sound, but {found}"
    if attack.expect == "found":
        if code != 1:
            yield f"exit {code}, not 1"
        if not found:
            yield "no error of the reader"
        if attack.line and attack.line not in (line for _, line in found):
            yield f"no error on line {attack.line}, but {found[:5]}"
