"""Text for an output: one type a language, and one escaper a type.

A foreign text is a `str`. What goes out is an `Escaped` of its language, and there are three ways
to one: a literal of ours; a literal with foreign pieces put in by `format` or `join`, which escape
them; and the language's own functions. An f-string or a `+` gives a plain `str`, which mypy refuses
where a language is wanted, and ruff (S704) refuses a language made of anything but a literal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self


class Escaped(str):
    """A text of one language, with everything foreign in it escaped.

    >>> class Shout(Escaped):
    ...     @staticmethod
    ...     def written(foreign: str) -> str:
    ...         return foreign.upper()
    >>> Shout("<{}>").format("pay", Shout("b"))
    '<PAY>'
    >>> Shout(", ").join(["pay", Shout("as it is"), 3])
    'PAY, as it is, 3'
    """

    __slots__ = ()

    @staticmethod
    def written(foreign: str) -> str:
        """Foreign text as the language writes it: the one escaper."""
        raise NotImplementedError

    @classmethod
    def escape(cls, value: object) -> Self:
        """A text of the language and a whole number as they are, anything else as foreign text.

        A text of another language is foreign, too.
        """
        if isinstance(value, cls):
            return value
        return cls(value if isinstance(value, int) else cls.written(str(value)))

    def format(self, *pieces: object, **named: object) -> Self:
        """The text with the pieces at its braces, each escaped."""
        kept = {name: self.escape(piece) for name, piece in named.items()}
        return self.__class__(str.format(self, *map(self.escape, pieces), **kept))

    def join(self, pieces: Iterable[object], /) -> Self:
        """The pieces, each escaped, with the text between them."""
        return self.__class__(str.join(self, map(self.escape, pieces)))


class Verbatim(Escaped):
    """A file of the user's own, or one to start from: it is written as it is."""

    __slots__ = ()
