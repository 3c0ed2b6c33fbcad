"""Models made from the schema, and the way of each through every stage, format and command.

`models()` writes whole models as text: every kind of element, every property and every form of
value that the schema of the language knows. What it writes is sound: the reader has nothing to say
about it. With `wild=True` it may be contradictory, dangling and misspelt. `python -m
tests.generator 20000` takes so many models through everything and tells what fails, by kind.
"""

from .models import models

__all__ = ["models"]
