"""What several folders of tests share: their markers, and the real client and model servers, each started once."""

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from demo import CACHE, client, model_server
from tests.support import kinds
from tests.support.client import Client
from tests.support.locks import lock
from tests.support.needs import need

# How long an example takes is the machine's affair: a busy one must fail no test.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", settings.get_profile("any-machine"), max_examples=25)  # what `make quick` asks for
settings.register_profile(
    "long", settings.get_profile("any-machine"), max_examples=int(os.environ.get("ANYCLAUDE_TEST_EXAMPLES", "100"))
)
settings.load_profile("long" if "ANYCLAUDE_TEST_EXAMPLES" in os.environ else "any-machine")

kinds.forbid_io()


def pytest_configure(config: pytest.Config) -> None:
    for kind, meaning in kinds.KINDS.items():
        config.addinivalue_line("markers", f"{kind}: {meaning}")
    config.addinivalue_line("markers", "xdist_group(name): tests that share a worker of pytest-xdist")


def pytest_itemcollected(item: pytest.Item) -> None:
    kinds.mark(item)  # before pytest-xdist looks for groups


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=kinds.order)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    kinds.entered(item)
    try:
        return (yield)
    finally:
        kinds.left()


@pytest.fixture(scope="session")
def claude_program() -> Path:
    """The client that ANYCLAUDE_TEST_CLAUDE names, else the pinned one."""
    chosen = os.environ.get("ANYCLAUDE_TEST_CLAUDE")
    with lock(CACHE / "npm.lock"):
        program = Path(chosen) if chosen else client.install()
    need(program, "the real Claude Code is missing: install npm, or name one in ANYCLAUDE_TEST_CLAUDE")
    assert program is not None
    return program


@pytest.fixture
def claude(claude_program: Path, tmp_path: Path) -> Client:
    return Client(claude_program, tmp_path / "home")


@pytest.fixture(scope="session")
def smollm2_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo's model server, with real weights."""
    yield from _model_server("smollm2", tmp_path_factory)


@pytest.fixture(scope="session")
def tool_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real model server that calls a tool, whatever it is asked; fast enough for the client's whole prompt."""
    yield from _model_server("tool", tmp_path_factory)


@pytest.fixture(scope="session")
def tiny_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real model server that goes on with nonsense until it is cut off; as fast."""
    yield from _model_server("tiny", tmp_path_factory)


def _model_server(model: str, folders: pytest.TempPathFactory) -> Iterator[str]:
    with model_server.start(model, folders.mktemp(model) / "server.log") as url:
        yield url
