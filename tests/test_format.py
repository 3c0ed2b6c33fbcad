"""The formatter: pairs in tests/format/*.md, every text of the project, generated models."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import resolve
from sample import sample

from orgdiag import layout, starter
from orgdiag.cli import main
from orgdiag.layout import Formatted, formatted
from orgdiag.layout.models import Laid, model
from orgdiag.model.schema import Property, schema
from orgdiag.model.types import Type
from orgdiag.parse import parse, words
from orgdiag.rule.read import items, lexemes
from orgdiag.rule.tree import Node
from orgdiag.text.source import Source, Span
from orgdiag.text.syntax import Statement, comments

TESTS = Path(__file__).parent
ROOT = TESTS.parent
MODELS = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("examples", "tests/corpus")
    for path in (ROOT / folder).rglob("*.orgd")
)
BROKEN = {"tests/corpus/porter-hotels/model.orgd", "tests/corpus/porter-hotels/old/streams.orgd"}
BY_HAND = {"examples/meridian/meridian.orgd"}  # the worked example keeps its columns
RULES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "rules").rglob("*.orgr"))
_BLOCK = re.compile(r"^```(orgd|orgr)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^## (.+)$", re.MULTILINE)


def form(text: str, name: str = "a.orgd") -> str:
    """The formatted text, which must be what it says it is."""
    done = formatted(Source(name, text))
    assert not done.problems, done.problems
    assert formatted(Source(name, done.text)) == Formatted(done.text)
    return done.text


def bare(value: Any) -> Any:
    """A value without the places where it was written; an `after` may be written or implied."""
    if isinstance(value, Span):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: bare(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {key: bare(item) for key, item in value.items() if key != "after"}
    if isinstance(value, tuple):
        return tuple(bare(item) for item in value)
    return value if isinstance(value, Enum) or value.__hash__ else repr(value)


def meaning(*texts: str) -> Any:
    """What the models say together, and what the reader finds in them."""
    org, found = resolve(parse(Source(f"{at}.orgd", text)) for at, text in enumerate(texts))
    notes = sorted((f.rule, re.sub(r"[0-9]+:[0-9]+", "", f.message)) for f in found)
    return bare(org), notes


def remarks(text: str) -> list[str]:
    return [remark.text.rstrip() for remark in comments(Source("", text))]


# --- pairs ----------------------------------------------------------------------------------------


def pairs() -> Iterator[Any]:
    for page in sorted((TESTS / "format").glob("*.md")):
        _, *parts = _SECTION.split(page.read_text(encoding="utf-8"))
        for title, part in zip(parts[::2], parts[1::2], strict=True):
            blocks = _BLOCK.findall(part)
            yield pytest.param(f"a.{blocks[0][0]}", blocks[0][1], blocks[-1][1], id=title)


@pytest.mark.parametrize(("name", "before", "after"), list(pairs()))
def test_a_text_becomes_its_layout(name: str, before: str, after: str) -> None:
    assert form(before, name) == after
    if name.endswith("d"):
        assert meaning(after) == meaning(before)
        assert remarks(after) == remarks(before)


# --- every text of the project --------------------------------------------------------------------


@pytest.mark.parametrize("name", sample(MODELS, 6))
def test_every_model_of_the_project_keeps_its_meaning_and_comments(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    if name in BROKEN:
        assert formatted(Source(name, text)).text == text
        return
    after = form(text, name)
    assert meaning(after) == meaning(text)
    assert remarks(after) == remarks(text)
    assert after == text or name in BY_HAND


def test_what_init_writes_is_as_it_should_be() -> None:
    text = starter.files("2025-03-01")["organisation.orgd"]
    assert form(text) == text


def test_the_file_of_every_construct_is_as_it_should_be() -> None:
    text = (TESTS / "identity.orgd").read_text(encoding="utf-8")
    assert form(text) == text


@pytest.mark.parametrize("page", sorted((TESTS / "language").glob("*.md")), ids=lambda p: p.stem)
def test_every_model_of_the_language_tests_keeps_its_meaning(page: Path) -> None:
    blocks = [text for kind, text in _BLOCK.findall(page.read_text(encoding="utf-8"))]
    laid = 0
    for text in blocks:
        if formatted(Source("a.orgd", text)).problems:
            assert any(f.rule in ("syntax-error", "unreadable-text", "too-large")
                       for f in parse(Source("a.orgd", text)).findings)  # fmt: skip
            continue
        after = form(text)
        laid += 1
        assert meaning(after) == meaning(text)
        assert remarks(after) == remarks(text)
    assert laid > len(blocks) / 2


@pytest.mark.parametrize("name", RULES)
def test_every_rule_that_ships_is_as_it_should_be(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert form(text, name) == text


def tree(node: Node | None) -> Any:
    """The syntax tree of a rule without places, its examples as the words of their models."""
    if node is None:
        return None
    if node.op == "MODEL":
        parsed = parse(Source("", node.text[3:-3]))
        return node.text if parsed.findings else said(parsed.statements)
    return node.op, tuple(map(tree, node.args)), " ".join(node.text.split())


def said(statements: Iterable[Statement]) -> Any:
    return [
        ([atom.text for atom in words(statement.text)], statement.body and said(statement.body))
        for statement in statements
    ]


@pytest.mark.parametrize("name", sample(RULES, 16))
def test_a_rule_comes_back_as_it_was_when_its_lines_are_lost(name: str) -> None:
    """Line breaks never matter to rules, so all words on one line mean the same, laid out too."""
    source = Source(name, (ROOT / name).read_text(encoding="utf-8"))
    line = " ".join(token.text for token in lexemes(source.text))
    before, after = items(source)[0], items(Source(name, form(line, name)))[0]
    assert [tree(item.node) for item in after] == [tree(item.node) for item in before]


# --- generated models -----------------------------------------------------------------------------

IDS = st.sampled_from(["a", "b", "c-d", "e2"])
VALUES: Mapping[str, tuple[str, ...]] = {
    "number": ("5", "2..4", "1.5"),
    "duration": ("5d", "1d4h..2d", "p50 4d p85 10d", "mean 6d"),
    "share": ("75%", "10%..20%"),
    "rate": ("6/month", "2/week..3/week"),
    "effort": ("230h/month",),
    "cadence": ("2w",),
    "money": ("900 EUR/d",),
    "date": ("2025-03-01", "2025-03"),
    "text": ('"some text"', '"with \\" # ; { } in it"', '"支払"'),
    "flag": ("", "no"),
    "word": ("design", "testing", "self"),
    "form": ("unknown", '"a" b', "a to b", "a, b 5%", "self"),
}
SPACES = st.sampled_from([" ", "  ", "\t", "   "])
COMMENTS = st.sampled_from(["# why", "#", '# "quoted" { } ; , team x', "## 支払  "])


def value(type: Type) -> st.SearchStrategy[str]:
    """A value of a property, as it may be written."""
    if type.base == "reference":
        one = IDS if len(type.kinds) == 1 else st.tuples(st.sampled_from(type.kinds), IDS).map(
            " ".join)  # fmt: skip
    else:
        one = st.sampled_from(type.words[:3] or VALUES[type.base])
    if type.many:
        return st.lists(one, min_size=1, max_size=12).map(",".join)
    return st.one_of(one, one, st.sampled_from(["none", "unknown"]))


@st.composite
def listed(draw: st.DrawFn, text: str) -> str:
    """A list, its items on lines of their own perhaps, with comments."""
    if "," not in text or '"' in text or draw(st.booleans()):
        return text
    gap = draw(st.sampled_from([", ", " ,", ",\n", ", # one\n", ",\n\n  # two\n # three\n"]))
    return gap.join(text.split(","))


@st.composite
def statement(draw: st.DrawFn, property: Property) -> str:
    written = draw(value(property.type).flatmap(listed))
    return f"{property.word}{draw(SPACES)}{written}".rstrip(" \t")


SEPARATORS = st.one_of(
    st.sampled_from(["; ", "\n", "\n\n\n", " ;\n", "\n"]),
    st.tuples(st.sampled_from(["  ", "\n", "\n\n "]), COMMENTS).map(lambda p: f"{p[0]}{p[1]}\n"),
)


@st.composite
def block(draw: st.DrawFn, parts: list[str]) -> str:
    """Statements in braces, on one line or with breaks and comments between them."""
    if not parts and draw(st.booleans()):
        return ""
    if draw(st.booleans()) and not any("\n" in part for part in parts):
        return f" {{{'; '.join(parts)}}}"
    inside = "".join(part + draw(SEPARATORS) for part in parts)
    opening = draw(st.sampled_from(["", " ", "\n", " # opens\n", "\n\n# first\n"]))
    closing = draw(st.sampled_from(["", "\n# last\n", " # beside\n\n"]))
    return f"{draw(SPACES)}{{{opening}{inside}{closing}}}"


@st.composite
def element(draw: st.DrawFn, kind: str, id: str) -> str:
    properties = list(schema(kind).values())
    plain = [p for p in properties if p.word not in ("after", "step", "handoff")]
    chosen = draw(st.lists(st.sampled_from(plain), max_size=4))
    parts = [draw(statement(property)) for property in chosen]
    if kind == "step" and draw(st.booleans()):
        parts.append(draw(st.sampled_from(["after a", "after b, c", "after none", "after a"])))
    if kind == "step" and draw(st.booleans()):
        parts.append("wait {queue 4d;environment 1d}")
    if kind == "stream":
        ids = draw(st.lists(st.sampled_from(list("abcdef")), unique=True, max_size=5))
        parts += [draw(element("step", id)) for id in ids]
    name = draw(st.sampled_from(["", ' "A name"', '  "with # and {"']))
    return f"{kind} {id}{name}{draw(block(parts))}"


@st.composite
def models(draw: st.DrawFn) -> str:
    kinds = st.sampled_from(["team", "stream", "stream", "component", "capability", "product"])
    chosen = draw(st.lists(st.tuples(kinds, IDS), min_size=1, max_size=3))
    top = draw(st.sampled_from(["", "# head\n", "\n\n", '# a "quote\n\n']))
    return top + "".join(draw(element(*pair)) + draw(SEPARATORS) for pair in chosen)


@given(models())
def test_a_generated_model_keeps_its_meaning_and_comments(text: str) -> None:
    after = form(text)
    assert remarks(after) == remarks(text)
    assert meaning(after) == meaning(text)
    for line in after.splitlines():
        assert line == line.rstrip()
        assert len(line) <= 100 or "#" in line


# --- line ends and what cannot be kept ------------------------------------------------------------


def test_lines_end_as_the_first_one_does_and_the_last_one_too() -> None:
    assert formatted(Source("a.orgd", "team a\r\n\r\nteam b {\n}")).text == (
        "team a\r\n\r\nteam b {}\r\n"
    )
    rule = 'rule a { title "A"\r\n example passes """\n team a\r\n """ }'
    assert formatted(Source("a.orgr", rule)).text == (
        'rule a {\r\n  title    "A"\r\n  example passes """\r\n    team a\r\n  """\r\n}\r\n'
    )


@pytest.mark.parametrize("text", ["", "\n\n", "\r\n"])
def test_an_empty_text_stays_empty(text: str) -> None:
    assert form(text) == ""
    assert form(text, "a.orgr") == ""


def test_a_syntax_error_is_told_at_its_place_whatever_ends_the_lines() -> None:
    for end in ("\n", "\r\n"):
        text = f'team a{end}team b "open{end}'
        done = formatted(Source("a.orgd", text))
        assert done.text == text
        assert [str(p.span) for p in done.problems] == ["a.orgd:2:8"]


def test_a_rule_with_a_broken_head_is_told_and_left() -> None:
    text = 'rule a ) { title "A" }'
    assert [p.message for p in formatted(Source("a.orgr", text)).problems] == [
        "`)` cannot stand here"
    ]


PIECES = ["rule a {", "team a {", "}", " ", "\n", ";", "# c", '"', '"""', "(", ")", ",", "step b",
          "after none", "x-a b,  c", "title", "\r\n", "define a is b when", "-"]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.sampled_from("dr"))
def test_no_soup_of_words_is_changed_in_meaning_or_breaks_the_formatter(
    text: str, ending: str
) -> None:
    done = formatted(Source(f"a.org{ending}", text))
    assert not any("left as it is" in problem.message for problem in done.problems)
    assert done.text == text or not done.problems


def test_a_layout_that_would_change_the_meaning_is_not_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:

    def wrong(change: Callable[[Laid], Laid]) -> Callable[..., Laid]:
        return lambda source, elsewhere: change(model(source, elsewhere))

    text = "team a # why\nteam b\n"
    more = count(1)
    for change in (
        lambda laid: laid._replace(text=laid.text.replace("team b", "team c")),
        lambda laid: laid._replace(text=laid.text.replace("why", "not")),
        lambda laid: laid._replace(text=laid.text + "\n" * next(more)),
        lambda laid: laid._replace(text=laid.text + "}"),
    ):
        monkeypatch.setattr(layout, "model", wrong(change))
        done = formatted(Source("a.orgd", text))
        assert done.text == text
        assert "left as it is" in done.problems[0].message


# --- the command ----------------------------------------------------------------------------------

UGLY = 'team a "A" {size 5}\n'
FINE = 'team a "A" { size 5 }\n'

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `orgdiag format` in a folder of its own; gives exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)

    def call(*args: str, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(["format", *args])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_the_project_is_formatted_models_and_rules(run: Run) -> None:
    Path("teams").mkdir()
    Path("teams/a.orgd").write_text(UGLY)
    Path("b.orgd").write_text(FINE)
    Path("r.orgr").write_text('disable  x because "y"')
    assert run() == (0, "2 files formatted, 1 file left as it is\n", "")
    assert Path("teams/a.orgd").read_text() == FINE
    assert Path("r.orgr").read_text() == 'disable x because "y"\n'
    assert run() == (0, "3 files left as they are\n", "")


def test_check_names_the_files_and_writes_nothing(run: Run) -> None:
    Path("a.orgd").write_text(UGLY)
    Path("b.orgd").write_text(FINE)
    expected = "would format a.orgd\n1 file would be formatted, 1 file left as it is\n"
    assert run("--check") == (1, expected, "")
    assert Path("a.orgd").read_text() == UGLY
    assert run("--check", "b.orgd") == (0, "1 file left as it is\n", "")


def test_diff_prints_the_change_and_writes_nothing(run: Run) -> None:
    Path("a.orgd").write_text(UGLY)
    code, out, err = run("--diff", "a.orgd")
    assert (code, err) == (0, "1 file would be formatted\n")
    assert out.startswith("--- a/a.orgd\n+++ b/a.orgd\n")
    assert '-team a "A" {size 5}\n+team a "A" { size 5 }\n' in out
    assert Path("a.orgd").read_text() == UGLY
    assert run("--diff", "--check", "a.orgd")[0] == 1


def test_a_broken_file_is_left_and_told_the_others_are_formatted(run: Run) -> None:
    Path("a.orgd").write_text('team a "open\n')
    Path("b.orgd").write_text(UGLY)
    Path("r.orgr").write_text("rule {")
    Path("z.orgd").write_bytes(b"team \xff\n")
    code, out, err = run()
    assert (code, out) == (1, "1 file formatted, 3 files not formatted\n")
    assert "a.orgd:1:8" in err
    assert "r.orgr:1:6" in err
    assert "z.orgd:1:6" in err
    assert Path("a.orgd").read_text() == 'team a "open\n'
    assert Path("b.orgd").read_text() == FINE


def test_a_dash_formats_standard_input(run: Run) -> None:
    assert run("-", stdin=UGLY.encode()) == (0, FINE, "")
    rule = b'disable  x because "y"\n'
    assert run("-", "--stdin-filename", "x.orgr", stdin=rule)[1] == 'disable x because "y"\n'
    assert run("-", "--check", stdin=UGLY.encode())[:2] == (
        1, "would format stdin.orgd\n1 file would be formatted\n",
    )  # fmt: skip
    assert run("-", "--check", stdin=FINE.encode())[0] == 0
    assert "+++ b/stdin.orgd" in run("-", "--diff", stdin=UGLY.encode())[1]
    code, out, err = run("-", stdin=b'team "open\n')
    assert code == 1
    assert "team" not in out
    assert "stdin.orgd:1:" in err


def test_line_ends_stay_and_a_byte_order_mark_goes(run: Run) -> None:
    Path("a.orgd").write_bytes(UGLY.replace("\n", "\r\n").encode())
    Path("b.orgd").write_bytes(b"\xef\xbb\xbf" + FINE.encode())
    assert run()[:2] == (0, "2 files formatted\n")
    assert Path("a.orgd").read_bytes() == FINE.replace("\n", "\r\n").encode()
    assert Path("b.orgd").read_bytes() == FINE.encode()


def test_an_extension_in_another_file_says_what_a_step_follows(run: Run) -> None:
    text = "stream s {\n  step a\n  step b { after a }\n  step c { after a }\n  step d\n}\n"
    Path("s.orgd").write_text(text)
    Path("e.orgd").write_text("extend step s.d { after b, c }\n")
    assert run("--check", "s.orgd")[0] == 0
    Path("e.orgd").write_text("extend step s.d { size 5 }\n")
    run("s.orgd")
    assert "step d { after c }" in Path("s.orgd").read_text()


def test_excluded_files_and_folders_that_are_hidden_are_left_alone(run: Run) -> None:
    Path(".git").mkdir()
    for name in ("old.orgd", ".git/a.orgd", "b.orgd"):
        Path(name).write_text(UGLY)
    assert run("--check", "--exclude", "old*")[1].startswith("would format b.orgd\n1 file")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["gone.orgd"], "there is no file or folder gone.orgd"),
        ([], "nothing to format"),
        (["-", "a.orgd"], "`-` stands alone"),
        (["--chek"], "did you mean `--check`?"),
    ],
)
def test_what_is_wrong_around_the_files_exits_2(run: Run, args: list[str], said: str) -> None:
    code, _, err = run(*args)
    assert code == 2
    assert said in err


def test_a_file_is_replaced_whole_and_keeps_its_mode(run: Run, tmp_path: Path) -> None:
    Path("a.orgd").write_text(UGLY)
    Path("a.orgd").chmod(0o640)
    with Path("a.orgd").open() as held:
        run("a.orgd")
        assert held.read() == UGLY
    assert Path("a.orgd").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["a.orgd"]


def test_the_real_command_formats_a_pipe() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "orgdiag", "format", "-"], input=UGLY.encode(), capture_output=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, FINE.encode())
