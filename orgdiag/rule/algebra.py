"""Which types go together: what may be compared, and what arithmetic makes of them."""

from __future__ import annotations

from collections.abc import Iterator

from orgdiag.model.types import DURATION, Type
from orgdiag.rule.typed import AMOUNTS, RATIO, Expr, many_of


def plain(base: str) -> str:
    """What a type measures: a cadence is a duration that is told in weeks."""
    return "duration" if base == "cadence" else base


def comparable(a: Type, b: Type) -> bool:
    """Whether values (or members) of the two types can be the same."""
    if "any" in (a.base, b.base):
        return True
    if a.base == "reference" and b.base == "reference":
        return bool(set(a.kinds) & set(b.kinds))
    if "ratio" in (a.base, b.base):
        return {a.base, b.base} <= {"ratio", "number", "share"}
    return plain(a.base) == plain(b.base)


def as_set(expr: Expr) -> Expr:
    """The expression as a set: a single reference becomes a set of at most one."""
    if expr.type.many or expr.type.base == "any":
        return expr
    return Expr("single", many_of(expr.type), (expr,), expr.start, expr.end)


def slots_of(expr: Expr) -> Iterator[int]:
    """The places of the names that an expression mentions."""
    if expr.op in {"var", "let"}:
        yield expr.args[0]
    for arg in expr.args:
        if isinstance(arg, Expr):
            yield from slots_of(arg)


def unit_help(a: Type, b: Type) -> str:
    """How a value would be written so that the two could be compared; else what could."""
    bases = {plain(a.base), plain(b.base)}
    if bases == {"share", "number"}:
        return "write a share with a percent sign: 15%"
    if bases == {"duration", "number"}:
        return "write a duration with a unit: 3d, 4w"
    if bases == {"rate", "number"}:
        return "write a rate with its period: 2 per month"
    if bases == {"word", "text"}:
        return "write the word without quotes"
    if bases == {"date", "duration"}:
        return "subtract one date from another: organisation.as-of - team.until"
    return "both sides must measure the same"


def _tables() -> tuple[dict[tuple[str, str], Type], dict[tuple[str, str], Type]]:
    products: dict[tuple[str, str], Type] = {}
    quotients: dict[tuple[str, str], Type] = {}
    for base in AMOUNTS:
        for plain in ("number", "ratio", "share"):
            products[plain, base] = products[base, plain] = Type(base)
        for plain in ("number", "ratio", "share"):
            quotients[base, plain] = Type(base)
    for plain in ("number", "ratio"):
        products["share", plain] = products[plain, "share"] = RATIO
        products[plain, "number"] = Type(plain)
        products["number", plain] = Type(plain)
    products["share", "share"] = Type("share")
    products["rate", "duration"] = products["duration", "rate"] = Type("effort")
    for base in ("duration", "effort"):
        quotients[base, base] = Type("share")
    for base in ("number", "rate", "share"):
        quotients[base, base] = RATIO
    quotients["effort", "rate"] = DURATION
    quotients["effort", "duration"] = Type("rate")
    return products, quotients


PRODUCTS, QUOTIENTS = _tables()
