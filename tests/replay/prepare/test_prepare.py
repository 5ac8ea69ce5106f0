"""The bytes that are sent: as recorded where the format is the same, except for what was asked to be changed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from replay.errors import TranslationError
from replay.prepare.prepare import KEPT_SYSTEM, apply_settings, parse_setting, prepare, recorded_dialect
from replay.request import Options, Prepared, Target
from traces.dialects import Dialect
from traces.dialects.translation import system_role
from traces.model import Json, Request, Trace

BODY: dict[str, Any] = {
    "model": "claude-x",
    "messages": [{"role": "user", "content": "Hello"}],
    "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
    "max_tokens": 9,
    "stream": True,
    "unheard_of": [1, None, "é"],
}
CHAT: dict[str, Any] = {"model": "gpt-x", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
HEADERS = {
    "X-Api-Key": "[redacted]",
    "Anthropic-Version": "2024-01-01",
    "anthropic-beta": "a-1,b-2",
    "cookie": "[redacted]",
    "user-agent": "claude-cli",
    "accept-encoding": "br",
}


def trace(body: Json = BODY, path: str = "/v1/messages?beta=true") -> Trace:
    request = Request("POST", f"http://recorded.example{path}", HEADERS, body)
    return Trace("2025-10-26T14:23:45.123Z", "claude", request, source=Path("/traces/claude/hello.json"))


def target(dialect: Dialect = "anthropic") -> Target:
    return Target("http://box:7", "box", dialect, key="secret-key")


def prepared(*arguments: Any, model: str = "m", marker: str = "run-1", **options: Any) -> Prepared:
    recorded, to = arguments
    return prepare(recorded, to, model, Options(**options), marker)


def body_of(request: Prepared) -> Any:
    return json.loads(request.body)


def test_in_the_format_of_the_recording_only_the_model_changes() -> None:
    request = prepared(trace(), target())
    assert request.body == json.dumps({**BODY, "model": "m"}, ensure_ascii=False, separators=(",", ":")).encode()
    assert (request.path, request.model, request.notes) == ("/v1/messages?beta=true", "m", ())


def test_of_the_recorded_headers_only_those_go_out_that_the_body_needs() -> None:
    assert prepared(trace(), target()).headers == {
        "content-type": "application/json",
        "accept": "text/event-stream",
        "anthropic-version": "2024-01-01",
        "anthropic-beta": "a-1,b-2",
    }


def test_in_another_format_the_body_is_translated_and_what_is_lost_is_listed() -> None:
    request = prepared(trace(), target("chat"))
    assert (request.path, request.dialect) == ("/v1/chat/completions", "chat")
    assert body_of(request) == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello"}],
        "max_tokens": 9,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert request.notes == (
        "translated from the API format anthropic to chat",
        "unheard_of: dropped",
        "text.cache_control: dropped",
    )
    assert set(request.headers) == {"content-type", "accept"}


def test_from_openais_format_to_anthropics_the_version_is_named() -> None:
    request = prepared(trace(CHAT, "/openai/v1/chat/completions?x=1"), target())
    assert request.path == "/v1/messages"
    assert request.headers["anthropic-version"] == "2023-06-01"
    assert "anthropic-beta" not in request.headers


def test_a_chat_stream_is_asked_for_its_usage() -> None:
    request = prepared(trace(CHAT, "/v1/chat/completions"), target("chat"))
    assert body_of(request)["stream_options"] == {"include_usage": True}


def test_a_request_that_did_not_stream_does_now_with_a_note() -> None:
    request = prepared(trace({**BODY, "stream": False}), target())
    assert body_of(request)["stream"] is True
    assert request.notes == ("stream: turned on, to see when tokens arrive",)


@pytest.mark.parametrize(
    ("query", "sent"),
    [("?beta=true", "?beta=true"), ("?key=[redacted]&beta=true", "?beta=true"), ("?key=[redacted]", ""), ("", "")],
)
def test_a_masked_secret_of_the_recorded_address_is_not_sent(query: str, sent: str) -> None:
    assert prepared(trace(path=f"/v1/messages{query}"), target()).path == f"/v1/messages{sent}"


LATE = {"role": "system", "content": "It is late."}
LATE_TOLD = "<system-reminder>\nIt is late.\n</system-reminder>"


@pytest.mark.parametrize(("body", "path"), [(BODY, "/v1/messages"), (CHAT, "/v1/chat/completions")])
def test_a_system_message_in_mid_conversation_is_kept_where_nothing_is_translated(
    body: dict[str, Any], path: str
) -> None:
    recorded = trace({**body, "messages": [*body["messages"], LATE]}, path)
    to = target(recorded_dialect(recorded))
    assert body_of(prepared(recorded, to))["messages"] == [*body["messages"], LATE]
    assert prepared(recorded, to).notes == (KEPT_SYSTEM,)
    assert prepared(recorded, replace(to, name="claude")).notes == ()
    folded = prepared(recorded, to, system_role="fold")
    assert body_of(folded)["messages"] == [{"role": "user", "content": f"Hello\n{LATE_TOLD}"}]
    assert folded.notes == (system_role.FOLDED,)


def test_it_is_folded_where_the_request_is_translated_unless_it_is_asked_for() -> None:
    recorded = trace({**BODY, "messages": [*BODY["messages"], LATE]})
    assert system_role.FOLDED in prepared(recorded, target("chat")).notes
    assert body_of(prepared(recorded, target("chat"), system_role="keep"))["messages"][-1] == LATE


@pytest.mark.parametrize("messages", [["Hello"], [{"role": "user"}], {"role": "user"}])
def test_a_request_without_a_place_for_a_marker_is_an_error(messages: Json) -> None:
    with pytest.raises(TranslationError, match=r"^hello\.json: the request has no place for a marker"):
        prepared(trace({"messages": messages}), target(), cache="cold")


def test_settings_change_the_body_that_goes_out() -> None:
    settings = {"temperature": 0, "thinking.type": "disabled", "unheard_of": None, "max_tokens": 5}
    request = prepared(trace(), target(), settings=settings)
    changed = {key: value for key, value in BODY.items() if key != "unheard_of"}
    changed |= {"model": "m", "max_tokens": 5, "temperature": 0, "thinking": {"type": "disabled"}}
    assert body_of(request) == changed
    assert request.settings == settings


def test_a_secret_that_was_not_recorded_is_sent_masked_with_a_note() -> None:
    recorded = trace({"messages": [{"role": "user", "content": "My key is [redacted], not [redacted]."}]})
    assert "[redacted] is sent where the recording left out a secret (2 times)" in prepared(recorded, target()).notes
    assert not any("secret" in note for note in prepared(trace(), target()).notes)


@pytest.mark.parametrize("value", ["other", None])
def test_a_model_is_no_setting_since_a_run_is_known_by_it(value: Json) -> None:
    with pytest.raises(TranslationError, match="name it with --model"):
        prepared(trace(), target(), settings={"model": value})


@pytest.mark.parametrize("value", [False, None, 0])
def test_a_stream_cannot_be_turned_off(value: Json) -> None:
    with pytest.raises(TranslationError, match="A replay measures a stream"):
        prepared(trace(), target(), settings={"stream": value})


@pytest.mark.parametrize(
    ("recorded", "complaint"),
    [
        (trace(None), r"^hello\.json: the request's body isn't recorded"),
        (trace("not JSON"), r"^hello\.json: the request's body isn't recorded"),
        (trace(BODY, "/v1/messages/count_tokens"), "to http://recorded.example/v1/messages/count_tokens asks no model"),
        (trace(BODY, "/api/hello"), "asks no model for an answer"),
        (trace({"input": [{"type": "item_reference"}]}, "/v1/responses"), "An item_reference names what only"),
    ],
)
def test_what_cannot_be_sent_again_is_named(recorded: Trace, complaint: str) -> None:
    with pytest.raises(TranslationError, match=complaint):
        prepared(recorded, target())


def test_no_key_is_in_what_is_prepared() -> None:
    assert "secret" not in repr(prepared(trace(), target())) + str(prepared(trace(), target()).headers)


def test_a_cold_run_has_its_own_marker_and_a_note() -> None:
    first, second = (prepared(trace(), target(), cache="cold", marker=marker) for marker in ("1", "2"))
    assert first.body != second.body
    assert first.notes == ("a marker at the prompt's beginning keeps the server's cache out of it",)
    assert first.cache == "cold"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("temperature=0", ("temperature", 0)),
        ('stop_sequences=["a=b"]', ("stop_sequences", ["a=b"])),
        ("thinking=null", ("thinking", None)),
        ("reasoning_effort=high", ("reasoning_effort", "high")),
        ("system=", ("system", "")),
    ],
)
def test_a_setting_is_json_or_else_a_text(text: str, expected: tuple[str, Json]) -> None:
    assert parse_setting(text) == expected


@pytest.mark.parametrize("text", ["temperature", "=0", ""])
def test_a_setting_has_a_name_and_a_value(text: str) -> None:
    with pytest.raises(ValueError, match="a setting is written name=value"):
        parse_setting(text)


@pytest.mark.parametrize("text", ["model=null", "model=zzz", "model.x=1"])
def test_a_model_is_named_elsewhere(text: str) -> None:
    with pytest.raises(ValueError, match="a model is named with --model"):
        parse_setting(text)


def test_a_setting_reaches_within_a_field_and_makes_it_where_there_is_none() -> None:
    assert apply_settings({"a": {"b": 1, "c": 2}, "d": 3}, {"a.b": 9, "a.c": None, "d.e.f": 4}) == {
        "a": {"b": 9},
        "d": {"e": {"f": 4}},
    }


KEPT: list[dict[str, Json]] = [{"previous_response_id": "resp_1"}, {"conversation": {"id": "conv_1"}}]


@pytest.mark.parametrize("kept", KEPT)
def test_a_history_that_the_server_keeps_is_noted_where_the_request_goes_out_as_it_is(kept: dict[str, Json]) -> None:
    (field,) = kept
    request = prepared(trace({**CHAT, **kept}, "/v1/chat/completions"), target("chat"))
    assert body_of(request)[field] == kept[field]
    assert any(note.startswith(f"{field}: the history isn't in the request") for note in request.notes)


@pytest.mark.parametrize("kept", KEPT)
def test_a_history_that_the_server_keeps_cannot_be_translated(kept: dict[str, Json]) -> None:
    (field,) = kept
    recorded = trace({**CHAT, **kept}, "/v1/chat/completions")
    with pytest.raises(TranslationError, match=f"the server that answered keeps it \\({field}\\)"):
        prepared(recorded, target("anthropic"))
    without = prepared(recorded, target("anthropic"), settings={field: None})
    assert field not in body_of(without)


def test_an_empty_previous_answer_is_none() -> None:
    request = prepared(trace({**CHAT, "previous_response_id": None}, "/v1/chat/completions"), target("chat"))
    assert request.notes == ()
