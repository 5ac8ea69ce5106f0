"""How large the page of a long session is, and how soon it is usable: `python -m benchmarks.pages`."""
