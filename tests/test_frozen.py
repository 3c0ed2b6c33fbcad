"""Frozen values are made as the standard library would make them."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, NamedTuple

import pytest

from orgdiag.frozen import frozen, made


class Value:
    """Fields of every sort that the house uses."""

    kind: ClassVar[str] = "value"
    missing: int  # a name that the text of `__init__` uses, too
    name: str = "pay"
    parts: list[int] = field(default_factory=list)
    later: str = field(init=False)


OURS: Any = frozen(type("Ours", (), dict(vars(Value))))
THEIRS: Any = dataclass(eq=False, repr=False)(type("Theirs", (), dict(vars(Value))))


@pytest.mark.parametrize(
    ("args", "named"),
    [((1,), {}), ((1, "b"), {}), ((1, "b", [2]), {}), ((), {"missing": 1, "parts": [3]})],
    ids=repr,
)
def test_a_value_holds_what_it_was_given_and_its_defaults(args: Any, named: Any) -> None:
    one, other = OURS(*args, **named), THEIRS(*args, **named)
    for each in fields(OURS):
        assert getattr(one, each.name, "unset") == getattr(other, each.name, "unset"), each.name


@pytest.mark.parametrize(
    ("args", "named"), [((), {}), ((1, "b", [], 2), {}), ((1,), {"later": "x"}), ((1,), {"no": 1})]
)
def test_what_the_standard_library_refuses_is_refused(args: Any, named: Any) -> None:
    for cls in (OURS, THEIRS):
        with pytest.raises(TypeError):
            cls(*args, **named)


def test_two_values_share_no_default_and_the_class_stays_slotted() -> None:
    one, other = OURS(1), OURS(1)
    assert one.parts is not other.parts
    assert not hasattr(one, "__dict__")


def test_a_value_is_replaced_as_that_of_any_dataclass() -> None:
    @frozen
    class Plain:
        size: int
        name: str = ""

    assert replace(Plain(1, "a"), size=2).size == 2


class Pair(NamedTuple):
    """A named tuple."""

    size: int
    name: str = ""


def test_a_named_tuple_that_is_made_is_the_one_that_its_class_gives() -> None:
    pair = made(Pair, (1, "a"))
    assert pair == Pair(1, "a")
    assert pair.__class__ is Pair
    assert pair.name == "a"
