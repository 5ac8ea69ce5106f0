"""What a model writes into its text because its server doesn't read it there: thinking, and calls of tools.

A reader of such a text takes it in pieces, cut anywhere, and returns what it holds: text, thinking and calls, the same
however it was cut. What only looks like a tag stays text.
"""

from collections.abc import Callable, Mapping
from typing import Any

from traces.dialects.translation.written.calls import WrittenCalls
from traces.dialects.translation.written.harmony import Harmony
from traces.dialects.translation.written.json_calls import Hermes, Llama, Mistral
from traces.dialects.translation.written.reader import TextReader
from traces.dialects.translation.written.thoughts import Thoughts
from traces.dialects.translation.written.xml_calls import QwenXml

Schemas = Mapping[str, Any]
"""The tools that a model may call, by their names at the server -> the schema of their input."""

TOOL_PARSERS: Mapping[str, Callable[[Schemas], TextReader]] = {
    "hermes": lambda tools: WrittenCalls(Hermes()),
    "qwen-xml": lambda tools: WrittenCalls(QwenXml(tools)),
    "mistral": lambda tools: WrittenCalls(Mistral()),
    "llama": lambda tools: WrittenCalls(Llama(tools)),
    "harmony": lambda tools: Harmony(),
}
"""The ways in which models write calls."""

THINKING: Mapping[str, Callable[[], TextReader]] = {
    "tags": lambda: Thoughts(begun=False),
    "open": lambda: Thoughts(begun=True),
}
"""Where thinking is: between tags at the answer's beginning, or from the beginning on, up to the closing tag."""
