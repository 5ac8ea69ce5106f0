"""Requests in both dialects, written as what they say."""

import json
from typing import Any

PNG = "iVBORw0KGgo="
READ_SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
READ = {"name": "Read", "description": "Reads a file.", "input_schema": READ_SCHEMA}
READ_IN_CHAT = {
    "type": "function",
    "function": {"name": "Read", "description": "Reads a file.", "parameters": READ_SCHEMA},
}
IMAGE: dict[str, Any] = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PNG}}
IMAGE_IN_CHAT = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
FAR_IMAGE = {"type": "image", "source": {"type": "url", "url": "https://x.example/a.png"}}
FAR_IMAGE_IN_CHAT = {"type": "image_url", "image_url": {"url": "https://x.example/a.png"}}
PDF = {"type": "document", "title": "a.pdf", "source": {"type": "base64", "media_type": "application/pdf", "data": PNG}}
PDF_IN_CHAT: dict[str, Any] = {
    "type": "file",
    "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PNG}"},
}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def user(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


def said(role: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


def use(ident: str, **given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": ident, "name": "Read", "input": given}


def call(ident: str, **given: Any) -> dict[str, Any]:
    arguments = json.dumps(given, separators=(",", ":"))
    return {"id": ident, "type": "function", "function": {"name": "Read", "arguments": arguments}}


def result(ident: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": ident, "content": content, **more}


def anthropic(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 9, "messages": list(messages), **more}


def chat(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"model": "m", "max_tokens": 9, "messages": list(messages), **more}


HELLO = said("user", "Hello")
