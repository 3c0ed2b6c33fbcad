"""What a stream is made of: its steps and borders, who owns it, who does what, what it touches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

from orgdiag.finding import Missing
from orgdiag.graph.certainty import (
    Truth,
    at_least,
    contains,
    each,
    every,
    meets,
    negation,
    some,
    such_that,
    union,
)
from orgdiag.graph.critical import critical_path
from orgdiag.graph.facts import Facts, entity, index, memoised, relation
from orgdiag.graph.flow import flow
from orgdiag.graph.properties import amount, flagged, listed, missing, said
from orgdiag.model import (
    DATE,
    DURATION,
    FLAG,
    SHARE,
    TEXT,
    Component,
    Rework,
    Step,
    Stream,
    Team,
    to,
    to_many,
    word,
)
from orgdiag.quantity import NOBODY, ONE, Gaps, Members, Quantity, Unknown, Unwritten, merge
from orgdiag.source import Span
