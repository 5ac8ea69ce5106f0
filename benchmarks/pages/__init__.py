"""Whether a page of a long session stays small, and can be used soon: `python -m benchmarks.pages`."""
