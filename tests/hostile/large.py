"""Large and special hostile input: depth, giant tokens, 100,000 errors, chains, odd folders."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .small import TEAM, needs

Codes = frozenset[int]
FOUND: Final = Codes({1})
READ: Final = Codes({0, 1})
REFUSED: Final = Codes({2})


@dataclass(frozen=True, slots=True)
class Large:
    """One input.

    name     of the file or folder
    make     gives the text of the file, or fills the folder
    codes    the exit codes that are right
    seconds  of CPU that it may take above start-up
    says     what the output must contain
    rules    whether the folder holds rules
    """

    name: str
    make: Callable[[], str] | Callable[[Path], None]
    codes: Codes
    seconds: float = 2.0
    says: str = ""
    folder: bool = False
    rules: bool = False

    def write(self, where: Path) -> list[str]:
        """Write it, and give the arguments that hand it to orgdiag."""
        if not self.folder:
            path = where / f"{self.name}.orgd"
            path.write_text(self.make(), encoding="utf-8")  # type: ignore[call-arg]
            return ["check", path.name, "--allow-empty", "--format", "concise"]
        path = where / self.name
        path.mkdir()
        self.make(path)  # type: ignore[call-arg]
        if self.rules:
            (where / "sound.orgd").write_text(TEAM)
            return ["check", "sound.orgd", "--rules", self.name]
        if not (path / "orgdiag.toml").exists():
            (path / "orgdiag.toml").write_text("")
        return ["check", self.name, "--allow-empty", "--format", "concise"]


def larges() -> list[Large]:
    """All of them, in a fixed order."""
    return [
        *_depth(), *_tokens(), *_errors(), *_models(), *_folders(), *_configurations(),
    ]  # fmt: skip


def _depth() -> Iterator[Large]:
    for number in (65, 1000, 10_000, 100_000, 1_000_000):
        seconds = 2 if number <= 10_000 else 5
        inner, says = "step s {\n" * min(number, 250_000), "64 deep"
        yield Large(
            f"deep-{number}", lambda i=inner: i + "}\n" * i.count("\n"), FOUND, seconds, says
        )
        yield Large(f"deep-{number}-unclosed", lambda i=inner: i, FOUND, seconds, says)
        yield Large(
            f"deep-list-{number}",
            lambda n=number: f"team a {{\n  skills {'[' * n}\n}}\n",
            FOUND,
            seconds,
        )
        yield Large(
            f"deep-paren-{number}",
            lambda n=number: f"team a {{\n  size {'(' * n}{')' * n}\n}}\n",
            FOUND,
            seconds,
        )


def _tokens() -> Iterator[Large]:
    """One giant token each: the small ones beyond the token's limit, the large ones the file's."""
    for millions, says in ((1, ""), (3, ""), (50, "has more than 4 MiB")):
        number = millions * 1_000_000
        for name, make, codes in (
            ("string", lambda n: f'team a {{ note "{"x" * n}" }}\n', FOUND),
            ("string-unterminated", lambda n: f'team a {{ note "{"x" * n}', FOUND),
            ("escapes", lambda n: "team a { note \"" + '\\"' * (n // 2) + '" }\n', FOUND),
            ("name", lambda n: f"team {'a' * n} {{}}\n", FOUND),
            ("digits", lambda n: f"team a {{ size {'9' * n} }}\n", FOUND),
            ("list", lambda n: f"team a {{ skills {'x,' * (n // 2)}x }}\n", FOUND),
            ("comment", lambda n: f"#{'x' * n}\n{TEAM}", READ),
            ("foreign-comment", lambda n: "/*" + "*" * n, FOUND),
            ("spaces", lambda n: " " * n + TEAM, READ), ("newlines", lambda n: "\n" * n + TEAM, READ),
            ("quotes", lambda n: '"' * n, FOUND), ("backslashes", lambda n: "\\" * n, FOUND),
        ):  # fmt: skip
            yield Large(
                f"token-{name}-{millions}m", lambda n=number, m=make: m(n),
                FOUND if says else codes, 1 if says else 3, says,
            )  # fmt: skip


def _errors() -> Iterator[Large]:
    for number in (1000, 100_000):
        for name, text, says in (
            ("unknown-word", "team a {\n" + "  x 1\n" * number + "}\n", "more"),
            ("bad-character", "@ " * number, ""), ("foreign-comment", "/* " * number, ""),
            ("quote", 'a: " ' * number, ""), ("bad-lines", "@\n" * number, "more"),
            ("unclosed-blocks", "team a {\n" * number, "more"),
            ("extra-close", TEAM + "}\n" * number, "more"),
            ("duplicate-id", TEAM * number, "more"),
            ("undefined", "team a {\n" + "  needs service from ghost\n" * number + "}\n", "more"),
            ("near-misses", "".join(f"team t{i} {{ hands-over-to t{i}x }}\n" for i in range(min(number, 10_000))),
             "more"),
            ("control-characters", "\x01\n" * number, "more"),
        ):  # fmt: skip
            text = text[: 4 << 20]
            yield Large(f"errors-{name}-{number}", lambda t=text: t, FOUND, 12, says)


def _models() -> Iterator[Large]:
    def teams(number: int, others: Callable[[int], list[int]]) -> str:
        return "".join(needs(f"t{i}", *(f"t{j}" for j in others(i))) for i in range(number))

    yield Large("model-1000-teams", lambda: teams(1000, lambda i: [(i * 7 + k) % 1000 for k in range(1, 4)]),
                READ, 8)  # fmt: skip
    yield Large(
        "model-chain-1000", lambda: teams(1000, lambda i: [i + 1] if i < 999 else []), READ, 15
    )
    yield Large("model-ring-3000", lambda: teams(3000, lambda i: [(i + 1) % 3000]), READ, 15)
    yield Large(
        "model-complete-60", lambda: teams(60, lambda i: [j for j in range(60) if j != i]), READ, 15
    )
    yield Large("model-star-3000", lambda: teams(3000, lambda i: [0] if i else []), READ, 15)
    ladder = (
        needs(f"s{i}", f"a{i}", f"b{i}") + needs(f"a{i}", f"s{i + 1}") + needs(f"b{i}", f"s{i + 1}")
        for i in range(200)
    )
    yield Large("model-ladder-200", lambda: "".join(ladder) + "team s200\n", READ, 10)
    steps = "".join(f"  step s{i} {{ process 1h; lead 10h; by a }}\n" for i in range(1000))
    yield Large("model-1000-steps", lambda: f"{TEAM}stream s {{\n{steps}}}\n", READ, 15)
    fan = "".join(
        f"  step a{i} {{ after {f'c{i - 1}' if i else 'none'}; by a }}\n  step b{i} {{ after a{i}; by a }}\n"
        f"  step x{i} {{ after a{i}; by a }}\n  step c{i} {{ after b{i}, x{i}; by a }}\n"
        for i in range(200)
    )
    yield Large("model-200-diamonds", lambda: f"{TEAM}stream s {{\n{fan}}}\n", READ, 10)


def _folders() -> Iterator[Large]:
    def chain(folder: Path) -> None:
        for i in range(300):
            (folder / f"f{i}.orgd").write_text(f'include "f{i + 1}.orgd"\n')
        (folder / "f300.orgd").write_text(TEAM)

    def diamond(folder: Path) -> None:
        for i in range(30):
            (folder / f"f{i:02}.orgd").write_text(
                f'include "f{i + 1:02}.orgd"\ninclude "./f{i + 1:02}.orgd"\n'
            )
        (folder / "f30.orgd").write_text(TEAM)

    def many(folder: Path) -> None:
        for i in range(3000):
            (folder / f"f{i}.orgd").write_text(f"team t{i} {{ size 5 }}\n")

    def links(folder: Path) -> None:
        (folder / "ok.orgd").write_text(TEAM)
        (folder / "loop").symlink_to(".")
        (folder / "etc").symlink_to("/etc")
        (folder / "passwd.orgd").symlink_to("/etc/passwd")
        (folder / "dangling.orgd").symlink_to("nowhere")
        (folder / "self.orgd").symlink_to("self.orgd")
        (folder / "inc.orgd").write_text('include "passwd.orgd"\ninclude "etc/*.orgd"\n')

    def specials(folder: Path) -> None:
        (folder / "ok.orgd").write_text(TEAM)
        os.mkfifo(folder / "fifo.orgd")
        (folder / "dir.orgd").mkdir()
        (folder / "inc.orgd").write_text(
            'include "fifo.orgd"\ninclude "dir.orgd"\ninclude "s.orgd"\n'
        )
        here = Path.cwd()
        os.chdir(folder)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("s.orgd")
        os.chdir(here)

    def odd_names(folder: Path) -> None:
        for name in (
            b"new\nline", b"esc\x1b[31m", b"bad\xff\xfe", b"-rf", b"--help", b"a%0A::error::x", b"q'\"uote",
            b"<script>alert(1)<", b"#{x}", b" lead", b"a" * 200, "\u202egro".encode(), b"@list",
        ):  # fmt: skip
            path = os.path.join(os.fsencode(folder), name.replace(b"/", b"_") + b".orgd")  # noqa: PTH118 - bytes
            with open(path, "wb") as file:
                file.write(b"team a {\n  siez 1\n}\n")

    def rule_links(folder: Path) -> None:
        (folder / "passwd.orgr").symlink_to("/etc/passwd")
        (folder / "zero.orgr").symlink_to("/dev/zero")
        (folder / "loop").symlink_to(".")

    def rule_specials(folder: Path) -> None:
        os.mkfifo(folder / "fifo.orgr")

    for name, make, codes, seconds, says in (
        ("include-chain", chain, FOUND, 4, "nested more than 32 deep"), ("include-diamond", diamond, READ, 2, ""),
        ("3000-files", many, READ, 15, ""), ("symlinks", links, FOUND, 2, "left out (link)"),
        ("special-files", specials, FOUND, 2, "left out (not a plain file)"),
        ("odd-names", odd_names, FOUND, 2, "`siez`"),
    ):  # fmt: skip
        yield Large(f"folder-{name}", make, codes, seconds, says, folder=True)
    yield Large("folder-rule-links", rule_links, REFUSED, 2, "is a link", folder=True, rules=True)
    yield Large(
        "folder-rule-fifo", rule_specials, REFUSED, 2, "plain file", folder=True, rules=True
    )


def _configurations() -> Iterator[Large]:
    """Configurations of nearly a million characters, about as much as is read."""

    def many(form: str) -> str:
        length = len(form.format(0)) + 5
        return "".join(form.format(f"{number:06}") for number in range(990_000 // length))

    long, dotted, entries = "x" * 990_000, ".".join("a" * 30), "entries"
    for name, text, codes, says in (
        ("select", "select = [" + many("'teem{}',") + "]", REFUSED, entries),
        ("ignore", "ignore = [" + many("'*{}-*',") + "]", REFUSED, entries),
        ("exclude", "exclude = [" + many("'*{}/*.orgd',") + "]", REFUSED, entries),
        ("rules-dir", "rules-dir = [" + many("'own{}',") + "]", REFUSED, entries),
        ("rules", many("[rules.x{}]\n"), REFUSED, entries),
        ("parameters", "[rules.team-too-large]\n" + many("x{} = 1\n"), REFUSED, entries),
        ("gates", "[gates]\n" + many("'stream.x{}.lead-time' = '< 1d'\n"), REFUSED, entries),
        ("keys", many("k{} = 1\n"), REFUSED, entries),
        ("escaped-keys", many("'\\u0061{}' = 1\n".replace("'", '"')), REFUSED, entries),
        ("dotted-keys", many(f"k{{}}.{dotted} = 1\n"), REFUSED, entries),
        ("headers", many(f"[{dotted}.k{{}}]\n"), REFUSED, "unknown key"),
        ("inline-tables", "a = [" + many("{{k{} = 1}},") + "]", REFUSED, entries),
        ("text", f"baseline = '{long}'", REFUSED, "is no path"),
        ("escapes", 'baseline = "' + "\\\\" * 490_000 + '"', REFUSED, "is no path"),
        ("lines", 'baseline = """' + '\\\\"' * 330_000 + '"""', REFUSED, "is no path"),
        ("quotes", '"' * 990_000, REFUSED, "not valid TOML"), ("bare", long, REFUSED, "not valid"),
        ("comment", "#" * 990_000, READ, ""), ("newlines", "\r\n" * 490_000, READ, ""),
        ("open", "a = [" * 190_000, REFUSED, "64 deep"), ("dots", "a." * 490_000, REFUSED, "parts"),
        ("digits", "a = 1." + "1" * 990_000, REFUSED, "too long"),
        ("pattern", "exclude = ['" + "*a" * 40 + "']", REFUSED, "at most"),
    ):  # fmt: skip
        yield Large(f"conf-{name}", _configuration(text), codes, 10, says, folder=True)


def _configuration(text: str) -> Callable[[Path], None]:
    """Fills a folder with a sound model and a configuration."""

    def make(folder: Path) -> None:
        (folder / "orgdiag.toml").write_text(text)
        (folder / "sound.orgd").write_text(TEAM)

    return make
