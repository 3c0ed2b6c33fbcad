"""Models, laid out: one property a line, two spaces a level, lists filled to the width."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from orgdiag.finding import Problem
from orgdiag.layout.after import said_by_extension, unsaid, with_after
from orgdiag.parse import parse, words
from orgdiag.text.source import Source
from orgdiag.text.syntax import Comment, Statement, comments

WIDTH: Final = 100
STEP: Final = 2
Elsewhere = Callable[[], AbstractSet[str]]


class Laid(NamedTuple):
    """A text laid out, and what the layout may not change.

    says      the words of the text as it stands
    means     the words with what the layout adds
    comments  in their order
    """

    text: str
    says: Any
    means: Any
    comments: tuple[str, ...]
    problems: tuple[Problem, ...] = ()


def model(source: Source, elsewhere: Elsewhere, indent: int = 0) -> Laid:
    """The model laid out; problems and no text when it cannot be read.

    Args:
        source: its text, lines ending with LF.
        elsewhere: the steps that get an `after` by `extend` in other files.
        indent: of its outermost statements.
    """
    parsed = parse(source)
    if parsed.findings:
        found = tuple(Problem(f.message, f.span, f.help) for f in parsed.findings)
        return Laid("", (), (), (), found)
    missing = unsaid(parsed.statements)
    said = {*said_by_extension(parsed.statements), *elsewhere()} if missing else frozenset()
    added = with_after(missing, said)
    remarks = comments(source)
    entries = _Reading(source, remarks, added).body(parsed.statements, 0, len(source.text), None)
    text = "".join(f"{line}\n" for line in _lines(entries, indent, top=True))
    says = _says(parsed.statements, {})
    return Laid(
        text,
        says,
        _says(parsed.statements, added) if added else says,
        tuple(remark.text.rstrip() for remark in remarks),
    )


def _says(statements: Sequence[Statement], added: Mapping[int, str]) -> tuple[Any, ...]:
    """What statements say: kinds and texts of the words, and the same of the blocks."""
    found = []
    for statement in statements:
        atoms: tuple[Any, ...] = tuple((atom.kind, atom.text) for atom in words(statement.text))
        if _is_private(statement):
            atoms = (statement.text.strip(),)
        body = None if statement.body is None else _says(statement.body, added)
        if statement.start in added:
            after = ((("NAME", "after"), ("NAME", added[statement.start])), None)
            at = _place(body or (), lambda said: said[1] is not None)
            body = (*(body or ())[:at], after, *(body or ())[at:])
        found.append((atoms, body))
    return tuple(found)


def _is_private(statement: Statement) -> bool:
    """Whether it is an `x-…` that is kept as written; one with comments in it is a list as any."""
    text = statement.text
    return text.startswith("x-") and not ("#" in text and comments(Source("", text)))


def _place(body: Sequence[Any], is_block: Callable[[Any], bool]) -> int:
    """Where `after` goes in a step: before its first block, or last."""
    return next((at for at, part in enumerate(body) if is_block(part)), len(body))


# --- what there is to lay out ---------------------------------------------------------------------


class Chunk(NamedTuple):
    """Words that stay on one line, to the next comma; the comment beside and those below them."""

    text: str
    comment: str
    below: tuple[str, ...]


class Remark(NamedTuple):
    """A comment on a line of its own."""

    text: str
    blank: bool


@dataclass
class Entry:
    """A statement.

    chunks   its words
    body     what its block holds; None without a block
    one_line whether the whole of it stands on one line
    blank    whether an empty line stands before it
    beside   whether the statement before it stands on the same line
    opening  the comment beside the opening brace
    comment  the comment beside its end
    """

    chunks: list[Chunk]
    one_line: bool
    blank: bool = False
    beside: bool = False
    body: list[Entry | Remark] | None = None
    opening: str = ""
    comment: str = ""


class _Reading:
    """Puts statements and comments together, in the order of the text."""

    def __init__(
        self, source: Source, remarks: Sequence[Comment], added: Mapping[int, str]
    ) -> None:
        self.text = source.text
        self.remarks = remarks
        self.added = added
        self.next = 0

    def body(
        self, statements: Sequence[Statement], at: int, stop: int, head: Entry | None
    ) -> list[Entry | Remark]:
        """The entries and remarks between two offsets; `head` is the one whose block it is."""
        found: list[Entry | Remark] = []
        for statement in statements:
            breaks = self._gap(at, statement.start, found, head)
            entry = self._entry(statement)
            entry.blank = breaks > 1
            entry.beside = breaks == 0 and bool(found)
            found.append(entry)
            at = statement.end
        self._gap(at, stop, found, head)
        return found

    def _gap(self, at: int, stop: int, found: list[Entry | Remark], head: Entry | None) -> int:
        """Take the comments up to an offset; the number of line breaks after the last."""
        for remark in self._until(stop):
            breaks = self.text.count("\n", at, remark.start)
            before = found[-1] if found else head
            if breaks or not isinstance(before, Entry):
                found.append(Remark(remark.text.rstrip(), breaks > 1))
            elif found:
                before.comment = remark.text.rstrip()
            else:
                before.opening = remark.text.rstrip()
            at = remark.start + len(remark.text)
        return self.text.count("\n", at, stop)

    def _until(self, stop: int) -> Iterator[Comment]:
        while self.next < len(self.remarks) and self.remarks[self.next].start < stop:
            self.next += 1
            yield self.remarks[self.next - 1]

    def _entry(self, statement: Statement) -> Entry:
        chunks = list(self._chunks(statement))
        one_line = "\n" not in self.text[statement.start : statement.end].rstrip()
        entry = Entry(chunks, one_line)
        if statement.body is not None:
            inside = statement.start + len(statement.text) + 1
            entry.body = self.body(statement.body, inside, statement.end - 1, entry)
        if statement.start in self.added:
            self._add_after(entry, self.added[statement.start])
        return entry

    def _chunks(self, statement: Statement) -> Iterator[Chunk]:
        if _is_private(statement):
            yield Chunk(statement.text.strip(), "", ())
            return
        atoms = words(statement.text)
        text = ""
        for number, atom in enumerate(atoms):
            comma = atom.kind == "COMMA"
            joined = not text or (comma and number > 1)  # the first word ends with a space
            text += atom.text if joined else f" {atom.text}"
            last = number + 1 == len(atoms)
            if not comma and not last:
                continue
            at = statement.start + atom.at
            stop = len(statement.text) if last else atoms[number + 1].at
            remarks = list(self._until(statement.start + stop))
            beside = bool(remarks) and "\n" not in self.text[at : remarks[0].start]
            shown = tuple(remark.text.rstrip() for remark in remarks)
            yield Chunk(text, shown[0] if beside else "", shown[beside:])
            text = ""

    def _add_after(self, entry: Entry, before: str) -> None:
        body = entry.body = [] if entry.body is None else entry.body
        at = _place(body, lambda part: isinstance(part, Entry) and part.body is not None)
        while at and isinstance(body[at - 1], Remark):
            at -= 1
        body.insert(at, Entry([Chunk(f"after {before}", "", ())], one_line=True))


# --- lines ----------------------------------------------------------------------------------------


def _lines(entries: Sequence[Entry | Remark], indent: int, *, top: bool = False) -> Iterator[str]:
    """The lines of a body. Statements share one only outside of blocks, as they were written."""
    for number, run in enumerate(_runs(entries) if top else ([entry] for entry in entries)):
        first = run[0]
        if number and first.blank:
            yield ""
        if isinstance(first, Remark):
            yield f"{' ' * indent}{first.text}"
            continue
        whole = [entry for entry in run if isinstance(entry, Entry)]
        shared = _shared(whole, indent)
        if shared is not None:
            yield shared
        else:
            for entry in whole:
                yield from _entry_lines(entry, indent)


def _runs(entries: Sequence[Entry | Remark]) -> Iterator[list[Entry | Remark]]:
    """The entries, those together that were written on one line."""
    run: list[Entry | Remark] = []
    for entry in entries:
        if run and not (isinstance(entry, Entry) and entry.beside):
            yield run
            run = []
        run.append(entry)
    if run:
        yield run


def _shared(run: Sequence[Entry], indent: int) -> str | None:
    """The line that several statements share, if they are several and fit."""
    texts = [_flat(entry) for entry in run]
    if len(run) < 2 or None in texts:
        return None
    line = " " * indent + "; ".join(text for text in texts if text is not None)
    return _remarked(line, run[-1].comment) if len(line) <= WIDTH else None


def _entry_lines(entry: Entry, indent: int) -> Iterator[str]:
    margin = " " * indent
    flat = _flat(entry)
    # After a comma a line break does not end the statement.
    end = ";" if entry.body is None and entry.chunks[-1].text.endswith(",") else ""
    if flat is not None and indent + len(flat) <= WIDTH:
        yield _remarked(f"{margin}{flat}{end}", entry.comment)
        return
    if entry.body is None:
        yield from _filled(entry.chunks, indent, end, entry.comment)
        return
    yield from _filled(entry.chunks, indent, " {", entry.opening)
    yield from _lines(entry.body, indent + STEP)
    yield _remarked(f"{margin}}}", entry.comment)


def _flat(entry: Entry) -> str | None:
    """The whole statement on one line; None when it was not so, or a comment is in the way."""
    if any(chunk.comment or chunk.below or "\n" in chunk.text for chunk in entry.chunks):
        return None
    text = " ".join(chunk.text for chunk in entry.chunks)
    if entry.body is None:
        return text
    if not entry.body and not entry.opening:
        return f"{text} {{}}"
    if not entry.one_line or entry.opening:
        return None
    inner = [_flat(part) if isinstance(part, Entry) else None for part in entry.body]
    if None in inner:
        return None
    return f"{text} {{ {'; '.join(part for part in inner if part is not None)} }}"


def _filled(chunks: Sequence[Chunk], indent: int, end: str, comment: str) -> Iterator[str]:
    """The lines of a statement that is too long, or has comments in it: broken after commas."""
    line, margin = "", " " * indent
    for number, chunk in enumerate(chunks):
        last = number + 1 == len(chunks)
        tail = end if last else ""
        if line.strip() and len(line) + 1 + len(chunk.text) + len(tail) > WIDTH:
            yield line
            line = ""
        line = f"{line} {chunk.text}" if line.strip() else f"{margin}{chunk.text}"
        margin = " " * (indent + STEP)
        if chunk.comment or chunk.below:
            yield _remarked(line, chunk.comment)
            yield from (f"{margin}{remark}" for remark in chunk.below)
            line = ""
    if line or end:
        yield _remarked(f"{line or margin.removesuffix(' ' * STEP)}{end}".rstrip(), comment)


def _remarked(line: str, comment: str) -> str:
    return f"{line}  {comment}" if comment else line
