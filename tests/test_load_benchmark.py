"""What `benchmarks.load` makes of a server's record and a client's report: no client, no server."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.load import compare, ours, report
from benchmarks.load.loads import FULL, Measured
from benchmarks.replay.client import Answer, Load
from benchmarks.replay.measure import Failed
from replay.calibrate.server import Answered

MS = 1_000_000


def answered(number: int, received: int, first: int = 0, size: int = 130_000) -> Answered:
    """Return a record, in milliseconds; the first chunk was to be sent after 300."""
    return Answered(number, size, received * MS, (received + 300) * MS, first * MS, first * MS)


def test_an_error_has_no_sign_and_an_answer_is_found_by_its_number_or_the_times_in_its_text() -> None:
    record = [answered(1, 0, 301), answered(2, 10, 310)]
    reported = [Answer(0.310, None, number=2), Answer(0.303, None, "1000000000 1302000000 1322000000 ")]
    assert compare.ttft_errors(reported, record, 2) == pytest.approx((10, 1))


def test_a_client_that_reports_too_few_requests_has_no_figures() -> None:
    unknown = Answer(None, None, number=2), Answer(0.3, None, number=3), Answer(0.3, None)
    reported = [Answer(0.3, None, number=1), *unknown]
    with pytest.raises(Failed, match="1 of 2"):
        compare.ttft_errors(reported, [answered(1, 0, 300), answered(2, 0, 300)], 2)


def test_lateness_is_counted_from_the_most_punctual_request() -> None:
    received = [moment * MS for moment in (1005, 1100, 1230)]  # at ten a second: 5, 0 and 30 ms late
    assert compare.lateness(reversed(received), rate=10) == pytest.approx((5, 0, 30))


@pytest.mark.parametrize(
    ("received", "share"),
    [((0, 100, 200, 300), 100), ((0, 100, 240, 340), 100), ((0, 200, 400, 600), 50), ((0, 100), 50), ((), 0)],
)
def test_only_what_came_by_the_time_of_the_last_request_counts_as_delivered(
    received: tuple[int, ...], share: float
) -> None:
    assert compare.delivered([moment * MS for moment in received], 4, rate=10) == share


def test_what_a_client_asks_beside_the_load_does_not_count() -> None:
    warm_up, request = answered(1, 0, size=300), answered(2, 0)
    assert compare.of_load([warm_up, request]) == [request]


def test_the_server_is_late_by_what_it_sent_after_its_time() -> None:
    assert compare.server_lateness([answered(1, 10, 313), answered(2, 0)]) == (3,)


def test_a_recorded_session_grows_by_a_turn_each_time() -> None:
    bodies = [trace.request.body for trace in ours.session(3)]
    assert [len(body["messages"]) for body in bodies if isinstance(body, dict)] == [1, 3, 5]


def test_the_tables_show_the_most_streams_that_are_exact_and_what_a_chunk_costs(tmp_path: Path) -> None:
    few, more, *_ = FULL.at_once
    under = {
        few: measured(few, errors=(1.0, 2.0)),
        more: measured(more, errors=(3.0, 3.0, 10.5)),
        FULL.brief: measured(FULL.brief, cpu=1.0),
        FULL.lasting: measured(FULL.lasting, cpu=1.288),
        FULL.rates[0]: measured(FULL.rates[0], late=(2.0, 2.0, 4.0), delivered=99.5),
    }
    lines = report.report({"epoll": under, "aiperf": {}}, {"epoll": tmp_path, "aiperf": tmp_path}).splitlines()
    assert lines[0] == "|  | epoll | aiperf |"
    for line in (
        "| 16 streams: TTFT error, ms | 3.00 / 10.50 | – |",
        "| most streams with a p99 within 10 ms | 8 | – |",
        "| CPU a chunk, 64 streams, µs | 10.0 | – |",
        "| 25 requests/s: lateness by the server's clock, ms | 2.00 / 4.00 | – |",
        "| 25 requests/s: lateness as the client tells it, ms | – | – |",
        "| 25 requests/s: arrived in time, % | 99.5 | – |",
        "| 25 requests/s: cores used | 0.50 | – |",
    ):
        assert line in lines


def measured(load: Load, **given: Any) -> Measured:
    nothing: Any = {"errors": (), "told": (), "late": (), "delivered": 0.0, "server_late": (1.0,)}
    return Measured(load=load, **{"cpu": 1.0, "processes": 1, "server_cores": 0.5, **nothing, **given})
