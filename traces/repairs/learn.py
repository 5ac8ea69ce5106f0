"""Learns from a server's refusal which repairs the request needs: the names for `--repair`.

What the refusal names in the request decides, else its words. A new case is a row in `_BY_PLACE` or `_BY_WORDS`.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from traces import jsonio
from traces.dialects.translation import system_role
from traces.dialects.translation.common_items import is_common, to_common_items
from traces.dialects.translation.notes import Notes
from traces.model import Json
from traces.repairs.base import Outgoing
from traces.repairs.betas import HEADER
from traces.repairs.contents import is_signed
from traces.repairs.drop import PREFIX, drop
from traces.repairs.error_paths import Found, places
from traces.repairs.limit import learn_limit

REFUSED = (400, 422)
"""The status of an answer to a request that isn't as the server wants it."""

FAILED = (*REFUSED, 415, 500, 501)
"""Some servers answer so where a chat template refuses a message, or a model sees no images."""

_STRONGER = {"thinking": "all-thinking"}
"""What is left to try where a repair didn't help."""

_THINKING = ("thinking", "redacted_thinking")
_MEDIA = ("image", "document")
_COMMON = ("text", "tool_use", "tool_result")

_ESSENTIAL = frozenset(
    (
        *("messages", "input", "model", "max_tokens", "stream", "system", "instructions", "tools"),
        *("messages.role", "messages.content", "tools.name", "tools.input_schema", "tools.function"),
        *("tools.function.name", "tools.function.parameters", "metadata.user_id.session_id"),
    )
)
"""What makes a request what it is: never left out."""

_ESSENTIAL_IN_BLOCK = frozenset(("type", "text", "id", "name", "input", "tool_use_id", "content", "source", "thinking"))

Place = Callable[[Found, str], str | None]
"""A place in the request, and the refusal's words -> a name of a repair; None where the rule says nothing of it."""


def learn(status: int, answer: bytes, request: Outgoing, applied: Collection[str] = ()) -> tuple[str, ...]:
    """Return the repairs, beyond those that are applied, with which the server may accept the request; often none.

    `request` is what was sent, `answer` the body of what came back.
    """
    if status not in FAILED:
        return ()
    refusal = _parse(answer)
    words = _words(refusal)
    names: list[str] = []
    if status in REFUSED:
        if (name := learn_limit(words, request.body)) and name not in applied:
            return (name,)
        by_structure, by_words = places(refusal, request.body)
        groups = [by_structure, *by_words]
        names = next((new for group in groups if (new := _new(_at_places(group, words), applied))), [])
    return tuple(names or _new(_by_words(words, request), applied))


def _new(names: Iterable[str], applied: Collection[str]) -> list[str]:
    """Return the names that aren't applied yet, each once; where a weaker repair didn't help, the stronger one."""
    found = (_STRONGER[name] if name in applied and name in _STRONGER else name for name in names)
    return [name for name in dict.fromkeys(found) if name not in applied]


def _parse(answer: bytes) -> Json:
    try:
        return jsonio.loads(answer)
    except (ValueError, RecursionError):
        return answer.decode(errors="replace")


def _words(refusal: Json) -> str:
    return refusal if isinstance(refusal, str) else jsonio.dumps(refusal).decode()


# By what the refusal names


def _at_places(group: Iterable[Found], words: str) -> Iterator[str]:
    for found in group:
        name = next((name for rule in _BY_PLACE if (name := rule(found, words)) is not None), "")
        if name:
            yield name


def _system_message(found: Found, words: str) -> str | None:
    message = _element(found, "messages") or _element(found, "input")
    is_meant = found.name in ("role", "messages", "input", "") or found.missing == "role"
    return "system-role" if system_role.is_system(message) and is_meant else None


def _block(found: Found, words: str) -> str | None:
    """Return the repair for a block of a message: of its type, or of its contents, that the server doesn't take."""
    block, tail = _innermost_block(found)
    if block is None:
        return None
    kind, name = block.get("type"), tail[0] if tail else found.missing
    if kind in _THINKING and "signature" in (name, *re.findall(r"\bsignature\b", words)):
        return "all-thinking" if is_signed(block) else "thinking"
    if name and name not in _ESSENTIAL_IN_BLOCK and not found.missing:
        return None  # a field that could be left out
    if kind in _THINKING:
        return "all-thinking"
    if kind in _MEDIA or (name == "content" and any(each.get("type") in _MEDIA for each in _blocks(block["content"]))):
        return "images"
    return "" if kind in _COMMON else "betas"


def _innermost_block(found: Found) -> tuple[Mapping[str, Any] | None, tuple[str, ...]]:
    """Return the block of a message that is meant, or within which something is, and the names within it."""
    ends = [at for at in range(1, len(found.steps)) if found.steps[at - 1] == "content" and _is_index(found.steps[at])]
    block = found.values[ends[-1] + 1] if ends and found.names[0] in ("messages", "input") else None
    if not isinstance(block, dict):
        return None, ()
    return block, tuple(step for step in found.steps[ends[-1] + 1 :] if isinstance(step, str))


def _is_index(step: str | int) -> bool:
    return isinstance(step, int)


def _item(found: Found, words: str) -> str | None:
    """Return the repair for an item of a conversation in responses that the server doesn't know."""
    item = _element(found, "input")
    return "items" if isinstance(item, dict) and not is_common(item) else None


def _server_tool(found: Found, words: str) -> str | None:
    tool = _element(found, "tools")
    kind = tool.get("type") if isinstance(tool, dict) else None
    if not isinstance(kind, str) or kind in ("custom", "function"):
        return None
    return f"{PREFIX}tools:{kind}" if len(found.names) == 1 or found.name in ("type", "name") or found.missing else None


def _form_of_field(found: Found, words: str) -> str | None:
    """Return the repair for a field whose form isn't taken: without its type, or its budget, it means nothing."""
    if found.names[0] in ("thinking", "tool_choice") and (found.missing or found.name in ("type", "budget_tokens")):
        return PREFIX + found.names[0]
    return None


def _deferred(found: Found, words: str) -> str | None:
    """Return the repair for a server that defers no tools: it must get those that are loaded, and not all."""
    return "betas" if found.names == ("tools", "defer_loading") else None


def _optional_field(found: Found, words: str) -> str | None:
    path = ".".join(found.names)
    if found.missing or not found.name or path in _ESSENTIAL or found.names[-2:-1] == ("properties",):
        return None
    try:
        return drop(path).name
    except ValueError:
        return None


_BY_PLACE: Sequence[Place] = (_system_message, _item, _block, _server_tool, _deferred, _form_of_field, _optional_field)
"""The first that says something counts; "" says that nothing helps."""


def _element(found: Found, field: str) -> Any:
    """Return the element of this list of the request that is meant, or within which something is; None for none."""
    is_in = len(found.steps) > 1 and found.steps[0] == field and isinstance(found.steps[1], int)
    return found.values[2] if is_in else None


# By the refusal's words


def _by_words(words: str, request: Outgoing) -> Iterator[str]:
    first: str | None = None
    for pattern, is_there, name in _BY_WORDS:
        if first in (None, pattern.pattern) and pattern.search(words) and is_there(request):
            first = pattern.pattern
            yield name


def _has_system(request: Outgoing) -> bool:
    messages = request.body.get("messages")
    return isinstance(messages, list) and any(map(system_role.is_system, messages))


def _has_blocks(*kinds: str) -> Callable[[Outgoing], bool]:
    return lambda request: any(block.get("type") in kinds for block in _blocks(request.body.get("messages")))


def _blocks(value: Any) -> Iterator[Mapping[str, Any]]:
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict):
            yield each
            yield from _blocks(each.get("content"))


def _has_rare_items(request: Outgoing) -> bool:
    items = request.body.get("input")
    if not isinstance(items, list):
        return False
    notes = Notes()
    to_common_items(items, notes)
    return bool(notes.lines())


def _has_header(request: Outgoing) -> bool:
    return any(name.lower() == HEADER for name in request.headers)


def _has_effort(request: Outgoing) -> bool:
    config = request.body.get("output_config")
    return isinstance(config, dict) and "effort" in config


def _is_adaptive(request: Outgoing) -> bool:
    thinking = request.body.get("thinking")
    return isinstance(thinking, dict) and thinking.get("type") == "adaptive"


_BY_WORDS: Sequence[tuple[re.Pattern[str], Callable[[Outgoing], bool], str]] = (
    (re.compile("x-anthropic-billing-header"), lambda request: "system" in request.body, "billing"),
    (re.compile(r"(?i)anthropic-beta|beta header"), _has_header, PREFIX + HEADER),
    (
        re.compile(r"(?i)system (message|role)|roles?\b.{0,60}\bsystem\b|roles must alternate|'user' or 'assistant'"),
        _has_system,
        "system-role",
    ),
    (re.compile(r"(?i)\bimages?\b|mmproj|multimodal|\bvision\b"), _has_blocks(*_MEDIA), "images"),
    (re.compile(r"(?i)signature.{0,60}thinking|thinking.{0,60}signature"), _has_blocks(*_THINKING), "thinking"),
    (re.compile(r"(?i)type of '?item\b|item\['?content|\binput items?\b"), _has_rare_items, "items"),
    # A gateway complains of what it made of the client's fields.
    (re.compile(r"(?i)reasoning[._ ]effort"), _has_effort, f"{PREFIX}output_config.effort"),
    (re.compile(r"(?i)reasoning[._ ]effort"), _is_adaptive, PREFIX + "thinking"),
    (re.compile(r"(?i)adaptive"), _is_adaptive, PREFIX + "thinking"),
)
"""What the words say, what the request must have for that, and the repair. The first that fits counts,
with those that have the same words."""
