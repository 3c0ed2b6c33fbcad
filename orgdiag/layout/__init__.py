"""Text → the same text, laid out as everybody's is. Meaning and comments stay.

What is laid out is read again before anybody gets it: it must say the same, hold the same comments
and be laid out as it is. A text of which that is not so is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from orgdiag.finding import Problem
from orgdiag.layout.after import said_by_extension
from orgdiag.layout.models import Elsewhere, Laid, model
from orgdiag.parse import Parsed
from orgdiag.text.source import Source

MODELS: Final = ".orgd"
RULES: Final = ".orgr"


class Formatted(NamedTuple):
    """The text as it should be, or why it was left as it is.

    text      what the file should hold; where there are problems, what it holds
    problems  what in the text cannot be read, or that it could not be kept
    """

    text: str
    problems: tuple[Problem, ...] = ()


def formatted(source: Source, elsewhere: Elsewhere = frozenset) -> Formatted:
    """The text of a model, or of rules if its name says so, laid out.

    Args:
        source: the text; lines end as its first one does.
        elsewhere: asked for the full ids of steps that get an `after` by `extend` in other files;
            only when the text has branches.
    """
    lay = _rules if source.path.endswith(RULES) else model
    plain = source.text.replace("\r\n", "\n")
    laid = lay(Source(source.path, plain), elsewhere)
    if laid.problems:  # at places in the text as it was given
        return Formatted(source.text, lay(source, elsewhere).problems)
    again = lay(Source(source.path, laid.text), elsewhere)
    if again.problems or again.says != laid.means or again.comments != laid.comments:
        return _refused(source, "formatting would change what it says")
    if again.text != laid.text:
        return _refused(source, "formatting it twice would not be the same as once")
    end = source.text.find("\n")
    crlf = end > 0 and source.text[end - 1] == "\r"
    return Formatted(laid.text.replace("\n", "\r\n") if crlf else laid.text)


def said_elsewhere(models: Iterable[Parsed]) -> frozenset[str]:
    """The full ids of the steps that get an `after` by `extend` in these models."""
    return frozenset(id for parsed in models for id in said_by_extension(parsed.statements))


def _rules(source: Source, elsewhere: Elsewhere) -> Laid:  # noqa: ARG001 - examples stand alone
    from orgdiag.layout.rules import rules

    return rules(source)


def _refused(source: Source, why: str) -> Formatted:
    message = f"{source.path} is left as it is: {why}"
    return Formatted(
        source.text, (Problem(message, help="this is a defect of orgdiag: report it"),)
    )


__all__ = ["MODELS", "RULES", "Elsewhere", "Formatted", "formatted", "said_elsewhere"]
