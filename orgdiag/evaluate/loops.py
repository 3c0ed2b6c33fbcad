"""Quantifiers, comprehensions and aggregates as closures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from orgdiag.evaluate.frame import Frame
from orgdiag.evaluate.index import Index, joins
from orgdiag.evaluate.run import Code, Env
from orgdiag.evaluate.values import AGGREGATES, holds
from orgdiag.model.types import FLAG
from orgdiag.partial import amounts
from orgdiag.partial.certainty import MAYBE, NO, SURE
from orgdiag.partial.members import NOBODY, Members
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.sets import joined, presence, sifted
from orgdiag.partial.unknown import Gaps
from orgdiag.rule.typed import Expr


class _Name(NamedTuple):
    """A name of a loop: its slot, what it goes round, and what is asked once it is bound."""

    slot: int
    drawn: Callable[[Env], Members]
    asked: Expr | None
    condition: Code | None


class Loops(Frame):
    """Compiles what ranges over the members of sets."""

    def _quantified(self, expr: Expr) -> Code:
        word, number, bind, where = expr.args
        wanted = self.code(number) if number is not None else None
        if where is None:
            counted = self.code(bind.expr(2))
            if word == "some":
                return lambda env: presence(counted(env))
            if word == "no":
                return lambda env: SURE - presence(counted(env))
            return lambda env: holds(word, counted(env).size, wanted(env) if wanted else None)
        slot, drawn, condition = bind.args[0], self._drawn(bind, where), self.code(where)
        if word in {"some", "no"}:
            exists = _exists(slot, drawn, condition)
            return exists if word == "some" else lambda env: SURE - exists(env)

        def quantified(env: Env) -> int:
            members: Members = drawn(env)
            low = maybe = 0
            for element in members.certain:
                env[slot] = element
                verdict = condition(env)
                if verdict == SURE:
                    low += 1
                elif verdict:
                    maybe += 1
            for element in members.possible:
                env[slot] = element
                if condition(env):
                    maybe += 1
            count = Quantity(low, None if members.open else low + maybe)
            return holds(word, count, wanted(env) if wanted else None)

        return quantified

    def _every(self, expr: Expr) -> Code:
        """Whether no member that counts fails."""
        bind, where, holds = expr.args
        condition = self.code(holds)
        among = self.code(where) if where is not None else None

        def fails(env: Env) -> int:
            applies: int = SURE if among is None else among(env)
            return applies and min(applies, SURE - condition(env))

        exists = _exists(bind.args[0], self._drawn(bind, None), fails)
        return lambda env: SURE - exists(env)

    def _drawn(self, bind: Expr, where: Expr | None) -> Callable[[Env], Members]:
        """The set that a name ranges over, counted as steps; cut down by an index if one helps."""
        source, run = self.code(bind.expr(2)), self.run
        narrowed = None if where is None else self._narrowed(bind, where)

        def drawn(env: Env) -> Members:
            members: Members = source(env)
            if narrowed is not None:
                members = narrowed(env, members)
            run.spend(1 + len(members.certain) + len(members.possible))
            return members

        return drawn

    def ways(self, each: Expr) -> Callable[[Env], Iterator[Env]]:
        """The environment with the names of an `each` bound in every way that is certain."""
        key = id(each)
        if key not in self._loops:
            where, *binds = each.args
            self._loops[key] = each, self._certain(binds, where)
        return self._loops[key][1]

    def _certain(self, binds: Sequence[Expr], where: Expr | None) -> Callable[[Env], Iterator[Env]]:
        *others, last = self._names_of(binds, where)
        ways = _ways(last, None)
        for name in reversed(others):
            ways = _ways(name, ways)
        return ways

    def _names_of(self, binds: Sequence[Expr], where: Expr | None) -> list[_Name]:
        """The names of a loop, each with what can be asked as soon as it is bound."""
        slots = [bind.args[0] for bind in binds]
        parts: list[list[Expr]] = [[] for _ in binds]
        for part in () if where is None else _conjuncts(where):
            needed = self.free(part)
            places = [at for at, slot in enumerate(slots) if slot in needed]
            parts[max(places, default=0)].append(part)
        names = []
        for bind, asked in zip(binds, map(_all_of, parts), strict=True):
            condition = None if asked is None else self.code(asked)
            names.append(_Name(bind.args[0], self._drawn(bind, asked), asked, condition))
        return names

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
            return Members(tuple([every[place] for place in sorted(places)])) if places else NOBODY

        return narrowed

    def _index(self, env: Env, members: Members, slot: int, inner: Code, key: int) -> Index:
        """The index of a set by an expression about its members, made once for each set."""
        run = self.run
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
        where, *binds = each.args
        own = value.op == "var" and value.args[0] == binds[0].args[0]
        if own and where is None and len(binds) == 1:
            return self.code(binds[0].expr(2))
        names = self._names_of(binds, where)
        if own and len(binds) == 1:
            return self._chosen(names[0])
        collected = self.code(value)
        for name in reversed(names):
            collected = self._mapped(name, collected, bool(merged))
        return collected

    def _chosen(self, name: _Name) -> Callable[[Env], Members]:
        """Those members of one set for which what is asked of them holds."""
        slot, drawn, asked, condition = name
        if asked is None or condition is None:
            return drawn
        explain = self.explain

        def chosen(env: Env) -> Members:
            members = drawn(env)
            certain, doubtful, possible = [], [], []
            doubts: list[Gaps] = []
            for element in members.certain:
                env[slot] = element
                verdict = condition(env)
                if verdict == SURE:
                    certain.append(element)
                elif verdict:
                    doubtful.append(element)
                    if explain is not None:
                        doubts.append(explain(self, asked, env))
            for element in members.possible:
                env[slot] = element
                verdict = condition(env)
                if verdict:
                    possible.append(element)
                    if verdict == MAYBE and explain is not None:
                        doubts.append(explain(self, asked, env))
            return sifted(members, certain, doubtful, possible, doubts)

        return chosen

    def _mapped(self, name: _Name, value: Code, merged: bool) -> Code:
        """What a value is for those members of one set for which what is asked of them holds."""
        slot, chosen = name.slot, self._chosen(name)

        def mapped(env: Env) -> Members:
            members = chosen(env)
            found: list[Any] = []
            for element in members.certain:
                env[slot] = element
                found.append(value(env))
            for element in members.possible:
                env[slot] = element
                found.append(value(env))
            return joined(found, members, merged, len(members.certain))

        return mapped

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
            return lambda env: amounts.percentile(share(env), members(env))
        aggregate = AGGREGATES[name]
        if len(codes) > 1:
            return lambda env: aggregate(
                joined([code(env) for code in codes], NOBODY, merged=False)
            )
        return lambda env: aggregate(codes[0](env))


def _exists(slot: int, drawn: Callable[[Env], Members], condition: Code) -> Code:
    """Whether a condition holds for some member; nobody is asked after the first that is sure."""

    def exists(env: Env) -> int:
        members = drawn(env)
        best = MAYBE if members.open else NO
        for element in members.certain:
            env[slot] = element
            verdict = condition(env)
            if verdict == SURE:
                return SURE
            best = best or verdict
        for element in members.possible:
            env[slot] = element
            best = best or min(MAYBE, condition(env))
        return best

    return exists


def _ways(
    name: _Name, deeper: Callable[[Env], Iterator[Env]] | None
) -> Callable[[Env], Iterator[Env]]:
    """The ways to bind a name, and those after it, in which every condition is certain."""
    slot, drawn, _, condition = name

    def ways(env: Env) -> Iterator[Env]:
        for element in drawn(env).certain:
            env[slot] = element
            if condition is None or condition(env) == SURE:
                if deeper is None:
                    yield env
                else:
                    yield from deeper(env)

    return ways


def _conjuncts(condition: Expr) -> Iterator[Expr]:
    """The parts that must all hold."""
    if condition.op == "all-of":
        for part in condition.args:
            yield from _conjuncts(part)
    else:
        yield condition


def _all_of(parts: Sequence[Expr]) -> Expr | None:
    """The condition that all parts hold; None for no part."""
    if len(parts) > 1:
        return Expr("all-of", FLAG, tuple(parts), parts[0].start, parts[-1].end)
    return parts[0] if parts else None
