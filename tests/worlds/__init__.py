"""Numbers and verdicts against the worlds that the missing facts allow.

Of two models one knows less when facts of the other are unknown in it, lists are open, points are
ranges. A *world* is a model in which everything unknown was given a value; a *forgetting* leaves
one fact unknown. Both make such a pair, and of every pair the same laws hold (`laws.py`): what the
model that knows less says for certain, the other says too. `python -m tests.worlds 500` tries so
many models and tells what fails, by kind.
"""
