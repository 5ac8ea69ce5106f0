"""Translation of a recorded request to another API format. What has no counterpart there is listed, never just dropped.

Each API format translates from and to one common form, Anthropic's messages, so a new one needs only its own class.
"""

from typing import Any, NamedTuple

from replay.errors import TranslationError
from replay.request import SystemRole
from traces.dialects import Dialect
from traces.dialects.translation.notes import Notes
from traces.dialects.translation.request import translate_body
from traces.model import Json


class Translation(NamedTuple):
    """A request's body in another API format. `notes` say what isn't as it was recorded."""

    body: dict[str, Any]
    notes: tuple[str, ...]


def translate(body: Json, recorded: Dialect, wanted: Dialect, role: SystemRole = "fold") -> Translation:
    """Translate a request's body. `role` says how to send system messages in mid-conversation.

    Raises TranslationError where a part of the conversation itself has no counterpart.
    """
    if not isinstance(body, dict):
        raise TranslationError("The recorded request isn't a JSON object, so it can't be translated.")
    if recorded == wanted:
        return Translation(dict(body), ())
    notes = Notes()
    return Translation(translate_body(body, recorded, wanted, notes, fold=role == "fold"), notes.lines())
