"""Programs of mitmproxy that lack what there is not on other systems, and in mitmproxy's standalone programs.

Each takes the names away once mitmproxy has been imported, which needs some of them here, and before it loads a script.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

_WITHOUT_MODULES = """
def without_modules(*names):
    import importlib.abc
    class Missing(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            if name.split(".")[0] in names:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    for name in list(sys.modules):
        if name.split(".")[0] in names:
            del sys.modules[name]
    sys.meta_path.insert(0, Missing())
"""

_STANDALONE = """
absent = "sqlite3 _sqlite3 orjson toktok click numpy pandas jsonschema regress tiktoken"
without_modules(*absent.split())
sys.frozen = True
sys.executable = "/nowhere/mitmdump"
"""
"""PyInstaller packs what mitmproxy imports, and no more of the standard library."""

_WINDOWS = """
import asyncio, functools, os, select, signal, socket
socket.socketpair = functools.partial(socket.socketpair, socket.AF_UNIX)  # asyncio's own; on Windows of another kind
GONE = {
    os: "fork forkpty posix_spawn posix_spawnp memfd_create pread pwrite preadv pwritev nice getpriority setpriority"
        " killpg getpgid setsid getuid geteuid getpwuid sched_setscheduler sched_param SCHED_BATCH register_at_fork"
        " waitid wait3 wait4 mkfifo fchmod fchown chown lchown uname getloadavg statvfs O_NOFOLLOW O_CLOEXEC",
    socket: "AF_UNIX send_fds recv_fds SCM_RIGHTS",
    signal: "SIGKILL SIGHUP SIGCHLD SIGALRM setitimer pthread_sigmask",
    select: "poll epoll",
}
for module, names in GONE.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
without_modules("fcntl", "resource", "termios", "pty", "tty", "grp", "pwd", "posix", "syslog")

def refuse(*_, **__):
    raise NotImplementedError

asyncio.BaseEventLoop.add_reader = asyncio.SelectorEventLoop.add_reader = refuse
asyncio.SelectorEventLoop.add_signal_handler = refuse
rename = os.rename

def rename_new(source, target, **more):
    if os.path.lexists(target):
        raise FileExistsError(183, "Cannot create a file when that file already exists", str(source))
    rename(source, target, **more)

def symlink(source, target, **more):
    raise OSError(1314, "A required privilege is not held by the client", str(source))

os.rename, os.symlink = rename_new, symlink
"""

_MACOS = """
import os
for name in ("memfd_create", "sched_setscheduler", "sched_param", "SCHED_BATCH"):
    if hasattr(os, name):
        delattr(os, name)
"""

ELSEWHERE: Mapping[str, str] = {"a standalone program": _STANDALONE, "Windows": _WINDOWS, "macOS": _MACOS}


def mitmdump(kind: str, folder: Path) -> str:
    """Write a mitmdump that finds itself elsewhere; return its path."""
    program = folder / "mitmdump"
    code = ["import sys", "from mitmproxy.tools import main", _WITHOUT_MODULES, ELSEWHERE[kind], "main.mitmdump()"]
    program.write_text("\n".join([f"#!{sys.executable}", *code]))
    program.chmod(0o700)
    return str(program)
