"""Rules over facts: findings, what is not assessed, and why."""

from orgdiag.evaluate.engine import Count, Outcome, evaluate
from orgdiag.evaluate.examples import Failure, Tested, run_examples
from orgdiag.evaluate.why import Explanation, Line, why

__all__ = [
    "Count",
    "Explanation",
    "Failure",
    "Line",
    "Outcome",
    "Tested",
    "evaluate",
    "run_examples",
    "why",
]
