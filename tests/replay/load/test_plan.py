import pickle
from typing import Any

import pytest

from replay.load import objectives
from replay.load.objectives import Objective
from replay.load.plan import Agents, Arrivals, LoadPlan, Think
from replay.load.spans import parse_rate, parse_span, show_span
from tests.support import load_rows


@pytest.mark.parametrize(
    ("text", "seconds"), [("100ms", 0.1), ("5s", 5.0), ("5", 5.0), ("1.5m", 90.0), ("2 min", 120.0), ("1h", 3600.0)]
)
def test_a_span_is_read(text: str, seconds: float) -> None:
    assert parse_span(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "-1s", "5 days", "nan", "1e3"])
def test_what_is_no_span_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match="no span of time"):
        parse_span(text)


@pytest.mark.parametrize(("seconds", "words"), [(0.1, "100 ms"), (5.0, "5 s"), (90.0, "90 s"), (600.0, "10 min")])
def test_a_span_is_shown(seconds: float, words: str) -> None:
    assert show_span(seconds) == words


@pytest.mark.parametrize(("text", "per_minute"), [("6/min", 6.0), ("0.5/s", 30.0), ("30/h", 0.5), ("6/m", 6.0)])
def test_a_rate_is_read(text: str, per_minute: float) -> None:
    assert parse_rate(text) == pytest.approx(per_minute)


@pytest.mark.parametrize("text", ["6", "0/min", "-1/s", "6/day"])
def test_what_is_no_rate_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match="no rate"):
        parse_rate(text)


def test_objectives_are_read() -> None:
    found = objectives.parse("ttft=5s, gap=100ms,turn=30s")
    assert found == (Objective("ttft", 5.0), Objective("gap", 0.1), Objective("turn", 30.0))
    assert [str(each) for each in found] == [
        "first token within 5 s",
        "tokens at most 100 ms apart on average",
        "answer whole within 30 s",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ttft", "written name=time"),
        ("tfft=5s", "isn't one of"),
        ("ttft=soon", "no span"),
        ("ttft=0s", "more than 0"),
        ("ttft=1s,ttft=2s", "named twice"),
    ],
)
def test_what_is_no_objective_is_said_so(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        objectives.parse(text)


def test_a_turn_is_within_the_objectives_when_it_meets_all() -> None:
    wanted = objectives.parse("ttft=1s,gap=100ms,turn=3s")
    assert objectives.within(load_rows.row(ttft=1.0, gap_mean=0.1, total=3.0), wanted)
    assert objectives.within(load_rows.row(ttft=1.0, gap_mean=None, total=3.0), wanted)  # an answer of one chunk
    assert not objectives.within(load_rows.row(ttft=1.01, total=3.0), wanted)
    assert not objectives.within(load_rows.row(ttft=1.0, gap_mean=0.2, total=3.0), wanted)
    assert not objectives.within(load_rows.row(ttft=None), wanted)
    assert not objectives.within(load_rows.failed(), wanted)


def test_levels_are_known_by_their_names() -> None:
    levels = (Agents(1), Agents(8), Arrivals(6.0), Arrivals(0.5, "constant"))
    assert [level.name for level in levels] == ["1 agent", "8 agents", "6/min", "0.5/min"]
    assert [level.load for level in levels] == [1.0, 8.0, 6.0, 0.5]


@pytest.mark.parametrize(
    "given",
    [
        {"levels": ()},
        {"repeats": 0},
        {"duration": 0.0},
        {"duration": float("nan")},
        {"warmup": 60.0},
        {"ramp": -1.0},
        {"answers": "mine"},
        {"shared": "some"},
        {"max_tokens": 0},
        {"max_requests": 0},
        {"timeout": 0.0},
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(given)).removesuffix("s")):
        LoadPlan(**given)


def test_nobody_and_never_are_refused() -> None:
    for wrong in (lambda: Agents(0), lambda: Arrivals(0.0), lambda: Arrivals(6.0, "sundial"), lambda: Think(-1.0)):  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=r"1 agent|rate|clock|think"):
            wrong()


def test_a_pause_is_a_multiple_of_the_recorded_one_up_to_a_longest() -> None:
    assert [Think(0.5, 10.0).pause(recorded) for recorded in (0.0, 4.0, 100.0)] == [0.0, 2.0, 10.0]


def test_a_plan_can_be_sent_to_other_processes() -> None:
    plan = LoadPlan((Agents(2), Arrivals(6.0)), objectives=objectives.parse("ttft=5s"), settings={"temperature": 0})
    assert pickle.loads(pickle.dumps(plan)) == plan
