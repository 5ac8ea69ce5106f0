"""A request is tried until it passes, and what helped is kept."""

from collections.abc import Sequence

import pytest

from tests.support.bodies import HELLO, anthropic
from traces.repairs import Learned, Outgoing, Trial, repair

NEW = ("context_management", "output_config", "thinking")
REQUEST = Outgoing("/v1/messages", {}, anthropic(HELLO, **{name: {"type": "x"} for name in NEW}))


def strict(request: Outgoing) -> bytes:
    """Return the refusal of a server that names one field at a time; nothing where it accepts the request."""
    unknown = next((name for name in NEW if name in request.body), None)
    return f"{unknown}: Extra inputs are not permitted".encode() if unknown else b""


def try_out(learned: Learned) -> tuple[int, Sequence[str]]:
    """Return how often the request was sent until it was accepted, and what was learned from that."""
    trial = Trial(learned)
    for count in range(1, 100):
        sent, _ = repair(REQUEST, trial.names)
        refusal = strict(sent)
        if not refusal:
            return count, trial.accepted()
        if not trial.refused(400, refusal, sent):
            return count, ()
    raise AssertionError("it never ends")


def test_what_helped_is_kept_for_the_next_request() -> None:
    learned = Learned(["auto", "drop:output_config"])
    assert try_out(learned) == (3, ("drop:context_management", "drop:thinking"))
    assert learned.names == ("drop:output_config", "drop:context_management", "drop:thinking")
    assert try_out(learned) == (1, ())


def test_without_auto_a_refusal_is_the_answer() -> None:
    assert try_out(Learned(["drop:output_config"])) == (1, ())


def test_the_same_refusal_twice_ends_it_and_nothing_is_kept() -> None:
    learned = Learned(["auto"])
    trial = Trial(learned)
    refusal = b"Use output_config or thinking"
    assert trial.refused(400, refusal, REQUEST)
    assert trial.names == ("drop:output_config",)
    assert not trial.refused(400, refusal, repair(REQUEST, trial.names)[0])
    assert learned.names == ()


def test_tries_end_with_a_server_that_always_finds_something_else() -> None:
    body = anthropic(HELLO, **{f"field_{number}": 1 for number in range(99)})
    trial, sent = Trial(Learned(["auto"])), Outgoing("/v1/messages", {}, body)
    tries = 1
    while trial.refused(400, f"unknown field `field_{tries}`".encode(), sent):
        tries += 1
    assert tries == 12


@pytest.mark.parametrize("status", [401, 404, 429, 529])
def test_other_failures_are_not_tried_again(status: int) -> None:
    assert not Trial(Learned(["auto"])).refused(status, strict(REQUEST), REQUEST)
