"""The addon that offers the content view "LLM", in mitmproxy 11 and 12, and shows comments in mitmweb's flow list."""

from collections.abc import Sequence
from typing import Any

from mitmproxy import contentviews, ctx
from mitmproxy.flow import Flow
from mitmproxy.http import HTTPFlow, Message

from addons.contentview import bounded
from addons.contentview.bounded import LARGEST_SHOWN, is_too_large
from addons.contentview.lines import Line
from addons.contentview.sizes import BEST
from addons.contentview.text import request_lines, response_lines
from traces.storage import flowfile

NAME = "LLM"
FIRST, NEVER = 100.0, -1.0
"""Priorities: mitmproxy's own views claim at most 2, and a negative one is never chosen by itself."""


def lines(flow: Flow | None, message: Message | None) -> list[Line] | None:
    """Return what the view shows of a flow's request or response; None where the flow is no exchange with a model."""
    if not (isinstance(flow, HTTPFlow) and flowfile.is_recorded(flow)):
        return None
    for each in filter(None, (flow.request, None if message is flow.request else flow.response)):
        if is_too_large(each.raw_content or b"", each.headers.get("content-encoding"), LARGEST_SHOWN):
            return [("text", f"More than {LARGEST_SHOWN // 2**20} MiB: too much to be shown here. The trace has it.")]
    clean = flowfile.cleaner_for(flow)
    trace = flowfile.start_trace(flow, "", clean)
    is_request = message is flow.request
    shown = request_lines(trace) if is_request else response_lines(flowfile.complete_trace(trace, flow, clean))
    return [(style, text.encode("utf-8", "replace").decode()) for style, text in shown]  # a terminal takes no less


def priority(data: bytes, flow: Flow | None, message: Message | None) -> float:
    """Return how much the view wants to show this message: before all others, or never."""
    ours = data and message and isinstance(flow, HTTPFlow) and flowfile.is_recorded(flow)
    return FIRST if ours else NEVER


class View11:
    """The view, as mitmproxy 11 calls it. Where it shows nothing, mitmproxy shows the raw body."""

    name = NAME

    def __call__(self, data: bytes, **metadata: Any) -> Any:
        shown = lines(metadata.get("flow"), metadata.get("http_message"))
        return None if shown is None else (NAME, ([line] for line in shown))

    def render_priority(self, data: bytes, **metadata: Any) -> float:
        return priority(data, metadata.get("flow"), metadata.get("http_message"))


class View12:
    """The view, as mitmproxy 12 calls it."""

    name = NAME
    syntax_highlight = "none"

    def prettify(self, data: bytes, metadata: Any) -> str:
        shown = lines(metadata.flow, metadata.http_message)
        if shown is None:
            raise ValueError("This is no exchange with a model.")
        return "\n".join(text for _, text in shown)

    def render_priority(self, data: bytes, metadata: Any) -> float:
        return priority(data, metadata.flow, metadata.http_message)


class ContentView:
    """The addon."""

    def __init__(self) -> None:
        self._api: Any = contentviews
        self._is_11 = hasattr(contentviews, "views")
        self._view = View11() if self._is_11 else View12()

    def load(self, loader: object) -> None:
        bounded.install()
        self._api.add(self._view)

    def running(self) -> None:
        options: Any = ctx.options
        if "web_columns" in options:  # this is mitmweb
            BEST.sizes([""])  # loads the vocabulary while nobody waits: a third of a second, in which nothing streams
            if not options.has_changed("web_columns"):
                options.update(web_columns=columns_with_comment(options.web_columns, options.mode))

    def done(self) -> None:
        bounded.remove()
        if self._is_11:  # 11 refuses a second view of this name when the script is loaded again; 12 replaces the first
            self._api.remove(self._view)


def columns_with_comment(columns: Sequence[str], modes: Sequence[str]) -> list[str]:
    """Return the columns of mitmweb's flow list, with the comment as the last of them.

    mitmweb gives 150 pixels to a comment where there is a path, which takes all that is left. Before a model server
    nearly all paths are the same: there the comment gets the room. A forward proxy sees all kinds of paths.
    """
    one_server = all(mode.startswith("reverse:") for mode in modes)
    return ["method", "status", "time", "comment"] if one_server else [*columns, "comment"]
