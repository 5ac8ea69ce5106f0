"""What must be the same in every process of a cluster: a difference would change results, or fail with odd errors."""

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("traces", "ui", "cluster", "analysis", "replay")
"""The toolkit's packages whose code runs on nodes."""

Versions = dict[str, str]


@cache
def build() -> str:
    """Return a short digest of the toolkit's own code: its version number doesn't tell two clones apart."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for file in sorted(file for package in PACKAGES for file in (root / package).rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def engine() -> Versions:
    """Return the versions of Python, to the minor one, and of Dask in this process."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"Python": python, **{name: _version(name) for name in ("dask", "distributed")}}


def all_of_them() -> Versions:
    """Return the versions of all that must be the same."""
    return {**engine(), "anyclaude-toolkit": f"{_version('anyclaude-toolkit')} (build {build()})"}


def difference(here: Versions, there: Versions) -> str | None:
    """Return the first difference in words, of what both sides name; None where there is none."""
    for name, value in here.items():
        if name in there and there[name] != value:
            return f"has {name} {there[name]}, this process {value}"
    return None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "from a clone" if name == "anyclaude-toolkit" else "none"
