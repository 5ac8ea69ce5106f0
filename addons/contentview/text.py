"""The lines of the content view: a request and a response as a person reads them.

An answer is shown as the message it becomes in the next request, so that one reading of messages
(`traces.content.parts`) serves both directions and all API formats. Nothing here raises, whatever a body holds.
"""

import json
from collections.abc import Iterator, Mapping

from addons.contentview import summary
from addons.contentview.lines import BLANK, WIDTH, Line, quantity, shorten, wrap
from addons.contentview.sizes import BEST, Shares, Sized, Sizer, shares
from addons.contentview.summary import TTFT
from traces import jsonio
from traces.content import answers
from traces.content.parts import Kind, Part
from traces.model import Json, Trace

SYSTEM_LIMIT, MESSAGE_LIMIT, ANSWER_LIMIT = 500, 2_000, 100_000
"""Characters after which a text is cut: few for what is in every request, many for the answer that was asked for."""

TITLES: Mapping[Kind, str] = {
    "system": "system",
    "user": "user",
    "reminder": "system reminder",
    "claude_md": "CLAUDE.md",
    "tool_result": "result of",
    "assistant": "assistant",
    "thinking": "thinking",
    "tool_input": "calls",
    "image": "image",
    "document": "document",
    "other": "other",
}
"""The heading of each kind of part; a tool's name follows it."""

NO_PARAMETERS = {
    *("model", "system", "instructions", "tools", "messages", "input", "metadata"),
    *("contents", "systemInstruction", "request"),
}
"""Fields of a request that aren't listed as parameters: they are shown in sections of their own, or not at all."""


def request_lines(trace: Trace, sizer: Sizer = BEST) -> Iterator[Line]:
    """Yield what was asked: the model, the parameters, the shares of the input, then each part."""
    body = trace.request.body
    if not isinstance(body, dict):
        yield from _raw(body, trace)
        return
    sized = shares(body, sizer, summary.server_of(trace))
    yield "header", trace.model or "(no model named)"
    yield from _parameters(body)
    yield BLANK
    by = f" ({sizer.vocabulary})" if sizer.vocabulary else ""
    yield "header", f"INPUT  {quantity(sized.total, sizer.unit)}{by}"
    yield from _shares(sized)
    if system := sized.of("system"):
        yield from _heading("SYSTEM", quantity(len(system), "block"), system, sizer)
        yield from _blocks(system, sizer, SYSTEM_LIMIT)
    if tools := sized.of("tools"):
        yield from _heading("TOOLS", str(len(tools)), tools, sizer)
        yield from _tools(tools)
    if messages := sized.of("messages"):
        number = len({part.index for part, _ in messages})
        yield from _heading("CONVERSATION", quantity(number, "message"), messages, sizer)
        yield from _blocks(messages, sizer, MESSAGE_LIMIT)


def response_lines(trace: Trace, sizer: Sizer = BEST) -> Iterator[Line]:
    """Yield what was answered, with what went wrong, the usage and the times; nothing where there is no response."""
    if trace.response is None:
        return
    body = trace.response.body
    yield "header", summary.kind_and_tools(trace)
    yield from wrap(summary.failure(trace), ANSWER_LIMIT)
    if body is not None:
        yield from wrap(summary.oddities(trace), ANSWER_LIMIT)
    if trace.odd:
        yield from wrap(f"the first begins: {trace.odd.sample}", ANSWER_LIMIT)
    if reason := answers.stop_reason(body):
        yield "text", f"stop reason {reason}"
    for title, rows in (("USAGE", summary.usage(trace)), ("TIMING", summary.times(trace))):
        if rows:
            yield BLANK
            yield "header", title
            yield from (("text", f"  {name:<21}{value:>14}") for name, value in rows.items())
    yield from _on_the_way(trace)
    if answer := shares(answers.as_request(body), sizer).of("messages"):
        yield from _heading("ANSWER", quantity(len(answer), "part"), answer, sizer)
        yield from _blocks(answer, sizer, ANSWER_LIMIT, numbered=False)
    else:
        yield BLANK
        yield from _raw(body, trace)


def _on_the_way(trace: Trace) -> Iterator[Line]:
    """Yield what the proxy changed, and when the server's own answer came."""
    if trace.upstream is None:
        return
    server = trace.upstream.exchange
    yield BLANK
    yield "header", "ON THE WAY"
    yield from wrap(f"sent to {server.request.url}", ANSWER_LIMIT, indent="  ")
    if server.error:
        yield from wrap(f"{server.error.kind}: {server.error.message}", ANSWER_LIMIT, indent="  ")
    times = ((TTFT.name, server.timing.ttft), ("Total Time", server.timing.total))
    for name, value in times:
        if value is not None:
            yield "text", f"  {name:<21}{summary.seconds(value):>14}  from the server"
    for change in trace.upstream.changes:
        yield from wrap(f"– {change}", ANSWER_LIMIT, indent="  ")


def _heading(title: str, number: str, parts: Sized, sizer: Sizer) -> Iterator[Line]:
    yield BLANK
    yield "header", f"{title}  {number} · {quantity(sum(size for _, size in parts), sizer.unit)}"


def _parameters(body: Mapping[str, Json]) -> Iterator[Line]:
    shown = {name: _as_text(value).replace("\n", "\\n") for name, value in body.items() if name not in NO_PARAMETERS}
    column = max(map(len, shown), default=0)
    yield from (("text", shorten(f"  {name:<{column}}  {value}", WIDTH)) for name, value in shown.items())


def _shares(sized: Shares) -> Iterator[Line]:
    for section, percent in sized.percents.items():
        yield "text", f"  {section:<9}{sized.size(section):>10,}{percent:>5}%  {'█' * round(percent * 0.6)}".rstrip()


def _tools(tools: Sized) -> Iterator[Line]:
    column = min(30, max(len(part.name or "") for part, _ in tools))
    for number, (part, size) in enumerate(tools, 1):
        start = f"{number:>4}  {shorten(part.name or '', column):<{column}}{size:>8,}  "
        yield "text", (start + shorten(_description(part), WIDTH - len(start))).rstrip()


def _description(tool: Part) -> str:
    """Return the first line of a tool's description; "" where it has none."""
    definition = _parse(tool.text)
    description = definition.get("description") if isinstance(definition, dict) else None
    return description.strip().partition("\n")[0] if isinstance(description, str) else ""


def _blocks(parts: Sized, sizer: Sizer, limit: int, numbered: bool = True) -> Iterator[Line]:
    """Yield for each part a rule with its kind and size, then its text. Blank texts are left out."""
    for part, size in parts:
        text = _text(part)
        if text or part.name:
            number = f"{part.index + 1} " if numbered else ""
            title = shorten(f"── {number}{TITLES.get(part.kind, part.kind)} {part.name or ''}".rstrip(), 60)
            measured = "" if part.media else f" {quantity(size, sizer.unit)}"
            yield "header", f"{title} ".ljust(WIDTH - len(measured), "─") + measured
            yield from wrap(text, limit, indent="  ")


def _text(part: Part) -> str:
    """Return what is shown of a part. A reminder's tags are left out: its title says what it is."""
    if part.media:
        return part.media.url or f"{part.media.type}, {len(part.media.base64) * 3 // 4:,} bytes"
    text = _arguments(part.text) if part.kind == "tool_input" else part.text
    return text.replace("<system-reminder>", "").replace("</system-reminder>", "").strip()


def _arguments(text: str) -> str:
    """Return a tool's input, a line for each argument; a text of several lines is below its name."""
    values = _parse(text)
    if not isinstance(values, dict):
        return text
    plain = {name: _as_text(value) for name, value in values.items()}
    return "\n".join(f"{name}:\n{value}" if "\n" in value else f"{name}: {value}" for name, value in plain.items())


def _raw(body: Json, trace: Trace) -> Iterator[Line]:
    """Yield a body that is no conversation (an error, a count, a text that isn't JSON), or why there is none."""
    words = " · ".join(trace.marks).replace("_", " ") if body is None else _as_text(body, indent=2)
    yield from wrap(words, ANSWER_LIMIT)


def _as_text(value: Json, indent: int | None = None) -> str:
    try:
        return value if isinstance(value, str) else json.dumps(value, indent=indent, ensure_ascii=False)
    except RecursionError:
        return "(nested too deeply to be shown)"


def _parse(text: str) -> Json:
    try:
        return jsonio.loads(text.encode("utf-8", "replace"))
    except ValueError:
        return None
