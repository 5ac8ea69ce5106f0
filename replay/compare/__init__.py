"""Comparisons of models: statistics of their runs, warnings and advice."""
