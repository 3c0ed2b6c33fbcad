"""Rules over facts: findings, what is not assessed, and why.

A check needs the engine alone: `examples` and `why` are imported by who uses them.
"""

from orgdiag.evaluate.engine import Count, Outcome, evaluate, evaluating, finished

__all__ = ["Count", "Outcome", "evaluate", "evaluating", "finished"]
