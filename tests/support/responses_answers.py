"""Streams of OpenAI's responses for the scripted server, made of the same blocks as `tests.support.answers`.

chunks(text("Hello"), tool("exec_command", cmd="ls"))   a list of server-sent events; a tool of a group is `group/tool`
"""

import json
from typing import Any

from tests.support.answers import Block, event


def chunks(*blocks: Block, model: str = "scripted", id: str = "resp_1", input_tokens: int = 15) -> list[bytes]:
    """Return the events by which a server streams this answer."""
    items = [_item(block, f"{id}_{index}") for index, block in enumerate(blocks)]
    answer = {"id": id, "object": "response", "model": model, "status": "in_progress", "output": []}
    done = {**answer, "status": "completed", "output": items, "usage": _usage(input_tokens)}
    return [
        event("response.created", response=answer),
        *(part for index, item in enumerate(items) for part in _events(index, item)),
        event("response.completed", response=done),
    ]


def _item(block: Block, id: str) -> dict[str, Any]:
    if block["type"] == "tool_use":
        written = json.dumps(block["input"])
        name = {"name": block["name"]}
        if "/" in block["name"]:  # a tool of a group
            group, _, tool = block["name"].partition("/")
            name = {"namespace": group, "name": tool}
        call = {"type": "function_call", "id": f"fc_{id}", "call_id": block["id"], **name}
        return {**call, "arguments": written, "status": "completed"}
    content = [{"type": "output_text", "text": block["text"], "annotations": []}]
    return {"type": "message", "id": f"msg_{id}", "role": "assistant", "status": "completed", "content": content}


def _events(index: int, item: dict[str, Any]) -> list[bytes]:
    place = {"output_index": index, "item_id": item["id"]}
    if item["type"] == "function_call":
        begun = {**item, "arguments": "", "status": "in_progress"}
        said = [
            event("response.function_call_arguments.delta", **place, delta=item["arguments"]),
            event("response.function_call_arguments.done", **place, arguments=item["arguments"]),
        ]
    else:
        begun = {**item, "content": [], "status": "in_progress"}
        [part] = item["content"]
        place["content_index"] = 0
        said = [
            event("response.content_part.added", **place, part={**part, "text": ""}),
            event("response.output_text.delta", **place, delta=part["text"]),
            event("response.output_text.done", **place, text=part["text"]),
            event("response.content_part.done", **place, part=part),
        ]
    added = event("response.output_item.added", output_index=index, item=begun)
    return [added, *said, event("response.output_item.done", output_index=index, item=item)]


def _usage(input_tokens: int) -> dict[str, Any]:
    given = {"input_tokens": input_tokens, "input_tokens_details": {"cached_tokens": 3}}
    written = {"output_tokens": 7, "output_tokens_details": {"reasoning_tokens": 0}}
    return {**given, **written, "total_tokens": input_tokens + 7}
