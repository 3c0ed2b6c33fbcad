"""What the rest of the program knows of a verb of planned changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from orgdiag.frozen import frozen
from orgdiag.model.parts import Operation
from orgdiag.whatif.draft import Draft

if TYPE_CHECKING:
    from orgdiag.whatif.reading import Sentence

O = TypeVar("O", bound=Operation)  # noqa: E741


@frozen
class Verb(Generic[O]):
    """A verb of planned changes.

    word    the first word of its statements; of verbs that share it, the one is meant whose `form`
            begins with the second word, else the one whose form begins with a value
    form    what follows the word, for the reference; values in capitals
    made    the class of its operations, in which names are annotated with their kind
    read    a statement → the operation that it says, or None with a finding
    apply   does the operation to an organisation, and says what that takes for granted
    """

    word: str
    form: str
    made: type[O]
    read: Callable[[Sentence], O | None]
    apply: Callable[[O, Draft], None]
