"""OpenAI's chat completions -> Anthropic's messages."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from traces import jsonio
from traces.dialects.translation.notes import Notes
from traces.dialects.translation.pairs import pair_calls
from traces.dialects.translation.to_chat import SCHEMA_FIELDS
from traces.errors import TranslationError

Fields = dict[str, Any]

SAME = ("model", "stream", "temperature", "top_p", "top_k")

DEFAULT_MAX_TOKENS = 4096
"""Anthropic's API requires a limit; OpenAI's doesn't."""

NO_CONTENT = "(no content)"
"""What Claude Code writes in an empty message, which Anthropic's servers refuse."""

_READ = (
    *SAME,
    *("messages", "tools", "tool_choice", "parallel_tool_calls", "stop", "max_tokens", "max_completion_tokens"),
    *("response_format", "user"),
    "stream_options",  # asks for the usage, which Anthropic's streams always hold
)
_READ_IN_PART: Mapping[str, tuple[str, ...]] = {
    "text": ("text",),
    "refusal": ("refusal",),
    "image_url": ("image_url",),
    "file": ("file",),
}
_READ_IN_MESSAGE = ("role", "content", "tool_calls", "tool_call_id", "refusal", "reasoning_content", "reasoning")


def add_limit(body: Fields, notes: Notes) -> Fields:
    """Return the request with a limit of its answer."""
    if body.get("max_tokens") is not None:
        return body
    notes.add(f"max_tokens: {DEFAULT_MAX_TOKENS}, since Anthropic's API requires a limit")
    return {**body, "max_tokens": DEFAULT_MAX_TOKENS}


def to_common(body: Mapping[str, Any], notes: Notes) -> Fields:
    """Return the request in Anthropic's format, without a limit where it has none."""
    notes.unknown_fields("", body, _READ)
    messages = body["messages"]
    for message in messages:
        notes.unknown_fields("messages[].", message, _READ_IN_MESSAGE)
    begin = next((at for at, message in enumerate(messages) if not _is_system(message)), len(messages))
    anthropic: Fields = {name: body[name] for name in SAME if name in body}
    if limits := [body[name] for name in ("max_completion_tokens", "max_tokens") if body.get(name) is not None]:
        anthropic["max_tokens"] = int(limits[0])
    if system := [block for message in messages[:begin] for block in _blocks(message["content"], notes)]:
        anthropic["system"] = system
    anthropic["messages"] = pair_calls(list(_messages(messages[begin:], notes)), notes)
    if tools := [kept for tool in body.get("tools") or () if (kept := _tool(tool, notes))]:
        anthropic["tools"] = tools
        anthropic |= _tool_choice(body, [tool["name"] for tool in tools], notes)
    else:
        notes.unknown_fields("", {name: body.get(name) for name in ("tool_choice", "parallel_tool_calls")}, ())
    if stop := body.get("stop"):
        anthropic["stop_sequences"] = [stop] if isinstance(stop, str) else stop
    if user := body.get("user"):
        anthropic["metadata"] = {"user_id": user}
    return anthropic | _format(body.get("response_format"), notes)


def _is_system(message: Fields) -> bool:
    return message["role"] in ("system", "developer")


def _messages(messages: Sequence[Fields], notes: Notes) -> Iterator[Fields]:
    """Yield Anthropic's messages: results of parallel calls, each a message of OpenAI's, are one of them."""
    for is_result, group in groupby(_move_results(messages), lambda message: message["role"] == "tool"):
        if is_result:
            yield {"role": "user", "content": [_result(message, notes) for message in group]}
        else:
            yield from (_message(message, notes) for message in group)


def _move_results(messages: Sequence[Fields]) -> list[Fields]:
    """Return the messages with each result right after its calls, as Anthropic's API requires."""
    moved: list[Fields] = []
    place = 0
    for message in messages:
        if message["role"] == "tool" and place:
            moved.insert(place, message)
            place += 1
            continue
        moved.append(message)
        if message["role"] == "assistant":
            place = len(moved)
    return moved


def _message(message: Fields, notes: Notes) -> Fields:
    role, content = message["role"], message.get("content")
    if _is_system(message):
        notes.add("a system message in mid-conversation: only newer servers take one")
        return {"role": "system", "content": _blocks(content, notes)}
    if role == "assistant":
        return {"role": "assistant", "content": _require_content(_answer(message, notes), notes)}
    if role == "user":
        blocks = content if isinstance(content, str) else _blocks(content, notes)
        return {"role": "user", "content": _require_content(blocks, notes)}
    raise TranslationError(f"A message with the role {role!r} has no counterpart in Anthropic's API.")


def _require_content(content: Any, notes: Notes) -> Any:
    if content:
        return content
    notes.add(f"an empty message: sent as {NO_CONTENT}, since Anthropic's API requires content")
    return [{"type": "text", "text": NO_CONTENT}]


def _answer(message: Fields, notes: Notes) -> list[Fields]:
    if message.get("reasoning_content") or message.get("reasoning"):
        notes.add_dropped("thinking of an earlier answer")  # Anthropic's servers take it only with their signature
    blocks = _blocks(message.get("content"), notes) + _blocks(message.get("refusal"), notes)
    return blocks + [_call(call, notes) for call in message.get("tool_calls") or ()]


def _call(call: Fields, notes: Notes) -> Fields:
    """Return a call as a block. The input of a `custom` tool of OpenAI's is text."""
    if isinstance(custom := call.get("custom"), dict):
        notes.add("the input of a custom tool's call: sent as an object's field")
        return {"type": "tool_use", "id": call["id"], "name": custom["name"], "input": {"input": custom.get("input")}}
    function = call["function"]
    notes.unknown_fields("tool_calls[].", call, ("id", "type", "index", "function"))
    notes.unknown_fields("tool_calls[].function.", function, ("name", "arguments"))
    return {"type": "tool_use", "id": call["id"], "name": function["name"], "input": _input(function, notes)}


def _input(function: Fields, notes: Notes) -> Fields:
    """Return the arguments that a model wrote; where they are no JSON object, as they are in a field of one."""
    written = function.get("arguments") or "{}"
    try:
        given = jsonio.loads(written.encode()) if isinstance(written, str) else written
    except ValueError:
        given = written
    if isinstance(given, dict):
        return given
    notes.add("arguments of a call that are no JSON object: sent as an object's field")
    return {"arguments": given}


def _result(message: Fields, notes: Notes) -> Fields:
    content = message.get("content")
    given = content if isinstance(content, str) else _blocks(content, notes)
    return {"type": "tool_result", "tool_use_id": message["tool_call_id"], "content": given}


def _blocks(content: Any, notes: Notes) -> list[Fields]:
    """Return a content as blocks, without empty texts, which Anthropic's servers refuse."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return [_block(part, notes) for part in content or () if part.get("text") != ""]


def _block(part: Fields, notes: Notes) -> Fields:
    notes.unknown_fields(f"{part['type']}.", part, ("type", *_READ_IN_PART.get(part["type"], ())))
    match part:
        case {"type": "text", "text": str(text)} | {"type": "refusal", "refusal": str(text)}:
            return {"type": "text", "text": text}
        case {"type": "image_url", "image_url": {"url": str(url)} as image}:
            notes.unknown_fields("image_url.", image, ("url",))
            return {"type": "image", "source": _source(url)}
        case {"type": "image_url", "image_url": str(url)}:
            return {"type": "image", "source": _source(url)}
        case {"type": "file", "file": {"file_data": str(data)} as file} if data.startswith("data:"):
            notes.unknown_fields("file.", file, ("file_data", "filename"))
            title = {"title": file["filename"]} if file.get("filename") else {}
            return {"type": "document", **title, "source": _source(data)}
    raise TranslationError(f"A part {part['type']!r} has no counterpart in Anthropic's API.")


def _source(url: str) -> Fields:
    kind, comma, data = url.removeprefix("data:").partition(";base64,")
    if comma and url.startswith("data:"):
        return {"type": "base64", "media_type": kind, "data": data}
    return {"type": "url", "url": url}


def _tool(tool: Fields, notes: Notes) -> Fields | None:
    if tool["type"] != "function":
        named = tool.get(tool["type"])
        name = (named.get("name") if isinstance(named, dict) else None) or tool.get("name")
        notes.add_dropped(f"the tool {name or 'without a name'} of the type {tool['type']}")
        return None
    function = tool["function"]
    notes.unknown_fields("tools[].", tool, ("type", "function"))
    notes.unknown_fields("tools[].function.", function, ("name", "description", "parameters", "strict"))
    kept = {name: function[name] for name in ("name", "description", "strict") if function.get(name) is not None}
    return {**kept, "input_schema": function.get("parameters") or {"type": "object", "properties": {}}}


def _tool_choice(body: Mapping[str, Any], offered: Sequence[str], notes: Notes) -> Fields:
    """Return the choice; none where it names a tool that isn't offered, which servers refuse."""
    choice: Fields = {}
    match body.get("tool_choice"):
        case {"type": "function", "function": {"name": str(name)}} | {"type": "function", "name": str(name)}:
            choice = {"type": "tool", "name": name}
        case str(word):
            choice = {"type": {"auto": "auto", "required": "any", "none": "none"}[word]}
        case {"type": str(kind)}:
            notes.add_dropped(f"tool_choice {kind}")
        case None:
            pass
        case other:
            raise TranslationError(f"A tool_choice {other!r} has no counterpart in Anthropic's API.")
    if choice.get("type") == "tool" and choice["name"] not in offered:
        notes.add_dropped(f"tool_choice {choice['name']}, for which no tool is left")
        choice = {}
    if body.get("parallel_tool_calls") is False and choice.get("type") != "none":
        choice = {"type": "auto", **choice, "disable_parallel_tool_use": True}
    return {"tool_choice": choice} if choice else {}


def _format(wanted: Fields | None, notes: Notes) -> Fields:
    match wanted:
        case {"type": "json_schema", "json_schema": {"schema": schema} as given}:
            beside = {name: value for name, value in given.items() if SCHEMA_FIELDS.get(name) != value}
            notes.unknown_fields("response_format.json_schema.", beside, ("schema",))
            return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}
        case {"type": kind} if kind != "text":
            notes.add_dropped(f"response_format {kind}")
    return {}
