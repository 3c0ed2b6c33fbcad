"""Quantifiers, comprehensions and aggregates as closures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orgdiag.evaluate import values
from orgdiag.evaluate.frame import Frame
from orgdiag.evaluate.index import Index, joins
from orgdiag.evaluate.run import Code, Env, Run
from orgdiag.evaluate.values import NO, SURE
from orgdiag.quantity import Members, Quantity, Unknown
from orgdiag.rule.typed import Expr


class Loops(Frame):
    """Compiles what ranges over the members of sets."""

    def _quantified(self, expr: Expr) -> Code:
        word, number, bind, where = expr.args
        slot, source = bind.args[0], self.code(bind.expr(2))
        wanted = self.code(number) if number is not None else None
        if where is None:

            def counted(env: Env) -> int:
                members: Members = source(env)
                low = len(members.certain)
                high = None if members.open else low + len(members.possible)
                return values.holds(word, low, high, wanted(env) if wanted else None)

            return counted
        condition = self.code(where)
        stops = word in {"some", "no"}
        narrowed = self._narrowed(bind, where)

        def quantified(env: Env) -> int:
            members: Members = source(env)
            if narrowed is not None:
                members = narrowed(env, members)
            env[0].spend(1 + len(members.certain) + len(members.possible))
            low = maybe = 0
            for element in members.certain:
                env[slot] = element
                verdict = condition(env)
                if verdict == SURE:
                    low += 1
                    if stops:
                        return SURE if word == "some" else NO
                elif verdict:
                    maybe += 1
            for element in members.possible:
                env[slot] = element
                if condition(env):
                    maybe += 1
            high = None if members.open else low + maybe
            return values.holds(word, low, high, wanted(env) if wanted else None)

        return quantified

    def _every(self, expr: Expr) -> Code:
        bind, where, holds = expr.args
        slot, source = bind.args[0], self.code(bind.expr(2))
        condition = self.code(holds)
        among = self.code(where) if where is not None else None

        def every(env: Env) -> int:
            members: Members = source(env)
            env[0].spend(len(members.certain) + len(members.possible))
            verdicts = []
            for sure, elements in ((True, members.certain), (False, members.possible)):
                for element in elements:
                    env[slot] = element
                    applies = SURE if among is None else among(env)
                    if applies:
                        verdicts.append((condition(env), sure and applies == SURE))
            return values.every(verdicts, members.open)

        return every

    def loop(self, each: Expr) -> Callable[[Env], Any]:
        """A generator over the ways to bind the names of an `each`.

        It yields whether the binding is certain, and the gaps of the sets it came from are kept in
        the list that is yielded beside.
        """
        key = id(each)
        if key not in self._loops:
            self._loops[key] = each, self._looped(each)
        return self._loops[key][1]

    def _looped(self, each: Expr) -> Callable[[Env], Any]:
        where, *binds = each.args
        steps = [(bind.args[0], self.code(bind.expr(2))) for bind in binds]
        condition = self.code(where) if where is not None else None
        last = len(steps) - 1
        narrowed = None if where is None else self._narrowed(binds[last], where)

        def bound(env: Env, at: int, sure: bool, lost: list[Any]) -> Any:
            slot, source = steps[at]
            members: Members = source(env)
            if at == last and narrowed is not None:
                members = narrowed(env, members)
            env[0].spend(1 + len(members.certain) + len(members.possible))
            if members.open or members.possible:
                lost.append(members)
            for certain, elements in ((sure, members.certain), (False, members.possible)):
                for element in elements:
                    env[slot] = element
                    if at < last:
                        yield from bound(env, at + 1, certain, lost)
                    elif condition is None:
                        yield certain
                    else:
                        verdict = condition(env)
                        if verdict == SURE:
                            yield certain
                        elif verdict:
                            if self.explain is not None:
                                lost.append(Unknown(self.explain(self, where, env)))
                            yield False

        return lambda env: _Ways(lambda lost: bound(env, 0, True, lost))

    def _narrowed(self, bind: Expr, where: Expr) -> Callable[[Env, Members], Members] | None:
        """How a set that is the same in many rounds is cut down by an index; None if by none."""
        slot, source = bind.args[0], bind.expr(2)
        needed = self.free(source)
        if needed and not self._stays(needed):
            return None
        found = joins(where, slot, self.free)
        if not found:
            return None
        sides = [(self.code(join.inner), self.code(join.outer), id(join.inner)) for join in found]

        def narrowed(env: Env, members: Members) -> Members:
            if not members.known:
                return members
            places: set[int] = set()
            for inner, outer, key in sides:
                index = self._index(env, members, slot, inner, key)
                some = index.places(outer(env))
                if some is None:
                    return members
                places.update(some)
                places.update(index.loose)
            every = members.certain
            return Members(tuple(every[place] for place in sorted(places)))

        return narrowed

    def _index(self, env: Env, members: Members, slot: int, inner: Code, key: int) -> Index:
        """The index of a set by an expression about its members, made once for each set."""
        run: Run = env[0]
        known = run.memo.get(("index", key, self.explain is None))
        if known is None or known[0] is not members.certain:
            run.spend(len(members.certain))

            def valued() -> Any:
                for element in members.certain:
                    env[slot] = element
                    yield inner(env)

            known = members.certain, Index(valued()), inner
            run.memo["index", key, self.explain is None] = known
        found: Index = known[1]
        return found

    def _collect(self, expr: Expr) -> Code:
        value, merged, each = expr.args
        compute, loop = self.code(value), self.loop(each)
        bound = each.args[1:]
        if len(bound) == 1 and value.op == "var" and value.args[0] == bound[0].args[0]:
            return self._chosen(bound[0], each.args[0], loop)

        def collect(env: Env) -> Members:
            ways = loop(env)
            parts = [(compute(env), sure) for sure in ways]
            return values.joined(parts, ways.base(), bool(merged))

        return collect

    def _chosen(self, bind: Expr, where: Expr | None, loop: Callable[[Env], Any]) -> Code:
        """Those members of one set for which a condition holds."""
        slot, source = bind.args[0], self.code(bind.expr(2))
        if where is None:
            return source

        def chosen(env: Env) -> Members:
            ways = loop(env)
            certain: list[Any] = []
            possible: list[Any] = []
            for sure in ways:
                (certain if sure else possible).append(env[slot])
            base = ways.base()
            missing = base.missing if possible or base.open else ()
            return Members(tuple(certain), tuple(possible), missing, base.open)

        return chosen

    def _call(self, expr: Expr) -> Code:
        name, *arguments = expr.args
        codes = self.codes(arguments)
        if name == "count":
            counted = codes[0]

            def count(env: Env) -> Quantity:
                members: Members = counted(env)
                return members.size

            return count
        if name == "certain":
            known = codes[0]
            return lambda env: Members(known(env).certain)
        if name == "percentile":
            share, members = codes
            return lambda env: values.percentile(share(env), members(env))
        aggregate = values.AGGREGATES[name]
        if len(codes) > 1:
            return lambda env: aggregate(
                values.joined(((code(env), True) for code in codes), Members(), False)
            )
        return lambda env: aggregate(codes[0](env))


class _Ways:
    """The ways to bind names, one after the other; afterwards `base` says what was left open."""

    __slots__ = ("_lost", "_start")

    def __init__(self, start: Callable[[list[Any]], Any]) -> None:
        self._lost: list[Any] = []
        self._start = start

    def __iter__(self) -> Any:
        return self._start(self._lost)

    def base(self) -> Members:
        """An empty set with the gaps and the openness that the ways met."""
        missing: dict[Any, None] = {}
        open = False
        for value in self._lost:
            missing.update(dict.fromkeys(value.missing))
            open = open or (isinstance(value, Members) and value.open)
        return Members((), (), tuple(missing), open)
