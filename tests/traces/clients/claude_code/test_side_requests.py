"""The requests that a client makes on the side. Their shapes are those of Claude Code 2.1.330, shortened."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.json_values import json_values
from traces.clients.claude_code.side_requests import side_request
from traces.content.answers import kind_of
from traces.model import Ids, Json, Request, Response, Trace

URL = "http://localhost:1234/v1/messages?beta=true"
TOOLS = [{"name": "Read", "input_schema": {}}, {"name": "Bash", "input_schema": {}}]
BILLING = "x-anthropic-billing-header: cc_version=2.1.330.d01; cc_entrypoint=sdk-cli;"


def request(
    body: Json, url: str = URL, request_class: str | None = None, agent: str | None = None, answer: Json = None
) -> Trace:
    headers = {"X-Claude-Code-Request-Class": request_class} if request_class else {}
    request = Request("POST", url, headers, body)
    return Trace("2026-11-22T10:00:00.000Z", "lmstudio", request, Response(200, {}, answer), ids=Ids("s", agent))


def user(text: str) -> list[Json]:
    return [{"role": "user", "content": "hello"}, {"role": "user", "content": [{"type": "text", "text": text}]}]


def blocks(*texts: str) -> list[Json]:
    return [{"type": "text", "text": text} for text in texts]


MAIN = {"system": blocks(BILLING, "You are Claude Code."), "tools": TOOLS, "messages": user("write a title")}
TITLE = {"output_config": {"format": {"type": "json_schema", "schema": {"properties": {"title": {}}}}}}
COMPACTION = "CRITICAL: Respond with TEXT ONLY.\n\nYour task is to create a detailed summary of the conversation so far"

CASES: dict[str, tuple[Trace, str | None]] = {
    "the conversation itself": (request(MAIN), None),
    "the conversation, hinted": (request(MAIN, request_class="main"), None),
    "count_tokens": (request(MAIN, "https://api.anthropic.com/v1/messages/count_tokens?beta=true"), "COUNT_TOKENS"),
    "a title": (request({"messages": user("fix it"), **TITLE}), "TITLE"),
    "a title, with no tools left": (request({"messages": user("fix it"), "tools": [], **TITLE}), "TITLE"),
    "a title, older": (
        request(
            {"system": blocks(BILLING, "Analyze if this message indicates a new conversation topic."), "messages": []}
        ),
        "TITLE",
    ),
    "a web search": (
        request({"tools": [{"type": "web_search_20250305", "name": "web_search"}], "messages": []}, agent="a1"),
        "WEB_SEARCH",
    ),
    "a conversation that may search": (
        request({"tools": [*TOOLS, {"type": "web_search_20250305", "name": "web_search"}], "messages": []}),
        None,
    ),
    "a fetched page": (request({"messages": user("\nWeb page content:\n---\nhello\n---\n\nsummarize")}), "WEB_FETCH"),
    "the quota": (request({"max_tokens": 1, "messages": [{"role": "user", "content": "quota"}]}), "QUOTA_CHECK"),
    "a suggestion": (request({"messages": user("[SUGGESTION MODE: Suggest what the user might type]")}), "SUGGESTION"),
    "a compaction": (request({"tools": TOOLS, "messages": user(COMPACTION)}), "COMPACTION"),
    "a compaction, hinted": (request(MAIN, request_class="compaction"), "COMPACTION"),
    "a subagent's compaction": (request(MAIN, request_class="compaction", agent="a1"), "COMPACTION"),
    "a subagent": (request(MAIN, agent="a1"), "SUBAGENT"),
    "a subagent, hinted": (request(MAIN, request_class="subagent"), "SUBAGENT"),
    "a workflow's agent": (request(MAIN, request_class="workflow"), "SUBAGENT"),
    "a subagent, by its billing line": (
        request({"system": blocks(BILLING + " cc_is_subagent=true;", "You are"), "messages": user("look")}),
        "SUBAGENT",
    ),
    "a user who writes of billing lines": (request({"system": [], "messages": user("cc_is_subagent=true")}), None),
    "anything else on the side": (request(MAIN, request_class="auxiliary"), "SIDE_REQUEST"),
}


@pytest.mark.parametrize(("trace", "name"), CASES.values(), ids=CASES.keys())
def test_a_side_request_is_named_as_what_it_is(trace: Trace, name: str | None) -> None:
    assert side_request(trace) == name


def test_its_name_goes_before_what_the_answer_did() -> None:
    called = {"content": [{"type": "tool_use", "name": "Read", "input": {}}]}
    assert kind_of(request(MAIN, answer=called)) == "TOOL_CALL"
    assert kind_of(request(MAIN, agent="a1", answer=called)) == "SUBAGENT"


FIELDS = "messages system tools role content type text user output_config format schema properties title max_tokens"


@given(json_values(keys=st.sampled_from(FIELDS.split())))
def test_no_request_raises(body: Json) -> None:
    side_request(request(body))
