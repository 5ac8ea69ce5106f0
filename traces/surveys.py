"""How each kind of model server is asked what it is and what it has, and what its answers mean.

Without any I/O: a survey is a generator that yields the paths to get, is sent each answer, and returns the report. So
the replayer and the launcher, which ask in different ways, read answers in one place. What needs no code is in
`traces.servers`. Shapes are as each server's own documentation gives them.
"""

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from traces.model import Json
from traces.servers import KINDS, ServerKind

OPENAI_LIST = "/v1/models"


class Answer(Protocol):
    """An answer to a question. `status` is None where there was none, `body` where it was no JSON."""

    @property
    def status(self) -> int | None: ...
    @property
    def body(self) -> Json: ...


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model of a server. None is what the server doesn't report.

    name           the name to ask it by
    key            another name, not to be asked by: the server would load the model a second time
    loaded         whether it can answer without being loaded first
    context        tokens of prompt and answer together, as it is loaded
    largest        the most tokens that it could be loaded with
    """

    name: str
    loaded: bool | None = None
    context: int | None = None
    largest: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """What a server reports of itself.

    server    its kind, "" where that is unknown
    refusal   why it reported nothing, and what to do; "" where it did
    """

    server: str
    models: tuple[ServedModel, ...]
    version: str | None = None
    refusal: str = ""

    def has_loaded(self, name: str) -> bool:
        """Return whether the model was loaded at the time of this report."""
        model = self.find(name)
        return model is not None and bool(model.loaded)

    def name_to_ask(self, name: str) -> str:
        """Return the name to ask a model by, given that name or its key."""
        named = {model.name for model in self.models}
        by_key = (model.name for model in self.models if model.key == name)
        return name if name in named else next(by_key, name)

    def find(self, name: str) -> ServedModel | None:
        """Return the model of this name; for Ollama's, `:latest` may be left out."""
        return next((model for model in self.models if model.name in (name, f"{name}:latest")), None)


Survey = Generator[str, Answer, Served | None]
"""Yields paths, is sent answers, and returns None where the server is of another kind."""

Refusal = Callable[[Answer], str]
"""Why a server doesn't list its models; "" where it does, or where it has no such list."""


def lmstudio() -> Survey:
    """Ask the API of 0.4, then the older one. Unknown paths are answered with 200 too, so only the shape counts."""
    models: list[ServedModel] = []
    match (yield "/api/v1/models").body:
        case {"models": [*entries]}:
            for entry in filter(_answers, entries):
                models += _instances(entry)
            return Served("lmstudio", tuple(models))
    match (yield "/api/v0/models").body:
        case {"data": [*entries]} if all("state" in entry for entry in entries):
            return Served("lmstudio", tuple(map(_model_of_v0, filter(_answers, entries))))
    return None


def _instances(entry: Mapping[str, Any]) -> list[ServedModel]:
    """Return a model's loaded instances, each under its own name: by the key, the server might load another one."""
    largest = count(entry.get("max_context_length"))
    return [
        ServedModel(
            instance["id"], True, count(instance.get("config", {}).get("context_length")), largest, entry.get("key")
        )
        for instance in entry.get("loaded_instances") or ()
    ] or [ServedModel(entry["key"], False, None, largest)]


def _model_of_v0(entry: Mapping[str, Any]) -> ServedModel:
    loaded, context = entry["state"] == "loaded", count(entry.get("loaded_context_length"))
    return ServedModel(entry["id"], loaded, context, count(entry.get("max_context_length")))


def ollama() -> Survey:
    """Ask what runs, then what there is."""
    running = (yield "/api/ps").body
    if not (isinstance(running, dict) and isinstance(running.get("models"), list)):
        return None
    models = {
        entry["name"]: ServedModel(entry["name"], True, count(entry.get("context_length")))
        for entry in filter(_answers, running["models"])
    }
    match (yield "/api/tags").body:
        case {"models": [*entries]}:
            for entry in filter(_answers, entries):
                models.setdefault(entry["name"], ServedModel(entry["name"], False))
    return Served("ollama", tuple(models.values()), _version((yield "/api/version").body))


def llamacpp() -> Survey:
    """Ask for its list, which names it as the owner, and for what it was started with."""
    entries = entries_of((yield OPENAI_LIST))
    if not any(entry.get("owned_by") == "llamacpp" for entry in entries):
        return None
    props = (yield "/props").body
    given = props if isinstance(props, dict) else {}
    context = count((given.get("default_generation_settings") or {}).get("n_ctx"))  # of one slot
    models = [_llamacpp_model(entry, context) for entry in entries]
    return Served("llamacpp", tuple(models), given.get("build_info"))


def _llamacpp_model(entry: Mapping[str, Any], context: int | None) -> ServedModel:
    """Read one entry. Only a router of several models reports whether each is loaded."""
    meta, state = entry.get("meta") or {}, entry.get("status")
    if state is None:
        return ServedModel(entry["id"], True, context or count(meta.get("n_ctx")), count(meta.get("n_ctx_train")))
    return ServedModel(entry["id"], state.get("value") == "loaded", count(meta.get("n_ctx")))


def gemini() -> Survey:
    """Ask for the list of Gemini's API; a service has all its models ready."""
    match (yield "/v1beta/models").body:
        case {"models": [{"supportedGenerationMethods": [*_]}, *_] as entries}:
            names = [(str(entry["name"]).removeprefix("models/"), entry) for entry in entries]
            return Served(
                "gemini", tuple(ServedModel(name, None, count(entry.get("inputTokenLimit"))) for name, entry in names)
            )
    return None


def any_server(refusal: Refusal = lambda answer: "") -> Survey:
    """Read a list of models in OpenAI's form: services, and routers of any make. A single model counts as loaded."""
    answer = yield OPENAI_LIST
    entries = [entry for entry in entries_of(answer) if isinstance(entry.get("id"), str) and _answers(entry)]
    kind = _owner(entries)
    loaded = True if len(entries) == 1 or (kind and kind.lists_only_loaded) else None
    models = tuple(ServedModel(entry["id"], loaded, _context(entry)) for entry in entries)
    version = _version((yield kind.version_path).body) if kind and kind.version_path else None
    return Served(kind.name if kind else "", models, version, refusal(answer))


def _owner(entries: list[dict[str, Any]]) -> ServerKind | None:
    """Return the kind of server that the list names as the owner of a model."""
    owners = {owner for entry in entries if isinstance(owner := entry.get("owned_by"), str)}
    return next((kind for kind in KINDS.values() if kind.owned_by and kind.owned_by in owners), None)


def _context(entry: Mapping[str, Any]) -> int | None:
    sizes = ("context_length", "max_input_tokens", "max_model_len")
    return next((tokens for size in sizes if (tokens := count(entry.get(size)))), None)


SURVEYS: Mapping[str, Callable[[], Survey]] = {
    "lmstudio": lmstudio,
    "ollama": ollama,
    "llamacpp": llamacpp,
    "gemini": gemini,
}
"""Kinds of servers with a protocol of their own, in the order in which a server is asked whether it is one of them."""


def survey(mode: str = "", others: Iterable[str] = tuple(SURVEYS)) -> Survey:
    """Find out what a server is, and its models, by trying the kind that its address suggests first.

    Always returns a report.
    """
    for name in dict.fromkeys([*([mode] if mode in SURVEYS else []), *others]):
        try:
            served = yield from SURVEYS[name]()
        except (AttributeError, KeyError, TypeError):
            continue  # it answers at this kind's address, but not in its shape
        if served is not None:
            return served
    return (yield from any_server())


def error_message(answer: Answer) -> str:
    """Return a server's error message, in whichever of the usual shapes it comes."""
    match answer.body:
        case {"error": {"message": str(words)}} | {"error": str(words)} | {"message": str(words)}:
            return words
        case {"detail": str(words)}:
            return words
    return f"status {answer.status}"


def entries_of(answer: Answer) -> list[dict[str, Any]]:
    """Return the entries of a list of models in OpenAI's form."""
    match answer.body:
        case {"data": [*entries]}:
            return [entry for entry in entries if isinstance(entry, dict)]
    return []


def _answers(entry: Mapping[str, Any]) -> bool:
    """Return whether a model can answer: lists name those beside it that only embed or rank texts."""
    details = entry.get("details")
    family = str(details.get("family")) if isinstance(details, dict) else ""
    named = str(entry.get("id") or entry.get("key")).rpartition("/")[2]
    only = (str(entry.get("type")), *family.split("-"), named)
    return not any(word.startswith(("embed", "rerank", "bert", "text-embedding")) for word in only)


def _version(body: Json) -> str | None:
    version = body.get("version") if isinstance(body, dict) else None
    return version if isinstance(version, str) else None


def count(value: Json) -> int | None:
    """Return a number of tokens; None where it is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
