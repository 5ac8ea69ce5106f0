"""The writer of traces: it converts an exchange, redacts it and writes it: its request alone, or the whole.

All that it needs comes with each exchange, so that any writer can take over from another that was killed.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from addons.capture.handover import Begun, Body, Ended
from addons.contentview.summary import comment
from traces.dialects.encodings import DecodeError, Decoder
from traces.model import Cost
from traces.money.bill import Bill
from traces.storage import codec, flowfile, writing

try:
    from traces.search import live
except ImportError:  # mitmproxy's standalone programs have no sqlite3; commands read what isn't in the index
    live = None  # type: ignore[assignment]

Report = Callable[[str, str, str], None]
"""Is called with what happened, the key of the exchange, and a text:

    named     the path of the trace, which is about to appear there
    saved     the whole exchange is in its file: the path, what is billed (`traces.money.bill`) and the comment, a line
              each
    lost      the disk didn't take it: the reason
    delayed   the disk didn't take its request, but may take the whole exchange: the reason
    broken    it couldn't be converted: the reason
"""

LARGE = 2 * 2**20
"""Bytes of both bodies, decoded. Up to here an exchange is written in a fraction of a second."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be written of an exchange.

    ended   None while the exchange is under way
    path    the file that was chosen for it, if one was
    """

    key: str
    begun: Begun
    request: Body
    ended: Ended | None = None
    response: Body = None
    path: Path | None = None


def write(work: Work, report: Report) -> None:
    """Write an exchange, and report what became of it. Nothing raises: what can't be written is reported."""
    start = time.thread_time()
    try:
        flow = work.begun.flow(_bytes(work.request))
        clean = flowfile.cleaner_for(flow)
        trace = flowfile.start_trace(flow, work.begun.mode, clean)
        if work.ended:
            work.ended.complete(flow, _bytes(work.response))
            trace = flowfile.complete_trace(trace, flow, clean)
        size = len(work.request or b"") + len(work.response or b"")
        data = codec.encode(trace, lambda: Cost(size, time.thread_time() - start))
        path = work.path
        if path is None:
            folder = Path(work.begun.root) / trace.mode
            path = writing.create(
                folder, writing.stem_of(trace.timestamp), data, lambda path: report("named", work.key, str(path))
            )
            writing.point_latest(path)
        else:
            writing.replace(path, data)
        if work.ended:
            report("saved", work.key, f"{path}\n{Bill.of(trace).to_line()}\n{comment(trace)}")
            if live:
                with suppress(Exception):  # the next command reads what isn't in the index
                    live.add(Path(work.begun.root), path, trace)
    except OSError as error:
        report("lost" if work.ended else "delayed", work.key, f"{error.filename or 'A file'}: {error.strerror}")
    except Exception as error:  # whatever it is, the exchanges behind it are written
        if work.ended:
            report("broken", work.key, f"An error in the toolkit, please report it: {error!r}")


def _bytes(body: Body) -> bytes | None:
    return bytes(body) if isinstance(body, memoryview) else body


def is_large(work: Work) -> bool:
    """Return whether an exchange takes so long to write that others shouldn't wait for it."""
    size = _size(work.request, work.begun.encoding)
    if work.ended and size <= LARGE:
        size += _size(work.response, work.ended.encoding)
    return size > LARGE


def _size(body: Body, encoding: str | None) -> int:
    """Return the bytes of a body, decoded as far as it takes to see that it is large."""
    size = len(body or b"")
    if body is None or encoding is None or size > LARGE:
        return size
    decoded = 0
    with suppress(DecodeError):
        for piece in Decoder(encoding, LARGE + 1).pieces(bytes(body)):
            decoded += len(piece)
    return max(size, decoded)
