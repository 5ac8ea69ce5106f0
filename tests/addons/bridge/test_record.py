"""The record of the server's side, kept in the client's flow."""

from mitmproxy.test import tflow

from addons.bridge.record import Record
from traces.storage import flowfile, upstream

HEADERS = {"content-type": "application/json", "x-own": "é"}


def test_a_record_is_read_as_the_flow_that_it_stands_for_as_often_as_asked() -> None:
    record = Record("https://[::1]:8443/v1/chat/completions?a=b", HEADERS, b'{"model":"m"}')
    record.sent, record.headers_at, record.ended = 10.0, 10.5, 12.0
    record.status, record.answer_headers = 200, {"content-type": "text/event-stream", "content-length": "7"}
    record.add(11.0, b"data: {")
    flow = tflow.tflow()
    upstream.store_in(flow, record.state(13.0), ["something: dropped"])
    for _ in range(2):
        found = upstream.flow_in(flow)
        assert found is not None
        theirs, changes = found
        assert changes == ("something: dropped",)
        place = theirs.request.scheme, theirs.request.host, theirs.request.port, theirs.request.path
        assert place == ("https", "::1", 8443, "/v1/chat/completions?a=b")
        assert theirs.request.raw_content == b'{"model":"m"}'
        assert theirs.request.headers["content-length"] == "13"
        assert theirs.request.headers.fields[1] == (b"x-own", b"\xe9")
        assert theirs.response is not None
        assert (theirs.response.status_code, theirs.response.raw_content) == (200, b"data: {")
        assert theirs.response.headers["content-length"] == "7"
        assert theirs.error is None
        trace = flowfile.start_trace(theirs, "", flowfile.cleaner_for(theirs))
        timing = flowfile.complete_trace(trace, theirs, flowfile.cleaner_for(theirs)).timing
        assert timing.total == 2.0


def test_a_record_of_what_was_never_answered_holds_why() -> None:
    record = Record("http://127.0.0.1:1/v1/messages", HEADERS, b"{}")
    record.fail("refused", "nothing listens there")
    record.fail("client_disconnected", "later")
    flow = tflow.tflow()
    upstream.store_in(flow, record.state(1.0), [])
    found = upstream.flow_in(flow)
    assert found is not None
    theirs = found[0]
    assert theirs.response is None
    assert theirs.error is not None
    assert theirs.error.msg == "nothing listens there"
    trace = flowfile.start_trace(theirs, "", flowfile.cleaner_for(theirs))
    failed = flowfile.complete_trace(trace, theirs, flowfile.cleaner_for(theirs)).error
    assert failed is not None
    assert failed.kind == "refused"
