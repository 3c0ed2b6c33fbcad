"""Outputs are in proportion to what was read: nothing that is open is told a thousand times."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from generator.ways import judged
from inside import ROOT

from orgdiag import formats
from orgdiag.documents import figures
from orgdiag.documents.excerpt import PLAIN
from orgdiag.documents.sections import page
from orgdiag.measure import measure
from orgdiag.report import INPUTS_TOLD


def teams(number: int) -> str:
    return "".join(f"team t{at} {{ size 5 }}\n" for at in range(number))


def open_streams(number: int) -> str:
    """Nobody knows who owns the streams or does the steps: each may be any team."""
    return teams(number) + "".join(
        f"stream s{at} {{ owner unknown\n step a {{ by unknown; process 1h; lead 5d }}\n"
        f" step b {{ by unknown; lead unknown }} }}\n"
        for at in range(number)
    )


def open_steps(number: int) -> str:
    """One stream of steps of which nothing is known."""
    return "team t { size 5 }\nstream s { owner t; changes unknown\n" + "".join(
        f" step a{at} {{ kind development; by unknown; process unknown; lead unknown; manual }}\n"
        for at in range(number)
    ) + "}\n"  # fmt: skip


def layers(number: int) -> str:
    """Steps in layers, each after all of the layer before, their times known in part."""
    rows = ["team t { size 5 }\nstream s { owner t\n"]
    for at in range(number):
        after = ", ".join(f"a{at - 1}-{other}" for other in range(4)) if at else "none"
        rows += (
            f" step a{at}-{each} {{ by t; process 1h; lead {at % 7 + 1}d..{each + 8}d; "
            f"after {after} }}\n"
            for each in range(4)
        )
    return "".join([*rows, "}\n"])


def used(number: int) -> str:
    """Capabilities that ten others use, for tickets."""
    return teams(number) + "".join(
        f"capability c{at} {{ provided-by t{at}; mode ticket; nature practice; wait 2d; used-by "
        + ", ".join(f"t{(at + step) % number}" for step in range(1, 11))
        + " }\n"
        for at in range(number)
    )


def reworked(number: int) -> str:
    """A chain of steps that send back."""
    return "team t { size 5 }\nstream s { owner t\n" + "".join(
        f" step a{at} {{ by t; process 1h; lead 1d; complete-accurate 80%"
        + (f"; rework 10% to a{at // 2}" if at else "")
        + " }\n"
        for at in range(number)
    ) + "}\n"  # fmt: skip


MODELS: Final[dict[Callable[[int], str], int]] = {
    open_streams: 40, open_steps: 60, layers: 20, used: 40, reworked: 60
}  # fmt: skip


def outputs(text: str) -> Iterator[tuple[str, int]]:
    """How many bytes each format writes about a model, and the numbers."""
    one = judged(text)
    shown = page(one.report)
    for name in formats.names():
        report = shown if formats.of_page(name) else one.report
        yield name, len(formats.render(name, report, PLAIN).encode("utf-8", "surrogatepass"))
    numbers = figures.document(measure(one.facts), one.facts, figures.coverage_of(one.report))
    yield "metrics", len(json.dumps(numbers))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_twice_the_model_is_twice_the_output(model: Callable[[int], str]) -> None:
    small, large = (model(MODELS[model] * factor) for factor in (1, 2))
    grown = len(large) / len(small)
    after = dict(outputs(large))
    found = {name: after[name] / size for name, size in outputs(small)}
    assert {name: by for name, by in found.items() if by > 1.15 * grown} == {}


def test_every_input_that_a_number_misses_stands_beside_the_numbers_once() -> None:
    one = judged(open_streams(INPUTS_TOLD))
    numbers = measure(one.facts)
    told = figures.document(numbers, one.facts, figures.coverage_of(one.report))
    known = [(entry["kind"], entry["id"], entry["property"]) for entry in told["inputs"]]
    assert len(known) == len(set(known))
    load = told["teams"]["t0"]["utilisation"]
    every = numbers.teams["t0"]["utilisation"].missing
    assert len(load["missing"]) == INPUTS_TOLD
    assert load["missing_more"] == len(every) - INPUTS_TOLD > 0
    assert {("step", "s0.a", "by"), ("step", "s9.b", "by")} <= set(known)


LIMITED = """\
import resource, sys
from orgdiag.cli import main
code = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
"""


@pytest.mark.slow
@pytest.mark.parametrize("form", formats.names())
def test_nearly_two_thousand_open_steps_are_told_in_ten_megabytes(
    tmp_path: Path, form: str
) -> None:
    """127 KB of model: more than a gigabyte came of it once."""
    (tmp_path / "m.orgd").write_text(open_streams(960), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, "check", "m.orgd", "--output-format", form],
        cwd=tmp_path, capture_output=True, env={"PYTHONPATH": str(ROOT)}, check=True,
    )  # fmt: skip
    assert len(done.stdout) < 10_000_000
    assert int(done.stderr.split()[-1]) < 300
