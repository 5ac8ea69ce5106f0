"""The demo: the real client with a real model server and a small model, to see the toolkit work."""

from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent / ".cache"
"""Where downloads and generated models are kept; it can be deleted."""
