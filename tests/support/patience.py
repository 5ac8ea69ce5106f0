"""How long a test waits for what must come."""

PATIENCE = 180
"""Seconds. Only a fault takes them: a busy machine is up to ten times slower than an idle one."""
