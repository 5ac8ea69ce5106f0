"""Sessions as OpenTelemetry spans, after the semantic conventions for generative AI, as OTLP's JSON.

    invoke_agent NAME          a session's main agent, or a subagent below the agent that started it
      chat MODEL               one request to a model; `generate_content` in Gemini's format
      execute_tool NAME        from the end of the answer that calls it to the request that carries on: the user's
                               approval, and the other tools of that answer, are in this time

A session is a trace. Ids come from what they name, so exporting a session again replaces it. What the conventions have
no attribute for is `anyclaude.*`. Texts are left out unless they are asked for, as the conventions say.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from analysis.exports import span_texts
from analysis.exports.recorded import Recorded, clean, recorded
from traces import counts, jsonio
from traces.content import answers
from traces.dialects import FORMATS, dialect_of, format_of, limits_in, model_of
from traces.model import Trace
from traces.sessions.grouping import Agent, Session, Turn

Fields = dict[str, Any]

SCHEMA = "https://opentelemetry.io/schemas/1.41.1"
"""The version of the semantic conventions: the last one that holds those for generative AI themselves."""

_SCOPE = "anyclaude-toolkit"
_INTERNAL, _CLIENT = 1, 3  # kinds of spans
_ERROR = 2  # a status

_PROVIDERS = {"claude": "anthropic", "gemini": "gcp.gemini"}
"""The conventions' names, where ours differ; a server of one's own has none there, so it is named as we do."""

_SETTINGS = {"temperature": "temperature", "top_p": "top_p", "top_k": "top_k", "seed": "seed"}


@dataclass
class Spans:
    """The spans of some sessions; `written` counts them. `texts`: with what was said, as the conventions' opt-in."""

    sessions: Sequence[Session]
    texts: bool = False
    written: int = 0

    def pieces(self) -> Iterator[bytes]:
        """Yield a file of OTLP: one object in one line, as its JSON files and its JSON lines have it."""
        yield b'{"resourceSpans":['
        for number, document in enumerate(self.documents()):
            yield b"," if number else b""
            yield jsonio.dumps(document["resourceSpans"])[1:-1]
        yield b"]}\n"

    def documents(self) -> Iterator[Fields]:
        """Yield an ExportTraceServiceRequest for each session."""
        for session in self.sessions:
            spans = list(self._session(session))
            self.written += len(spans)
            service = next((turn.client for turn in session.turns if turn.client), "unknown_service")
            yield {
                "resourceSpans": [
                    {
                        "resource": {"attributes": _attributes({"service.name": service})},
                        "scopeSpans": [
                            {
                                "scope": {"name": _SCOPE, "version": version(_SCOPE)},
                                "spans": spans,
                                "schemaUrl": SCHEMA,
                            }
                        ],
                        "schemaUrl": SCHEMA,
                    }
                ]
            }

    def _session(self, session: Session) -> Iterator[Fields]:
        for agent in session.agents:
            if agent.turns:
                yield _agent(session, agent)
        for one in recorded([session]):
            yield self._chat(one)
            yield from self._tools(one)

    def _chat(self, one: Recorded) -> Fields:
        trace, session = one.trace, one.session
        operation = "generate_content" if dialect_of(trace.request.url) == "gemini" else "chat"
        texts = span_texts.of(trace) if self.texts else {}
        attributes = {
            "gen_ai.operation.name": operation,
            **_request(trace),
            **_response(trace),
            "gen_ai.conversation.id": session.id,
            "anyclaude.request.type": one.turn.kind,
            "anyclaude.request.why": one.place.why,
            "anyclaude.turn": one.place.number,
            "anyclaude.end_unknown": True if one.turn.ended_at is None else None,
            **texts,
        }
        span = _span(session, _chat_id(one), f"{operation} {trace.model or ''}".strip(), _CLIENT, attributes)
        return {**span, "parentSpanId": _id(session, _agent_name(one)), **_times(one.turn), **_failure(trace)}

    def _tools(self, one: Recorded) -> Iterator[Fields]:
        after = _next_turn(one)
        if after is None or one.turn.ended_at is None or after.started_at is None:
            return  # when a tool ran isn't known
        for number, call in enumerate(span_texts.calls_of(one.trace)):
            attributes = {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": call.name,
                "gen_ai.tool.call.id": call.id,
                "gen_ai.tool.type": "function",
                "gen_ai.conversation.id": one.session.id,
                **({"gen_ai.tool.call.arguments": clean(call.arguments)} if self.texts else {}),
            }
            id = f"{_chat_id(one)} tool {number}"
            span = _span(one.session, id, f"execute_tool {call.name}", _INTERNAL, attributes)
            yield {
                **span,
                "parentSpanId": _id(one.session, _agent_name(one)),
                "startTimeUnixNano": _nanoseconds(one.turn.ended_at),
                "endTimeUnixNano": _nanoseconds(max(after.started_at, one.turn.ended_at)),
            }


def _agent(session: Session, agent: Agent) -> Fields:
    turns = [session.turns[number - 1] for number in agent.turns]
    starts = [turn.started_at for turn in turns if turn.started_at is not None]
    ends = [at for turn in turns if (at := turn.ended_at or turn.started_at) is not None]
    name = agent.type or agent.key
    attributes = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": name,
        "gen_ai.agent.id": agent.id,
        "gen_ai.conversation.id": session.id,
    }
    has_parent = any(other.key == agent.parent and other.turns for other in session.agents)
    parent = {"parentSpanId": _id(session, f"agent {agent.parent}")} if has_parent else {}
    return {
        **_span(session, f"agent {agent.key}", f"invoke_agent {name}", _INTERNAL, attributes),
        **parent,
        "startTimeUnixNano": _nanoseconds(min(starts, default=0.0)),
        "endTimeUnixNano": _nanoseconds(max(ends, default=0.0)),
    }


def _request(trace: Trace) -> Fields:
    body = trace.request.body if isinstance(trace.request.body, dict) else {}
    place = trace.request.url.partition("?")[0]
    dialect = dialect_of(place)
    host, port = _server(trace.request.url)
    limit = next(iter(limits_in(body).values()), None)
    stops = body.get("stop_sequences", body.get("stop"))
    return {
        "gen_ai.provider.name": _PROVIDERS.get(trace.mode, trace.mode),
        "gen_ai.request.model": trace.model,
        "gen_ai.request.stream": FORMATS[dialect].is_streamed(place, body) if dialect else None,
        "gen_ai.request.max_tokens": limit,
        **{f"gen_ai.request.{name}": _number(body.get(field)) for name, field in _SETTINGS.items()},
        "gen_ai.request.stop_sequences": [stops] if isinstance(stops, str) else stops,
        "server.address": host,
        "server.port": port,
    }


def _response(trace: Trace) -> Fields:
    message, timing = trace.message, trace.timing
    input = counts.credible_input(message, trace.request.body)
    output = counts.output(message, trace.events)
    reason = answers.stop_reason(message)
    first = next((event.at for event in trace.events if event.at is not None), None)
    return {
        "gen_ai.response.id": message.get("id") if isinstance(message, dict) and format_of(message) else None,
        "gen_ai.response.model": model_of(message),
        "gen_ai.response.finish_reasons": [reason] if reason else None,
        "gen_ai.usage.input_tokens": input.total if input else None,
        "gen_ai.usage.cache_read.input_tokens": input.cache_read if input else None,
        "gen_ai.usage.cache_creation.input_tokens": input.cache_written if input else None,
        "gen_ai.usage.output_tokens": output.known,
        "gen_ai.usage.reasoning.output_tokens": None if output.known is None else output.reasoning,
        "gen_ai.response.time_to_first_chunk": first,
        "error.type": trace.error.kind if trace.error else None,
        "http.response.status_code": trace.response.status if trace.response else None,
        "anyclaude.time_to_first_token": timing.ttft,
        "anyclaude.time_to_first_answer": timing.first_answer,
    }


def _failure(trace: Trace) -> Fields:
    """Return the status of a span; a broken-off exchange is no success either."""
    if trace.error is None:
        return {}
    return {"status": {"code": _ERROR, "message": f"{trace.error.kind}: {clean(trace.error.message)}"}}


def _span(session: Session, id: str, name: str, kind: int, attributes: Mapping[str, object]) -> Fields:
    return {
        "traceId": _hash(session.id, 16),
        "spanId": _id(session, id),
        "name": name,
        "kind": kind,
        "attributes": _attributes(attributes),
    }


def _chat_id(one: Recorded) -> str:
    """Return what a request's span id is made of: it stays when more of the session is exported."""
    same = [turn for turn in one.session.turns[: one.place.number] if turn.timestamp == one.turn.timestamp]
    return f"chat {one.turn.timestamp} {len(same)}"


def _agent_name(one: Recorded) -> str:
    return f"agent {one.place.agent}"


def _next_turn(one: Recorded) -> Turn | None:
    """Return the turn that carries this one on, with the results of its tools."""
    places = one.session.places[one.place.number :]
    found = (place for place in places if place.follows == one.place.number and place.why in ("continued", "edited"))
    after = next(found, None)
    return one.session.turns[after.number - 1] if after else None


def _times(turn: Turn) -> Fields:
    """Return when a request began and ended; where its end isn't known, it has no length, and says so elsewhere."""
    start = turn.started_at or 0.0
    return {"startTimeUnixNano": _nanoseconds(start), "endTimeUnixNano": _nanoseconds(turn.ended_at or start)}


def _nanoseconds(seconds: float) -> str:
    return str(round(seconds * 1e6) * 1000)


def _id(session: Session, name: str) -> str:
    return _hash(f"{session.id}\n{name}", 8)


def _hash(text: str, size: int) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=size).hexdigest()


def _server(url: str) -> tuple[str | None, int | None]:
    """Return the host and the port of a URL, without the user in it; None where it isn't one."""
    scheme, _, rest = url.partition("://")
    host = re.split("[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    try:
        address = urlsplit(f"//{host}")
        return address.hostname, address.port or {"http": 80, "https": 443}.get(scheme)
    except ValueError:
        return None, None


def _number(value: object) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _attributes(values: Mapping[str, object]) -> list[Fields]:
    """Return attributes in OTLP's form, those that aren't known left out."""
    return [{"key": key, "value": _any_value(value)} for key, value in values.items() if value is not None]


def _any_value(value: object) -> Fields:
    """Return an AnyValue. JSON can't hold integers of 64 bits in all programs, so OTLP writes them as texts."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_any_value(item) for item in value]}}
    return {"stringValue": str(value)}
