"""Which model a local server has loaded, for clients that must name one."""

import asyncio
from typing import NamedTuple

from addons.launcher.asking import HANGS, Server
from traces.servers import KINDS
from traces.surveys import Served, survey

PATIENCE = 5.0
"""Seconds for one question."""

LIMIT = 15.0
"""Seconds for all of them."""


class Found(NamedTuple):
    """The model to ask for, "" where none is known, and what the user should know of the server, "" for nothing."""

    model: str
    problem: str = ""


def loaded(backend: str, mode: str, authorization: str) -> Found:
    """Return the name of the model that is loaded, else of the first that is listed.

    `mode` is the kind of server that it most likely is.
    """
    served, problem = asyncio.run(
        _ask(Server(backend, {"authorization": authorization} if authorization else {}), mode)
    )
    models = served.models if served else ()
    found = next((model.name for model in sorted(models, key=lambda model: not model.loaded)), "")
    return Found(found, "" if found else problem)


async def _ask(server: Server, mode: str) -> tuple[Served | None, str]:
    try:
        async with asyncio.timeout(LIMIT):
            served, reply = await server.survey(survey(mode), PATIENCE)
    except TimeoutError:
        return None, HANGS
    keys = KINDS[mode].key_envs
    if reply.status in (401, 403) and keys:
        return served, f"it wants a key, or another one: set {keys[0]}"
    return served, reply.problem
