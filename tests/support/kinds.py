"""What kind a test is, by what it uses; and which tests must share a worker of pytest-xdist.

unit       nothing but this process: no folder, no socket, no other process (`forbid_io` holds it to that)
io         files, sockets and processes of ours
process    a proxy, the launcher, or a process with little memory: some seconds each
real       what others made: a model server, Claude Code, a browser, packages in environments of their own
"""

import os
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Literal

import pytest

Kind = Literal["unit", "io", "process", "real"]

KINDS: Mapping[Kind, str] = {
    "unit": "needs nothing but this process",
    "io": "uses files, sockets or processes of ours",
    "process": "starts a proxy, the launcher, or a process with little memory",
    "real": "uses a real model server, client, browser or package of others",
}

GROUPS: Mapping[str, tuple[str, ...]] = {
    "models": ("smollm2_server", "tool_server", "tiny_server", "replayed_rows"),
    "browser": ("browser",),
    "client": ("claude_program",),
    "packages": ("fastapi_package", "anthropic_package", "openai_package", "vocabularies", "wheel_environment"),
    "cluster": (),  # named in the files themselves
}
"""Fixtures that make a test `real`. Each group runs on one worker, so that what it starts is started once."""

FOLDERS: Mapping[str, str] = {"demo": "models", "e2e": "client"}
"""Folders of tests that are `real` whatever they use, and the group of those that use none of these fixtures."""

IO_FIXTURES = ("tmp_path", "tmp_path_factory")

IO_MODULES = (
    *("subprocess", "socket", "http.client", "urllib.request"),
    *(f"tests.support.{name}" for name in ("replayer", "scripted", "terminals")),
)
"""A test is `io` whose module holds one of these, or something out of it."""

PROCESS_MODULES = tuple(f"tests.support.{name}" for name in ("bounded", "machine", "proxy"))
"""A test is `process` whose module holds something out of these."""

IO_EVENTS = ("subprocess.Popen", "os.fork", "os.posix_spawn", "socket.connect", "socket.bind", "socket.getaddrinfo")
"""What Python reports to an audit hook, and no unit test may bring about."""


def group_of(item: pytest.Item) -> str | None:
    """Return the group of a real test; None for others."""
    fixtures = getattr(item, "fixturenames", ())
    found = (group for group, names in GROUPS.items() if any(name in fixtures for name in names))
    folder = item.path.relative_to(item.config.rootpath / "tests").parts[0]
    return next(found, FOLDERS.get(folder))


def kind_of(item: pytest.Item) -> Kind:
    """Return the kind of a test that isn't real."""
    held = vars(getattr(item, "module", None) or ModuleType("none")).values()
    origins = {_origin(value) for value in held}
    if not origins.isdisjoint(PROCESS_MODULES):
        return "process"
    has_folder = any(name in getattr(item, "fixturenames", ()) for name in IO_FIXTURES)
    return "io" if has_folder or not origins.isdisjoint(IO_MODULES) else "unit"


def _origin(value: Any) -> str:
    return value.__name__ if isinstance(value, ModuleType) else str(getattr(value, "__module__", ""))


def mark(item: pytest.Item) -> None:
    """Mark a test with its kind and, where it is real, with its group. What a test file marks itself stays."""
    if any(item.get_closest_marker(kind) for kind in KINDS):
        return
    if group := group_of(item):
        item.add_marker("real")
        item.add_marker(pytest.mark.xdist_group(group))
    else:
        item.add_marker(kind_of(item))


def forbid_io() -> None:
    """Make a unit test fail that does more than it may. It can't be undone: an audit hook stays."""

    def hook(event: str, _arguments: object) -> None:
        if event in IO_EVENTS and _in_unit_test:
            raise AssertionError(f"a unit test brought about {event}: write `pytestmark = pytest.mark.io` in its file")

    sys.addaudithook(hook)


_in_unit_test: list[str] = []


def entered(item: pytest.Item) -> None:
    if item.get_closest_marker("unit"):
        _in_unit_test.append(item.nodeid)


def left() -> None:
    _in_unit_test.clear()


def order(item: pytest.Item) -> int:
    """Return a key for sorting: what answers soonest first; on a worker, what lasts longest first."""
    groups = [mark.args[0] for mark in item.iter_markers("xdist_group")]
    place = list(GROUPS).index(groups[0]) if groups else len(GROUPS)
    return place if "PYTEST_XDIST_WORKER" in os.environ else -place
