"""Gemini's requests <-> Anthropic's messages."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from traces import jsonio
from traces.dialects.gemini_view import CODE, block, inner, schema_of, with_ids_of_calls
from traces.dialects.translation.common_blocks import to_common_blocks
from traces.dialects.translation.common_tools import offered_tools
from traces.dialects.translation.notes import Notes
from traces.dialects.translation.pairs import pair_calls
from traces.errors import TranslationError

Fields = dict[str, Any]

_SETTINGS = {
    "max_tokens": "maxOutputTokens",
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "stop_sequences": "stopSequences",
}
"""Anthropic's fields -> Gemini's, in `generationConfig`."""

_READ = ("model", "contents", "systemInstruction", "tools", "toolConfig", "generationConfig")
_READ_IN_CONFIG = (*_SETTINGS.values(), "responseMimeType", "responseSchema", "responseJsonSchema")
_READ_IN_COMMON = (*_SETTINGS, "model", "stream", "messages", "system", "tools", "tool_choice", "output_config")
_MODES = {"AUTO": "auto", "ANY": "any", "NONE": "none"}


def gemini_to_common(body: Mapping[str, Any], notes: Notes) -> Fields:
    """Return a request of Gemini's as one of Anthropic's, perhaps without a limit."""
    given = inner(body)
    notes.unknown_fields("", given, _READ)
    config = given.get("generationConfig") or {}
    notes.unknown_fields("generationConfig.", config, _READ_IN_CONFIG)
    common: Fields = {"model": body["model"]} if "model" in body else {}
    common |= {name: config[theirs] for name, theirs in _SETTINGS.items() if config.get(theirs) is not None}
    if system := [_kept(part) for part in _parts(given.get("systemInstruction"))]:
        common["system"] = system
    common["messages"] = pair_calls(list(_messages(given["contents"], notes)), notes)
    if tools := [tool for each in given.get("tools") or () for tool in _declared(each, notes)]:
        common["tools"] = tools
        common |= _choice(given.get("toolConfig"), [tool["name"] for tool in tools], notes)
    schema = config.get("responseJsonSchema", config.get("responseSchema"))
    if schema is not None:
        schema = schema_of({"parameters": schema})
        common["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    return common


def _messages(contents: Sequence[Fields], notes: Notes) -> Iterator[Fields]:
    """Yield the messages, with an id for each call that has none."""
    count = 0
    waiting: dict[str, list[str]] = {}
    for content in with_ids_of_calls(contents):
        blocks: list[Fields] = []
        for part in _parts(content):
            if part.get("thought"):
                notes.add_dropped(
                    "thinking of an earlier answer"
                )  # Anthropic's servers take it only with their signature
                continue
            if "executableCode" in part or "codeExecutionResult" in part:
                notes.add("code that the server ran itself: sent as a call of a tool")
            made = _kept(part)
            if made["type"] in ("tool_use", "server_tool_use"):
                count += 1
                name = str(made["name"])
                ident = made["id"] if made["id"] not in (made["name"], CODE) else f"call_{count}"
                waiting.setdefault(name, []).append(ident)
                made = {**made, "type": "tool_use", "id": ident, "input": made["input"] or {}}
            elif made["type"] == "tool_result" and (ids := waiting.get(made["tool_use_id"])):
                made["tool_use_id"] = ids.pop(0)
            if made["type"] == "tool_result":
                failed = {"is_error": True} if _is_error(part) else {}
                made = {**made, "content": _result_content(made["content"]), **failed}
            blocks.append(made)
        yield {"role": "assistant" if content.get("role") == "model" else "user", "content": blocks}


def _is_error(part: Fields) -> bool:
    """Return whether a function's response holds an error and nothing else."""
    response = (part.get("functionResponse") or {}).get("response")
    return isinstance(response, dict) and list(response) == ["error"]


def _result_content(content: Any) -> Any:
    if isinstance(content, dict | int | float):
        return jsonio.dumps(content).decode()
    return content if content is not None else ""


def _kept(part: Fields) -> Fields:
    made = block(part)
    if not isinstance(made, dict) or "type" not in made:
        raise TranslationError(f"A part with {', '.join(part)} has no counterpart in Anthropic's API.")
    return made


def _parts(content: Any) -> list[Fields]:
    if content is None:
        return []
    parts = (
        content if isinstance(content, list) else [{"text": content}] if isinstance(content, str) else content["parts"]
    )
    return [parts] if isinstance(parts, dict) else list(parts)


def _declared(tool: Fields, notes: Notes) -> Iterator[Fields]:
    for name in tool:
        if name != "functionDeclarations":
            notes.add_dropped(f"the tool {name}, which runs on Google's servers")
    for one in tool.get("functionDeclarations") or ():
        notes.unknown_fields(
            "tools[].functionDeclarations[].", one, ("name", "description", "parameters", "parametersJsonSchema")
        )
        about = {key: one[key] for key in ("name", "description") if one.get(key) is not None}
        yield {**about, "input_schema": schema_of(one)}


def _choice(config: Fields | None, offered: Sequence[str], notes: Notes) -> Fields:
    wanted = (config or {}).get("functionCallingConfig") or {}
    allowed = wanted.get("allowedFunctionNames") or []
    if len(allowed) == 1 and allowed[0] in offered:
        return {"tool_choice": {"type": "tool", "name": allowed[0]}}
    if allowed:
        notes.add_dropped("allowedFunctionNames")
    mode = wanted.get("mode")
    if mode and mode not in _MODES:
        notes.add(f"the mode {mode} of calling functions: sent as AUTO")
    return {"tool_choice": {"type": _MODES.get(mode, "auto")}} if mode else {}


def common_to_gemini(body: Mapping[str, Any], notes: Notes) -> Fields:
    """Return a request of Anthropic's as one of Gemini's, without the model, which is in its path."""
    notes.unknown_fields("", body, _READ_IN_COMMON)
    gemini: Fields = {}
    if system := [_part(each, {}, notes) for each in _blocks(body.get("system"))]:
        gemini["systemInstruction"] = {"parts": system}
    names: dict[str, str] = {}
    contents = (_content(each, names, notes) for each in pair_calls(to_common_blocks(body["messages"], notes), notes))
    gemini["contents"] = [content for content in contents if content["parts"]]
    if tools := list(offered_tools(body.get("tools") or (), body["messages"], notes)):
        gemini["tools"] = [{"functionDeclarations": [_declaration(tool, notes) for tool in tools]}]
        gemini |= _calling(body.get("tool_choice"), notes)
    config = {theirs: body[name] for name, theirs in _SETTINGS.items() if body.get(name) is not None}
    wanted = (body.get("output_config") or {}).get("format")
    if wanted:
        config |= {"responseMimeType": "application/json", "responseJsonSchema": wanted["schema"]}
    return {**gemini, "generationConfig": config} if config else gemini


def _content(message: Fields, names: dict[str, str], notes: Notes) -> Fields:
    if message["role"] not in ("user", "assistant", "system"):
        raise TranslationError(f"A message with the role {message['role']!r} has no counterpart in Gemini's API.")
    parts: list[Fields] = []
    for each in _blocks(message["content"]):
        if each["type"] in ("thinking", "redacted_thinking"):
            notes.add_dropped(f"{each['type']} of an earlier answer")
        elif each["type"] == "tool_result":
            parts += _result_parts(each, names, notes)
        else:
            parts.append(_part(each, names, notes))
    return {"role": "model" if message["role"] == "assistant" else "user", "parts": parts}


def _part(each: Fields, names: dict[str, str], notes: Notes) -> Fields:
    match each:
        case {"type": "text", "text": str(text)}:
            return {"text": text}
        case {"type": "tool_use", "id": str(ident), "name": str(name)}:
            names[ident] = name
            return {"functionCall": {"id": ident, "name": name, "args": each.get("input") or {}}}
        case {"type": "image" | "document", "source": {"type": "base64", "media_type": kind, "data": data}}:
            return {"inlineData": {"mimeType": kind, "data": data}}
        case {"type": "image" | "document", "source": {"type": "url", "url": url}}:
            notes.add("a file by its address: Google's servers fetch only some")
            return {"fileData": {"fileUri": url}}
        case {"type": "document", "source": {"type": "text", "data": str(text)}}:
            return {"text": "\n".join(filter(None, (each.get("title"), text)))}
    source = (each.get("source") or {}).get("type", "unknown source")
    raise TranslationError(f"A block {each['type']!r} ({source}) has no counterpart in Gemini's API.")


def _result_parts(result: Fields, names: dict[str, str], notes: Notes) -> Iterator[Fields]:
    """Yield a function's response, and after it the images and documents of it."""
    held = _blocks(result.get("content"))
    text = "\n".join(each["text"] for each in held if each["type"] == "text")
    ident = result["tool_use_id"]
    response = {"error" if result.get("is_error") else "output": text}
    yield {"functionResponse": {"id": ident, "name": names.get(ident, ident), "response": response}}
    yield from (_part(each, names, notes) for each in held if each["type"] != "text")


def _blocks(content: Any) -> list[Fields]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return list(content or ())


def _declaration(tool: Fields, notes: Notes) -> Fields:
    notes.unknown_fields("tools[].", tool, ("type", "name", "description", "input_schema", "defer_loading", "strict"))
    declared: Fields = {name: tool[name] for name in ("name", "description") if name in tool}
    return {**declared, "parametersJsonSchema": tool["input_schema"]}


def _calling(choice: Fields | None, notes: Notes) -> Fields:
    if not choice:
        return {}
    notes.unknown_fields("tool_choice.", choice, ("type", "name"))
    modes = {"auto": "AUTO", "any": "ANY", "none": "NONE", "tool": "ANY"}
    named = {"allowedFunctionNames": [choice["name"]]} if choice["type"] == "tool" else {}
    return {"toolConfig": {"functionCallingConfig": {"mode": modes[choice["type"]], **named}}}
