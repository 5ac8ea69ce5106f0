"""Counting the tokens of texts and images, by tokenizer; counts are kept on disk."""

from analysis.tokens.counters import Counter, counter, tokenizer_names

__all__ = ["Counter", "counter", "tokenizer_names"]
