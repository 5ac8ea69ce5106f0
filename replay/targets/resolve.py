"""Which server a replay goes to: its name or URL, its key, its dialect, and the model there.

The key comes from the environment and goes only to the server that it is meant for. This module knows nothing of what
is sent to a model.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from replay.errors import NoAnswer, TargetError
from replay.exchange import ReplayError
from replay.request import Target
from replay.targets.kinds import ANY, LOADING, PROTOCOLS, is_recognised, protocol_of
from replay.targets.probe import Ask, Served, answer, key_envs, kind_of_target, said
from traces import redact
from traces.dialects import FORMATS, Dialect, endpoints
from traces.servers import DEFAULT, KINDS, kind_of, mode_of, split_address


def find(where: str | None, environment: Mapping[str, str]) -> Target:
    """The target that a name or a URL means; LM Studio where there is none. Raises TargetError."""
    name = where or DEFAULT
    if "://" in name:
        return _at(name, name, environment)
    if name not in KINDS:
        raise TargetError(f"{name} is no target. Take a URL (http://…), or one of: {', '.join(KINDS)}.")
    url = environment.get(KINDS[name].url_env) or KINDS[name].url
    if not url:
        raise TargetError(f"Where is {name}? Set {KINDS[name].url_env}, or give its URL.")
    return _at(url, name, environment)


def _at(address: str, name: str, environment: Mapping[str, str]) -> Target:
    parts = _split(address)
    host = parts.netloc.rpartition("@")[2]  # a password in the URL is a key too, and isn't kept
    path = parts.path.rstrip("/")
    for ending in (*endpoints(), "/v1"):
        path = path.removesuffix(ending)
    url = urlunsplit((parts.scheme, host, path, "", ""))
    mode = name if name in KINDS else mode_of(*split_address(url))
    given = parts.password and unquote(parts.password)
    known = name in KINDS or not KINDS[mode].is_local
    target = Target(url, mode if known else url, server=mode if is_recognised(mode) else "")
    return replace(target, key=given or next(filter(None, map(environment.get, key_envs(target))), None))


def _split(address: str) -> SplitResult:
    with suppress(ValueError):  # a port that is no number
        parts = urlsplit(address)
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts
    raise TargetError(f"{redact.url(address)} is no URL of a server. One looks like this: http://localhost:1234")


async def connect(target: Target, recorded: Dialect, ask: Ask, fixed: Dialect | None = None) -> tuple[Target, Served]:
    """The target with its dialect and its kind, and what it has. Raises TargetError."""
    served = await survey(target, ask)
    return await speaking(target, served, recorded, ask, fixed), served


async def speaking(target: Target, served: Served, recorded: Dialect, ask: Ask, fixed: Dialect | None = None) -> Target:
    """The target as what it turned out to be, in the dialect for a recording. Raises TargetError.

    A server that speaks the dialect of the recording gets the body as recorded; `fixed` leaves no choice.
    """
    dialect = fixed or await _dialect(target, recorded, ask)
    return replace(target, dialect=dialect, server=served.server, version=served.version)


def unasked(target: Target, recorded: Dialect, fixed: Dialect | None = None) -> Target:
    """The target of a server that doesn't answer, in the dialect that it would be sent to first."""
    return replace(target, dialect=fixed or _in_order(recorded)[0])


async def survey(target: Target, ask: Ask) -> Served:
    """What the server is and has. The kind that its address suggests is asked for first. Raises TargetError."""
    first = [protocol_of(target.server)] if target.server else []
    candidates = [] if _is_service(target) else dict.fromkeys([*first, *PROTOCOLS.values()])
    for protocol in candidates:
        try:
            served = await protocol.survey(target, ask)
            if served is not None and served.server:
                return served
        except (AttributeError, KeyError, TypeError):
            continue  # it answers at this kind's address, but not in its shape
        except NoAnswer as error:
            if error.kind != "timeout":
                raise
            continue  # some let a question hang that they don't know
    served = await ANY.survey(target, ask)
    assert served is not None, "whatever lists its models is of this kind"
    return served


def _is_service(target: Target) -> bool:
    """One on the internet, which always has its models ready, and needn't be asked whether it is LM Studio."""
    return not kind_of(target.name).is_local


async def _dialect(target: Target, recorded: Dialect, ask: Ask) -> Dialect:
    """Found with an empty request, which generates nothing: a server that knows the address complains of it."""
    for dialect in _in_order(recorded):
        reply = await answer(ask, target, FORMATS[dialect].path, {})
        if reply.status in (404, 405, 501) or "Unexpected endpoint" in said(reply):
            continue
        return dialect
    paths = [each.path for each in FORMATS.values()]
    raise TargetError(f"{target.name} answers neither {' nor '.join(paths)}. Is {target.url} a model server?")


def _in_order(recorded: Dialect) -> list[Dialect]:
    """That of the recording first: its body can go out as it is."""
    return sorted(FORMATS, key=lambda dialect: dialect != recorded)


def chosen(served: Served, asked: Sequence[str]) -> list[str]:
    """The models to replay to: those asked for, else the one that is loaded. Raises TargetError."""
    if asked:
        return list(map(served.asked_by, asked))
    told(served)
    if loaded := [model.name for model in served.models if model.loaded]:
        return loaded[:1]
    if unsure := [model.name for model in served.models if model.loaded is None]:
        raise TargetError(f"Which model? Name one with --model: {_some(unsure)}.")
    there = f" It has: {_some([model.name for model in served.models])}." if served.models else ""
    raise TargetError(f"No models loaded. {kind_of(served.server).how_to_load or 'Name one with --model.'}{there}")


def told(served: Served) -> Served:
    """Raises TargetError where the server didn't say what it has."""
    if served.refusal:
        raise TargetError(served.refusal)
    return served


def _some(names: Sequence[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


async def ready(target: Target, model: str, ask: Ask, served: Served | None = None) -> ReplayError | None:
    """Loads the model where the server can and hasn't yet, so that loading isn't counted as prefill.

    `served` is what the server just said it has; without it, it is asked.
    """
    if _is_service(target) or kind_of_target(target).lists_only_loaded:
        return None
    try:
        if not (served or await survey(target, ask)).has_loaded(model):
            await protocol_of(target.server).load(target, model, ask)
    except NoAnswer as error:
        return ReplayError(error.kind, str(error))
    except TargetError as error:
        return ReplayError("no_model", str(error))
    except TimeoutError:
        return ReplayError("no_model", f"{target.name} didn't load {model} within {LOADING:.0f} s.")
    return None
