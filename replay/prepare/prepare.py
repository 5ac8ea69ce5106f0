"""A trace, a target, a model and options -> the request to send, byte for byte.

In the API format of the recording the body stays as recorded, except for the model, streaming and what `--set` changes.
"""

from collections.abc import Mapping
from typing import Any

from replay.errors import TranslationError
from replay.prepare.marker import NoPlace, add_marker
from replay.prepare.translate import translate
from replay.request import Options, Prepared, Target
from traces import jsonio
from traces.dialects import FORMATS, Dialect, asks_for_an_answer, dialect_of
from traces.dialects.translation import system_role
from traces.dialects.translation.notes import Notes
from traces.model import Json, Trace
from traces.redact import REDACTED
from traces.servers import KINDS

Lines = tuple[str, ...]

KEPT_SYSTEM = "a system message in mid-conversation: many chat templates refuse it (--system-role fold)"

KEPT_BY_SERVER = ("previous_response_id", "conversation")
"""The fields by which a request continues a conversation that the server keeps."""


def prepare(trace: Trace, target: Target, model: str, options: Options, marker: str) -> Prepared:
    """Return the request to send. The prompt of a cold run begins with `marker`. Raises TranslationError."""
    recorded = recorded_dialect(trace)
    if not isinstance(trace.request.body, dict):
        raise TranslationError(f"{_name(trace)}: the request's body isn't recorded, so it can't be sent again.")
    kept = _kept_by_server(trace, recorded == target.dialect, options)
    body, notes = _in_format(trace.request.body, recorded, target, options)
    notes = (*notes, *kept)
    if "model" in options.settings:
        raise TranslationError("The model isn't among the settings: name it with --model, or as `model`.")
    wanted = FORMATS[target.dialect]
    asked = wanted.asking(body, model)
    body = apply_settings(body, {**asked, **options.settings})
    if body.get("stream") != asked.get("stream"):
        raise TranslationError("A replay measures a stream: `stream` can't be set to anything but true.")
    if not FORMATS[recorded].is_streamed(trace.request.url.partition("?")[0], trace.request.body):
        notes = (*notes, "stream: turned on, to see when tokens arrive")
    if options.cache == "cold":
        try:
            body = add_marker(body, marker)
        except NoPlace as error:
            raise TranslationError(f"{_name(trace)}: the request has no place for a marker: {error}") from error
        notes = (*notes, "a marker at the prompt's beginning keeps the server's cache out of it")
    data = jsonio.dumps(body)
    if masked := data.count(REDACTED.encode()):
        notes = (*notes, f"{REDACTED} is sent where the recording left out a secret ({masked} times)")
    return Prepared(
        target=target,
        path=wanted.address(model, _query(trace.request.url) if recorded == target.dialect else ""),
        headers=_headers(trace, target.dialect, recorded),
        body=data,
        model=model,
        dialect=target.dialect,
        notes=notes,
        cache=options.cache,
        settings=dict(options.settings),
    )


def _kept_by_server(trace: Trace, is_same_format: bool, options: Options) -> Lines:
    """Note that the history isn't in the request, because the server keeps it.

    Raises TranslationError where it would go out in another format: that server would get only the last message, and
    look fast.
    """
    body = trace.request.body
    fields = [name for name in KEPT_BY_SERVER if isinstance(body, dict) and body.get(name)]
    if not fields or all(name in options.settings for name in fields):
        return ()
    if is_same_format:
        return (
            f"{fields[0]}: the history isn't in the request, so only the server that keeps it can answer correctly",
        )
    raise TranslationError(
        f"{_name(trace)}: the history isn't in the request, the server that answered keeps it ({fields[0]}). Replay "
        f"the conversation's first turn, or send the last message alone with --set {fields[0]}=null."
    )


def _in_format(recorded: dict[str, Any], of: Dialect, target: Target, options: Options) -> tuple[dict[str, Any], Lines]:
    """Return the body in the target's API format, and notes on what isn't as it was recorded.

    Without a translation, system messages in mid-conversation are sent as they are, unless asked for otherwise.
    """
    if of != target.dialect:
        body, changes = translate(recorded, of, target.dialect, options.system_role or "fold")
        return body, (f"translated from the API format {of} to {target.dialect}", *changes)
    if options.system_role == "fold":
        notes = Notes()
        return system_role.fold(recorded, notes), notes.lines()
    is_accepted = target.name in KINDS and KINDS[target.name].is_claude_service
    return dict(recorded), (KEPT_SYSTEM,) if system_role.has_midway(recorded) and not is_accepted else ()


def recorded_dialect(trace: Trace) -> Dialect:
    """Return the API format of a recording. Raises TranslationError where its request asks no model for an answer."""
    dialect = dialect_of(trace.request.url)
    path = trace.request.url.partition("?")[0].rstrip("/")
    if dialect is None or not asks_for_an_answer(path):
        raise TranslationError(f"{_name(trace)}: a request to {path} asks no model for an answer.")
    return dialect


def _query(url: str) -> str:
    """Return the query of a URL, without the secrets, of which the recording keeps only the names."""
    given = [pair for pair in url.partition("?")[2].split("&") if pair and not pair.endswith(f"={REDACTED}")]
    return "&".join(given)


def apply_settings(body: Mapping[str, Any], settings: Mapping[str, Json]) -> dict[str, Any]:
    """Return the body with these fields set. `a.b` sets b within a; null removes a field."""
    new = dict(body)
    for name, value in settings.items():
        first, dot, rest = name.partition(".")
        if dot:
            within = new.get(first)
            new[first] = apply_settings(within if isinstance(within, dict) else {}, {rest: value})
        elif value is None:
            new.pop(first, None)
        else:
            new[first] = value
    return new


def parse_setting(text: str) -> tuple[str, Json]:
    """Read `temperature=0` as ("temperature", 0); what isn't JSON is a string.

    Raises ValueError where there is no `=`, and for the model, which is no setting: a run is known by it.
    """
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ValueError(f"{text!r}: a setting is written name=value, as in temperature=0")
    if name.partition(".")[0] == "model":
        raise ValueError(f"{text!r}: a model is named with --model")
    try:
        return name, jsonio.loads(value.encode())
    except ValueError:
        return name, value


def _headers(trace: Trace, dialect: Dialect, recorded: Dialect) -> dict[str, str]:
    given = {name.lower(): value for name, value in trace.request.headers.items()} if recorded == dialect else {}
    return {"content-type": "application/json", "accept": "text/event-stream", **FORMATS[dialect].headers(given)}


def _name(trace: Trace) -> str:
    return trace.source.name if trace.source else trace.timestamp
