"""What a server of chat completions may do, and what a client of Anthropic's must get of it."""

import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from benchmarks.bridge.translators import KEY
from tests.support.bodies import IMAGE, READ, assistant, result, text, use, user
from tests.support.scripted import Answer, Cut, Step, stream, whole
from traces.dialects import FORMATS
from traces.dialects.sse import ServerEvent, SseParser

LONG = "mcp__" + "server" * 11 + "__search"
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Got:
    """What the client got, and what the server was sent. `message` is assembled from the stream, or the body."""

    status: int
    headers: Mapping[str, str]
    events: Sequence[ServerEvent]
    message: Any
    sent: Sequence[Any]

    def blocks(self, kind: str) -> list[Any]:
        content = self.message.get("content") if isinstance(self.message, dict) else None
        return [block for block in content or () if block.get("type") == kind]

    def sent_by(self, role: str) -> list[Any]:
        """Return the messages of this role that the server was sent."""
        return [message for message in self.sent[-1]["messages"] if message["role"] == role]

    @property
    def text(self) -> str:
        return "".join(block["text"] for block in self.blocks("text"))

    @property
    def thinking(self) -> str:
        return "".join(block["thinking"] for block in self.blocks("thinking"))

    @property
    def content_events(self) -> list[ServerEvent]:
        """The events that a client's accumulator is given."""
        return [event for event in self.events if event.name not in ("error", "ping")]

    @property
    def calls(self) -> list[tuple[str, Any]]:
        return [(block["name"], block["input"]) for block in self.blocks("tool_use")]

    @property
    def error(self) -> tuple[str | None, str]:
        """The type and the words of the error, in the body or in the stream."""
        said = [json.loads(event.data) for event in self.events if event.name == "error"] or [self.message]
        error = said[0].get("error") if isinstance(said[0], dict) else None
        return (error.get("type"), str(error.get("message"))) if isinstance(error, dict) else (None, "")


@dataclass(frozen=True, slots=True)
class Case:
    """One behaviour of a server. `check` says whether the client got what it should."""

    answer: Answer
    check: Callable[[Got], bool]
    request: Mapping[str, Any] = field(default_factory=dict)
    path: str = "/v1/messages"


def chunk(delta: Any = None, finish: Any = None, **more: Any) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return b"data: " + json.dumps({**head, "choices": choices, **more}).encode() + b"\n\n"


def part(index: int | None, arguments: str, name: str | None = None, ident: str | None = None) -> bytes:
    place = {} if index is None else {"index": index}
    named = {"id": ident, "type": "function"} if ident else {}
    function = {"arguments": arguments} | ({"name": name} if name else {})
    return chunk({"tool_calls": [{**place, **named, "function": function}]})


DONE = b"data: [DONE]\n\n"


def says(*steps: Step, finish: str = "stop", **more: Any) -> Answer:
    return stream([chunk({"role": "assistant", "content": ""}), *steps, chunk({}, finish, **more), DONE])


def refuses(status: int, words: str, **headers: str) -> Answer:
    return whole({"error": {"message": words, "type": "x", "code": status}}, status, **headers)


HELLO = chunk({"content": "Hello"})
A, B = ("Read", {"path": "a"}), ("Read", {"path": "b"})
CACHED = {"prompt_tokens_details": {"cached_tokens": 60}}
USAGE = {"prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107, **CACHED}
TOO_LONG = "request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it"
HALF = b'data: {"choices":[{"index":0,"delta":{"content":"\\ud83d"}}]}\n\n'
MESSAGE = {"role": "assistant", "content": "Hello"}
CHOICES = {"choices": [{"index": 0, "finish_reason": "stop", "message": MESSAGE}]}
WHOLE = {**CHOICES, "id": "c1", "object": "chat.completion", "created": 1, "model": "m", "usage": USAGE}


def counts(got: Got) -> bool:
    usage = got.message["usage"]
    return (usage.get("input_tokens"), usage.get("cache_read_input_tokens"), usage.get("output_tokens")) == (40, 60, 7)


def tools(*names: str) -> dict[str, Any]:
    return {"tools": [{**READ, "name": name} for name in names]}


def sent_text(got: Got, words: str) -> bool:
    return bool(got.sent) and words in json.dumps(got.sent[-1])


CASES: Mapping[str, Case] = {
    "text": Case(says(HELLO), lambda got: got.text == "Hello" and got.message["stop_reason"] == "end_turn"),
    "thinking in reasoning_content": Case(
        says(chunk({"reasoning_content": "Hm."}), HELLO),
        lambda got: got.thinking == "Hm.",
    ),
    "thinking in reasoning": Case(says(chunk({"reasoning": "Hm."}), HELLO), lambda got: got.thinking == "Hm."),
    "a tool call in pieces": Case(
        says(part(0, "", "Read", "a"), part(0, '{"path":'), part(0, '"a"}'), finish="tool_calls"),
        lambda got: got.calls == [A] and got.message["stop_reason"] == "tool_use",
    ),
    "a tool call that ends with stop": Case(
        says(part(0, '{"path":"a"}', "Read", "a")), lambda got: got.message["stop_reason"] == "tool_use"
    ),
    "text, then a call": Case(
        says(HELLO, part(0, '{"path":"a"}', "Read", "a"), finish="tool_calls"),
        lambda got: (got.text, got.calls) == ("Hello", [A]),
    ),
    "parallel calls": Case(
        says(part(0, '{"path":"a"}', "Read", "a"), part(1, '{"path":"b"}', "Read", "b"), finish="tool_calls"),
        lambda got: got.calls == [A, B],
    ),
    "parallel calls, their parts in turn": Case(
        says(
            *(part(0, "", "Read", "a"), part(1, "", "Read", "b"), part(0, '{"path":'), part(1, '{"path":')),
            *(part(0, '"a"}'), part(1, '"b"}')),
            finish="tool_calls",
        ),
        lambda got: got.calls == [A, B],
    ),
    "parallel calls without an index": Case(
        says(part(None, '{"path":"a"}', "Read", "a"), part(None, '{"path":"b"}', "Read", "b"), finish="tool_calls"),
        lambda got: got.calls == [A, B],
    ),
    "calls without an id": Case(
        says(part(0, '{"path":"a"}', "Read"), part(1, '{"path":"b"}', "Read"), finish="tool_calls"),
        lambda got: got.calls == [A, B] and len({b["id"] for b in got.blocks("tool_use") if b["id"]}) == 2,
    ),
    "a call without arguments": Case(
        says(part(0, "", "Read", "a"), finish="tool_calls"), lambda got: got.calls == [("Read", {})]
    ),
    "an answer that is cut off": Case(
        says(HELLO, finish="length"), lambda got: got.message["stop_reason"] == "max_tokens"
    ),
    "a filtered answer": Case(
        says(HELLO, finish="content_filter"), lambda got: got.message["stop_reason"] == "refusal"
    ),
    "a stop sequence": Case(
        stream([HELLO, chunk({}, "stop").replace(b'"stop"}', b'"stop", "stop_reason": "###"}'), DONE]),
        lambda got: (got.message["stop_reason"], got.message["stop_sequence"]) == ("stop_sequence", "###"),
        {"stop_sequences": ["###"]},
    ),
    "usage with cached tokens": Case(says(HELLO, usage=USAGE), counts),
    "usage after the finish": Case(stream([HELLO, chunk({}, "stop"), chunk(usage=USAGE), DONE]), counts),
    "no [DONE]": Case(
        stream([HELLO, chunk({}, "stop")]), lambda got: got.events[-1].name == "message_stop" and got.text == "Hello"
    ),
    "half a character in each piece": Case(
        stream([HALF, chunk({"content": "\ude00"}), chunk({}, "stop"), DONE]), lambda got: got.text == "😀"
    ),
    "arguments with a line break": Case(
        says(part(0, '{"path":"a\nb"}', "Read", "a"), finish="tool_calls"),
        lambda got: got.calls == [("Read", {"path": "a\nb"})],
    ),
    "unstreamed": Case(whole(WHOLE), lambda got: got.text == "Hello" and counts(got), {"stream": False}),
    "too long a prompt": Case(
        refuses(400, TOO_LONG),
        lambda got: got.status == 400 and "prompt is too long: 4390 tokens > 4096 maximum" in got.error[1],
    ),
    "a wrong key": Case(
        refuses(401, "Invalid key"), lambda got: (got.status, got.error[0]) == (401, "authentication_error")
    ),
    "no such model": Case(
        refuses(404, "No model m"), lambda got: (got.status, got.error[0]) == (404, "not_found_error")
    ),
    "too many requests": Case(
        refuses(429, "Slow down", retry_after="7"),
        lambda got: (got.status, got.error[0], got.headers.get("retry-after")) == (429, "rate_limit_error", "7"),
    ),
    "a server that is loading": Case(
        refuses(503, "Loading model"), lambda got: got.status == 503 and "Loading model" in got.error[1]
    ),
    "an error in the stream": Case(
        stream([HELLO, b'data: {"error": {"message": "Out of memory", "code": 500}}\n\n', DONE]),
        lambda got: "Out of memory" in got.error[1] and "message_stop" not in {event.name for event in got.events},
    ),
    "a stream that is cut": Case(
        stream([HELLO, 0.2, Cut.HANG_UP]), lambda got: "message_stop" not in {event.name for event in got.events}
    ),
    "an image": Case(
        says(HELLO),
        lambda got: sent_text(got, '"image_url"') and sent_text(got, IMAGE["source"]["data"]),
        {"messages": [user(IMAGE, text("What is it?"))]},
    ),
    "a tool's error": Case(
        says(HELLO),
        lambda got: sent_text(got, "rror") and sent_text(got, "Nope"),
        {"messages": [user(text("Read")), assistant(use("t1", path="a")), user(result("t1", "Nope", is_error=True))]},
    ),
    "a tool's image": Case(
        says(HELLO),
        lambda got: any(IMAGE["source"]["data"] in json.dumps(each) for each in got.sent_by("user")),
        {"messages": [user(text("Read")), assistant(use("t1", path="a")), user(result("t1", [IMAGE]))]},
    ),
    "a system message in the conversation": Case(
        says(HELLO),
        lambda got: sent_text(got, "It is late") and not got.sent_by("system"),
        {"messages": [user(text("Hello")), {"role": "system", "content": "It is late."}]},
    ),
    "a tool with a point in its name": Case(
        says(part(0, "{}", "a_b", "t1"), finish="tool_calls"),
        lambda got: not sent_text(got, '"a.b"') and got.calls == [("a.b", {})],
        tools("a.b"),
    ),
    "a tool with a long name": Case(
        says(HELLO),
        lambda got: all(len(tool["function"]["name"]) <= 64 for tool in got.sent[-1]["tools"]),
        tools(LONG),
    ),
    "count_tokens": Case(
        refuses(404, "no such path"),
        lambda got: got.status == 200 and got.message.get("input_tokens", 0) > 0,
        {"stream": False},
        "/v1/messages/count_tokens",
    ),
}


def ask(url: str, case: Case) -> tuple[int, Mapping[str, str], bytes]:
    """Return the status, the headers, and as much of the body as came."""
    body = {"model": "m", "max_tokens": 50, "stream": True, "messages": [user(text("Hello"))], **tools("Read")}
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE)
    headers = {"content-type": "application/json", "x-api-key": KEY, "anthropic-version": "2023-06-01"}
    data = b""
    try:
        connection.request("POST", case.path, json.dumps({**body, **case.request}), headers)
        answer = connection.getresponse()
        try:
            while piece := answer.read1(65536):
                data += piece
        except (OSError, http.client.HTTPException):
            pass  # it breaks off
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, data
    except (OSError, http.client.HTTPException):
        return 0, {}, data
    finally:
        connection.close()


def read(status: int, headers: Mapping[str, str], data: bytes, sent: Sequence[Any]) -> Got:
    """Return what the client got, as it reads it."""
    if not headers.get("content-type", "").startswith("text/event-stream"):
        try:
            return Got(status, headers, (), json.loads(data), sent)
        except ValueError:
            return Got(status, headers, (), None, sent)
    parser = SseParser()
    events = [*parser.feed(data), *parser.close()]
    stream_read = FORMATS["anthropic"].stream()
    for event in events:
        stream_read.feed(event, None)
    return Got(status, headers, events, stream_read.message(), sent)


def passes(case: Case, got: Got) -> bool:
    try:
        return case.check(got)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        return False
