"""Gemini's requests and answers as blocks in Anthropic's shapes, which `traces.content` reads.

Nothing here raises, whatever a request holds; what isn't known is left as it is.
"""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from traces.model import Json

CODE = "code_execution"
"""The name of the tool that runs code at the server."""

_RESULTS = ("output", "result", "content", "error")
"""The fields of a function's response that clients put a text in."""

_ROLES = {"model": "assistant", "user": "user", "function": "user"}

_STATED = re.compile(r"[A-Z]+")


def inner(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the request itself: the CLI's own login wraps it in another object, with the model's name."""
    held = body.get("request")
    return held if isinstance(held, dict) and "contents" in held else body


def view(body: Mapping[str, Any]) -> Json:
    """Return a request as one of Anthropic's; None where it isn't one of Gemini's."""
    given = inner(body)
    if "contents" not in given:
        return None
    config = _object(given.get("generationConfig"))
    schema = config.get("responseJsonSchema", config.get("responseSchema"))
    seen: dict[str, Any] = {
        "system": [block(part) for part in _parts(given.get("systemInstruction"))],
        "tools": [tool for each in _list(given.get("tools")) for tool in _tools(each)],
        "messages": [message(content) for content in with_ids_of_calls(_list(given["contents"]))],
    }
    if schema is not None:
        seen["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    return seen


def with_ids_of_calls(contents: Sequence[Any]) -> list[Any]:
    """Return a conversation in which results have the ids of calls alone: else they go by the function's name.

    To a call without an id, Gemini CLI gives one only where its result is.
    """
    given = [part for content in contents for part in _parts(content) if isinstance(part, dict)]
    calls = [_id(call) for part in given if isinstance(call := part.get("functionCall"), dict)]
    known = {id for id in calls if isinstance(id, str)}
    return [_with_ids(content, known) for content in contents]


def _with_ids(content: Json, known: Container[str]) -> Json:
    parts = _parts(content)
    if not isinstance(content, dict) or not any(_has_other_id(part, known) for part in parts):
        return content
    return {**content, "parts": [_without_id(part) if _has_other_id(part, known) else part for part in parts]}


def _without_id(part: Any) -> Json:
    return {**part, "functionResponse": {**part["functionResponse"], "id": None}}


def _has_other_id(part: Json, known: Container[str]) -> bool:
    match part:
        case {"functionResponse": {"id": str(id), "name": str()}}:
            return id not in known
    return False


def message(content: Json) -> Json:
    """Return one content of a conversation as a message."""
    if not isinstance(content, dict) or "parts" not in content:
        return content
    role = content.get("role", "user")
    known = _ROLES.get(role, role) if isinstance(role, str) else "user"
    return {"role": known, "content": [block(part) for part in _parts(content)]}


def block(part: Json) -> Json:
    """Return a part as a block."""
    match part:
        case {"functionCall": dict(call)}:
            return {"type": "tool_use", "id": _id(call), "name": call.get("name"), "input": call.get("args", {})}
        case {"functionResponse": dict(result)}:
            return {"type": "tool_result", "tool_use_id": _id(result), "content": _results(result)}
        case {"inlineData": {"mimeType": str(kind), "data": str(data)}}:
            source = {"type": "base64", "media_type": kind, "data": data}
            return {"type": "image" if kind.startswith("image/") else "document", "source": source}
        case {"fileData": {"fileUri": str(url), **file}}:
            is_image = str(file.get("mimeType")).startswith("image/")
            return {"type": "image" if is_image else "document", "source": {"type": "url", "url": url}}
        case {"text": str(text), "thought": True, **rest}:
            return {"type": "thinking", "thinking": text, "signature": rest.get("thoughtSignature")}
        case {"text": str(text)}:
            return {"type": "text", "text": text}
        case {"executableCode": dict(code)}:
            return {"type": "server_tool_use", "id": CODE, "name": CODE, "input": code}
        case {"codeExecutionResult": dict(result)}:
            return {"type": "tool_result", "tool_use_id": CODE, "content": result.get("output")}
    return part


def parts_of(answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the parts of an answer, of all its candidates."""
    for candidate in _list(answer.get("candidates")):
        if isinstance(candidate, dict):
            yield from (part for part in _parts(candidate.get("content")) if isinstance(part, dict))


def schema_of(declaration: Mapping[str, Any]) -> Json:
    """Return the JSON schema of a function's arguments.

    Google's own form writes the types in capitals, and Gemini CLI does so where JSON Schema's form is meant, too.
    """
    given = declaration.get("parametersJsonSchema", declaration.get("parameters"))
    return {"type": "object", "properties": {}} if given is None else _as_json_schema(given)


def _as_json_schema(schema: Json) -> Json:
    if isinstance(schema, list):
        return [_as_json_schema(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: value.lower()
        if name == "type" and isinstance(value, str) and _STATED.fullmatch(value)
        else _as_json_schema(value)
        for name, value in schema.items()
    }


def _tools(tool: Json) -> Iterator[Json]:
    """Yield the tools that one entry declares: functions, and those that the server runs."""
    if not isinstance(tool, dict):
        yield tool
        return
    for name, held in tool.items():
        if name != "functionDeclarations":
            yield {"type": name, "name": name, "settings": held}
            continue
        for declared in _list(held):
            if isinstance(declared, dict):
                about = {key: declared[key] for key in ("name", "description") if key in declared}
                yield {**about, "input_schema": schema_of(declared)}
            else:
                yield declared


def _results(result: Mapping[str, Any]) -> Json:
    """Return what a function gave: a text where it is one, else the object; then the data beside it."""
    given = result.get("response")
    content = given
    if isinstance(given, dict) and len(given) == 1:
        [(name, only)] = given.items()
        content = only if name in _RESULTS and isinstance(only, str) else given
    data = [block(part) for part in _list(result.get("parts"))]
    if not data:
        return content
    return [{"type": "text", "text": content} if isinstance(content, str) else content, *data]


def _id(call: Mapping[str, Any]) -> Json:
    """Return what a call and its result have in common: an id, else the function's name."""
    return call.get("id") or call.get("name")


def _parts(content: Json) -> list[Json]:
    if isinstance(content, str):
        return [{"text": content}]
    return _list(content.get("parts")) if isinstance(content, dict) else _list(content)


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _object(value: Json) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
