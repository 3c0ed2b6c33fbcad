"""Paths → texts, on the disk or as they once were. What cannot be read becomes a finding.

A text is read below the root, through no link (see `opening`), and must be UTF-8.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, NamedTuple

from orgdiag.files.opening import NotPlain, TooLarge, anchored, below
from orgdiag.files.reading import DISK, Entry, Files, shown_size
from orgdiag.finding import Evidence, Finding, misread
from orgdiag.frozen import frozen
from orgdiag.parse import Parsed, parse, words
from orgdiag.text.printable import shortened
from orgdiag.text.source import Source, Span
from orgdiag.text.syntax import Statement

ENDING: Final = ".orgd"
Excluded = Callable[[str], bool]


@frozen
class Limits:
    """How much is read, in bytes and numbers; a hostile repository stops here."""

    file_bytes: int = 4 << 20
    model_bytes: int = 256 << 20
    files: int = 20_000
    include_depth: int = 32


@frozen
class Loaded:
    """The parsed texts in the order of their paths, and what could not be read.

    parsed      every text once, however many includes name it
    findings    files and includes that could not be read; findings about a text stand in `parsed`
    skipped     why → how many files in the folders were left out on purpose
    incomplete  whether anything that was asked for is missing
    """

    parsed: tuple[Parsed, ...]
    findings: tuple[Finding, ...] = ()
    skipped: tuple[tuple[str, int], ...] = ()
    incomplete: bool = False

    @property
    def sources(self) -> tuple[Source, ...]:
        """The texts."""
        return tuple(parsed.source for parsed in self.parsed)


# --- one text -------------------------------------------------------------------------------------


def read_text(
    path: Path,
    root: Path,
    limits: Limits = Limits(),
    name: str = "",
    files: Files = DISK,
) -> Source | Finding:
    """The text of a file below the root, or why it cannot be read.

    Args:
        path: the file; a relative one is relative to the root.
        root: the folder that no path and no link may leave.
        limits: how much is read.
        name: how messages call the file; by default its path from the root.
        files: where it is read.
    """
    inside = below(path, root)
    if inside is None:
        return _outside(name or path.as_posix())
    name, shown = name or inside.as_posix(), shortened(inside.as_posix())
    try:
        return decode(name, files.read(anchored(inside, root), limits.file_bytes))
    except TooLarge:
        size = shown_size(limits.file_bytes)
        return _unread(name, "too-large", f"`{shown}` has more than {size}", _raise("file-bytes"))
    except NotPlain:
        return _unread(name, "invalid-include", f"`{shown}` is not a plain file")
    except OSError as error:
        return _unopened(name, shown, error)


def _unopened(name: str, shown: str, error: OSError) -> Finding:
    reason = error.strerror or "it fails"
    why = f"{reason[:1].lower()}{reason[1:]}"
    return _unread(name, "invalid-include", f"`{shown}` cannot be opened: {why}")


def decode(name: str, data: bytes) -> Source | Finding:
    """The text of these bytes, or the place of what is no text in them."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _unread(
                name, "unreadable-text", f"`{shortened(name)}` is {encoding}, not UTF-8",
                "save it as UTF-8",
            )  # fmt: skip
    if b"\0" in data[:4096] and data[:4096].count(b"\0") * 3 > len(data[:4096]):
        return _unread(
            name, "unreadable-text", f"`{shortened(name)}` is UTF-16 or no text", "save it as UTF-8"
        )
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return Source(name, data.decode("utf-8"))
    except UnicodeDecodeError as error:
        source = Source(name, data.decode("utf-8", errors="replace"))
        at = len(data[: error.start].decode("utf-8"))
        return misread(
            "unreadable-text",
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            Span(source, at, at + 1),
            label="cannot be read",
            help="save the file as UTF-8",
        )


_MARKS: Final = (
    (b"\xff\xfe\0\0", "UTF-32"), (b"\0\0\xfe\xff", "UTF-32"), (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)  # fmt: skip


def _outside(name: str) -> Finding:
    return _unread(name, "invalid-include", f"`{shortened(name)}` lies outside the project")


def _unread(name: str, rule: str, message: str, help: str = "") -> Finding:
    return misread(rule, message, Span(Source(name, ""), 0, 0), help=help)


def _raise(limit: str) -> str:
    return f"if that is right, raise it with --limit {limit}=NUMBER"


# --- all texts ------------------------------------------------------------------------------------


class File(NamedTuple):
    """A file to read: the folder that it may not leave, its path in there, its name in messages."""

    root: Path
    inside: Path
    name: str

    def beside(self, inside: Path) -> File:
        """Another file below the same root."""
        outside = not self.name.endswith(self.inside.as_posix()) or self.name.startswith("/")
        name = (self.root / inside).as_posix() if outside else inside.as_posix()
        return File(self.root, inside, name)


@dataclass(eq=False)
class _Loading:
    """One run over the files of a model: what was read so far, what was left out, what is wrong."""

    root: Path
    limits: Limits
    files: Files = DISK
    parse: Callable[[Source], Parsed] = parse
    parsed: dict[str, Parsed] = field(default_factory=dict)
    named: dict[str, File] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    size: int = 0

    def text(self, file: File) -> Parsed | Finding:
        """The parsed text of a file, read once."""
        if file.name in self.parsed:
            return self.parsed[file.name]
        limits = self.limits
        if len(self.parsed) >= limits.files:
            message = f"the model has more than {limits.files} files"
            return _unread(file.name, "too-large", message, _raise("files"))
        if self.size > limits.model_bytes:
            message = f"the model has more than {shown_size(limits.model_bytes)}"
            return _unread(file.name, "too-large", message, _raise("model-bytes"))
        source = read_text(file.inside, file.root, limits, file.name, self.files)
        if isinstance(source, Finding):
            return source
        self.named[file.name] = file
        return self.keep(source)

    def keep(self, source: Source) -> Parsed:
        """Parse a text and remember it."""
        self.size += len(source.text)
        parsed = self.parsed[source.path] = self.parse(source)
        return parsed

    def skip(self, why: str) -> None:
        """Count something that was found in a folder and is left out."""
        self.skipped[why] = self.skipped.get(why, 0) + 1


def load(
    paths: Sequence[Path],
    root: Path,
    limits: Limits = Limits(),
    *,
    stdin: Source | None = None,
    exclude: Sequence[str] = (),
    files: Files = DISK,
    parse: Callable[[Source], Parsed] = parse,
) -> Loaded:
    """The texts of files and folders, and of what they include.

    Args:
        paths: existing files and folders, in any order; a folder is searched for `*.orgd`.
        root: the project's folder. A path outside it is its own root.
        limits: how much is read.
        stdin: a text that was read elsewhere, named by its path.
        exclude: patterns as in `.gitignore`, for what is found in folders.
        files: where they are read.
        parse: how a text becomes statements.
    """
    loading = _Loading(settled(root), limits, files, parse)
    paths = [settled(root / path) for path in paths]
    if stdin is not None:
        loading.keep(stdin)
    for path in sorted(set(paths)):
        for file in _discover(loading, path, exclude):
            parsed = loading.text(file)
            if isinstance(parsed, Finding):
                loading.findings.append(parsed)
    done: set[str] = set()
    for parsed in sorted(loading.parsed.values(), key=lambda p: p.source.path):
        _include(loading, parsed, done)
    return Loaded(
        tuple(sorted(loading.parsed.values(), key=lambda p: p.source.path)),
        tuple(loading.findings),
        tuple(sorted(loading.skipped.items())),
        bool(loading.findings),
    )


def read_stdin(name: str, limits: Limits = Limits()) -> Source | Finding:
    """The text on standard input under a name, or why it cannot be read."""
    data = sys.stdin.buffer.read(limits.file_bytes + 1)
    if len(data) > limits.file_bytes:
        message = f"`{shortened(name)}` has more than {shown_size(limits.file_bytes)}"
        return _unread(name, "too-large", message, _raise("file-bytes"))
    return decode(name, data)


def discover(
    paths: Sequence[Path], root: Path, endings: tuple[str, ...], exclude: Sequence[str] = ()
) -> tuple[File, ...]:
    """The files that the paths name, by name; folders are searched for the endings.

    Args:
        paths: existing files and folders; a file is taken whatever its ending is.
        root: the project's folder. A path outside it is its own root.
        endings: what the names of files end with.
        exclude: patterns as in `.gitignore`, for what is found in folders.
    """
    loading, paths = _Loading(settled(root), Limits()), [settled(root / path) for path in paths]
    found = (f for path in paths for f in _discover(loading, path, exclude, endings))
    return tuple(sorted({file.name: file for file in found}.values(), key=lambda f: f.name))


def settled(path: Path) -> Path:
    """The path from the top, without `..`, by its words: where a link leads decides nothing."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - pathlib keeps `..`


def _discover(
    loading: _Loading, path: Path, exclude: Sequence[str], endings: tuple[str, ...] = (ENDING,)
) -> Iterator[File]:
    """The files that a path on the command line names.

    One outside the root was named on purpose: its folder is the one that it may not leave.
    """
    where, folder, root = path, loading.files.kind(path) == "folder", loading.root
    if below(where, root) is None:
        root = where if folder else where.parent
    for file in _named_folder(loading, root, where, exclude, endings) if folder else (where,):
        inside = below(file, root) or Path(file.name)
        name = inside if root is loading.root else root / inside
        yield File(root, inside, name.as_posix())


def _named_folder(
    loading: _Loading, root: Path, folder: Path, exclude: Sequence[str], endings: tuple[str, ...]
) -> Iterator[Path]:
    """The files in a folder that was named and below; that it cannot be read is a finding."""
    try:
        yield from _search(loading, root, folder, exclude, endings)
    except OSError as error:
        inside = folder.relative_to(root).as_posix()
        loading.findings.append(_unopened(inside, shortened(inside), error))


def _search(
    loading: _Loading,
    root: Path,
    folder: Path,
    exclude: Sequence[str],
    endings: tuple[str, ...] = (ENDING,),
) -> Iterator[Path]:
    """The files in a folder and below, sorted; links and hidden folders are passed over.

    Raises:
        OSError: the folder itself cannot be read.
    """
    excluded, left = _excluded(exclude), [folder]
    while left:
        top = left.pop()
        here, inner = top.relative_to(root), list[Path]()
        try:
            entries = loading.files.entries(anchored(here, root))
        except OSError:
            if top is folder:
                raise
            loading.skip("unreadable")
            continue
        for entry in entries:
            name, is_folder = entry.name, entry.kind in ("folder", "submodule")
            passed = name.startswith(".") or name in _NEVER if is_folder else False
            if passed or not (is_folder or name.endswith(endings)):
                continue
            if why := _left_out(entry, (here / name).as_posix() + "/" * is_folder, excluded):
                loading.skip(why)
            elif is_folder:
                inner.append(top / name)
            else:
                yield top / name
        left += reversed(inner)


def _left_out(entry: Entry, path: str, excluded: Excluded) -> str:
    """Why something found in a folder is left out; "" when it is not."""
    if entry.link:
        return "link"
    if entry.kind == "submodule":
        return "submodule"
    if entry.kind == "other":
        return "not a plain file"
    return "excluded" if excluded(path) else ""


_NEVER: Final = frozenset({"node_modules", "__pycache__"})


def _excluded(patterns: Sequence[str]) -> Excluded:
    """Whether a path is excluded; pathspec is loaded only when there are patterns."""
    if not patterns:
        return lambda _: False
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns).match_file


# --- includes -------------------------------------------------------------------------------------


def _include(loading: _Loading, first: Parsed, done: set[str]) -> None:
    """Everything that a text includes, by depth; a text that is being included is a cycle.

    `done` holds the texts whose includes have all been followed: none is followed twice.
    """
    chain = [] if first.source.path in done else [(first.source.path, _targets(loading, first))]
    while chain:
        statement, file = next(chain[-1][1], (None, None))
        if statement is None or file is None:
            done.add(chain.pop()[0])
            continue
        names = [name for name, _ in chain]
        if file.name in names:
            ring = [*names[names.index(file.name) :], file.name]
            _refuse(loading, statement, f"these files include each other: {' → '.join(ring)}")
        elif len(chain) > loading.limits.include_depth:
            _refuse(
                loading,
                statement,
                f"includes are nested more than {loading.limits.include_depth} deep: "
                f"{names[0]} → … → {names[-1]}",
                _raise("include-depth"),
            )
        else:
            text = loading.text(file)
            if isinstance(text, Finding):
                _pass_on(loading, statement, text)
            elif file.name not in done:
                chain.append((file.name, _targets(loading, text)))


def _targets(loading: _Loading, parsed: Parsed) -> Iterator[tuple[Statement, File]]:
    """The files that the include statements of a text name."""
    here = loading.named.get(parsed.source.path)
    if here is None:  # standard input stands in the root
        here = File(loading.root, Path(parsed.source.path), parsed.source.path)
    for statement in parsed.statements:
        if statement.word == "include" and not statement.broken:
            for inside in _named(loading, here, statement):
                yield statement, here.beside(inside)


def _named(loading: _Loading, here: File, statement: Statement) -> list[Path]:
    """The paths below the root that an include names."""
    atoms = words(statement.text)[1:]
    if len(atoms) != 1 or atoms[0].kind != "STRING" or statement.body is not None:
        _refuse(
            loading, statement, "an include names files in quotes", 'write `include "teams/*.orgd"`'
        )
        return []
    pattern = atoms[0].string
    inside = below(here.inside.parent / pattern, here.root)
    if not pattern.strip() or not _WELL_FORMED.fullmatch(pattern):
        _refuse(loading, statement, f"`{shortened(pattern)}` is not a relative path")
    elif inside is None or pattern.startswith(("/", "~")):
        _refuse(loading, statement, f"`{shortened(pattern)}` lies outside the project")
    elif not inside.name.endswith(ENDING):
        _refuse(
            loading, statement, f"`{shortened(pattern)}` is not a model",
            f"the name of a model ends with `{ENDING}`",
        )  # fmt: skip
    elif "*" not in pattern and "?" not in pattern:
        return [inside]
    else:
        found = [path for path in _matching(loading, here.root, inside) if path != here.inside]
        if not found:
            _refuse(loading, statement, f"no file matches `{shortened(pattern)}`")
        return found
    return []


_WELL_FORMED: Final = re.compile(r"[^\x00-\x1f\x7f\\:]{1,1000}")


def _matching(loading: _Loading, root: Path, pattern: Path) -> list[Path]:
    """The files below the root that match a pattern; `**` stands for any number of folders."""
    fixed = next(i for i, part in enumerate(pattern.parts) if "*" in part or "?" in part)
    start = root / Path(*pattern.parts[:fixed])
    try:
        found = [path.relative_to(root) for path in _search(loading, root, start, ())]
    except OSError:
        return []
    return sorted(p for p in found if _matches(p.parts[fixed:], pattern.parts[fixed:]))


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether the parts of a path match the parts of a pattern, in linear steps a pattern part."""
    reached = {0}
    for piece in pattern:
        if piece == "**":
            reached = set(range(min(reached), len(parts) + 1)) if reached else set()
            continue
        reached = {at + 1 for at in reached if at < len(parts) and fnmatchcase(parts[at], piece)}
    return len(parts) in reached


def _refuse(loading: _Loading, statement: Statement, message: str, help: str = "") -> None:
    loading.findings.append(misread("invalid-include", message, statement.span, help=help))


def _pass_on(loading: _Loading, statement: Statement, finding: Finding) -> None:
    """A file that could not be read, shown where it is included."""
    if finding.span.source.text:
        loading.findings.append(finding)
        return
    loading.findings.append(
        misread(
            finding.rule,
            finding.message,
            statement.span,
            help=finding.help,
            evidence=(Evidence("included here", statement.span),),
        )
    )


__all__ = ["File", "Limits", "Loaded", "decode", "discover", "load", "read_stdin", "read_text"]
