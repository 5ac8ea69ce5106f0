"""Recording in another system, or in a program that brings its own Python: without what Linux has."""

import json
import urllib.request
from pathlib import Path

import pytest

from tests.support import answers, elsewhere
from tests.support.proxy import recording
from tests.support.scripted import serving, stream

ASKED = {"model": "m", "max_tokens": 9, "stream": True, "messages": [{"role": "user", "content": "Hi"}]}


@pytest.mark.parametrize("kind", elsewhere.ELSEWHERE)
def test_exchanges_are_recorded_whole_and_in_order(kind: str, tmp_path: Path) -> None:
    program = elsewhere.mitmdump(kind, tmp_path)
    with (
        serving([stream(answers.events(answers.text(f"A{number}"))) for number in range(3)]) as server,
        recording(server.url, tmp_path, program=program) as proxy,
    ):
        for number in range(3):
            said = {**ASKED, "messages": [{"role": "user", "content": f"Question {number}"}]}
            headers = {"content-type": "application/json"}
            sent = urllib.request.Request(f"{proxy.url}/v1/messages", json.dumps(said).encode(), headers)
            assert b"message_stop" in urllib.request.urlopen(sent, timeout=60).read()

    traces = proxy.traces()
    assert [f"Question {number}" in str(trace.request.body) for number, trace in enumerate(traces)] == [True] * 3
    assert [trace.state for trace in traces] == ["complete"] * 3
    assert not [trace.marks for trace in traces if trace.marks]
    said_by_proxy = proxy.log.read_text()
    assert said_by_proxy.count("Trace saved") == 3
    assert "Traceback" not in said_by_proxy
    assert "can't be written" not in said_by_proxy
