"""Names of tools that a server refuses, renamed there and back.

OpenAI's API takes letters, digits, `_` and `-`, and no more than 64 of them. A client's names may have points, other
characters, or more of them: an MCP server's name is part of its tools' names.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from traces.dialects.translation.notes import Notes

Fields = dict[str, Any]

LONGEST = 64
_REFUSED = re.compile(r"[^a-zA-Z0-9_-]")
_MARK = 9  # characters that tell a shortened name from others: an underscore and a part of its hash


@dataclass(frozen=True, slots=True)
class ToolNames:
    """The names that a server sees -> those that the client knows. Others are the same on both sides."""

    renamed: Mapping[str, str] = field(default_factory=dict)

    def of_client(self, name: str) -> str:
        """Return the client's name of a tool that the server calls so."""
        return self.renamed.get(name, name)


def rename_tools(body: Mapping[str, Any], notes: Notes) -> tuple[Fields, ToolNames]:
    """Return a request of Anthropic's with tool names that every server takes, in its history too."""
    used = dict.fromkeys(_names(body))
    refused = [name for name in used if _is_refused(name)]
    if not refused:
        return dict(body), ToolNames()
    to_server: dict[str, str] = {}
    for name in refused:
        to_server[name] = _accepted(name, {*used, *to_server.values()})
        notes.add(f"the tool {name}: sent as {to_server[name]}, since servers refuse its name")
    new: Fields = {**body, "messages": [_renamed(message, to_server) for message in body.get("messages") or ()]}
    if isinstance(tools := body.get("tools"), list):
        new["tools"] = [_named(tool, "name", to_server) for tool in tools]
    if isinstance(choice := body.get("tool_choice"), dict):
        new["tool_choice"] = _named(choice, "name", to_server)
    return new, ToolNames({short: name for name, short in to_server.items()})


def _is_refused(name: str) -> bool:
    return len(name) > LONGEST or bool(_REFUSED.search(name))


def _accepted(name: str, taken: Iterable[str]) -> str:
    """Return a name like this one that every server takes, the same in each request."""
    plain = _REFUSED.sub("_", name)
    if len(plain) <= LONGEST and plain not in taken:
        return plain
    return f"{plain[: LONGEST - _MARK]}_{hashlib.sha256(name.encode(errors='replace')).hexdigest()[: _MARK - 1]}"


def _names(body: Mapping[str, Any]) -> Iterable[str]:
    """Yield the names of the tools that are offered, and of those that were called."""
    for tool in body.get("tools") or ():
        if isinstance(tool, dict) and isinstance(tool.get("name"), str):
            yield tool["name"]
    for message in body.get("messages") or ():
        for block in _blocks(message):
            if block.get("type") in _CALLS and isinstance(block.get("name"), str):
                yield block["name"]


_CALLS = ("tool_use", "server_tool_use", "mcp_tool_use")


def _blocks(message: Any) -> list[Fields]:
    content = message.get("content") if isinstance(message, dict) else None
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _renamed(message: Any, to_server: Mapping[str, str]) -> Any:
    if not any(block.get("name") in to_server for block in _blocks(message)):
        return message
    content = [_named(block, "name", to_server) for block in message["content"]]
    return {**message, "content": content}


def _named(holder: Any, key: str, to_server: Mapping[str, str]) -> Any:
    name = holder.get(key) if isinstance(holder, dict) else None
    return {**holder, key: to_server[name]} if isinstance(name, str) and name in to_server else holder
