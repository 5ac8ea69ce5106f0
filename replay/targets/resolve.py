"""Which server a replay goes to: its name or URL, its key, its API format, and the model there.

The key comes from the environment and goes only to the server that it is meant for.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from replay.errors import NoAnswer, TargetError
from replay.exchange import ReplayError
from replay.request import Target
from replay.targets.kinds import ANY, LOADING, PROTOCOLS, is_recognised, protocol_of
from replay.targets.probe import Ask, answer, key_envs, kind_of_target
from traces import redact
from traces.dialects import FORMATS, Dialect, endpoints
from traces.servers import DEFAULT, KINDS, kind_of, mode_of, split_address
from traces.surveys import Served, error_message


def find(where: str | None, environment: Mapping[str, str]) -> Target:
    """Return the target that a name or a URL means; LM Studio where neither is given. Raises TargetError."""
    name = where or DEFAULT
    if "://" in name:
        return _at(name, name, environment)
    if name not in KINDS:
        raise TargetError(f"{name} is not a known target. Use a URL (http://…), or one of: {', '.join(KINDS)}.")
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
    """Return the target with its API format and kind, and the server's report. Raises TargetError."""
    served = await survey(target, ask)
    return await with_format(target, served, recorded, ask, fixed), served


async def with_format(
    target: Target, served: Served, recorded: Dialect, ask: Ask, fixed: Dialect | None = None
) -> Target:
    """Return the target with its kind, and with the API format to send a recording in. Raises TargetError.

    Where the server takes the format of the recording, the body goes out as recorded. `fixed` is used unasked.
    """
    dialect = fixed or await _dialect(target, recorded, ask)
    return replace(target, dialect=dialect, server=served.server, version=served.version)


def assume_format(target: Target, recorded: Dialect, fixed: Dialect | None = None) -> Target:
    """Return the target of a server that doesn't answer, with the format that would be tried first."""
    return replace(target, dialect=fixed or _in_order(recorded)[0])


async def survey(target: Target, ask: Ask) -> Served:
    """Find out the server's kind and models, by trying the kind that its address suggests first. Raises TargetError."""
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
    assert served is not None, "every server can be asked as OpenAI's clients ask"
    return served


def _is_service(target: Target) -> bool:
    """Return whether it is a service on the internet, whose models are always ready and whose kind is known."""
    return not kind_of(target.name).is_local


async def _dialect(target: Target, recorded: Dialect, ask: Ask) -> Dialect:
    """Find a format that the server takes, by an empty request: where the path is known, only the body is rejected."""
    for dialect in _in_order(recorded):
        reply = await answer(ask, target, *FORMATS[dialect].probe)
        if reply.status in (404, 405, 501) or "Unexpected endpoint" in error_message(reply):
            continue
        return dialect
    paths = [each.path for each in FORMATS.values()]
    raise TargetError(f"{target.name} answers neither {' nor '.join(paths)}. Is {target.url} a model server?")


def _in_order(recorded: Dialect) -> list[Dialect]:
    """Return the formats to try, that of the recording first: its body can go out as it is."""
    return sorted(FORMATS, key=lambda dialect: dialect != recorded)


def choose_models(served: Served, asked: Sequence[str]) -> list[str]:
    """Return the models to replay to: those asked for, else the one that is loaded. Raises TargetError."""
    if asked:
        return list(map(served.name_to_ask, asked))
    require_report(served)
    if loaded := [model.name for model in served.models if model.loaded]:
        return loaded[:1]
    if unsure := [model.name for model in served.models if model.loaded is None]:
        raise TargetError(f"Which model? Name one with --model: {_some(unsure)}.")
    there = f" It has: {_some([model.name for model in served.models])}." if served.models else ""
    raise TargetError(f"No models loaded. {kind_of(served.server).how_to_load or 'Name one with --model.'}{there}")


def require_report(served: Served) -> Served:
    """Return the report, or raise TargetError where the server refused it."""
    if served.refusal:
        raise TargetError(served.refusal)
    return served


def _some(names: Sequence[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


async def ensure_loaded(target: Target, model: str, ask: Ask, served: Served | None = None) -> ReplayError | None:
    """Load the model where the server can and hasn't yet, so that loading isn't counted as prefill.

    Returns the error where that failed.

    `served` is a report that was just made; without it, the server is asked for one.
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
