"""Rules over facts: findings, what is not assessed, and why."""

from orgdiag.evaluate.engine import Count, Outcome, evaluate
from orgdiag.evaluate.examples import Failure, Tested, run_examples

__all__ = ["Count", "Failure", "Outcome", "Tested", "evaluate", "run_examples"]
