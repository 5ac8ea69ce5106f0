"""Rewrites blocks that only Anthropic's own servers read as blocks that every server knows.

Calls that the server ran itself become calls with their results; search results, references to tools and other new
blocks become text. Nothing is lost, and each change is noted. A new kind of block is one row in `_BLOCKS`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from traces import jsonio
from traces.dialects.translation.notes import Notes

Fields = dict[str, Any]

KNOWN = ("text", "image", "thinking", "redacted_thinking", "tool_use")
"""Blocks that are left as they are."""

_SERVER_CALLS = ("server_tool_use", "mcp_tool_use")
_UNREADABLE = ("type", "encrypted_content", "encrypted_index", "encrypted_stdout", "signature", "citations", "caller")
"""Fields that mean nothing to the models of others."""

LOADED = "The tool {} is loaded."


def to_common_blocks(messages: Sequence[Fields], notes: Notes) -> list[Fields]:
    """Return the conversation in common blocks. Results of tools that the server ran become messages of their own."""
    return [each for message in messages for each in _message(message, notes)]


def loaded_tools(messages: Sequence[Fields]) -> set[str]:
    """Return the deferred tools that the model knows: those that were referenced or called."""
    return {
        block.get("tool_name") or block.get("name") or ""
        for message in messages
        for block in _nested_blocks(message.get("content"))
        if block.get("type") in ("tool_reference", "tool_use")
    }


def _nested_blocks(content: Any) -> Iterator[Fields]:
    if isinstance(content, dict):
        yield content
        yield from _nested_blocks(content.get("content"))
        yield from _nested_blocks(content.get("tool_references"))
    elif isinstance(content, list):
        for each in content:
            yield from _nested_blocks(each)


def _message(message: Fields, notes: Notes) -> Iterator[Fields]:
    content = message["content"]
    if not isinstance(content, list) or all(block["type"] in KNOWN for block in content):
        yield message
        return
    role, blocks = message["role"], [common for block in content for common in _block(block, notes)]
    if role != "assistant":
        yield {**message, "content": blocks}
        return
    answer: list[Fields] = []
    results: list[Fields] = []
    for block in blocks:
        if block["type"] == "tool_result":
            results.append(block)
            continue
        if results:
            yield {**message, "content": answer}
            yield {"role": "user", "content": results}
            answer, results = [], []
        answer.append(block)
    if answer or not results:
        yield {**message, "content": answer}
    if results:
        yield {"role": "user", "content": results}


def _block(block: Fields, notes: Notes) -> list[Fields]:
    kind = block["type"]
    if kind in KNOWN:
        return [block]
    if kind in _BLOCKS:
        return _BLOCKS[kind](block, notes)
    if kind in _SERVER_CALLS:
        notes.add(f"a call that the server ran itself ({block.get('name')}): sent as a call of a tool")
        return [{"type": "tool_use", "id": block["id"], "name": block["name"], "input": block.get("input") or {}}]
    if kind.endswith("_tool_result") and "tool_use_id" in block:
        error = {"is_error": True} if block.get("is_error") else {}
        content = _content(block.get("content"), notes)
        return [{"type": "tool_result", "tool_use_id": block["tool_use_id"], "content": content, **error}]
    notes.add(f"a block of the kind {kind}: sent as its JSON")
    return _texts(_as_json(block))


def _content(content: Any, notes: Notes) -> list[Fields]:
    """Return the blocks of a result's content: a text, a block, or several."""
    if isinstance(content, str):
        return _texts(content)
    blocks = content if isinstance(content, list) else [content] if isinstance(content, dict) else []
    return [common for block in blocks for common in _within_result(block, notes)]


def _within_result(block: Fields, notes: Notes) -> list[Fields]:
    kind = str(block.get("type"))
    if kind in KNOWN or kind in _BLOCKS:
        return _block(block, notes)
    if "error_code" in block:
        return _texts(f"Error: {block['error_code']}")
    held = [each for name in ("content", "tool_references") for each in _content(block.get(name), notes)]
    words = [block.get(name) for name in ("title", "url", "page_age", "stdout", "stderr")]
    texts = _texts(*(word for word in words if isinstance(word, str)))
    return [*texts, *held] or _texts(_as_json(block))


def _result(block: Fields, notes: Notes) -> list[Fields]:
    content = block.get("content")
    return [block if not isinstance(content, list) else {**block, "content": _content(content, notes)}]


def _document(block: Fields, notes: Notes) -> list[Fields]:
    """Return a document with its context as text; one that is made of blocks becomes text itself."""
    source, context = block.get("source") or {}, block.get("context")
    rest = {name: value for name, value in block.items() if name not in ("context", "citations")}
    if source.get("type") != "content":
        return [*_texts(context), rest]
    return [*_texts(block.get("title"), context), *_content(source.get("content"), notes)]


def _search_result(block: Fields, notes: Notes) -> list[Fields]:
    notes.add("a search_result: sent as text")
    return [*_texts(block.get("title"), block.get("source")), *_content(block.get("content"), notes)]


def _tool_reference(block: Fields, notes: Notes) -> list[Fields]:
    notes.add("a tool_reference: sent as text; its tool is among the tools")
    return _texts(LOADED.format(block.get("tool_name")))


def _compaction(block: Fields, notes: Notes) -> list[Fields]:
    notes.add("a compaction: sent as text")
    return _content(block.get("content"), notes)


def _upload(block: Fields, notes: Notes) -> list[Fields]:
    notes.add_dropped("a container_upload, a file that only its own server has")
    return []


_BLOCKS: Mapping[str, Callable[[Fields, Notes], list[Fields]]] = {
    "tool_result": _result,
    "document": _document,
    "search_result": _search_result,
    "tool_reference": _tool_reference,
    "compaction": _compaction,
    "container_upload": _upload,
}


def _texts(*words: str | None) -> list[Fields]:
    return [{"type": "text", "text": word} for word in words if word]


def _as_json(block: Fields) -> str:
    return jsonio.dumps({name: value for name, value in block.items() if name not in _UNREADABLE}).decode()
