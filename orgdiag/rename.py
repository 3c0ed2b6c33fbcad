"""An element gets another id, wherever the files of a project name it.

In models every occurrence of the name is edited, beside them gates and the baseline. The models are
then read again: each place must name what it named before, so nothing else may have the new id.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from orgdiag import baseline
from orgdiag.config import Gate
from orgdiag.edits import Proposal, Refused, change, propose
from orgdiag.files.together import Change, text_of
from orgdiag.finding import Finding, OrgdiagError, Problem, Severity, Subject
from orgdiag.model.elements import PLURALS
from orgdiag.parse import words
from orgdiag.report import Report
from orgdiag.text.edit import Edit, edited
from orgdiag.text.nearest import did_you_mean
from orgdiag.text.source import Span
from orgdiag.text.syntax import Statement
from orgdiag.workspace import Workspace

_KINDS: Final = tuple(kind for kind in PLURALS if kind != "interaction")
_TOGETHER: Final = frozenset({"pair", "cycle", "interaction"})
_SHOWN: Final = 5
_WORD: Final = re.compile(r"[a-z0-9-]++")


class Renaming(NamedTuple):
    """Which element gets which id; ids of steps are those in full.

    also    whether another kind of element that findings name beside it has the old id too
    """

    kind: str
    old: str
    new: str
    also: bool = False

    @property
    def word(self) -> str:
        """What stands where the element is named: a step is called without its stream."""
        return self.new.removeprefix(f"{self.stream}.") if self.stream else self.new

    @property
    def stream(self) -> str:
        """The stream of a step; "" for another element."""
        return self.old.rpartition(".")[0] if self.kind == "step" else ""

    def called(self, subject: Subject) -> Subject:
        """What is found or named, as it is called after the renaming.

        >>> team, stream = Renaming("team", "b", "x"), Renaming("stream", "s", "t")
        >>> named = [Subject("team", "b"), Subject("pair", "a with b"), Subject("stream", "b"),
        ...          Subject("need", "a needs data from b")]
        >>> [team.called(subject).id for subject in named]
        ['x', 'a with x', 'b', 'a needs data from x']
        >>> steps = [Subject("step", "s.a"), Subject("handoff", "s: a -> b")]
        >>> [stream.called(subject).id for subject in steps]
        ['t.a', 't: a -> b']
        """
        kind, id = subject
        if kind == self.kind:
            return Subject(kind, self.new) if id == self.old else subject
        if kind in _TOGETHER and self.kind in ("team", "component") and not self.also:
            members = [self.new if member == self.old else member for member in id.split(" with ")]
            return Subject(
                kind, " with ".join(members if kind == "interaction" else sorted(members))
            )
        if self.kind == "stream" and kind in ("step", "handoff"):
            mark = "." if kind == "step" else ": "
            stream, _, rest = id.partition(mark)
            return Subject(kind, f"{self.new}{mark}{rest}") if stream == self.old else subject
        if self.kind == "step" and kind == "handoff":
            return Subject(kind, self._handoff(id))
        if kind == "need" and self.kind in ("team", "capability"):
            return Subject(kind, self._need(id))
        return subject

    def _handoff(self, id: str) -> str:
        stream, _, ends = id.partition(": ")
        steps = [end if f"{stream}.{end}" != self.old else self.word for end in ends.split(" -> ")]
        return f"{stream}: {' -> '.join(steps)}"

    def _need(self, id: str) -> str:
        team, _, rest = id.partition(" needs ")
        what, _, provider = rest.rpartition(" from ")
        if self.kind == "capability":
            return f"{team} needs {self.new if what == self.old else what} from {provider}"
        team, provider = (self.new if end == self.old else end for end in (team, provider))
        return f"{team} needs {what} from {provider}"


def renamed(workspace: Workspace, kind: str, old: str, new: str) -> Proposal | Refused:
    """The project with another id for an element, or why it cannot have that.

    Args:
        workspace: the models of the project.
        kind: of the element.
        old: its id; of a step the one in full.
        new: the new id; of a step with its stream or without.

    Raises:
        OrgdiagError: there is no such element.
    """
    org = workspace.org
    _known(workspace, kind, old)
    also = any(org.find(other, old) for other in ("team", "component") if other != kind)
    it = Renaming(kind, old, new, also)
    if it.stream:
        it = it._replace(new=f"{it.stream}.{it.word}")
    problems = tuple(_in_the_way(workspace, it))
    if problems:
        return Refused(problems)
    places = [one.span for one in workspace.occurrences if (one.kind, one.id) == (kind, old)]
    proposal = propose(workspace, [Edit(span, it.word) for span in places])
    gates, configuration = _gates(workspace, it)
    if gates != workspace.settings.gates:
        after = proposal.after.copy(replace(workspace.settings, gates=gates))
        proposal = replace(proposal, after=after)
    beside = (*configuration, *_baseline(workspace, it))
    proposal = replace(proposal, changes=(*proposal.changes, *beside))
    problems = tuple(_names_otherwise(proposal, it))
    return Refused(problems) if problems else proposal


def said_otherwise(before: Report, after: Report) -> dict[str, int]:
    """How many findings of each rule more or fewer there are after a renaming; as a rule none."""
    count = Counter(finding.rule for finding in after.findings)
    count.subtract(finding.rule for finding in before.findings)
    return {rule: number for rule, number in sorted(count.items()) if number}


# --- refusals -------------------------------------------------------------------------------------


def _known(workspace: Workspace, kind: str, old: str) -> None:
    """Nothing, where there is such an element with an id of its own.

    Raises:
        OrgdiagError: there is none.
    """
    if kind == "interaction":
        raise OrgdiagError.of(
            "an interaction is called after its teams", help="rename one of the teams"
        )
    if kind not in _KINDS:
        help = did_you_mean(kind, _KINDS) or f"kinds: {', '.join(_KINDS)}"
        raise OrgdiagError.of(f"no kind `{kind}`", help=help)
    known = workspace.org.of_kind(kind)
    if old not in known:
        unread = [_problem(finding) for finding in _errors(workspace)[:_SHOWN]]
        missing = Problem(f"there is no {kind} `{old}`", None, did_you_mean(old, known))
        raise OrgdiagError([*unread, missing])


def _in_the_way(workspace: Workspace, it: Renaming) -> Iterator[Problem]:
    """Why the element cannot have the id, as far as that is plain before anything is edited."""
    hidden = tuple(_hidden(workspace, it))
    yield from hidden[:_SHOWN]
    if hidden:
        yield Problem(
            f"`{it.old}` may stand in what cannot be read", None, "mend these errors first"
        )
        return
    atoms = words(it.word)
    if [(atom.kind, atom.text) for atom in atoms] != [("NAME", it.word)] or "." in it.word:
        yield Problem(f"`{it.word}` is no id", None, "an id is a word such as `payments-core`")
    elif it.new == it.old:
        yield Problem(f"the {it.kind} is called `{it.old}` already")
    elif (taken := workspace.org.find(it.kind, it.new)) is not None:
        yield Problem(f"there is a {it.kind} `{it.new}` already", taken.span)


def _hidden(workspace: Workspace, it: Renaming) -> Iterator[Problem]:
    """What cannot be read and may name the element: whole files, and statements with its name."""
    errors = _errors(workspace)
    if not errors:
        return
    texts = {parsed.source.path: parsed for parsed in workspace.texts.parsed}
    places = {(one.span.path, one.span.start) for one in workspace.occurrences}
    name = it.old.rpartition(".")[2]
    for finding in errors:
        parsed = texts.get(finding.span.path)
        around = _around(finding.span, parsed.statements) if parsed else None
        if around is None or any(
            match[0] == name and (around.path, around.start + match.start()) not in places
            for match in _WORD.finditer(around.text)
        ):
            yield _problem(finding)


def _around(span: Span, statements: Sequence[Statement]) -> Span:
    """The innermost statement in which a place lies, with its block; else the place itself."""
    around, at = span, span.start
    while found := next((s for s in statements if s.start <= at < max(s.end, s.head_end)), None):
        around = span._replace(start=found.start, end=max(found.end, found.head_end, span.end))
        statements = found.body or ()
    return around


def _names_otherwise(proposal: Proposal, it: Renaming) -> Iterator[Problem]:
    """What the reader finds after it only, and the first place that names something else."""
    left = Counter(finding.rule for finding in _errors(proposal.before))
    for finding in _errors(proposal.after):
        left[finding.rule] -= 1
        if left[finding.rule] < 0:
            yield _problem(finding)
    before, after = proposal.before.occurrences, proposal.after.occurrences
    for one, other in zip(before, after, strict=False):
        wanted = it.called(Subject(one.kind, one.id))
        if (wanted.kind, wanted.id, one.role) != (other.kind, other.id, other.role):
            yield Problem(
                f"`{other.span.text}` would name the {other.kind} `{other.id}` here", other.span
            )
            return
    if len(before) != len(after):
        yield Problem(f"with `{it.new}` for `{it.old}` some places would name something else")


def _problem(finding: Finding) -> Problem:
    """A finding as what is in the way; a file that cannot be read has no place in it."""
    span = finding.span if finding.span.source.text else None
    return Problem(finding.message, span, finding.help)


def _errors(workspace: Workspace) -> list[Finding]:
    return [f for f in workspace.model.findings if f.severity is Severity.ERROR]


# --- beside the models ----------------------------------------------------------------------------


def _gates(workspace: Workspace, it: Renaming) -> tuple[tuple[Gate, ...], tuple[Change, ...]]:
    """The gates after it, and the change of the configuration in which some name the element.

    Raises:
        OrgdiagError: a gate is written in a way that is not edited.
    """
    settings, edits, gates = workspace.settings, list[Edit](), list[Gate]()
    for gate in settings.gates:
        kind, _, rest = gate.target.partition(".")
        id, _, metric = rest.rpartition(".")
        target = f"{kind}.{it.called(Subject(kind, id)).id}.{metric}" if id else gate.target
        gates.append(gate._replace(target=target))
        span = gate.condition.span
        if target != gate.target and span is not None:
            if gate.target not in span.text:
                raise OrgdiagError.of(f"the gate {gate.target} names it", span, "edit it by hand")
            edits.append(Edit(span, span.text.replace(gate.target, target)))
    if not edits or settings.file is None:
        return tuple(gates), ()
    source = edits[0].span.source
    made = change(settings.root, settings.file, source.text, edited(source, edits))
    return tuple(gates), (made,)


def _baseline(workspace: Workspace, it: Renaming) -> tuple[Change, ...]:
    """The change of the baseline, whose entries speak of elements by their ids.

    Raises:
        OrgdiagError: the baseline cannot be read.
    """
    settings = workspace.settings
    if not baseline.read(settings.baseline, settings.root):
        return ()
    inside = settings.baseline.absolute().relative_to(settings.root)
    before = text_of(settings.root, inside.as_posix())
    after = baseline.renamed(before, it.called)
    return (change(settings.root, inside, before, after),) if after != before else ()
