"""What a property holds: a type for the schema, and one for the type checker."""

from datetime import date
from typing import Final, NamedTuple

from orgdiag.frozen import frozen
from orgdiag.partial.quantity import Quantity
from orgdiag.partial.unknown import Nothing, Unwritten


class Type(NamedTuple):
    """The type of a property or field, the same in both languages.

    base    number, duration, share, rate, effort (duration per month), cadence, money, date, text,
            flag, word, reference, or form: a statement with a syntax of its own
    words   the legal words of a `word`; none = any word. For a rate: words legal beside numbers
    kinds   what a reference may point to
    many    whether it is a list or set
    """

    base: str
    words: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    many: bool = False


NUMBER: Final = Type("number")
DURATION: Final = Type("duration")
SHARE: Final = Type("share")
RATE: Final = Type("rate")
EFFORT: Final = Type("effort")
CADENCE: Final = Type("cadence")
MONEY: Final = Type("money")
DATE: Final = Type("date")
TEXT: Final = Type("text")
FLAG: Final = Type("flag")
FORM: Final = Type("form")
WORDS: Final = Type("word", many=True)


def word(*words: str) -> Type:
    """One of the words given; any word when none is given."""
    return Type("word", words)


def words(*legal: str) -> Type:
    """A list of the words given."""
    return Type("word", legal, many=True)


def to(*kinds: str) -> Type:
    """A reference to an element of one of the kinds."""
    return Type("reference", kinds=kinds)


def to_many(*kinds: str) -> Type:
    """A list of references."""
    return Type("reference", kinds=kinds, many=True)


@frozen
class Inverse:
    """The name under which the element pointed to knows its users (`capability.users`)."""

    name: str


@frozen
class Denial:
    """The word that says no to a flag: `manual` to `automated`."""

    word: str


# What an attribute holds, for the type checker.
Amount = Quantity | Unwritten | None
Flagged = bool | Unwritten | None
Word = str | Unwritten | None
MaybeNone = str | Nothing | Unwritten | None
Day = date | Nothing | Unwritten | None
Names = tuple[str | Unwritten, ...] | Unwritten | None


class Ref(NamedTuple):
    """A reference to an element of any kind."""

    kind: str
    id: str

    def __str__(self) -> str:
        return self.id


Refs = tuple[Ref | Unwritten, ...] | Unwritten | None
