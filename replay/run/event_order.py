"""Mistakes in the order of a stream's events, which a strict client may fail at although we could put them together.

All of llama.cpp's blocks end together where tools run in parallel: that is no mistake here, every client copes with it.
Knows nothing of what events brought.
"""

from collections.abc import Callable, Sequence

from traces.model import Event

Kinds = Sequence[str]


def first_mistake(events: Sequence[Event]) -> str | None:
    """The first rule that is broken, in words; None where all are kept."""
    kinds = [event.kind for event in events if event.kind != "ping"]
    rules = _CHAT if any(kind.startswith("chunk") for kind in kinds) else _ANTHROPIC
    return next((words for words, broken in (*_EVERY, *rules) if broken(kinds)), None)


def _after(kinds: Kinds, end: Callable[[str], bool], what: Callable[[str], bool]) -> bool:
    """Whether something of this sort comes after the first end of that sort."""
    ends = next((at for at, kind in enumerate(kinds) if end(kind)), len(kinds))
    return any(what(kind) for kind in kinds[ends + 1 :])


def _is(name: str) -> Callable[[str], bool]:
    return lambda kind: kind == name


def _anything(kind: str) -> bool:
    return True


def _block(kind: str) -> bool:
    return kind.startswith("content_block")


def _without_start(kinds: Kinds) -> bool:
    """Whether the first of the blocks' events is no start, or more blocks were stopped than started."""
    blocks = [kind.partition(":")[0] for kind in kinds if _block(kind)]
    started, stopped = (blocks.count(f"content_block_{step}") for step in ("start", "stop"))
    return bool(blocks) and (blocks[0] != "content_block_start" or stopped > started)


def _finish(kind: str) -> bool:
    return "finish" in kind.split(":")[-1].split("+")


def _chunk_content(kind: str) -> bool:
    return bool({"content", "tool_calls"} & set(kind.split(":")[-1].split("+")))


_Rules = Sequence[tuple[str, Callable[[Kinds], bool]]]

_EVERY: _Rules = (("an event made no sense", lambda kinds: "malformed" in kinds),)

_ANTHROPIC: _Rules = (
    ("the stream doesn't begin with message_start", lambda kinds: bool(kinds) and kinds[0] != "message_start"),
    ("message_start came twice", lambda kinds: kinds.count("message_start") > 1),
    ("a block's content came without its start", _without_start),
    ("content came after message_delta", lambda kinds: _after(kinds, _is("message_delta"), _block)),
    ("message_stop came without message_delta", lambda kinds: "message_stop" in kinds and "message_delta" not in kinds),
    ("events came after message_stop", lambda kinds: _after(kinds, _is("message_stop"), _anything)),
)

_CHAT: _Rules = (
    ("content came after the finish", lambda kinds: _after(kinds, _finish, _chunk_content)),
    ("chunks came after [DONE]", lambda kinds: _after(kinds, _is("[DONE]"), _anything)),
)
