"""A plan carried out from its traces to its exit code, against the built-in server."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from replay import results, server, session
from replay.model import Options
from replay.server import Plan as Timing
from replay.session import Plan, Session
from tests.support import synthetic

QUICK = Timing(delay=10, chunks=3, gap=5).model


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with server.running() as url:
        yield url


def plan(address: str, folder: Path, **changed: Any) -> Plan:
    asked: dict[str, Any] = {
        "traces": [synthetic.text()],
        "models": [QUICK],
        "dialect": None,
        "options": Options(),
        "resume": False,
    }
    return Plan(target=address, folder=folder, **{**asked, **changed})


def test_the_options_of_a_command_get_a_seed_where_none_was_given() -> None:
    assert session.options({"seed": 4, "runs": 2}) == Options(seed=4, runs=2)
    assert {session.options({"seed": None}).seed for _ in range(20)} != {0}


def test_what_is_kept_is_what_was_saved(address: str, tmp_path: Path) -> None:
    played = Session(plan(address, tmp_path, options=Options(runs=2, warmup=1)))

    assert played.play() == 0
    assert [result.run.round for result in played.results] == [0, 1, 2]
    assert results.load_all([tmp_path], []) == played.results


def test_one_model_that_fails_fails_the_session_and_the_other_is_still_asked(address: str, tmp_path: Path) -> None:
    played = Session(plan(address, tmp_path, models=["gone", QUICK]))

    assert played.play() == 1
    assert [(result.run.model, result.success) for result in played.results] == [("gone", False), (QUICK, True)]


def test_without_a_models_name_a_session_that_goes_on_compares_the_runs_of_the_one_that_is_loaded(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The built-in server has its default model loaded."""
    Session(plan(address, tmp_path)).play()
    Session(plan(address, tmp_path, models=[])).play()
    capsys.readouterr()
    again = Session(plan(address, tmp_path, models=[], options=Options(runs=2), resume=True))

    assert again.play() == 0
    assert [result.run.round for result in again.results] == [2]
    shown = capsys.readouterr().out
    assert "2 runs show large differences only" in shown
    assert QUICK not in shown
