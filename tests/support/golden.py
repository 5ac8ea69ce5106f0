"""Golden files: tests compare printed output with them, and UPDATE_GOLDEN=1 writes them again, for review."""

import os
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"


def golden(name: str, shown: str) -> str:
    """Return the content of the file `name` in tests/data; with UPDATE_GOLDEN set, first write `shown` to it."""
    path = DATA / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    return path.read_text(encoding="utf-8")
