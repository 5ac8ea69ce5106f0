"""The view as mitmproxy itself chooses and calls it, whichever version is installed."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from mitmproxy import contentviews
from mitmproxy.http import Headers, HTTPFlow, Message
from mitmproxy.test import tflow, tutils

from addons.contentview.view import ContentView, columns_with_comment, lines
from tests.support import answers
from tests.support.encoders import ENCODERS

BODY = {"model": "scripted", "messages": [{"role": "user", "content": "What is in notes.txt?"}]}
ANSWER = b"".join(answers.events(answers.text("Milk and bread."), answers.tool("Read", file_path="/x")))
PATH = "/v1/messages?beta=true"

api: Any = contentviews


@pytest.fixture(autouse=True)
def offered() -> Iterator[ContentView]:
    """Offer the view to mitmproxy, and take it back at the end."""
    addon = ContentView()
    addon.load(None)
    yield addon
    addon.done()


def exchange(
    path: str = PATH, method: str = "POST", body: bytes = b"", answer: bytes = ANSWER, kind: str = "text/event-stream"
) -> HTTPFlow:
    flow = tflow.tflow(
        req=tutils.treq(
            method=method.encode(),
            path=path.encode(),
            content=body or json.dumps(BODY).encode(),
            headers=Headers(content_type="application/json"),
        )
    )
    flow.response = tutils.tresp(content=answer, headers=Headers(content_type=kind))
    flow.server_conn.timestamp_tcp_setup = flow.server_conn.timestamp_tls_setup = None  # else later than the answer
    return flow


def shown(message: Message | None, flow: HTTPFlow) -> tuple[str, str]:
    """Return the name of the view that mitmproxy chooses for a message, and what it shows."""
    assert message is not None
    if hasattr(contentviews, "registry"):
        metadata = api.Metadata(flow=flow, http_message=message)
        view = api.registry.get_view(message.content, metadata)
        return view.name, view.prettify(message.content, metadata)
    description, shown_lines, error = api.get_message_content_view("auto", message, flow)
    assert error is None
    return description.split()[-1], "\n".join("".join(text for _, text in line) for line in shown_lines)


def test_a_request_to_a_model_is_shown_as_what_it_asks() -> None:
    flow = exchange()
    view, text = shown(flow.request, flow)
    assert view == "LLM"
    assert "── 1 user ─" in text
    assert "  What is in notes.txt?" in text


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_a_compressed_stream_is_shown_as_the_message_it_brought(encoding: str) -> None:
    compress, finish = ENCODERS[encoding]()
    flow = exchange(answer=compress(ANSWER) + finish())
    assert flow.response is not None
    flow.response.headers["content-encoding"] = encoding
    view, text = shown(flow.response, flow)
    assert view == "LLM"
    assert "TOOL_CALL Read\nstop reason tool_use" in text
    assert "  Milk and bread." in text
    assert "  file_path: /x" in text


def test_a_whole_answer_is_shown_like_a_stream() -> None:
    whole = json.dumps(answers.message(answers.text("Milk and bread."))).encode()
    flow = exchange(answer=whole, kind="application/json")
    assert "stop reason end_turn" in shown(flow.response, flow)[1]


@pytest.mark.parametrize(
    ("path", "method"),
    [("/v1/models", "POST"), (PATH, "PUT"), ("/index.html", "POST")],
)
def test_other_traffic_is_left_to_mitmproxy(path: str, method: str) -> None:
    flow = exchange(path, method)
    assert shown(flow.request, flow)[0] != "LLM"
    assert shown(flow.response, flow)[0] != "LLM"
    assert lines(flow, flow.request) is None


@pytest.mark.parametrize(
    "body",
    [b"no JSON", b'{"messages": [', b"\xff\xfe\x00", b"[1, 2]", b'"\\ud800"', b"null"],
    ids=["text", "half", "bytes", "list", "surrogate", "null"],
)
def test_a_body_that_is_no_request_is_shown_as_far_as_can_be(body: bytes) -> None:
    flow = exchange(body=body, answer=body, kind="application/json")
    for message in (flow.request, flow.response):
        view, text = shown(message, flow)
        assert view == "LLM"
        text.encode()  # a terminal takes nothing else


def test_a_stream_that_was_cut_shows_what_had_arrived() -> None:
    flow = exchange(answer=ANSWER[: ANSWER.index(b"tool_use")])
    text = shown(flow.response, flow)[1]
    assert "stream_cut" in text
    assert "  Milk and bread." in text


def test_a_script_that_is_loaded_again_can_offer_its_view_again(offered: ContentView) -> None:
    offered.done()
    again = ContentView()
    again.load(None)
    again.done()
    offered.load(None)


@pytest.mark.parametrize(
    ("modes", "has_path"),
    [
        (["reverse:http://localhost:1234"], False),
        (["regular"], True),
        (["reverse:http://localhost:1234", "regular"], True),
    ],
)
def test_the_comment_comes_last_and_takes_the_room_of_paths_that_are_all_the_same(
    modes: list[str], has_path: bool
) -> None:
    columns = columns_with_comment(["icon", "path", "status", "time"], modes)
    assert columns[-1] == "comment"
    assert ("path" in columns) == has_path
