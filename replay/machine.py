"""The machine that measures: what a reader must know to compare its figures with another's."""

import os
import platform
from collections.abc import Mapping
from pathlib import Path

from traces.model import Json


def describe() -> Mapping[str, Json]:
    """`load` is the load average of the last minute, before the run: a busy machine measures itself."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def _processor() -> str:
    """On Linux the name is in a file; elsewhere the platform says what it can."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
