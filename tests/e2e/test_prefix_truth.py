"""How much of each prompt comes from a server's cache: predicted, and as a real llama.cpp reports it.

The requests are the real client's, captured here. `python -m benchmarks.prefix truth` does the same with 200 and more.
"""

from pathlib import Path

import pytest

from benchmarks.prefix import capture, truth
from benchmarks.prefix.truth import SETUPS, Row, Setup
from tests.support import own_tokenizer
from traces.model import Trace


@pytest.fixture(scope="module")
def captured(claude_program: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Trace]:
    return capture.record(claude_program, tmp_path_factory.mktemp("captured"), capture.FEW)


@pytest.fixture(scope="module", params=SETUPS, ids=lambda setup: setup.name)
def replayed_rows(
    request: pytest.FixtureRequest, captured: list[Trace], tmp_path_factory: pytest.TempPathFactory
) -> list[Row]:
    setup: Setup = request.param
    folder = tmp_path_factory.mktemp("replayed")
    tokenizer = own_tokenizer.write(folder / "tokenizer.json")
    return truth.compare(truth.replay(captured, setup, folder), tokenizer, setup)


def test_predicted_reuse_is_what_the_server_reports(replayed_rows: list[Row]) -> None:
    assert truth.is_near(replayed_rows)


def test_there_is_something_to_predict(replayed_rows: list[Row]) -> None:
    """Prompts that are nearly all in the cache, and others of which nothing is: else any guess would do."""
    assert len(replayed_rows) >= 20
    assert any(row.turn.ids.agent for row in replayed_rows)
    reused = [row.reported / row.total for row in replayed_rows]
    assert min(reused) < 0.1
    assert sum(share > 0.9 for share in reused) > len(replayed_rows) / 2
