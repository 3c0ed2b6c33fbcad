"""Checked expressions to closures over an environment.

An environment is a list: at 0 the `Run`, then the bound elements and the values of `let`s, each at
the slot that the checker gave it. A condition compiles to a function that returns `NO`, `MAYBE` or
`SURE`; any other expression to one that returns a value.

Compiled for the fast path, a set that a `where` cut out does not say which inputs it misses;
compiled for explaining, it does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any, Final

from orgdiag.evaluate import values
from orgdiag.evaluate.index import Index, joins
from orgdiag.evaluate.reach import Reach
from orgdiag.evaluate.values import MAYBE, NO, SURE
from orgdiag.model import PLURALS, Field
from orgdiag.quantity import NONE, Gaps, Members, Quantity, Unknown, ratio
from orgdiag.rule import literal
from orgdiag.rule.catalogue import Catalogue
from orgdiag.rule.rule import Rule, RuleSet
from orgdiag.rule.typed import AMOUNTS, Expr, is_set

Env = list[Any]
Code = Callable[[Env], Any]

BUDGET: Final = 5_000_000
UNSET: Final = object()
_NOTHING: Final[frozenset[int]] = frozenset()
_WORTH_KEEPING: Final = frozenset(
    {
        "collect",
        "quantified",
        "every",
        "call",
        "path",
        "defined-path",
        "union",
        "without",
        "closure",
    }
)


class Exhausted(Exception):
    """A rule took more steps than any sensible rule needs."""


class Run:
    """One evaluation of rules over one organisation.

    facts    the organisation
    left     how many steps the rule that is being evaluated may still take
    memo     results that no rule needs twice: definitions, relations followed on and on
    """

    __slots__ = ("facts", "left", "memo", "verdict")

    def __init__(self, facts: Any, verdict: Callable[[str, Any], int]) -> None:
        self.facts = facts
        self.left = BUDGET
        self.memo: dict[Any, Any] = {}
        self.verdict = verdict

    def spend(self, steps: int) -> None:
        """Count steps.

        Raises:
            Exhausted: there are none left.
        """
        self.left -= steps
        if self.left < 0:
            raise Exhausted


class Compiler:
    """Compiles the expressions of one rule or definition.

    explain   for explaining: gives the gaps of a condition in an environment; None on the fast path
    """

    def __init__(
        self,
        rules: RuleSet,
        catalogue: Catalogue,
        calendar: Any,
        explain: Callable[[Compiler, Expr, Env], Gaps] | None = None,
    ) -> None:
        self.rules = rules
        self.catalogue = catalogue
        self.calendar = calendar
        self.explain = explain
        self.params: dict[str, Quantity] = {}
        self.lets: dict[int, Code] = {}
        self._definitions: dict[str, tuple[Code, int]] = {}
        self._loops: dict[int, tuple[Expr, Callable[[Env], Any]]] = {}
        self._slots: dict[int, tuple[Expr, frozenset[int], frozenset[int]]] = {}
        self._let_needs: dict[int, frozenset[int]] = {}

    def of_rule(self, rule: Rule) -> Compiler:
        """The compiler of the rule's expressions: it knows its parameters and `let`s."""
        own = Compiler(self.rules, self.catalogue, self.calendar, self.explain)
        own._definitions = self._definitions
        own.params = {
            name: literal.amount(param.value, self.calendar) for name, param in rule.params.items()
        }
        for let in rule.part("let"):
            own._let_needs[let.args[0]] = own.free(let.expr(2))
            own.lets[let.args[0]] = own.code(let.expr(2))
        return own

    def code(self, expr: Expr) -> Code:
        """The function that computes the expression.

        What mentions no name from outside itself is computed once a run.
        """
        method: Callable[[Expr], Code] = getattr(self, f"_{expr.op.replace('-', '_')}")
        compute = method(expr)
        if expr.op not in _WORTH_KEEPING or self.free(expr):
            return compute
        key = ("closed", id(expr), self.explain is None)

        def once(env: Env) -> Any:
            memo = env[0].memo
            if key not in memo:
                memo[key] = compute(env), expr
            return memo[key][0]

        return once

    def free(self, expr: Expr) -> frozenset[int]:
        """The slots of the names that the expression needs from outside itself."""
        mentioned, bound = self._names(expr)
        return mentioned - bound

    def _names(self, expr: Expr) -> tuple[frozenset[int], frozenset[int]]:
        """The slots that the expression mentions, and those that it binds itself."""
        known = self._slots.get(id(expr))
        if known is not None:
            return known[1], known[2]
        mentioned, bound = _NOTHING, _NOTHING
        if expr.op == "var":
            mentioned = frozenset((expr.args[0],))
        elif expr.op == "let":
            mentioned = self._let_needs.get(expr.args[0], _NOTHING)
        elif expr.op == "bind":
            bound = frozenset((expr.args[0],))
        for arg in expr.args:
            if isinstance(arg, Expr):
                inner_mentioned, inner_bound = self._names(arg)
                mentioned |= inner_mentioned
                bound |= inner_bound
        self._slots[id(expr)] = expr, mentioned, bound
        return mentioned, bound

    def codes(self, exprs: Sequence[Any]) -> list[Code]:
        """The functions of several expressions."""
        return [self.code(expr) for expr in exprs]

    # --- constants and names ----------------------------------------------------------------------

    def _number(self, expr: Expr) -> Code:
        value = literal.amount(expr.args[0], self.calendar)
        return lambda env: value

    def _param(self, expr: Expr) -> Code:
        value = self.params[expr.args[0]]
        return lambda env: value

    def _text(self, expr: Expr) -> Code:
        text = expr.args[0]
        return lambda env: text

    _word = _text

    def _date(self, expr: Expr) -> Code:
        day = literal.day_of(expr.args[0])
        return lambda env: day

    def _true(self, _: Expr) -> Code:
        return lambda env: SURE

    def _false(self, _: Expr) -> Code:
        return lambda env: NO

    def _var(self, expr: Expr) -> Code:
        slot = expr.args[0]
        return lambda env: env[slot]

    def _let(self, expr: Expr) -> Code:
        slot = expr.args[0]
        compute = self.lets[slot]

        def remembered(env: Env) -> Any:
            value = env[slot]
            if value is UNSET:
                value = env[slot] = compute(env)
            return value

        return remembered

    def _organisation(self, _: Expr) -> Code:
        return lambda env: env[0].facts.org

    def _all(self, expr: Expr) -> Code:
        kind = expr.args[0]
        whole = self._whole(kind)

        def every(env: Env) -> Members:
            memo = env[0].memo
            key = ("all", kind)
            if key not in memo:
                memo[key] = whole(env)
            found: Members = memo[key]
            return found

        return every

    def _whole(self, kind: str) -> Code:
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
        owners, read = self._whole(owner), field.read

        def gathered(env: Env) -> Members:
            facts, base = env[0].facts, owners(env)
            return values.joined(((read(facts, x), True) for x in base.certain), base, merged=True)

        return gathered

    def _set(self, expr: Expr) -> Code:
        items = self.codes(expr.args)
        return lambda env: values.joined(((item(env), True) for item in items), Members(), True)

    def _single(self, expr: Expr) -> Code:
        value = self.code(expr.expr(0))
        return lambda env: values.single(value(env))

    # --- fields -----------------------------------------------------------------------------------

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
        flag, lost = expr.type.base == "flag" and not expr.type.many, _lost(expr)
        if base.op == "var":
            slot = base.args[0]
            if flag:
                return lambda env: values.truth(read(env[0].facts, env[slot]))
            return lambda env: read(env[0].facts, env[slot])

        def value(env: Env) -> Any:
            element = start(env)
            if isinstance(element, Unknown) or element is NONE:
                return lost(element)
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

    def _definition(self, key: str) -> Callable[[Run, Any], Any]:
        """The body of a definition as a function of the element, remembered for each."""
        if key not in self._definitions:
            definition = self.rules.definitions[key]
            own = Compiler(self.rules, self.catalogue, self.calendar, self.explain)
            own._definitions = self._definitions
            self._definitions[key] = own.code(self.rules.body(definition)), definition.slots
        body, slots = self._definitions[key]
        memo_key = ("defined", key, self.explain is None)

        def value(run: Run, element: Any) -> Any:
            memo = run.memo.setdefault(memo_key, {})
            if element not in memo:
                run.spend(1)
                memo[element] = body([run, element, *[UNSET] * (slots - 2)])
            return memo[element]

        return value

    def _defined(self, expr: Expr) -> Code:
        start, body, lost = self.code(expr.expr(0)), self._definition(expr.args[1]), _lost(expr)

        def value(env: Env) -> Any:
            element = start(env)
            if isinstance(element, Unknown) or element is NONE:
                return lost(element)
            return body(env[0], element)

        return value

    def _defined_path(self, expr: Expr) -> Code:
        start, body = self.code(expr.expr(0)), self._definition(expr.args[1])
        merged = expr.type.base in {"reference", "word"}

        def value(env: Env) -> Members:
            members: Members = start(env)
            env[0].spend(len(members.certain) + len(members.possible))
            parts = [(body(env[0], x), True) for x in members.certain]
            parts += [(body(env[0], x), False) for x in members.possible]
            return values.joined(parts, members, merged)

        return value

    # --- arithmetic and sets ----------------------------------------------------------------------

    def _arithmetic(self, expr: Expr) -> Code:
        op, left, right = expr.op, self.code(expr.expr(0)), self.code(expr.expr(1))
        return lambda env: values.arithmetic(op, left(env), right(env))

    _add = _subtract = _multiply = _divide = _arithmetic

    def _negate(self, expr: Expr) -> Code:
        inner, zero = self.code(expr.expr(0)), Quantity.of(0)
        return lambda env: values.arithmetic("subtract", zero, inner(env))

    def _elapsed_day(self) -> Any:
        return ratio(self.calendar.week.value, 7)

    def _days_between(self, expr: Expr) -> Code:
        later, earlier = self.code(expr.expr(0)), self.code(expr.expr(1))
        day = self._elapsed_day()
        return lambda env: values.days_between(later(env), earlier(env), day)

    def _later(self, expr: Expr) -> Code:
        return self._shifted(expr, 1)

    def _earlier(self, expr: Expr) -> Code:
        return self._shifted(expr, -1)

    def _shifted(self, expr: Expr, sign: int) -> Code:
        start, by, day = self.code(expr.expr(0)), self.code(expr.expr(1)), self._elapsed_day()
        return lambda env: values.shifted(start(env), by(env), day, sign)

    def _union(self, expr: Expr) -> Code:
        left, right = self.code(expr.expr(0)), self.code(expr.expr(1))
        return lambda env: values.union(left(env), right(env))

    def _without(self, expr: Expr) -> Code:
        left, right = self.code(expr.expr(0)), self.code(expr.expr(1))
        return lambda env: values.without(left(env), right(env))

    # --- conditions -------------------------------------------------------------------------------

    def _compare(self, expr: Expr) -> Code:
        left, sign, right = expr.args
        a, b = self.code(left), self.code(right)
        compare = comparison(left, sign)
        if right.op in {"number", "param", "word", "text", "date"}:
            fixed = b([])
            return lambda env: compare(a(env), fixed)
        return lambda env: compare(a(env), b(env))

    def _member(self, expr: Expr) -> Code:
        item, members = self.code(expr.expr(0)), self.code(expr.expr(1))
        if expr.expr(1).op == "set" and all(arg.op == "word" for arg in expr.expr(1).args):
            fixed = frozenset(arg.args[0] for arg in expr.expr(1).args)

            def word_in(env: Env) -> int:
                word = item(env)
                if isinstance(word, Unknown):
                    return MAYBE
                return SURE if word in fixed else NO

            return word_in
        return lambda env: values.member(item(env), members(env))

    def _meets(self, expr: Expr) -> Code:
        left, right = self.code(expr.expr(0)), self.code(expr.expr(1))
        return lambda env: values.meets(left(env), right(env))

    def _like(self, expr: Expr) -> Code:
        text, pattern = self.code(expr.expr(0)), expr.args[1]
        return lambda env: values.like(text(env), pattern)

    def _not(self, expr: Expr) -> Code:
        inner = self.code(expr.expr(0))
        return lambda env: SURE - inner(env)

    def _all_of(self, expr: Expr) -> Code:
        parts = self.codes(expr.args)

        def all_of(env: Env) -> int:
            result = SURE
            for part in parts:
                verdict = part(env)
                if verdict < result:
                    if not verdict:
                        return NO
                    result = verdict
            return result

        return all_of

    def _any_of(self, expr: Expr) -> Code:
        parts = self.codes(expr.args)

        def any_of(env: Env) -> int:
            result = NO
            for part in parts:
                verdict = part(env)
                if verdict > result:
                    if verdict == SURE:
                        return SURE
                    result = verdict
            return result

        return any_of

    def _stated(self, expr: Expr) -> Code:
        base, word = self.code(expr.expr(0)), expr.args[1]

        def stated(env: Env) -> int:
            element = base(env)
            if isinstance(element, Unknown):
                return MAYBE
            return SURE * (element is not NONE and word in getattr(element, "places", ()))

        return stated

    def _known(self, expr: Expr) -> Code:
        inner = self.code(expr.expr(0))
        if expr.expr(0).type.base == "flag" and not expr.expr(0).type.many:
            return lambda env: SURE * (inner(env) != MAYBE)
        return lambda env: values.known(inner(env))

    def _empty(self, expr: Expr) -> Code:
        inner = self.code(expr.expr(0))
        return lambda env: values.empty(inner(env))

    def _of_kind(self, expr: Expr) -> Code:
        base, kind = self.code(expr.expr(0)), expr.args[1]

        def of_kind(env: Env) -> int:
            element = base(env)
            if isinstance(element, Unknown):
                return MAYBE
            return SURE * (element is not NONE and element.kind == kind)

        return of_kind

    def _flagged(self, expr: Expr) -> Code:
        base, rule = self.code(expr.expr(0)), expr.args[1]

        def flagged(env: Env) -> int:
            element = base(env)
            if isinstance(element, Unknown):
                return MAYBE
            if element is NONE:
                return NO
            verdict: int = env[0].verdict(rule, element)
            return verdict

        return flagged

    # --- graphs -----------------------------------------------------------------------------------

    def _reach(self, kind: str, relation: str) -> Callable[[Run], Reach]:
        key = ("reach", kind, relation)
        whole, lead = self._whole(kind), self.reader((kind,), relation)

        def reach(run: Run) -> Reach:
            if key not in run.memo:
                facts = run.facts
                elements = whole([run]).certain

                def read(element: Any) -> Members:
                    found = lead(facts, element)
                    return found if isinstance(found, Members) else values.single(found)

                run.memo[key] = Reach(elements, read, run.spend)
            found: Reach = run.memo[key]
            return found

        return reach

    def _closure(self, expr: Expr) -> Code:
        base, kind, relation = expr.args
        start, reach = self.code(base), self._reach(kind, relation)
        if not is_set(base.type):

            def of_one(env: Env) -> Members:
                element = start(env)
                if isinstance(element, Unknown) or element is NONE:
                    return values.single(element)
                return reach(env[0]).closure(element)

            return of_one

        def of_many(env: Env) -> Members:
            members: Members = start(env)
            closure = reach(env[0]).closure
            parts = [(closure(x), True) for x in members.certain]
            parts += [(closure(x), False) for x in members.possible]
            return values.joined(parts, members, True)

        return of_many

    def _reaches(self, expr: Expr) -> Code:
        first, second, kind, relation = expr.args
        start, end, reach = self.code(first), self.code(second), self._reach(kind, relation)

        def reaches(env: Env) -> int:
            a, b = start(env), end(env)
            if a is NONE or b is NONE:
                return NO
            if isinstance(a, Unknown) or isinstance(b, Unknown):
                return MAYBE
            return values.member(b, reach(env[0]).closure(a))

        return reaches

    def _depth(self, expr: Expr) -> Code:
        base, kind, relation = expr.args
        start, reach = self.code(base), self._reach(kind, relation)

        def depth(env: Env) -> Any:
            element = start(env)
            if element is NONE:
                return NONE
            if isinstance(element, Unknown):
                return values.unknown_amount(element.missing)
            return reach(env[0]).depth(element)

        return depth

    def _cycles(self, expr: Expr) -> Code:
        kind, relation = expr.args
        reach, key = self._reach(kind, relation), ("cycles", kind, relation)

        def cycles(env: Env) -> Members:
            run = env[0]
            if key not in run.memo:
                run.memo[key] = reach(run).cycles()
            found: Members = run.memo[key]
            return found

        return cycles

    # --- quantifiers and comprehensions -----------------------------------------------------------

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
        """How a set that is the same in every round is cut down by an index; None if by none."""
        slot, source = bind.args[0], bind.expr(2)
        if self.free(source):
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
        """The index of a set by an expression about its members, made once a run."""
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


def comparison(left: Expr, sign: str) -> values.Compared:
    """How two values of a type are compared."""
    if left.type.base in AMOUNTS:
        return values.AMOUNTS[sign]
    return values.DAYS[sign] if left.type.base == "date" else values.THINGS[sign]


@cache
def _plurals(kind: str) -> tuple[str, ...]:
    """How a relation to elements of a kind may be called."""
    if kind.endswith("y"):
        return (kind[:-1] + "ies", kind + "s")
    return (kind + "s", kind + "es", kind)


def _lost(expr: Expr) -> Callable[[Any], Any]:
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
