"""Texts: where something stands in one, its words and tokens, the grammars of both languages."""
