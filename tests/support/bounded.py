"""A child process that may take only so much memory: what takes more fails there, however fast it is."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

REPOSITORY = Path(__file__).resolve().parents[2]

PROGRAM = """
import pickle, resource, sys
memory, work, arguments = pickle.load(sys.stdin.buffer)
begun = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (begun + memory, begun + memory))
sys.stdout.buffer.write(pickle.dumps(work(*arguments)))
"""

P = ParamSpec("P")
T = TypeVar("T")


def within(memory: int, work: Callable[P, T], *arguments: P.args, **_: P.kwargs) -> T:
    """Return what a function of a module returns in a process that may take so many bytes beyond its imports."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=pickle.dumps((memory, work, arguments)),
        capture_output=True,
        cwd=REPOSITORY,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    result: T = pickle.loads(done.stdout)
    return result
