"""What would help where a server didn't take a request as the client sent it: one line, with the option."""

from collections.abc import Sequence

from mitmproxy.http import HTTPFlow

from addons.bridge.choice import MISSING, MISSING_IN_WORDS
from addons.bridge.upstream import url_at
from addons.contentview.lines import printable, shorten
from traces import jsonio, redact
from traces.dialects import DEFAULT, FORMATS, asks_for_an_answer, dialect_of, problems
from traces.model import Json
from traces.repairs import OFF, Outgoing
from traces.repairs.learn import learn
from traces.servers import ANY, ServerKind
from traces.stream_reader import LARGEST_BODY

WANTS_KEY = 401
"""The status of an answer to a request without a key, or with a wrong one."""


def hint(flow: HTTPFlow, was_asked: bool = False, kind: ServerKind = ANY) -> str | None:
    """Return what would help; None where nothing of ours would, or where the server `was_asked` already what it has.

    A server of this `kind` may want a key; a service's login is the client's affair.
    """
    response = flow.response
    if response is None:
        return None
    is_plain = "content-encoding" not in response.headers
    body = (response.raw_content if is_plain else response.get_content(strict=False)) or b""
    if response.status_code < 400 and MISSING_IN_WORDS not in body[:1000]:
        return None  # as nearly always: nothing more is looked at while streams wait
    if not asks_for_an_answer(flow.request.path):
        return None
    if response.status_code == WANTS_KEY and kind.is_local and kind.key_envs:
        place = url_at(flow.request)
        return f"{place} wants a key, or another one ({WANTS_KEY}): start anyclaude again with {kind.key_envs[0]}=KEY."
    sent = _sent(flow)
    words = redact.cleaner(frozenset()).text(words_of(body))
    place = url_at(flow.request)
    is_missing = response.status_code in MISSING and "model" not in words.lower()
    if dialect_of(flow.request.path) == DEFAULT and (is_missing or MISSING_IN_WORDS in body[:1000]):
        if was_asked:
            return None
        return (
            f"{place} has no {FORMATS[DEFAULT].path} ({response.status_code}): translate to what it has, with "
            "anyclaude --translate auto, or mitmdump --set anyclaude_translate=auto."
        )
    names = ",".join(learn(response.status_code, body, Outgoing(flow.request.path, dict(flow.request.headers), sent)))
    if not names:
        return None  # no repair helps: the client has its server's words
    return (
        f"{place} refuses what the client sends ({response.status_code}: {short(words)}): repair it, with "
        f"anyclaude --repair {names}, or mitmdump --set anyclaude_repair={names}; auto learns that by itself, and what "
        "else it refuses."
    )


def learned(place: str, names: Sequence[str], new: Sequence[str]) -> str:
    """Return a line that says which repairs helped, and how to switch them on for good, with those that were on."""
    whole = ",".join(names)
    return (
        f"{place} accepts the request with --repair {','.join(new)}. To repair it always: anyclaude --repair {whole}, "
        f"or mitmdump --set anyclaude_repair={whole}."
    )


def too_large(place: str, is_by_default: bool) -> str:
    """Return a line that says that a request went its way unchanged, since mitmproxy doesn't hold what is so large."""
    limit = f"more than {LARGEST_BODY // 2**20} MiB" if is_by_default else "more than stream_large_bodies allows"
    return f"{place} got a request of {limit} as the client sent it: what is larger is neither translated nor repaired."


def needed(place: str, names: Sequence[str], notes: Sequence[str]) -> str:
    """Return a line that says what is repaired because this kind of server needs it."""
    return (
        f"{place} can't read all that the client sends: repairing {','.join(names)} ({notes[0]}). To send requests as "
        f"they are: anyclaude --repair {OFF}, or mitmdump --set anyclaude_repair={OFF}."
    )


def words_of(body: bytes) -> str:
    """Return the message of an error, or its beginning where it has none."""
    try:
        value = jsonio.loads(body)
    except (ValueError, RecursionError):
        return body[:2000].decode("utf-8", "replace")
    return problems.error_words(value) or body[:2000].decode("utf-8", "replace")


def _sent(flow: HTTPFlow) -> dict[str, Json]:
    """Return the request's body; an empty one where it can't be read."""
    try:
        value = jsonio.loads(flow.request.get_content(strict=False) or b"")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def short(words: str) -> str:
    """Return the words in a line that fits a log."""
    return printable(shorten(" ".join(words.split()), 120))
