"""What the `openai` package makes of streams. Runs in an environment of its own, which has nothing but that package.

    python openai_assemble.py < STREAMS

takes a JSON list of `[API format, events]` and prints a JSON list: of each the snapshot that the package's accumulator
had at the stream's end, or when it raised an error.
"""

import json
import sys
from typing import Any

from openai import omit  # type: ignore[import-not-found]
from openai._models import construct_type  # type: ignore[import-not-found]
from openai.lib.streaming.chat import ChatCompletionStreamState  # type: ignore[import-not-found]
from openai.lib.streaming.responses._responses import ResponseStreamState  # type: ignore[import-not-found]
from openai.types.chat import ChatCompletionChunk  # type: ignore[import-not-found]
from openai.types.responses import ResponseStreamEvent  # type: ignore[import-not-found]


class Chat:
    def __init__(self) -> None:
        self._state = ChatCompletionStreamState()

    def take(self, event: Any) -> None:
        self._state.handle_chunk(construct_type(type_=ChatCompletionChunk, value=event))

    def snapshot(self) -> Any:
        return self._state.current_completion_snapshot


class Responses:
    def __init__(self) -> None:
        self._state = ResponseStreamState(input_tools=omit, text_format=omit)

    def take(self, event: Any) -> None:
        self._state.handle_event(construct_type(type_=ResponseStreamEvent, value=event))

    def snapshot(self) -> Any:
        return getattr(self._state, "_ResponseStreamState__current_snapshot")  # noqa: B009


def assemble(dialect: str, events: list[Any]) -> dict[str, Any]:
    stream = Chat() if dialect == "chat" else Responses()
    error = None
    try:
        for event in events:
            stream.take(event)
    except Exception as raised:
        error = repr(raised)
    try:
        message = stream.snapshot()
    except Exception:
        message = None
    return {"message": message and message.to_dict(mode="json", warnings=False), "error": error}


if __name__ == "__main__":
    print(json.dumps([assemble(dialect, events) for dialect, events in json.load(sys.stdin)]))
