"""What was said in an exchange, as the semantic conventions for generative AI write it: JSON in four attributes."""

from collections.abc import Iterator
from typing import Any

from analysis.exports.conversations import conversation_of
from analysis.exports.recorded import clean
from traces import jsonio
from traces.content.blocks import as_list
from traces.content.calls import Call, call_of
from traces.content.tools import as_json
from traces.dialects import format_of
from traces.errors import TranslationError
from traces.model import Json, Trace

Fields = dict[str, Any]


def of(trace: Trace) -> dict[str, str]:
    """Return the attributes with texts; none where they can't be read as their API format."""
    try:
        request, answer = conversation_of(trace)
    except TranslationError:
        return {}
    definitions = [_definition(tool) for tool in request.get("tools") or ()]
    values: dict[str, list[Fields]] = {
        "gen_ai.system_instructions": _parts(request.get("system")),
        "gen_ai.tool.definitions": definitions,
        "gen_ai.input.messages": [_message(message) for message in request["messages"]],
        "gen_ai.output.messages": [_message(message) for message in answer],
    }
    return {name: jsonio.dumps(clean(value)).decode("utf-8", "replace") for name, value in values.items() if value}


def calls_of(trace: Trace) -> Iterator[Call]:
    """Yield the calls in an answer, in any API format."""
    message = trace.message
    found = format_of(message)
    if found is None or not isinstance(message, dict):
        return
    for item in found.as_messages(message):
        fields = item if isinstance(item, dict) else {}
        for held in (item, *as_list(fields.get("tool_calls")), *as_list(fields.get("content"))):
            call = call_of(held)
            if call is not None:
                yield call


def _message(message: Fields) -> Fields:
    parts = _parts(message.get("content"))
    are_results = bool(parts) and all(part["type"] == "tool_call_response" for part in parts)
    return {"role": "tool" if are_results else message.get("role"), "parts": parts}


def _parts(content: Json) -> list[Fields]:
    return [_part(block) for block in as_list(content)]


def _part(block: Any) -> Fields:
    match block:
        case str(text) | {"type": "text", "text": str(text)}:
            return {"type": "text", "content": text}
        case {"type": "thinking", "thinking": str(text)}:
            return {"type": "reasoning", "content": text}
        case {"type": "tool_use", "name": name, "input": given}:
            return {"type": "tool_call", "id": block.get("id"), "name": name, "arguments": given}
        case {"type": "tool_result", "tool_use_id": id}:
            return {"type": "tool_call_response", "id": id, "response": _text(block.get("content"))}
        case {"type": "image" | "document" as kind}:
            return {"type": kind}  # what it shows is left out: it would be most of the span
    return {"type": "other", "content": as_json(block)}


def _text(content: Json) -> Json:
    """Return a result as a text where it is one, else as its parts."""
    return content if isinstance(content, str) else _parts(content)


def _definition(tool: Fields) -> Fields:
    described = {"description": tool["description"]} if tool.get("description") else {}
    return {"type": "function", "name": tool.get("name"), **described, "parameters": tool.get("input_schema")}
