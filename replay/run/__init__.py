"""Runs of one request: in which order, how measured, and how judged."""
