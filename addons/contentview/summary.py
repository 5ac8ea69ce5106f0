"""What is worth knowing of an exchange at a glance, in words: the comment of the flow list, the usage, the times."""

from dataclasses import replace

from addons.contentview.lines import printable, quantity, shorten
from addons.contentview.sizes import BYTES, shares
from traces import measures
from traces.content import answers
from traces.counts import Output
from traces.measures import Figures
from traces.metrics import UNDEFINED
from traces.model import Json, Trace
from traces.servers import ServerKind, identify

TTFT, DECODE = measures.by_key("ttft"), measures.by_key("generation_speed")
"""What the flow list shows of each exchange."""


def server_of(trace: Trace) -> ServerKind:
    """Return the kind of server that was asked."""
    return identify(trace.mode, trace.response.headers if trace.response else {})


def comment(trace: Trace) -> str:
    """Return the exchange in one line: `TOOL_CALL Read · sys 52% tools 44% msgs 4% · TTFT 2.41s · ~65.3 tok/s`."""
    if trace.error:
        return printable(shorten(" ".join(failure(trace).split()), 200))  # a server's words may be a whole page
    ttft = seconds(trace.timing.ttft)
    speed = _as_text(DECODE, _figures(trace))
    facts = [
        kind_and_tools(trace),
        _shares(trace),
        ttft and f"{TTFT.brief} {ttft}",
        speed,
        oddities(trace),
    ]
    return printable(" · ".join(fact for fact in facts if fact))


def kind_and_tools(trace: Trace) -> str:
    """Return what kind of exchange it was, and which tools it called."""
    return " ".join([answers.kind_of(trace), *answers.tools_used(_answer(trace))])


def failure(trace: Trace) -> str:
    """Return what went wrong: `http_error 529: Overloaded`; "" where nothing did."""
    if trace.error is None:
        return ""
    status = f" {trace.response.status}" if trace.response and trace.error.kind == "http_error" else ""
    return f"{trace.error.kind}{status}: {trace.error.message}"


def oddities(trace: Trace) -> str:
    """Return what couldn't be recorded or read: `2 odd events`, `response body undecodable`; "" where all could."""
    odd = [quantity(trace.odd.count, "odd event")] if trace.odd else []
    return " · ".join([*odd, *(mark.replace("_", " ") for mark in trace.marks if mark != "odd_events")])


def usage(trace: Trace) -> dict[str, str]:
    """Return the tokens that the server reports, by name."""
    of = _figures(trace)
    read, output = of.input, of.output
    rows = {
        "Input": read and read.total,
        "From the Cache": read and read.cache_read,
        "To the Cache": read and read.cache_written,
        "Output": output.tokens,
        "Server's Count": output.rejected,
    }
    found = {name: quantity(value, "token") for name, value in rows.items() if value is not None}
    return found | ({"Output": f"~{found['Output']}"} if output.estimated else {})


def times(trace: Trace) -> dict[str, str]:
    """Return what was measured, by name."""
    of = _figures(trace)
    rows = {measure.name: _as_text(measure, of) for measure in measures.shown_in("view")}
    return {name: value for name, value in rows.items() if value}


def _as_text(measure: measures.Measure, of: Figures) -> str:
    """Return a measure's value with its unit, marked with ~ where it is an estimate; "" where it isn't known."""
    value = measure.value(of)
    if value is None:
        return ""
    if measure.unit == "s":
        return seconds(value)
    about = "~" if measure.by_count and (of.decode.estimated or of.output.estimated) else ""
    return about + (f"{value:,.1f} tok/s" if measure.unit == "tokens/s" else quantity(round(value), "token"))


def seconds(value: float | None) -> str:
    """Return a time as it is read, in seconds or milliseconds; "" where it isn't known."""
    if value is None:
        return ""
    return f"{value:.2f}s" if value >= 0.9995 else f"{value * 1000:.0f}ms"


def _figures(trace: Trace) -> Figures:
    """Return what was measured, without a count of our own where the server has none: there are no tokenizers here."""
    of = measures.figures(_answer(trace), trace.request.body, trace.timing, trace.events)
    return of if of.output.reported is not None else replace(of, output=Output(), decode=UNDEFINED)


def _shares(trace: Trace) -> str:
    sized = shares(trace.request.body, BYTES, server_of(trace))
    return "sys {system}% tools {tools}% msgs {messages}%".format(**sized.percents) if sized.total else ""


def _answer(trace: Trace) -> Json:
    return trace.response.body if trace.response else None
