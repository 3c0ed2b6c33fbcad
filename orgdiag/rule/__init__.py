"""Rule texts to typed, checked rules."""

from orgdiag.rule.load import load_rules
from orgdiag.rule.rule import Example, Param, Rule, RuleSet

__all__ = ["Example", "Param", "Rule", "RuleSet", "load_rules"]
