"""What a person reads is kept in files: a test compares with them, and UPDATE_GOLDEN=1 writes them anew, to be read."""

import os
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data"


def golden(name: str, shown: str) -> str:
    """What the file `name` below tests/data holds; with UPDATE_GOLDEN it is made to hold what is shown."""
    path = DATA / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    return path.read_text(encoding="utf-8")
