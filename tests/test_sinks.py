"""No output obeys a foreign text: a hostile one in every slot, through every command and format.

The matrix is made of what there is: the commands, options and arguments that click knows, the
formats, the keys of the configuration. A new one is in it by itself.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from hostile.names import (
    FORGED,
    RULE,
    SINGLE,
    SUMS,
    clean,
    faults,
    made,
    named,
    project,
    rules_of,
    tame,
    toml,
)

from orgdiag.cli import COMMANDS, cli, main
from orgdiag.config.file import schema
from orgdiag.rule.load import built_in

VALUES = [
    pytest.param(text, id=name, marks=() if name == "markup" else pytest.mark.slow)
    for name, text in (SUMS | SINGLE).items()
]
# All the rules would take most of the time, and say nothing that these do not.
FEW = {
    "acceptance-invalid", "broken-stream-graph", "costly-dependency", "dependency",
    "disbanding-owner", "duplicate-definition", "few-hands", "stream", "team",
    "gate-broken", "invalid-include",
    "invalid-value", "lead-below-process", "rework-drag", "syntax-error", "team-too-large",
    "too-large", "undeclared-team-type", "unexplained-interaction", "unknown-word",
    "unreadable-text", "unresolved-reference", "wait-concentration", "waits-exceed-wait",
}  # fmt: skip
# What only `format` tells, and where the project lies, which another test asks.
SILENT = {
    "api-contact", "api-docs", "api-hours", "api-support", "folder-of-project", "link", "note",
    "role",
}  # fmt: skip
# What a command needs to say something.
NEEDED = {"rule": RULE, "subject": "a"}


class Outcome(NamedTuple):
    """What a run leaves behind."""

    code: int
    out: str
    err: str
    files: dict[str, bytes]


Run = Callable[..., Outcome]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for a project of each text, and for the rules that were checked."""
    return tmp_path_factory.mktemp("sinks")


@pytest.fixture
def home(text: str, folder: Path) -> Path:
    """The project with the text in every slot, which no test changes for good."""
    place = folder / f"{[*SUMS.values(), *SINGLE.values()].index(text)}"
    return next(place.iterdir()) if place.exists() else project(place, lambda _: text)


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs in this process; the streams take any text, so that none is mended on its way."""
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    few = [file for file in built_in() if file.stem in FEW]
    monkeypatch.setattr("orgdiag.rule.load.built_in", lambda: few)

    def running(*args: str, stdin: str = "") -> Outcome:
        out, err = io.StringIO(), io.StringIO()
        piped = io.TextIOWrapper(io.BytesIO(stdin.encode()))
        before = _files()
        with monkeypatch.context() as patched:
            for name, stream in (("stdout", out), ("stderr", err), ("stdin", piped)):
                patched.setattr(sys, name, stream)
            code = main(args)
        after = _files()
        for path in after.keys() - before.keys():
            Path(path).unlink()
        changed = {path: data for path, data in after.items() if before.get(path) != data}
        for path in before.keys() & changed.keys():
            Path(path).write_bytes(before[path])
        return Outcome(code, out.getvalue(), err.getvalue(), changed)

    return running


def _files() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def wrong(
    outcome: Outcome, language: str = "text", files: str | None = "text", root: Path = Path()
) -> list[str]:
    """What is wrong with all that a run left behind; files without a language are the user's."""
    found = [f"exit {outcome.code}"] if outcome.code not in (0, 1, 2) else []
    # Where nothing was printed but why not, that is no document.
    found += faults(outcome.out, language if outcome.out else "text", root)
    found += faults(outcome.err)
    for data in outcome.files.values():
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            found.append(f"a file is no UTF-8: {error}")
        else:
            found += faults(text, files, root) if files else []
    return found


def commands() -> Iterator[tuple[str, click.Command]]:
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        yield name, command


def line(name: str, command: click.Command, /, *more: str, **given: str) -> list[str]:
    """The command line of a command: what it needs, what is given for an argument, and more."""
    words = [
        given.get(param.name or "", NEEDED[param.name or ""] if param.required else "")
        for param in command.params
        if isinstance(param, click.Argument)
    ]
    return [name, *more, *(["--"] if any(words) else []), *filter(None, words)]


def choices(command: click.Command) -> Iterator[tuple[str, str]]:
    """The ways to choose the language of a command, and the language."""
    for param in command.params:
        if isinstance(param, click.Option) and "--format" in param.opts:
            assert isinstance(param.type, click.Choice)
            yield from (("--format", str(choice)) for choice in param.type.choices)


def language_of(words: list[str]) -> str:
    """The language in which a command answers."""
    if "--color" in words:
        return "colour"
    usual = {"report": "html", "graph": "mermaid", "config": "json"}.get(words[0], "text")
    return words[words.index("--format") + 1] if "--format" in words else usual


# --- what files hold and are called ---------------------------------------------------------------


def usual(name: str, command: click.Command, home: Path) -> list[list[str]]:
    """Command lines that show what the files of the project hold."""
    rules = next(home.glob("rules *"))
    model = next(home.glob("*/main.orgd"))
    given = {
        "diff": [[*line(name, command), "--", str(model.relative_to(home)), "."]],
        "graph": [
            line(name, command, "--of", what) for what in ("teams", "components", "stream:s")
        ],
        "rule": [line(name, command, f"--rules={rules.name}", name=each) for each in ("", RULE)],
        "fields": [line(name, command, f"--rules={rules.name}")],
        "test": [line(name, command, paths=rules.name)],
        "rename": [line(name, command, "--diff", element="team:a", new="renamed")],
        "why": [
            line(name, command, rule=rule, subject=subject)
            for rule, subject in ((RULE, "a"), ("costly-dependency", "a"), ("syntax-error", "x"))
        ],
    }
    return given.get(name, [line(name, command)])


def matrix(home: Path) -> Iterator[list[str]]:
    """Each command in each of its languages, and in colour."""
    for name, command in commands():
        for _, *rest in usual(name, command, home):
            yield [name, *rest]
            if any("--color" in param.opts for param in command.params):
                yield [name, "--color", "always", *rest]
            for choice in choices(command):
                yield [name, *choice, *rest]


def flagged(home: Path) -> Iterator[list[str]]:
    """Each command with each of its flags."""
    for name, command in commands():
        for param in command.params:
            if isinstance(param, click.Option) and param.is_flag:
                for flag in (param.opts[0], *param.secondary_opts):
                    yield [name, flag, *usual(name, command, home)[0][1:]]


@pytest.mark.parametrize("text", VALUES)
def test_no_command_obeys_what_a_file_holds_or_is_called(
    text: str, home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    found = {}
    for words in matrix(home):
        outcome = run(*words)
        files = None if words[0] in ("format", "init") else "text"
        broken = wrong(outcome, language_of(words), files)
        if broken or (outcome.code == 2 and words != ["config"]):
            found[" ".join(words)] = broken or outcome.err
    assert found == {}


@pytest.mark.parametrize("text", [VALUES[0], *VALUES[len(SUMS) :]])
def test_no_flag_makes_a_command_obey_a_file(
    text: str, home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    found = {}
    for words in flagged(home):
        files = None if words[0] in ("format", "init") else "text"
        if broken := wrong(run(*words), language_of(words), files):
            found[" ".join(words)] = broken
    assert found == {}


def test_every_slot_of_the_project_is_told_by_a_command(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = list[str]()

    def say(slot: str) -> str:
        slots.append(slot)
        return f"slot-{slot}-slot"

    monkeypatch.chdir(project(tmp_path, say))
    lines = [*matrix(Path.cwd()), *flagged(Path.cwd())]
    outcomes = [run(*words) for words in lines if words[0] != "format"]
    told = "".join(outcome.out + outcome.err for outcome in outcomes)
    untold = {slot for slot in slots if f"slot-{slot}-slot" not in told}
    assert untold == SILENT


@pytest.mark.parametrize("text", VALUES)
def test_no_file_that_is_written_obeys_a_name(
    text: str, home: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each format as a file whose name is hostile, too, of a project that is named by its path."""
    monkeypatch.chdir(made(tmp_path, f"out {text}"))
    target = named(Path(), text, "")
    target.unlink()
    found = {}
    for name, command in commands():
        if not any("--output" in param.opts for param in command.params) or name == "diff":
            continue
        for language in [choice for _, choice in choices(command)] or ["text"]:
            if name == "check":
                words = [name, f"--output={language}={target}", str(home)]
            else:
                chosen = ["--format", language] if any(choices(command)) else []
                words = [name, *chosen, f"--output={target}", str(home)]
            outcome = run(*words)
            if broken := wrong(
                outcome, language_of(words), language, home
            ) or outcome.files.keys() ^ {str(target)}:
                found[" ".join(words)] = broken
    assert found == {}


@pytest.mark.parametrize("text", VALUES)
def test_the_page_of_a_job_is_markdown_wherever_it_lies(
    text: str, home: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    page = named(Path(), f"summary {text}", "")
    page.unlink()
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    outcome = run("check", "--format", "github")
    assert wrong(outcome, "github", "markdown") == []
    assert list(outcome.files) == [str(page)]
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page / "missing"))
    assert wrong(run("check", "--format", "github"), "github") == []


@pytest.mark.parametrize("text", VALUES)
def test_no_template_of_a_user_makes_a_run_obey_a_name(
    text: str, home: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    folder = made(tmp_path, text)
    page = folder / "page.html.jinja"
    for source, code in (
        ("<title>{{ page.title }}</title>", 0), ("{{ page.title|safe }}", 0), ("{{ nope }}", 2),
        ("{{ page.nope }}", 2), ("{% nope %}", 2), ("{{ page.title + 1 }}", 2),
        ('{% include "' + clean(text) + '" %}', 2), ("{{ [] | " + tame(text) + " }}", 2),
    ):  # fmt: skip
        page.write_text(source, encoding="utf-8", errors="ignore")
        outcome = run("report", f"--template={folder}")
        if "safe" in source:  # as the user wishes, but no crash
            outcome = outcome._replace(out="")
        assert (wrong(outcome), outcome.code) == ([], code), source


# --- what is broken -------------------------------------------------------------------------------


def configurations(text: str) -> Iterator[str]:
    """Configurations with the text as the value of each key, and as each kind of key."""
    said = toml(text)
    for key in schema()["properties"]:
        yield f"{key} = {said}"
        yield f"{key} = [{said}]"
        yield f"[{key}]\n{said} = {said}"
        yield f"[{key}.{said}]\n{said} = {said}\nseverity = {said}"
    yield f"{said} = 1"
    yield f"[rules.team-too-large]\n{said} = 1"
    yield f"[rules.team-too-large]\nlimit = {said}"
    for target in (text, f"stream.{text}", f"stream.s.{text}", f"stream.{text}.lead-time"):
        yield f'[gates]\n{toml(target)} = ">= 15%"'
    yield f'[gates]\n"stream.s.flow-efficiency" = {toml(f">= {text}")}'
    yield tame(text)
    yield f"select = {tame(text)}"
    yield f"select = '''{tame(text)}"


@pytest.mark.parametrize("text", VALUES)
def test_no_configuration_makes_a_run_obey_it(
    text: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(made(tmp_path, text))
    Path("m.orgd").write_text("team a { size 20 }\nstream s { owner a; step b { by a } }\n")
    found = {}
    for config in configurations(text.replace("\0", "")):
        Path("orgdiag.toml").write_text(config, encoding="utf-8", errors="ignore")
        for more in ([], ["--show-settings"]):
            if broken := wrong(run("check", "--select=team-too-large", *more)):
                found[config] = broken
    assert found == {}


def broken_rules(text: str) -> Iterator[str]:
    """Rule files with the text in places where it cannot stand."""
    raw, said = tame(text), clean(text)
    rule = (
        'rule r {{\n  title "t"\n  severity info\n  kind symptom\n  check {check}\n'
        '  flag team when {when}\n  message "{message}"\n  why "w"\n  fix "f"\n  {more}\n}}\n'
    )
    good = {"check": "each team", "when": "team.size > 3", "message": "{team}", "more": ""}
    yield raw
    yield f'rule "{said}" {{ }}'
    yield f"rule {raw} {{ }}"
    yield f'define team.x "{said}" = {raw}\ndefine {raw}'
    yield f'disable {raw}\ndisable nope because "{said}"\nadjust {raw} {{ severity info }}'
    yield rule.format(**{**good, "check": raw, "when": raw})
    yield rule.format(**{**good, "when": f'team.type = "{said}"', "message": f"{{{said}}}"})
    yield rule.format(**{**good, "message": raw, "more": f'see "{said}"; nope {raw}'})
    model = raw.replace('"""', "")
    yield rule.format(**{**good, "more": f'example flags {raw} """team a {{ {model} }}"""'})
    yield rule.format(**{**good, "more": f'example flags "{said}" """team a {{ size 20 }}"""'})


@pytest.mark.parametrize("text", VALUES)
def test_no_rule_file_makes_a_run_obey_it(
    text: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orgdiag.rule.load.built_in", list)  # read anew after each mistake
    monkeypatch.chdir(tmp_path)
    folder = made(tmp_path, text)
    Path("m.orgd").write_text("team a { size 20 }\n")
    file = named(folder, text, ".orgr")
    found = {}
    for number, rules in enumerate(broken_rules(text)):
        file.write_text(rules, encoding="utf-8", errors="ignore")
        for words in (
            ["format", "--diff", str(folder)], ["test", str(folder)],
            ["fields", f"--rules={folder}"], ["rule", f"--rules={folder}"],
            ["check", f"--rules={folder}", "m.orgd"],
        )[: 5 if number == 0 else 2]:  # fmt: skip
            if broken := wrong(run(*words)):
                found[words[0], rules] = broken
    assert found == {}


# --- what stands on the command line --------------------------------------------------------------


def templates(param: click.Parameter) -> Iterator[str]:
    """How a text may stand in the value of a parameter, whose form its metavar tells."""
    yield "{}"
    form = param.metavar or ""
    if "=" in form:
        yield from (
            "{}=error",
            "{}.x=1",
            "json={}",
            "files={}",
            f"{RULE}={{}}",
            f"{RULE}.most={{}}",
        )
    if form == "WHAT":
        yield "stream:{}"


def arguments(text: str) -> Iterator[list[str]]:
    """Command lines with the text in each place of each command."""
    yield [text]
    yield [f"--{text}"]
    for name, command in commands():
        yield line(name, command, f"--{text}")
        for param in command.params:
            for template in templates(param):
                value = template.format(text)
                if isinstance(param, click.Argument):
                    yield line(name, command, **{param.name or "": value})
                elif isinstance(param, click.Option) and not param.is_flag:
                    yield line(name, command, param.opts[-1], value)
                    if param.name == "stdin_filename":
                        yield [name, f"--stdin-filename={value}", "-"]
    yield ["diff", text, text]
    yield ["why", RULE, "a", text]
    yield ["why", "syntax-error", text]


@pytest.mark.parametrize("text", VALUES)
def test_no_argument_makes_a_run_obey_it(
    text: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as a system hands it over: no zero, and of half pairs those that stand for bytes."""
    monkeypatch.chdir(made(tmp_path / "so/that/no/path/leaves", text))
    Path("orgdiag.toml").write_text('rules-dir = ["own"]\nselect = ["own-rule", "model"]\n')
    Path("m.orgd").write_text('org o "O"\nteam a { size 20 }\nstream s { owner a }\n')
    Path("own").mkdir()
    (Path("own") / f"{RULE}.orgr").write_text(rules_of(lambda slot: slot), encoding="utf-8")
    found = {}
    for words in arguments(re.sub("[\0\ud800-\udc7f\udd00-\udfff]", "", text)):
        outcome = run(*words, stdin="team a {\n  size x\n}\nteam   b\n")
        files = None if words[0] in ("format", "init") else "text"
        if broken := wrong(outcome, language_of(words), files):
            found[" ".join(words)] = broken
    assert found == {}


def test_the_matrix_finds_what_it_looks_for() -> None:
    """Each text, printed raw, is found by one of the looks."""
    harmless = {"long", "right to left", "shell", "path", "option", "format string", "backslashes"}
    languages = ("text", "json", "html", "markdown", "mermaid", "dot", "junit")
    for name, text in {**SINGLE, **SUMS}.items():
        if name not in harmless:
            shown = text if FORGED.search(text) else f"x {text}"
            assert any([*faults(shown, language)] for language in languages), name
