"""The server of `view`: whom it answers, with what, and when it sends changes to a browser."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from analysis.web.server import PortTaken, Server, changes, serve
from analysis.web.watch import SessionFolder
from tests.support import synthetic
from tests.support.analyzer import Analyzer
from tests.support.patience import PATIENCE
from tests.support.talks import SESSION, Talk, body, said, user
from traces.model import Ids


def talk() -> Talk:
    return Talk().ask(body(user("Hi")), said("Hello."))


@pytest.fixture
def server(analyzer: Analyzer) -> Iterator[Server]:
    with Server(SessionFolder(analyzer.root)) as started:
        thread = threading.Thread(target=started.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield started
        started.shutdown()
        thread.join()


def get(server: Server, path: str = "", **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
    """Get a path below the server's own address, or an absolute one."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=PATIENCE)
    connection.request("GET", path if path.startswith("/") else urlsplit(server.url).path + path, headers=headers)
    response = connection.getresponse()
    return response.status, response.headers, response.read().decode()


def shown(server: Server, path: str) -> Any:
    status, _, text = get(server, path)
    assert status == 200, text
    return json.loads(text)


def test_it_lists_sessions_and_shows_one(server: Server, analyzer: Analyzer) -> None:
    synthetic.write_all(talk().traces, analyzer.root)

    [row] = shown(server, "data")["rows"]
    session = shown(server, f"session/{row['session']}/data")
    _, _, drawn = get(server, f"session/{row['session']}/")

    assert (row["session"], row["turns"]) == (SESSION, 1)
    assert session["sessions"][0]["report"]["session"] == SESSION
    assert session["stamp"] in drawn
    assert "connect-src 'self'" in drawn


def test_a_folder_without_traces_is_an_empty_list(server: Server) -> None:
    assert shown(server, "data")["rows"] == []


def test_a_trace_that_is_written_later_appears(server: Server, analyzer: Analyzer) -> None:
    asked = talk()
    synthetic.write_all(asked.traces, analyzer.root)
    before = shown(server, f"session/{SESSION}/data")
    synthetic.write_all(asked.ask(body(user("Hi"), user("And?")), said("No.")).traces[1:], analyzer.root)

    after = shown(server, f"session/{SESSION}/data")

    assert [len(each["sessions"][0]["exchanges"]) for each in (before, after)] == [1, 2]
    assert before["stamp"] != after["stamp"]
    assert after == shown(server, f"session/{SESSION}/data")


def test_an_answer_that_comes_later_completes_its_turn(server: Server, analyzer: Analyzer) -> None:
    [whole] = talk().traces
    synthetic.write(replace(whole, response=None), analyzer.root)
    before = shown(server, f"session/{SESSION}/data")
    synthetic.write(whole, analyzer.root)
    after = shown(server, f"session/{SESSION}/data")

    states = [each["sessions"][0]["report"]["turns"][0]["state"] for each in (before, after)]
    assert states == ["incomplete", "complete"]
    assert after["sessions"][0]["exchanges"][0]["raw"]["response"]["status"] == 200


@pytest.mark.parametrize("odd", ["a/../b?c#d <script> é", "..", "a\ud800bcd"])
def test_the_id_of_a_session_may_hold_anything(server: Server, analyzer: Analyzer, odd: str) -> None:
    synthetic.write_all(Talk().ask(body(user("Hi")), said("Hello."), session=odd).traces, analyzer.root)

    [row] = shown(server, "data")["rows"]
    assert quote(row["address"], safe="") == row["address"]
    assert shown(server, f"session/{row['address']}/data")["sessions"][0]["report"]["session"] == odd


def test_it_searches_in_all_traces(server: Server, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(analyzer.root))
    synthetic.write_all(talk().traces, analyzer.root)

    assert shown(server, "data")["search"]
    found = shown(server, "search?q=hello")
    [hit] = found["hits"]
    assert found["problem"] is None
    assert hit["snippet"] == "\x02Hello\x03."
    assert (hit["role"], hit["turn"], hit["address"]) == ("assistant", 1, f"session/{SESSION}/#turn-1")
    assert get(server, hit["address"].partition("#")[0])[0] == 200
    assert shown(server, "search?q=zebra") == {"hits": [], "problem": None}
    assert shown(server, "search?q=%3F") == {
        "hits": [],
        "problem": "?: there is no word in it to search for; --regex searches for signs.",
    }


def test_what_is_found_in_a_session_without_an_id_leads_there(
    server: Server, analyzer: Analyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(analyzer.root))
    nameless = [replace(trace, ids=Ids()) for trace in talk().traces]
    synthetic.write_all(nameless, analyzer.root)

    for hit in (hits := shown(server, "search?q=hello")["hits"]):
        assert hit["session"] is None
        [session] = shown(server, f"{hit['address']}data")["sessions"]
        assert hit["file"] in {turn["file"] for turn in session["report"]["turns"]}
    assert hits


def test_a_folder_of_other_traces_offers_no_search(server: Server, analyzer: Analyzer, tmp_path: Path) -> None:
    """The index holds the traces of one folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANYCLAUDE_TRACE_DIR", str(tmp_path / "elsewhere"))
        synthetic.write_all(talk().traces, analyzer.root)
        assert not shown(server, "data")["search"]
        assert shown(server, "search?q=hello") == {"hits": [], "problem": None}


@pytest.mark.parametrize("path", ["/search?q=a", "/x/search?q=a", "search/more?q=a"])
def test_a_search_needs_the_token(server: Server, path: str) -> None:
    assert get(server, path)[0] == 404
    assert get(server, "search?q=a", Host="example.com")[0] == 404


@pytest.mark.parametrize("path", ["/", "/data", "/x/", "/x/data", "nothing", "session/", "session/none/", "data/more"])
def test_other_paths_are_not_found(server: Server, path: str) -> None:
    assert get(server, path)[0] == 404


@pytest.mark.parametrize("path", [b"/\xe9/", b"*", b"data", b"//", b"http://[", b"/%ff/"])
def test_an_odd_request_is_answered_too(server: Server, path: bytes) -> None:
    asked = b"GET %b HTTP/1.0\r\nHost: 127.0.0.1:%d\r\n\r\n" % (path, server.server_port)
    with socket.create_connection(("127.0.0.1", server.server_port), 10) as connection:
        connection.sendall(asked)
        with connection.makefile("rb") as answer:
            assert b" 404 " in answer.read()


def test_only_requests_to_a_loopback_host_are_answered(server: Server) -> None:
    assert get(server, Host=f"localhost:{server.server_port}")[0] == 200
    assert get(server, Host=f"elsewhere.example:{server.server_port}")[0] == 404
    assert server.server_address[0] == "127.0.0.1"


def test_no_cache_keeps_a_response(server: Server) -> None:
    _, headers, _ = get(server)

    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Access-Control-Allow-Origin"] is None


def test_each_server_has_a_token_of_its_own(analyzer: Analyzer) -> None:
    with Server(SessionFolder(analyzer.root)) as one, Server(SessionFolder(analyzer.root)) as other:
        assert one.token != other.token
        assert one.url.endswith(f"/{one.token}/")


def test_a_browser_receives_each_change_once() -> None:
    """Given are the folder's state at each check, and the page's stamp then."""
    states = iter(["a", "a", "b", "c", "c", "d"])
    stamps = iter(["one", "one", "two", None])

    sent = islice(changes(lambda: next(states, "d"), lambda: next(stamps, "three"), lambda _: None, lambda: 0.0), 2)

    assert list(sent) == [b"data: one\n\n", b"data: two\n\n"]


def test_a_comment_is_sent_after_a_long_time_without_changes() -> None:
    times = iter(range(0, 1000, 10))

    sent = islice(changes(lambda: "same", lambda: "one", lambda _: None, lambda: float(next(times))), 3)

    assert list(sent) == [b"data: one\n\n", b": still here\n\n", b": still here\n\n"]


def test_the_changes_of_a_page_are_those_of_its_data(server: Server, analyzer: Analyzer) -> None:
    synthetic.write_all(talk().traces, analyzer.root)
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=PATIENCE)
    connection.request("GET", f"{urlsplit(server.url).path}session/{SESSION}/changes")
    events = connection.getresponse()

    first = events.readline().decode()
    assert first == f"data: {shown(server, f'session/{SESSION}/data')['stamp']}\n"
    synthetic.write_all(talk().ask(body(user("Hi"), user("And?")), said("No.")).traces[1:], analyzer.root)
    assert events.readline() == b"\n"
    assert events.readline().decode() == f"data: {shown(server, f'session/{SESSION}/data')['stamp']}\n"
    connection.close()


def test_a_port_that_is_taken_is_an_error(server: Server, monkeypatch: pytest.MonkeyPatch, analyzer: Analyzer) -> None:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(analyzer.root))

    with pytest.raises(PortTaken, match=rf"Port {server.server_port} can't be used .*: name another one with --port"):
        serve(None, server.server_port, False, "o200k_base")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["nothing"], "nothing: no such file, folder, trace or session"),
        (["--tokenizer", "nobody"], "nobody"),
    ],
)
def test_what_cannot_be_shown_is_an_error_at_once(analyzer: Analyzer, arguments: list[str], error: str) -> None:
    synthetic.write_all(talk().traces, analyzer.root)

    result = analyzer("view", "--no-open", *arguments)

    assert result.exit_code == 1
    assert error in result.stderr
    assert "Traceback" not in result.output
