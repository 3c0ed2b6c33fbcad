"""What every reader of statements shares: names, units, and the findings made on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from orgdiag.finding import Evidence, Finding, Subject, misread
from orgdiag.frozen import made
from orgdiag.model.elements import Calendar
from orgdiag.model.schema import Property
from orgdiag.model.types import Ref
from orgdiag.model.values import Flaw, Units
from orgdiag.parse import words
from orgdiag.partial.unknown import UNKNOWN, Unwritten
from orgdiag.text.mend import Mend, meant
from orgdiag.text.nearest import nearest
from orgdiag.text.source import HALF, Places, Source, Span
from orgdiag.text.syntax import MAX_TOKEN, Atom, Statement

MAX_MESSAGES: Final = 100
MAX_NAME: Final = 128
MAX_LIST: Final = 10_000
_NEAR: Final = 500  # ids that are held against a misspelt one

Args = Sequence[Atom]


class Occurrence(NamedTuple):
    """A place where an element is named: its own id, without the stream of a step.

    role    `definition`, or the word of the statement that names it
    """

    kind: str
    id: str
    span: Span
    role: str


class Entry:
    """An element as the files name it, before its properties are read.

    blocks   the statements of its own block, then those of every `extend`
    local    its id without the stream, for a step; `before` the full id of the step written before
             it, None for a first step, UNKNOWN when that one cannot be read
    extended whether it was added by an `extend`
    twin     whether another element has the id already: read, and then forgotten
    """

    __slots__ = (
        "before", "blocks", "extended", "head", "id", "kind", "local", "name", "number", "span",
        "stream", "twin",
    )  # fmt: skip

    def __init__(self, kind: str, id: str, span: Span, name: str, head: Statement) -> None:
        self.kind = kind
        self.id = id
        self.span = span
        self.name = name
        self.head = head
        self.blocks: list[Sequence[Statement]] = [head.body] if head.body else []
        self.local = id
        self.stream = ""
        self.number = 0
        self.before: str | Unwritten | None = None
        self.extended = False
        self.twin = False

    @property
    def subject(self) -> Subject:
        """The element as findings name it."""
        return made(Subject, (self.kind, self.id))


class Findings:
    """Collects findings, at most a hundred a file, and counts what it leaves out.

    `number` is how many there were so far, those left out included.
    """

    def __init__(self, before: Iterable[Finding] = ()) -> None:
        self.number = 0
        self._found: list[Finding] = []
        self._count: dict[Source, int] = {}
        self._more: dict[Source, tuple[int, Span]] = {}
        for finding in before:
            self.add(finding)

    def full(self, source: Source) -> bool:
        """Whether a file already has as many findings as are shown."""
        return self._count.get(source, 0) >= MAX_MESSAGES

    def add(self, finding: Finding) -> None:
        """Keep a finding, or count it when its file has too many."""
        self.number += 1
        source = finding.span.source
        count = self._count.get(source, 0)
        if count < MAX_MESSAGES:
            self._count[source] = count + 1
            self._found.append(finding)
            return
        number, span = self._more.get(source, (0, finding.span))
        self._more[source] = number + 1, span

    def all(self) -> tuple[Finding, ...]:
        """Every finding that is shown, by place, and one for each file that has more."""
        more = [
            misread(
                "too-large",
                f"{'at least ' * (number >= 900)}{number} more problem{'s' * (number > 1)} "
                f"in {source.path}",
                span,
                label="from here on nothing more is shown",
                help=f"only the first {MAX_MESSAGES} of a file are shown",
            )
            for source, (number, span) in self._more.items()
        ]
        return tuple(
            sorted(
                self._found + more,
                key=lambda f: (f.span.path, f.span.start, f.span.end, f.rule, f.message),
            )
        )


class Said(NamedTuple):
    """What a line says of every element of a kind, wherever it stands.

    word, attribute   the property
    value             its value; the items of a list, each once
    start, end        where the value stands, counted from the start of the statement
    adds              whether it is a list to which further statements may add
    """

    word: str
    attribute: str
    value: Any
    start: int
    end: int
    adds: bool = False


class Draft:
    """The properties of one element while they are read.

    values   attribute → value; `places` word → place
    lists    attribute → the items of a list that adds up, each once: a tuple, which elements share,
             as long as one statement gave all of them
    seen     what may stand only once, with its place
    damaged  properties that were probably meant by a word that nobody knows
    """

    __slots__ = ("damaged", "entry", "lists", "places", "seen", "subject", "values")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.subject = entry.subject
        self.values: dict[str, Any] = {}
        self.places = Places(entry.span.source)
        self.lists: dict[str, dict[Any, None] | tuple[Any, ...]] = {}
        self.seen: dict[str, Span] = {}
        self.damaged: list[tuple[Property, Span]] = []

    def take(self, said: Said, statement: Statement) -> bool:
        """Take over what other statements of this text said; False where this one must be read."""
        attribute, values, places = said.attribute, self.values, self.places
        if attribute in values or statement.body is not None or statement.broken:
            return False
        values[attribute] = said.value
        if said.adds:
            self.lists[attribute] = said.value
        start, end = statement.start + said.start, statement.start + said.end
        if statement.source is places.source:
            places.packed[said.word] = start << HALF | end
        else:
            places[said.word] = Span(statement.source, start, end)
        return True


@dataclass
class Census:
    """One run over the statements of all files.

    names       kind → id → entry; `steps` the steps of each stream, as written;
                `twins` the entries whose id another one has already
    vocabulary  word → the kinds of element that it may stand in
    said        kind → text of a line → what it says, of the lines that have been read without a
                finding and mean the same in every element of the kind
    unreadable  statements with words that are none of the language: told once, then unknown
    lost        ids whose definition is broken: a reference to one is unknown and no finding
    incomplete  whether a file could not be read, so that what is missing may stand there
    occurrences where which element is named; None when nobody asks
    """

    findings: Findings
    units: Units = field(default_factory=lambda: Units(Calendar()))
    names: dict[str, dict[str, Entry]] = field(default_factory=dict)
    steps: dict[str, list[Entry]] = field(default_factory=dict)
    twins: list[Entry] = field(default_factory=list)
    vocabulary: Mapping[str, Sequence[str]] = field(default_factory=dict)
    said: dict[str, dict[str, Said]] = field(default_factory=dict)
    unreadable: set[Statement] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    incomplete: bool = False
    occurrences: list[Occurrence] | None = None
    _lengths: dict[str, dict[int, list[str]]] = field(default_factory=dict)

    def complain(
        self,
        rule: str,
        message: str,
        span: Span,
        subject: Subject | None = None,
        *,
        label: str = "",
        help: str = "",
        evidence: tuple[Evidence, ...] = (),
    ) -> None:
        """Note a finding of the reader."""
        self.findings.add(
            misread(rule, message, span, subject=subject, label=label, help=help, evidence=evidence)
        )

    def flaw(self, flaw: Flaw, statement: Statement, args: Args, subject: Subject | None) -> None:
        """Note what is wrong with a literal."""
        span, help = statement.places(args), flaw.help
        if flaw.atom is not None:
            span = statement.place(flaw.atom)
            if flaw.atom is not args[0] and flaw.atom.text in self.vocabulary:
                help = Mend(f"put `;` or a new line before `{flaw.atom.text}`", "; ", "before")
        self.complain("invalid-value", flaw.message, span, subject, help=help)

    def broken(self, statement: Statement) -> bool:
        """Whether it is told already that the statement cannot be read: what it says is unknown."""
        return statement.broken or statement in self.unreadable

    def args(self, statement: Statement, subject: Subject | None) -> Args | None:
        """The words after the first; None, with a finding, when one is none of the language."""
        if self.broken(statement):
            return None
        atoms = words(statement.text)
        if _sound(statement.text, atoms):
            return atoms[1:]
        self.unreadable.add(statement)
        bad = next((atom for atom in atoms if atom.kind == "BAD"), None)
        if self._small(statement, atoms, subject) and bad is not None:
            self._bad(statement, bad, subject)
        return None

    def _small(self, statement: Statement, atoms: Args, subject: Subject | None) -> bool:
        for atom in atoms:
            if len(atom.text) > MAX_TOKEN:
                self.complain(
                    "too-large",
                    f"this {'text' if atom.kind == 'STRING' else 'word'} has more than 64 KiB",
                    statement.place(atom)._replace(end=statement.start + atom.at + 1),
                    subject,
                )
                return False
        return True

    def _bad(self, statement: Statement, atom: Atom, subject: Subject | None) -> None:
        span = statement.place(atom)
        rule, message, help = _explain(atom.text)
        self.complain(rule, message, span, subject, help=help)

    # --- names ---

    def seen(self, kind: str, id: str, span: Span, role: str) -> None:
        """Remember that an element is named there, if somebody asks."""
        if self.occurrences is not None:
            self.occurrences.append(Occurrence(kind, id, span, role))

    def note(self, kind: str, id: str, statement: Statement, atom: Atom) -> None:
        """Remember that a statement names an element; with a step in full it names its stream."""
        if self.occurrences is None:
            return
        span = statement.place(atom)
        stream, dot, _ = atom.text.partition(".")
        if dot:
            at = span.start + len(stream)
            self.seen("stream", stream, span._replace(end=at), statement.word)
            span = span._replace(start=at + 1)
        self.seen(kind, id, span, statement.word)

    def together(self, statement: Statement, atoms: Args) -> None:
        """Remember the elements of a pair or a cycle: teams, or else components."""
        for kind in ("team", "component"):
            if all(atom.text in self.names[kind] for atom in atoms):
                for atom in atoms:
                    self.note(kind, atom.text, statement, atom)
                return

    def one(
        self, kinds: Sequence[str], statement: Statement, atoms: Args, subject: Subject | None
    ) -> Ref | Unwritten:
        """The element that `[KIND] ID` names; UNKNOWN, with a finding, when it names none."""
        if len(atoms) == 2 and atoms[0].text in kinds:
            kinds, atoms = (atoms[0].text,), atoms[1:]
        atom = atoms[0]
        if len(kinds) == 1 and len(atoms) == 1:
            entry = self.names[kinds[0]].get(atom.text)
            if entry is not None:
                self.note(entry.kind, entry.id, statement, atom)
                return Ref(entry.kind, entry.id)
        if len(atoms) > 1 or atom.kind != "NAME":
            self.complain(
                "invalid-value",
                f"`{statement.places(atoms).text[:60]}` is not the id of a {either(kinds)}",
                statement.places(atoms),
                subject,
                help=_unquoted(atom)
                if atom.kind == "STRING"
                else f"write the id of one {either(kinds)}",
            )
            return UNKNOWN
        if atom.text == "unknown":
            return UNKNOWN
        fitting = [kind for kind in kinds if atom.text in self.names[kind]]
        if len(fitting) == 1:
            self.note(fitting[0], atom.text, statement, atom)
            return Ref(fitting[0], atom.text)
        if fitting:
            self._ambiguous(fitting, statement, atom, subject)
        else:
            self.unresolved(kinds, statement, atom, subject)
        return UNKNOWN

    def unresolved(
        self, kinds: Sequence[str], statement: Statement, atom: Atom, subject: Subject | None
    ) -> None:
        """Note a reference to something that no file defines, unless its definition is broken."""
        name = atom.text
        if name in self.lost or self.findings.full(statement.source):
            if name not in self.lost:
                self.complain("unresolved-reference", "", statement.place(atom), subject)
            return
        help = self._meant(kinds, name)
        if self.incomplete and not help:
            return
        self.complain(
            "unresolved-reference",
            f"no {either(kinds)} is called `{name}`",
            statement.place(atom),
            subject,
            label="defined nowhere",
            help=help or f"define {either(kinds)} `{name}`, or write `unknown`",
        )

    def unresolved_step(
        self,
        stream: str,
        statement: Statement,
        atom: Atom,
        subject: Subject | None,
    ) -> None:
        """Note a reference to a step that the stream does not have."""
        full = self.findings.full(statement.source)
        steps = [] if full else [step.local for step in self.steps.get(stream, ())]
        near = self.near(f"step of {stream}", atom.text, steps)
        self.complain(
            "unresolved-reference",
            f"stream `{stream}` has no step `{atom.text}`",
            statement.place(atom),
            subject,
            label="defined nowhere",
            help=meant(near) or f"its steps are {', '.join(steps[:20])}",
        )

    def _meant(self, kinds: Sequence[str], name: str) -> str:
        for kind in kinds:
            near = self.near(kind, name, self.names[kind])
            if near:
                return meant(near)
        for kind, entries in self.names.items():
            if name in entries:
                return f"`{name}` is a {kind}, not a {either(kinds)}"
        for kind in self.names:
            near = self.near(kind, name, self.names[kind])
            if near:
                return f"did you mean the {kind} `{near}`? a {either(kinds)} is needed here"
        return ""

    def near(self, kind: str, name: str, ids: Iterable[str]) -> str | None:
        """The id, of those of a kind, that is nearest to a name, among those of like length."""
        lengths = self._lengths.get(kind)
        if lengths is None:
            lengths = self._lengths[kind] = {}
            for id in ids:
                lengths.setdefault(len(id), []).append(id)
        reach = max(1, len(name) // 3)
        sizes = sorted(
            (size for size in lengths if abs(size - len(name)) <= reach),
            key=lambda size: (abs(size - len(name)), size),
        )
        return nearest(name, islice(chain.from_iterable(lengths[size] for size in sizes), _NEAR))

    def provider_of(self, capability: Entry) -> tuple[str | None, Span]:
        """The team that a capability is said to be provided by, and where; None when it is open."""
        for block in capability.blocks:
            for statement in block:
                if statement.word == "provided-by" and not self.broken(statement):
                    atoms = words(statement.text)[1:]
                    if [atom.text for atom in atoms[:-1]] in ([], ["team"]) and atoms:
                        by = atoms[-1]
                        if by.text in self.names["team"]:
                            return by.text, statement.place(by)
        return None, capability.span

    def lose(self, statement: Statement, stream: str = "") -> None:
        """Remember the names in a statement that cannot be read: it may have defined them."""
        prefix = f"{stream}." if stream else ""
        self.lost.update(
            prefix + (atom.text if atom.kind == "NAME" else kebab(atom.text))
            for atom in words(statement.text)[:8]
            if atom.kind in ("NAME", "BAD")
        )

    def _ambiguous(
        self, kinds: Sequence[str], statement: Statement, atom: Atom, subject: Subject | None
    ) -> None:
        self.complain(
            "invalid-value",
            f"`{atom.text}` may be the {' or the '.join(kinds)} of that name",
            statement.place(atom),
            subject,
            help="write " + " or ".join(f"`{kind} {atom.text}`" for kind in kinds),
            evidence=tuple(
                Evidence(
                    f"the {kind} `{atom.text}` is defined here", self.names[kind][atom.text].span
                )
                for kind in kinds
            ),
        )

    def twice(self, what: str, statement_span: Span, first: Span, subject: Subject | None) -> None:
        """Note that something is said twice, naming both places."""
        self.complain(
            "duplicate-definition",
            f"{what}, first at {first}",
            statement_span,
            subject,
            label="said again here",
            help="keep one of the two",
            evidence=(Evidence("first said here", first),),
        )


def _sound(text: str, atoms: Args) -> bool:
    """Whether all words of a statement are words of the language, and none is too long."""
    for atom in atoms:
        if atom.kind == "BAD":
            return False
    return len(text) <= MAX_TOKEN or all(len(atom.text) <= MAX_TOKEN for atom in atoms)


def either(kinds: Sequence[str]) -> str:
    """`team`, `team or stream`, `team, group or coordination`."""
    return kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} or {kinds[-1]}"


def kebab(text: str) -> str:
    """The id that is nearest to a text; "" when nothing of it can stay."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in text.lower())
    parts = [part for part in kept.split("-") if part]
    while parts and not parts[0][0].isalpha():
        parts.pop(0)
    return "-".join(parts)[:MAX_NAME]


def _explain(text: str) -> tuple[str, str, str]:
    """Rule, message and help for a word that is none of the language."""
    shown = text if len(text) <= 60 else text[:60] + "…"
    first = text[0]
    if first in "+-\u2212" and text[1:2].isdigit():
        return "invalid-value", f"`{shown}` has a sign", "numbers are written without a sign"
    if day := _padded(text):
        return "invalid-value", f"`{shown}` is not a date", Mend(f"write `{day}`", day)
    if first.isdigit() or (first == "." and text[1:2].isdigit()):
        return (
            "invalid-value",
            f"`{shown}` is not a number, duration, rate, percentage or date",
            "write `8`, `2.5`, `3d`, `2d..5d`, `75%`, `6/month` or `2025-03-31`",
        )
    if first in "'`\u2018\u2019\u201c\u201d\u00ab\u201e":
        return "syntax-error", f"`{shown}` is not a text", 'a text stands in straight quotes: "…"'
    if '"' in text:
        return "syntax-error", f"`{shown}` runs into a quote", "put a space before and after a text"
    if len(text) == 3 and text.isupper():
        return "invalid-value", f"`{shown}` is not an amount a time", "write `900 EUR/d`"
    help = meant(kebab(text)) or "remove it"
    return "syntax-error", f"`{shown}` is neither a name nor a value", help


def _padded(text: str) -> str:
    """The day that a date without leading zeros means; "" when it is none."""
    match = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", text)
    return f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}" if match else ""


def _unquoted(atom: Atom) -> str:
    """What to do with an id that stands in quotes."""
    help, id = "write its id without quotes", atom.string
    return Mend(help, id) if id and kebab(id) == id else help
