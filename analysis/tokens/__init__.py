"""Token counts of texts and images, by tokenizer, remembered on disk."""

from analysis.tokens.counters import Counter, counter, names

__all__ = ["Counter", "counter", "names"]
