"""Exchanges of any API format in one form: Anthropic's messages, or OpenAI's chat messages."""

from typing import Any, NamedTuple

from traces.dialects import FORMATS, ApiFormat, dialect_of
from traces.dialects.translation import system_role
from traces.dialects.translation.notes import Notes
from traces.errors import TranslationError
from traces.model import Trace

Fields = dict[str, Any]

_UNREADABLE = (AttributeError, KeyError, TypeError, IndexError)


class Conversation(NamedTuple):
    """A request in the form of Anthropic's, and the messages of the answer to it."""

    request: Fields
    answer: list[Fields]


def conversation_of(trace: Trace) -> Conversation:
    """Return what was said in an exchange. Raises TranslationError where it can't be read as its API format."""
    format = _format_of(trace)
    body: Any = trace.request.body
    try:
        request = format.to_common(body, Notes())
        whole = format.to_common(_whole(trace, format), Notes())
        return Conversation(request, whole["messages"][len(request["messages"]) :])
    except _UNREADABLE as error:
        raise _unreadable(format, error) from error


def chat_of(trace: Trace) -> Fields:
    """Return a conversation, the answer included, as OpenAI's chat messages and tools. Raises TranslationError."""
    format, notes = _format_of(trace), Notes()
    try:
        folded = system_role.fold(_whole(trace, format), notes)
        chat = FORMATS["chat"].from_common(format.to_common(folded, notes), notes)
        tools = {"tools": chat["tools"]} if chat.get("tools") else {}
        return {"messages": system_role.merge_leading(chat["messages"]), **tools}
    except _UNREADABLE as error:
        raise _unreadable(format, error) from error


def _format_of(trace: Trace) -> ApiFormat:
    dialect = dialect_of(trace.request.url)
    if not isinstance(trace.request.body, dict) or dialect is None:
        raise TranslationError("The request is in no API format that is known here.")
    return FORMATS[dialect]


def _whole(trace: Trace, format: ApiFormat) -> Fields:
    """Return the request with its answer, where there is one."""
    body: Any = trace.request.body
    message = trace.message
    return format.answered(body, message) if isinstance(message, dict) and format.is_answer(message) else body


def _unreadable(format: ApiFormat, error: Exception) -> TranslationError:
    return TranslationError(f"The exchange isn't written as {format.title} are: {error}.")
