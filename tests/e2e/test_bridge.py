"""The real Claude Code before servers that speak only chat completions: what it prints is what it prints before others.

With a scripted model for the hard cases, and a real llama.cpp whose `/v1/messages` a gate closes off for the rest.
"""

import base64
import json
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from demo import model_server
from tests.e2e.test_stories import ALLOWED, FIRST, STORIES
from tests.support import chat_answers, speaking_model, story
from tests.support.answers import text, tool
from tests.support.client import EACH_DELTA, Client
from tests.support.gate import closing_off
from tests.support.patience import PATIENCE, eventually
from tests.support.proxy import Proxy, recording
from tests.support.scripted import Cut, Received, serving, stream
from tests.support.story import Seen, Story
from traces.model import Exchange, Trace

CHAT = ("--set", "anyclaude_translate=chat")
AUTO = ("--set", "anyclaude_translate=auto")
STEADY_PREFIX = {"CLAUDE_CODE_ATTRIBUTION_HEADER": "0"}

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC"

TOLD = {
    **STORIES,
    "parallel calls": Story(
        asks=[("What is in both files?", *FIRST, *ALLOWED)],
        answers=[
            [
                text("Both at once."),
                tool("Read", "toolu_1", file_path="notes.txt"),
                tool("Bash", "toolu_2", command="cat notes.txt", description="Show the notes"),
            ],
            [text("Plum, twice.")],
        ],
        prints=["Plum, twice."],
    ),
    "an image": Story(
        asks=[("What is in the picture?", *FIRST, *ALLOWED)],
        answers=[[tool("Read", "toolu_1", file_path="picture.png")], [text("It is red.")]],
        prints=["It is red."],
    ),
}


@dataclass(frozen=True)
class Played:
    told: Story
    direct: Seen
    translated: Seen
    received: list[Received]
    traces: list[Trace]


@pytest.fixture(scope="module", params=list(TOLD.values()), ids=list(TOLD))
def played(request: pytest.FixtureRequest, claude_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Played:
    told: Story = request.param
    folder = tmp_path_factory.mktemp("bridge")
    client = Client(claude_program, folder / "home")
    with serving(told.script()) as server:
        direct = play(told, client, server, server.url)
    shutil.rmtree(client.home)
    with serving(told.script(chat_answers.chunks)) as server:
        with recording(server.url, folder, *CHAT) as proxy:
            translated = play(told, client, server, proxy.url)
        return Played(told, direct, translated, server.posts, proxy.traces())


def play(told: Story, client: Client, server: Any, url: str) -> Seen:
    (client.project / "picture.png").write_bytes(base64.b64decode(PIXEL))
    return story.play(told, client, server, url)


def test_the_client_prints_the_same_before_a_server_that_speaks_chat(played: Played) -> None:
    assert [printed["result"] for printed in played.translated.printed] == played.told.prints
    assert played.translated.printed == played.direct.printed


def test_the_server_gets_chat_completions_alone(played: Played) -> None:
    assert {request.path for request in played.received} == {"/v1/chat/completions"}
    for request in played.received:
        kinds = [message["role"] for message in request.json["messages"]]
        assert kinds[0] == "system"
        assert "system" not in kinds[1:]
        calls = [call["id"] for message in request.json["messages"] for call in message.get("tool_calls", ())]
        results = [message["tool_call_id"] for message in request.json["messages"] if message["role"] == "tool"]
        assert calls == results


def test_both_sides_of_each_exchange_are_recorded(played: Played) -> None:
    by_body = {request.body: request for request in played.received}
    assert len(played.traces) == len(by_body)
    for trace in played.traces:
        assert (trace.state, trace.error, trace.marks) == ("complete", None, ("changed",))
        assert trace.upstream is not None
        sent = trace.upstream.exchange
        assert (sent.state, sent.error, sent.marks) == ("complete", None, ())
        assert any(request.json == sent.request.body for request in played.received)
        assert trace.request.url.endswith("/v1/messages?beta=true")
        assert (trace.timing.ttft or 0) >= 0.9 * (sent.timing.ttft or 0) > 0


def test_the_server_gets_the_images_that_the_client_read(played: Played) -> None:
    parts = [
        part
        for message in played.received[-1].json["messages"]
        if isinstance(message["content"], list)
        for part in message["content"]
    ]
    images = [part["image_url"]["url"] for part in parts if part["type"] == "image_url"]
    assert len(images) == (played.told is TOLD["an image"])
    assert all(image.startswith("data:image/") for image in images)


CHUNKS = chat_answers.chunks(text("Hello to you."))


@pytest.mark.parametrize("cut", [Cut.RESET, Cut.HANG_UP])
def test_after_a_server_died_in_mid_stream_the_client_asks_again(cut: Cut, claude: Client, tmp_path: Path) -> None:
    with serving([stream([*CHUNKS[:2], 0.2, cut]), stream(CHUNKS)]) as server:
        with recording(server.url, tmp_path, *CHAT) as proxy:
            outcome = claude.ask(proxy.url, "Hello.")
        failed, good = proxy.traces()
    assert outcome.result == "Hello to you."
    assert _failure(failed) == _failure(_upstream(failed)) == "server_disconnected"
    assert (good.state, _upstream(good).state) == ("complete", "complete")


def test_a_client_killed_in_mid_stream_stops_the_server_too(claude: Client, tmp_path: Path) -> None:
    with serving([stream([*CHUNKS[:2], 60.0])]) as server, recording(server.url, tmp_path, *CHAT) as proxy:
        client = claude.start(proxy.url, "Hello.", *EACH_DELTA)
        try:
            assert client.stdout is not None
            assert any('"Hello "' in line for line in client.stdout)
        finally:
            client.kill()
            client.communicate()
        assert eventually(lambda: any(trace.error for trace in proxy.traces()))
    [trace] = proxy.traces()
    assert _failure(trace) == _failure(_upstream(trace)) == "client_disconnected"
    body: Any = trace.response and trace.response.body
    assert body["content"] == [{"type": "text", "text": "Hello "}]


def test_a_real_server_stops_for_a_killed_client_and_a_client_is_told_of_a_killed_server(
    claude: Client, tmp_path: Path
) -> None:
    arguments = (*EACH_DELTA, "--model", "tiny", "--tools", "", "--system-prompt", "Go on.")
    with (
        model_server.start("tiny", tmp_path / "server.log") as server,
        closing_off("/v1/messages", server) as closed,
        recording(closed, tmp_path, *CHAT) as proxy,
    ):
        newest = ("pgrep", "-n", "-P", str(os.getpid()), "-f", "demo.model_server")
        of_server = int(subprocess.check_output(newest))
        printed = ""
        for number, victim in enumerate(("client", "server")):
            client = claude.start(proxy.url, "Go on.", *arguments, CLAUDE_CODE_MAX_RETRIES="0", **STEADY_PREFIX)
            try:
                assert client.stdout is not None
                assert any('"text_delta"' in line for line in client.stdout)
                os.kill(client.pid if victim == "client" else of_server, signal.SIGKILL)
                printed, _ = client.communicate(timeout=PATIENCE)
            finally:
                client.kill()
                client.wait()
            assert eventually(partial(_more_ended, proxy, number))
    first, second, *_ = proxy.traces()
    assert _failure(first) == _failure(_upstream(first)) == "client_disconnected"
    assert _failure(second) == _failure(_upstream(second)) == "server_disconnected"
    told = [json.loads(line) for line in printed.splitlines() if '"type":"result"' in line]
    assert [each["is_error"] for each in told] == [True]


def test_before_a_real_server_without_anthropics_api_the_client_prints_the_same(
    claude: Client, tool_server: str, tmp_path: Path
) -> None:
    arguments = ("--model", "tool", "--tools", "Read", "--allowedTools", "Read", "--max-turns")

    def talk(url: str) -> list[dict[str, Any]]:
        first = claude.ask(url, "Go on.", *arguments, "5", **STEADY_PREFIX)
        return [first.printed, claude.ask(url, "And now?", "--continue", *arguments, "2", **STEADY_PREFIX).printed]

    with recording(tool_server, tmp_path / "direct") as proxy:
        direct = talk(proxy.url)
        own = proxy
    shutil.rmtree(claude.home)
    with closing_off("/v1/messages", tool_server) as closed, recording(closed, tmp_path / "closed", *AUTO) as proxy:
        translated = talk(proxy.url)
        bridged = proxy
    for name in ("is_error", "num_turns", "subtype", "stop_reason"):
        assert [printed.get(name) for printed in translated] == [printed.get(name) for printed in direct]
    assert [_tools(trace) for trace in bridged.traces()] == [_tools(trace) for trace in own.traces()] == [["Read"]] * 7
    assert {trace.state for trace in bridged.traces()} == {"complete"}
    for trace in bridged.traces():
        assert _upstream(trace).request.url == f"{closed}/v1/chat/completions"
        said: Any = _upstream(trace).message
        [call] = said["choices"][0]["message"]["tool_calls"]
        assert _blocks(trace)[-1]["input"] == json.loads(call["function"]["arguments"])
    first, *others = [_usage(trace) for trace in bridged.traces()]
    assert first["input_tokens"] > 1000
    for usage in others:  # the translation of a longer conversation begins as that of the shorter one does
        assert usage["cache_read_input_tokens"] > 0.9 * first["input_tokens"]


SPOKEN = {
    "main": [
        "Both at once.\n"
        + speaking_model.call("Read", '{"file_path": "notes.txt"}')
        + "\n"
        + speaking_model.call("Bash", '{"command": "cat notes.txt", "description": "Show the notes"}'),
        speaking_model.call(
            "Agent", '{"description": "find it", "prompt": "[[sub]] Find the word.", "run_in_background": false}'
        ),
        "They say plum. The picture?\n" + speaking_model.call("Read", '{"file_path": "picture.png"}'),
        "Plum, and a red picture.",
    ],
    "sub": ["I look.\n" + speaking_model.call("Read", '{"file_path": "notes.txt"}'), "It is plum."],
}
"""What a model with weights for that says to a real server: parallel calls, a subagent, an image."""


def test_parallel_calls_a_subagent_and_an_image_of_a_real_server_are_the_same_without_anthropics_api(
    claude: Client, tmp_path: Path
) -> None:
    stable = ("result", "is_error", "num_turns", "subtype", "stop_reason", "permission_denials")
    arguments = ("--tools", "Read,Bash,Agent", *ALLOWED, "--system-prompt", "Be brief.", *FIRST)

    def talk(url: str) -> list[Any]:
        (claude.project / "notes.txt").write_text("The word is plum.\n")
        (claude.project / "picture.png").write_bytes(base64.b64decode(PIXEL))
        printed = claude.ask(url, "[[main]] What is in all of it?", *arguments, **STEADY_PREFIX).printed
        return [printed.get(name) for name in stable]

    with speaking_model.serving(SPOKEN, tmp_path / "server.log") as server:
        with recording(server, tmp_path / "direct") as own:
            direct = talk(own.url)
        shutil.rmtree(claude.home)
        with closing_off("/v1/messages", server) as closed, recording(closed, tmp_path / "closed", *AUTO) as bridged:
            translated = talk(bridged.url)
    assert translated == direct
    assert direct[0] == "Plum, and a red picture."
    called = [_tools(trace) for trace in bridged.traces()]
    assert called == [_tools(trace) for trace in own.traces()]
    assert called == [["Read", "Bash"], ["Agent"], ["Read"], [], ["Read"], []]
    assert {(trace.state, trace.error) for trace in (*bridged.traces(), *own.traces())} == {("complete", None)}
    assert {_upstream(trace).request.url for trace in bridged.traces()} == {f"{closed}/v1/chat/completions"}
    assert [trace.ids.agent is not None for trace in bridged.traces()] == [False, False, True, True, False, False]
    for trace in bridged.traces():
        said: Any = _upstream(trace).message
        calls = said["choices"][0]["message"].get("tool_calls", [])
        uses = [block for block in _blocks(trace) if block["type"] == "tool_use"]
        assert [block["input"] for block in uses] == [json.loads(call["function"]["arguments"]) for call in calls]
    sent: Any = _upstream(bridged.traces()[-1]).request.body
    assert json.dumps(sent["messages"]).count('"image_url": {"url": "data:image/') == 1


def test_a_prompt_that_a_real_server_has_no_room_for_is_told_in_words_that_the_client_knows(
    claude: Client, tmp_path: Path
) -> None:
    with (
        model_server.start("tiny", tmp_path / "server.log", "--context", "2048") as server,
        recording(server, tmp_path, *CHAT) as proxy,
    ):
        outcome = claude.ask(proxy.url, "Go on.", "--model", "tiny", "--tools", "Read")
    assert outcome.printed["is_error"]
    assert "Prompt is too long" in outcome.result
    assert _upstream(proxy.traces()[0]).response is not None
    refusal: Any = _upstream(proxy.traces()[0]).message
    assert refusal["error"]["type"] == "exceed_context_size_error"


def _more_ended(proxy: Proxy, before: int) -> bool:
    return sum(trace.error is not None for trace in proxy.traces()) > before


def _upstream(trace: Trace) -> Exchange:
    assert trace.upstream is not None
    return trace.upstream.exchange


def _failure(exchange: Exchange) -> str | None:
    return exchange.error.kind if exchange.error else None


def _blocks(trace: Trace) -> list[Any]:
    message: Any = trace.message
    blocks: list[Any] = message["content"]
    return blocks


def _tools(trace: Trace) -> list[str]:
    return [block["name"] for block in _blocks(trace) if block["type"] == "tool_use"]


def _usage(trace: Trace) -> dict[str, int]:
    message: Any = trace.message
    usage: dict[str, int] = message["usage"]
    return usage
