"""Whether a server rewrites `cch=`: what it reports of its cache goes before what its mode suggests."""

from dataclasses import replace
from math import inf

import pytest

from analysis.prefix_cache.anthropic import predict
from analysis.prefix_cache.server import describe, learn, server_of
from analysis.prefix_cache.templates import ORDERS
from tests.support import talks
from tests.support.talks import ANSWERED, Talk, body, system, user


@pytest.mark.parametrize(
    ("modes", "slots", "host"),
    [
        ({"lmstudio"}, 1, 0),
        ({"llamacpp"}, 1, inf),
        ({"ollama"}, 1, inf),
        ({"vllm"}, 0, 0),
        ({"claude"}, 0, 0),
        ({"claude", "vllm"}, 0, 0),
        ({"claude", "lmstudio"}, 1, 0),
    ],
)
def test_a_mode_implies_what_its_server_holds(modes: set[str], slots: int, host: float) -> None:
    server = server_of(modes)
    assert (server.slots, server.host) == (slots, host)


def test_what_the_user_says_goes_first() -> None:
    server = server_of({"vllm"}, slots=2, ram=1000)
    assert (server.slots, server.host) == (2, 1000)
    assert describe(server) == "a server with 2 slots and RAM for 1,000 tokens that slots lose"


CHAT = "http://localhost:8080/v1/chat/completions"
MESSAGES = "http://localhost:8080/v1/messages?beta=true"
ASKED = user("Fix the test. " * 1000)
ASKED["content"][0]["cache_control"] = {"type": "ephemeral"}


def rewrites(talk: Talk, order: str = "chatml") -> bool:
    server = server_of({turn.mode for turn in talk.turns})
    return learn(server, talk.turns, talks.words, ORDERS[order]).rewrites_header


def changing(mode: str, cached: int | None = None, url: str = MESSAGES, total: int = 3300) -> Talk:
    """Three turns, each with a header of its own; `cached` is what the server reports from the second on."""
    talk = Talk(mode)
    for number in range(3):
        read = cached if number else 0
        usage = None if cached is None else {"input_tokens": total - (read or 0), "cache_read_input_tokens": read or 0}
        history = [ASKED, *[ANSWERED, user("Go on.")] * number]
        talk.ask(body(*history, system=system(f"cch={number:05x};"), model="claude-sonnet-4-5"), ANSWERED, usage=usage)
    talk.traces = [replace(one, request=replace(one.request, url=url)) for one in talk.traces]
    return talk


@pytest.mark.parametrize(
    ("mode", "url", "expected"),
    [
        ("llamacpp", MESSAGES, True),
        ("llamacpp", CHAT, False),
        ("lmstudio", MESSAGES, False),
        ("claude", MESSAGES, False),
    ],
)
def test_without_evidence_only_llama_cpps_own_messages_are_rewritten(mode: str, url: str, expected: bool) -> None:
    assert rewrites(changing(mode, url=url)) == expected


@pytest.mark.parametrize("mode", ["llamacpp", "lmstudio", "claude"])
@pytest.mark.parametrize(("cached", "expected"), [(3, False), (0, False), (3200, True)])
def test_what_a_server_reports_goes_before_its_mode(mode: str, cached: int, expected: bool) -> None:
    assert rewrites(changing(mode, cached)) == expected


def test_a_placeholder_is_no_evidence() -> None:
    assert rewrites(changing("llamacpp", cached=0, total=1))


def test_a_header_that_stays_is_no_evidence() -> None:
    talk = Talk("llamacpp")
    for _ in range(3):
        talk.ask(body(ASKED), ANSWERED, usage={"input_tokens": 3300, "cache_read_input_tokens": 0})
    assert rewrites(talk)


def test_anthropics_cache_is_predicted_with_what_the_turns_show() -> None:
    talk = changing("claude", 2200)
    assert [one and one.read > 0 for one in predict(talk.turns, talks.words)] == [False, False, False]
    assert rewrites(talk, "anthropic")
    again = predict(talk.turns, talks.words, rewrites_header=True)
    assert [one and one.read > 0 for one in again] == [False, True, True]
