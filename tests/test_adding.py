"""One file adds an operation, a statement, a metric or a format."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODEL = """
team web { size 2; capacity 100%; other-demand 0h/month }
stream s {
  owner web
  arrivals 30/month
  step build { by web; process 1d; lead 5d }
}
change grow { size of web becomes 6 }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, and a model in it."""
    copy = tmp_path / "project"
    for folder in ("orgdiag", "rules", "grammar", "tests/generator"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "model.orgd").write_text(MODEL)
    return copy


def run(project: Path, *arguments: str) -> str:
    """What a Python program of the project prints."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=project, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": f"{project}{os.pathsep}{project / 'tests'}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


OPERATION = '''
"""A team has another size."""

from dataclasses import replace
from typing import Annotated, Final, NamedTuple

from orgdiag.model.form import Slot, operation, way
from orgdiag.model.types import NUMBER, to
from orgdiag.partial.quantity import Quantity
from orgdiag.text.source import Span
from orgdiag.whatif.draft import Draft
from orgdiag.whatif.verb import Verb


class SetSize(NamedTuple):
    """`size of T becomes 6`."""

    number: Quantity
    team: Annotated[str, to("team")]
    span: Span


FORM: Final = operation(
    "size",
    (way("of", Slot("team", to("team")), "becomes", Slot("number", NUMBER)),),
    SetSize,
)


def apply(operation: SetSize, draft: Draft) -> None:
    """The team is so large."""
    draft.put(replace(draft.org.teams[operation.team], size=operation.number))
    draft.assumptions.append(f"{operation.team} finds whom it needs")


VERB: Final = Verb(FORM, apply)
'''
RULE = '''
rule larger-and-no-slower {
  title    "A team that becomes larger"
  severity info
  kind     structure

  check each change
  let sized = operation for each operation in change.operations
    where operation.verb = set-size and operation.number > 5
  flag change when sized is not empty and change.relieves-a-constraint
  message  "{change} makes {sized.team} larger"
  why      "It is less busy then."
  fix      "Go on."
  see      "https://example.org"

  example flags grow saying "grow makes web larger" """MODEL"""
  example passes """SMALLER"""
}
'''
# What the rest of the program makes of the operation, asked from inside.
ASKED = """
from random import Random
from generator.author import Author, Of
from generator.forms import writers
from orgdiag.facts.columns import Facts
from orgdiag.measure import measure
from orgdiag.model.references import map_references, references
from orgdiag.model.types import Ref
from orgdiag.parse import parse
from orgdiag.resolve import resolve
from orgdiag.resolve.reference import markdown
from orgdiag.text.source import Source
from orgdiag.whatif.apply import applied
from orgdiag.whatif import operations

words = operations.forms()
org, findings = resolve([parse(Source("m", open("model.orgd").read()))], operations=words)
change, facts = org.changes["grow"], Facts(org)
after = applied(facts, change)
print(findings)
print(*(measure(f).teams["web"]["utilisation"].value for f in (facts, after.facts)))
print(after.assumptions)
print([row for row in markdown(words).splitlines() if row.startswith("| `size` | of")])
print(references(change))
print(references(map_references(change, lambda ref: Ref("team", "shop"))))
author = Author(Random(1).randrange, {"team": ("web",)}, most=1, wild=False)
said = {writers("change")["size"](author, Of("change")).words for _ in range(50)}
print(*sorted({words.rpartition(" ")[0] for words in said}), sep=", ")
"""


def test_one_file_is_an_operation(project: Path) -> None:
    (project / "orgdiag/whatif/operations/set_size.py").write_text(OPERATION)
    assert run(project, "-c", ASKED).splitlines() == [
        "()",
        "9/13 3/13",  # 30 days of work, by 2 and by 6 people of 65/3 days each
        "('web finds whom it needs',)",
        "['| `size` | of TEAM becomes NUMBER | an operation |']",
        "[Ref(kind='team', id='web')]",
        "[Ref(kind='team', id='shop')]",
        "size of unknown becomes, size of web becomes",
    ]
    text = RULE.replace("MODEL", MODEL).replace("SMALLER", MODEL.replace("becomes 6", "becomes 5"))
    (project / "own").mkdir()
    (project / "own/larger-and-no-slower.orgr").write_text(text)
    run(project, "-m", "orgdiag", "test", "own")


METRIC = '''
"""How many letters people have to type."""

from orgdiag.facts.columns import Facts
from orgdiag.metrics.metric import metric
from orgdiag.model.elements import Team
from orgdiag.partial.quantity import Quantity


@metric("team")
def letters(facts: Facts, team: Team) -> Quantity:
    """Letters in the id of the team."""
    return Quantity.of(len(team.id))
'''


def test_one_file_is_a_metric(project: Path) -> None:
    (project / "orgdiag/metrics/letters.py").write_text(METRIC)
    (project / "model.orgd").write_text("team web")
    assert "letters" in run(project, "-m", "orgdiag", "fields", "team")
    told = run(project, "-m", "orgdiag", "metrics", "model.orgd", "--output-format", "json")
    assert json.loads(told)["teams"]["web"]["letters"]["value"] == 3


FORMAT = '''
"""How many findings there are."""

from orgdiag.media.indented import Json, indented
from orgdiag.report import Report


def render(report: Report) -> Json:
    """A number."""
    return indented({"findings": len(report.new)})
'''


def test_one_file_is_a_format(project: Path) -> None:
    (project / "orgdiag/formats/tally.py").write_text(FORMAT)
    (project / "model.orgd").write_text("team web")
    told = run(
        project, "-m", "orgdiag", "check", "model.orgd", "--output-format", "tally",
        "--select", "orphan-element",
    )  # fmt: skip
    assert json.loads(told) == {"findings": 1}


# A statement with a syntax of its own: its part, its form, and the field that holds it.
STATEMENT = '''
class Budget(NamedTuple):
    """What a team may spend: an amount, of which team's money, and since when."""

    amount: Amount
    payer: Annotated[str | Unwritten, to("team")]
    since: date | Unwritten | None
    span: Span


@frozen
class Team(Element):
'''
FIELD = """
    budget: Annotated[
        Budget | Unwritten | None,
        FORM,
        "what it may spend",
        Form(
            "budget",
            (
                way(
                    Slot("amount", NUMBER),
                    "from",
                    Slot("payer", to("team")),
                    maybe("since", Slot("since", DATE)),
                ),
            ),
            Budget,
        ),
    ] = None
    in_: Annotated[
"""
TOLD = """
from random import Random
from generator.author import Author, Of
from generator.forms import writers
from orgdiag.model.references import references
from orgdiag.parse import parse
from orgdiag.resolve import occurrences, resolve
from orgdiag.resolve.reference import markdown
from orgdiag.text.source import Source
from orgdiag.write import write

text = "team bank\\nteam web { budget 5..9 from bank since 2025-03-31 }\\nteam odd { budget five }"
parsed = [parse(Source("m", text))]
org, findings = resolve(parsed, operations=())
print([(f.message, f.help) for f in findings])
print(*org.teams["web"].budget[1:3])
print(references(org.teams["web"]), [o.role for o in occurrences(parsed, ()) if o.id == "bank"])
print(*(line.strip() for line in write(org).splitlines() if "budget" in line), sep=", ")
print([row for row in markdown(()).splitlines() if row.startswith("| `budget`")])
author = Author(Random(1).randrange, {"team": ("web",)}, most=1, wild=False)
print(any(" since " in writers("team")["budget"](author, Of("team")).words for _ in range(50)))
"""


def test_one_file_is_a_statement(project: Path) -> None:
    elements = project / "orgdiag/model/elements.py"
    text = elements.read_text("utf-8")
    text = text.replace("\n@frozen\nclass Team(Element):\n", STATEMENT, 1)
    text = text.replace("\n    in_: Annotated[\n", FIELD, 1)
    imports = (
        "from typing import NamedTuple\nfrom orgdiag.model.form import Form, Slot, maybe, way\n"
    )
    elements.write_text(text.replace("from orgdiag.frozen", f"{imports}from orgdiag.frozen", 1))
    assert run(project, "-c", TOLD).splitlines() == [
        "[('`budget` is written in another form', 'write `budget 3 from TEAM`')]",
        "bank 2025-03-31",
        "[Ref(kind='team', id='bank')] ['definition', 'budget']",
        "budget unknown, budget 5..9 from bank since 2025-03-31",
        "['| `budget` | NUMBER from TEAM [since DATE] | what it may spend |']",
        "True",
    ]
