"""What `anyclaude doctor` asks a model server: what it is, and whether it takes what a client sends.

Every question is bounded in time, and what a later check needs and hasn't got is said instead of tried.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from addons.bridge import choice
from addons.bridge.hints import short, words_of
from addons.launcher.asking import Reply, Server, server_at, tls
from addons.launcher.check import OK, PROBLEM, SKIPPED, WARNING, Check
from addons.launcher.settings import Settings
from traces import repairs
from traces.clients import CLIENTS
from traces.dialects import DEFAULT, FORMATS, Dialect, Usage, usage_of
from traces.dialects.format_anthropic import VERSION
from traces.dialects.translation.request import translate_request
from traces.errors import ToolkitError
from traces.repairs import AUTO, Learned, Outgoing, Trial
from traces.repairs.learn import FAILED
from traces.servers import KINDS, NO_REUSE, ServerKind
from traces.surveys import SURVEYS, Served, ServedModel, survey

PATIENCE = 5.0
"""Seconds for a question that needs no model."""

ANSWER = 60.0
"""Seconds for a short answer of the model: on small hardware, a prompt of a thousand tokens takes several."""

CLAUDE_NEEDS = 25_000
"""Tokens of context that Claude Code needs: its prompt and its tools, before anything is said."""

COMFORTABLE = 65_536
"""Tokens of context that are suggested where there are too few."""

AFTER_SERVER = ("model", "context", "translation", "requests", "tools", "prefix cache")

OWN_LOG = f"the server's own log says more; `anyclaude --repair {AUTO}` learns what can be left out"
TRAINED = "a model that was trained to call tools"

TOOL = {
    "name": "get_weather",
    "description": "Returns the weather in a city: temperature, wind and rain, for today and the six days after it.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "The city's name, in any language."}},
        "required": ["city"],
    },
}
QUESTION = "What is the weather in Paris? Call get_weather."

PREFIX = "You answer in one word. " + "A rule that changes nothing: be as short as you can. " * 60
"""About 700 tokens that two requests share."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is going to ask the server.

    title     the client's name in a sentence
    command   our command that starts it, where that isn't Claude Code's
    dialect   the API format that it asks in
    context   tokens of context that it needs
    """

    title: str = "Claude Code"
    command: str = ""
    dialect: Dialect = DEFAULT
    context: int = CLAUDE_NEEDS

    @property
    def names_model(self) -> bool:
        """Whether it is told which model to ask for; Claude Code has names of its own."""
        return bool(self.command)

    def line(self, *options: str) -> str:
        """Return the command that starts it with these options of ours."""
        return " ".join(("anyclaude", *options, *([self.command] if self.command else [])))


@dataclass
class ServerChecks:
    """The checks of one server for one client, in order; a later one uses what an earlier one found."""

    settings: Settings
    asker: Asker = Asker()
    server: Server = field(init=False)
    kind: ServerKind = field(init=False)
    served: Served = field(init=False)
    dialect: Dialect = DEFAULT
    repairs: Sequence[str] = ()
    is_accepted: bool = False

    def __post_init__(self) -> None:
        self.kind = KINDS[self.settings.mode]
        self.server = server_at(self.settings.backend, self.kind, self.settings.api_key, self.settings.login)

    async def run(self) -> AsyncIterator[Check]:
        """Yield each check as it is done."""
        check = await self._server()
        yield check
        if check.state == PROBLEM:
            for name in AFTER_SERVER:
                yield Check(name, SKIPPED, "no server answers")
            return
        if not self.kind.is_local:
            known = await self._of_service()
            for name in AFTER_SERVER:
                yield known.get(name) or Check(name, SKIPPED, "not asked of a service")
            return
        model = self._model()
        yield self._model_check(model)
        yield self._context(model)
        yield await self._translation()
        if not model or not self.dialect:
            why = f"nothing that {self.asker.title} can ask" if not self.dialect else "no model to ask"
            for name in ("requests", "tools", "prefix cache"):
                yield Check(name, SKIPPED, why)
            return
        check = await self._requests(model.name)
        yield check
        if not self.is_accepted:
            yield Check("tools", SKIPPED, "requests are refused")
            yield Check("prefix cache", SKIPPED, "requests are refused")
            return
        yield await self._tools(model.name)
        yield await self._prefix_cache(model.name)

    async def _server(self) -> Check:
        url = self.settings.backend
        if not self.kind.is_local:
            reply = await self.server.ask("/v1/models", timeout=PATIENCE)
            if reply.problem:
                return Check("server", PROBLEM, f"{url}: {reply.problem}", "check this machine's network")
            return Check("server", OK, f"{self.kind.title} answers at {url}")
        served, reply = await self.server.survey(survey(self.kind.name), PATIENCE)
        if served is None:
            start = f"`{self.kind.start}`" if self.kind.start else "start your model server"
            wait = "wait for it, or start it again" if reply.hangs else start
            return Check("server", PROBLEM, f"{url}: {reply.problem}", f"{wait}; --backend URL names another")
        if reply.status in (401, 403):
            mend = f"{self.kind.key_envs[0]}=KEY {self.asker.line()}"
            return Check("server", PROBLEM, f"{url} wants a key, or another ({reply.status})", mend)
        self.served = served
        named, self.kind = self.kind, KINDS.get(served.server, self.kind)
        what = f"{self.kind.title}{f' {served.version}' if served.version else ''} at {url}"
        if self.kind is not named and named.name != "local":
            mend = self.asker.line("--mode", served.server)
            return Check("server", WARNING, f"{what}, not {named.title}", mend)
        if not served.server and not served.models:
            return Check("server", OK, f"{url} answers, and doesn't say what it is or has")
        return Check("server", OK, what)

    async def _of_service(self) -> dict[str, Check]:
        """Return what a service says of its models, by the checks' names: to list them costs nothing."""
        if self.kind.name not in SURVEYS:
            return {}
        if not self.settings.api_key:
            key = f"no key to ask with: set {self.kind.key_envs[0]}"
            return {"model": Check("model", SKIPPED, key), "context": Check("context", SKIPPED, key)}
        served, reply = await self.server.survey(SURVEYS[self.kind.name](), PATIENCE)
        if served is None or not served.models:
            why = reply.problem or f"{reply.status}: {short(words_of(reply.data))}"
            mend = f"{self.kind.key_envs[0]}=KEY {self.asker.line()}"
            return {"model": Check("model", WARNING, f"it doesn't list its models ({why})", mend)}
        self.served = served
        name = self.settings.model
        if not name:
            found = f"{len(served.models)} models; {self.asker.title} chooses among them"
            return {"model": Check("model", OK, found)}
        model = served.find(name)
        return {"model": self._model_check(model), "context": self._context(model)}

    def _model(self) -> ServedModel | None:
        """Return the model to ask for: the one that is named, else the first that is loaded."""
        name = self.settings.model
        if name:
            return self.served.find(name) or ServedModel(name)
        return next((model for model in self.served.models if model.loaded is not False), None)

    def _model_check(self, model: ServedModel | None) -> Check:
        name, listed = self.settings.model, ", ".join(each.name for each in self.served.models[:8])
        mend = f"{self.kind.model_env}={model.name if model else 'NAME'} {self.asker.line()}"
        if model is None and not listed and not self.served.server:
            return Check("model", WARNING, "it doesn't list its models: name the one to ask", mend)
        if name and model is None:
            return Check("model", WARNING, f"{name} isn't listed; it has {listed}", mend)
        if model is None:
            found = f"none is loaded; it has {listed}" if listed else "none is loaded"
            return Check("model", PROBLEM, found, self.kind.how_to_load or "load one, or name one with LOCAL_MODEL")
        if name and self.served.models and self.served.find(name) is None:
            mend = f"{self.kind.model_env}={self.served.models[0].name} {self.asker.line()}"
            return Check("model", WARNING, f"{name} isn't listed; it has {listed}", mend)
        if not name and self.kind.cache.by_model and not self.asker.names_model:
            return Check("model", WARNING, f"{model.name}, but Claude Code asks for one by its own name", mend)
        return Check("model", OK, model.name)

    def _context(self, model: ServedModel | None) -> Check:
        context = model.context if model else None
        needs = f"{self.asker.title} needs about {self.asker.context:,}"
        if model is None or context is None:
            return Check("context", SKIPPED, f"not reported; {needs} tokens")
        found = f"{context:,} tokens; {needs}"
        if context >= self.asker.context:
            return Check("context", OK, found)
        room = min(COMFORTABLE, model.largest or COMFORTABLE)
        how = self.kind.how_to_enlarge.format(model=model.name, tokens=max(room, self.asker.context))
        return Check("context", PROBLEM, found, how or "load the model with a larger context")

    async def _translation(self) -> Check:
        try:
            formats = await choice.formats_of(self.settings.backend, self.server.headers, tls)
        except choice.NoAnswer as error:
            self.dialect = ""
            return Check("translation", PROBLEM, str(error), "start the server again")
        paths = ", ".join(FORMATS[each].path for each in formats)
        if self.asker.dialect != DEFAULT:
            return self._path(formats, paths)
        self.dialect = choice.choose(formats) or ""
        if not self.dialect:
            return Check(
                "translation", PROBLEM, "it has none of the API formats that we know", "name another --backend"
            )
        if self.dialect == DEFAULT:
            return Check("translation", OK, f"not needed: it has {paths}")
        wanted = self.settings.translate or self.kind.translate
        found = f"it has no {FORMATS[DEFAULT].path}, but {paths}"
        if wanted in ("auto", self.dialect):
            return Check("translation", OK, f"{found}: translated to {self.dialect}")
        return Check("translation", PROBLEM, found, "anyclaude --translate auto")

    def _path(self, formats: Sequence[Dialect], paths: str) -> Check:
        """Return whether the server has the path of a client whose requests aren't translated."""
        self.dialect = self.asker.dialect if self.asker.dialect in formats else ""
        if self.dialect:
            return Check("translation", OK, f"not needed: it has {paths}")
        path = FORMATS[self.asker.dialect].path.format(model="MODEL")
        found = f"it has no {path}, which {self.asker.title} needs{f', but {paths}' if paths else ''}"
        launches = [client.launch for client in CLIENTS.values() if client.launch]
        others = [f"anyclaude {each.program}" for each in launches if each.dialect in formats]
        if formats:
            others.append("anyclaude" if DEFAULT in formats else "anyclaude --translate auto")
        return Check("translation", PROBLEM, found, f"another --backend, or: {', or: '.join(others)}")

    async def _requests(self, model: str) -> Check:
        """Send a request with all that Claude Code puts into one; for others, one with a tool's call and result."""
        asked = [name for name in self.settings.repair.split(",") if name]
        trial = Trial(Learned([AUTO, *asked]))
        first: Reply | None = None
        while True:
            sent = self._prepared(self._sample(model), trial.names)
            reply = await self._send(sent)
            first = first or reply
            if reply.status not in FAILED or not trial.refused(reply.status or 0, reply.data, sent):
                break
        self.repairs, self.is_accepted = trial.names, reply.status == 200
        if reply.problem:
            return Check(
                "requests", WARNING, f"no answer within {ANSWER:.0f} s: {reply.problem}", "wait, or a smaller model"
            )
        refusal = f"{first.status}: {short(words_of(first.data))}"
        if not self.is_accepted:
            return Check("requests", PROBLEM, f"refused ({reply.status}: {short(words_of(reply.data))})", OWN_LOG)
        what = f"what {self.asker.title} sends is"
        if self.asker.dialect != DEFAULT:
            what = f"a conversation with tools, as in {FORMATS[self.asker.dialect].title}, is"
        if AUTO in asked and trial.names:
            return Check("requests", OK, f"accepted once repaired: {','.join(trial.names)}")
        if trial.accepted():
            mend = self.asker.line("--repair", ",".join(trial.names))
            return Check("requests", PROBLEM, f"{what} refused ({refusal})", mend)
        return Check("requests", OK, f"{what} accepted{' once repaired' if asked else ''}")

    def _sample(self, model: str) -> dict[str, Any]:
        """Return a request such as the client sends, in Anthropic's format."""
        return claudes_request(model) if self.asker.dialect == DEFAULT else agents_request(model)

    async def _tools(self, model: str) -> Check:
        """Ask for a tool call, else see whether the tool is in the prompt: some templates drop tools in silence."""
        plain = plain_request(model, QUESTION)
        with_tool = {**plain, "tools": [TOOL], "tool_choice": {"type": "any"}, "max_tokens": 200}
        reply = await self._send(self._prepared(with_tool, self.repairs))
        if reply.status != 200 or not isinstance(reply.body, dict):
            why = reply.problem or f"{reply.status}: {short(words_of(reply.data))}"
            return Check("tools", PROBLEM, f"a request with a tool fails ({why})", self._template())
        message: dict[str, Any] = reply.body
        names = [call.name for call in FORMATS[self.dialect].calls(message)]
        if names:
            return Check("tools", OK, f"a call comes back: {names[0]}")
        without = await self._send(self._prepared(plain, self.repairs))
        more, fewer = _input(usage_of(message)), _input(usage_of(without.body))
        if more is not None and fewer is not None and more - fewer < 10:
            found = f"the model isn't shown its tools ({more} tokens with one, {fewer} without)"
            return Check("tools", PROBLEM, found, self._template())
        return Check("tools", WARNING, "the model answered without the call it was asked for", TRAINED)

    async def _prefix_cache(self, model: str) -> Check:
        """Send two requests that begin the same."""
        replies = []
        for word in ("Yes?", "No?"):
            body = {**plain_request(model, word), "system": PREFIX}
            replies.append(await self._send(self._prepared(body, self.repairs)))
        second = replies[1]
        if second.status != 200:
            why = second.problem or f"{second.status}: {short(words_of(second.data))}"
            return Check("prefix cache", WARNING, f"no second answer ({why})")
        usage = usage_of(second.body)
        cached, total = usage.cache_read, _input(usage)
        if cached:
            return Check("prefix cache", OK, f"{cached:,} of {total or 0:,} tokens reused")
        if cached is None or not self.kind.cache.is_reported:
            seconds = " and ".join(f"{reply.seconds:.1f}" for reply in replies)
            return Check("prefix cache", SKIPPED, f"not reported (two requests that begin the same took {seconds} s)")
        return Check("prefix cache", WARNING, "nothing of the same beginning was reused", NO_REUSE)

    def _prepared(self, body: Mapping[str, Any], names: Sequence[str]) -> Outgoing:
        path = f"{FORMATS[DEFAULT].path}?beta=true"
        request, _ = repairs.repair(Outgoing(path, CLAUDES_HEADERS, dict(body)), names)
        if self.dialect == DEFAULT:
            return request
        try:
            translated = translate_request(request.body, to=self.dialect)
        except ToolkitError as error:
            raise AssertionError("our own requests can be translated") from error
        return Outgoing(translated.path, {}, translated.body)

    async def _send(self, request: Outgoing) -> Reply:
        return await self.server.ask(request.path, request.body, ANSWER, request.headers)

    def _template(self) -> str:
        if self.kind.name == "llamacpp":
            return "llama-server --jinja, with a --chat-template-file that has tools"
        return "a model whose chat template has tools"


CLAUDES_HEADERS = {
    "anthropic-version": VERSION,
    "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27",
}


def _input(usage: Usage) -> int | None:
    """Return all tokens of a prompt; None where the server doesn't report them."""
    return None if usage.uncached is None else usage.uncached + (usage.cache_read or 0)


def plain_request(model: str, text: str) -> dict[str, Any]:
    """Return a short request in Anthropic's format."""
    return {"model": model, "max_tokens": 16, "messages": [{"role": "user", "content": text}]}


def agents_request(model: str) -> dict[str, Any]:
    """Return a request as any agent sends it: a system prompt, a tool, its call and its result."""
    call = {"type": "tool_use", "id": "toolu_1", "name": TOOL["name"], "input": {"city": "Paris"}}
    return {
        **plain_request(model, QUESTION),
        "system": "You are a helpful agent.",
        "messages": [
            {"role": "user", "content": QUESTION},
            {"role": "assistant", "content": [{"type": "text", "text": "I look."}, call]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "Rain."}]},
        ],
        "tools": [TOOL],
    }


def claudes_request(model: str) -> dict[str, Any]:
    """Return a short request with the fields, the markers and the messages that Claude Code 2.1.332 sends."""
    marker = {"cache_control": {"type": "ephemeral"}}
    return {
        "model": model,
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Say yes."}]},
            {"role": "system", "content": [{"type": "text", "text": "# Environment\nNone.", **marker}]},
            {"role": "assistant", "content": [{"type": "text", "text": "Yes."}]},
            {"role": "user", "content": [{"type": "text", "text": "Again.", **marker}]},
        ],
        "system": [{"type": "text", "text": "You are a helpful agent.", **marker}],
        "tools": [TOOL],
        "metadata": {"user_id": '{"session_id": "00000000-0000-0000-0000-000000000000"}'},
        "max_tokens": 16,
        "thinking": {"type": "adaptive", "display": "omitted"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "output_config": {"effort": "medium"},
        "stream": False,
    }
