"""The embedded default: a real model server with a real small model, and the real client, to see the toolkit work."""

from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent / ".cache"
"""What is fetched or made once, beside the code; harmless to delete."""
