"""Which model a local server has loaded, for clients that must name one."""

import asyncio

from addons.launcher.asking import Server
from traces.surveys import Served, survey

PATIENCE = 5.0
"""Seconds for one question."""

LIMIT = 15.0
"""Seconds for all of them."""


def loaded(backend: str, mode: str, authorization: str) -> str:
    """Return the name of the model that is loaded, else of the first that is listed; "" where none is.

    `mode` is the kind of server that it most likely is.
    """
    served = asyncio.run(_ask(Server(backend, {"authorization": authorization} if authorization else {}), mode))
    models = served.models if served else ()
    return next((model.name for model in sorted(models, key=lambda model: not model.loaded)), "")


async def _ask(server: Server, mode: str) -> Served | None:
    try:
        async with asyncio.timeout(LIMIT):
            return (await server.survey(survey(mode), PATIENCE))[0]
    except TimeoutError:
        return None
