"""Which client sent a request, and what it wrote into it: Claude Code, Codex, opencode and others, or an unknown one.

A new client is one `Client` in a module of its own, and one row in `CLIENTS`.
"""

from collections.abc import Iterator

from traces.clients import generic
from traces.clients.base import Client as Client
from traces.clients.base import Headers, Piece, lower
from traces.clients.claude_code.client import CLAUDE_CODE
from traces.clients.claude_code.fixes import FIXES
from traces.clients.codex import CODEX
from traces.clients.gemini_cli import GEMINI_CLI
from traces.clients.launch import Launch, any_program
from traces.clients.opencode import OPENCODE
from traces.clients.qwen_code import QWEN_CODE
from traces.model import Exchange, Ids, Json

CLIENTS: dict[str, Client] = {client.name: client for client in (CLAUDE_CODE, CODEX, OPENCODE, QWEN_CODE, GEMINI_CLI)}

UNKNOWN = Client("", "the client", ids=generic.ids_of, launch=Launch("", "", any_program))


def client_of(headers: Headers, body: Json) -> Client:
    """Return the client that sent a request; `headers` with names in lower case."""
    return next((client for client in CLIENTS.values() if client.is_sender(headers, body)), UNKNOWN)


def by_name(name: str) -> Client:
    """Return the client of this name."""
    return CLIENTS.get(name, UNKNOWN)


def remedy(name: str, client: str) -> str:
    """Return the setting or habit by which the user of this client gets for good what this fix does to requests."""
    fix = FIXES[name]
    return by_name(client).remedies.get(name) or fix.others or fix.how


def ids_of(headers: Headers, body: Json) -> Ids:
    """Return the ids of session and agents of a request; `headers` with names in lower case."""
    ids = client_of(headers, body).ids(headers, body)
    return ids if ids.session else generic.ids_of(headers, body)


def side_request(trace: Exchange) -> str | None:
    """Return the kind of a side request, or SUBAGENT; None for a turn of a conversation.

    Where the client is unknown, each client is asked whether it knows the request by its shape.
    """
    client = client_of(lower(trace.request.headers), trace.request.body)
    candidates = CLIENTS.values() if client is UNKNOWN else [client]
    return next((name for one in candidates if (name := one.side_request(trace))), None)


def pieces(text: str, in_result: bool = False) -> Iterator[Piece] | None:
    """Return a user's message or a tool's result, cut into what a client wrote and the rest; joined, they are the text.

    None where no client wrote any of it.
    """
    return next((found for one in CLIENTS.values() if (found := one.pieces(text, in_result)) is not None), None)
