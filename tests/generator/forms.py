"""Statements with a syntax of their own, one writer a statement.

All others are written as the schema has them, and operations of a change as their verbs tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from orgdiag.model.elements import ELEMENTS
from orgdiag.model.parts import TeamApi
from orgdiag.model.schema import schema
from orgdiag.model.vocabularies import (
    CLOCKS,
    NEED_KINDS,
    OBSERVATION_WAYS,
    ORIGINS,
    SELF_SERVING,
    WAIT_REASONS,
)
from orgdiag.resolve.elements import table
from orgdiag.rule import load_rules
from orgdiag.whatif.operations import verbs
from orgdiag.whatif.operations.set_owner import OWNED
from orgdiag.whatif.verb import Verb
from orgdiag.whatif.words import change_words

from . import values
from .author import SLIPS, Author, Of, Phrase

Form = Callable[[Author, Of], Phrase]

# --- what any element may carry -------------------------------------------------------------------


def tag(author: Author, _: Of) -> Phrase:
    return Phrase(f"tag {', '.join(author.some(values.WORDS))}")


def link(author: Author, _: Of) -> Phrase:
    return Phrase(f"link {author.pick(values.WORDS)} {author.text()}")


def note(author: Author, _: Of) -> Phrase:
    return Phrase(f"note {author.text()}")


def private(author: Author, _: Of) -> Phrase:
    kept = author.pick(["", " some 5d", ' "of it", ÄÖ -> 7..3 %'])
    return Phrase(f"x-kept{kept}")


def accept(author: Author, _: Of) -> Phrase:
    """`accept RULE until DATE because "…"`, a part left out at times."""
    return Phrase(" ".join(["accept", *_acceptance(author, "")]))


def accept_of(author: Author) -> Iterator[Phrase]:
    """`accept RULE for …`, beside all elements."""
    every = values.references(values.named(author.ids, author.ids))
    about = author.pick(["organisation o", "a with c", "pair a-and-c", "cycle a", *every])
    yield Phrase(" ".join(["accept", *_acceptance(author, about)]))


def _acceptance(author: Author, who: str) -> Iterator[str]:
    if author.tenths(9):
        yield author.pick(rule_names())
    if who:
        yield f"for {who}"
    if author.tenths(9):
        yield f"until {author.pick(values.LITERALS['date'])}"
    if author.tenths(9):
        yield f"because {author.text()}"


@cache
def rule_names() -> tuple[str, ...]:
    """The names of the rules that ship, and one that no rule has."""
    return (*sorted(load_rules(()).rules), "no-such-rule")


def source(author: Author, _: Of) -> Phrase:
    how = author.pick([*ORIGINS, "unknown"])
    return Phrase(f"source {how}" + (f" {author.text()}" if how != "unknown" else ""))


# --- teams ----------------------------------------------------------------------------------------


def on_call(author: Author, _: Of) -> Phrase:
    team = author.id("team")
    ways = ["self", "none", "unknown", team, f"shared-with {team}", f"other {team}"]
    return Phrase(f"on-call {author.pick(ways)}")


def cognitive_load(author: Author, _: Of) -> Phrase:
    level = author.pick(["low", "ok", "high", "unknown"])
    said = f" {author.text()}" if author.tenths(5) else ""
    return Phrase(f"cognitive-load {level}{said}")


def members_shared_with(author: Author, _: Of) -> Phrase:
    return _shares(author, "members-shared-with", "team")


def _shares(author: Author, word: str, kind: str) -> Phrase:
    """A list of elements, each with a share perhaps."""
    if author.tenths(2):
        return Phrase(f"{word} {author.pick(['unknown', 'none'])}")
    items = [
        f"{id} {author.literal('share')}" if author.tenths(7) else id
        for id in author.some([author.id(kind), *author.ids.get(kind, ())])
    ]
    return Phrase(f"{word} {', '.join(items)}")


def api(author: Author, _: Of) -> Phrase:
    if author.tenths(1):
        return Phrase(f"api {author.pick(['unknown', 'none'])}")
    return Phrase(
        "api",
        tuple(
            Phrase(f"{word} {author.pick([author.text(), 'unknown'])}")
            for word in author.some(TeamApi._fields, most=len(TeamApi._fields))
        ),
    )


def role(author: Author, _: Of) -> Phrase:
    name = f" {author.text()}" if author.tenths(5) else ""
    teams = author.some([author.id("team"), *author.ids.get("team", ())])
    shared = f" shared-with {', '.join(teams)}" if author.tenths(5) else ""
    return Phrase(f"role {author.pick(values.WORDS)}{name}{shared}")


def needs(author: Author, of: Of) -> Phrase:
    """`needs KIND from TEAM { … }`; of a capability from the team that provides it."""
    if author.tenths(1):
        return Phrase(f"needs {author.pick(['unknown', 'none'])}")
    what = author.pick([*NEED_KINDS, "unknown", *author.ids.get("capability", ())])
    provider = author.id("team", but=of.id)
    if what in author.ids.get("capability", ()) and what not in NEED_KINDS and not author.slips():
        named = author.providers.get(what, provider)
        provider = named if named != of.id else "unknown"
        what = author.pick([what, f"capability {what}"])
    body = statements(author, Of("need"))
    return Phrase(f"needs {what} from {provider}", body if body or author.tenths(1) else None)


# --- streams and steps ----------------------------------------------------------------------------


def lead_time(author: Author, _: Of) -> Phrase:
    return Phrase(f"lead-time {author.pick(CLOCKS)} {author.literal('duration')}")


def target(author: Author, _: Of) -> Phrase:
    return Phrase(f"target {author.pick(CLOCKS)} {author.literal('duration')}")


def observed(author: Author, _: Of) -> Phrase:
    if author.tenths(1):
        return Phrase(f"observed {author.pick(['unknown', 'none'])}")
    parts = [author.literal("date")] if author.tenths(8) else []
    if author.tenths(8):
        parts.append(f"by {', '.join(author.some(OBSERVATION_WAYS))}")
    if author.tenths(5):
        parts.append(f"with {', '.join(author.some(values.WORDS))}")
    return Phrase(" ".join(["observed", *(parts or ["unknown"])]))


def changes(author: Author, _: Of) -> Phrase:
    return _shares(author, "changes", "component")


def handoff(author: Author, of: Of) -> Phrase:
    ends = [_step(author, of, of.steps) for _ in range(2)]
    body = statements(author, Of("handoff"))
    return Phrase(f"handoff {' -> '.join(ends)}", body if body or author.tenths(1) else None)


def _step(author: Author, of: Of, steps: tuple[str, ...]) -> str:
    """A step of the same stream, by its own id or in full; or `unknown`."""
    if author.slips():
        return author.id("step")
    local = author.pick([*steps, "unknown"])
    stream = of.stream or of.id
    return f"{stream}.{local}" if local != "unknown" and author.tenths(2) else local


def after(author: Author, of: Of) -> Phrase:
    if not of.steps or author.tenths(2):
        return Phrase(f"after {author.pick(['none', 'unknown'])}")
    steps = author.some([_step(author, of, of.steps) for _ in range(author.pick([1, 2, 3]))])
    return Phrase(f"after {', '.join(steps)}")


def wait(author: Author, _: Of) -> Phrase:
    if author.tenths(1):
        return Phrase(f"wait {author.pick(['unknown', 'none'])}")
    reasons = author.some(WAIT_REASONS)
    return Phrase(
        "wait",
        tuple(
            Phrase(f"{reason} {author.pick([author.literal('duration'), 'none'])}")
            for reason in reasons
        ),
    )


def rework(author: Author, of: Of) -> Phrase:
    if not of.steps or author.tenths(1):
        return Phrase(f"rework {author.pick(['none', 'unknown'])}")
    return Phrase(f"rework {author.literal('share')} to {_step(author, of, of.steps)}")


def no(word: str) -> Form:
    """A word that says no to a flag."""

    def write(author: Author, _: Of) -> Phrase:
        return Phrase(f"{word} {author.pick(['', 'yes', 'no', 'unknown'])}".rstrip())

    return write


# --- owners that change, and deployment -----------------------------------------------------------


def later_owner(author: Author, of: Of) -> Phrase:
    """`owner ID from DATE`."""
    kinds = schema(of.kind)["owner"].type.kinds
    who = author.pick((*values.references(values.named(kinds, author.ids)), "unknown"))
    return Phrase(f"owner {who} from {author.pick(values.LITERALS['date'])}")


def deploy(author: Author, _: Of) -> Phrase:
    with_, train = author.id("component"), author.id("coordination")
    ways = ["independent", "unknown", f"with {with_}", f"train {train}"]
    return Phrase(f"deploy {author.pick(ways)}")


# --- the operations of a change -------------------------------------------------------------------


def operation(word: str) -> Form:
    """A statement of one of the verbs that begin with the word."""
    writers = [
        _VERBS.get(name) or _as_told(verb) for name, verb in verbs().items() if verb.word == word
    ]

    def write(author: Author, of: Of) -> Phrase:
        return author.pick(writers)(author, of)

    return write


def _as_told(verb: Verb[Any]) -> Form:
    """The writer of a verb, made of the form that the reference tells."""
    form, _, block = verb.form.partition(" { ")
    durations = re.findall(r"([a-z-]+) …", block)

    def write(author: Author, _: Of) -> Phrase:
        said = [verb.word, *(_said(author, part) for part in form.split())]
        return Phrase(" ".join(said), _times(author, durations))

    return write


def _said(author: Author, part: str) -> str:
    """What stands for a part of a form: a value where it is in capitals."""
    name, comma = part.removesuffix(","), "," * part.endswith(",")
    base = name.rpartition(".")[2].lower()
    if not name.isupper():
        return part
    if name == "WORD":
        return author.pick(values.WORDS) + comma
    if base in author.ids:
        return author.id(base) + comma
    return author.literal(base).removeprefix("every ") + comma


def _times(author: Author, words: list[str]) -> tuple[Phrase, ...] | None:
    """Some of the durations in the block of an operation."""
    chosen = author.some(words) if words and author.tenths(7) else []
    said = tuple(
        Phrase(f"{word} {author.pick([author.literal('duration'), 'none'])}") for word in chosen
    )
    return said or None


def make(author: Author, _: Of) -> Phrase:
    capability, mode = author.id("capability"), author.pick(sorted(SELF_SERVING))
    return Phrase(f"make capability {capability} {mode}", _times(author, ["wait"]))


def merge(author: Author, _: Of) -> Phrase:
    teams = ", ".join(author.id("team") for _ in range(author.pick([2, 3])))
    return Phrase(f"merge {teams} into {author.pick([author.id('team'), 'both'])}")


def split(author: Author, _: Of) -> Phrase:
    into = author.some([author.id("team"), "run", "build", "half"])
    return Phrase(
        f"split {author.id('team')} into {', '.join(into if len(into) > 1 else ['run', 'x'])}"
    )


def new_owner(author: Author, _: Of) -> Phrase:
    what = author.pick((*values.references(values.named(OWNED, author.ids)), "unknown"))
    return Phrase(f"owner of {what} becomes {author.id('team')}")


# Verbs of which more can be said than their forms tell.
_VERBS: Final[Mapping[str, Form]] = {
    "make-self-service": make, "merge-teams": merge, "set-owner": new_owner, "split-team": split,
}  # fmt: skip


# --- all of them ----------------------------------------------------------------------------------

_EVERY: Final[Mapping[str, Form]] = {
    "accept": accept, "link": link, "note": note, "tag": tag, "x-…": private,
}  # fmt: skip
# A word with a kind before it is written so in that kind only.
FORMS: Final[Mapping[str, Form]] = {
    **_EVERY, "source": source,
    "on-call": on_call, "cognitive-load": cognitive_load, "api": api, "role": role, "needs": needs,
    "members-shared-with": members_shared_with,
    "lead-time": lead_time, "target": target, "observed": observed, "changes": changes,
    "handoff": handoff, "owner … from": later_owner,
    "after": after, "step wait": wait, "step rework": rework, "manual": no("manual"),
    "occasional": no("occasional"), "deploy": deploy,
}  # fmt: skip
KINDS: Final = tuple(ELEMENTS)
_PLANNED: Final = frozenset(verb.word for verb in verbs().values())
# What may be said more than once, beside lists and the operations of a change.
_AGAIN: Final = frozenset(
    {*_EVERY, "needs", "role", "members-shared-with", "lead-time", "target", "changes", "handoff",
     "owner … from", "step wait", "step rework"}
)  # fmt: skip
# Words of which one says what the other denies.
_OPPOSED: Final = frozenset({("automated", "manual"), ("routine", "occasional")})


@cache
def words_of(kind: str) -> tuple[str, ...]:
    """The statements that an element of a kind may hold, but its steps, which are elements."""
    if kind == "org":
        return tuple(_EVERY)
    also = ["occasional"] * (kind == "need") + ["owner … from"] * ("successors" in schema(kind))
    return tuple(
        dict.fromkeys(
            word for word in (*table(kind, change_words()), *also, "x-…") if word != "step"
        )
    )


@cache
def writer(kind: str, word: str) -> Form:
    """Who writes a statement: its form, or else the type of the property.

    Raises:
        KeyError: the statement has a syntax of its own, and nobody here knows it.
    """
    if kind == "change" and word in _PLANNED:
        return operation(word)
    form = FORMS.get(f"{kind} {word}") or FORMS.get(word)
    if form is not None:
        return form
    prop = schema(kind).get(word)
    if prop is None or prop.type.base == "form":
        raise KeyError(f"tests/generator/forms.py lacks a form for `{word}` of a {kind}")
    plausible = _plausible(kind, word)

    def write(author: Author, _: Of) -> Phrase:
        if plausible and author.tenths(7):
            return Phrase(f"{word} {author.pick(plausible)}")
        return Phrase(f"{word} {author.value(prop)}".rstrip())

    return write


def _plausible(kind: str, word: str) -> values.Texts:
    """Times that do not contradict each other, for most of the steps."""
    return {"process": values.WORK, "lead": values.AROUND}.get(word, ()) if kind == "step" else ()


@cache
def _may_come_again(kind: str, word: str) -> bool:
    if word in _AGAIN or f"{kind} {word}" in _AGAIN or (kind == "change" and word in _PLANNED):
        return True
    prop = schema(kind).get(word)
    return prop is not None and prop.type.many and word != "after"


def statements(author: Author, of: Of) -> tuple[Phrase, ...]:
    """What is written about an element."""
    left = list(words_of(of.kind))
    said: dict[str, list[Phrase]] = {}
    for _ in range(min(author.below(author.most + 1), len(left))):
        word = author.pick(left)
        if not _may_come_again(of.kind, word) or word in said:
            left.remove(word)
        said.setdefault(word, []).append(writer(of.kind, word)(author, of))
    found = [
        phrase
        for phrases in said.values()
        for phrase in (phrases if author.slips() else _once(phrases))
    ]
    kept = [phrase for phrase in found if not _denied(found, phrase) or author.slips()]
    return tuple(slip for phrase in kept for slip in _slipped(author, phrase))


def _once(said: list[Phrase]) -> list[Phrase]:
    """Statements of one word of which none forbids another."""
    if any(phrase.rest in ("none", "unknown") for phrase in said):
        return said[:1]
    if said[0].word in ("lead-time", "target"):  # each clock once
        return list({phrase.words.split()[1]: phrase for phrase in said}.values())
    return list({phrase.words: phrase for phrase in said}.values())


def _denied(found: list[Phrase], phrase: Phrase) -> bool:
    """Whether another statement says or denies the same."""
    words = {other.word for other in found}
    return any(phrase.word == no and yes in words for yes, no in _OPPOSED)


def _slipped(author: Author, phrase: Phrase) -> tuple[Phrase, ...]:
    """The statement, or what a careless author makes of it."""
    if not author.slips():
        return (phrase,)
    other = author.pick(words_of(author.pick(KINDS)))
    return author.pick(
        [
            (phrase, phrase),
            (Phrase(phrase.word),),
            (Phrase(f"{phrase.words} {author.pick(SLIPS)}", phrase.body),),
            (Phrase(phrase.words, (Phrase(other), phrase)),),
            (Phrase(f"{other} {phrase.rest}", phrase.body),),
        ]
    )
