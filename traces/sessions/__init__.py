"""Exchanges -> turns -> sessions and agents, in order."""
