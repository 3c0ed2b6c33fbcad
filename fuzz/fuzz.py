"""Coverage-guided fuzzing of what reads foreign text.

`python fuzz/fuzz.py TARGET [libFuzzer options]`; needs atheris (`pip install atheris`). A target is
any of `TARGETS`; `-max_total_time=600` stops after ten minutes. A crash, a hang of 20 s or 2 GB of
memory ends the run and leaves the input behind.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["orgdiag", "lark"]):
    from orgdiag.config import file as config
    from orgdiag.evaluate import evaluate
    from orgdiag.facts.columns import Facts
    from orgdiag.finding import Finding, OrgdiagError
    from orgdiag.load import decode
    from orgdiag.parse import parse
    from orgdiag.parse import repair as _  # noqa: F401 - imported when needed, it would go unseen
    from orgdiag.resolve import resolve
    from orgdiag.rule.load import check_files, load_rules
    from orgdiag.rule.read import items
    from orgdiag.rule.rule import File
    from orgdiag.text.source import Source, Span
    from orgdiag.whatif import operations

    operations.forms()  # the verbs too are imported when needed

ROOT = Path(__file__).parent.parent
LIMITS = ("-timeout=20", "-rss_limit_mb=2048", "-max_len=4096")


def inside(span: Span) -> None:
    """A place lies in its text, on line and column from 1."""
    assert 0 <= span.start <= span.end <= len(span.source.text) or not span.source.text
    assert span.line >= 1
    assert span.column >= 1


def told(finding: Finding) -> None:
    """A finding says something, and every place in it can be shown."""
    assert finding.message
    inside(finding.span)
    for evidence in finding.evidence:
        if evidence.span is not None:
            inside(evidence.span)


def model(data: bytes) -> Source | None:
    """The text of the bytes, when they are one; what they are else has a place."""
    source = decode("m.orgd", data)
    if isinstance(source, Finding):
        inside(source.span)
        return None
    return source


def parsing(data: bytes) -> None:
    """Any bytes become statements and findings with places."""
    source = model(data)
    if source is None:
        return
    parsed = parse(source)
    for finding in parsed.findings:
        told(finding)


def resolving(data: bytes) -> None:
    """Any text becomes an organisation and findings with places."""
    source = model(data)
    if source is None:
        return
    for finding in resolve((parse(source),), operations=operations.forms()).findings:
        told(finding)


def judging(data: bytes) -> None:
    """Any text can be judged by every shipped rule."""
    source = model(data)
    if source is None:
        return
    org, _ = resolve((parse(source),), operations=operations.forms())
    for finding in evaluate(load_rules(), Facts(org)).findings:
        told(finding)


def reading(data: bytes) -> None:
    """Any text is read as items of the rules language and problems with places."""
    _, problems = items(Source("x.orgr", data.decode("utf-8", "replace")))
    for problem in problems:
        assert problem.message
        if problem.span is not None:
            inside(problem.span)


def ruling(data: bytes) -> None:
    """Any text becomes rules and problems with places."""
    text = data.decode("utf-8", "replace")
    _, problems = check_files([File(Source("x.orgr", text), "fuzz", "own", "<text>")])
    for problem in problems:
        assert problem.message
        if problem.span is not None:
            inside(problem.span)


def configuring(data: bytes) -> None:
    """Any text is a configuration or an error with places."""
    try:
        config.read(Source("orgdiag.toml", data.decode("utf-8", "replace")))
    except OrgdiagError as error:
        for problem in error.problems:
            if problem.span is not None:
                inside(problem.span)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "model": parsing, "resolve": resolving, "judge": judging, "rule-text": reading,
    "rules": ruling, "config": configuring,
}  # fmt: skip


def seeds(target: str) -> list[Path]:
    """Sound texts to start from."""
    if target in ("rules", "rule-text"):
        return sorted((ROOT / "rules").rglob("*.orgr"))
    if target == "config":
        return sorted(ROOT.rglob("*.toml"))
    return [ROOT / "tests/identity.orgd", *sorted((ROOT / "examples").rglob("*.orgd"))]


def main() -> None:
    """Fuzz one target, from its seeds and with what earlier runs kept in `fuzz/corpus/TARGET`."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: fuzz.py {'|'.join(TARGETS)} [libFuzzer options]")
    target, options = sys.argv[1], sys.argv[2:]
    kept = ROOT / "fuzz" / "corpus" / target
    kept.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        for number, path in enumerate(seeds(target)):
            (Path(folder) / str(number)).write_bytes(path.read_bytes())
        atheris.Setup([sys.argv[0], *LIMITS, *options, str(kept), folder], TARGETS[target])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
