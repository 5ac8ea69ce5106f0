"""Predictions of the prefix cache against real servers, and what they cost."""
