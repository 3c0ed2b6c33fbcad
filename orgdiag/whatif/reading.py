"""A statement of a planned change while it is read."""

from __future__ import annotations

from typing import Any, NamedTuple

from orgdiag.model.types import Amount, Ref
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import UNKNOWN, Unwritten
from orgdiag.resolve import forms, properties
from orgdiag.resolve.reading import Args, Census, Draft
from orgdiag.text.source import Span
from orgdiag.text.syntax import Atom, Statement


class Sentence(NamedTuple):
    """A statement, the change that it stands in, and the census that hears what is wrong."""

    census: Census
    change: Draft
    statement: Statement

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.statement.span

    def words(self) -> Args | None:
        """The words after the first; None, with a finding, when one is none of the language."""
        return self.census.args(self.statement, self.change.subject)

    def like(self, form: str, example: str) -> Args | None:
        """The words, if they have the form, in which `_` is any word; None, with a finding, if not.

        The example says how it is written.
        """
        args, wanted = self.words(), form.split()
        if args is None:
            return None
        if len(args) == len(wanted) and all(
            word in ("_", atom.text) for word, atom in zip(wanted, args, strict=True)
        ):
            return args
        self.malformed(example)
        return None

    def sides(self, example: str) -> tuple[Args, Args] | None:
        """The words before and after `into`; None, with a finding, when it joins nothing."""
        args = self.words()
        if args is None:
            return None
        for at in range(1, len(args) - 1):
            # An item of a list may be called so too.
            if args[at].text == "into" and "COMMA" not in (args[at - 1].kind, args[at + 1].kind):
                return args[:at], args[at + 1 :]
        self.malformed(example)
        return None

    def items(self, args: Args) -> list[Atom]:
        """The last word of each item of a list."""
        return [item[-1] for item in properties.parts(*self, args)]

    def one(self, kind: str, atom: Atom) -> str | None:
        """The id of the element of the kind that the word names; None, with a finding, if none."""
        found = self.element((kind,), (atom,))
        return None if found is None else found.id

    def element(self, kinds: tuple[str, ...], args: Args) -> Ref | None:
        """The element that `[KIND] ID` names; None, with a finding, when it names none."""
        found = self.census.one(kinds, self.statement, args, self.change.subject)
        return None if isinstance(found, Unwritten) else found

    def amount(self, base: str, atom: Atom) -> Quantity | None:
        """The quantity that the word says; None when it says `unknown`, or with a finding."""
        found = properties.amount(*self, (atom,), base)
        return None if isinstance(found, Unwritten) else found

    def times(self, *legal: str) -> dict[str, Amount]:
        """The durations in the block, which may hold these words."""
        times: dict[str, Amount] = dict.fromkeys(legal)
        places: dict[str, Span] = {}
        for inner in self.statement.body or ():
            if inner.word not in legal:
                where = f"`{self.statement.word}`"
                forms.unknown_statement(self.census, self.change, inner, legal, where)
                continue
            said = Sentence(self.census, self.change, inner)
            args = said.words()
            said.no_block()
            if inner.word in places:
                what, first = f"`{inner.word}` is set twice", places[inner.word]
                self.census.twice(what, inner.span, first, self.change.subject)
                continue
            places[inner.word] = inner.span
            times[inner.word] = UNKNOWN if args is None else said._time(args)
        return times

    def _time(self, args: Args) -> Amount:
        if len(args) == 1 and args[0].text == "none":
            return properties.NOTHING
        return properties.amount(*self, args, "duration")

    def no_block(self) -> None:
        """Notes a block, where none belongs."""
        properties.no_block(*self)

    def malformed(self, example: str) -> None:
        """Notes that it is written in another form than the example."""
        forms.malformed(*self, example)

    def keep(self, operation: Any) -> None:
        """Makes the operation one of the change."""
        properties.add(*self, "operations", "operations", [operation], self.span)
