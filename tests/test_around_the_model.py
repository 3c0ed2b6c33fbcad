"""Whatever stands around a model (configuration, command line, baseline, accepts): no defect shows.

Generators write it from the schema, the rules and the options that there are, right and wrong. The
law is the same for all: exit 0, 1 or 2, nothing internal in the output, every error at its place.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import click
import pytest
from hostile.verdict import CRASHED, PLACE, RAW
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sample import sample
from test_gates import DERIVED, NONSENSE, NUMBERS
from toml_writer import HUGE, NAMES, VALUES, written

from orgdiag import formats
from orgdiag.catalogue import catalogue
from orgdiag.cli import COMMANDS, cli, main
from orgdiag.config.file import schema
from orgdiag.finding import Severity, Subject, fingerprint
from orgdiag.model.elements import PLURALS
from orgdiag.rule import RuleSet, load_rules

RULE = "too-many-blocking-dependencies"
MODEL = """\
org shop "Shop" { as-of 2025-03-01 }
group sales
team checkout "Checkout" {
  type stream-aligned; size 17; durable; on-call self
  needs decision from pricing { via ticket; effect blocking; routine }
  needs approval from risk { via ticket; effect blocking; routine }
  needs environment from cloud { via ticket; effect blocking; routine }
  # here
}
team pricing { type functional; until 2027-01-01; needs data from checkout { routine } }
team risk { type governance }
team cloud { type platform }
product web
domain payments
component api { owner pricing }
capability pipeline { provided-by cloud; used-by checkout }
interaction checkout with cloud { mode x-as-a-service; since 2025-01-01 }
coordination release { kind release-train; every 1q; members checkout, pricing }
stream order "Order" { owner checkout; arrivals 6/month
  step build { kind development; by checkout; process 4h; lead 3d }
  step test { kind testing; by risk; process 1h; lead unknown; after build }
}
change hire { add 2 people to checkout }
"""
TEAM = "team checkout { size 20 }\n"
OWN_RULE = """
rule team-without-purpose {
  title "A team does not say what it is for"
  severity warning
  kind evidence
  check each team
  flag team when no step of team
  message "{team} has no step"
  why "Nobody can tell what it is for."
  fix "Write it down."
}
"""
KNOWN = {
    "rule": RULE,
    "subject": {"kind": "team", "id": "checkout"},
    "fingerprint": fingerprint(RULE, Subject("team", "checkout")),
}
LONG = "x" * 300
CONFIG = "orgdiag.toml"
# Told without a place in the configuration: what it names was read, and is not what it should be.
ELSEWHERE = re.compile(r"error: (nothing to check|\S+ is no baseline of orgdiag|cannot read)")
MANY = settings(  # each example is a whole run
    max_examples=settings.default.max_examples // 5, suppress_health_check=list(HealthCheck),
    print_blob=True,
)  # fmt: skip
CHANCE = st.integers(0, 1 << 32).map(Random)


class Run(NamedTuple):
    """How a run of orgdiag ended, and what it printed."""

    code: int
    out: str
    err: str


def run(*args: str) -> Run:
    """One run in the working folder; what it prints must be UTF-8 and nothing internal."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
    with contextlib.redirect_stdout(streams[0]), contextlib.redirect_stderr(streams[1]):
        code = main(["--debug", *args])
    out, err = (stream.buffer.getvalue().decode("utf-8") for stream in streams)  # type: ignore[attr-defined]
    assert code in (0, 1, 2), err
    assert not CRASHED.search(f"{out}\n{err}"), out + err
    assert not RAW.search(f"{out}\n{err}".replace("\r", "")), repr(out + err)
    return Run(code, out, err)


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The working folder, with a model and all that a configuration can name."""
    folder = tmp_path_factory.mktemp("around") / "project"  # `..` is in no other test's way
    (folder / "own/own").mkdir(parents=True)
    (folder / "own/own/team-without-purpose.orgr").write_text(OWN_RULE)
    (folder / "known.json").write_text(json.dumps({"schema": 1, "findings": [KNOWN]}))
    (folder / "org.orgd").write_text(MODEL)
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(folder):
        for name in ("CI", "NO_COLOR", "FORCE_COLOR", "GITHUB_STEP_SUMMARY"):
            patch.delenv(name, raising=False)
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
        yield folder


# --- configuration --------------------------------------------------------------------------------


@cache
def rules() -> RuleSet:
    return load_rules()


RULES = sorted(rules().rules)
WORDS = [*RULES, *rules().groups, "ALL", "flow/*", "*-too-*"]
LEVELS = ("error", "warning", "info")
SIGNS = (">=", "<=", ">", "<", "=")
IDS = {
    "team": "checkout", "stream": "order", "step": "order.build", "component": "api",
    "capability": "pipeline", "coordination": "release", "change": "hire",
}  # fmt: skip
TARGETS = {
    f"{kind}.{id}.{field.name}": NUMBERS[field.type.base]
    for kind, id in IDS.items()
    for field in catalogue().fields[kind].values()
    if field.type.base in NUMBERS
}


def _rule_tables(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """What a configuration may say of a rule."""
    params = {p.name: st.just(p.value) for p in rules().rules[name].params.values()}
    return st.fixed_dictionaries({}, optional={"severity": st.sampled_from(LEVELS), **params})


def _gates(targets: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            each: st.sampled_from(SIGNS).map(lambda s, e=each: f"{s} {TARGETS[e]}")
            for each in targets
        }
    )


def some(words: Any) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(words)), max_size=3, unique=True)


RIGHT: dict[str, st.SearchStrategy[Any]] = {
    "select": some(WORDS) | st.sampled_from(WORDS), "extend-select": some(WORDS),
    "ignore": some(WORDS), "rules-dir": st.sampled_from((["own"], "own", [])),
    "exclude": some(("gone.orgd", "/old/**", "*.bak", "!org.orgd", "# note", "a[b-d]?", "\\#x")),
    "fail-level": st.sampled_from(LEVELS), "max-warnings": st.integers(0, 10**15 - 1),
    "as-of": st.dates(), "baseline": st.sampled_from(("known.json", "gone.json")),
    "rules": some(RULES).flatmap(
        lambda names: st.fixed_dictionaries({name: _rule_tables(name) for name in names})
    ),
    "gates": some(TARGETS).flatmap(_gates),
}  # fmt: skip
PATHS = st.sampled_from(
    ("", ".", "..", "../x", "/", "own", "org.orgd", "org.orgd/x", "gone", LONG,
     "a/" * 3000, "\0", "a\0b", "own\n", "own/\0", "~", "C:\\x", "known.json/..")
)  # fmt: skip
PATTERNS = st.one_of(
    st.text("*?[]!\\/#. ab-^:", max_size=6), st.sampled_from(("*a*b*c", "**/a/**/b/**", LONG * 4)),
    st.text(st.characters(codec="utf-8"), max_size=4),
)  # fmt: skip
# Right and wrong for a key: what only a look at the value tells apart.
NEAR: dict[str, st.SearchStrategy[Any]] = {
    "select": st.lists(st.sampled_from(("teem", "team-too-larg", "[", "*", "", "\0")) | NAMES),
    "rules-dir": st.lists(PATHS, max_size=2) | PATHS, "baseline": PATHS,
    "exclude": st.lists(PATTERNS, max_size=3) | PATTERNS,
    "fail-level": st.sampled_from(("eror", "ERROR", "", HUGE)),
    "max-warnings": st.sampled_from((-1, HUGE, -(10**15), 10**15, "3", True, 1.0)),
    "as-of": st.sampled_from((date.min, date.max, "2026-01-01")),
    "rules": st.dictionaries(
        st.sampled_from((*RULES[:9], "teem")) | NAMES,
        st.dictionaries(
            st.sampled_from(("severity", "limit", "lmit", "share", "int", "model_config")) | NAMES,
            st.sampled_from((HUGE, "15%", "3", "eror", -3, 1e300, 0.1, True, {"int": 3}))
            | VALUES, max_size=2,
        ) | VALUES, max_size=3,
    ),
    "gates": st.dictionaries(
        st.sampled_from([*TARGETS, *DERIVED, "team", "stream.order", "pair.a with b.share"])
        | st.builds("{}.{}.{}".format, st.sampled_from((*DERIVED, *PLURALS, "x")), NAMES, NAMES),
        st.sampled_from((*NONSENSE[:-1], *(f">= {n}" for n in NUMBERS.values()))) | VALUES,
        max_size=3,
    ),
}  # fmt: skip
ANY = {key: st.one_of(right, NEAR.get(key, VALUES), VALUES) for key, right in RIGHT.items()}
RIGHT_CONFIGURATIONS = st.fixed_dictionaries({}, optional=RIGHT)
CONFIGURATIONS = st.builds(
    lambda known, more: {**more, **known},
    st.fixed_dictionaries({}, optional=ANY), st.dictionaries(NAMES, VALUES, max_size=1),
)  # fmt: skip


def test_the_generator_knows_every_key_of_the_schema() -> None:
    assert sorted(RIGHT) == sorted(schema()["properties"])


def write(data: dict[str, Any], chance: Random, pyproject: bool) -> str:
    """The configuration as a file of the working folder; gives its name."""
    for name in (CONFIG, "pyproject.toml"):
        Path(name).unlink(missing_ok=True)
    name = "pyproject.toml" if pyproject else CONFIG
    text = written({"tool": {"orgdiag": data}} if pyproject else data, chance)
    Path(name).write_bytes(text.encode())
    return name


def errors(result: Run, file: str) -> Iterator[str]:
    """The errors of a run that have no place in a text, or one outside of it."""
    for told in re.split(r"^(?=error: )", result.err, flags=re.MULTILINE)[1:]:
        places = PLACE.findall(told)
        if not places and not ELSEWHERE.match(told):
            yield f"without a place: {told}"
        for path, line, column in places:
            lines = Path(path).read_bytes().decode("utf-8-sig").split("\n")
            if not (
                1 <= int(line) <= len(lines) and 1 <= int(column) <= len(lines[int(line) - 1]) + 1
            ):
                yield f"outside of {path}: {told}"
            if path not in (file, "own/own/team-without-purpose.orgr"):
                yield f"in {path}: {told}"


@MANY
@example({"rules": {"team-too-large": {"severity": "info"}}}, Random(3), False, "full")
@given(CONFIGURATIONS, CHANCE, st.booleans(), st.sampled_from(formats.names()))
def test_any_configuration_is_obeyed_or_refused_at_its_place(
    project: Path, data: dict[str, Any], chance: Random, pyproject: bool, form: str
) -> None:
    file = write(data, chance, pyproject)
    result = run("check", "--format", form)
    assert list(errors(result, file)) == [], Path(file).read_text()
    assert (result.code == 2) == ("error: " in result.err), result.err


@MANY
@given(RIGHT_CONFIGURATIONS, CHANCE, st.booleans())
def test_a_right_configuration_says_the_same_however_it_is_written(
    project: Path, data: dict[str, Any], chance: Random, pyproject: bool
) -> None:
    shown = []
    for _ in range(2):
        file = write(data, chance, pyproject)
        result = run("check", "--show-settings")
        assert (result.code, result.err) == (0, ""), Path(file).read_text()
        shown.append(sorted(re.sub(rf"{re.escape(file)}:\d+:\d+", file, result.out).splitlines()))
    assert shown[0] == shown[1]
    for key in {*data} & {"fail-level", "max-warnings", "as-of", "baseline"}:
        assert f"{key} = {data[key]}    ({file})" in shown[0]
    assert run("check", "--exit-zero", "--allow-empty").code == 0, Path(file).read_text()


# --- command line ---------------------------------------------------------------------------------

ANYWHERE = ("", "\0", "a\0b", LONG, "org.orgd/x", "..", "-", "%s", "\\")
TEXTS = (
    *ANYWHERE, " ", "=", "a=b", "json=\0", f"json={LONG}", "json=org.orgd/x", "a.b=c", "files=²",
    f"{RULE}.limit={'9' * 9999}", f"{RULE}=\0", "files=3", "!", "[z-a]", "[[:x:]]", "*a*a*a*a*b",
    "a/" * 3000, "0001-01-01", "9999-12-31", "own",
)  # fmt: skip
SMALL = "small.orgd"
USUAL = {
    "check": [SMALL, "--select", "team-too-large"], "why": ["team-too-large", "checkout", SMALL],
    "diagnose": [SMALL], "diff": [SMALL, SMALL], "report": [SMALL, "--format", "markdown"],
    "metrics": [SMALL], "graph": [SMALL], "init": ["new"], "format": ["--check", SMALL],
    "rename": ["--diff", "stream:checkout", "sale", SMALL],
    "rule": [], "fields": [], "test": [], "config": ["--schema"],
}  # fmt: skip


def options(command: str) -> list[str]:
    """The options of a command that take a text."""
    params = cli.get_command(None, command).params  # type: ignore[arg-type,union-attr]
    return [p.opts[0] for p in params if isinstance(p, click.Option) and not p.is_flag]


def lines(command: str) -> Iterator[list[str]]:
    """Command lines with a `?` in the place of each option's text, and of each argument.

    What `check` shares with others is read by the same code, and is tried there.
    """
    usual = USUAL[command]
    yield from ([*usual[:at], "?", *usual[at + 1 :]] for at in range(len(usual)))
    yield [*usual, "?"]
    known = options("check") if command != "check" else []
    yield from ([*usual, option, "?"] for option in options(command) if option not in known)


def test_every_command_has_a_usual_line() -> None:
    assert list(USUAL) == list(COMMANDS)


@pytest.mark.parametrize("every", [1, pytest.param(0, marks=pytest.mark.slow)], ids=["", "all"])
@pytest.mark.parametrize("command", COMMANDS)
def test_any_text_in_any_place_of_the_command_line_is_taken_or_refused(
    project: Path, command: str, every: int
) -> None:
    Path(SMALL).write_text(TEAM)
    Path(CONFIG).write_text("")
    texts = TEXTS if command == "check" else ANYWHERE
    for at, line in enumerate(lines(command)):
        for text in (texts * 2)[at :: len(texts)][:1] if every else texts:
            run(command, *(text if word == "?" else word for word in line))


# --- baseline -------------------------------------------------------------------------------------

BASELINE = "b.json"
ODD = (
    "\ud800", "\udfff\ud800", "\0", "\x1b[31m", "\u202e", "", LONG * 9, 10**4000, -1, 1.5, 1e999,
    float("nan"), True, None, [], {}, ["x"], {"kind": "team"},
)  # fmt: skip
JSON = st.recursive(
    st.sampled_from(ODD) | NAMES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner)
)
ID = st.sampled_from(list(IDS.values()))
SUBJECTS = st.one_of(
    st.builds(Subject, st.sampled_from((*PLURALS, "pair", "cycle")), ID),
    st.builds(Subject, st.just("place"), st.just("org.orgd:1:1")),
)  # fmt: skip
ENTRIES = st.builds(
    lambda rule, subject, more: {
        **more, "rule": rule, "subject": subject._asdict(),
        "fingerprint": fingerprint(rule, subject),
    },
    st.sampled_from((*RULES[:20], RULE, "gone")), SUBJECTS,
    st.fixed_dictionaries(
        {},
        optional={
            "severity": st.sampled_from((*Severity, None)), "number": st.none() | st.integers(1, 9),
            "note": JSON,
        },
    ),
)  # fmt: skip
RIGHT_BASELINES = st.builds(
    lambda entries, more: {**more, "schema": 1, "findings": entries + entries[:1]},
    st.lists(ENTRIES, max_size=4), st.dictionaries(st.just("more"), JSON, max_size=1),
)  # fmt: skip


PARTS = (
    ("schema",), ("findings",), ("findings", 0), ("findings", 0, "rule"),
    ("findings", 0, "fingerprint"), ("findings", 0, "subject"), ("findings", 0, "subject", "kind"),
    ("findings", 0, "subject", "id"), ("findings", 0, "severity"), ("findings", 0, "number"),
)  # fmt: skip


def exchanged(part: tuple[Any, ...], value: Any) -> Any:
    """A baseline with one part of it exchanged for another value."""
    data = json.loads(json.dumps({"schema": 1, "findings": [KNOWN]}))
    inner = data
    for key in part[:-1]:
        inner = inner[key]
    inner[part[-1]] = value
    return data


def _spoilt(data: Any, at: int, by: bytes) -> bytes:
    """The text of a baseline with a piece of it exchanged."""
    text = json.dumps(data).encode()
    at %= len(text)
    return text[:at] + by + text[at + 1 :]


PIECES = st.sampled_from(
    (b"", b'"', b"{", b"[" * 99_999, b"\xff", b"\xef\xbb\xbf", b"\0", b"9" * 9999)
)
BASELINES = st.one_of(
    st.builds(json.dumps, RIGHT_BASELINES | JSON).map(str.encode),
    st.builds(_spoilt, RIGHT_BASELINES, st.integers(0), PIECES),
)
WISHES = st.sampled_from(
    ((), ("--write-baseline",), ("--prune-baseline",), ("--select", "flow", "--write-baseline"))
)


def _plain_configuration(model: str) -> None:
    write({"baseline": BASELINE}, Random(0), pyproject=False)
    Path("org.orgd").write_text(model)


def _taken(content: bytes, *wishes: str) -> None:
    """Nothing, where a baseline is used, and written as one that can be used, or is refused."""
    _plain_configuration(TEAM)
    Path(BASELINE).write_bytes(content)
    result = run("check", *wishes)
    if result.code == 2:
        assert result.err.startswith(f"error: {BASELINE} is no baseline of orgdiag")
    else:
        assert json.loads(content)["schema"] == 1
        assert json.loads(Path(BASELINE).read_bytes().decode("utf-8"))["schema"] == 1


@pytest.mark.parametrize("part", sample(PARTS, 8, id=lambda part: str(part[-1])))
def test_a_baseline_with_any_value_in_any_part_is_used_or_refused(
    project: Path, part: tuple[Any, ...]
) -> None:
    for value in ODD:
        data = exchanged(part, value)
        _taken(json.dumps(data).encode(), "--select", "flow", "--write-baseline")
        if isinstance(value, str):  # as it is, without an escape: halves of characters are no UTF-8
            _taken(json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass"))


@MANY
@given(BASELINES, WISHES, st.sampled_from(formats.names()))
def test_any_baseline_is_used_or_refused(
    project: Path, content: bytes, wishes: tuple[str, ...], form: str
) -> None:
    _taken(content, "--format", form, *wishes)


@MANY
@given(RIGHT_BASELINES, WISHES)
def test_a_right_baseline_is_used_whatever_else_it_says(
    project: Path, data: Any, wishes: tuple[str, ...]
) -> None:
    _plain_configuration(TEAM)
    Path(BASELINE).write_text(json.dumps(data))
    assert run("check", *wishes).code in (0, 1)


# --- accept ---------------------------------------------------------------------------------------

DAYS = ("2025-02-30", "unknown", "0001-01-01", "9999-12-31", "0000-01-01", "2025-03-01", "1d", '""')
REASONS = ("it is so", "", '\\"', "{x} %s ::error::", "<b>|`*", "ä\u0301 支払い", LONG * 9)
SPOKEN = st.one_of(
    st.builds("for {}".format, ID | st.sampled_from(("gone", "x-1"))),
    st.sampled_from([f"for {kind} {id}" for kind, id in (*IDS.items(), ("place", "x"))]),
    st.builds(lambda ids: f"for {' with '.join(ids)}", st.lists(ID, min_size=2, max_size=4)),
)
ACCEPTS = st.lists(
    st.one_of(
        st.sampled_from([*RULES, "gone", "ALL", '"x"', "with", "Rule", "flow/x", "1", "unknown"]),
        SPOKEN,
        st.builds("until {}".format, st.sampled_from(DAYS) | st.dates()),
        st.builds('because "{}"'.format, st.sampled_from(REASONS)),
        st.sampled_from(("until", "because", "for", "accept", ", x", "{ }", "because x")),
    ),
    max_size=5,
).map(lambda words: " ".join(("accept", *words)))
WHOLE_ACCEPTS = st.builds(
    'accept {} {} until {} because "{}"'.format, st.sampled_from(RULES), SPOKEN | st.just(""),
    st.dates(), st.sampled_from(REASONS[:1] + REASONS[3:]),
)  # fmt: skip


def accepting(accepts: list[str], chance: Random) -> str:
    """The model with each accept in an element, or in none, and every element with a block."""
    lines = re.sub(r"^(?!stream|team checkout)(.*[^{}\n])$", r"\1 {}", MODEL, flags=re.MULTILINE)
    texts = lines.splitlines()
    for accept in accepts:
        at = chance.randrange(len(texts))
        opened = texts[at].rpartition("{")
        texts[at] = (
            f"{opened[0]}{{\n{accept}\n{opened[2]}" if opened[1] else f"{texts[at]}\n{accept}"
        )
    return "\n".join(texts) + "\n"


@MANY
@given(
    st.lists(ACCEPTS | WHOLE_ACCEPTS, min_size=1, max_size=4),
    CHANCE,
    st.sampled_from(formats.names()),
)
def test_any_accept_is_counted_or_told(
    project: Path, accepts: list[str], chance: Random, form: str
) -> None:
    _plain_configuration(accepting(accepts, chance))
    Path(BASELINE).unlink(missing_ok=True)
    result = run("check", "--format", form, "--write-baseline")
    assert (result.code in (0, 1), result.err) == (True, f"note: wrote {BASELINE}\n")
