"""What the rest of the program knows of a verb of planned changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orgdiag.frozen import frozen
from orgdiag.model.form import Form
from orgdiag.whatif.draft import Draft


@frozen
class Verb:
    """A verb of planned changes.

    form    how its statements are written, and the class of the operations that they make, in which
            names are annotated with their kind
    apply   does the operation to an organisation, and says what that takes for granted
    """

    form: Form
    apply: Callable[[Any, Draft], None]
