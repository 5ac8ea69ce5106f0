"""No secret is in anything that is kept or shown of an exchange, and client and server get all of them."""

import base64
import http.client
import json
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from analysis.cli import main
from tests.support import answers, scripted, websockets
from tests.support.patience import eventually
from tests.support.proxy import SCRIPT, recording
from tests.support.scripted import Answer, Cut, Received
from tests.support.websockets import Talk

OWN = {
    "x-api-key": "geheim-header-0001",
    "authorization": "Bearer geheim-bearer-0002",
    "cookie": "sid=geheim-cookie-0003; theme=dark",
    "proxy-authorization": "Basic " + base64.b64encode(b"me:geheim-basic-0004").decode(),
    "referer": "https://me:geheim-user-0005@host/p?token=geheim-referer-0006&page=2",
    "x-forwarded-url": "https://h/?page=sk-ant-api03-geheim0007-0123456789",
}
PATH = "?key=geheim-query-0008&page=sk-ant-api03-geheim0009-0123456789&beta=true"
REPEATED = [
    *("geheim-header-0001", "geheim-bearer-0002", "geheim-cookie-0003", "geheim-basic-0004", "geheim-user-0005"),
    *("geheim-referer-0006", "geheim-query-0008"),
]
SAID = " ".join(REPEATED)
WRAPPED = base64.b64encode(b"export KEY=sk-ant-api03-geheim0010-0123456789 and geheim-header-0001 too").decode()
TOLD = "\n".join(
    [
        f"Mine: {SAID}. In base64: {WRAPPED}",
        "DB_PASSWORD=geheim-0011 \x1b[31mghp_geheim0012abcdefghijklmnop012345\x1b[0m",
        "-----BEGIN PRIVATE KEY-----\nMIIgeheim0013AgEAAoIBAQ\n-----END PRIVATE KEY-----",
        "curl -u me:geheim-0014 https://me:geheim-0015@host/ '%22ghp_geheim0016abcdefghijklmnop012345%22'",
    ]
)
REQUEST = {
    "model": "m",
    "max_tokens": 9,
    "stream": True,
    "mcp_servers": [{"type": "url", "url": "https://h/?token=geheim-0017", "authorization_token": "geheim-0018"}],
    "messages": [{"role": "user", "content": TOLD}],
}
EVENTS = answers.events(answers.text(f"You sent {SAID}. {TOLD}"), answers.tool("login", password="geheim 19"))
GIVEN = {
    "set-cookie": "sid=geheim-set-0020",
    "location": "https://me:geheim-user-0005@h/?access_token=geheim-place-0021",
    "x-echo": "geheim-header-0001",
}
REFUSED = {
    "error": {"type": "authentication_error", "message": f"invalid x-api-key: {SAID} https://h/?token=geheim-0022"}
}


def letter_by_letter(text: str) -> Iterator[bytes]:
    """Yield the events of a stream that gives each letter in one of its own."""
    first, *_ = answers.events(answers.text("x"))
    yield first
    yield answers.event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for letter in text:
        yield answers.event("content_block_delta", index=0, delta={"type": "text_delta", "text": letter})
    yield answers.event("content_block_stop", index=0)
    yield answers.event("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 9})
    yield answers.event("message_stop")


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


ANSWERS = {
    "stream": scripted.stream(EVENTS),
    "letters": scripted.stream(letter_by_letter(SAID)),
    "chunks": scripted.stream(in_pieces(b"".join(EVENTS), 7)),
    "gzip": scripted.stream(EVENTS, encoding="gzip"),
    "br": scripted.stream(EVENTS, encoding="br"),
    "whole": Answer(
        (json.dumps(answers.message(answers.text(TOLD))).encode(),), 200, {"content-type": "application/json", **GIVEN}
    ),
    "lines": Answer(tuple(json.dumps({"message": {"content": letter}}).encode() + b"\n" for letter in SAID)),
    "refused": scripted.whole(REFUSED, 401, **GIVEN),
    "moved": Answer((), 302, {**GIVEN, "content-length": "0"}),
    "text": Answer((f"no: {SAID}".encode(),), 500, {"content-type": "text/plain", **GIVEN}),
    "cut": scripted.stream([*EVENTS[:4], Cut.RESET]),
    "broken": scripted.stream([*EVENTS[:4], f"data: {{geheim-header-0001 {SAID}\n\n".encode(), *EVENTS[4:]]),
    "error": scripted.stream([*EVENTS[:3], answers.event("error", error={"type": "api_error", "message": SAID})]),
}
OTHERS = [("GET", "/v1/models"), ("POST", "/api/event_logging/batch"), ("PUT", "/anything")]


def respond(request: Received) -> Answer:
    kind = request.header("x-kind")
    return ANSWERS[kind] if kind else Answer((json.dumps({"echo": SAID}).encode(),), 200, dict(GIVEN))


@dataclass(frozen=True)
class Kept:
    traces: Path
    with_addon: Path
    without_addon: Path
    logs: str
    passed: str  # what server and client got


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """What is left of all exchanges, by a mitmdump with the addon, and by one without."""
    folder = tmp_path_factory.mktemp("secrets")
    flows = {name: folder / f"{name}.flow" for name in ("with", "without")}
    got: list[str] = []
    logs: list[str] = []
    with scripted.serving(respond) as server:
        for name, file in flows.items():
            script = SCRIPT if name == "with" else None
            with recording(
                server.url, folder / name, "-w", str(file), "--set", "flow_detail=0", script=script
            ) as proxy:
                got += [ask(proxy.url, "POST", "/v1/messages", kind) for kind in ANSWERS]
                got += [ask(proxy.url, method, path) for method, path in OTHERS]
                proxy.stop()
                logs.append(proxy.log.read_text())
        got += [f"{each.path} {each.headers} {each.body.decode()}" for each in server.received]
    return Kept(folder / "with" / "traces", flows["with"], flows["without"], logs[0], "\n".join(got))


def ask(url: str, method: str, path: str, kind: str = "") -> str:
    headers = {"content-type": "application/json", **OWN, **({"x-kind": kind} if kind else {})}
    with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)) as connection:
        connection.request(method, path + PATH, json.dumps(REQUEST), headers)
        with suppress(http.client.HTTPException, ConnectionError):
            answer = connection.getresponse()
            return f"{answer.headers} {answer.read()!r}"
    return ""


def leaks(text: str) -> set[str]:
    """Return what of the secrets a text holds, each with what stands around it."""
    return {text[max(0, at - 60) : at + 30] for at in places(text)}


MARKS = ("geheim", "Z2VoZWlt", "dlaGVpb", "nZWhlaW")
"""What all secrets have in them; also in base64, at each of its three places."""


def places(text: str) -> list[int]:
    return [text.find(mark) for mark in MARKS if mark in text]


def test_client_and_server_get_all_secrets(kept: Kept) -> None:
    got = kept.passed + base64.b64decode(WRAPPED).decode()
    assert WRAPPED in kept.passed
    assert [number for number in range(1, 23) if f"{number:04}" not in got and number not in (4, 19)] == []


def test_no_trace_holds_a_secret(kept: Kept) -> None:
    files = [file for file in kept.traces.rglob("*") if file.is_file()]
    assert len([file for file in files if file.suffix == ".json" and not file.is_symlink()]) == len(ANSWERS)
    found = {file.name: leaks(file.read_bytes().decode("utf-8", "replace")) for file in files}
    assert not {name: each for name, each in found.items() if each}


def test_no_file_that_mitmproxy_wrote_holds_a_secret(kept: Kept) -> None:
    data = kept.with_addon.read_bytes()
    assert not leaks(data.decode("utf-8", "replace"))
    assert data.count(b"[redacted]") > 50


def test_our_log_lines_hold_no_secret(kept: Kept) -> None:
    assert "Trace saved" in kept.logs
    assert not leaks(kept.logs)


WAYS = [
    ["list", "{}"],
    ["compare", "{}"],
    ["sessions", "{}"],
    ["report", "{}"],
    ["report", "{}", "--share", "-o", "names.html"],
    ["report", "{}", "--share=numbers", "-o", "numbers.html"],
    ["export", "{}", "-o", "table.csv"],
    ["export", "{}", "--parts", "-o", "parts.csv"],
    ["search", "{}", "Mine"],
]


@pytest.mark.parametrize("of", ["traces", "with_addon", "without_addon"])
def test_nothing_that_is_made_of_them_holds_a_secret(
    kept: Kept, of: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(kept.traces))
    source: Path = getattr(kept, of)
    files = sorted(source.rglob("2*.json")) if source.is_dir() else [source]
    for way in [*WAYS, *(["analyze", str(file), "-v"] for file in files)]:
        done = CliRunner().invoke(main, [word.format(source) for word in way])
        assert not leaks(done.output), way
    made = list(tmp_path.iterdir())
    assert len(made) == 5
    for file in made:
        assert not leaks(file.read_text()), file.name


def said_letter_by_letter(frame: Any) -> list[Any]:
    """Answer with secrets, each letter in a message of its own."""
    text, place = f"You sent {SAID} {TOLD}", {"item_id": "msg_resp_1", "output_index": 0, "content_index": 0}
    delta = {"type": "response.output_text.delta", **place}
    letters = [{**delta, "delta": letter} for letter in text]
    events = websockets.answer(text)
    return [*events[:3], *letters, *events[4:]] if frame.get("type") == "response.create" else []


@pytest.mark.parametrize("path", ["/v1/responses", "/something/else"])
def test_nothing_of_a_websocket_holds_a_secret(path: str, tmp_path: Path) -> None:
    flows = tmp_path / "all.flow"
    asked = {"type": "response.create", "model": "m", "input": [{"role": "user", "content": TOLD}]}
    with (
        websockets.serving(said_letter_by_letter) as server,
        recording(server.url, tmp_path, "-w", str(flows)) as proxy,
    ):
        talk = Talk(proxy.url, path + PATH, **OWN)
        talk.send(asked)
        talk.receive("response.completed")
        talk.close()
        assert eventually(lambda: flows.exists() and flows.stat().st_size > 0)
        proxy.stop()
    assert [frame["input"][0]["content"] for frame in server.frames] == [TOLD]
    assert len(proxy.traces()) == (path == "/v1/responses")
    for file in (flows, *(file for file in proxy.folder.rglob("*") if file.is_file())):
        assert not leaks(file.read_bytes().decode("utf-8", "replace")), file.name
