"""Qwen Code's requests, in shapes seen of 0.24, shortened."""

import pytest

from traces.clients import client_of, ids_of, side_request
from traces.clients.qwen_code import QWEN_CODE
from traces.model import Ids, Json, Request, Trace

HEADERS = {"user-agent": "QwenCode/0.24.4 (linux; x64)", "x-stainless-lang": "js"}

REQUESTS = {
    "a turn": ("You are Qwen Code, a CLI agent.", None),
    "a subagent's turn": ("You are a general-purpose subagent working for a parent agent.", "SUBAGENT"),
    "a compaction": ("You are the component that summarizes a conversation when its context …", "COMPACTION"),
    "nothing": ("", None),
}


@pytest.mark.parametrize("case", REQUESTS)
def test_what_it_asks_beside_the_conversation_is_known_by_its_system_prompt(case: str) -> None:
    prompt, kind = REQUESTS[case]
    body: Json = {"messages": [{"role": "system", "content": prompt}, {"role": "user", "content": "hello"}]}
    assert client_of(HEADERS, body) is QWEN_CODE
    assert ids_of(HEADERS, body) == Ids()
    request = Request("POST", "http://box/v1/chat/completions", HEADERS, body)
    assert side_request(Trace("2026-11-22T10:00:00.000Z", "llamacpp", request)) == kind
