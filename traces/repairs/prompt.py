"""Repairs of the prompt: system messages within the conversation, and Claude Code's header in the system prompt."""

from collections.abc import Sequence
from typing import Any

from traces.clients.claude_code import billing
from traces.clients.claude_code.rewrite import rewrite
from traces.dialects.translation import system_role
from traces.dialects.translation.notes import Notes
from traces.repairs.base import Fields, Outgoing, is_anthropic

HEADER = "the billing header in the system prompt"
MOVED = "a system message among the messages: moved to the system prompt"


def fold_system_messages(request: Outgoing, notes: Notes) -> Outgoing:
    """Return the request with each system message within the conversation in the user's message beside it.

    So what comes before it stays as it is, and in the server's cache. Those before the conversation go to the system
    prompt where that is a field of its own.
    """
    body = request.body
    if is_anthropic(request) and isinstance(messages := body.get("messages"), list):
        start = system_role.begin(messages)
        body = _into_field({**body, "messages": messages[start:]}, messages[:start], notes)
    return request.with_body(system_role.fold(body, notes))


def move_system_messages(request: Outgoing, notes: Notes) -> Outgoing:
    """Return the request with all system messages in the system prompt, for models that ignore them elsewhere."""
    body = request.body
    name = "messages" if "messages" in body else "input"
    messages = body.get(name)
    if not isinstance(messages, list):
        return request
    moved = [message for message in messages if system_role.is_system(message)]
    rest = [message for message in messages if not system_role.is_system(message)]
    if is_anthropic(request):
        return request.with_body(_into_field({**body, name: rest}, moved, notes))
    for _ in range(len(moved) - system_role.begin(messages)):
        notes.add(MOVED)
    whole = [*moved, *rest]
    return request.with_body({**body, name: system_role.merge_leading(whole) if name == "messages" else whole})


def leave_out_billing(request: Outgoing, notes: Notes) -> Outgoing:
    """Return the request without Claude Code's billing header, which makes each prompt begin differently."""
    body: Any = rewrite(request.body, system=billing.remove_header)
    if body != request.body:
        notes.add_dropped(HEADER)
    return request.with_body(body)


def _into_field(body: Fields, messages: Sequence[Any], notes: Notes) -> Fields:
    """Return the body with the texts of these messages at the end of its system prompt."""
    texts = [system_role.text_of(message.get("content")) for message in messages]
    if not texts:
        return body
    for _ in texts:
        notes.add(MOVED)
    system = body.get("system")
    if isinstance(system, list):
        return {**body, "system": [*system, *({"type": "text", "text": text} for text in texts)]}
    return {**body, "system": "\n\n".join([*([system] if system else []), *texts])}
