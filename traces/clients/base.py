"""A client of model servers: how its requests are recognised, the ids in them, and what it adds to them by itself.

A client is one `Client`; what several of them share is here, as the defaults of its fields.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from traces.clients.launch import Launch
from traces.model import Exchange, Ids, Json

Headers = Mapping[str, str]
"""Of a request, with names in lower case."""

_PROGRAM = re.compile(r"[\w.-]{1,60}/\d[\w.+-]{0,60}")

Piece = tuple[Literal["text", "reminder", "claude_md"], str | None, str]
"""Its kind, the path of a file of instructions (CLAUDE.md, AGENTS.md), and its text."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """The client's own words in advice, where clients differ.

    additions   what else adds to its system prompt
    prompt      where users add text of their own to the system prompt, which they should keep from changing
    memory      its files of instructions
    hour        in brackets, how to make Anthropic's cache keep a prefix for an hour
    """

    additions: str = "its settings, a plugin, a hook, another client"
    prompt: str = "what you add to the system prompt"
    memory: str = "AGENTS.md and other files of instructions"
    hour: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """A program that asks model servers on a user's behalf.

    name          its key in `CLIENTS`; "" for an unknown one
    title         its name in a sentence
    is_sender     whether a request is its own, by headers and body
    ids           the ids of session, agent and parent agent
    agent_type    the subagent's type, where a request says it
    side_request  the kind of a side request, or SUBAGENT; None for a turn of the main agent
    pieces        separates what the client wrote in a user's message or a tool's result; None where it wrote nothing
    environment   how it announces the user's environment in a prompt, as alternatives of a regular expression
    git           the same for the state of the repository
    phrases       its own words in advice
    remedies      name of a fix -> what its user does about that prefix break for good, where other users do otherwise
    own_names     its built-in tools and agents, which every user has
    resumed       what follows `anyclaude` to go on with the last conversation; "" where nobody knows
    launch        how it is started behind a proxy; None where the launcher knows a way of its own, or none
    """

    name: str
    title: str
    is_sender: Callable[[Headers, Json], bool] = lambda headers, body: False
    ids: Callable[[Headers, Json], Ids] = lambda headers, body: Ids()
    agent_type: Callable[[Headers, Json], str | None] = lambda headers, body: None
    side_request: Callable[[Exchange], str | None] = lambda trace: None
    pieces: Callable[[str, bool], Iterator[Piece] | None] = lambda text, in_result: None
    environment: tuple[str, ...] = ()
    git: tuple[str, ...] = ()
    phrases: Phrases = Phrases()
    remedies: Mapping[str, str] = field(default_factory=dict)
    own_names: frozenset[str] = frozenset()
    resumed: str = ""
    launch: Launch | None = None


def single_piece(kind: Literal["reminder", "claude_md"], text: str, path: str | None = None) -> Iterator[Piece]:
    """Yield a text as a single piece."""
    yield kind, path, text


def program_of(headers: Headers) -> str | None:
    """Return the program and its version, as its user-agent begins: `claude-cli/2.1.330`; None where it doesn't."""
    found = _PROGRAM.match(headers.get("user-agent", ""))
    return found[0] if found else None


def lower(headers: Mapping[str, str]) -> Headers:
    """Return the headers with their names in lower case."""
    return {name.lower(): value for name, value in headers.items()}


def text_at(body: Json, *names: str) -> str | None:
    """Return the text at the end of a path of names in a JSON object; None where there is none, or an empty one."""
    for name in names:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, str) and body else None


def system_start(body: Json) -> str:
    """Return the first text of the system prompt, in the shapes of all API formats; "" where there is none."""
    match body:
        case {"system": [{"text": str(text)}, *_]} | {"system": str(text)} | {"instructions": str(text)}:
            return text
        case {"messages": [{"role": "system", "content": [{"text": str(text)}, *_] | str(text)}, *_]}:
            return text
        case {"input": [{"role": "system" | "developer", "content": [{"text": str(text)}, *_] | str(text)}, *_]}:
            return text
        case {"systemInstruction": {"parts": [{"text": str(text)}, *_] | {"text": str(text)}}}:
            return text
    return ""
