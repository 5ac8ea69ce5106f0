"""What the proxy is told to change on the way to the server, and the words for it in the launcher's first line."""

import asyncio
import ssl
from dataclasses import replace

import certifi

from addons.bridge import choice
from addons.bridge.plan import AUTO, OFF
from addons.launcher.settings import Settings
from traces import repairs
from traces.dialects import DEFAULT, FORMATS, Dialect
from traces.repairs import for_format
from traces.servers import KINDS


def decide(settings: Settings, speaks: Dialect | None = None) -> tuple[Settings, str]:
    """Return the settings with a server's API format in place of `auto`, and what is changed, for the first line.

    `speaks` is the client's only API format; None where it may have several.
    The server is asked where it is to decide; if it doesn't answer, the proxy asks it again with the first request.
    """
    translate = settings.translate or KINDS[settings.mode].translate
    words = []
    if translate == AUTO:
        translate, reason = _ask(settings)
        words = [reason]
    elif translate not in ("", OFF):
        words = [f"translating to {translate}"]
    needed = ",".join(for_format(KINDS[settings.mode].repairs, speaks) if speaks else KINDS[settings.mode].repairs)
    if settings.repair not in ("", repairs.OFF):
        words.append(f"repairing {settings.repair}")
    if needed and settings.repair != repairs.OFF:
        words.append(f"repairing {needed} where a request needs it")
    written = {"--tool-parser": settings.tool_parser, "--thinking": settings.thinking}
    for option, value in written.items():
        if value and translate in ("", OFF):
            words.append(f"ignoring {option}, as nothing is translated")
        elif value:
            words.append(f"reading {'tool calls' if option == '--tool-parser' else 'thinking'} in the text ({value})")
    return replace(settings, translate=translate), "".join(f", {each}" for each in words)


def _ask(settings: Settings) -> tuple[str, str]:
    """Return the API format to translate to, `off` or `auto`, and why."""
    messages = FORMATS[DEFAULT].path
    headers = {"authorization": settings.authorization} if settings.authorization else {}
    try:
        formats = asyncio.run(choice.formats_of(settings.backend, headers, _tls))
    except choice.NoAnswer:
        return AUTO, "translating to what it has"
    chosen = choice.choose(formats)
    if chosen is None:
        return OFF, f"translating nothing: it has none of {choice.paths()}"
    if chosen == DEFAULT:
        return OFF, f"translating nothing: it has {messages}"
    return chosen, f"translating to {chosen}: it has no {messages}"


def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())
