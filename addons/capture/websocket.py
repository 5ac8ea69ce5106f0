"""The addon that finds exchanges with a model in WebSockets, and hands each to the recorder as a flow of its own.

Frames pass through as they are. Of several requests that wait for an answer, the first gets the events that come.
"""

from mitmproxy.http import HTTPFlow

from addons.capture.recorder import Recorder
from traces.storage import websocket


class WebSockets:
    """The addon; its methods are mitmproxy's hooks. `recorder` is told of each exchange as of one over HTTP."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._waiting: dict[str, list[HTTPFlow]] = {}  # by the id of the WebSocket's flow, the oldest request first

    def websocket_message(self, flow: HTTPFlow) -> None:
        if not websocket.may_hold_exchanges(flow):
            return
        assert flow.websocket is not None
        message = flow.websocket.messages[-1]
        if message.from_client:
            if (made := websocket.request_in(flow, message)) is not None:
                self._waiting.setdefault(flow.id, []).append(made)
                self._recorder.request(made)
        elif waiting := self._waiting.get(flow.id):
            made = waiting[0]
            if made.response is None:
                websocket.begin_answer(made, flow, message.timestamp)
                self._recorder.responseheaders(made)
            assert made.response is not None
            event, is_end = websocket.event_in(message)
            if callable(made.response.stream):
                made.response.stream(event)
            if is_end:
                made.response.timestamp_end = message.timestamp
                self._recorder.response(waiting.pop(0))

    def websocket_end(self, flow: HTTPFlow) -> None:
        for made in self._waiting.pop(flow.id, ()):
            made.error = websocket.closing_error(flow)
            self._recorder.error(made)
