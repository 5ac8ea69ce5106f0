"""A fourth, made-up API format, which is one class here: captured, analyzed, replayed and compared like the others."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow, tutils

import analysis
import replay
from replay.compare import compare
from replay.prepare.translate import translate
from tests.support.scripted import Received, Step, in_order, serving, stream, whole
from traces.content import answers
from traces.dialects import FORMATS, ApiFormat
from traces.dialects.base import ContentPiece, JsonStream
from traces.dialects.format import CannedAnswer, data
from traces.dialects.translation.notes import Notes
from traces.model import Json, Trace
from traces.storage import store

QUESTION = {"model": "m", "prompt": [{"by": "system", "says": "Be brief."}, {"by": "user", "says": "Hello"}], "most": 9}


class Telegraph(JsonStream, ApiFormat):
    """Asks in `prompt`; answers in events of `word`s, of which the last one has the counts."""

    name = "telegraph"
    title = "the telegraph's format"
    path = "/v9/telegrams"
    limits = ("most",)
    cut_off = ("paper",)
    has_types = False
    order = (("words came after the end", lambda kinds: "end" in kinds[:-1]),)

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.counts: dict[str, Any] = {}

    def stream(self) -> "Telegraph":
        return Telegraph()

    def message(self) -> Json:
        return {"telegram": "".join(self.words), **self.counts} if self.events else None

    def _take(self, data: dict[str, Any]) -> tuple[str, Sequence[ContentPiece]]:
        if "end" in data:
            self.ended, self.counts = True, {"end": data["end"], "usage": data["usage"]}
            return "end", ()
        self.words.append(self.lenient.text(data.get("word")))
        return "word", (ContentPiece("text", len(self.words[-1])),)

    def is_answer(self, message: Mapping[str, Any]) -> bool:
        return "telegram" in message

    def blocks(self, message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        yield {"type": "text", "text": message["telegram"]}

    def as_messages(self, message: Mapping[str, Any]) -> list[Json]:
        return [{"role": "assistant", "content": list(self.blocks(message))}]

    def stop_reason(self, message: Mapping[str, Any]) -> str | None:
        return message.get("end")

    def readable(self, body: Mapping[str, Any]) -> Json:
        return self.to_common(body, Notes()) if "prompt" in body else None

    def to_common(self, body: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
        said = [{"role": each["by"], "content": each["says"]} for each in body["prompt"]]
        system = {"system": "\n".join(each["content"] for each in said if each["role"] == "system")}
        messages = [each for each in said if each["role"] != "system"]
        return {"model": body["model"], **system, "messages": messages, "max_tokens": body["most"]}

    def from_common(self, body: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
        system = [{"by": "system", "says": body["system"]}] if "system" in body else []
        said = [{"by": each["role"], "says": each["content"]} for each in body["messages"]]
        return {"model": body["model"], "prompt": [*system, *said], "most": body.get("max_tokens", 99)}

    def canned_answer(self, model: str, number: int = 1) -> CannedAnswer:
        usage = {"input_tokens": 12, "cached_tokens": 2}
        return CannedAnswer(
            b"",
            lambda text: data({"word": text}),
            lambda count: data({"end": "stop", "usage": {**usage, "output_tokens": count}}),
        )


@pytest.fixture(autouse=True)
def telegraph(monkeypatch: pytest.MonkeyPatch) -> Telegraph:
    telegraph = Telegraph()
    monkeypatch.setitem(FORMATS, telegraph.name, telegraph)
    return telegraph


@pytest.fixture
def captured(tmp_path: Path, telegraph: Telegraph) -> Trace:
    """A trace of one exchange that mitmproxy recorded."""
    canned = telegraph.canned_answer("m")
    answer = canned.words("Good ") + canned.words("day.") + canned.closing(4)
    request = tutils.treq(method=b"POST", path=b"/v9/telegrams", content=json.dumps(QUESTION).encode())
    response = tutils.tresp(content=answer, headers=((b"content-type", b"text/event-stream"),))
    with (tmp_path / "one.flow").open("wb") as file:
        FlowWriter(file).add(tflow.tflow(req=request, resp=response))
    [trace] = store.read(tmp_path / "one.flow")
    return trace


def test_it_is_captured(captured: Trace) -> None:
    assert (captured.state, [event.kind for event in captured.events]) == ("complete", ["word", "word", "end"])
    assert captured.response is not None
    assert captured.response.body == {
        "telegram": "Good day.",
        "end": "stop",
        "usage": {"input_tokens": 12, "cached_tokens": 2, "output_tokens": 4},
    }
    assert answers.kind_of(captured) == "TEXT_GENERATION"


def test_it_is_analyzed(captured: Trace) -> None:
    assert captured.source is not None
    frame = analysis.load(captured.source.parent)
    [row] = frame.to_dict("records")
    assert (row["reported_input"], row["reported_cache_read"], row["output_reported"]) == (12, 2, 4)
    parts = analysis.parts(captured.source.parent)
    assert {"system", "user"} <= set(parts["kind"])


def test_it_is_replayed_and_compared(captured: Trace, telegraph: Telegraph) -> None:
    canned = telegraph.canned_answer("m")
    words: list[Step] = [canned.words("Good "), 0.05, canned.words("evening."), canned.closing(4)]
    said = in_order([stream(words)])

    def server(request: Received) -> Any:
        if request.path == "/v1/models":
            return whole({"object": "list", "data": [{"id": "m"}]})
        if request.path != "/v9/telegrams":
            return whole({"error": {"message": "not found"}}, 404)
        return said(request) if "prompt" in request.json else whole({"error": {"message": "no prompt"}}, 400)

    with serving(server) as started:
        result = replay.replay(captured, target=started.url, model="m")
        [sent] = [request.json for request in started.posts if "prompt" in (request.json or {})]
    assert (result.error, result.target.dialect, result.metrics.output) == (None, "telegraph", 4)
    assert sent == {**QUESTION, "stream": True}
    assert all(verdict.passed is not False for verdict in result.verdicts)
    [comparison] = compare.compare([result])
    assert [contender.label for contender in comparison.contenders] == ["m"]


@pytest.mark.parametrize("other", ["anthropic", "chat", "responses"])
def test_it_is_translated_from_and_to_every_other(other: str) -> None:
    there, _ = translate(QUESTION, "telegraph", other)
    back, _ = translate(there, other, "telegraph")
    assert "Be brief." in json.dumps(there)
    assert [each["by"] for each in back["prompt"]] == ["system", "user"]
    assert back["most"] == 9
