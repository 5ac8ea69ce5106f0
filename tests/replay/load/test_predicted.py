"""What a cache that forgets nothing would hold of each prompt."""

from typing import Any

import pytest

from replay.load.marks import PLACEHOLDER, PLACES, marker_of, put
from replay.load.plan import Shared
from replay.load.predicted import Predictor
from replay.load.rows import Row
from replay.load.script import Script
from tests.support.load_rows import row
from tests.support.load_scripts import turn
from traces import jsonio


def text(words: int, letter: str) -> str:
    return letter * words


def request(*said: str) -> dict[str, Any]:
    """100 characters of tools, 100 of system prompt, then what was said, turn by turn."""
    messages = [{"role": ("user", "assistant")[n % 2], "content": words} for n, words in enumerate(said)]
    tool = {"name": "Read", "description": text(60, "r"), "input_schema": {}}
    return {"tools": [tool], "system": text(200, "s"), "messages": messages}


FIRST, SECOND = request(text(100, "a")), request(text(100, "a"), text(50, "b"), text(50, "c"))


def scripts(shared: Shared) -> list[Script]:
    bodies = [PLACES[shared](body, PLACEHOLDER) for body in (FIRST, SECOND)]
    return [Script("s", (turn(1, body=bodies[0]), turn(2, 1, body=bodies[1])))]


def sent(*rows: tuple[int, int, float]) -> list[Row]:
    """Return rows of a lane, a turn, and when it was sent; each has its first token after half a second."""
    return [
        row(session="s", lane=lane, turn=number, due=at, sent=at, input=1000, predicted=None)
        for lane, number, at in rows
    ]


def predicted(rows: list[Row], shared: Shared = "prefix", predictor: Predictor | None = None) -> list[int | None]:
    return [one.predicted for one in (predictor or Predictor(scripts(shared))).fill(rows)]


def test_a_turn_s_history_is_what_the_turn_before_it_had() -> None:
    first, second = predicted(sent((1, 1, 0.0), (1, 2, 5.0)))
    assert first == 0
    assert second is not None
    assert 700 < second < 850  # all but the last 100 of some 500 characters


def test_agents_share_tools_and_system_prompt_or_nothing_or_all() -> None:
    rows = sent((1, 1, 0.0), (2, 1, 5.0))
    [_, prefix], [_, nothing], [_, all_] = (predicted(rows, shared) for shared in ("prefix", "nothing", "all"))
    assert prefix is not None
    assert 600 < prefix < 800
    assert (nothing, all_) == (0, 1000)


def test_what_has_no_first_token_yet_isn_t_held() -> None:
    assert predicted(sent((1, 1, 0.0), (2, 1, 0.4)), "all") == [0, 0]
    assert predicted(sent((1, 1, 0.0), (2, 1, 0.6)), "all") == [0, 1000]


def test_later_runs_know_what_earlier_ones_left() -> None:
    predictor = Predictor(scripts("all"))
    assert predicted(sent((1, 1, 0.0)), predictor=predictor) == [0]
    assert predicted(sent((1, 1, 0.0)), predictor=predictor) == [1000]


def test_nothing_is_predicted_without_a_count_of_tokens_or_with_another_history() -> None:
    uncounted = [row(session="s", turn=1, input=None, predicted=None)]
    other = [row(session="s", turn=1, input=1000, predicted=None, history="live")]
    assert predicted(uncounted) == predicted(other) == [None]


def test_rows_come_back_in_the_order_they_were_sent() -> None:
    rows = sent((1, 2, 5.0), (1, 1, 0.0))
    assert [one.turn for one in Predictor(scripts("all")).fill(rows)] == [1, 2]


def test_every_copy_has_a_marker_of_its_own_and_keeps_it() -> None:
    markers = [marker_of("load", run, lane, visit) for run in (1, 2) for lane in (1, 2) for visit in (1, 2)]
    assert len({*markers, marker_of("other", 1, 1, 1)}) == 9
    assert {len(marker) for marker in markers} == {len(PLACEHOLDER)}
    assert marker_of("load", 1, 1, 1) == markers[0]


@pytest.mark.parametrize(
    ("shared", "marked", "same"),
    [("prefix", 1, ["system", "tools"]), ("nothing", 2, ["messages"]), ("all", 0, ["messages", "system", "tools"])],
)
def test_a_marker_is_where_copies_differ(shared: Shared, marked: int, same: list[str]) -> None:
    prepared = jsonio.dumps(PLACES[shared](SECOND, PLACEHOLDER))
    body = put(prepared, marker_of("load", 1, 2, 3))
    assert body.count(marker_of("load", 1, 2, 3).encode()) == marked
    assert PLACEHOLDER.encode() not in body
    found = jsonio.loads(body)
    assert isinstance(found, dict)
    assert [name for name in ("messages", "system", "tools") if found[name] == SECOND[name]] == same
