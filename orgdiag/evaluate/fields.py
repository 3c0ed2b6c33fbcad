"""Fields of elements, and all elements of a kind, as closures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any

from orgdiag.evaluate import values
from orgdiag.evaluate.frame import Frame
from orgdiag.evaluate.run import Code, Env
from orgdiag.evaluate.values import MAYBE, NO
from orgdiag.model import PLURALS, Field
from orgdiag.quantity import NONE, Members, Unknown
from orgdiag.rule.typed import AMOUNTS, Expr


class Fields(Frame):
    """Compiles what is read from the facts."""

    def _all(self, expr: Expr) -> Code:
        kind = expr.args[0]
        whole = self.whole(kind)

        def every(env: Env) -> Members:
            memo = env[0].memo
            key = ("all", kind)
            if key not in memo:
                memo[key] = whole(env)
            found: Members = memo[key]
            return found

        return every

    def whole(self, kind: str) -> Code:
        """How all elements of a kind are found: those of a derived kind through their home."""
        if kind == "organisation":
            return lambda env: Members((env[0].facts.org,))
        if kind in PLURALS:
            return lambda env: Members(tuple(env[0].facts.org.of_kind(kind).values()))
        homes = [
            (owner, field)
            for owner in ("organisation", *PLURALS)
            for name in self.catalogue.names(owner)
            if (field := self.catalogue.find(owner, name)) is not None
            and field.type.many and field.type.kinds == (kind,) and name in _plurals(kind)
        ]  # fmt: skip
        if not homes:
            return lambda env: Members()
        owner, field = homes[0]
        owners, read = self.whole(owner), field.read

        def gathered(env: Env) -> Members:
            facts, base = env[0].facts, owners(env)
            return values.joined(((read(facts, x), True) for x in base.certain), base, merged=True)

        return gathered

    def reader(self, kinds: Sequence[str], name: str) -> Callable[[Any, Any], Any]:
        """How a field of an element of one of the kinds is read."""
        found: dict[str, Field] = {}
        for kind in kinds:
            field = self.catalogue.find(kind, name)
            if field is not None:
                found[kind.partition(":")[0]] = field
        if len(found) == len(kinds) == 1:
            return next(iter(found.values())).read
        many = any(field.type.many for field in found.values())

        def read(facts: Any, element: Any) -> Any:
            field = found.get(element.kind)
            if field is None:
                return Members() if many else NONE
            return field.read(facts, element)

        return read

    def _field(self, expr: Expr) -> Code:
        base = expr.expr(0)
        start, read = self.code(base), self.reader(base.type.kinds, expr.args[1])
        flag, otherwise = expr.type.base == "flag" and not expr.type.many, lost(expr)
        if base.op == "var":
            slot = base.args[0]
            if flag:
                return lambda env: values.truth(read(env[0].facts, env[slot]))
            return lambda env: read(env[0].facts, env[slot])

        def value(env: Env) -> Any:
            element = start(env)
            if isinstance(element, Unknown) or element is NONE:
                return otherwise(element)
            found = read(env[0].facts, element)
            return values.truth(found) if flag else found

        return value

    def _path(self, expr: Expr) -> Code:
        base = expr.expr(0)
        start, read = self.code(base), self.reader(base.type.kinds, expr.args[1])
        merged = expr.type.base in {"reference", "word"}

        def value(env: Env) -> Members:
            members: Members = start(env)
            run = env[0]
            run.spend(len(members.certain) + len(members.possible))
            facts = run.facts
            return values.joined(
                chain(
                    ((read(facts, x), True) for x in members.certain),
                    ((read(facts, x), False) for x in members.possible),
                ),
                members,
                merged,
            )

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
        return values.single
    if type.base == "flag":
        return lambda value: MAYBE if isinstance(value, Unknown) else NO
    if type.base in AMOUNTS:
        return lambda value: (
            values.unknown_amount(value.missing) if isinstance(value, Unknown) else NONE
        )
    return lambda value: value
