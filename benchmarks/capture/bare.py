"""The baseline: the least an addon of mitmproxy must do to pass a stream on unbuffered."""

from mitmproxy import http


def responseheaders(flow: http.HTTPFlow) -> None:
    assert flow.response is not None
    flow.response.stream = True
