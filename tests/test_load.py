"""Paths to texts: what is read, what is refused, and where it is said."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from orgdiag.finding import Finding
from orgdiag.load import Limits, Loaded, decode, load, read_text
from orgdiag.media.terminal import Screen
from orgdiag.text.source import Source


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (tmp_path / "secret.orgd").write_text("team secret")
    return folder


def write(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".orgd")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names(loaded: Loaded) -> list[str]:
    return [source.path for source in loaded.sources]


def said(loaded: Loaded) -> list[tuple[str, str, str]]:
    return [(f.rule, str(f.span), f.message) for f in loaded.findings]


# --- one text -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xff\xfet\0", "`m` is UTF-16, not UTF-8"),
        (b"\xfe\xff\0t", "`m` is UTF-16, not UTF-8"),
        ("team a".encode("utf-32"), "`m` is UTF-32, not UTF-8"),
        ("team a { size 5 }".encode("utf-16-le"), "`m` is UTF-16 or no text"),
        (b"team a\n# Z\xfcrich", "byte 0xfc is not UTF-8"),
        (b'include "..\xc0\xaf"', "byte 0xc0 is not UTF-8"),
        (b'"\xed\xa0\x80"', "byte 0xed is not UTF-8"),
    ],
)
def test_what_is_not_utf_8_is_a_finding(data: bytes, message: str) -> None:
    finding = decode("m", data)
    assert isinstance(finding, Finding)
    assert (finding.rule, finding.message) == ("unreadable-text", message)
    assert finding.help == finding.help.strip() != ""


def test_a_bad_byte_has_its_line_and_column() -> None:
    finding = decode("m", "tëam a\n# Zü".encode() + b"\xfcrich")
    assert isinstance(finding, Finding)
    assert str(finding.span) == "m:2:5"


def test_a_byte_order_mark_shifts_no_column() -> None:
    source = decode("m", b"\xef\xbb\xbfteam a")
    assert isinstance(source, Source)
    assert source.text == "team a"


def test_a_text_can_be_read_for_another_reader_under_a_name(root: Path) -> None:
    (root / "x.orgr").write_text("rule x")
    source = read_text(root / "x.orgr", root, name="rules/x.orgr")
    assert isinstance(source, Source)
    assert (source.path, source.text) == ("rules/x.orgr", "rule x")


# --- folders --------------------------------------------------------------------------------------


def test_folders_are_searched_and_sorted(root: Path) -> None:
    write(root, b="team b", a__x="team x", _hidden="team h")
    write(root, **{".git__y": "team y", "node_modules__z": "team z"})
    (root / "readme.md").write_text("no model")
    assert names(load([root], root)) == ["_hidden.orgd", "a/x.orgd", "b.orgd"]
    assert names(load([root / "a"], root)) == ["a/x.orgd"]
    assert names(load([root / "b.orgd", root / "b.orgd", root], root))[-1] == "b.orgd"


def test_what_is_excluded_or_a_link_is_counted(root: Path) -> None:
    write(root, a="team a", old__b="team b", c="team c")
    (root / "link.orgd").symlink_to("../secret.orgd")
    (root / "loop").symlink_to(".")
    (root / "dangling.orgd").symlink_to("nowhere")
    (root / "self.orgd").symlink_to("self.orgd")
    os.mkfifo(root / "pipe.orgd")
    loaded = load([root], root, exclude=["old/", "c.orgd"])
    assert names(loaded) == ["a.orgd"]
    assert loaded.skipped == (("excluded", 2), ("link", 4), ("not a plain file", 1))
    assert not loaded.incomplete


def test_a_path_outside_the_project_that_was_named_is_its_own_root(root: Path) -> None:
    other = root.parent / "other"
    write(other, a='include "b.orgd"\ninclude "../secret.orgd"', b="team b")
    loaded = load([other / "a.orgd"], root)
    assert names(loaded) == [(other / "a.orgd").as_posix(), (other / "b.orgd").as_posix()]
    assert [message for _, _, message in said(loaded)] == [
        "`../secret.orgd` lies outside the project"
    ]


# --- limits ---------------------------------------------------------------------------------------


def test_limits_are_findings_that_say_which(root: Path) -> None:
    write(root, a="team a", b="# " + "x" * (2 << 20), c="team c")
    loaded = load([root], root, Limits(file_bytes=1 << 20))
    assert said(loaded) == [("too-large", "b.orgd:1:1", "`b.orgd` has more than 1 MiB")]
    assert loaded.incomplete
    assert names(load([root], root, Limits(files=2))) == ["a.orgd", "b.orgd"]
    assert names(load([root], root, Limits(model_bytes=1 << 20))) == ["a.orgd", "b.orgd"]


# --- includes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelt", ["{}", "{}/sub/..", "{}/../project", "{}/sub/../sub/../", "."])
@pytest.mark.parametrize("named", ["", "/a.orgd", "/sub/../a.orgd", "/sub/..", "/../project"])
def test_a_root_and_a_path_mean_the_same_however_they_are_spelt(
    root: Path, monkeypatch: pytest.MonkeyPatch, spelt: str, named: str
) -> None:
    write(root, a='include "sub/b.orgd"', sub__b="team b")
    monkeypatch.chdir(root)
    loaded = load([Path(f"{root}{named}")], Path(spelt.format(root)))
    assert (names(loaded), loaded.findings) == (["a.orgd", "sub/b.orgd"], ())


def test_what_stands_above_a_link_is_where_the_words_say(root: Path, tmp_path: Path) -> None:
    """A link in a repository must not decide where a path leads that somebody names."""
    write(root, here="team here")
    write(tmp_path / "elsewhere", here="team there", inner__deep="team deep")
    (root / "link").symlink_to(tmp_path / "elsewhere/inner")
    assert names(load([root / "link/../here.orgd"], root)) == ["here.orgd"]


def test_an_include_is_relative_to_its_file_and_takes_patterns(root: Path) -> None:
    write(
        root, a='include "teams/**/*.orgd"\ninclude "teams/x.orgd"',
        teams__x='include "deep/y.orgd"', teams__deep__y="team y", teams__deep__deep__z="team z",
    )  # fmt: skip
    loaded = load([root / "a.orgd"], root)
    assert names(loaded) == [
        "a.orgd", "teams/deep/deep/z.orgd", "teams/deep/y.orgd", "teams/x.orgd",
    ]  # fmt: skip
    assert not loaded.findings


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("gone.orgd", "`gone.orgd` cannot be opened: no such file or directory"),
        (".", "`.` is not a model"),
        ("", "`` is not a relative path"),
        ("  ", "`  ` is not a relative path"),
        ("/etc/passwd", "`/etc/passwd` lies outside the project"),
        ("../secret.orgd", "`../secret.orgd` lies outside the project"),
        ("x/../../secret.orgd", "`x/../../secret.orgd` lies outside the project"),
        ("link.orgd", "`link.orgd` cannot be opened: it is a link, and links are not followed"),
        (
            "linked/secret.orgd",
            "`linked/secret.orgd` cannot be opened: `linked` is a link, and links are not followed",
        ),
        ("linked/*.orgd", "no file matches `linked/*.orgd`"),
        ("~/x.orgd", "`~/x.orgd` lies outside the project"),
        ("http://127.0.0.1:9/x.orgd", "`http://127.0.0.1:9/x.orgd` is not a relative path"),
        ("..\\\\x.orgd", "`..\\x.orgd` is not a relative path"),
        ("pipe.orgd", "`pipe.orgd` is not a plain file"),
        ("folder.orgd", "`folder.orgd` is not a plain file"),
        ("none/*.orgd", "no file matches `none/*.orgd`"),
        ("a" * 300 + ".orgd", None),
        ("b" * 5000, None),
    ],
)
def test_an_include_reads_nothing_that_it_should_not(
    root: Path, target: str, message: str | None
) -> None:
    (root / "link.orgd").symlink_to("../secret.orgd")
    (root / "linked").symlink_to("..")
    (root / "folder.orgd").mkdir()
    os.mkfifo(root / "pipe.orgd")
    write(root, a=f'team a\ninclude "{target}"')
    loaded = load([root / "a.orgd"], root)
    (finding,) = loaded.findings
    assert (finding.rule, str(finding.span)) == ("invalid-include", "a.orgd:2:1")
    assert message is None or finding.message == message
    assert names(loaded) == ["a.orgd"]


def test_includes_may_meet_but_not_form_a_ring(root: Path) -> None:
    write(root, a='include "b.orgd"\ninclude "c.orgd"', b='include "d.orgd"', c='include "d.orgd"')
    write(root, d="team d")
    assert not load([root / "a.orgd"], root).findings
    write(root, d='include "a.orgd"')
    for paths in ([root / "a.orgd"], [root]):
        assert said(load(paths, root)) == [
            ("invalid-include", "d.orgd:1:1",
             "these files include each other: a.orgd → b.orgd → d.orgd → a.orgd"),
        ]  # fmt: skip


def test_includes_nest_only_so_deep_and_a_ladder_is_read_once(root: Path) -> None:
    for i in range(40):
        write(root, **{f"f{i:02}": f'include "f{i + 1:02}.orgd"\ninclude "./f{i + 1:02}.orgd"'})
    write(root, f40="team x")
    loaded = load([root / "f00.orgd"], root)
    assert {rule for rule, _, _ in said(loaded)} == {"invalid-include"}
    assert "nested more than 32 deep: f00.orgd → … → f32.orgd" in said(loaded)[0][2]
    assert not load([root / "f10.orgd"], root).findings


def test_an_include_stands_at_the_top(root: Path) -> None:
    from reading import resolve

    write(root, a='team a { include "b.orgd" }', b="team b")
    loaded = load([root / "a.orgd"], root)
    assert names(loaded) == ["a.orgd"]
    assert [f.rule for f in resolve(loaded.parsed).findings] == ["unknown-word"]


def test_a_file_read_broken_shows_the_place_inside_it(root: Path) -> None:
    write(root, a='include "b.orgd"')
    (root / "b.orgd").write_bytes(b"team b\nteam \xff")
    assert [str(f.span) for f in load([root / "a.orgd"], root).findings] == ["b.orgd:2:6"]


def test_standard_input_stands_in_the_root_and_may_include(root: Path) -> None:
    write(root, b="team b")
    loaded = load([], root, stdin=Source("stdin.orgd", 'include "b.orgd"'))
    assert names(loaded) == ["b.orgd", "stdin.orgd"]


def test_a_message_names_a_file_as_it_is_called_and_a_terminal_shows_it_escaped(
    root: Path,
) -> None:
    path = root / "esc\x1b[31m\u202e.orgd"
    path.write_bytes(b"\xff\xfe")
    (finding,) = load([root], root).findings
    assert path.name in finding.message
    assert r"esc\x1b[31m\u202e.orgd" in Screen.of([finding.message])


def test_an_untouched_exclude_loads_no_pattern_library() -> None:
    code = (
        "import sys, orgdiag.load; sys.exit('pathspec' in sys.modules or 'networkx' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
