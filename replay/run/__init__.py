"""Runs: which there are, in which order, how each is made, measured and judged."""
