"""What Claude Code sends is taken by a strict server once it is repaired, by name or by what the server says.

FastAPI's pins clash with mitmproxy's, so it runs in an environment of its own, made once under `.cache`.
"""

from dataclasses import asdict
from pathlib import Path

import pytest

from addons.launcher.server_checks import CLAUDES_HEADERS, claudes_request
from tests.support.bodies import IMAGE, assistant, result, text, use, user
from tests.support.packages import ask, python_with
from traces.repairs import Learned, Outgoing, Trial, repair

MARKER = {"cache_control": {"type": "ephemeral"}}
HISTORY = [
    user(text("Look:"), {**IMAGE, **MARKER}),
    assistant(
        {"type": "thinking", "thinking": "Hm.", "signature": ""},
        {**use("a"), "caller": {"type": "direct"}},
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
        {"type": "web_search_tool_result", "tool_use_id": "s", "content": []},
    ),
    {**user({**result("a", [IMAGE]), **MARKER}), "output_config": {"effort": "low"}},
]
SERVER_TOOL = {"type": "web_search_20250305", "name": "web_search"}
DEFERRED = {"name": "Later", "description": "x", "input_schema": {"type": "object"}, "defer_loading": True}

SENT = claudes_request("m")
REQUESTS = {
    "its first request": SENT,
    "with calls, images, thinking and tools of all kinds": {
        **SENT,
        "messages": [*SENT["messages"], *HISTORY],
        "tools": [*SENT["tools"], {**DEFERRED, "strict": True}, SERVER_TOOL],
    },
}


@pytest.fixture(scope="module")
def fastapi_package() -> Path:
    """Return the Python that has the package."""
    return python_with("fastapi==0.165.0")


@pytest.mark.parametrize("what", REQUESTS)
@pytest.mark.parametrize(
    "asked", [["system-role", "betas", "images", "all-thinking"], ["system-top", "betas", "images", "auto"], ["auto"]]
)
def test_a_strict_server_takes_it(fastapi_package: Path, what: str, asked: list[str]) -> None:
    request = Outgoing("/v1/messages?beta=true", CLAUDES_HEADERS, REQUESTS[what])
    assert sent(fastapi_package, request)[0] == 422, "as it is, it is refused"
    trial, refusals = Trial(Learned(asked)), []
    while True:
        repaired, _ = repair(request, trial.names)
        status, answer = sent(fastapi_package, repaired)
        if status == 200 or not trial.refused(status, answer.encode(), repaired):
            break
        refusals.append(answer)
    assert status == 200, refusals
    assert refusals or asked != ["auto"]
    assert not refusals or "auto" in asked
    words = [block for message in repaired.body["messages"] for block in message["content"]]
    assert any("Again." in str(block) for block in words), "what the user says is still there"


def sent(package: Path, request: Outgoing) -> tuple[int, str]:
    status, answer = ask(package, "strict_messages.py", [{**asdict(request), "headers": dict(request.headers)}])[0]
    return status, answer
