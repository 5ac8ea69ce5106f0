"""Takes the secrets out of flows: of those in mitmproxy's list, and of those that are written to a file.

Client and server must have got everything before a flow changes. So in the list a request is masked once it was sent,
and a response once it has been passed on. mitmproxy writes a flow earlier, when a response that isn't streamed is still
to be sent: what is written is a masked copy.

The headers and the path, which say what is secret, are noted before anything changes. A cleaner is made of them where
one is needed: mitmdump forgets flows, and where it prints nothing of them (as under `anyclaude`) none is masked.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any
from weakref import WeakKeyDictionary

from mitmproxy import ctx, io
from mitmproxy.addons import savehar
from mitmproxy.flow import Flow
from mitmproxy.hooks import UpdateHook
from mitmproxy.http import Headers, HTTPFlow, Message

from addons.contentview.bounded import is_too_large
from traces import jsonio, raw_body, redact
from traces.dialects.encodings import DecodeError, Decoder
from traces.redact import Cleaner, streams
from traces.storage import flowfile, upstream
from traces.stream_reader import LARGEST_BODY

LARGEST_OTHER = 2**20
"""Bytes of a body that is no exchange with a model, up to which it is searched: the rest may be downloads."""

_FIRST_LOOK, _LONGEST_WAIT = 0.02, 1.0
"""Seconds until it is looked whether a response has been sent; then twice as long each time, up to the second."""

_Head = tuple[tuple[tuple[bytes, bytes], ...], bytes]
"""The fields of a request's headers, and its path."""

_WRITERS: tuple[tuple[Any, str], ...] = (
    (io.FlowWriter, "add"),
    (io.FilteredFlowWriter, "add"),
    (savehar.SaveHar, "make_har"),
)
"""What takes the flows that mitmproxy writes, one or several."""


class Masking:
    """Masks the flows of one proxy."""

    def __init__(self) -> None:
        self._heads: WeakKeyDictionary[Flow, _Head] = WeakKeyDictionary()
        self._unpatched: list[Callable[..., None]] = []
        self._printed: int | None = None  # how much mitmdump prints of a flow before it forgets it; None elsewhere

    def configure(self) -> None:
        """Take what mitmproxy's options say now. Reading them takes long: not for each flow."""
        self._printed = getattr(ctx.options, "flow_detail", None)

    def note(self, flow: HTTPFlow) -> None:
        """Keep what says which words of the flow are secret, unless it was kept before."""
        self._heads.setdefault(flow, (flow.request.data.headers.fields, flow.request.data.path))

    def cleaner_of(self, flow: HTTPFlow) -> Cleaner:
        """Return the flow's cleaner. Nothing of a flow may be masked before it was noted."""
        self.note(flow)
        fields, path = self._heads[flow]
        return flowfile.cleaner_of(Headers(fields), path.decode("utf-8", "surrogateescape"))

    def begin(self) -> None:
        """Let mitmproxy write masked copies from now on: `-w`, `save.file`, `hardump`, mitmweb's download."""
        self._unpatched = [getattr(writer, name) for writer, name in _WRITERS]
        for (writer, name), take in zip(_WRITERS, self._unpatched, strict=True):
            setattr(writer, name, self._with_masked(take))

    def end(self) -> None:
        """Let mitmproxy write flows as they are."""
        for (writer, name), take in zip(_WRITERS, self._unpatched, strict=True):
            setattr(writer, name, take)
        self._unpatched = []

    def ended(self, flow: HTTPFlow, is_passed_on: bool) -> None:
        """Mask a flow whose request was sent; its response as soon as that was, too.

        `is_passed_on` tells that the client has all of the response but what a trailer says.
        """
        is_kept = self._printed is None or _has_list()
        if not is_kept and not self._printed:
            return
        clean, bodies = self.cleaner_of(flow), is_kept and not _is_large(flow)
        if flow.request.timestamp_end:  # else the server answered while the client was still sending
            mask_request(flow, clean, bodies)
        if flow.response and is_passed_on:
            mask_response(flow, clean, bodies, trailers=not flow.live)
        if _has_list():
            self._mask_when_over(flow, _FIRST_LOOK)

    def masked(self, flow: HTTPFlow) -> HTTPFlow:
        """Return a copy of the flow without its secrets."""
        copy = HTTPFlow.from_state(flow.get_state())
        assert isinstance(copy, HTTPFlow)
        copy._backup = None  # what it was before the user edited it
        mask_all(copy, self.cleaner_of(flow))
        return copy

    def _with_masked(self, take: Callable[..., Any]) -> Callable[..., Any]:
        def take_masked(writer: Any, flows: Flow | Sequence[Flow]) -> Any:
            return take(writer, self._copy(flows) if isinstance(flows, Flow) else list(map(self._copy, flows)))

        return take_masked

    def _copy(self, flow: Flow) -> Flow:
        return self.masked(flow) if isinstance(flow, HTTPFlow) else flow

    def _mask_when_over(self, flow: HTTPFlow, wait: float) -> None:
        """Mask all of a flow once nothing of it can be sent any more, and show that in the list."""
        if flow.live:
            again = min(2 * wait, _LONGEST_WAIT)
            asyncio.get_running_loop().call_later(wait, self._mask_when_over, flow, again)
            return
        if _is_large(flow):
            masking = asyncio.get_running_loop().run_in_executor(None, self.masked, flow)
            masking.add_done_callback(lambda masked: _replace(flow, masked.result()))
            return
        mask_all(flow, self.cleaner_of(flow))
        ctx.master.addons.trigger(UpdateHook([flow]))


def _is_large(flow: HTTPFlow) -> bool:
    """Return whether masking would take so long that it is done in a thread, while streams go on."""
    messages = (flow.request, *([flow.response] if flow.response else []))
    return any(
        is_too_large(each.raw_content or b"", each.headers.get("content-encoding"), LARGEST_OTHER) for each in messages
    )


def _replace(flow: HTTPFlow, masked: HTTPFlow) -> None:
    """Let a flow hold what its masked copy holds, and show that in the list."""
    flow.request, flow.response, flow.error = masked.request, masked.response, masked.error
    flow.metadata, flow.websocket = masked.metadata, masked.websocket
    ctx.master.addons.trigger(UpdateHook([flow]))


def mask_all(flow: HTTPFlow, clean: Cleaner) -> None:
    """Take the secrets out of a flow of which nothing is to be sent any more."""
    mask_request(flow, clean, bodies=True)
    if flow.response:
        mask_response(flow, clean, bodies=True, trailers=True)
    messages = flow.websocket.messages if flow.websocket else []
    for from_client in (True, False):
        sent = [message for message in messages if message.from_client is from_client]
        for message, masked in zip(sent, streams.messages([each.content for each in sent], clean), strict=True):
            message.content = masked


def mask_request(flow: HTTPFlow, clean: Cleaner, bodies: bool) -> None:
    """Take the secrets out of a flow's request, and out of what is kept beside it."""
    flow.request.path = clean.text(redact.url(flow.request.path))
    _mask_head(flow.request, clean)
    if flow.error:
        flow.error.msg = redact.url(clean.text(flow.error.msg))
    if bodies:
        _mask_body(flow.request, clean, _limit(flow))
        if flow.request.trailers:
            flow.request.trailers = _masked_headers(flow.request.trailers, clean)
        if found := upstream.flow_in(flow):
            theirs, changes = found
            mask_all(theirs, flowfile.cleaner_for(theirs))
            upstream.store_in(flow, theirs.get_state(), [clean.text(change) for change in changes])


def mask_response(flow: HTTPFlow, clean: Cleaner, bodies: bool, trailers: bool) -> None:
    """Take the secrets out of a flow's response."""
    assert flow.response is not None
    _mask_head(flow.response, clean)
    if bodies:
        sizes = _mask_body(flow.response, clean, _limit(flow), flowfile.chunk_sizes(flow))
        if sizes is not None:
            flowfile.set_chunk_sizes(flow, sizes)
        flowfile.mask_ending(flow, clean)
    if trailers and flow.response.trailers:
        flow.response.trailers = _masked_headers(flow.response.trailers, clean)


def _limit(flow: HTTPFlow) -> int:
    return LARGEST_BODY if flowfile.is_recorded(flow) else LARGEST_OTHER


def _has_list() -> bool:
    return ctx.master.addons.get("view") is not None  # it is false while it holds no flow


def _mask_head(message: Message, clean: Cleaner) -> None:
    masked = _masked_headers(message.headers, clean)
    if masked.fields != message.headers.fields:
        message.headers = masked


def _masked_headers(headers: Headers, clean: Cleaner) -> Headers:
    """Return the headers without secrets; a name may come several times."""
    return Headers([(name, _masked_value(name, value, clean)) for name, value in headers.fields])


def _masked_value(name: bytes, value: bytes, clean: Cleaner) -> bytes:
    texts = name.decode("latin-1"), value.decode("utf-8", "surrogateescape")
    (masked,) = clean.headers(dict([texts])).values()
    return masked.encode("utf-8", "surrogateescape")


def _mask_body(message: Message, clean: Cleaner, limit: int, sizes: list[int] | None = None) -> list[int] | None:
    """Take the secrets out of a body. Return the sizes of its chunks where they have changed.

    A body with a secret is then no longer encoded: its chunks keep their places. Its length stays as it was sent.
    """
    raw = message.raw_content
    if not raw or len(raw) > limit:
        return None
    if sizes is None or sum(sizes) != len(raw):
        sizes = [len(raw)]
    chunks, is_encoded = _decoded(message, raw, sizes, limit)
    data = b"".join(chunks)
    changes = _edits(message, data, clean)
    if not changes:
        return None
    if is_encoded:
        message.headers.pop("content-encoding", None)
    message.raw_content = streams.apply(data, changes)
    return _sizes_after(chunks, changes)


def _decoded(message: Message, raw: bytes, sizes: list[int], limit: int) -> tuple[list[bytes], bool]:
    """Return the body in its chunks, decoded where it can be, and whether it was encoded."""
    ends = list(accumulate(sizes))
    chunks = [raw[end - size : end] for end, size in zip(ends, sizes, strict=True)]
    try:
        decoder = Decoder(message.headers.get("content-encoding"), limit)
        return [decoder.feed(chunk) for chunk in chunks], not decoder.is_plain
    except DecodeError:
        return chunks, False


def _edits(message: Message, data: bytes, clean: Cleaner) -> list[streams.Edit]:
    """Return what must be changed in a body: in a stream's events, in JSON, or in a text."""
    is_stream = data.startswith((b"data:", b"event:")) or (data[:1] == b"{" and b"}\n{" in data)
    if is_stream or "event-stream" in message.headers.get("content-type", ""):
        return streams.edits(data, clean)
    try:
        sent = jsonio.loads(data)
        kept = clean.value(sent)
    except (ValueError, RecursionError):
        masked = _masked_text(data, clean)
    else:
        raw = raw_body.describe(data, sent, kept, clean)
        masked = raw_body.rebuild(kept, raw) or jsonio.dumps(kept)
    return [] if masked == data else [(0, len(data), masked)]


def _masked_text(data: bytes, clean: Cleaner) -> bytes:
    return clean.text(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _sizes_after(chunks: list[bytes], changes: list[streams.Edit]) -> list[int]:
    """Return the sizes of the chunks after the changes: what is put in counts to the chunk in which it begins."""
    sizes: list[int] = []
    begin = 0
    for chunk in chunks:
        end, size = begin + len(chunk), len(chunk)
        for start, stop, new in changes:
            size -= max(0, min(stop, end) - max(start, begin))
            size += len(new) if begin <= start < end else 0
        sizes.append(size)
        begin = end
    return sizes
