"""What a configuration may say, and what a wrong one gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orgdiag.config import Given, lines, selected, settings
from orgdiag.config.file import read, schema
from orgdiag.finding import OrgdiagError, Problem, Severity
from orgdiag.text.source import Source

ROOT = Path(__file__).parent.parent
GROUPS = {
    "too-many-blocking-dependencies": "dependencies",
    "blocking-cycle": "dependencies",
    "team-too-large": "team-shape",
}


def problems(text: str) -> list[Problem]:
    with pytest.raises(OrgdiagError) as caught:
        read(Source("orgdiag.toml", text))
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ('fail-level = "eror"', "1:1", "`fail-level` must be 'error', 'warning' or 'info'"),
        ("\nmax-warnings = '3'", "2:1", "`max-warnings` must be a whole number"),
        ("max-warnings = -1", "1:1", "`max-warnings` must not be negative"),
        (
            'as-of = "2026-01-31"',
            "1:1",
            "`as-of` must be a date such as 2026-01-31, without quotes",
        ),
        ("select = 3", "1:1", "`select` must be a list of texts"),
        (
            "[rules.x]\n  limit = [1]",
            "2:3",
            '`rules.x.limit` must be a number, or a text such as "15%"',
        ),
        ("[rules]\nx = 3", "2:1", "`rules.x` must be a table"),
        (
            "[rules.x]\nlimit = inf",
            "2:1",
            '`rules.x.limit` must be a number, or a text such as "15%"',
        ),
        ("max-warnings = 0x" + "f" * 3900, "1:1", "`max-warnings` must have at most 15 digits"),
        (
            "[rules.x]\nlimit = 0x" + "f" * 3900,
            "2:1",
            '`rules.x.limit` must be a number, or a text such as "15%"',
        ),
        (
            "fail-level = 0x" + "f" * 3900,
            "1:1",
            "`fail-level` must be 'error', 'warning' or 'info'",
        ),
        ("select = ['a', 3]", "1:1", "`select` must be a list of texts"),
        ('\nbaseline = "a\\u0000b"', "2:1", "`baseline` is no path"),
        ('baseline = ""', "1:1", "`baseline` is no path"),
        ('rules-dir = ["own", "a\\u0000"]', "1:1", "`rules-dir` is no path"),
        (f"rules-dir = '{'x' * 256}'", "1:1", "`rules-dir` is no path"),
        (f"baseline = '{'x/' * 501}'", "1:1", "`baseline` is no path"),
        ("select = [", "1:11", "not valid TOML: Invalid value"),
        ("[x]\n[x]", "2:3", "not valid TOML: Cannot declare ('x',) twice"),
    ],
)
def test_a_wrong_value_is_told_with_its_place(text: str, where: str, message: str) -> None:
    found = problems(text)
    assert [(str(p.span), p.message) for p in found] == [(f"orgdiag.toml:{where}", message)]


def lined(form: str, number: int) -> str:
    return "".join(f"{form.format(n)}\n" for n in range(number))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ignore = [" + lined('"x{}",', 1001) + "]", "`ignore` has more than 1000 entries"),
        (lined("[rules.x{}]", 1001), "`rules` has more than 1000 entries"),
        (lined("rules.x.y{} = 1", 1001), "`rules.x` has more than 1000 entries"),
        (lined("x{} = 1", 1001), "the configuration has more than 1000 entries"),
        ("[gates]\n" + lined("x{} = ''", 10_001), "`gates` has more than 10000 entries"),
    ],
    ids=["list", "rules", "parameters", "keys", "gates"],
)
def test_a_configuration_has_no_more_entries_than_are_soon_judged(text: str, message: str) -> None:
    (found,) = problems(text)
    assert found.message == message
    assert found.span is not None
    read(Source("orgdiag.toml", "[gates]\n" + lined("x{} = ''", 10_000)))


def test_a_key_of_thousands_of_parts_is_unknown_as_others_are() -> None:
    dotted = "a" + ".a" * 30
    (found,) = problems(f"{dotted} = {f'{{ {dotted} = ' * 60}1{'}' * 60}")
    assert (found.message, str(found.span)) == ("unknown key `a`", "orgdiag.toml:1:1")


def test_an_unknown_key_is_answered_with_the_nearest() -> None:
    (found,) = problems("\nigmore = ['x']\n")
    assert (found.message, found.help) == ("unknown key `igmore`", "did you mean `ignore`?")
    assert str(found.span) == "orgdiag.toml:2:1"


def test_every_mistake_is_told_in_one_run() -> None:
    assert len(problems('selct = []\nfail-level = "x"\nas-of = 3\n')) == 3


@pytest.mark.parametrize("key", ["output", "templates", "plugins", "command"])
def test_a_configuration_names_no_output_template_or_code(key: str) -> None:
    assert problems(f'{key} = "x"')[0].message == f"unknown key `{key}`"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    return tmp_path


def test_the_nearest_configuration_above_the_model_makes_the_root(project: Path) -> None:
    (project / "orgdiag.toml").write_text('fail-level = "error"\n')
    found = settings(Given(), [project / "models"])
    assert (found.root, found.fail_level) == (project, Severity.ERROR)
    assert found.origins["fail-level"] == "orgdiag.toml:1:1"
    (project / "models/pyproject.toml").write_text('[tool.orgdiag]\nfail-level = "info"\n')
    nearer = settings(Given(), [project / "models"])
    assert (nearer.root, nearer.fail_level) == (project / "models", Severity.INFO)


def test_a_pyproject_that_does_not_speak_of_orgdiag_is_no_configuration(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.other]\n")
    assert settings(Given(), [project / "models"]).file is None


@pytest.mark.parametrize(
    "text",
    [
        '[tool.orgdiag]\nfail-level = "info"',
        '[ tool . "orgdiag" ]\nfail-level = "info"',
        """["tool".'orgdiag']\nfail-level = "info\"""",
        '[tool."orgdia\\u0067"]\nfail-level = "info"',
        'tool.orgdiag.fail-level = "info"',
        '[tool]\norgdiag = { fail-level = "info" }',
        'tool = { other = 3, orgdiag.fail-level = "info" }',
    ],
)
def test_a_pyproject_speaks_of_orgdiag_however_its_table_is_written(
    project: Path, text: str
) -> None:
    (project / "pyproject.toml").write_text(text)
    assert settings(Given(), [project]).fail_level is Severity.INFO


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.orgdiag]\nfail-level = ", "not valid TOML: Invalid value"),
        ("[tool.orgdiag.rules]\nx = 3", "`rules.x` must be a table"),
        ("tool.orgdiag = 3", "`tool.orgdiag` must be a table"),
        ("[[tool.orgdiag]]", "`tool.orgdiag` must be a table"),
    ],
)
def test_a_pyproject_that_speaks_wrongly_is_told_so_at_its_place(
    project: Path, text: str, message: str
) -> None:
    (project / "pyproject.toml").write_text(text)
    with pytest.raises(OrgdiagError) as caught:
        settings(Given(), [project])
    (found,) = caught.value.problems
    assert found.message == message
    assert str(found.span).startswith("pyproject.toml:")


@pytest.mark.parametrize(
    "text", ["tool = 3 # [tool.orgdiag]", "a = '[tool.orgdiag]'", "x = orgdiag"]
)
def test_a_pyproject_that_only_mentions_orgdiag_is_no_configuration(
    project: Path, text: str
) -> None:
    (project / "pyproject.toml").write_text(text)
    assert settings(Given(), [project / "models"]).file is None


def test_isolated_reads_no_configuration(project: Path) -> None:
    (project / "orgdiag.toml").write_text("broken")
    assert settings(Given(isolated=True), [project]).file is None


def test_options_win_over_the_configuration_and_say_so(project: Path) -> None:
    (project / "orgdiag.toml").write_text(
        'fail-level = "error"\nselect = ["dependencies"]\n[rules.blocking-cycle]\nlimit = 4\n'
    )
    given = Given(
        fail_level=Severity.INFO, select=("team-shape",), set=("blocking-cycle.limit=5",),
        severity=("blocking-cycle=info",),
    )  # fmt: skip
    shown = list(lines(settings(given, [project])))
    assert "select = team-shape    (--select)" in shown
    assert "fail-level = info    (--fail-level)" in shown
    assert "rules.blocking-cycle.limit = 5    (--set)" in shown
    assert "rules.blocking-cycle.severity = info    (--severity)" in shown
    assert "max-warnings = none    (default)" in shown


STARS = "a pattern has at most 2 `**`, and each part of it at most 2 `*`"
PATTERNS = {
    "\\": "not a pattern as in .gitignore", "!": "not a pattern as in .gitignore",
    "[z-a]": "not a pattern as in .gitignore", "[[:alpha:]]": "not a pattern as in .gitignore",
    "*a*a*b": STARS, "old/*a*a*b": STARS, "**/a/**/b/**": STARS, "***": STARS,
    r"\\*\\*\\*": STARS, "x" * 1001: "a pattern has at most 1000 characters",
}  # fmt: skip


@pytest.mark.parametrize(("pattern", "reason"), PATTERNS.items(), ids=range(len(PATTERNS)))
def test_a_pattern_that_cannot_be_used_is_told_with_its_place(
    project: Path, pattern: str, reason: str
) -> None:
    with pytest.raises(OrgdiagError) as caught:
        settings(Given(exclude=("*.bak", pattern)), [project])
    assert caught.value.problems == [Problem(f"--exclude `{pattern}`: {reason}")]
    (project / "orgdiag.toml").write_text(f"\nexclude = ['*.bak', '{pattern}']\n")
    with pytest.raises(OrgdiagError) as caught:
        settings(Given(), [project])
    (found,) = caught.value.problems
    assert found.message == f"exclude `{pattern}`: {reason}"
    assert str(found.span) == "orgdiag.toml:2:1"


@pytest.mark.parametrize(
    "pattern",
    ["", " ", "# note", "*.bak", "!kept.orgd", "/a/*-old-*.orgd", "**/a/**", r"\*\*\*", "[!a-c]?"],
)
def test_a_pattern_of_gitignore_can_be_used(project: Path, pattern: str) -> None:
    assert list(settings(Given(exclude=(pattern,)), [project]).exclude) == [pattern]


@pytest.mark.parametrize("text", ["x=fatal", "=error", "x"])
def test_a_malformed_severity_option_shows_the_form(project: Path, text: str) -> None:
    with pytest.raises(OrgdiagError, match="not of the form RULE=error"):
        settings(Given(severity=(text,)), [project])


@pytest.mark.parametrize("text", ["x=1", ".a=1", "x.a", "x.a="])
def test_a_malformed_set_option_shows_the_form(project: Path, text: str) -> None:
    with pytest.raises(OrgdiagError, match=r"not of the form RULE\.PARAM=VALUE"):
        settings(Given(set=(text,)), [project])


def test_rule_folders_of_a_configuration_stay_in_the_project(project: Path) -> None:
    (project / "orgdiag.toml").write_text('rules-dir = "../elsewhere"\n')
    with pytest.raises(OrgdiagError, match="leaves the project"):
        settings(Given(), [project])


@pytest.mark.parametrize(
    ("select", "ignore", "names"),
    [
        (("ALL",), (), set(GROUPS)),
        (("dependencies",), (), {"too-many-blocking-dependencies", "blocking-cycle"}),
        (("*-too-*",), (), {"team-too-large"}),
        (("dependencies/block*",), (), {"blocking-cycle"}),
        (("ALL",), ("dependencies",), {"team-too-large"}),
        (("ALL", "blocking-cycle"), ("dependencies",), {"team-too-large", "blocking-cycle"}),
        (("blocking-cycle",), ("blocking-cycle",), set()),
    ],
)
def test_the_most_specific_word_decides(
    project: Path, select: tuple[str, ...], ignore: tuple[str, ...], names: set[str]
) -> None:
    assert selected(settings(Given(select=select, ignore=ignore), [project]), GROUPS) == names


def test_a_word_that_fits_no_rule_is_answered_with_the_nearest(project: Path) -> None:
    (project / "orgdiag.toml").write_text('ignore = ["blocking-cycel"]\n')
    with pytest.raises(OrgdiagError) as caught:
        selected(settings(Given(), [project]), GROUPS)
    (found,) = caught.value.problems
    assert (str(found.span), found.help) == ("orgdiag.toml:1:1", "did you mean `blocking-cycle`?")


def test_the_published_schema_is_that_of_the_code() -> None:
    published = json.loads((ROOT / "schemas/config.schema.json").read_text())
    assert published == schema(), "orgdiag config --schema > schemas/config.schema.json"


def test_reading_settings_needs_no_model(project: Path) -> None:
    assert settings(Given(), []).root == Path.cwd()
