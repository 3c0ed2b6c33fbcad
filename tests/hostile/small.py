"""Small hostile models, rule files and configurations, and what orgdiag owes to each.

A bad model is a finding (exit 1) with its place; a bad rule file or configuration ends with exit 2.
Nothing ever ends in a traceback, a hang, a raw control character or a byte of a foreign file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

Expect = Literal["sound", "found", "either", "refused"]
MODEL: Final = "model"
RULE: Final = "rule"
CONFIG: Final = "config"


@dataclass(frozen=True, slots=True)
class Attack:
    """One hostile file.

    name    of the file, without its ending; the first word is its family
    data    the bytes
    expect  sound: no error of form; found: an error of the reader, exit 1; refused: exit 2 with a
            place; either: any verdict, but nothing worse
    line    the line on which an error must lie; 0 = any
    says    what the output must contain
    where   model, rule or config: how it is handed to orgdiag
    """

    name: str
    data: bytes
    expect: Expect = "found"
    line: int = 0
    says: str = ""
    where: str = MODEL

    @property
    def family(self) -> str:
        """The first word of the name."""
        return self.name.partition("-")[0]


def attack(
    name: str,
    data: str | bytes,
    expect: Expect = "found",
    line: int = 0,
    says: str = "",
    where: str = MODEL,
) -> Attack:
    """An attack; a text is written as UTF-8, lone surrogates and all."""
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    return Attack(name, raw, expect, line, says, where)


TEAM: Final = "team a {\n  size 5\n}\n"
RAW: Final = TEAM.encode()


def size(value: str) -> str:
    """A team whose size, on line 2, is the value under test."""
    return f"team a {{\n  size {value}\n}}\n"


def backlog(value: str) -> str:
    """A team whose backlog, on line 2, is the duration under test."""
    return f"team a {{\n  backlog {value}\n}}\n"


def needs(team: str, *others: str) -> str:
    """A team on one line that waits for others."""
    inner = "; ".join(f"needs service from {o} {{ effect blocking; routine }}" for o in others)
    return f"team {team} {{ {inner} }}\n"


def attacks() -> list[Attack]:
    """All of them, in a fixed order."""
    return [
        *_encoding(), *_unicode(), *_lexical(), *_numbers(), *_structure(), *_wrong_kinds(),
        *_references(), *_includes(), *_injections(), *_rules(), *_configurations(),
    ]  # fmt: skip


def write(folder: Path, attacks: list[Attack]) -> None:
    """Write each attack where `command` looks for it, and one sound model for the others."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "orgdiag.toml").write_text("")
    (folder / "sound.orgd").write_text(TEAM)
    for each in attacks:
        path = place(folder, each)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each.data)


def place(folder: Path, attack: Attack) -> Path:
    """The file of an attack; a rule stands in a folder of its own, as does a configuration."""
    if attack.where == RULE:
        return folder / "rules" / attack.name / f"{attack.name}.orgr"
    if attack.where == CONFIG:
        return folder / "configs" / f"{attack.name}.toml"
    return folder / f"{attack.name}.orgd"


def command(attack: Attack) -> list[str]:
    """The arguments that hand an attack to orgdiag, run in the folder that holds it."""
    here = place(Path(), attack).as_posix()
    if attack.where == RULE:
        return ["check", "sound.orgd", "--rules", f"rules/{attack.name}"]
    if attack.where == CONFIG:
        return ["check", "sound.orgd", "--config", here]
    return ["check", here, "--allow-empty"]


def _encoding() -> Iterator[Attack]:
    for name, raw in (
        ("empty", b""), ("only-newline", b"\n"), ("only-spaces", b"   \t  "),
        ("only-bom", b"\xef\xbb\xbf"), ("only-comment", b"# nothing"),
        ("bom-then-valid", b"\xef\xbb\xbf" + RAW), ("no-final-newline", RAW.rstrip(b"\n")),
        ("crlf", RAW.replace(b"\n", b"\r\n")),
        ("private-use", 'team a "\ue000\U0010fffd"\n'.encode()),
        ("emoji-zwj-name", 'team a "\U0001f468\u200d\U0001f469\u200d\U0001f467"\n'.encode()),
    ):  # fmt: skip
        yield attack(f"enc-{name}", raw, "sound")
    for name, raw, line, says in (
        ("bom-then-error", b"\xef\xbb\xbf@\n", 1, ".orgd:1:1"),  # the mark shifts no column
        ("utf16le-bom", TEAM.encode("utf-16"), 1, "UTF-16"),
        ("utf16be-bom", b"\xfe\xff" + TEAM.encode("utf-16-be"), 1, "UTF-16"),
        ("utf16le-nobom", TEAM.encode("utf-16-le"), 1, "UTF-16"),
        ("utf32-bom", TEAM.encode("utf-32"), 1, "UTF-32"),
        ("latin1-name", b'team a {\n  note "Z\xfcrich"\n}\n', 2, "0xfc"),
        ("cp1252-quotes", b"team a {\n  note \x93x\x94\n}\n", 2, "0x93"),
        ("lone-continuation", b"team a\x80 {}\n", 1, "UTF-8"),
        ("overlong-slash", b'include "..\xc0\xaf..\xc0\xafetc"\n', 1, "UTF-8"),
        ("truncated-at-end", RAW + b"# \xe2\x82", 4, "UTF-8"),
        ("surrogate-bytes", b'team a { note "\xed\xa0\x80" }\n', 1, "UTF-8"),
        ("five-bytes", b"# \xf8\x88\x80\x80\x80\n", 1, "UTF-8"),
        ("beyond-10ffff", b"# \xf4\x90\x80\x80\n", 1, "UTF-8"),
        ("nul-alone", b"\x00", 1, ""),
        ("nul-in-name", b"team a\x00b {}\n", 1, "U+0000"),
        ("nul-in-string", b'team a {\n note "x\x00y"\n}\n', 2, "U+0000"),
        ("nul-in-comment", b"# a\x00b\n", 1, "U+0000"),
        ("control-bytes", b"team \x01\x02\x07\x08 a {}\n", 1, "U+0001"),
        ("del-and-c1", "team a\x7f\x9b {}\n".encode(), 1, "U+007F"),
        ("bom-in-middle", TEAM.encode() + b"\xef\xbb\xbf" + b"team b\n", 4, "U+FEFF"),
        ("ansi-escape-in-string", b'team a {\n  note "\x1b[31mred\x1b[0m \x1b]0;p\x07"\n}\n', 2,
         "U+001B"),
        ("ansi-escape-in-bad-token", b"team \x1b[2J\x1b[31m {}\n", 1, "U+001B"),
        ("astral-before-error", 'team a { note "\U0001f600\U0001f600"; @ }\n'.encode(), 1, ":1:21"),
        ("tabs-before-error", b"\t\t@\n", 1, ":1:3"),  # a tab counts one
        ("cr-only", RAW.replace(b"\n", b"\r"), 1, "U+000D"),
        ("mixed-line-ends", b"team a {\r\n  size 1\n  durable\r}\n", 3, "U+000D"),
        ("ctrl-z-at-end", RAW + b"\x1a", 4, "U+001A"),
        ("nel-ff-vt", "team a {\x85 size 1\x0c\x0b}\n".encode(), 1, "U+0085"),
    ):  # fmt: skip
        yield attack(f"enc-{name}", raw, "found", line, says)
    for name, text in (
        ("crlf-in-string", 'team a {\r\n  note "x\r\ny"\r\n}\r\n'),
        ("line-separator-u2028", "team a {\u2028 size 1\u2029}\n"),
        ("zalgo-name", "team a" + "\u0301" * 300 + " {}\n"),
        ("nbsp-as-space", "team\u00a0a\u00a0{}\n"), ("ideographic-space", "team\u3000a {}\n"),
    ):  # fmt: skip
        yield attack(f"enc-{name}", text, "found")
    yield attack("enc-noncharacters", 'team a { note "\uffff\ufdd0" }\n', "sound")


def _unicode() -> Iterator[Attack]:
    """Characters that hide, swap or imitate; ids are ASCII, so that no two look the same."""
    for name, text, line in (
        ("bidi-rlo-in-comment", "# \u202e } b maet\n" + TEAM, 1),  # Trojan Source
        ("bidi-isolate-in-string", 'team a {\n  note "x\u2066 } team b {\u2069"\n}\n', 2),
        ("bidi-unbalanced-in-list", 'team a {\n  note "a\u202e"\n}\n', 2),
        ("lrm-in-name", "team a\u200eb {}\n", 1), ("zwj-in-name", "team a\u200db {}\n", 1),
        ("zwsp-between", "team\u200ba {}\n", 1), ("soft-hyphen", "team pay\u00adments {}\n", 1),
        ("tag-characters", "team a\U000e0061\U000e0062 {}\n", 1),
        ("variation-selector", "team a\ufe0f {}\n", 1),
        ("homoglyph-cyrillic", "team p\u0430yments {}\nteam payments {}\n", 1),
        ("homoglyph-greek", "team \u03bfps {}\nteam ops {}\n", 1),
        ("fullwidth-name", "team \uff50\uff41\uff59 {}\nteam pay {}\n", 1),
        ("nfc-nfd", "team caf\u00e9 {}\nteam cafe\u0301 {}\n", 1),
        ("ligature", "team \ufb01n {}\nteam fin {}\n", 1),
        ("kelvin-sign", "team \u212aube {}\nteam kube {}\n", 1),
        ("dotless-i", "team \u0131d {}\nteam Id {}\n", 1),
        ("arabic-digits", size("\u0663"), 2), ("fullwidth-digits", size("\uff15"), 2),
        ("superscript-digit", size("5\u00b2"), 2), ("roman-numeral", size("\u2167"), 2),
        ("smart-quotes", "team a {\n  note \u201cx\u201d\n}\n", 2),
        ("fullwidth-braces", "team a \uff5b size 1 \uff5d\n", 1),
        ("fullwidth-colon", "team a {\n  size\uff1a 1\n}\n", 2),
        ("minus-sign", size("\u22125"), 2), ("micro-sign-unit", backlog("5\u00b5s"), 2),
        ("hebrew-id", "team \u05e6\u05d5\u05d5\u05ea {}\n", 1),
        ("cjk-id", "team \u652f\u6255 {}\n", 1),
    ):  # fmt: skip
        yield attack(f"uni-{name}", text, "found", line)
    yield attack("uni-hebrew-display-name", 'team a "\u05e6\u05d5\u05d5\u05ea"\n', "sound")
    yield attack("uni-cjk-display-name", 'team a "\u652f\u6255\u30c1\u30fc\u30e0"\n', "sound")


def _lexical() -> Iterator[Attack]:
    for name, text, line, says in (
        ("string-unterminated-at-end", 'team a { note "x', 1, "never closed"),
        ("string-unterminated-line", 'team a {\n  note "x\n  size 5\n}\n', 2, "1 error"),
        ("string-unterminated-brace", 'team a "A {\n  size 5\n}\nteam b {}\n', 1, "1 error"),
        ("string-odd-quotes-many", "team a {\n" + '  note "x\n' * 50 + "}\n", 2, "50 errors"),
        ("quote-alone", '"', 1, ""), ("string-at-top", '"hello"\n', 1, ""),
        ("escape-at-end", 'team a { note "x\\', 1, "never closed"),
        ("escape-closing-quote", 'team a { note "x\\" }\n', 1, "never closed"),
        ("string-single-quote", "team a { note 'x' }\n", 1, ""),
        ("string-backtick", "team a { note `x` }\n", 1, ""),
        ("name-300", "team " + "a" * 300 + " {}\n", 1, "128"),
        ("comment-c-unterminated", TEAM + "/* open\nteam b\n", 4, "a comment starts with `#`"),
        ("comment-close-only", "*/\n" + TEAM, 1, ""),
        ("comment-nested", "/* a /* b */ c */\n" + TEAM, 1, ""),
        ("comment-star-storm", "/" + "*" * 5000 + "/\n" + TEAM, 1, ""),
        ("comment-open-storm", "/* " * 2000, 1, "1 error"),
        ("comment-slash-alone", "/\n" + TEAM, 1, ""), ("comment-slash-at-end", TEAM + "/", 4, ""),
        ("comment-slashes", "// no comment\n" + TEAM, 1, "a comment starts with `#`"),
        ("comment-slashes-quote", '// "unterminated\n' + TEAM, 1, "1 error"),
        ("backslash-everywhere", "\\ team \\ a \\ {}\n", 1, ""),
        ("symbols-storm", "@$%^&*~`|\\?<>=!" * 200 + "\n", 1, "1 error"),
        ("symbols-storm-semicolons", "@$%^&*~`|\\;?<>=!" * 200 + "\n", 1, "1 error"),
        ("token-glue", "team a{size 1}team b{}", 1, ""),
        ("string-triple-quote", 'team a { note """x""" }\n', 1, ""),
        ("escape-newline-continuation", 'team a { note "x\\\ny" }\n', 1, ""),
    ):  # fmt: skip
        yield attack(f"lex-{name}", text, "found", line, says)
    for name, text in (
        ("string-raw-tab", 'team a { note "x\ty" }\n'), ("comment-hash-at-end", TEAM + "#"),
        ("comment-brace-inside", '# } { " /*\n' + TEAM), ("comment-last-line", TEAM + "# end"),
        ("comment-in-string", 'team a { note "# // /* not a comment" }\n'),
    ):  # fmt: skip
        yield attack(f"lex-{name}", text, "sound")
    for name, text in (
        ("escape-unknown", 'team a { note "\\q" }\n'),
        ("escape-nul", 'team a { note "\\x00\\0" }\n'),
        ("escape-surrogate", 'team a { note "\\ud800" }\n'),
        ("escape-surrogate-pair", 'team a { note "\\ud83d\\ude00" }\n'),
        ("escape-beyond-unicode", 'team a { note "\\u{110000}\\U00110000" }\n'),
        ("string-empty-name", 'team a "" {}\n'), ("string-only-spaces", 'team a "   " {}\n'),
        ("string-60k", 'team a { note "' + "x" * 60000 + '" }\n'),
        ("line-60k", "team a { " + "durable; " * 7000 + "}\n"),
        ("keyword-prefix-name", 'team teamwork { tag included }\n'),
    ):  # fmt: skip
        yield attack(f"lex-{name}", text, "either")


def _numbers() -> Iterator[Attack]:
    for name, value, expect in (
        ("400-digits", "9" * 400, "found"), ("5000-digits", "9" * 5000, "found"),
        ("leading-zeros", "0000005", "either"), ("1e999", "1e999", "found"),
        ("1e-999", "1e-999", "found"), ("nan", "NaN", "found"), ("infinity", "Infinity", "found"),
        ("minus-zero", "-0", "found"), ("negative", "-5", "found"), ("plus", "+5", "found"),
        ("hex", "0x1F", "found"), ("underscore", "1_000", "found"), ("trailing-dot", "5.", "found"),
        ("leading-dot", ".5", "found"), ("two-dots", "1.2.3", "found"), ("comma", "1,5", "found"),
        ("thousands", "1.000,00", "found"), ("percent", "150%", "found"),
        ("precision", "0.1000000000000000055511151231257827", "either"),
    ):  # fmt: skip
        yield attack(f"num-{name}", size(value), expect, 2 if expect == "found" else 0)
    for name, value, expect in (
        ("negative", "-3d", "found"), ("zero", "0d", "sound"), ("huge", "999999999999w", "found"),
        ("100-digits", "9" * 100 + "d", "found"), ("two-words", "3 d", "found"),
        ("unknown-unit", "3x", "found"), ("unit-case", "3D", "found"), ("unit-twice", "3dd", "found"),
        ("compound", "1d2h3min", "sound"), ("same-twice", "1d1d", "either"),
        ("order", "3min1d", "either"), ("decimal", "1.5d", "sound"), ("1e3", "1e3d", "found"),
        ("month-ambiguous", "1M", "found"), ("iso", "P3DT4H", "found"),
        ("repeating", "0.3333333333333333h", "either"), ("then-name", "3days", "found"),
        ("range-backwards", "5d..2d", "found"), ("range-open", "2d..", "found"),
    ):  # fmt: skip
        yield attack(f"num-dur-{name}", backlog(value), expect, 2 if expect == "found" else 0)
    yield attack("num-percent-negative", "team a {\n  capacity -5%\n}\n", "found", 2)
    yield attack("num-percent-above", "team a {\n  capacity 150%\n}\n", "found", 2, "100%")
    steps = "".join(f"  step s{i} {{ process 9y; lead 10y; by a }}\n" for i in range(40))
    yield attack("num-sum-overflow", f"{TEAM}stream s {{\n{steps}}}\n", "either")
    above = "  step s1 { process 9d; lead 1d; by a }\n"
    yield attack("num-process-above-lead", f"stream s {{\n{above}}}\n{TEAM}", "found", 2,
                 "lead-below-process")  # fmt: skip
    zero = "  step s1 { process 0d; lead 0d; by a }\n"
    yield attack("num-all-zero", f"stream s {{\n{zero}}}\n{TEAM}", "sound")


def _structure() -> Iterator[Attack]:
    for name, text, line, says in (
        ("missing-close", "team a {\n  size 1\n", 2, "`team a` is never closed"),
        ("missing-close-before-next", "team a {\n  size 1\nteam b {\n  size 2\n}\n", 2, "2 teams"),
        ("extra-close", TEAM + "}\nteam b\n", 4, "1 error"), ("close-only", "}}}}\n", 1, ""),
        ("open-only", "{{{{\n", 1, ""),
        ("brace-mismatch", "team a {\n  skills [x, y}\n}\n", 2, ""),
        ("paren-for-brace", "team a (\n  size 1\n)\n", 1, ""),
        ("colon", "team a {\n  size: 1\n}\n", 2, "write `size`, a space and its value"),
        ("equals", "team a {\n  size = 1\n}\n", 2, ""),
        ("arrow", "team a {\n  size -> 1\n}\n", 2, ""),
        ("comma-between", "team a {\n  size 1,\n  durable\n}\n", 2, ""),
        ("list-missing-comma", "team a {\n  skills x y z\n}\n", 2, "comma"),
        ("list-double-comma", "team a {\n  skills x,,y\n}\n", 2, "comma"),
        ("list-leading-comma", "team a {\n  skills ,x\n}\n", 2, "comma"),
        ("list-trailing-comma", "team a {\n  skills x,\n}\n", 2, "comma"),
        ("list-brackets", "team a {\n  skills [x, y]\n}\n", 2, ""),
        ("list-nested", "team a {\n  skills [[x], [y, [z]]]\n}\n", 2, ""),
        ("value-missing", "team a {\n  size\n}\n", 2, ""),
        ("value-twice", "team a {\n  size 1 2\n}\n", 2, ""),
        ("key-twice-colon", "team a {\n  size:: 1\n}\n", 2, ""),
        ("key-is-string", 'team a {\n  "size" 1\n}\n', 2, ""),
        ("key-is-number", "team a {\n  5 1\n}\n", 2, ""),
        ("key-duplicate", "team a {\n  size 1\n  size 2\n}\n", 3, "duplicate-definition"),
        ("id-missing", "team {\n}\n", 1, ""), ("id-is-string", 'team "A" {\n}\n', 1, ""),
        ("id-is-number", "team 5 {}\n", 1, ""), ("id-duplicate", TEAM + TEAM, 4, "duplicate-def"),
        ("id-duplicate-case", "team Ops {}\nteam ops {}\n", 1, ""),
        ("id-python-dunder", "team __class__ {\n  __init__ __globals__\n}\n", 1, ""),
        ("id-js-proto", "team __proto__ {}\nteam constructor {}\nteam toString {}\n", 1, ""),
        ("id-windows-reserved", "team CON {}\nteam nul {}\nteam aux {}\n", 1, ""),
        ("id-dots", "team .. {}\nteam a.b {}\n", 1, ""), ("id-dash-first", "team -rf {}\n", 1, ""),
        ("id-none-unknown", "team none {}\nteam unknown {}\n", 1, ""),
        ("keyword-typo", "teams a {\n}\n", 1, "did you mean `team`?"),
        ("keyword-case", "TEAM a {\n}\n", 1, "did you mean `team`?"),
        ("property-at-top", "size 1\n" + TEAM, 1, ""),
        ("block-nested-team", "team a {\n  team b { }\n}\n", 2, ""),
        ("step-outside-stream", "step s { process 1d }\n", 1, ""),
        ("unknown-property", "team a {\n  sizze 5\n}\n", 2, "did you mean `size`?"),
        ("one-line-without-breaks", "team a { size 1 durable }team b { size 1 }", 1, ""),
        ("every-token-own-line", "\n".join("team a { size 5 }".split()) + "\n", 1, ""),
        ("depth-70", "x { " * 70 + "}" * 70 + "\n", 1, "64 deep"),
        ("depth-300-open", "x { " * 300, 1, "more"),
        ("depth-300-steps", "step { " * 300, 1, "64 deep"),
        ("braces-3000-close", TEAM + "}" * 3000, 4, "more"),
        ("errors-1000", "team a {\n" + "  siez 1\n" * 1000 + "}\n", 2, "more"),
        ("two-files-glued", TEAM + "\x00team b\n", 4, "U+0000"), ("half-written", TEAM + "tea", 4, ""),
        ("text-before-first", "Hello team,\n\nplease see below\n" + TEAM, 1, ""),
    ):  # fmt: skip
        yield attack(f"str-{name}", text, "found", line, says)
    for name, text in (
        ("semicolons", "team a {\n  size 1;\n  durable;\n}\n"), ("list-none", "team a {\n  skills none\n}\n"),
        ("one-line", "team a { size 1; durable }\nteam b { size 1 }"),
        ("id-sql", "team a {\n  note \"x'); DROP TABLE t;--\"\n}\n"),
        ("id-is-keyword", "team stream {}\nteam team {}\n"),
        ("id-yaml-bools", "team no {}\nteam on {}\nteam null {}\nteam true {}\n"),
        ("id-across-kinds", "team a {}\ncapability a {}\n"),
    ):  # fmt: skip
        yield attack(f"str-{name}", text, "sound")


def _wrong_kinds() -> Iterator[Attack]:
    conflict = "team a {\n<<<<<<< HEAD\n  size 1\n=======\n  size 2\n>>>>>>> b\n}\n"
    for name, data, line in (
        ("yaml", b"teams:\n  - name: a\n    size: 5\n", 1),
        ("json", b'{"teams": [{"name": "a"}]}\n', 1), ("toml", b"[team.a]\nsize = 5\n", 1),
        ("csv", b"team,size\na,5\n", 1),
        ("html", b"<!doctype html><html><body>login</body></html>\n", 1),
        ("markdown-fence", b"```\n" + RAW + b"```\n", 1), ("merge-conflict", conflict.encode(), 2),
        ("git-diff", b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n", 1),
        ("lfs-pointer", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", 1),
        ("shell", b"#!/bin/sh\nrm -rf /\n", 2), ("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xff", 1),
        ("png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01", 0), ("zip", b"PK\3\4\x14\0\0\0\x08\0", 1),
        ("elf", b"\x7fELF\2\1\1\0\0\0", 1),
        ("pickle", b"\x80\4\x95\5\0\0\0\0\0\0\0\x8c\1a\x94.", 1),
        ("random-bytes", bytes((i * 73 + 41) % 256 for i in range(1024)), 1),
    ):  # fmt: skip
        yield attack(f"kind-{name}", data, "found", line)


def _references() -> Iterator[Attack]:
    yield attack("ref-self", needs("a", "a"), "found", 1)
    yield attack("ref-cycle-2", needs("a", "b") + needs("b", "a"), "found", says="blocking-cycle")
    ring = "".join(needs(f"t{i}", f"t{(i + 1) % 200}") for i in range(200))
    yield attack("ref-cycle-200", ring, "found", says="blocking-cycle")
    all = (needs(f"t{i}", *(f"t{j}" for j in range(12) if j != i)) for i in range(12))
    yield attack("ref-complete-12", "".join(all), "found", says="blocking-cycle")
    ladder = (
        needs(f"s{i}", f"a{i}", f"b{i}") + needs(f"a{i}", f"s{i + 1}") + needs(f"b{i}", f"s{i + 1}")
        for i in range(30)
    )
    yield attack("ref-ladder-30", "".join(ladder) + "team s30\n", "either")
    yield attack("ref-undefined", needs("a", "ghost"), "found", 1, "unresolved-reference")
    yield attack("ref-undefined-case", "team platform\n" + needs("a", "Platform"), "found", 2,
                 "`platform`")  # fmt: skip
    twice = "team b {}\nteam c {}\nteam a {\n  hands-over-to b, b, b\n}\n"
    yield attack("ref-twice-in-list", twice, "either")
    yield attack("ref-wrong-kind", "capability c {}\nteam a {\n  hands-over-to c\n}\n", "found", 3)
    yield attack("ref-forward", needs("a", "b") + "team b\n", "sound")
    yield attack("ref-is-string", 'team a {\n  hands-over-to "b"\n}\nteam b {}\n', "found", 2)
    yield attack("ref-number", "team a {\n  hands-over-to 5, 3d\n}\n", "found", 2)
    after = "  step x { after y; by a }\n  step y { after x; by a }\n"
    yield attack("ref-steps-in-a-ring", f"stream s {{\n{after}}}\n{TEAM}", "found")
    yield attack("ref-step-after-itself", "stream s {\n  step x { after x }\n}\n", "found", 1)
    yield attack("ref-group-in-itself", "group a { part-of b }\ngroup b { part-of a }\n", "either")
    deps = "component a { depends-on b }\ncomponent b { depends-on a }\n"
    yield attack("ref-components-in-a-ring", deps, "either")


def _includes() -> Iterator[Attack]:
    for name, target in (
        ("self", "inc-self.orgd"), ("missing", "no-such-file.orgd"), ("directory", "."),
        ("absolute", "/etc/passwd"), ("traversal", "../../../../../../etc/passwd"),
        ("traversal-mixed", "x/../../../../../../../etc/passwd"),
        ("traversal-backslash", "..\\\\..\\\\windows\\\\win.ini"),
        ("unc", "\\\\\\\\127.0.0.1\\\\share\\\\x.orgd"), ("url", "http://127.0.0.1:9/x.orgd"),
        ("url-file", "file:///etc/passwd"), ("url-relative", "//127.0.0.1/x.orgd"),
        ("home", "~/.ssh/id_rsa"), ("environment", "$HOME/.netrc"), ("dev-zero", "/dev/zero"),
        ("dev-stdin", "/dev/stdin"), ("proc-environ", "/proc/self/environ"), ("empty", ""),
        ("space", " "), ("nul", "a\\x00b.orgd"), ("newline", "a\\nb.orgd"),
        ("glob-of-nothing", "none/**/*.orgd"), ("long", "a" * 5000 + ".orgd"),
        ("percent-encoded", "%2e%2e/%2e%2e/etc/passwd"), ("template", "{{config}}.orgd"),
        ("dotgit", ".git/config"), ("device-name", "CON"), ("trailing-slash", "x.orgd/"),
    ):  # fmt: skip
        yield attack(f"inc-{name}", f'include "{target}"\n', "found", 1, "invalid-include")
    yield attack("inc-cycle-a", 'include "inc-cycle-b.orgd"\n', says="include each other")
    yield attack("inc-cycle-b", 'include "inc-cycle-a.orgd"\n', says="include each other")
    yield attack("inc-twice", 'include "inc-target.orgd"\n' * 2, "sound")
    yield attack("inc-target", "team included { size 5 }\n", "sound")
    yield attack("inc-of-broken", 'include "str-colon.orgd"\n', says="str-colon.orgd:2:7")
    same = 'include "./inc-target.orgd"\ninclude "././inc-target.orgd"\n'
    yield attack("inc-dot-slash-same", same, "sound")
    yield attack("inc-not-string", "include inc-target\n", "found", 1)
    yield attack("inc-inside-block", 'team a {\n  include "inc-target.orgd"\n}\n', "found", 2)


INJECTIONS: Final = {
    "script": "<script>alert(1)</script>", "close-script": "</script><script>alert(2)</script>",
    "img-onerror": "<img src=x onerror=alert(3)>", "attr-break": "' onmouseover=alert(4) x='",
    "svg-onload": "<svg onload=alert(5)>", "js-url": "javascript:alert(6)",
    "js-url-obfuscated": "java\tscript:alert(7)", "data-url": "data:text/html,<script>alert(8)</script>",
    "style-break": "</style><script>alert(9)</script>",
    "title-break": "</title></text></svg><script>alert(10)</script>",
    "comment-break": "--><script>alert(11)</script>", "cdata": "]]><script>alert(12)</script>",
    "entity": "&lt;script&gt;&#x3c;&amp;amp;", "jinja": "{{7*7}}{% raw %}{{config.__class__}}",
    "format": "{0.__class__.__init__.__globals__}%s%n", "template-literal": "${alert(13)}`",
    "csv-equals": "=cmd|' /C calc'!A0", "csv-plus": "+1+1", "csv-minus": "-1+1", "csv-at": "@SUM(A1)",
    "csv-tab-equals": "\t=1+1", "csv-fullwidth-equals": "\uff1d1+1",
    "csv-hyperlink": "=HYPERLINK(CONCAT(A1))", "md-table-pipe": "a | b | c",
    "md-link": "[x](javascript:alert(14))", "md-image": "![x](http://127.0.0.1:9/t.png)",
    "md-html": "<details open ontoggle=alert(15)>", "md-mention": "@everyone #1 !", "md-fence": "```",
    "dot": 'x\\"]; evil [label=\\"y', "dot-html": "<b>x</b>",
    "mermaid": 'a\\"] --> b; click a \\"javascript:alert(16)\\"', "plantuml": "!include /etc/passwd",
    "gha-command": "%0A::error file=x::forged", "gha-raw": "::stop-commands::x",
    "gitlab-ansi": "\x1b[0Ksection_start:0:x", "sarif-uri": "file:///c:/a b?#%",
    "xml-junit": "\x0b]]>&<a b='", "json-u2028": "\u2028\u2029",
    "terminal-hyperlink": "\x1b]8;;http://127.0.0.1:9\x07x\x1b]8;;\x07", "rtl": "\u202egnp.exe",
    "newline-escape": "a\\nb\\r\\nc", "very-long": "W" * 20000, "lone-amp": "R&D <core> 'x'",
}  # fmt: skip


def _injections() -> Iterator[Attack]:
    """What each output language would obey, in a name, a note, a link and a need's team."""
    for name, value in INJECTIONS.items():
        text = (
            f'team a "{value}" {{\n  note "{value}"\n  link x "{value}"\n  until 2020-01-01\n}}\n'
        )
        yield attack(f"inj-{name}", text, "either")


def _rules() -> Iterator[Attack]:
    def rule(name: str, condition: str, check: str = "check each team") -> str:
        return (
            f'rule {name} {{\n  title "t"\n  severity info\n  kind symptom\n  {check}\n'
            f'  flag team when {condition}\n  message "m"\n  why "w"\n  fix "f"\n}}\n'
        )

    for name, condition in (
        ("regex-redos", 'team.name like "(a+)+$"'), ("regex-alternatives", 'team.name like "(a|aa)+$"'),
        ("regex-open", 'team.name like "((("'), ("regex-backreference", 'team.name like "(a)\\\\1"'),
        ("regex-repeat", 'team.name like "((a{1000}){1000}){1000}"'),
        ("glob-storm", 'team.name like "' + "*a" * 200 + '*b"'),
        ("paren-60", "(" * 60 + "true" + ")" * 60), ("and-2000", " and ".join(["true"] * 2000)),
        ("message-template", "true"), ("divide-by-zero", "1 / 0 > 1"),
    ):  # fmt: skip
        yield attack(f"rule-{name}", rule(f"rule-{name}", condition), "either", where=RULE)
    for name, condition in (
        ("paren-200", "(" * 200 + "true" + ")" * 200), ("paren-100k", "(" * 100_000),
        ("not-500", "not " * 500 + "true"), ("not-10k", "not " * 10_000 + "true"),
        ("minus-chain", "1" + " - 1" * 1500 + " > 0"), ("and-15000", " and ".join(["true"] * 15_000)),
        ("negate-chain", "- " * 5000 + "1 > 0"), ("closure-chain", "some team of team" + " transitively" * 300),
        ("field-chain", "team" + ".blockers" * 3000 + " = team"), ("set-nested", "team in " + "{" * 100),
        ("power-tower", "9 ^ 9 ^ 9 > 1"), ("string-repeat", '"a" * 1000000000 = "b"'),
        ("number-400-digits", "team.size > " + "9" * 400), ("number-5000-digits", "team.size > " + "9" * 5000),
        ("self-reference", "team is flagged by rule-self-reference"),
        ("unknown-function", "frobnicate(team)"), ("unknown-field", "team.sizze > 1"),
        ("attribute-escape", "team.__class__.__mro__ = team"),
        ("import-escape", '__import__("os").system("id")'), ("type-mismatch", '3d > "x"'),
        ("unit-mismatch", "3d > 3"), ("control-character", "team.size > \x1b[31m 1"),
        ("bidi", "team.size > 1 # \u202e }"), ("nul", "team.size > \x00 1"),
        ("string-open", 'team.name = "x'), ("mixed-connectives", "true and true or true"),
    ):  # fmt: skip
        yield attack(f"rule-{name}", rule(f"rule-{name}", condition), "refused", where=RULE)
    one, two = (
        rule("rule-mutual", "team is flagged by other"),
        rule("other", "team is flagged by rule-mutual"),
    )
    for name, data in (
        ("mutual", one + two), ("negation-cycle", one + two.replace("by rule", "by rule")),
        ("duplicate", rule("rule-duplicate", "true") * 2),
        ("shadows-shipped", rule("manual-deployment", "true")),
        ("severity-unknown", rule("rule-severity-unknown", "true").replace("info", "catastrophic")),
        ("id-html", 'rule "<b>x</b>" { }\n'), ("empty-block", "rule rule-empty-block {\n}\n"),
        ("adjust-unknown", "adjust no-such-rule { severity info }\n"),
        ("adjust-unknown-param", "adjust manual-deployment { param x = 1 }\n"),
        ("define-cycle", "define team.p = team.q\ndefine team.q = team.p\n"),
        ("unclosed", "rule rule-unclosed {\n  title \"t\"\n"), ("not-utf8", b"rule x {\xff}\n"),
        ("utf16", 'rule x { title "t" }'.encode("utf-16")), ("binary", bytes(range(256))),
        ("model-instead", TEAM), ("braces", "{" * 5000), ("quotes", '"' * 5001),
        ("items-5000", "rule " * 5000), ("errors-5000", "rule x { flag }\n" * 5000),
        ("deep-model", 'rule rule-deep-model {\n  example flags a """' + "x { " * 500 + '"""\n}\n'),
        ("long-token", "rule " + "a" * 100_000 + " {}\n"),
    ):  # fmt: skip
        yield attack(f"rule-{name}", data, "refused", where=RULE)
    yield attack("rule-empty-file", "", "either", where=RULE)
    yield attack("rule-only-comment", "# nothing", "either", where=RULE)


def _configurations() -> Iterator[Attack]:
    for name, data in (
        ("unknown-key", "selct = []\n"), ("wrong-type", "select = 5\n"), ("nan", "max-warnings = nan\n"),
        ("inf", "[rules.x]\nlimit = inf\n"), ("huge-int", "max-warnings = " + "9" * 5000 + "\n"),
        ("deep", "a=" + "[" * 100_000 + "]" * 100_000), ("dotted", ".".join(["a"] * 20_000) + "=1"),
        ("duplicate-key", 'select = ["ALL"]\nselect = ["ALL"]\n'), ("not-toml", "{{{{\n"),
        ("nul", "select = \x00\n"), ("not-utf8", b'select = ["\xff"]\n'),
        ("utf16", "select = []\n".encode("utf-16")), ("escape", 'select = ["\\u001b[31m"]\n'),
        ("unknown-rule", '[rules.no-such-rule]\nseverity = "info"\n'),
        ("unknown-param", "[rules.too-many-blocking-dependencies]\nlmit = 4\n"),
        ("param-outside", "[rules.too-many-blocking-dependencies]\nlimit = 99999999\n"),
        ("rules-outside", 'rules-dir = ["../../../../etc"]\n'), ("rules-gone", 'rules-dir = ["gone"]\n'),
        ("baseline-outside", 'baseline = "../../../../etc/passwd"\n'),
        ("baseline-device", 'baseline = "/dev/zero"\n'),
        ("gate-nonsense", '[gates]\n"stream.x.__class__" = ">= 15%"\n'),
        ("command", 'command = "touch pwned"\n'), ("template", 'template = "/etc/passwd"\n'),
        ("output", 'output = ["html=/tmp/pwned.html"]\n'),
    ):  # fmt: skip
        yield attack(f"conf-{name}", data, "refused", where=CONFIG)
    yield attack("conf-odd-pattern", 'exclude = ["[", "!"]\n', "either", where=CONFIG)
    yield attack("conf-binary", bytes(range(256)), "refused", where=CONFIG)
