"""A client's request in the API format of a server: what is sent in its place, and what that couldn't carry."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from traces.dialects import DEFAULT, FORMATS, Dialect
from traces.dialects.translation import system_role
from traces.dialects.translation.misshapen import ODD, misshapen
from traces.dialects.translation.names import ToolNames, rename_tools
from traces.dialects.translation.notes import Notes
from traces.errors import TranslationError
from traces.model import Json


class Translated(NamedTuple):
    """A request in another API format.

    body    what to send
    path    where to send it, below the server's address
    notes   what isn't as the client sent it
    names   the names of tools, as the server sees them and as the client knows them
    """

    body: dict[str, Any]
    path: str
    notes: tuple[str, ...]
    names: ToolNames


def translate_request(body: Json, *, to: Dialect) -> Translated:
    """Return a client's request in the API format of a server. It asks for a stream where the client does.

    Raises TranslationError where a part of the conversation has no counterpart there.
    """
    notes = Notes()
    if not isinstance(body, dict):
        raise TranslationError("The request isn't a JSON object, so it can't be translated.")
    renamed, names = rename_tools(body, notes)
    translated = translate_body(renamed, DEFAULT, to, notes, fold=True)
    if body.get("stream"):
        translated |= FORMATS[to].streaming(translated)
    return Translated(translated, FORMATS[to].path, notes.lines(), names)


def translate_body(body: Mapping[str, Any], of: Dialect, to: Dialect, notes: Notes, *, fold: bool) -> dict[str, Any]:
    """Return a request's body in another API format. `fold`: system messages in mid-conversation are the user's.

    Raises TranslationError.
    """
    try:
        given = system_role.fold(dict(body), notes) if fold else body
        translated = FORMATS[to].from_common(FORMATS[of].to_common(given, notes), notes)
        if fold and "messages" in translated:
            translated["messages"] = system_role.merge_leading(translated["messages"])
    except (AttributeError, KeyError, TypeError) as error:
        odd = misshapen(body) or (f"{error.args[0]} is missing" if isinstance(error, KeyError) else ODD)
        raise TranslationError(f"The request isn't written as requests of {FORMATS[of].title} are: {odd}.") from error
    return translated
