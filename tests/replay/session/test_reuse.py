"""A server that reuses nothing, as distinguished from one that lost a prompt."""

import pytest

from replay.result import ReplayResult
from replay.session.reuse import Prefixes, turns_without_reuse
from tests.support import replays
from tests.support.bodies import HELLO, anthropic, assistant, chat, said, text
from traces.metrics import InputUsage


def run(cached: int | None) -> ReplayResult:
    return replays.result(usage=InputUsage(4000 - (cached or 0), cached, None))


@pytest.mark.parametrize(
    ("turns", "reported"),
    [
        ([(0.9, run(0)), (0.9, run(0))], 2),
        ([(0.9, run(20)), (0.9, run(0))], 2),
        ([(0.9, run(3500)), (0.9, run(0))], 0),
        ([(0.9, run(0))], 0),
        ([(0.01, run(0)), (0.01, run(0)), (0.01, run(0))], 0),
        ([(0.9, run(None)), (0.9, run(None))], 0),
        ([(0.9, replays.failed()), (0.9, run(0))], 0),
        ([], 0),
    ],
    ids=["nothing", "a beginning", "once", "one turn", "nothing to reuse", "not said", "failed", "no turns"],
)
def test_a_server_reuses_nothing_where_no_turn_that_carried_on_did(
    turns: list[tuple[float, ReplayResult]], reported: int
) -> None:
    assert turns_without_reuse(turns) == reported


def test_what_is_kept_is_the_beginning_that_a_turn_shares_with_the_one_before() -> None:
    prefixes = Prefixes()
    prefixes.add(1, "main", anthropic(HELLO, system="12345"))
    prefixes.add(2, "main", anthropic(HELLO, assistant(text("12345")), HELLO, system="12345"))
    prefixes.add(3, "main", anthropic(HELLO, system="another"))
    assert prefixes.kept == {2: 0.5, 3: 0.0}


def test_another_agents_request_in_between_may_have_evicted_the_prompt() -> None:
    prefixes = Prefixes()
    for number, agent in enumerate(("main", "a1", "main", "main"), 1):
        prefixes.add(number, agent, chat(said("system", "12345"), HELLO))
    assert prefixes.kept == {4: 1.0}
