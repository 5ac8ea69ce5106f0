"""The history that a turn is sent with: the recorded answers, or the model's own (`--answers live`).

The model's answer takes the recorded one's place where the conversation can go on with it: where it calls as many tools
as the recording, whose results follow. Its calls get the recorded ids, which those results name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from replay.exchange import Sent
from replay.load.lane import Due
from replay.load.plan import Answers
from traces import jsonio
from traces.content.answers import is_empty
from traces.model import Json

FORMATS = ("anthropic", "chat")
"""The API formats in which an answer is one message of the next request."""


@dataclass(frozen=True, slots=True)
class _Said:
    """The model's answer to a turn, and where in the next request it stands. None: it can't stand there."""

    place: int
    message: Mapping[str, Any] | None
    before: "_Said | None"


class Histories:
    """The histories of all lanes of one process."""

    def __init__(self, answers: Answers) -> None:
        self._is_live = answers == "live"
        self._said: dict[tuple[int, int], dict[int, _Said]] = {}

    def body(self, due: Due, body: bytes) -> tuple[bytes, str]:
        """Return the request with its history, and whose answers that holds: recorded, live, or mixed."""
        if not self._is_live or due.turn.follows is None:
            return body, "recorded"
        said = self._said.get((due.lane, due.visit), {}).get(due.turn.follows)
        if said is None:
            return body, "recorded"
        request = jsonio.loads(body)
        assert isinstance(request, dict), "a prepared request is an object"
        messages, outcomes = list(request["messages"]), set()
        while said is not None:
            own = _in_place_of(messages, said)
            outcomes.add(own is not None)
            if own is not None:
                messages[said.place] = own
            said = said.before
        history = "mixed" if len(outcomes) > 1 else "live" if True in outcomes else "recorded"
        return jsonio.dumps({**request, "messages": messages}), history

    def answered(self, due: Due, sent: Sent) -> None:
        """Keep an answer for the turns that follow it."""
        if not self._is_live:
            return
        copy = self._said.setdefault((due.lane, due.visit), {})
        self._said.pop((due.lane, due.visit - 1), None)
        request = jsonio.loads(sent.prepared.body)
        assert isinstance(request, dict), "a prepared request is an object"
        before = copy.get(due.turn.follows) if due.turn.follows is not None else None
        message = _message(sent.message) if sent.error is None else None
        copy[due.turn.number] = _Said(len(request["messages"]), message, before)


def _message(answer: Json) -> dict[str, Any] | None:
    """Return an answer as a message of the next request; None for one that is empty."""
    if is_empty(answer):
        return None
    match answer:
        case {"role": "assistant", "content": [*blocks]}:
            kept = [block for block in blocks if _can_be_repeated(block)]
            return {"role": "assistant", "content": kept} if kept else None
        case {"choices": [{"message": {"role": "assistant"} as message}, *_]}:
            return {name: message[name] for name in ("role", "content", "tool_calls") if name in message}
    return None


def _can_be_repeated(block: Json) -> bool:
    """Return whether a block may stand in a request: a thought must be signed there, and a text not empty."""
    match block:
        case {"type": "thinking", **more}:
            return bool(more.get("signature"))
        case {"type": "text", "text": str(text)}:
            return bool(text.strip())
    return isinstance(block, dict)


def _in_place_of(messages: list[Any], said: _Said) -> dict[str, Any] | None:
    """Return the model's message with the ids of the recorded one in its place; None where that has to stay."""
    recorded = messages[said.place] if said.place < len(messages) else None
    if said.message is None or not isinstance(recorded, dict) or recorded.get("role") != "assistant":
        return None
    ids, own = _ids(recorded), _calls(said.message)
    if len(ids) != len(own):
        return None
    renamed = iter(ids)
    new = dict(said.message)
    for name in ("content", "tool_calls"):
        if isinstance(new.get(name), list):
            new[name] = [{**each, "id": next(renamed)} if _is_call(each) else each for each in new[name]]
    return new


def _ids(message: Mapping[str, Any]) -> list[str]:
    return [str(call.get("id")) for call in _calls(message)]


def _calls(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    held = [message.get(name) for name in ("content", "tool_calls")]
    return [each for values in held if isinstance(values, list) for each in values if _is_call(each)]


def _is_call(block: Json) -> bool:
    return isinstance(block, dict) and (block.get("type") == "tool_use" or "function" in block)
