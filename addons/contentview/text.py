"""A request and a response as a person reads them: the lines of the content view.

An answer is shown as the message it becomes in the next request, so that one reading of messages
(`traces.content.parts`) serves both directions and all dialects. Pure: must not know mitmproxy. Nothing here raises,
whatever a body holds.
"""

import json
from collections.abc import Iterator, Mapping

from addons.contentview import summary
from addons.contentview.lines import BLANK, WIDTH, Line, counted, short, wrapped
from addons.contentview.summary import BEST, Measure, Shares, Sized, shares
from traces import jsonio
from traces.content import answers
from traces.content.parts import Kind, Part
from traces.model import Json, Trace

SYSTEM_LIMIT, MESSAGE_LIMIT, ANSWER_LIMIT = 500, 2_000, 100_000
"""Characters after which a text is cut: soon what returns in every request, hardly ever what was asked for."""

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
"""How a part is headed; a tool's name follows."""

SHOWN_APART = {"model", "system", "instructions", "tools", "messages", "input", "metadata"}
"""Fields of a request that are no parameters."""


def request_lines(trace: Trace, measure: Measure = BEST) -> Iterator[Line]:
    body = trace.request.body
    if not isinstance(body, dict):
        yield from _raw(body, trace)
        return
    sized = shares(body, measure, summary.server_of(trace))
    yield "header", trace.model or "(no model named)"
    yield from _parameters(body)
    yield BLANK
    by = f" ({measure.vocabulary})" if measure.vocabulary else ""
    yield "header", f"INPUT  {counted(sized.total, measure.unit)}{by}"
    yield from _shares(sized)
    if system := sized.of("system"):
        yield from _heading("SYSTEM", counted(len(system), "block"), system, measure)
        yield from _blocks(system, measure, SYSTEM_LIMIT)
    if tools := sized.of("tools"):
        yield from _heading("TOOLS", str(len(tools)), tools, measure)
        yield from _tools(tools)
    if messages := sized.of("messages"):
        number = len({part.index for part, _ in messages})
        yield from _heading("CONVERSATION", counted(number, "message"), messages, measure)
        yield from _blocks(messages, measure, MESSAGE_LIMIT)


def response_lines(trace: Trace, measure: Measure = BEST) -> Iterator[Line]:
    if trace.response is None:
        return
    body = trace.response.body
    yield "header", summary.what(trace)
    yield from wrapped(summary.failure(trace), ANSWER_LIMIT)
    if body is not None:
        yield from wrapped(summary.oddities(trace), ANSWER_LIMIT)
    if trace.odd:
        yield from wrapped(f"the first begins: {trace.odd.sample}", ANSWER_LIMIT)
    if reason := answers.stop_reason(body):
        yield "text", f"stop reason {reason}"
    for title, rows in (("USAGE", summary.usage(trace)), ("TIMING", summary.times(trace))):
        if rows:
            yield BLANK
            yield "header", title
            yield from (("text", f"  {name:<21}{value:>14}") for name, value in rows.items())
    if answer := shares(answers.as_request(body), measure).of("messages"):
        yield from _heading("ANSWER", counted(len(answer), "part"), answer, measure)
        yield from _blocks(answer, measure, ANSWER_LIMIT, numbered=False)
    else:
        yield BLANK
        yield from _raw(body, trace)


def _heading(title: str, number: str, parts: Sized, measure: Measure) -> Iterator[Line]:
    yield BLANK
    yield "header", f"{title}  {number} · {counted(sum(size for _, size in parts), measure.unit)}"


def _parameters(body: Mapping[str, Json]) -> Iterator[Line]:
    shown = {name: _plain(value).replace("\n", "\\n") for name, value in body.items() if name not in SHOWN_APART}
    column = max(map(len, shown), default=0)
    yield from (("text", short(f"  {name:<{column}}  {value}", WIDTH)) for name, value in shown.items())


def _shares(sized: Shares) -> Iterator[Line]:
    for section, percent in sized.percents.items():
        yield "text", f"  {section:<9}{sized.size(section):>10,}{percent:>5}%  {'█' * round(percent * 0.6)}".rstrip()


def _tools(tools: Sized) -> Iterator[Line]:
    column = min(30, max(len(part.name or "") for part, _ in tools))
    for number, (part, size) in enumerate(tools, 1):
        start = f"{number:>4}  {short(part.name or '', column):<{column}}{size:>8,}  "
        yield "text", (start + short(_about(part), WIDTH - len(start))).rstrip()


def _about(tool: Part) -> str:
    """The first line of a tool's description."""
    definition = _parsed(tool.text)
    description = definition.get("description") if isinstance(definition, dict) else None
    return description.strip().partition("\n")[0] if isinstance(description, str) else ""


def _blocks(parts: Sized, measure: Measure, limit: int, numbered: bool = True) -> Iterator[Line]:
    """For each part a rule that says what it is and how large, then its text. Blank texts are left out."""
    for part, size in parts:
        words = _words(part)
        if words or part.name:
            number = f"{part.index + 1} " if numbered else ""
            title = short(f"── {number}{TITLES.get(part.kind, part.kind)} {part.name or ''}".rstrip(), 60)
            measured = "" if part.media else f" {counted(size, measure.unit)}"
            yield "header", f"{title} ".ljust(WIDTH - len(measured), "─") + measured
            yield from wrapped(words, limit, indent="  ")


def _words(part: Part) -> str:
    """What a block shows. A reminder's tags are left out: its title says what it is."""
    if part.media:
        return part.media.url or f"{part.media.type}, {len(part.media.base64) * 3 // 4:,} bytes"
    text = _named_values(part.text) if part.kind == "tool_input" else part.text
    return text.replace("<system-reminder>", "").replace("</system-reminder>", "").strip()


def _named_values(text: str) -> str:
    """A tool's input, a line for each argument; a text of several lines stands below its name."""
    values = _parsed(text)
    if not isinstance(values, dict):
        return text
    plain = {name: _plain(value) for name, value in values.items()}
    return "\n".join(f"{name}:\n{value}" if "\n" in value else f"{name}: {value}" for name, value in plain.items())


def _raw(body: Json, trace: Trace) -> Iterator[Line]:
    """What is no conversation: an error, a count, a text that isn't even JSON; or why there is nothing to see."""
    words = " · ".join(trace.marks).replace("_", " ") if body is None else _plain(body, indent=2)
    yield from wrapped(words, ANSWER_LIMIT)


def _plain(value: Json, indent: int | None = None) -> str:
    try:
        return value if isinstance(value, str) else json.dumps(value, indent=indent, ensure_ascii=False)
    except RecursionError:
        return "(nested too deeply to be shown)"


def _parsed(text: str) -> Json:
    try:
        return jsonio.loads(text.encode("utf-8", "replace"))
    except ValueError:
        return None
