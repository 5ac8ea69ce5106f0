"""Whether a server takes a request that takes Anthropic's messages as their first version has them, and nothing else.

Runs in an environment of its own, which has FastAPI: its models forbid unknown fields, roles and blocks. It reads a
list of requests, each with path, headers and body, and answers each with its status and text, in FastAPI's own words.
"""

import asyncio
import json
import sys
from typing import Any, Literal

from fastapi import FastAPI, Header, HTTPException  # type: ignore[import-not-found]
from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Text(Strict):
    type: Literal["text"]
    text: str


class Source(Strict):
    type: Literal["base64"]
    media_type: str
    data: str


class Image(Strict):
    type: Literal["image"]
    source: Source


class Use(Strict):
    type: Literal["tool_use"]
    id: str
    name: str
    input: dict[str, Any]


class Result(Strict):
    type: Literal["tool_result"]
    tool_use_id: str
    content: str | list[Text] | None = None
    is_error: bool | None = None


class Message(Strict):
    role: Literal["user", "assistant"]
    content: str | list[Text | Image | Use | Result]


class Tool(Strict):
    name: str
    description: str | None = None
    input_schema: dict[str, Any]


class Choice(Strict):
    type: Literal["auto", "any", "tool", "none"]
    name: str | None = None


class Metadata(Strict):
    user_id: str | None = None


class Request(Strict):
    model: str
    messages: list[Message]
    max_tokens: int
    metadata: Metadata | None = None
    stop_sequences: list[str] | None = None
    stream: bool | None = None
    system: str | list[Text] | None = None
    temperature: float | None = None
    tool_choice: Choice | None = None
    tools: list[Tool] | None = None


app = FastAPI()


@app.post("/v1/messages")  # type: ignore[untyped-decorator]
def messages(request: Request, anthropic_beta: str | None = Header(default=None)) -> dict[str, Any]:
    if anthropic_beta:
        raise HTTPException(400, "Unexpected value(s) for the `anthropic-beta` header.")
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": request.model,
        "content": [{"type": "text", "text": "Hello"}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }


async def answer(path: str, headers: dict[str, str], body: Any) -> tuple[int, str]:
    """Return what FastAPI answers, without a network."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    place, _, query = path.partition("?")
    names = {"content-type": "application/json", **headers}
    scope = {
        "type": "http",
        "method": "POST",
        "path": place,
        "raw_path": place.encode(),
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in names.items()],
    }
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(each.get("body", b"") for each in sent[1:]).decode()


if __name__ == "__main__":
    print(json.dumps([asyncio.run(answer(**request)) for request in json.load(sys.stdin)]))
