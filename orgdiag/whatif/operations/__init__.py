"""One module a verb of planned changes; a file here is a verb, and its name is what rules say.

Each holds the class of its operations, the form in which they are written, what they do and take
for granted, and the `VERB` that tells the rest of the program so. No verb knows another.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from orgdiag.model.form import Form
from orgdiag.model.parts import Operation
from orgdiag.whatif.verb import Verb


@cache
def verbs() -> Mapping[str, Verb]:
    """Every verb by its name, sorted."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return MappingProxyType(
        {name.replace("_", "-"): import_module(f"{__name__}.{name}").VERB for name in names}
    )


def name_of(operation: Operation) -> str:
    """The name of the verb of an operation."""
    return _names()[type(operation)]


@cache
def _names() -> Mapping[object, str]:
    return MappingProxyType({verb.form.makes: name for name, verb in verbs().items()})


@cache
def forms() -> tuple[Form, ...]:
    """How the operations of each verb are written."""
    return tuple(verb.form for verb in verbs().values())
