"""The labelled corpus against the tool: `python -m tests.labels` prints precision and recall.

`python -m tests.labels --page` rewrites `docs/rules.md` from the rules and that table.
`python -m tests.labels --unknowns [N]` writes facts of the corpus as `unknown`, one at a time, all
of them or a sample of N, and prints what that flags anew.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

from orgdiag import acceptance
from orgdiag.evaluate import evaluate
from orgdiag.facts.columns import Facts
from orgdiag.finding import Finding
from orgdiag.load import load
from orgdiag.model.elements import ELEMENTS
from orgdiag.model.schema import schema
from orgdiag.parse import Parsed, parse
from orgdiag.resolve import resolve
from orgdiag.rule import RuleSet, load_rules
from orgdiag.text.source import Source
from orgdiag.text.syntax import Statement
from orgdiag.whatif import operations

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "tests/corpus"
PAGE = ROOT / "docs/rules.md"
NAMES = sorted(path.name for path in CORPUS.iterdir() if path.is_dir())
# What may appear when a fact becomes unknown: prompts about what is not known, and two infos.
PROMPTS = frozenset({"stream-without-owner", "queue-marks-constraint"})


class Label(NamedTuple):
    """One expectation: must, must-not or may; `severity` only for must; `subject` may be `*`."""

    kind: str
    severity: str
    rule: str
    subject: str

    def __str__(self) -> str:
        return " ".join(part for part in self if part)


Found = tuple[str, str, str]  # severity, rule, subject


@cache
def rules() -> RuleSet:
    """The built-in rules."""
    return load_rules(())


def labels(name: str) -> list[Label]:
    """The labels of an organisation of the corpus."""
    found = []
    for line in (CORPUS / name / "expected.txt").read_text(encoding="utf-8").splitlines():
        words = line.partition("#")[0].split(None, 3 if line.startswith("must ") else 2)
        if words:
            severity = words.pop(1) if words[0] == "must" else ""
            found.append(Label(words[0], severity, words[1], words[2].strip()))
    return found


def parsed(name: str) -> tuple[list[Parsed], tuple[Finding, ...], bool]:
    """The texts of an organisation, with what loading found."""
    loaded = load([CORPUS / name], CORPUS / name)
    return list(loaded.parsed), tuple(loaded.findings), loaded.incomplete


def found(
    files: Iterable[Parsed], before: Iterable[Finding] = (), incomplete: bool = False
) -> set[Found]:
    """What orgdiag finds, accepted findings included."""
    org, read = resolve(files, operations=operations.forms(), before=before, incomplete=incomplete)
    outcome = evaluate(rules(), Facts(org))
    ran = acceptance.Ran(
        org.as_of or date.min, rules().rules, frozenset(rules().rules), outcome.not_assessed
    )
    every = acceptance.accept(org, (*read, *outcome.findings), ran)
    return {(str(f.severity), f.rule, f.subject.id) for f in every}


def broken(name: str) -> list[str]:
    """The labels of an organisation that do not hold, each as a sentence."""
    findings = found(*parsed(name))
    return [f"{name}: {label}" for label in labels(name) if not _holds(label, findings)]


def _holds(label: Label, findings: set[Found]) -> bool:
    same = [
        severity
        for severity, rule, subject in findings
        if rule == label.rule and label.subject in ("*", subject)
    ]
    if label.kind == "must":
        return label.severity in same
    return label.kind == "may" or not same


# --- precision and recall -------------------------------------------------------------------------


class Score(NamedTuple):
    """How the labels of one rule came out."""

    rule: str
    must: int
    hit: int
    must_not: int
    false: int

    @property
    def precision(self) -> str:
        """Of the labelled findings that were made, the share that should have been."""
        made = self.hit + self.false
        return f"{self.hit / made:.0%}" if made else "–"

    @property
    def recall(self) -> str:
        """Of the findings that should have been made, the share that was."""
        return f"{self.hit / self.must:.0%}" if self.must else "–"


def scores() -> list[Score]:
    """The score of each rule that has labels, by name."""
    must: Counter[str] = Counter()
    hit: Counter[str] = Counter()
    must_not: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for name in NAMES:
        findings = found(*parsed(name))
        for label in labels(name):
            holds = _holds(label, findings)
            if label.kind == "must":
                must[label.rule] += 1
                hit[label.rule] += holds
            elif label.kind == "must-not":
                must_not[label.rule] += 1
                false[label.rule] += not holds
    return [
        Score(rule, must[rule], hit[rule], must_not[rule], false[rule])
        for rule in sorted({*must, *must_not})
    ]


def table() -> Iterator[str]:
    """The scores as a table in Markdown."""
    yield "| rule | must | found | must not | flagged | precision | recall |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for s in scores():
        counts = f"{s.must} | {s.hit} | {s.must_not} | {s.false}"
        yield f"| {s.rule} | {counts} | {s.precision} | {s.recall} |"


# --- the page of the rules ------------------------------------------------------------------------

HEAD = """\
# The rules

Written by `python -m tests.labels --page` from `rules/` and the labelled corpus; do not edit.
`orgdiag rule NAME` says the same on a terminal, with the examples. A parameter whose basis is
*convention* is our choice and no result of research; *article* and *literature* say where a number
comes from.

## How sharp they are

Fifteen organisations of `tests/corpus/`, labelled by hand from the article and the conditions
(`python -m tests.labels` prints this table). *Precision*: of the labelled findings that were made,
the share that should have been. *Recall*: of those that should have been made, the share that was.
The labels were written by the authors of the rules, so the table shows that the rules do what they
say, not what strangers would say of strangers' organisations.
"""


def page() -> str:
    """What `docs/rules.md` should say."""
    command = [sys.executable, "-m", "orgdiag", "rule", "--format", "markdown"]
    pages = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return f"{HEAD}\n" + "\n".join(table()) + "\n\n" + pages.rstrip("\n") + "\n"


# --- one fact unknown -----------------------------------------------------------------------------


class Site(NamedTuple):
    """A property of the corpus whose value can be written as `unknown`."""

    name: str
    file: int
    start: int
    end: int
    text: str


def sites(name: str) -> list[Site]:
    """Every single fact of an organisation that may be unknown."""
    return [
        Site(name, number, start, end, text)
        for number, file in enumerate(parsed(name)[0])
        if not file.findings
        for start, end, text in _facts(file.statements, "")
    ]


_FORMS = frozenset({"on-call", "deploy", "cognitive-load", "changes", "observed", "rework"})


def _facts(statements: Iterable[Statement], kind: str) -> Iterator[tuple[int, int, str]]:
    for statement in statements:
        inner = {"needs": "need", "extend": "team"}.get(statement.word, statement.word)
        if statement.body is not None:
            yield from _facts(statement.body, inner if inner in ELEMENTS else "")
        elif kind and statement.word in schema(kind) and " " in statement.text.strip():
            if " from " in statement.text:
                continue  # A successor: two facts in one statement.
            base = schema(kind)[statement.word].type.base
            if statement.word in _FORMS or base not in ("form", "text"):
                start = statement.start + len(statement.word)
                yield start, statement.head_end, statement.span.text


def with_unknown(site: Site) -> set[Found]:
    """What is found when the fact is unknown."""
    files, before, incomplete = parsed(site.name)
    source = files[site.file].source
    text = f"{source.text[: site.start]} unknown{source.text[site.end :]}"
    files[site.file] = parse(Source(source.path, text))
    return found(files, before, incomplete)


@cache
def _flagged(name: str) -> frozenset[tuple[str, str]]:
    return frozenset((rule, subject) for _, rule, subject in found(*parsed(name)))


def flagged_anew(site: Site) -> set[Found]:
    """What an unknown fact flags that was not flagged before, prompts left out."""
    return {
        (severity, rule, subject)
        for severity, rule, subject in with_unknown(site)
        if (rule, subject) not in _flagged(site.name)
        and rules().rules[rule].kind != "evidence"
        and not (rule in PROMPTS and severity == "info")
    }


def sample(number: int | None, seed: int = 7) -> list[Site]:
    """All sites of the corpus, or a sample of them."""
    every = [site for name in NAMES for site in sites(name)]
    return every if number is None else random.Random(seed).sample(every, number)


def main(arguments: list[str]) -> int:
    """Prints the table, writes the page, or tries unknown facts; returns 1 when one is wrong."""
    if arguments == ["--page"]:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if arguments[:1] == ["--unknowns"]:
        chosen = sample(int(arguments[1]) if len(arguments) > 1 else None)
        wrong = [(site, new) for site in chosen if (new := flagged_anew(site))]
        for site, new in wrong:
            print(f"{site.name}: `{site.text}` unknown flags {sorted(new)}")
        print(f"{len(chosen) - len(wrong)} passed, {len(wrong)} failed")
        return bool(wrong)
    print("\n".join(table()))
    wrong_labels = [line for name in NAMES for line in broken(name)]
    print("\n".join(wrong_labels))
    return bool(wrong_labels)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
