"""A recorded request, said in another dialect. What has no counterpart there is listed; nothing is dropped in silence.

A new dialect is a row in `TRANSLATIONS` for each dialect that it is translated from or to. This module knows nothing of
servers and of how a body is sent.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from replay.errors import TranslationError
from replay.prepare import system_role
from replay.prepare.notes import Notes
from replay.prepare.to_anthropic import to_anthropic
from replay.prepare.to_chat import to_chat
from replay.request import SystemRole
from traces.dialects import Dialect
from traces.model import Json

TRANSLATIONS: Mapping[tuple[Dialect, Dialect], Callable[[Mapping[str, Any], Notes], dict[str, Any]]] = {
    ("anthropic", "chat"): to_chat,
    ("chat", "anthropic"): to_anthropic,
}


class Translation(NamedTuple):
    """A request's body in another dialect. `notes` say what of it isn't as it was recorded."""

    body: dict[str, Any]
    notes: tuple[str, ...]


def translate(body: Json, recorded: Dialect, wanted: Dialect, role: SystemRole = "fold") -> Translation:
    """`role` says what becomes of system messages in mid-conversation. Raises TranslationError where a part of the
    conversation itself can't be carried."""
    if not isinstance(body, dict):
        raise TranslationError("The recorded request holds no JSON object, so it can't be translated.")
    if recorded == wanted:
        return Translation(dict(body), ())
    if (recorded, wanted) not in TRANSLATIONS:
        raise TranslationError(f"A request recorded in the dialect {recorded!r} can't be translated to {wanted!r}.")
    notes = Notes()
    try:
        given = system_role.folded(body, notes) if role == "fold" else body
        translated = TRANSLATIONS[recorded, wanted](given, notes)
        if role == "fold" and wanted == "chat":
            translated["messages"] = system_role.led_by_one(translated["messages"])
    except (AttributeError, KeyError, TypeError) as error:
        odd = f"a field {error} is missing" if isinstance(error, KeyError) else str(error)
        raise TranslationError(f"The recorded request isn't written as {recorded!r} requests are: {odd}.") from error
    return Translation(translated, notes.lines())
