from math import inf

import pytest

from analysis.servers import described, server_of


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
def test_a_mode_tells_what_its_server_holds(modes: set[str], slots: int, host: float) -> None:
    server = server_of(modes)
    assert (server.slots, server.host) == (slots, host)


def test_the_user_knows_better() -> None:
    server = server_of({"vllm"}, slots=2, ram=1000)
    assert (server.slots, server.host) == (2, 1000)
    assert described(server) == "a server that holds 2 slots and in RAM 1,000 tokens of it"
