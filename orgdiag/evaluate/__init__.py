"""Rules over facts: findings, what is not assessed, and why."""

from orgdiag.evaluate.engine import Count, Outcome, evaluate

__all__ = ["Count", "Outcome", "evaluate"]
