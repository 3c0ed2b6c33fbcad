"""What the definitions of the prelude say of an element."""

from __future__ import annotations

from typing import Any

from labels import rules

from orgdiag.catalogue import catalogue
from orgdiag.evaluate.compile import Compiler
from orgdiag.evaluate.engine import Engine
from orgdiag.facts.columns import Facts
from orgdiag.rule.rule import Definition
from orgdiag.rule.typed import Expr, element_of


def _asked(word: Definition) -> Expr:
    """The word as it is asked of the element in the first place of an environment."""
    element = Expr("var", element_of(word.kind), (1,))
    return Expr("defined", word.type, (element, word.word, word.key))


# By `KIND.NAME`, without adjectives.
WORDS = {
    f"{word.kind}.{word.word}": _asked(word)
    for word in rules().definitions.values()
    if word.type.base != "flag"
}


class Prelude:
    """The defined words of one organisation."""

    def __init__(self, facts: Facts) -> None:
        engine = Engine(rules(), facts, catalogue())
        self._run, self._explainer = engine.run, engine.explainer
        self._fast = Compiler(rules(), catalogue(), self._run)
        self._codes: dict[str, Any] = {}
        self._explaining = self._explainer.compiler(next(iter(rules())))

    def says(self, element: Any, word: str) -> Any:
        """What the word `KIND.NAME` says of an element, with the inputs that it misses."""
        return self._explainer.value(self._explaining, WORDS[word], [self._run, element])

    def judges_by(self, element: Any, word: str) -> Any:
        """What rules are judged by: the same, found faster, and inputs do not matter."""
        if word not in self._codes:
            self._codes[word] = self._fast.code(WORDS[word])
        return self._codes[word]([self._run, element])
