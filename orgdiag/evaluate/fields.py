"""Fields of elements, and all elements of a kind, as closures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from orgdiag.evaluate.frame import Frame
from orgdiag.evaluate.run import Code, Env
from orgdiag.facts.columns import of_each
from orgdiag.model.elements import PLURALS
from orgdiag.partial import amounts
from orgdiag.partial.certainty import MAYBE, NO, certainty
from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.sets import joined, single
from orgdiag.partial.unknown import NONE, Unknown
from orgdiag.rule.typed import AMOUNTS, Expr


class Fields(Frame):
    """Compiles what is read from the facts."""

    def _all(self, expr: Expr) -> Code:
        kind = expr.args[0]
        memo, key = self.run.memo, ("all", kind)

        def every(_: Env) -> Members:
            if key not in memo:
                memo[key] = self.whole(kind)
            found: Members = memo[key]
            return found

        return every

    def whole(self, kind: str) -> Members:
        """All elements of a kind: those of a derived kind through their home."""
        org = self.facts.org
        if kind == "organisation":
            return Members((org,))
        if kind in PLURALS:
            return Members(tuple(org.of_kind(kind).values()))
        homes = [
            (owner, field)
            for owner in ("organisation", *PLURALS)
            for name in self.catalogue.names(owner)
            if (field := self.catalogue.find(owner, name)) is not None
            and field.type.many and field.type.kinds == (kind,) and name in _plurals(kind)
        ]  # fmt: skip
        if not homes:
            return NOBODY
        owner, field = homes[0]
        owners = self.whole(owner)
        return joined(list(map(of_each(self.facts, field.read), owners.certain)), owners)

    def reader(self, kinds: Sequence[str], name: str) -> Callable[[Any], Any]:
        """How a field of an element of one of the kinds is read."""
        found = {kind: field for kind in kinds if (field := self.catalogue.find(kind, name))}
        if len(found) == len(kinds) == 1:
            return of_each(self.facts, found[kinds[0]].read)
        reads = {kind.partition(":")[0]: of_each(self.facts, f.read) for kind, f in found.items()}
        lost = NOBODY if any(field.type.many for field in found.values()) else NONE

        def read(element: Any) -> Any:
            of_kind = reads.get(element.kind)
            return lost if of_kind is None else of_kind(element)

        return read

    def _field(self, expr: Expr) -> Code:
        base = expr.expr(0)
        read = self.reader(base.type.kinds, expr.args[1])
        flag, otherwise = expr.type.base == "flag" and not expr.type.many, lost(expr)
        if base.op == "var":
            slot = base.args[0]
            if flag:
                return lambda env: certainty(read(env[slot]))
            return lambda env: read(env[slot])
        start = self.code(base)

        def value(env: Env) -> Any:
            element = start(env)
            if element.__class__ is Unknown or element is NONE:
                return otherwise(element)
            found = read(element)
            return certainty(found) if flag else found

        return value

    def _path(self, expr: Expr) -> Code:
        base, run = expr.expr(0), self.run
        start, read = self.code(base), self.reader(base.type.kinds, expr.args[1])
        merged = expr.type.base in {"reference", "word"}

        def value(env: Env) -> Members:
            members: Members = start(env)
            certain, possible = members.certain, members.possible
            run.spend(len(certain) + len(possible))
            found = [read(element) for element in certain]
            if possible:
                found += [read(element) for element in possible]
            return joined(found, members, merged, len(certain))

        return value


@cache
def _plurals(kind: str) -> tuple[str, ...]:
    """How a relation to elements of a kind may be called."""
    if kind.endswith("y"):
        return (kind[:-1] + "ies", kind + "s")
    return (kind + "s", kind + "es", kind)


def lost(expr: Expr) -> Callable[[Any], Any]:
    """What a field of an unknown element, or of nobody, is."""
    type = expr.type
    if type.many:
        return single
    if type.base == "flag":
        return lambda value: MAYBE if isinstance(value, Unknown) else NO
    if type.base in AMOUNTS:
        return lambda value: amounts.unknown(value.missing) if isinstance(value, Unknown) else NONE
    return lambda value: value
