"""What the benchmark of compatibility says of a client, by what was recorded."""

from dataclasses import replace

from benchmarks.compatibility.judge import judge
from tests.support.factories import call, exchange, result
from traces.model import Ids

AGENT = "claude-cli/2.1.332 (external, cli)"
CALL = [call("Read", path="/a")]
ASKED = exchange(0, "Go on.", answer=CALL, user_agent=AGENT)
ANSWERED = exchange(2, "Go on.", CALL, [result("It.")], answer="Done.", user_agent=AGENT)


def test_a_client_that_works_has_nothing_wrong() -> None:
    found = judge([ASKED, replace(ANSWERED, marks=("changed",))], "claude_code")
    assert (found.is_well, found.recorded, found.wrong) == (True, 2, "")


def test_each_thing_that_is_wrong_is_seen() -> None:
    assert judge([], "claude_code").wrong == "nothing was recorded"
    assert not judge([ASKED, ANSWERED], "codex").known
    elsewhere = exchange(3, "Hello.", answer="Hi.", ids=Ids("another"), user_agent=AGENT)
    assert not judge([ASKED, ANSWERED, elsewhere], "claude_code").session
    assert not judge([ASKED], "claude_code").called
    odd = judge([ASKED, replace(ANSWERED, marks=("odd_events",))], "claude_code")
    assert (odd.whole, odd.wrong) == (False, "odd_events")
    refused = exchange(2, "Go on.", CALL, [result("It.")], failed="http_error", user_agent=AGENT)
    assert (judge([ASKED, refused], "claude_code").whole, judge([ASKED, refused], "claude_code").wrong) == (
        False,
        "http_error",
    )
