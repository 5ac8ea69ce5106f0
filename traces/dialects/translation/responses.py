"""Requests of OpenAI's responses <-> chat completions: items of `input` <-> messages, calls and results."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from traces.dialects.openai_chat import REASONING_TEXTS
from traces.dialects.translation.common_items import to_common_items
from traces.dialects.translation.notes import Notes
from traces.errors import TranslationError

Fields = dict[str, Any]

SAME = ("model", "stream", "temperature", "top_p", "top_k", "parallel_tool_calls", "user")

_READ = (*SAME, "instructions", "input", "tools", "tool_choice", "max_output_tokens", "text")
_KEPT_BY_SERVER = ("previous_response_id", "conversation")
_NO_LOSS = ("store", "include", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "background")
"""Fields that don't change a model's answer."""


def responses_to_chat(body: Mapping[str, Any], notes: Notes) -> Fields:
    """Return a request for a response as one for a chat completion. Raises TranslationError."""
    if kept := next((name for name in _KEPT_BY_SERVER if body.get(name)), None):
        notes.add_dropped(kept)
    notes.unknown_fields("", body, (*_READ, *_NO_LOSS, *_KEPT_BY_SERVER))
    chat: Fields = {name: body[name] for name in SAME if body.get(name) is not None}
    if (most := body.get("max_output_tokens")) is not None:
        chat["max_completion_tokens"] = most
    instructions = body.get("instructions")
    chat["messages"] = [{"role": "system", "content": instructions}] if instructions else []
    given = body.get("input") or []
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    chat["messages"] += _messages(items, notes)
    if tools := list(_chat_tools(body.get("tools") or (), notes)):
        chat["tools"] = tools
    if choice := body.get("tool_choice"):
        named = isinstance(choice, dict) and choice.get("type") in ("function", "custom")
        chat["tool_choice"] = {"type": "function", "function": {"name": choice["name"]}} if named else choice
    config = body.get("text") or {}
    notes.unknown_fields("text.", config, ("format",))
    match config.get("format"):
        case {"type": "json_schema", "schema": schema, **rest}:
            beside = {name: value for name, value in rest.items() if value is not None}
            chat["response_format"] = {"type": "json_schema", "json_schema": {**beside, "schema": schema}}
        case {"type": str(kind)} if kind != "text":
            chat["response_format"] = {"type": kind}
    return chat


def _messages(items: Sequence[Fields], notes: Notes) -> list[Fields]:
    messages: list[Fields] = []
    for item in to_common_items(items, notes):
        kind = item.get("type", "message")
        if kind == "message":
            _add_message(messages, item, notes)
        elif kind == "function_call":
            function = {"name": item["name"], "arguments": item.get("arguments") or ""}
            if not messages or messages[-1]["role"] != "assistant":
                messages.append({"role": "assistant", "content": None})
            call = {"id": item["call_id"], "type": "function", "function": function}
            messages[-1].setdefault("tool_calls", []).append(call)
        elif kind == "function_call_output":
            output = item.get("output")
            content = output if isinstance(output, str) else _parts(output or (), notes)
            messages.append({"role": "tool", "tool_call_id": item["call_id"], "content": content})
        elif kind == "reasoning":
            notes.add_dropped("thinking of an earlier answer")
        else:
            raise TranslationError("An item_reference names what only the server holds; it can't be sent to another.")
    return messages


def _add_message(messages: list[Fields], item: Fields, notes: Notes) -> None:
    notes.unknown_fields("input[].", item, ("type", "role", "content", "id", "status", "phase"))
    content = item["content"]
    parts = content if isinstance(content, str) else _parts(content, notes)
    messages.append({"role": item["role"], "content": parts})


def _parts(parts: Sequence[Fields], notes: Notes) -> str | list[Fields]:
    found = [_part(part, notes) for part in parts]
    if len(found) == 1 and found[0]["type"] == "text":
        return str(found[0]["text"])
    return found


def _part(part: Fields, notes: Notes) -> Fields:
    match part:
        case {"type": "input_text" | "output_text" | "text" | "summary_text", "text": str(text)}:
            return {"type": "text", "text": text}
        case {"type": "refusal", "refusal": str(text)}:
            return {"type": "text", "text": text}
        case {"type": "input_image", "image_url": str(url)}:
            notes.unknown_fields("input_image.", part, ("type", "image_url"))
            return {"type": "image_url", "image_url": {"url": url}}
        case {"type": "input_file", "file_data": str(data)}:
            name = {"filename": part["filename"]} if part.get("filename") else {}
            return {"type": "file", "file": {**name, "file_data": data}}
    raise TranslationError(f"A part {part.get('type')!r} has no counterpart in chat completions.")


def _chat_tools(tools: Sequence[Fields], notes: Notes) -> Iterator[Fields]:
    for tool in tools:
        match tool.get("type"):
            case "function":
                notes.unknown_fields("tools[].", tool, ("type", "name", "description", "parameters", "strict"))
                kept = ("name", "description", "parameters", "strict")
                yield {"type": "function", "function": {n: tool[n] for n in kept if tool.get(n) is not None}}
            case "custom":
                notes.add(f"the tool {tool['name']}, whose input is a text: sent with one argument, input")
                schema = {"type": "object", "properties": {"input": {"type": "string"}}, "required": ["input"]}
                description = {"description": tool["description"]} if tool.get("description") else {}
                yield {"type": "function", "function": {"name": tool["name"], **description, "parameters": schema}}
            case "namespace":
                notes.add(f"the group of tools {tool.get('name')}: sent as its tools")
                yield from _chat_tools(tool.get("tools") or (), notes)
            case kind:
                notes.add_dropped(f"the tool {tool.get('name') or kind}, which runs on OpenAI's servers")


def chat_to_responses(chat: Mapping[str, Any], notes: Notes) -> Fields:
    """Return a request for a chat completion as one for a response. Raises TranslationError."""
    body: Fields = {name: chat[name] for name in SAME if name in chat}
    for name in ("max_completion_tokens", "max_tokens"):
        if chat.get(name) is not None:
            body["max_output_tokens"] = chat[name]
    messages = list(chat["messages"])
    if messages and messages[0]["role"] == "system" and isinstance(messages[0]["content"], str):
        body["instructions"] = messages.pop(0)["content"]
    for message in messages:
        if any(name in message for name in REASONING_TEXTS):
            notes.add_dropped("thinking of an earlier answer")
    body["input"] = [item for message in messages for item in _items(message)]
    if tools := chat.get("tools"):
        body["tools"] = [{"type": "function", **tool["function"]} for tool in tools]
    if choice := chat.get("tool_choice"):
        is_named = isinstance(choice, dict)
        body["tool_choice"] = {"type": "function", "name": choice["function"]["name"]} if is_named else choice
    if chat.get("stop"):
        notes.add_dropped("stop sequences, which this API format doesn't have")
    if (wanted := chat.get("response_format")) and wanted["type"] == "json_schema":
        body["text"] = {"format": {"type": "json_schema", **wanted["json_schema"]}}
    return body


def _items(message: Fields) -> Iterator[Fields]:
    role, content = message["role"], message.get("content")
    if role == "tool":
        yield {"type": "function_call_output", "call_id": message["tool_call_id"], "output": content or ""}
        return
    kind = "output_text" if role == "assistant" else "input_text"
    if content:
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        yield {"type": "message", "role": role, "content": [_input_part(part, kind) for part in parts]}
    for call in message.get("tool_calls") or ():
        function = call["function"]
        yield {
            "type": "function_call",
            "call_id": call["id"],
            "name": function["name"],
            "arguments": function["arguments"],
        }


def _input_part(part: Fields, kind: str) -> Fields:
    match part:
        case {"type": "text", "text": str(text)}:
            return {"type": kind, "text": text}
        case {"type": "image_url", "image_url": {"url": str(url)}}:
            return {"type": "input_image", "image_url": url}
        case {"type": "file", "file": dict(file)}:
            return {"type": "input_file", **file}
    raise TranslationError(f"A part {part.get('type')!r} has no counterpart in responses.")
