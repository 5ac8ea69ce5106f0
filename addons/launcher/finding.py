"""Finds the model servers that run on this machine: all usual addresses are asked at once, and for a short time."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from addons.launcher import login
from addons.launcher.asking import server_at
from addons.launcher.settings import Layer, Settings, resolve
from traces.servers import KINDS, ServerKind
from traces.surveys import SURVEYS, Served, ServedModel, survey

PATIENCE = 2.0
"""Seconds for one question. A server that is busy with a prompt answers its lists all the same."""

LIMIT = 12.0
"""Seconds for all questions to one server."""


NOTHING = Served("", ())


@dataclass(frozen=True, slots=True)
class Found:
    """Something that listens where a model server may.

    problem   why it gave no report, in words; "" where it did
    """

    kind: ServerKind
    url: str
    served: Served = NOTHING
    problem: str = ""

    @property
    def title(self) -> str:
        return self.kind.title

    @property
    def model(self) -> ServedModel | None:
        """The model that is loaded; None where none is."""
        return next((model for model in self.served.models if model.loaded), None)


def usual_addresses(addresses: Mapping[str, str]) -> dict[str, list[ServerKind]]:
    """Return each address to ask, with the kinds of servers that may be there.

    `addresses` are those that the user gave for a kind, by its name.
    """
    places: dict[str, list[ServerKind]] = {}
    for kind in KINDS.values():
        url = addresses.get(kind.name) or kind.url
        if kind.is_local and url:
            places.setdefault(url, []).append(kind)
    return places


def find(addresses: Mapping[str, str], keys: Mapping[str, str]) -> list[Found]:
    """Return the servers that answer, and those that listen but don't, in the order of the kinds."""
    places = usual_addresses(addresses)

    async def ask_all() -> Sequence[Found | None]:
        return await asyncio.gather(*(_look(url, kinds, keys) for url, kinds in places.items()))

    return [found for found in asyncio.run(ask_all()) if found]


def choose(found: Sequence[Found]) -> Found | None:
    """Return the server to take: the first with a model that is loaded, else the first that answers."""
    answering = [each for each in found if not each.problem]
    return next((each for each in answering if each.model), next(iter(answering), None))


def explain(found: Sequence[Found], chosen: Found) -> str:
    """Return what was found, and why the one was chosen, in one line."""
    others = [each for each in found if each is not chosen and not each.problem]
    if not others:
        return f"found {_describe(chosen)}"
    why = "the first of these"
    if chosen.model:
        why = "the first with a model that is loaded" if any(each.model for each in others) else "it has a model loaded"
    all_found = ", ".join(map(_describe, [chosen, *others]))
    modes = " or ".join(f"--mode {each.kind.name}" for each in others)
    return f"found {all_found}: taking {chosen.title}, {why}; choose another with {modes}"


def settings_for(found: Found, flags: Mapping[str, object], env: Mapping[str, str], files: Sequence[Layer]) -> Settings:
    """Return the settings for a server that was found.

    Where it goes by names, it is asked for the model that it has loaded: Claude Code's own names mean nothing to it.
    """
    settings = resolve({**flags, "mode": found.kind.name, "backend": found.url}, env, files)
    if settings.model or not found.model or not found.kind.cache.by_model:
        return settings
    return replace(settings, model=found.model.name)


def nothing_found(found: Sequence[Found], addresses: Mapping[str, str]) -> str:
    """Return what to do where no server answers: how to start one of each kind."""
    places = usual_addresses(addresses)
    rows = [
        (kind.title, login.split(url)[0], kind.start) for url, kinds in places.items() for kind in kinds if kind.start
    ]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"  {title:{widths[0]}}  {url:{widths[1]}}  {start}" for title, url, start in rows]
    odd = "; ".join(f"{login.split(each.url)[0]}: {each.problem}" for each in found if each.problem)
    return "\n".join(
        (
            f"no model server answers on this machine{f' ({odd})' if odd else ''}. Start one:",
            *lines,
            "or name one elsewhere with --backend URL; --mode claude is for Anthropic's own service.",
        )
    )


def _describe(found: Found) -> str:
    model = found.model.name if found.model else "no model loaded"
    return f"{found.title} at {login.split(found.url)[0]} ({model})"


async def _look(url: str, kinds: Sequence[ServerKind], keys: Mapping[str, str]) -> Found | None:
    key = next((keys[kind.name] for kind in kinds if keys.get(kind.name)), "")
    try:
        async with asyncio.timeout(LIMIT):
            served, reply = await server_at(url, kinds[0], key).survey(survey(kinds[0].name), PATIENCE)
    except TimeoutError:
        return Found(kinds[0], url, problem="it takes too long to answer")
    if served is None:
        return Found(kinds[0], url, problem=reply.problem) if reply.hangs else None
    if served.server or served.models:
        return Found(_kind(served, kinds), url, served)
    if reply.status in (401, 403):
        return Found(kinds[0], url, problem=f"it wants a key: set {kinds[0].key_envs[0]}")
    return None  # something else than a model server


def _kind(served: Served, kinds: Sequence[ServerKind]) -> ServerKind:
    """Return the kind that a server says it is; else the one at this address that doesn't say what it is."""
    if served.server:
        return KINDS[served.server]
    silent = (kind for kind in kinds if not kind.owned_by and kind.name not in SURVEYS)
    return next(silent, KINDS["local"])
